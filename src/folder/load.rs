//! deals.csv and history.csv checked row by row, and turned into the book that reports are cut from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use memchr::{memchr, memchr2};

use super::deal_rows::{Looked, Required, required};
use super::history::History;
use super::ids::Place;
use super::lost::{give_back, respelled};
use super::rows::Run;
use super::sheet::{Line, Sheet};
use crate::deal::book::{Book, BookBuilder, Deals, Events, Move, RowAt, Sorted, State, TOUCHES};
use crate::deal::columns::{Holds, holds};
use crate::deal::event::{self, AT, DEAL, EVENT, Event, FIELD, FROM, TO, Touch, What};
use crate::deal::texts::Texts;
use crate::deal::time::Instant;
use crate::grammar::{agreeing, count};
use crate::problem::Problem;
use crate::process::{Lang, Process, StageIndex, Words};

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
pub struct Loaded {
    /// What the files say.
    pub book: Book,
    /// Where the row of each deal of the book starts in deals.csv.
    pub rows: Vec<usize>,
    /// How many rows were left out.
    pub skipped: usize,
}

/// Reads both files into a book that keeps `fields`, which may name [`TOUCHES`] besides columns.
///
/// Errors: every problem of both files at once, unless unsound rows are to be skipped.
pub fn load(
    process: &Process,
    deals: &Sheet,
    history: &Sheet,
    fields: &[String],
    unsound: Unsound,
) -> Result<Loaded, Vec<Problem>> {
    let mut loading = Loading::of(process, fields, deals, deals.text().len() as u64)?;
    loading.deals(deals).map_err(|problem| vec![problem])?;
    loading.history(history).map_err(|problem| vec![problem])?;
    if unsound == Unsound::Refuse && !loading.strangers.is_empty() {
        loading.name_respelled(deals, history);
    }
    loading.finish(unsound, &|start| {
        history.row_at(start as usize).map_or_else(String::new, |line| line.text.to_owned())
    })
}

/// A book in the making, from sheets that are whole files or blocks of them: all deals first.
pub(super) struct Loading<'p> {
    process: &'p Process,
    /// The name of the file of deals.
    file: String,
    /// Where the columns that every deal has stand; `None` where there is no file.
    required: Option<Required>,
    /// What the cells of the fields hold.
    holds: Vec<Holds>,
    looked: Looked,
    builder: BookBuilder,
    events: Vec<Sorted>,
    problems: Vec<Problem>,
    strangers: Strangers,
    skipped: usize,
}

/// What rows of history name that is nowhere else, by what is said of it.
type Strangers = BTreeMap<String, Stranger>;

/// A deal or a stage that rows of history name and that is nowhere else.
struct Stranger {
    /// The deal.
    deal: Option<String>,
    /// The problem at the first row.
    problem: Problem,
    /// How many rows.
    rows: usize,
}

impl<'p> Loading<'p> {
    /// Nothing yet of a book that keeps `fields`, from a file of deals of so many bytes that begins with `deals`.
    ///
    /// Errors: columns are missing.
    pub(super) fn of(
        process: &'p Process,
        fields: &[String],
        deals: &Sheet,
        bytes: u64,
    ) -> Result<Loading<'p>, Vec<Problem>> {
        let required = required(deals)?;
        let looked = required.map_or_else(Looked::default, |required| Looked::of(deals, required.id, bytes));
        Ok(Loading {
            process,
            file: deals.file().to_owned(),
            required,
            holds: fields.iter().map(|name| holds(process, name)).collect(),
            looked,
            builder: BookBuilder::new(fields.to_vec()),
            events: Vec::new(),
            problems: Vec::new(),
            strangers: Strangers::new(),
            skipped: 0,
        })
    }

    /// Whether every row so far was sound.
    pub(super) fn is_sound(&self) -> bool {
        self.skipped == 0
    }

    /// Reads rows of deals.
    ///
    /// Error: a quote that never closes.
    pub(super) fn deals(&mut self, sheet: &Sheet) -> Result<(), Problem> {
        let Some(required) = self.required else { return Ok(()) };
        let process = self.process;
        let fields = self.builder.fields();
        let wanted: Vec<Option<usize>> = fields.iter().map(|name| sheet.column(name)).collect();
        let [stage_since, created, closed] =
            ["stage_since", "created", "closed"].map(|name| sheet.column(name));
        let each = |line: Line<'_>, cells: &mut [Cow<'_, str>], made: &mut Made| {
            let moment = |column: Option<usize>| process.zone.parse_moment(&cells[column?]);
            // The check of the row made sure that the process knows the stage.
            let stage = process.lookup(&cells[required.stage]).unwrap_or(StageIndex::UNKNOWN);
            let (stage_since, created, closed) = (moment(stage_since), moment(created), moment(closed));
            made.deals.ids.push(&cells[required.id]);
            made.deals.states.push(State { stage, stage_since, created, closed });
            for at in &wanted {
                made.deals.cells.push(at.map_or("", |at| &cells[at]));
            }
            made.starts.push(line.start);
        };
        let begin = |rows: usize| Made {
            starts: Vec::with_capacity(rows),
            deals: Deals {
                ids: Texts::with_capacity(rows),
                states: Vec::with_capacity(rows),
                cells: Texts::with_capacity(rows * wanted.len()),
            },
        };
        let made = self.looked.look(process, sheet, required, begin, each)?;
        let several = made.iter().map(|made| made.starts.len()).sum();
        self.builder.reserve(several);
        for mut made in made {
            made.leave_out(&self.looked.wrong, wanted.len());
            self.builder.add(&made.deals);
        }
        self.skipped = self.looked.wrong.len();
        Ok(())
    }

    /// Reads rows of history.
    ///
    /// Error: another header, or a quote that never closes.
    pub(super) fn history(&mut self, sheet: &Sheet) -> Result<(), Problem> {
        let reader = HistoryReader { loading: self, history: History::of(sheet)? };
        let told = |run: &mut Run<'_>| {
            let Read { events, problems, strangers, skipped, .. } = reader.read(run);
            (events.sort(), problems, strangers, skipped)
        };
        for (events, problems, strangers, skipped) in sheet.in_runs(told)? {
            self.events.push(events);
            self.problems.extend(problems);
            for (said, stranger) in strangers {
                match self.strangers.entry(said) {
                    Entry::Vacant(free) => drop(free.insert(stranger)),
                    Entry::Occupied(mut known) => known.get_mut().rows += stranger.rows,
                }
            }
            self.skipped += skipped;
        }
        Ok(())
    }

    /// Says of deals whose id was written in another case how to mend that.
    fn name_respelled(&mut self, deals: &Sheet, history: &Sheet) {
        let lost = self.strangers.values().filter_map(|stranger| stranger.deal.as_deref());
        let lost: Vec<String> = lost.map(str::to_owned).collect();
        let found = respelled(deals, history, lost.iter().map(String::as_str));
        for stranger in self.strangers.values_mut() {
            let Some(lost) = stranger.deal.as_deref() else { continue };
            if let Some(now) = found.get(lost) {
                stranger.problem.help = Some(give_back(lost, now, &self.file));
            }
        }
    }

    /// The book. A row of history that starts at a byte is had by `row_at`.
    ///
    /// Errors: every problem, unless unsound rows are to be skipped.
    pub(super) fn finish(self, unsound: Unsound, row_at: RowAt<'_>) -> Result<Loaded, Vec<Problem>> {
        let mut problems: Vec<Problem> = self.looked.wrong.into_values().flatten().collect();
        let mut of_history = self.problems;
        if self.required.is_none() && !self.strangers.is_empty() {
            let message = format!("{} is gone or empty, but history tells of deals", self.file);
            let help = "bring it back from git or a backup; with its first line alone, `pipeline reconcile` records \
                        that all of them were deleted";
            problems.push(Problem::error(&self.file, None, message).help(help));
        } else {
            of_history.extend(self.strangers.into_values().map(|Stranger { mut problem, rows, .. }| {
                if rows > 1 {
                    problem.message = format!("{}; {rows} rows name it", problem.message);
                }
                problem
            }));
            of_history.sort_by(|a, b| (&a.file, &a.place).cmp(&(&b.file, &b.place)));
        }
        problems.extend(of_history);
        if unsound == Unsound::Refuse && !problems.is_empty() {
            return Err(problems);
        }
        let book = self.builder.finish(self.events, row_at);
        Ok(Loaded { book, rows: self.looked.sound, skipped: self.skipped })
    }
}

/// The deals of a run of rows, and where their rows start.
struct Made {
    starts: Vec<usize>,
    deals: Deals,
}

impl Made {
    /// Takes out the rows that turned out to be wrong.
    fn leave_out(&mut self, wrong: &BTreeMap<usize, Vec<Problem>>, fields: usize) {
        if wrong.is_empty() {
            return;
        }
        let stays = |deal: usize| !wrong.contains_key(&self.starts[deal]);
        self.deals.ids.retain(stays);
        self.deals.cells.retain(|cell| stays(cell / fields));
        let mut deals = 0..;
        self.deals.states.retain(|_| deals.next().is_some_and(stays));
    }
}

/// Reads rows of history.csv, given the deals.
struct HistoryReader<'r, 'p> {
    loading: &'r Loading<'p>,
    history: History<'r>,
}

/// What a run of rows tells.
#[derive(Default)]
struct Read<'a> {
    events: Events,
    problems: Vec<Problem>,
    strangers: Strangers,
    skipped: usize,
    /// The deal of the row before, since the rows of one command stand side by side.
    last: Option<(&'a str, Option<Place>)>,
}

impl Read<'_> {
    fn reject(&mut self, problem: Problem) {
        self.problems.push(problem);
        self.skipped += 1;
    }

    /// Rejects a row for what it names.
    fn reject_stranger(&mut self, said: String, deal: Option<&str>, problem: impl FnOnce(&str) -> Problem) {
        let stranger = self.strangers.entry(said).or_insert_with_key(|said| Stranger {
            deal: deal.map(str::to_owned),
            problem: problem(said),
            rows: 0,
        });
        stranger.rows += 1;
        self.skipped += 1;
    }
}

impl<'a> HistoryReader<'_, '_> {
    fn read(&self, run: &mut Run<'a>) -> Read<'a> {
        let mut read = Read { events: Events::about(run.about()), ..Read::default() };
        let mut cells = Vec::with_capacity(event::COLUMNS.len());
        while let Some(line) = run.next_row() {
            if run.commas().and_then(|commas| self.plain(line, commas, &mut read)).is_none() {
                self.any(line, run.commas(), &mut cells, &mut read);
            }
        }
        read
    }

    /// Where a row starts in the file.
    fn start(&self, line: Line<'_>) -> u64 {
        (self.history.sheet.start() + line.start) as u64
    }

    /// Reads a row that is plain to see: a move, or what tells nothing that this book keeps, as most rows do: they change a
    /// field that nobody asked for, and need not be taken apart. `None` for any other, and nothing was done.
    fn plain(&self, line: Line<'a>, commas: &[usize], read: &mut Read<'a>) -> Option<()> {
        let row = line.text;
        let Loading { process, looked, builder, .. } = self.loading;
        let ends: &[usize; event::COLUMNS.len() - 1] = commas.try_into().ok()?;
        let cell = |column: usize| &row[ends[column - 1] + 1..ends[column]];
        let (head, rest) = row.as_bytes().split_at(ends[TO]);
        // A cell that is read says something else than it shows, or the row has a line break.
        if memchr2(b'"', b'\\', head).is_some() || memchr(b'\n', rest).is_some() {
            return None;
        }
        let (deal, event, field) = (cell(DEAL), cell(EVENT), cell(FIELD));
        let step = match event {
            "stage" => {
                let (from, to) = (cell(FROM), cell(TO));
                let from = if from.is_empty() { None } else { Some(process.lookup(from)?) };
                Some((from, process.lookup(to)?, field == "forced"))
            }
            "set" if !field.is_empty() && !self.keeps(field) => None,
            touch if Touch::ALL.iter().any(|known| known.id() == touch) && !self.keeps(TOUCHES) => None,
            _ => return None,
        };
        if step.is_some() && !matches!(field, "" | "forced") {
            return None;
        }
        let at = Instant::parse(&row[..ends[AT]])?;
        let place = match read.last {
            Some((id, place)) if id == deal => place,
            _ => looked.ids.place(deal),
        };
        read.last = Some((deal, place));
        let Some(Place::At(deal)) = place else { return None };
        let deal = deal as usize;
        if !builder.is_dated(deal) {
            return None;
        }
        if let Some((from, to, forced)) = step {
            read.events.moved(deal, Move { at, from, to, forced }, self.start(line));
        }
        Some(())
    }

    fn keeps(&self, name: &str) -> bool {
        self.loading.builder.fields().iter().any(|field| field == name)
    }

    /// Reads any row.
    fn any(
        &self,
        line: Line<'a>,
        commas: Option<&[usize]>,
        cells: &mut Vec<Cow<'a, str>>,
        read: &mut Read<'a>,
    ) {
        let event = match self.event(line, commas, cells) {
            Ok(event) => event,
            Err(problem) => return read.reject(problem),
        };
        let Loading { process, file, looked, builder, .. } = self.loading;
        match looked.ids.place(&event.deal) {
            None => {
                let message = format!("there is no deal `{}` in {}", event.deal, file);
                let help = "`pipeline reconcile` records that it was deleted; else bring its row back, or remove \
                            what history tells of it";
                let deal = Some(&*event.deal);
                read.reject_stranger(message, deal, |said| {
                    self.history.sheet.at_cell(line, DEAL, said).help(help)
                });
            }
            Some(Place::LeftOut) => read.skipped += 1,
            Some(Place::At(deal)) => {
                let noted = builder.note(process, deal as usize, event, self.start(line), &mut read.events);
                if let Err(unknown) = noted {
                    let message = format!("`{}` is no stage of this process", unknown.stage);
                    let ids = process.stages.iter().map(|stage| stage.id.as_str());
                    read.reject_stranger(message, None, |said| {
                        self.history.sheet.at_cell(line, unknown.column, said).suggest(&unknown.stage, ids)
                    });
                }
            }
        }
    }

    fn event(
        &self,
        line: Line<'a>,
        commas: Option<&[usize]>,
        cells: &mut Vec<Cow<'a, str>>,
    ) -> Result<Event<'a>, Problem> {
        let event = self.history.event(line, commas, cells)?;
        if let What::Set { field, from, to } = &event.what
            && let Some(field) = self.loading.builder.fields().iter().position(|name| name == field)
        {
            for (column, cell) in [(FROM, from), (TO, to)] {
                if let Err(unfit) = self.loading.holds[field].check(self.loading.process, cell) {
                    let problem = self.history.sheet.at_cell(line, column, unfit.message);
                    return Err(problem.help_if(unfit.help));
                }
            }
        }
        Ok(event)
    }
}

/// The note of a lenient reader: how much it left out.
pub fn skipped_note(skipped: usize) -> Words {
    let (rows, number) = (count(skipped as u64, "row"), skipped as u64);
    let (are, them) = (agreeing(number, "it is", "they are"), agreeing(number, "it", "them"));
    Words::of_ours(|lang| match lang {
        Lang::En => format!("{rows} left out because {are} unsound; `pipeline check` names {them}"),
        Lang::ZhTw => format!("{number} 列有誤而略過；`pipeline check` 會指出是哪些"),
    })
}

#[cfg(test)]
mod tests;
