//! deals.csv and history.csv checked row by row, and turned into the book that reports are cut from.

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use memchr::{memchr_iter, memchr2};
use rustc_hash::FxHashMap;

use super::sheet::{Line, Sheet};
use crate::deal::book::{Book, BookBuilder, Card, TOUCHES};
use crate::deal::columns::{Holds, REQUIRED, holds};
use crate::deal::event::{self, Event, Touch, What};
use crate::deal::time::Instant;
use crate::grammar::count;
use crate::problem::Problem;
use crate::process::Process;

/// What to do with rows that cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsound {
    /// Refuse the files.
    Refuse,
    /// Leave the rows out and say how many.
    Skip,
}

/// A book, and what had to be left out of it.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// What the files say.
    pub book: Book<'a>,
    /// Where the row of each deal of the book starts in deals.csv.
    pub rows: Vec<usize>,
    /// How many rows were left out.
    pub skipped: usize,
}

/// Checks the rows of deals.csv against the process.
#[derive(Debug)]
pub struct DealRows<'a> {
    process: &'a Process,
    sheet: &'a Sheet,
    /// What the columns hold that cannot hold anything.
    holds: Vec<(usize, Holds)>,
    /// Where the first row of each id starts.
    ids: FxHashMap<Cow<'a, str>, usize>,
}

/// The positions of the columns that every deal has.
#[derive(Clone, Copy, Debug)]
pub struct Required {
    /// Of `id`.
    pub id: usize,
    /// Of `name`.
    pub name: usize,
    /// Of `stage`.
    pub stage: usize,
}

/// The positions of the required columns; a problem for each that is missing. `None` for an empty file.
pub fn required(sheet: &Sheet) -> Result<Option<Required>, Vec<Problem>> {
    if sheet.columns().is_empty() {
        return Ok(None);
    }
    let missing: Vec<Problem> = REQUIRED
        .iter()
        .filter(|name| sheet.column(name).is_none())
        .map(|name| {
            let same = sheet.columns().iter().find(|column| column.trim().eq_ignore_ascii_case(name));
            let help = match same {
                Some(column) => format!("rename the column `{column}` to `{name}`"),
                None => format!("add a column `{name}` to the first line"),
            };
            Problem::error(sheet.file(), None, format!("there is no column `{name}`")).help(help)
        })
        .collect();
    match (sheet.column("id"), sheet.column("name"), sheet.column("stage")) {
        (Some(id), Some(name), Some(stage)) => Ok(Some(Required { id, name, stage })),
        _ => Err(missing),
    }
}

/// Makes sure that a history that is not empty has its header.
pub fn history_header(sheet: &Sheet) -> Result<(), Problem> {
    if sheet.columns() == event::COLUMNS {
        return Ok(());
    }
    let message = format!("the first line is not {}", event::HEADER);
    Err(Problem::error(sheet.file(), None, message).help("put it back as it was"))
}

impl<'a> DealRows<'a> {
    /// A checker for the rows of `sheet`.
    pub fn new(process: &'a Process, sheet: &'a Sheet) -> DealRows<'a> {
        let holds = sheet.columns().iter().map(|name| holds(process, name)).enumerate();
        let holds = holds.filter(|(_, holds)| !holds.is_anything()).collect();
        DealRows { process, sheet, holds, ids: FxHashMap::default() }
    }

    /// Checks one row, given its cells: by itself, and whether its id is the first of its kind. The problems found are
    /// empty for a sound row.
    pub fn check(&mut self, line: Line<'a>, cells: &[Cow<'a, str>], id: usize) -> Vec<Problem> {
        let mut problems = self.check_cells(line, cells);
        if !cells[id].is_empty() {
            match self.ids.entry(cells[id].clone()) {
                Entry::Vacant(free) => {
                    free.insert(line.start);
                }
                Entry::Occupied(taken) => problems.push(twin(self.sheet, line, id, &cells[id], *taken.get())),
            }
        }
        problems
    }

    /// Checks the cells of one row, each by itself.
    pub fn check_cells(&self, line: Line<'_>, cells: &[Cow<'_, str>]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (column, holds) in &self.holds {
            if let Some(cell) = cells.get(*column)
                && let Err(unfit) = holds.check(self.process, cell)
            {
                let problem = self.sheet.at_cell(line, *column, unfit.message);
                problems.push(match unfit.help {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        }
        problems
    }
}

/// The problem of a row whose id stands on an earlier one, at `first`, already.
pub(super) fn twin(sheet: &Sheet, line: Line<'_>, column: usize, id: &str, first: usize) -> Problem {
    let message = format!("the id `{id}` stands on line {} already", sheet.line_of(first));
    sheet
        .at_cell(line, column, message)
        .help(format!("`pipeline renumber {id}` gives the later one a new id"))
}

/// Reads both files into a book that keeps `fields`, which may name [`TOUCHES`] besides columns.
///
/// Errors: every problem of both files at once, unless unsound rows are to be skipped.
pub fn load<'a>(
    process: &'a Process,
    deals: &'a Sheet,
    history: &'a Sheet,
    fields: &[String],
    unsound: Unsound,
) -> Result<Loaded<'a>, Vec<Problem>> {
    let builder = BookBuilder::new(fields.to_vec());
    let mut loader = Loader { process, builder, rows: Vec::new(), problems: Vec::new(), skipped: 0 };
    let ids = loader.deals(deals, fields)?;
    loader.history(history, deals.file(), &ids, fields)?;
    if unsound == Unsound::Refuse && !loader.problems.is_empty() {
        return Err(loader.problems);
    }
    Ok(Loaded { book: loader.builder.finish(), rows: loader.rows, skipped: loader.skipped })
}

/// Where the deal of an id stands in the book; `None` for one that was left out.
type Ids<'a> = FxHashMap<Cow<'a, str>, Option<usize>>;

struct Loader<'a> {
    process: &'a Process,
    builder: BookBuilder<'a>,
    rows: Vec<usize>,
    problems: Vec<Problem>,
    skipped: usize,
}

impl<'a> Loader<'a> {
    fn reject(&mut self, problems: Vec<Problem>) {
        self.problems.extend(problems);
        self.skipped += 1;
    }

    fn deals(&mut self, sheet: &'a Sheet, fields: &[String]) -> Result<Ids<'a>, Vec<Problem>> {
        let mut ids = Ids::default();
        let Some(required) = required(sheet)? else { return Ok(ids) };
        let wanted: Vec<Option<usize>> = fields.iter().map(|name| sheet.column(name)).collect();
        let [stage_since, created, closed] =
            ["stage_since", "created", "closed"].map(|name| sheet.column(name));
        let mut rows = DealRows::new(self.process, sheet);
        let mut cells = Vec::new();
        for line in sheet.rows() {
            let line = line.map_err(|problem| vec![problem])?;
            if let Err(problem) = sheet.split(line, &mut cells) {
                if let Some(id) = cells.get(required.id) {
                    ids.entry(id.clone()).or_insert(None);
                }
                self.reject(vec![problem]);
                continue;
            }
            let problems = rows.check(line, &cells, required.id);
            if !problems.is_empty() {
                ids.entry(cells[required.id].clone()).or_insert(None);
                self.reject(problems);
                continue;
            }
            let moment = |column: Option<usize>| self.process.zone.parse_moment(&cells[column?]);
            let card = Card {
                id: cells[required.id].clone(),
                // The check above made sure that the process knows the stage.
                stage: self
                    .process
                    .lookup(&cells[required.stage])
                    .unwrap_or(crate::process::StageIndex::UNKNOWN),
                stage_since: moment(stage_since),
                created: moment(created),
                closed: moment(closed),
                fields: wanted
                    .iter()
                    .map(|at| at.map_or(Cow::Borrowed(""), |at| cells[at].clone()))
                    .collect(),
            };
            let deal = self.builder.add_deal(card);
            self.rows.push(line.start);
            ids.insert(cells[required.id].clone(), Some(deal));
        }
        Ok(ids)
    }

    fn history(
        &mut self,
        sheet: &'a Sheet,
        deals: &str,
        ids: &Ids<'a>,
        fields: &[String],
    ) -> Result<(), Vec<Problem>> {
        if sheet.columns().is_empty() {
            return Ok(());
        }
        history_header(sheet).map_err(|problem| vec![problem])?;
        let holds: Vec<Holds> = fields.iter().map(|name| holds(self.process, name)).collect();
        let mut cells = Vec::with_capacity(event::COLUMNS.len());
        let mut last = ("", None);
        for line in sheet.rows() {
            let line = line.map_err(|problem| vec![problem])?;
            if self.is_passed_over(line.text, ids, fields, &mut last) {
                continue;
            }
            match self.event(sheet, line, &mut cells, fields, &holds) {
                Err(problem) => self.reject(vec![problem]),
                Ok(event) => match ids.get(&event.deal) {
                    None => {
                        let message = format!("there is no deal `{}` in {deals}", event.deal);
                        let help = "bring its row back, or remove this line";
                        self.reject(vec![sheet.at_cell(line, 1, message).help(help)]);
                    }
                    Some(None) => self.skipped += 1,
                    Some(Some(deal)) => {
                        if let Err(unknown) = self.builder.add_event(self.process, *deal, event, line.text) {
                            let message = format!("`{}` is no stage of this process", unknown.stage);
                            let ids = self.process.stages.iter().map(|stage| stage.id.as_str());
                            let problem =
                                sheet.at_cell(line, unknown.column, message).suggest(&unknown.stage, ids);
                            self.reject(vec![problem]);
                        }
                    }
                },
            }
        }
        Ok(())
    }

    /// Whether a row is sound and tells nothing that this book keeps: most rows of a history change a field that nobody
    /// asked for, and need not be taken apart. What is not plain to see is left to [`Loader::event`].
    fn is_passed_over(
        &self,
        row: &'a str,
        ids: &Ids<'a>,
        fields: &[String],
        last: &mut (&'a str, Option<usize>),
    ) -> bool {
        let bytes = row.as_bytes();
        let mut commas = memchr_iter(b',', bytes);
        let (Some(a), Some(b), Some(c), Some(d)) =
            (commas.next(), commas.next(), commas.next(), commas.next())
        else {
            return false;
        };
        let (at, deal, event, field) = (&row[..a], &row[a + 1..b], &row[b + 1..c], &row[c + 1..d]);
        let asked = |name: &str| fields.iter().any(|field| field == name);
        let unasked = if event == "set" {
            !field.is_empty() && !asked(field)
        } else {
            Touch::ALL.iter().any(|touch| touch.id() == event) && !asked(TOUCHES)
        };
        let plain =
            unasked && commas.count() == event::COLUMNS.len() - 5 && memchr2(b'"', b'\\', bytes).is_none();
        if !plain || Instant::parse(at).is_none() {
            return false;
        }
        // The rows of one command stand side by side.
        if last.0 != deal {
            *last = (deal, ids.get(deal).copied().flatten());
        }
        last.1.is_some_and(|deal| self.builder.is_dated(deal))
    }

    fn event(
        &self,
        sheet: &'a Sheet,
        line: Line<'a>,
        cells: &mut Vec<Cow<'a, str>>,
        fields: &[String],
        holds: &[Holds],
    ) -> Result<Event<'a>, Problem> {
        sheet.split(line, cells)?;
        if line.text.contains('\n') {
            let message = "a row of history is one line, and this one has a line break in quotes";
            return Err(sheet.at(line, 0..1, message).help("write the line break as \\n"));
        }
        // `split` made sure that there are as many cells as columns.
        let row: [Cow<'a, str>; 8] = std::array::from_fn(|column| std::mem::take(&mut cells[column]));
        let event = Event::read(row).map_err(|bad| {
            let problem = sheet.at_cell(line, bad.column, bad.message);
            match bad.help {
                Some(help) => problem.help(help),
                None => problem,
            }
        })?;
        if let What::Set { field, from, to } = &event.what
            && let Some(field) = fields.iter().position(|name| name == field)
        {
            for (column, cell) in [(4, from), (5, to)] {
                if let Err(unfit) = holds[field].check(self.process, cell) {
                    let problem = sheet.at_cell(line, column, unfit.message);
                    return Err(match unfit.help {
                        Some(help) => problem.help(help),
                        None => problem,
                    });
                }
            }
        }
        Ok(event)
    }
}

/// The note of a lenient reader: how much it left out.
pub fn skipped_note(skipped: usize) -> String {
    format!("{} left out because they are unsound; `pipeline check` names them", count(skipped as u64, "row"))
}
