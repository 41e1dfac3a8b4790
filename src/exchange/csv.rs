//! Any CSV file with a row per deal: which of its columns is what, and what its cells mean here.

use std::collections::{HashMap, HashSet};

use super::dates::{Moment, Order, read as read_date};
use super::mapping::Mapping;
use crate::deal::columns::{Holds, as_cell, holds};
use crate::deal::money::parse_typed_amount;
use crate::deal::time::Day;
use crate::error::{Error, Result};
use crate::folder::sheet::{Line, Sheet, cells};
use crate::problem::nearest;
use crate::process::{COLUMNS, FieldType, Process};

/// Deals read from a file: each an id and the cells of our columns.
pub type Arrivals = Vec<(String, Vec<(String, String)>)>;

/// What a file comes to.
#[derive(Debug, Default)]
pub struct Read {
    /// Deals that are not here yet.
    pub arrivals: Arrivals,
    /// Deals that are here, by the id that they have elsewhere.
    pub known: Arrivals,
}

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
    /// The deals that came from elsewhere: the id that they have there, and their id here.
    pub here: HashMap<String, String>,
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
    pub fn read(&self, sheet: &Sheet) -> Result<Read> {
        let sources = self.sources(sheet)?;
        let stages = self.stages()?;
        let (mut read, mut problems, mut split) = (Read::default(), Vec::new(), Vec::new());
        let source_column =
            sources.iter().find(|source| source.target == "source_id").map(|source| source.column);
        let mut source_ids: HashMap<String, usize> = HashMap::new();
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
            let source_id = source_column.map_or("", |column| split[column].trim());
            if let Some(column) = source_column.filter(|_| !source_id.is_empty())
                && let Some(first) = source_ids.insert(source_id.to_owned(), line.start)
            {
                let first = sheet.line_of(first);
                problems.push(
                    sheet
                        .at_cell(
                            line,
                            column,
                            format!("the source_id `{source_id}` stands on line {first} already"),
                        )
                        .help("leave one of the two rows out"),
                );
                continue;
            }
            if let Some(id) = self.here.get(source_id).filter(|_| !source_id.is_empty()) {
                read.known.push((id.clone(), deal));
                continue;
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
                problems.push(sheet.at_cell(line, column, message).help(
                    "leave the row out, or give it another id; a column mapped to source_id instead of id is known again",
                ));
            } else if let Some(first) = ids.insert(id.clone(), line.start) {
                let first = sheet.line_of(first);
                problems.push(
                    sheet
                        .at_cell(line, column, format!("the id `{id}` stands on line {first} already"))
                        .help("leave one of the two rows out, or give it another id"),
                );
            }
            if problems.len() == before {
                read.arrivals.push((id, deal));
            }
        }
        if problems.is_empty() { Ok(read) } else { Err(problems.into()) }
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
            if !COLUMNS.contains(&target.as_str()) && target != "source_id" && !declared {
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
        if let Some(order) = self.mapping.dates.as_deref().and_then(Order::named) {
            return read_date(text, Some(order), self.process.zone).map(Moment::cell).ok_or_else(|| {
                let help = "every date of the file has to be written so: mend it, or change --dates";
                (format!("`{text}` is no date with the order {}", order.word()), Some(help.to_owned()))
            });
        }
        match &self.mapping.dates {
            None if self.process.zone.parse_moment(text).is_some() => Ok(text.to_owned()),
            // With the year first there is only one way to read it, a time behind it or not.
            // With the year first there is only one way to read it, a time behind it or not.
            None if text.as_bytes().get(4).is_some_and(|mark| matches!(mark, b'-' | b'/')) => {
                read_date(text, None, self.process.zone).map(Moment::cell).ok_or_else(|| no_date(text))
            }
            None => Err(no_date(text)),
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

fn no_date(text: &str) -> (String, Option<String>) {
    let help = "say how the file writes dates, such as --dates %m/%d/%Y";
    (format!("`{text}` is no date as 2026-07-14"), Some(help.to_owned()))
}

/// The number of the last deal that a file itself names `deal-N`: those without an id come after it.
fn last_number_in(sheet: &Sheet, column: Option<usize>) -> u64 {
    let Some(column) = column else { return 0 };
    let id = |line: Line<'_>| cells(line.text).nth(column)?.ok().and_then(|id| number_of(id.value().trim()));
    sheet.rows().flatten().filter_map(id).max().unwrap_or(0)
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
