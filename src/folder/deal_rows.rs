//! The rows of deals.csv, each checked against the process: one by one, or all of a large file on all cores.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::ids::{Ids, Key, Place};
use super::rows::Run;
use super::sheet::{Line, Sheet};
use crate::deal::columns::{Holds, REQUIRED, holds};
use crate::problem::Problem;
use crate::process::Process;
use crate::shell;

/// Checks the rows of deals.csv against the process.
#[derive(Debug)]
pub struct DealRows<'a> {
    process: &'a Process,
    sheet: &'a Sheet,
    /// The columns whose cells have to be checked, and what they hold.
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
    #[inline]
    pub fn check_cells(&self, line: Line<'_>, cells: &[Cow<'_, str>]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (column, holds) in &self.holds {
            if let Some(cell) = cells.get(*column)
                && let Err(unfit) = holds.check(self.process, cell)
            {
                let problem = self.sheet.at_cell(line, *column, unfit.message);
                problems.push(problem.help_if(unfit.help));
            }
        }
        problems
    }
}

/// What to do about two rows that are one deal: a new id would make a second deal of it.
pub const SAME_ROW: &str = "remove one of the two rows: they are the same";

/// The problem of a row whose id stands on an earlier one, at `first`, already.
fn twin(sheet: &Sheet, line: Line<'_>, column: usize, id: &str, first: usize) -> Problem {
    let problem =
        sheet.at_cell(line, column, format!("the id `{id}` stands on line {} already", sheet.line_of(first)));
    // Where this is a block of a long file, the earlier row may stand before it.
    let earlier = first.checked_sub(sheet.start()).filter(|at| sheet.text().is_char_boundary(*at));
    match earlier.and_then(|at| sheet.row_at(at)) {
        Some(earlier) if earlier.text == line.text => problem.help(SAME_ROW),
        _ => {
            let command = shell::about("renumber", id, &[], &[]);
            problem.help(format!("`{command}` gives the later one a new id"))
        }
    }
}

/// What was seen of all rows, of which more may be looked at.
#[derive(Debug, Default)]
pub struct Looked {
    /// Where each sound row starts in its file, in the order of the file.
    pub sound: Vec<usize>,
    /// Where the ids stand among the sound rows.
    pub ids: Ids,
    /// What is wrong with the others, by where they start.
    pub wrong: BTreeMap<usize, Vec<Problem>>,
    /// Where the whole rows that were left out start: an id of theirs is taken.
    taken: FxHashMap<Box<str>, usize>,
}

/// What was seen of a run of rows.
struct Seen<'a, T> {
    made: T,
    /// The rows that are sound by themselves: id and start.
    sound: Vec<(Key<'a>, usize)>,
    wrong: Vec<Wrong<'a>>,
}

struct Wrong<'a> {
    start: usize,
    /// Its id, as far as it has one; and whether the row is whole, so that the id is its own for sure.
    id: Option<(Key<'a>, bool)>,
    problems: Vec<Problem>,
}

impl Looked {
    /// Nothing seen yet of a file of so many bytes, which begins with the rows of `sheet`.
    pub fn of(sheet: &Sheet, id: usize, bytes: u64) -> Looked {
        let mut cells = Vec::new();
        let Some(Ok(line)) = sheet.rows().next() else { return Looked::default() };
        // An unsound row will do: its cells only tell what ids look like.
        let _ = sheet.split(line, &mut cells);
        let several = bytes as usize / (line.text.len() + 1);
        Looked { ids: Ids::like(cells.get(id).map_or("", |id| id), several), ..Looked::default() }
    }

    /// Looks at every row of a sheet on all cores, and gives each that is sound by itself to `each`, with what it has made
    /// of the run, which `begin` begins, given about how many rows are to come. Gives what was made of each run in the order
    /// of the file, of rows that turned out to be twins too.
    ///
    /// Error: a quote that never closes.
    pub fn look<'a, T: Send>(
        &mut self,
        process: &Process,
        sheet: &'a Sheet,
        required: Required,
        begin: impl Fn(usize) -> T + Sync,
        each: impl Fn(Line<'a>, &mut [Cow<'a, str>], &mut T) + Sync,
    ) -> Result<Vec<T>, Problem> {
        let rows = DealRows::new(process, sheet);
        let ids = &self.ids;
        let seen = sheet.in_runs(|run: &mut Run<'a>| {
            let about = run.about();
            let sound = Vec::with_capacity(about);
            let mut seen = Seen { made: begin(about), sound, wrong: Vec::new() };
            let mut cells = Vec::with_capacity(sheet.columns().len());
            while let Some(line) = run.next_row() {
                let start = line.start;
                if let Err(problem) = sheet.split_at(line, run.commas(), &mut cells) {
                    let id = cells.get(required.id).map(|id| (ids.key(id.clone()), false));
                    seen.wrong.push(Wrong { start, id, problems: vec![problem] });
                    continue;
                }
                let id = ids.key(cells[required.id].clone());
                let problems = rows.check_cells(line, &cells);
                if problems.is_empty() {
                    each(line, &mut cells, &mut seen.made);
                    seen.sound.push((id, start));
                } else {
                    seen.wrong.push(Wrong { start, id: Some((id, true)), problems });
                }
            }
            seen
        })?;
        Ok(self.together(sheet, required.id, seen))
    }

    /// What was made of the runs, now that twins can be told.
    fn together<T>(&mut self, sheet: &Sheet, column: usize, seen: Vec<Seen<'_, T>>) -> Vec<T> {
        self.sound.reserve(seen.iter().map(|seen| seen.sound.len()).sum());
        let mut all = Vec::with_capacity(seen.len());
        for Seen { made, sound, wrong } in seen {
            all.push(made);
            let mut wrong = wrong.into_iter().peekable();
            for (id, start) in sound {
                while let Some(wrong) = wrong.next_if(|wrong| wrong.start < start) {
                    self.leave_out(sheet, column, wrong);
                }
                match self.first_of(&id) {
                    None => {
                        self.ids.set(id, Place::At(self.sound.len() as u32));
                        self.sound.push(sheet.start() + start);
                    }
                    Some(first) => self.note_twin(sheet, column, start, &id, first),
                }
            }
            for wrong in wrong {
                self.leave_out(sheet, column, wrong);
            }
        }
        all
    }

    /// Where the first row of an id starts, when it was seen.
    fn first_of(&self, id: &Key<'_>) -> Option<usize> {
        match self.ids.of_key(id) {
            Some(Place::At(at)) => Some(self.sound[at as usize]),
            Some(Place::LeftOut) => self.taken.get(&*self.ids.id(id)).copied(),
            None => None,
        }
    }

    fn note_twin(&mut self, sheet: &Sheet, column: usize, start: usize, id: &Key<'_>, first: usize) {
        if let Some(line) = sheet.row_at(start) {
            let problem = twin(sheet, line, column, &self.ids.id(id), first);
            self.wrong.entry(start).or_default().push(problem);
        }
    }

    fn leave_out(&mut self, sheet: &Sheet, column: usize, wrong: Wrong<'_>) {
        self.wrong.insert(wrong.start, wrong.problems);
        let Some((id, whole)) = wrong.id else { return };
        let first = self.first_of(&id);
        let name = self.ids.id(&id).into_owned();
        if self.ids.of_key(&id).is_none() {
            self.ids.set(id.clone(), Place::LeftOut);
        }
        match first {
            _ if !whole || name.is_empty() => {}
            Some(first) => self.note_twin(sheet, column, wrong.start, &id, first),
            None => {
                self.taken.insert(name.into(), wrong.start);
            }
        }
    }
}
