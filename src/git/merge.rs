//! A three-way merge of deals.csv by deal and field, from the three texts alone. Pure.
//!
//! A column that a text does not have is a column of empty cells; so columns may be added, removed and put in another
//! order on either side. What stays as it is in ours keeps its bytes. History is not seen here: where the result and
//! history disagree after a merge, `check` says so.

use std::borrow::Cow;
use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::deal::event::push_cell;
use crate::deal::record::Record;
use crate::deal::time::{Instant, Zone, parse_day};
use crate::folder::deal_rows::required;
use crate::folder::sheet::{Line, RawCell, Sheet, cells};
use crate::grammar;
use crate::problem::{Place, Problem, marks_conflict};
use crate::process::Written;
use crate::shell;

/// What stands around the two rows of a conflict, and what git and editors look for.
const MARKERS: [&str; 3] = ["<<<<<<< ours", "=======", ">>>>>>> theirs"];

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// The three texts of a merge, named as git names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The text that both sides started from.
    Base,
    /// The text that is merged into.
    Ours,
    /// The text that is merged.
    Theirs,
}

impl Side {
    /// Its name in messages and markers.
    pub fn name(self) -> &'static str {
        match self {
            Side::Base => "base",
            Side::Ours => "ours",
            Side::Theirs => "theirs",
        }
    }
}

/// What a merge comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The merged text; around each row in conflict there are markers.
    pub text: String,
    /// The deals in conflict, in the order of the text.
    pub conflicts: Vec<Conflict>,
}

/// A deal on which the two sides do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Its id.
    pub deal: String,
    /// What they disagree about.
    pub clash: Clash,
    /// Where its first row stands in the merged text, in bytes.
    pub row: usize,
}

/// What two sides can disagree about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Both gave these fields a new cell, and not the same.
    Fields(Vec<String>),
    /// Both added a deal under this id, and not the same.
    AddedTwice,
    /// This side removed the row, the other changed it.
    Removed(Side),
}

impl Conflict {
    /// The conflict as a problem of the merged file, with its cure.
    pub fn problem(&self, file: &str, text: &str) -> Problem {
        let length = text[self.row..].lines().next().map_or(0, str::len);
        let place = Place::in_text(text, self.row, self.row + length);
        let (message, help) = match &self.clash {
            Clash::Fields(fields) => (
                format!("both sides changed {} of {}", grammar::and(fields), self.deal),
                "keep the row that is right, and remove the other and the three lines of marks".to_owned(),
            ),
            Clash::AddedTwice => (
                format!("both sides added a deal `{}`", self.deal),
                format!(
                    "keep both rows, remove the three lines of marks, and give one of the deals another id \
                     with `{}`; `ids: random` in pipeline.yaml keeps this from happening again",
                    shell::about("renumber", &self.deal, &[], &[])
                ),
            ),
            Clash::Removed(side) => {
                let changed = if *side == Side::Ours { Side::Theirs } else { Side::Ours };
                (
                    format!("{} removed {}, {} changed it", side.name(), self.deal, changed.name()),
                    "keep the row or remove it, and remove the three lines of marks".to_owned(),
                )
            }
        };
        Problem::error(file, Some(place), message).help(help)
    }
}

/// Merges what two sides made of a base.
///
/// Errors: a text that is no sound deals.csv, so that nobody can tell which row is which. `file` names it there.
pub fn merge(file: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Merged, Vec<Problem>> {
    let parse = |side: Side, bytes: &[u8]| {
        Sheet::parse(&format!("{file} ({})", side.name()), bytes.to_vec()).map_err(|problem| vec![problem])
    };
    let [base, ours, theirs] =
        all([parse(Side::Base, base), parse(Side::Ours, ours), parse(Side::Theirs, theirs)])?;
    let [base, ours, theirs] = all([Table::read(&base), Table::read(&ours), Table::read(&theirs)])?;
    if let Some(whole) = without_columns(&base, &ours, &theirs)? {
        return Ok(Merged { text: whole.to_owned(), conflicts: Vec::new() });
    }
    Ok(Merge::new(base, ours, theirs).run())
}

/// All three, or the problems of all.
fn all<T>(three: [Result<T, Vec<Problem>>; 3]) -> Result<[T; 3], Vec<Problem>> {
    match three {
        [Ok(a), Ok(b), Ok(c)] => Ok([a, b, c]),
        three => Err(three.into_iter().filter_map(Result::err).flatten().collect()),
    }
}

/// The text of the other side where one has no columns yet, as the base has none.
///
/// Errors: a side that lost its columns.
fn without_columns<'s>(
    base: &Table<'s>,
    ours: &Table<'s>,
    theirs: &Table<'s>,
) -> Result<Option<&'s str>, Vec<Problem>> {
    let empty = |table: &Table<'_>| table.sheet.columns().is_empty();
    match (empty(ours), empty(theirs)) {
        (false, false) => Ok(None),
        (true, _) if empty(base) => Ok(Some(theirs.sheet.text())),
        (_, true) if empty(base) => Ok(Some(ours.sheet.text())),
        (lost, _) => {
            let table = if lost { ours } else { theirs };
            Err(vec![Problem::error(table.sheet.file(), None, "this file has lost its first line")])
        }
    }
}

/// A sound deals.csv, and where its deals stand.
#[derive(Debug)]
struct Table<'s> {
    sheet: &'s Sheet,
    rows: Vec<(Cow<'s, str>, Line<'s>)>,
    places: FxHashMap<Cow<'s, str>, usize>,
}

impl<'s> Table<'s> {
    fn read(sheet: &'s Sheet) -> Result<Table<'s>, Vec<Problem>> {
        let mut table = Table { sheet, rows: Vec::new(), places: FxHashMap::default() };
        // Such a row would mean something else in front of another line end.
        let ends_bare = |line: Line<'_>| line.text.ends_with('\r');
        if let Some(header) = sheet.header().filter(|header| ends_bare(*header)) {
            return Err(vec![sheet.at(header, 0..1, "this line ends with a lone carriage return")]);
        }
        let Some(required) = required(sheet)? else { return Ok(table) };
        if sheet.columns().iter().filter(|name| name.is_empty()).count() > 1 {
            return Err(vec![Problem::error(sheet.file(), None, "several columns have no name")]);
        }
        let mut row = Vec::new();
        for line in sheet.rows() {
            let line = line.map_err(|problem| vec![problem])?;
            if marks_conflict(line.text) {
                return Err(vec![sheet.at(line, 0..7, "an earlier merge left its marks here")]);
            }
            if ends_bare(line) {
                return Err(vec![sheet.at(line, 0..1, "this line ends with a lone carriage return")]);
            }
            sheet.split(line, &mut row).map_err(|problem| vec![problem])?;
            let id = std::mem::take(&mut row[required.id]);
            if id.is_empty() {
                return Err(vec![sheet.at_cell(line, required.id, "this deal has no id")]);
            }
            if table.places.insert(id.clone(), table.rows.len()).is_some() {
                let message = format!("the id `{id}` stands here for the second time");
                return Err(vec![sheet.at_cell(line, required.id, message)]);
            }
            table.rows.push((id, line));
        }
        Ok(table)
    }

    fn line(&self, id: &str) -> Option<Line<'s>> {
        self.places.get(id).map(|place| self.rows[*place].1)
    }

    fn has(&self, column: &str) -> bool {
        self.sheet.column(column).is_some()
    }

    fn record(&self, line: Line<'s>) -> Record<'s> {
        let values = cells(line.text).flatten().map(RawCell::value).collect();
        Record::new(self.sheet.columns(), values)
    }
}

/// What becomes of one deal.
#[derive(Debug)]
enum Outcome {
    /// Its row stays as it is in ours.
    Ours,
    /// Its row becomes that of theirs.
    Theirs,
    /// Its row holds these cells, in the order of [`Merge::names`].
    Cells(Vec<String>),
    /// It has no row any more.
    Gone,
    /// The two sides disagree: the row as each would have it, none where it removed it.
    Clash { clash: Clash, ours: Option<Vec<String>>, theirs: Option<Vec<String>> },
}

#[derive(Debug)]
struct Merge<'s> {
    base: Table<'s>,
    ours: Table<'s>,
    theirs: Table<'s>,
    /// The columns of ours, and then those that only theirs has.
    names: Vec<&'s str>,
    same_columns: bool,
}

impl<'s> Merge<'s> {
    fn new(base: Table<'s>, ours: Table<'s>, theirs: Table<'s>) -> Merge<'s> {
        let mut names: Vec<&str> = ours.sheet.columns().iter().map(String::as_str).collect();
        let further = theirs.sheet.columns().iter().map(String::as_str).filter(|name| !ours.has(name));
        names.extend(further);
        let columns = ours.sheet.columns();
        let same_columns = columns == theirs.sheet.columns() && columns == base.sheet.columns();
        Merge { base, ours, theirs, names, same_columns }
    }

    fn run(&self) -> Merged {
        let of_ours: Vec<Outcome> = self.ours.rows.iter().map(|(id, _)| self.outcome(id)).collect();
        let added: Vec<(usize, Outcome)> = (0..self.theirs.rows.len())
            .filter(|place| self.ours.line(&self.theirs.rows[*place].0).is_none())
            .map(|place| (place, self.outcome(&self.theirs.rows[place].0)))
            .collect();
        let kept = self.kept_columns(&of_ours, &added);
        Writer { merge: self, kept, text: String::new(), conflicts: Vec::new() }.write(&of_ours, &added)
    }

    fn outcome(&self, id: &str) -> Outcome {
        match (self.base.line(id), self.ours.line(id), self.theirs.line(id)) {
            (_, None, None) => Outcome::Gone,
            (None, Some(_), None) => Outcome::Ours,
            (None, None, Some(_)) => Outcome::Theirs,
            (Some(base), Some(ours), Some(theirs)) => self.by_field(base, ours, theirs),
            (None, Some(ours), Some(theirs)) => {
                let (ours, theirs) = (self.ours.record(ours), self.theirs.record(theirs));
                if self.same(&ours, &theirs) {
                    return Outcome::Ours;
                }
                self.clash(Clash::AddedTwice, Some(&ours), Some(&theirs))
            }
            (Some(base), Some(ours), None) => {
                let ours = self.ours.record(ours);
                if self.same(&self.base.record(base), &ours) {
                    return Outcome::Gone;
                }
                self.clash(Clash::Removed(Side::Theirs), Some(&ours), None)
            }
            (Some(base), None, Some(theirs)) => {
                let theirs = self.theirs.record(theirs);
                if self.same(&self.base.record(base), &theirs) {
                    return Outcome::Gone;
                }
                self.clash(Clash::Removed(Side::Ours), None, Some(&theirs))
            }
        }
    }

    fn same(&self, a: &Record<'_>, b: &Record<'_>) -> bool {
        self.names.iter().all(|name| a.get(name) == b.get(name))
    }

    fn values(&self, record: &Record<'_>) -> Vec<String> {
        self.names.iter().map(|name| record.get(name).to_owned()).collect()
    }

    fn clash(&self, clash: Clash, ours: Option<&Record<'_>>, theirs: Option<&Record<'_>>) -> Outcome {
        let values = |record: Option<&Record<'_>>| record.map(|record| self.values(record));
        Outcome::Clash { clash, ours: values(ours), theirs: values(theirs) }
    }

    /// A deal that all three have, field by field.
    fn by_field(&self, base: Line<'s>, ours: Line<'s>, theirs: Line<'s>) -> Outcome {
        if self.same_columns {
            if theirs.text == base.text || theirs.text == ours.text {
                return Outcome::Ours;
            }
            if ours.text == base.text {
                return Outcome::Theirs;
            }
        }
        let [base, ours, theirs] =
            [self.base.record(base), self.ours.record(ours), self.theirs.record(theirs)];
        let moved = |record: &Record<'_>| {
            ["stage", "stage_since"].iter().any(|name| record.get(name) != base.get(name))
        };
        let differ = ["stage", "stage_since"].iter().any(|name| ours.get(name) != theirs.get(name));
        let both_moved = moved(&ours) && moved(&theirs) && differ;
        let last = [&base, &ours, &theirs].map(|record| record.get("stage_since"));
        let last = if both_moved { last_to_move(last) } else { None };

        let (mut as_ours, mut as_theirs, mut clashing) = (Vec::new(), Vec::new(), Vec::new());
        for name in &self.names {
            let (was, our, their) = (base.get(name), ours.get(name), theirs.get(name));
            // What a move brings along comes from one side together.
            let (for_ours, for_theirs) = if both_moved && Written::of(name).comes_with_moves() {
                match last {
                    Some(Side::Theirs) => (their, their),
                    Some(_) => (our, our),
                    None => (our, their),
                }
            } else if our == their || their == was {
                (our, our)
            } else if our == was {
                (their, their)
            } else {
                (our, their)
            };
            if for_ours != for_theirs {
                clashing.push((*name).to_owned());
            }
            as_ours.push(for_ours.to_owned());
            as_theirs.push(for_theirs.to_owned());
        }
        if !clashing.is_empty() {
            let clash = Clash::Fields(clashing);
            return Outcome::Clash { clash, ours: Some(as_ours), theirs: Some(as_theirs) };
        }
        if self.names.iter().zip(&as_ours).all(|(name, cell)| ours.get(name) == cell) {
            return Outcome::Ours;
        }
        Outcome::Cells(as_ours)
    }

    /// Which of the names the merged text has: not those that a side removed and nobody needs.
    fn kept_columns(&self, of_ours: &[Outcome], added: &[(usize, Outcome)]) -> Vec<bool> {
        let removed = |name: &&str| self.base.has(name) && !(self.ours.has(name) && self.theirs.has(name));
        let mut kept: Vec<bool> = self.names.iter().map(|name| !removed(name)).collect();
        if kept.iter().all(|kept| *kept) {
            return kept;
        }
        let lines = self.ours.rows.iter().map(|row| row.1).zip(of_ours);
        let added = added.iter().map(|(place, outcome)| (self.theirs.rows[*place].1, outcome));
        for (line, outcome) in lines.chain(added) {
            let versions = match outcome {
                Outcome::Ours => [Some(self.values(&self.ours.record(line))), None],
                // Where columns differ, only rows that ours has not come whole from theirs.
                Outcome::Theirs => [Some(self.values(&self.theirs.record(line))), None],
                Outcome::Cells(values) => [Some(values.clone()), None],
                Outcome::Gone => [None, None],
                Outcome::Clash { ours, theirs, .. } => [ours.clone(), theirs.clone()],
            };
            for values in versions.into_iter().flatten() {
                for (kept, value) in kept.iter_mut().zip(values) {
                    *kept |= !value.is_empty();
                }
            }
        }
        kept
    }
}

/// Writes the merged text: ours, with the rows that change given way, and what theirs added at the end.
#[derive(Debug)]
struct Writer<'m, 's> {
    merge: &'m Merge<'s>,
    kept: Vec<bool>,
    text: String,
    conflicts: Vec<Conflict>,
}

impl<'s> Writer<'_, 's> {
    fn write(mut self, of_ours: &[Outcome], added: &[(usize, Outcome)]) -> Merged {
        let merge = self.merge;
        let ours = merge.ours.sheet;
        let whole = ours.text();
        let mut from = 0;
        let as_ours = self.fits(ours);
        if let Some(header) = ours.header().filter(|_| !as_ours) {
            self.text.push_str(&whole[..header.start]);
            let columns = self.header(header);
            self.text.push_str(&columns);
            from = header.start + header.text.len();
        }
        for ((id, line), outcome) in merge.ours.rows.iter().zip(of_ours) {
            if as_ours && matches!(outcome, Outcome::Ours) {
                continue;
            }
            self.text.push_str(&whole[from..line.start]);
            from = line.start + line.text.len();
            match outcome {
                Outcome::Gone => from += line_end(&whole[from..]),
                _ => self.row(id, Some(*line), outcome),
            }
        }
        self.text.push_str(&whole[from..]);
        let ends = whole.ends_with('\n');
        if !ends && self.text.ends_with('\n') {
            self.text.pop();
            if self.text.ends_with('\r') {
                self.text.pop();
            }
        }
        for (place, outcome) in added.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Gone)) {
            if !ends {
                self.text.push_str(ours.newline());
            }
            self.row(&merge.theirs.rows[*place].0, None, outcome);
            if ends {
                self.text.push_str(ours.newline());
            }
        }
        Merged { text: self.text, conflicts: self.conflicts }
    }

    /// Whether a sheet has the columns of the merged text, in their order.
    fn fits(&self, sheet: &Sheet) -> bool {
        self.columns().eq(sheet.columns())
    }

    fn columns(&self) -> impl Iterator<Item = &'s str> {
        self.merge.names.iter().zip(&self.kept).filter(|(_, kept)| **kept).map(|(name, _)| *name)
    }

    fn header(&self, header: Line<'_>) -> String {
        let raw: Vec<RawCell<'_>> = cells(header.text).flatten().collect();
        let mut line = String::new();
        for (position, name) in self.columns().enumerate() {
            if position > 0 {
                line.push(',');
            }
            match self.merge.ours.sheet.column(name) {
                Some(column) => line.push_str(raw[column].text),
                None => push_cell(&mut line, name),
            }
        }
        line
    }

    /// Writes what becomes of a deal that has a row, without the line end.
    fn row(&mut self, id: &str, ours: Option<Line<'s>>, outcome: &Outcome) {
        let merge = self.merge;
        let in_ours = ours.map(|line| (&merge.ours, line));
        let in_theirs = merge.theirs.line(id).map(|line| (&merge.theirs, line));
        match outcome {
            Outcome::Gone => {}
            Outcome::Ours => self.text.extend(in_ours.map(|like| self.like(None, like))),
            Outcome::Theirs => self.text.extend(in_theirs.map(|like| self.like(None, like))),
            Outcome::Cells(values) => {
                self.text.extend(in_ours.map(|like| self.like(Some(values), like)));
            }
            Outcome::Clash { clash, ours, theirs } => {
                let by_field = matches!(clash, Clash::Fields(_));
                let like_theirs = if by_field { in_ours } else { in_theirs };
                let ours = in_ours.zip(ours.as_deref()).map(|(like, values)| self.like(Some(values), like));
                let theirs =
                    like_theirs.zip(theirs.as_deref()).map(|(like, values)| self.like(Some(values), like));
                self.conflict(id, clash, ours, theirs);
            }
        }
    }

    fn conflict(&mut self, id: &str, clash: &Clash, ours: Option<String>, theirs: Option<String>) {
        let newline = self.merge.ours.sheet.newline();
        let before: &[&str] = if ours.is_some() { &MARKERS[..1] } else { &MARKERS[..2] };
        let row = self.text.len() + before.iter().map(|mark| mark.len() + newline.len()).sum::<usize>();
        let [first, second, last] = MARKERS.map(str::to_owned);
        let lines = [Some(first), ours, Some(second), theirs, Some(last)];
        self.text.push_str(&lines.into_iter().flatten().collect::<Vec<_>>().join(newline));
        self.conflicts.push(Conflict { deal: id.to_owned(), clash: clash.clone(), row });
    }

    /// A row under the merged columns that is written like one that stands: its own cells, or others, of which those
    /// that are the same keep their bytes.
    fn like(&self, values: Option<&[String]>, (table, line): (&Table<'s>, Line<'s>)) -> String {
        if values.is_none() && self.fits(table.sheet) {
            return line.text.to_owned();
        }
        let raw: Vec<RawCell<'_>> = cells(line.text).flatten().collect();
        let mut row = String::with_capacity(line.text.len() + 32);
        let kept = self.merge.names.iter().zip(&self.kept).enumerate().filter(|(_, (_, kept))| **kept);
        for (position, (index, (name, _))) in kept.enumerate() {
            if position > 0 {
                row.push(',');
            }
            let cell = table.sheet.column(name).map(|column| raw[column]);
            match (cell, values.map(|values| values[index].as_str())) {
                (None, None) => {}
                (Some(cell), None) => row.push_str(cell.text),
                (Some(cell), Some(value)) if cell.value() == value => row.push_str(cell.text),
                (Some(cell), Some(value)) if cell.text.starts_with('"') => {
                    row.push('"');
                    row.push_str(&value.replace('"', "\"\""));
                    row.push('"');
                }
                (_, Some(value)) => push_cell(&mut row, value),
            }
        }
        row
    }
}

/// How long the line end is that `text` starts with.
fn line_end(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// Which side moved a deal last, given `stage_since` in the base, in ours and in theirs. `None`: that cannot be told.
///
/// Where both are before the base, both took moves back; what the one took back that took back more is gone in both.
fn last_to_move([base, ours, theirs]: [&str; 3]) -> Option<Side> {
    let order = order(ours, theirs)?;
    let back = |cell: &str| self::order(cell, base) == Some(Ordering::Less);
    match if back(ours) && back(theirs) { order.reverse() } else { order } {
        Ordering::Greater => Some(Side::Ours),
        Ordering::Less => Some(Side::Theirs),
        Ordering::Equal => None,
    }
}

/// The order of two moments, each a day or an instant; `None` where it depends on the pipeline's time zone.
fn order(a: &str, b: &str) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (parse_day(a), parse_day(b)) {
        return Some(a.cmp(&b));
    }
    let ((a_first, a_last), (b_first, b_last)) = (span(a)?, span(b)?);
    if a_last < b_first {
        Some(Ordering::Less)
    } else if a_first > b_last {
        Some(Ordering::Greater)
    } else if a_first == a_last && b_first == b_last {
        Some(Ordering::Equal)
    } else {
        None
    }
}

/// From when to when a moment can lie: a day starts at 14 hours before UTC's midnight to 12 hours after it.
fn span(cell: &str) -> Option<(i64, i64)> {
    match parse_day(cell) {
        Some(day) => {
            let start = Zone::default().start_of(day).millis();
            Some((start - 14 * HOUR, start + 12 * HOUR))
        }
        None => Instant::parse(cell).map(|at| (at.millis(), at.millis())),
    }
}

#[cfg(test)]
mod tests;
