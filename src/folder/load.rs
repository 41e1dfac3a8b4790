//! deals.csv and history.csv checked row by row, and turned into the book that reports are cut from.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2};

use super::deal_rows::{Looked, look, required};
use super::ids::{Ids, Place};
use super::sheet::{Line, Run, Sheet};
use crate::deal::book::{Book, BookBuilder, Card, Events, Move, TOUCHES};
use crate::deal::columns::{Holds, holds};
use crate::deal::event::{self, Event, Touch, What};
use crate::deal::time::Instant;
use crate::grammar::count;
use crate::problem::Problem;
use crate::process::{Process, StageIndex};

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

/// Makes sure that a history that is not empty has its header.
pub fn history_header(sheet: &Sheet) -> Result<(), Problem> {
    if sheet.columns() == event::COLUMNS {
        return Ok(());
    }
    let message = format!("the first line is not {}", event::HEADER);
    Err(Problem::error(sheet.file(), None, message).help("put it back as it was"))
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
    let looked = look_at_deals(process, deals, fields)?;
    let mut problems: Vec<Problem> = looked.wrong.values().flatten().cloned().collect();
    let mut skipped = looked.wrong.len();
    let mut builder = BookBuilder::new(fields.to_vec());
    builder.reserve(looked.sound.len());
    for mut part in looked.made {
        part.leave_out(&looked.wrong, fields.len());
        builder.add_deals(part.cards, part.cells);
    }
    let mut events = Vec::new();
    if !history.columns().is_empty() {
        history_header(history).map_err(|problem| vec![problem])?;
        let holds = fields.iter().map(|name| holds(process, name)).collect();
        let reader = HistoryReader {
            process,
            sheet: history,
            deals: deals.file(),
            builder: &builder,
            ids: &looked.ids,
            fields,
            holds,
        };
        for part in history.in_runs(|run| reader.read(run)).map_err(|problem| vec![problem])? {
            events.push(part.events);
            problems.extend(part.problems);
            skipped += part.skipped;
        }
    }
    if unsound == Unsound::Refuse && !problems.is_empty() {
        return Err(problems);
    }
    Ok(Loaded { book: builder.finish(events), rows: looked.sound, skipped })
}

/// The deals of a run of rows.
struct Deals<'a> {
    starts: Vec<usize>,
    cards: Vec<Card<'a>>,
    /// The cells of the book's fields, those of a deal side by side.
    cells: Vec<Cow<'a, str>>,
}

impl Deals<'_> {
    /// Takes out the rows that turned out to be wrong.
    fn leave_out(&mut self, wrong: &std::collections::BTreeMap<usize, Vec<Problem>>, fields: usize) {
        if wrong.is_empty() {
            return;
        }
        let stays: Vec<bool> = self.starts.iter().map(|start| !wrong.contains_key(start)).collect();
        let (mut cards, mut cells) =
            (stays.iter(), stays.iter().flat_map(|stays| std::iter::repeat_n(stays, fields)));
        self.cards.retain(|_| cards.next() == Some(&true));
        self.cells.retain(|_| cells.next() == Some(&true));
    }
}

fn look_at_deals<'a>(
    process: &'a Process,
    sheet: &'a Sheet,
    fields: &[String],
) -> Result<Looked<'a, Deals<'a>>, Vec<Problem>> {
    let Some(required) = required(sheet)? else { return Ok(Looked::nothing()) };
    let wanted: Vec<Option<usize>> = fields.iter().map(|name| sheet.column(name)).collect();
    let [stage_since, created, closed] = ["stage_since", "created", "closed"].map(|name| sheet.column(name));
    let each = |line: Line<'a>, cells: &mut [Cow<'a, str>], deals: &mut Deals<'a>| {
        let moment = |column: Option<usize>| process.zone.parse_moment(&cells[column?]);
        // The check of the row made sure that the process knows the stage.
        let stage = process.lookup(&cells[required.stage]).unwrap_or(StageIndex::UNKNOWN);
        let (stage_since, created, closed) = (moment(stage_since), moment(created), moment(closed));
        let of_fields = wanted.iter().map(|at| at.map_or(Cow::Borrowed(""), |at| cells[at].clone()));
        deals.cells.extend(of_fields);
        let id = std::mem::take(&mut cells[required.id]);
        deals.cards.push(Card { id, stage, stage_since, created, closed });
        deals.starts.push(line.start);
    };
    let begin = |rows: usize| Deals {
        starts: Vec::with_capacity(rows),
        cards: Vec::with_capacity(rows),
        cells: Vec::with_capacity(rows * fields.len()),
    };
    look(process, sheet, required, begin, each).map_err(|problem| vec![problem])
}

/// Reads rows of history.csv, given the deals.
struct HistoryReader<'a, 'r> {
    process: &'a Process,
    sheet: &'a Sheet,
    /// What the file of the deals is called.
    deals: &'r str,
    builder: &'r BookBuilder<'a>,
    ids: &'r Ids<'a>,
    fields: &'r [String],
    /// What the cells of the fields hold.
    holds: Vec<Holds>,
}

/// What a run of rows tells.
#[derive(Default)]
struct Read<'a> {
    events: Events<'a>,
    problems: Vec<Problem>,
    skipped: usize,
    /// The deal of the row before, since the rows of one command stand side by side.
    last: Option<(&'a str, Option<Place>)>,
}

impl Read<'_> {
    fn reject(&mut self, problem: Problem) {
        self.problems.push(problem);
        self.skipped += 1;
    }
}

impl<'a> HistoryReader<'a, '_> {
    fn read(&self, run: &mut Run<'a>) -> Read<'a> {
        let mut read = Read { events: Events::about(run.about()), ..Read::default() };
        let mut cells = Vec::with_capacity(event::COLUMNS.len());
        for line in run {
            if self.plain(line.text, &mut read).is_none() {
                self.any(line, &mut cells, &mut read);
            }
        }
        read
    }

    /// Reads a row that is plain to see: a move, or what tells nothing that this book keeps, as most rows do: they change a
    /// field that nobody asked for, and need not be taken apart. `None` for any other, and nothing was done.
    fn plain(&self, row: &'a str, read: &mut Read<'a>) -> Option<()> {
        let bytes = row.as_bytes();
        let (mut ends, mut found) = ([0; event::COLUMNS.len() - 1], 0);
        for end in memchr_iter(b',', bytes) {
            *ends.get_mut(found)? = end;
            found += 1;
        }
        if found != ends.len() || memchr2(b'"', b'\\', bytes).is_some() {
            return None;
        }
        let cell = |column: usize| &row[ends[column - 1] + 1..ends[column]];
        let (deal, event, field) = (cell(1), cell(2), cell(3));
        let step = match event {
            "stage" => {
                let (from, to) = (cell(4), cell(5));
                let from = if from.is_empty() { None } else { Some(self.process.lookup(from)?) };
                Some((from, self.process.lookup(to)?, field == "forced"))
            }
            "set" if !field.is_empty() && !self.keeps(field) => None,
            touch if Touch::ALL.iter().any(|known| known.id() == touch) && !self.keeps(TOUCHES) => None,
            _ => return None,
        };
        if step.is_some() && !matches!(field, "" | "forced") {
            return None;
        }
        let at = Instant::parse(&row[..ends[0]])?;
        let place = match read.last {
            Some((id, place)) if id == deal => place,
            _ => self.ids.place(deal),
        };
        read.last = Some((deal, place));
        let Some(Place::At(deal)) = place else { return None };
        let deal = deal as usize;
        if !self.builder.is_dated(deal) {
            return None;
        }
        if let Some((from, to, forced)) = step {
            read.events.moved(deal, Move { at, from, to, forced }, row);
        }
        Some(())
    }

    fn keeps(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// Reads any row.
    fn any(&self, line: Line<'a>, cells: &mut Vec<Cow<'a, str>>, read: &mut Read<'a>) {
        let event = match self.event(line, cells) {
            Ok(event) => event,
            Err(problem) => return read.reject(problem),
        };
        match self.ids.place(&event.deal) {
            None => {
                let message = format!("there is no deal `{}` in {}", event.deal, self.deals);
                let help = "bring its row back, or remove this line";
                read.reject(self.sheet.at_cell(line, 1, message).help(help));
            }
            Some(Place::LeftOut) => read.skipped += 1,
            Some(Place::At(deal)) => {
                let noted =
                    self.builder.note(self.process, deal as usize, event, line.text, &mut read.events);
                if let Err(unknown) = noted {
                    let message = format!("`{}` is no stage of this process", unknown.stage);
                    let ids = self.process.stages.iter().map(|stage| stage.id.as_str());
                    let problem = self.sheet.at_cell(line, unknown.column, message);
                    read.reject(problem.suggest(&unknown.stage, ids));
                }
            }
        }
    }

    fn event(&self, line: Line<'a>, cells: &mut Vec<Cow<'a, str>>) -> Result<Event<'a>, Problem> {
        let sheet = self.sheet;
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
            && let Some(field) = self.fields.iter().position(|name| name == field)
        {
            for (column, cell) in [(4, from), (5, to)] {
                if let Err(unfit) = self.holds[field].check(self.process, cell) {
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

#[cfg(test)]
mod tests;
