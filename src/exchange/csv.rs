//! Any CSV file with a row per deal: which of its columns is what, and what its cells mean here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::dates::{COUNTED, Order, is_count, read as read_date};
use super::mapping::{Mapping, targets};
use super::numbers::{self, Amount, Mark, SAY_WHICH, Unit};
use super::words::{Said, Word};
use crate::deal::columns::{Holds, as_cell, holds};
use crate::deal::formula::unguarded;
use crate::deal::money::{Currency, parse_amount};
use crate::deal::time::{Day, is_moment, parse_day};
use crate::error::{Error, Result};
use crate::folder::rows::Run;
use crate::folder::sheet::{Sheet, cells, trimmed};
use crate::problem::{Problem, nearest};
use crate::process::{COLUMNS, FieldType, Process, SOURCE_ID};
use crate::shell;

/// What a file is read against.
#[derive(Debug)]
pub struct Import<'a> {
    /// The process.
    pub process: &'a Process,
    /// How columns and cells are to be read.
    pub mapping: &'a Mapping,
    /// The day it is today.
    pub today: Day,
}

/// A column of the file, and what it fills.
#[derive(Debug)]
pub struct Source {
    /// The position of the file's.
    pub column: usize,
    /// What it is called there.
    pub theirs: String,
    /// Our column.
    pub target: String,
    holds: Holds,
}

/// How a file writes amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// As JSON and YAML do, with a point.
    Plain,
    /// By the habits of a place.
    With(Mark),
}

/// A row of the file, read.
#[derive(Debug)]
pub struct Deal<'r> {
    /// The id that the row gives it; empty where it gives none.
    pub id: &'r str,
    /// The id that it has there; empty where the file does not say.
    pub source_id: &'r str,
    /// Whether it is here already.
    pub known: bool,
    /// The cells of our columns, in the order of the sources.
    pub cells: &'r [Cow<'r, str>],
}

/// What is wrong with a cell, and what to do about it.
type Unread = (String, Option<String>);

/// The deals that do not come from the file at hand.
pub trait Others {
    /// Where a deal has this id, such as `in this pipeline`.
    fn taken(&self, id: &str) -> Option<String>;
    /// Where a deal that is not here has this id of the source, such as `in crm.csv`.
    fn told(&self, source_id: &str) -> Option<String>;
    /// Whether a deal that has this id elsewhere is here.
    fn known(&self, source_id: &str) -> bool;
}

/// Words met so far: what each is here, empty where that is nothing, and how many rows have it.
type Words = FxHashMap<String, (String, u64)>;

/// The words of the columns in which they stand for something, of all files.
#[derive(Debug, Default)]
pub struct Vocabulary {
    stages: Words,
    owners: Words,
    currencies: Words,
}

impl Vocabulary {
    /// Which words were taken for what.
    pub fn said(self) -> Said {
        let [stages, owners, currencies] = [self.stages, self.owners, self.currencies].map(sorted);
        Said { stages, owners, currencies }
    }
}

/// What a word means, worked out when it is met first.
fn met<'t>(
    words: &mut Words,
    text: Cow<'t, str>,
    meaning: impl FnOnce(&str) -> Result<String, Unread>,
) -> Result<Cow<'t, str>, Unread> {
    let Some((ours, rows)) = words.get_mut(&*text) else {
        let ours = meaning(&text);
        let said = ours.as_ref().map_or_else(|_| String::new(), Clone::clone);
        words.insert(text.into_owned(), (said, 1));
        return ours.map(Cow::Owned);
    };
    *rows += 1;
    if ours.is_empty() {
        return meaning(&text).map(Cow::Owned);
    }
    Ok(if *ours == *text { text } else { Cow::Owned(ours.clone()) })
}

fn sorted(words: Words) -> Vec<Word> {
    let mut words: Vec<Word> = words.into_iter().map(|(theirs, (ours, rows))| (theirs, ours, rows)).collect();
    words.sort();
    words
}

/// How many columns of a file are named where one is missing.
const COLUMNS_SHOWN: usize = 12;

/// What to do about a deal that comes twice.
const LEAVE_OUT: &str = "leave one of the two rows out";

/// Columns that are in every new deals.csv, and so in what is exported of it; the last is in the files of nobody else.
const OURS: [&str; 4] = ["id", "name", "stage", "stage_since"];

/// Whether a file with commas has the columns of deals.csv or of its export, in which a point stands before decimals.
pub fn is_ours(sheet: &Sheet) -> bool {
    OURS.iter().all(|name| sheet.column(name).is_some())
}

/// A name without its case, and with blanks and line breaks as `_`: `Close Date` is `close_date`.
fn loosely(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<&str>>().join("_")
}

/// The position of the heading of this name, else of the only one that is loosely the same.
fn named(headings: &[Cow<'_, str>], name: &str) -> Option<usize> {
    let wanted = loosely(name);
    let exact = headings.iter().position(|heading| heading == name);
    exact.or_else(|| {
        let mut alike = (0..headings.len()).filter(|at| loosely(&headings[*at]) == wanted);
        alike.next().filter(|_| alike.next().is_none())
    })
}

/// The position of a column of ours among the sources.
pub fn source_of(sources: &[Source], target: &str) -> Option<usize> {
    sources.iter().position(|source| source.target == target)
}

/// The cells of one column met so far, each as its hash and where its row starts: a million of them are to take little.
#[derive(Debug)]
struct Met {
    column: usize,
    rows: Vec<(u64, usize)>,
}

impl Met {
    fn note(&mut self, text: &str, start: usize) {
        self.rows.push((FxBuildHasher.hash_one(text), start));
    }

    /// The rows whose cell stands on an earlier one: where each starts, and where the first does.
    fn twins(mut self, sheet: &Sheet) -> Vec<(usize, usize)> {
        let mut twins = Vec::new();
        self.rows.sort_unstable();
        for same in self.rows.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1) {
            // What is the same need not only look so.
            let mut first: BTreeMap<String, usize> = BTreeMap::new();
            for (_, start) in same {
                let Some(text) = sheet.row_at(*start).and_then(|line| cell(line.text, self.column)) else {
                    continue;
                };
                let first = *first.entry(text.into_owned()).or_insert(*start);
                twins.extend((first != *start).then_some((*start, first)));
            }
        }
        twins
    }
}

/// The cell of a column of a row.
fn cell(row: &str, column: usize) -> Option<Cow<'_, str>> {
    Some(meant(cells(row).nth(column)?.ok()?.value()))
}

/// What a cell says: without blanks around it, and without what export puts before a formula.
fn meant(text: Cow<'_, str>) -> Cow<'_, str> {
    unguarded(trimmed(text))
}

impl Import<'_> {
    /// Reads all deals of a file and gives each to `each`, as long as nothing is wrong; gives what is wrong. Where there is
    /// anything, nothing of the file may come in.
    ///
    /// It never invents a date: a deal without one keeps the cell empty. Errors: a stage that the mapping names is none; what
    /// `each` says.
    pub fn read(
        &self,
        sheet: &Sheet,
        (sources, amounts): (&[Source], Amounts),
        words: &mut Vocabulary,
        others: &impl Others,
        mut each: impl FnMut(&Deal<'_>) -> Result<()>,
    ) -> Result<Vec<Problem>> {
        self.check_stages()?;
        let mut problems: Vec<(usize, Problem)> = Vec::new();
        let [of_id, of_source, of_currency] =
            ["id", SOURCE_ID, "currency"].map(|target| source_of(sources, target));
        let met = |of: Option<usize>| Met { column: of.map_or(0, |of| sources[of].column), rows: Vec::new() };
        let (mut ids, mut source_ids) = (met(of_id), met(of_source));
        let headings = sheet.columns().iter().enumerate();
        let nameless: Vec<usize> =
            headings.filter(|(_, name)| name.trim().is_empty()).map(|(column, _)| column).collect();
        let (mut split, mut deal): (Vec<Cow<'_, str>>, Vec<Cow<'_, str>>) = (Vec::new(), Vec::new());
        for line in sheet.rows() {
            let line = line?;
            if let Err(problem) = sheet.split(line, &mut split) {
                problems.push((line.start, problem));
                continue;
            }
            // A spreadsheet saves rows that were emptied, too.
            if split.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            for column in nameless.iter().filter(|column| !split[**column].trim().is_empty()) {
                let problem = sheet.at_cell(line, *column, "there is a cell here under no column");
                problems.push((line.start, problem.help("name the column in the first line")));
            }
            deal.clear();
            let currency = of_currency.map_or("", |of| split[sources[of].column].trim());
            for source in sources {
                let text = meant(split[source.column].clone());
                let cell = self.cell(source, amounts, currency, words, text);
                let cell = cell.unwrap_or_else(|(message, help)| {
                    let problem = sheet.at_cell(line, source.column, format!("{}: {message}", source.target));
                    problems.push((line.start, problem.help_if(help)));
                    Cow::Borrowed("")
                });
                deal.push(cell);
            }
            let [id, source_id] = [of_id, of_source].map(|of| of.map_or("", |of| &*deal[of]));
            if !source_id.is_empty() {
                source_ids.note(source_id, line.start);
                if let Some(place) = others.told(source_id) {
                    let message = format!("the source_id `{source_id}` stands {place} already");
                    let problem = sheet.at_cell(line, source_ids.column, message);
                    problems.push((line.start, problem.help(LEAVE_OUT)));
                }
            }
            let is_known = !source_id.is_empty() && others.known(source_id);
            if !is_known && !id.is_empty() {
                ids.note(id, line.start);
                if let Some(place) = others.taken(id) {
                    let message = format!("there is a deal `{id}` {place} already");
                    let problem = sheet.at_cell(line, ids.column, message).help(
                        "leave the row out, or give it another id; a column mapped to source_id instead of id is known again",
                    );
                    problems.push((line.start, problem));
                }
            }
            if problems.is_empty() {
                each(&Deal { id, source_id, known: is_known, cells: &deal })?;
            }
        }
        for (met, what, help) in [
            (source_ids, SOURCE_ID, LEAVE_OUT),
            (ids, "id", "leave one of the two rows out, or give it another id"),
        ] {
            let column = met.column;
            for (start, first) in met.twins(sheet) {
                let Some(line) = sheet.row_at(start) else { continue };
                let text = cell(line.text, column).unwrap_or_default();
                let message = format!("the {what} `{text}` stands on line {} already", sheet.line_of(first));
                problems.push((start, sheet.at_cell(line, column, message).help(help)));
            }
        }
        problems.sort_by_key(|(start, _)| *start);
        Ok(problems.into_iter().map(|(_, problem)| problem).collect())
    }

    /// The mapping that says what was taken for what in all of the files, of which the sources are given; words that are
    /// nothing here stand in it without one of ours.
    pub fn used<'s>(&self, files: impl Iterator<Item = &'s [Source]>, said: &Said) -> Mapping {
        let of_file = |sources: &[Source]| -> BTreeMap<String, String> {
            let mapped = sources.iter().filter(|source| self.can_map(&source.target));
            mapped.map(|source| (source.target.clone(), source.theirs.clone())).collect()
        };
        let in_both = |mut all: BTreeMap<String, String>, more: BTreeMap<String, String>| {
            all.retain(|ours, theirs| more.get(ours) == Some(theirs));
            all
        };
        let map = files.map(of_file).reduce(in_both).unwrap_or_default();
        let mut mapping = Mapping { map, ..self.mapping.clone() };
        mapping.take(said);
        mapping
    }

    /// Whether a column is one that a mapping may name.
    fn can_map(&self, target: &str) -> bool {
        targets(self.process).any(|known| known == target)
    }

    /// The column of ours that a heading names loosely.
    fn known(&self, heading: &str) -> Option<&str> {
        let wanted = loosely(heading);
        let mut all = targets(self.process);
        let found = all.find(|name| loosely(name) == wanted)?;
        // Fields may differ in case alone.
        all.all(|name| name == found || loosely(name) != wanted).then_some(found)
    }

    /// The ids that the rows of a file give their deals.
    pub fn given<'s>(sheet: &'s Sheet, sources: &[Source]) -> impl Iterator<Item = Cow<'s, str>> {
        let column = source_of(sources, "id").map(|of| sources[of].column);
        let rows =
            column.map(|column| sheet.rows().flatten().filter_map(move |line| cell(line.text, column)));
        rows.into_iter().flatten().filter(|id| !id.is_empty())
    }

    /// Which column of the file fills which of ours: as mapped, else by the same name, else by one that is loosely the same;
    /// others are kept under theirs.
    ///
    /// Errors: columns that the file has not, or that we have not; two that are the same of ours.
    pub fn sources(&self, sheet: &Sheet) -> Result<Vec<Source>> {
        let mut sources: Vec<Source> = Vec::new();
        let headings: Vec<Cow<'_, str>> =
            sheet.columns().iter().map(|name| unguarded(Cow::Borrowed(name))).collect();
        for (target, name) in &self.mapping.map {
            let column = named(&headings, name).ok_or_else(|| {
                let error = Error::usage(format!("{} has no column `{name}`", sheet.file()));
                let near = nearest(name, headings.iter().map(|heading| &**heading));
                error.suggest(near, format!("it has {}", headings.join(", ")))
            })?;
            if !self.can_map(target) {
                let error = Error::usage(format!("there is no column `{target}` to map `{name}` to"));
                let otherwise = format!("columns are {}; declare others under `fields:`", COLUMNS.join(", "));
                return Err(error.suggest(nearest(target, COLUMNS), otherwise));
            }
            sources.push(self.source(column, &headings[column], target));
        }
        let mapped = sources.len();
        for (column, name) in headings.iter().enumerate() {
            let mapped = &sources[..mapped];
            let is_mapped = mapped.iter().any(|source| source.column == column || source.target == *name);
            if is_mapped || name.trim().is_empty() {
                continue;
            }
            let is_free = |target: &&str| {
                !headings.iter().any(|heading| heading == target)
                    && !mapped.iter().any(|source| source.target == *target)
            };
            let target = self.known(name).filter(is_free).unwrap_or(name);
            if let Some(other) = sources.iter().find(|source| source.target == target) {
                let message =
                    format!("the column `{target}` stands twice, as `{}` and as `{name}`", other.theirs);
                let help =
                    format!("rename or remove one of the two, or say which it is: --map '{target}={name}'");
                let header = sheet.header().map(|header| sheet.at_cell(header, column, message.clone()));
                let problem = header.unwrap_or_else(|| Problem::error(sheet.file(), None, message));
                return Err(problem.help(help).into());
            }
            sources.push(self.source(column, name, target));
        }
        let required =
            self.process.fields.iter().filter(|field| field.required).map(|field| field.id.as_str());
        for name in std::iter::once("stage").chain(required) {
            if !sources.iter().any(|source| source.target == name) {
                let named = headings.iter().map(|name| &**name).filter(|name| !name.trim().is_empty());
                let named: Vec<&str> = named.take(COLUMNS_SHOWN).collect();
                let message = format!("{} has no column `{name}`, which every deal has", sheet.file());
                return Err(Error::usage(message).hint(format!(
                    "it has {}; say which one holds it: --map {}",
                    named.join(", "),
                    shell::assignment(name, "COLUMN")
                )));
            }
        }
        Ok(sources)
    }

    /// What stands before the decimals in a file: as the mapping says, else as all its amounts tell.
    ///
    /// Errors: they do not tell.
    pub fn mark(&self, file: &str, sheet: &Sheet, sources: &[Source]) -> Result<Mark> {
        if let Some(mark) = self.mapping.mark()? {
            return Ok(mark);
        }
        let is_amount = |source: &&Source| source.holds.is_amount();
        let numbers: Vec<usize> = sources.iter().filter(is_amount).map(|source| source.column).collect();
        if numbers.is_empty() {
            return Ok(Mark::Point);
        }
        let look = |run: &mut Run<'_>| {
            let (mut seen, mut row) = (numbers::Seen::default(), Vec::new());
            while let Some(line) = run.next_row() {
                // What is wrong with a row is said when it is read.
                if sheet.split_at(line, run.commas(), &mut row).is_ok() {
                    for column in &numbers {
                        seen.look(&row[*column]);
                    }
                }
            }
            seen
        };
        let seen = sheet.in_runs(look)?.into_iter().reduce(numbers::Seen::and).unwrap_or_default();
        seen.mark().map_err(|why| Error::usage(format!("{file}: {why}")).hint(SAY_WHICH))
    }

    fn source(&self, column: usize, theirs: &str, target: &str) -> Source {
        let (theirs, target, holds) = (theirs.to_owned(), target.to_owned(), holds(self.process, target));
        Source { column, theirs, target, holds }
    }

    /// Makes sure that the mapping names stages.
    fn check_stages(&self) -> Result<()> {
        let named = |(_, stage): &(&String, &String)| !stage.is_empty() && self.process.find(stage).is_none();
        let Some((word, stage)) = self.mapping.stages.iter().find(named) else { return Ok(()) };
        let ids: Vec<&str> = self.process.stages.iter().map(|stage| stage.id.as_str()).collect();
        let error = Error::not_found(format!("there is no stage `{stage}` to map `{word}` to"));
        let near = nearest(stage, ids.iter().copied());
        Err(error.suggest(near, format!("stages are {}", ids.join(", "))))
    }

    /// What a cell of the file means here, beside what its row says of the currency; the message and the help where it means
    /// nothing.
    fn cell<'t>(
        &self,
        source: &Source,
        amounts: Amounts,
        currency: &str,
        words: &mut Vocabulary,
        text: Cow<'t, str>,
    ) -> Result<Cow<'t, str>, Unread> {
        let mapping = self.mapping;
        let cell = match &source.holds {
            Holds::Stage => return met(&mut words.stages, text, |word| self.stage(source, word)),
            // It is numbered, as where the file has no ids at all.
            Holds::Id if text.is_empty() => return Ok(text),
            _ if text.is_empty() => text,
            Holds::Currency => {
                return met(&mut words.currencies, text, |word| {
                    let mapped =
                        || format!("say which one it is: --currency {}", shell::assignment(word, "EUR"));
                    let unknown = || (format!("`{word}` is no currency"), Some(mapped()));
                    mapping.currency(word).map(|currency| currency.code().to_owned()).ok_or_else(unknown)
                });
            }
            Holds::Field(FieldType::Date) => return self.date(text),
            _ if source.target == "owner" => met(&mut words.owners, text, |word| {
                Ok(Mapping::of(&mapping.owners, word).unwrap_or(word).to_owned())
            })?,
            holds if holds.is_amount() => return self.number(source, amounts, currency, text),
            // `12,5%` in a file that writes amounts so.
            Holds::Probability if amounts == Amounts::With(Mark::Comma) => Cow::Owned(text.replace(',', ".")),
            Holds::Id | Holds::Field(FieldType::Text) => text,
            holds => match as_cell(self.process, holds, self.today, &text) {
                same if same == *text => text,
                other => Cow::Owned(other),
            },
        };
        self.check(source, &cell)?;
        Ok(cell)
    }

    /// The stage that a word of the file names.
    fn stage(&self, source: &Source, word: &str) -> Result<String, Unread> {
        let named = Mapping::of(&self.mapping.stages, word).unwrap_or(word);
        let cell = as_cell(self.process, &source.holds, self.today, named);
        let mapped = if word.is_empty() {
            "fill it in, or leave the row out".to_owned()
        } else {
            format!("map it to a stage with --stage {}", shell::assignment(word, "STAGE"))
        };
        self.check(source, &cell).map_err(|(message, _)| (message, Some(mapped)))?;
        // A deleted deal never was one, so none comes from elsewhere.
        if self.process.find(&cell).is_none() {
            let message = format!("`{cell}` is no stage that a deal can come in with");
            return Err((message, Some("leave the row out".to_owned())));
        }
        Ok(cell)
    }

    fn check(&self, source: &Source, cell: &str) -> Result<(), Unread> {
        if cell.is_empty() && self.process.field(&source.target).is_some_and(|field| field.required) {
            let help = "fill it in, or leave the row out".to_owned();
            return Err(("this process requires it".to_owned(), Some(help)));
        }
        source.holds.check(self.process, cell).map_err(|unfit| (unfit.message, unfit.help))
    }

    fn number<'t>(
        &self,
        source: &Source,
        amounts: Amounts,
        of_deal: &str,
        text: Cow<'t, str>,
    ) -> Result<Cow<'t, str>, Unread> {
        if is_whole(&text) {
            return Ok(text);
        }
        let mark = match amounts {
            Amounts::Plain => Mark::Point,
            Amounts::With(mark) => mark,
        };
        // So most are written, and it is the shorter way.
        let plain = if mark == Mark::Point { parse_amount(&text) } else { None };
        if let Some(amount) = plain {
            return Ok(Cow::Owned(amount.normalize().to_string()));
        }
        match numbers::read(&text, mark) {
            Some(Amount { amount, unit }) => match self.currency_of(of_deal) {
                Some(currency) if unit.is_some_and(|unit| !self.mapping.unit(unit).fits(currency)) => {
                    let message = format!("`{text}` is not in {}, the currency of the deal", currency.code());
                    Err((message, unit.map(Unit::help)))
                }
                _ => Ok(Cow::Owned(amount.to_string())),
            },
            None if amounts == Amounts::With(mark) && numbers::read(&text, mark.other()).is_some() => {
                let (word, other) = (mark.word(), mark.other().word());
                let help = format!(
                    "every amount of the file has to be written so: mend it, or say --decimal {other}"
                );
                Err((format!("`{text}` is no amount with a decimal {word}"), Some(help)))
            }
            None => match self.check(source, &text) {
                Err((message, _)) if mark == Mark::Comma => {
                    Err((message, Some("write digits, with a comma before the decimals".to_owned())))
                }
                Err(unread) => Err(unread),
                Ok(()) => Err((format!("`{text}` is no amount"), None)),
            },
        }
    }

    /// The currency of a deal whose cell for it says a word: the folder's where it is empty, `None` where it is no currency.
    fn currency_of(&self, word: &str) -> Option<Currency> {
        if word.is_empty() { Some(self.process.currency) } else { self.mapping.currency(word) }
    }

    fn date<'t>(&self, text: Cow<'t, str>) -> Result<Cow<'t, str>, Unread> {
        let zone = self.process.zone;
        let read = |order| read_date(&text, order, zone).map(|moment| Cow::Owned(moment.cell()));
        let or_counted = |help: &str| Some(if is_count(&text) { COUNTED } else { help }.to_owned());
        let so = || or_counted("every date of the file has to be written so: mend it, or change --dates");
        match &self.mapping.dates {
            Some(form) => match Order::named(form) {
                Some(order) => read(Some(order))
                    .ok_or_else(|| (format!("`{text}` is no date with the order {}", order.word()), so())),
                None => Day::parse_from_str(&text, form)
                    .ok()
                    .filter(|day| parse_day(&day.to_string()) == Some(*day))
                    .map(|day| Cow::Owned(day.to_string()))
                    .ok_or_else(|| (format!("`{text}` is no date as {form}"), so())),
            },
            None if is_moment(&text) => Ok(text),
            None => {
                // With the year first there is only one way to read it, a time behind it or not.
                let year_first = matches!(text.as_bytes().get(4), Some(b'-' | b'/'));
                year_first.then(|| read(None)).flatten().ok_or_else(|| {
                    let help = "say how the file writes dates: --dates dmy, --dates mdy, or a form such as \
                                --dates %m/%d/%Y";
                    (format!("`{text}` is no date as 2026-07-14"), or_counted(help))
                })
            }
        }
    }
}

/// Whether an amount needs no second look: digits as we write them.
fn is_whole(text: &str) -> bool {
    (1..=15).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{SEVEN_STAGES, read};

    struct Elsewhere;

    impl Others for Elsewhere {
        fn taken(&self, id: &str) -> Option<String> {
            (id == "taken").then(|| "in this pipeline".to_owned())
        }
        fn told(&self, source_id: &str) -> Option<String> {
            (source_id == "S9").then(|| "in other.csv".to_owned())
        }
        fn known(&self, source_id: &str) -> bool {
            source_id == "S1"
        }
    }

    #[test]
    fn headings_are_known_but_for_case_and_blanks() {
        let process = read("pipeline.yaml", SEVEN_STAGES).unwrap();
        let taken = |header: &str, map: &[(&str, &str)]| {
            let map = map.iter().map(|(ours, theirs)| ((*ours).to_owned(), (*theirs).to_owned())).collect();
            let mapping = Mapping { map, ..Mapping::default() };
            let today = parse_day("2026-11-24").unwrap();
            let import = Import { process: &process, mapping: &mapping, today };
            let sheet = Sheet::parse("a.csv", format!("{header}\n").into_bytes()).unwrap();
            let sources = import.sources(&sheet).map_err(|error| error.to_string())?;
            let name = |source: &Source| format!("{}>{}", source.theirs, source.target);
            Ok::<String, String>(sources.iter().map(name).collect::<Vec<_>>().join(","))
        };
        for (header, map, sources) in [
            ("Name, STAGE ,Budget,Hue", &[][..], "Name>name, STAGE >stage,Budget>budget,Hue>Hue"),
            // What is exact or mapped leaves the others as they are.
            ("Stage,stage", &[], "Stage>Stage,stage>stage"),
            ("Stage,Close Date,NEXT step", &[], "Stage>stage,Close Date>close_date,NEXT step>next_step"),
            ("Deal Phase,Stage", &[("stage", "deal phase")], "Deal Phase>stage,Stage>Stage"),
            ("PHASE,Phase,Stage", &[("source", "Phase")], "Phase>source,PHASE>PHASE,Stage>stage"),
            ("Stage,Phase,STAGE", &[("stage", "Phase")], "Phase>stage,Stage>Stage,STAGE>STAGE"),
            ("stage,Phase", &[("stage", "Phase")], "Phase>stage"),
            ("stage,'@rank,'t", &[("source", "@rank")], "@rank>source,stage>stage,'t>'t"),
            ("stage,'@rank", &[], "stage>stage,@rank>@rank"),
        ] {
            assert_eq!(taken(header, map).as_deref(), Ok(sources), "{header}");
        }
        for (header, twice) in [
            ("Stage,name,STAGE", "a.csv:1:12: the column `stage` stands twice, as `Stage` and as `STAGE`"),
            ("stage,=x,'=x", "a.csv:1:10: the column `=x` stands twice, as `=x` and as `=x`"),
        ] {
            assert_eq!(taken(header, &[]).unwrap_err(), twice);
        }
        let unclear = taken("PHASE,Phase,stage", &[("source", "phase")]).unwrap_err();
        assert_eq!(unclear, "a.csv has no column `phase`");
        assert!(taken("name,Phase", &[]).unwrap_err().contains("has no column `stage`"));
    }

    #[test]
    fn what_is_wrong_is_told_in_the_order_of_the_rows() {
        let process = read("pipeline.yaml", SEVEN_STAGES).unwrap();
        let mapping = Mapping::default();
        let import = Import { process: &process, mapping: &mapping, today: parse_day("2026-11-24").unwrap() };
        let text = "id,source_id,name,stage,value\n\
                    a,S1,A,needs,1\n\
                    b,S2,B,nowhere,much\n\
                    a,S3,A again,needs,\n\
                    a,S1,Known,needs,\n\
                    d,\"S2\",D,won,\n\
                    e\n\
                    taken,,F,needs,\n\
                    g,,G,needs,x\n\
                    h,S9,H,needs,\n";
        let sheet = Sheet::parse("deals.csv", text.as_bytes().to_vec()).unwrap();
        let sources = import.sources(&sheet).unwrap();
        let mut given = Vec::new();
        let each = |deal: &Deal<'_>| {
            given.push((deal.id.to_owned(), deal.known));
            Ok(())
        };
        let mut words = Vocabulary::default();
        let problems = import.read(&sheet, (&sources, Amounts::Plain), &mut words, &Elsewhere, each).unwrap();
        // As long as nothing is wrong.
        assert_eq!(given, [("a".to_owned(), true)]);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let told: Vec<&str> = told.iter().map(|line| line.strip_prefix("deals.csv:").unwrap()).collect();
        // A known deal's id is not taken from the file, so the third row is the first of its id.
        assert_eq!(
            told,
            [
                "3:8: stage: `nowhere` is no stage of this process",
                "3:16: value: `much` is no amount",
                "5:3: the source_id `S1` stands on line 2 already",
                "6:3: the source_id `S2` stands on line 3 already",
                "7:1: this row has 1 cell, the header has 5",
                "8:1: there is a deal `taken` in this pipeline already",
                "9:12: value: `x` is no amount",
                "10:3: the source_id `S9` stands in other.csv already",
            ]
        );
        let stages = words.said().stages;
        let stages: Vec<&str> = stages.iter().map(|(theirs, ..)| theirs.as_str()).collect();
        assert_eq!(stages, ["needs", "nowhere", "won"]);
    }
}
