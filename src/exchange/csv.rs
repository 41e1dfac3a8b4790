//! Any CSV file with a row per deal: which of its columns is what, and what its cells mean here.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use crate::deal::columns::{Holds, as_cell, holds};
use crate::deal::money::parse_typed_amount;
use crate::deal::time::Day;
use crate::error::{Error, Result};
use crate::folder::sheet::{Line, Sheet, cells};
use crate::problem::{Place, Problem, nearest};
use crate::process::{COLUMNS, FieldType, Process};

/// How a file's columns and cells are to be read.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Our column, and the file's column that fills it.
    pub map: BTreeMap<String, String>,
    /// The file's word for a stage, and our stage.
    pub stages: BTreeMap<String, String>,
    /// How dates are written, as `strftime` has it; ISO 8601 where it is not said.
    pub dates: Option<String>,
}

impl Mapping {
    /// Reads a mapping from YAML.
    pub fn from_yaml(file: &str, text: &str) -> Result<Mapping, Problem> {
        serde_yaml::from_str(text).map_err(|error| {
            let place = error.location().map(|at| Place::in_text(text, at.index(), at.index() + 1));
            Problem::error(file, place, plain(&error.to_string()))
                .help("a mapping has the keys map, stages and dates, such as map: {id: opportunity_id}")
        })
    }

    /// Adds what another one says; the other has the last word.
    pub fn extend(&mut self, other: Mapping) {
        self.map.extend(other.map);
        self.stages.extend(other.stages);
        self.dates = other.dates.or(self.dates.take());
    }
}

/// Deals read from a file: each an id and the cells of our columns.
pub type Arrivals = Vec<(String, Vec<(String, String)>)>;

/// What a file is read against.
#[derive(Debug)]
pub struct Import<'a> {
    /// The process.
    pub process: &'a Process,
    /// How columns and cells are to be read.
    pub mapping: &'a Mapping,
    /// The day it is today.
    pub today: Day,
    /// The ids that are taken.
    pub taken: HashSet<String>,
}

/// A column of the file, and what it fills.
struct Source {
    column: usize,
    target: String,
    holds: Holds,
}

impl Import<'_> {
    /// Reads all deals of a file.
    ///
    /// It never invents a date: a deal without one keeps the cell empty. Errors: every row that cannot be read, all at
    /// once; columns that the file has not.
    pub fn read(&self, sheet: &Sheet) -> Result<Arrivals> {
        let sources = self.sources(sheet)?;
        let stages = self.stages()?;
        let (mut arrivals, mut problems, mut split) = (Arrivals::new(), Vec::new(), Vec::new());
        let mut ids: HashMap<String, usize> = HashMap::new();
        let id_column = sources.iter().find(|source| source.target == "id").map(|source| source.column);
        let mut number = self.last_number().max(last_number_in(sheet, id_column));
        for line in sheet.rows() {
            let line = line?;
            if let Err(problem) = sheet.split(line, &mut split) {
                problems.push(problem);
                continue;
            }
            let mut deal: Vec<(String, String)> = Vec::with_capacity(sources.len() + 1);
            let before = problems.len();
            for source in &sources {
                let text = split[source.column].trim();
                match self.cell(source, &stages, text) {
                    Ok(cell) => deal.push((source.target.clone(), cell)),
                    Err((message, help)) => {
                        let problem =
                            sheet.at_cell(line, source.column, format!("{}: {message}", source.target));
                        problems.push(match help {
                            Some(help) => problem.help(help),
                            None => problem,
                        });
                    }
                }
            }
            let id = take(&mut deal, "id").unwrap_or_else(|| {
                number += 1;
                format!("deal-{number}")
            });
            if take(&mut deal, "name").map(|name| deal.push(("name".to_owned(), name))).is_none() {
                deal.push(("name".to_owned(), id.clone()));
            }
            let column = id_column.unwrap_or(0);
            if self.taken.contains(&id) {
                let message = format!("there is a deal `{id}` in this pipeline already");
                problems.push(
                    sheet.at_cell(line, column, message).help("leave the row out, or give it another id"),
                );
            } else if let Some(first) = ids.insert(id.clone(), line.start) {
                let first = sheet.line_of(first);
                problems.push(
                    sheet
                        .at_cell(line, column, format!("the id `{id}` stands on line {first} already"))
                        .help("leave one of the two rows out, or give it another id"),
                );
            }
            if problems.len() == before {
                arrivals.push((id, deal));
            }
        }
        if problems.is_empty() { Ok(arrivals) } else { Err(problems.into()) }
    }

    /// Which column of the file fills which of ours: as mapped, else by the same name; others are kept under theirs.
    fn sources(&self, sheet: &Sheet) -> Result<Vec<Source>> {
        let mut sources: Vec<Source> = Vec::new();
        for (target, name) in &self.mapping.map {
            let column = sheet.column(name).ok_or_else(|| {
                let error = Error::usage(format!("{} has no column `{name}`", sheet.file()));
                match nearest(name, sheet.columns().iter().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("it has {}", sheet.columns().join(", "))),
                }
            })?;
            let declared = self.process.field(target).is_some();
            if !COLUMNS.contains(&target.as_str()) && !declared {
                let error = Error::usage(format!("there is no column `{target}` to map `{name}` to"));
                return Err(match nearest(target, COLUMNS) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error
                        .hint(format!("columns are {}; declare others under `fields:`", COLUMNS.join(", "))),
                });
            }
            sources.push(self.source(column, target));
        }
        for (column, name) in sheet.columns().iter().enumerate() {
            let mapped = sources.iter().any(|source| source.column == column || source.target == *name);
            if !mapped && !name.trim().is_empty() {
                sources.push(self.source(column, name));
            }
        }
        let required =
            self.process.fields.iter().filter(|field| field.required).map(|field| field.id.as_str());
        for name in std::iter::once("stage").chain(required) {
            if !sources.iter().any(|source| source.target == name) {
                return Err(Error::usage(format!(
                    "{} has no column `{name}`, which every deal has",
                    sheet.file()
                ))
                .hint(format!("say which one holds it: --map {name}=COLUMN")));
            }
        }
        Ok(sources)
    }

    fn source(&self, column: usize, target: &str) -> Source {
        Source { column, target: target.to_owned(), holds: holds(self.process, target) }
    }

    /// The stages that the mapping names, by the file's words in lower case.
    fn stages(&self) -> Result<HashMap<String, String>> {
        let pair = |(word, stage): (&String, &String)| {
            let found = self.process.find(stage).ok_or_else(|| {
                let ids = self.process.stages.iter().map(|stage| stage.id.as_str());
                let error = Error::not_found(format!("there is no stage `{stage}` to map `{word}` to"));
                match nearest(stage, ids.clone()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("stages are {}", ids.collect::<Vec<_>>().join(", "))),
                }
            })?;
            Ok((word.trim().to_lowercase(), self.process.stage_id(found).to_owned()))
        };
        self.mapping.stages.iter().map(pair).collect()
    }

    /// What a cell of the file means here; the message and the help where it means nothing.
    fn cell(
        &self,
        source: &Source,
        stages: &HashMap<String, String>,
        text: &str,
    ) -> Result<String, (String, Option<String>)> {
        let cell = match &source.holds {
            // It is numbered, as where the file has no ids at all.
            Holds::Id if text.is_empty() => return Ok(String::new()),
            Holds::Stage => match stages.get(&text.to_lowercase()) {
                Some(stage) => return Ok(stage.clone()),
                None => as_cell(self.process, &source.holds, self.today, text),
            },
            Holds::Field(FieldType::Date) if !text.is_empty() => return self.date(text),
            Holds::Field(FieldType::Money) => money(text),
            holds => as_cell(self.process, holds, self.today, text),
        };
        if cell.is_empty() && self.process.field(&source.target).is_some_and(|field| field.required) {
            let help = "fill it in, or leave the row out".to_owned();
            return Err(("this process requires it".to_owned(), Some(help)));
        }
        match source.holds.check(self.process, &cell) {
            // A deleted deal never was one, so none comes from elsewhere.
            Ok(()) if source.holds == Holds::Stage && self.process.find(&cell).is_none() => Err((
                format!("`{cell}` is no stage that a deal can come in with"),
                Some("leave the row out".to_owned()),
            )),
            Ok(()) => Ok(cell),
            Err(unfit) if source.holds == Holds::Stage => {
                Err((unfit.message, Some(format!("map it to a stage with --stage '{text}=STAGE'"))))
            }
            Err(unfit) if source.holds == Holds::Id => Err((unfit.message, unfit.help)),
            Err(unfit) => Err((unfit.message, unfit.help)),
        }
    }

    fn date(&self, text: &str) -> Result<String, (String, Option<String>)> {
        match &self.mapping.dates {
            None if self.process.zone.parse_moment(text).is_some() => Ok(text.to_owned()),
            None => Err((
                format!("`{text}` is no date as 2026-07-14"),
                Some("say how the file writes dates, such as --dates %m/%d/%Y".to_owned()),
            )),
            Some(form) => match Day::parse_from_str(text, form) {
                Ok(day) if crate::deal::time::parse_day(&day.to_string()) == Some(day) => Ok(day.to_string()),
                _ => Err((
                    format!("`{text}` is no date as {form}"),
                    Some(
                        "every date of the file has to be written so: mend it, or change --dates".to_owned(),
                    ),
                )),
            },
        }
    }

    /// The number of the last deal that is named `deal-N`.
    fn last_number(&self) -> u64 {
        self.taken.iter().filter_map(|id| number_of(id)).max().unwrap_or(0)
    }
}

fn number_of(id: &str) -> Option<u64> {
    id.strip_prefix("deal-")?.parse().ok()
}

/// The number of the last deal that a file itself names `deal-N`: those without an id come after it.
fn last_number_in(sheet: &Sheet, column: Option<usize>) -> u64 {
    let Some(column) = column else { return 0 };
    let id = |line: Line<'_>| cells(line.text).nth(column)?.ok().and_then(|id| number_of(id.value().trim()));
    sheet.rows().flatten().filter_map(id).max().unwrap_or(0)
}

/// What the reader of YAML says, without the place, which is shown, and without the text, which may be all of the file.
fn plain(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    match message.split_once('"').zip(message.rsplit_once("\", expected ")) {
        Some(((before, _), (_, expected))) => {
            let expected = if expected == "struct Mapping" { "keys and their values" } else { expected };
            format!("{}, expected {expected}", before.trim_end())
        }
        None => message.to_owned(),
    }
}

/// An amount as other systems write it: with a currency sign, thousands, blanks.
fn money(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !"$€£¥".contains(*c)).collect();
    parse_typed_amount(&plain).map_or_else(|| text.to_owned(), |amount| amount.to_string())
}

/// Takes a cell out; `None` where it is empty or not there.
fn take(deal: &mut Vec<(String, String)>, column: &str) -> Option<String> {
    let place = deal.iter().position(|(name, _)| name == column)?;
    Some(deal.remove(place).1).filter(|cell| !cell.is_empty())
}
