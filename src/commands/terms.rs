//! Terms as typed, read against the columns of a folder; and the rows of deals.csv as terms see them.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::context::Clock;
use crate::deal::book::TOUCHES;
use crate::deal::journey::Journeys;
use crate::deal::money::NoRate;
use crate::deal::past::Past;
use crate::deal::record::Record;
use crate::deal::standing::Standing;
use crate::deal::time::{Cut, Instant};
use crate::error::{Error, Result};
use crate::folder::deal_rows::{Looked, required};
use crate::folder::load::{Unsound, load};
use crate::folder::sheet::{Line, Sheet};
use crate::folder::{Files, Folder, Need};
use crate::metrics::ground::Ground;
use crate::metrics::stalled::Limits;
use crate::problem::Problem;
use crate::process::{Lang, Process, RateSource, StageIndex, place_of_terms};
use crate::query::sight::{Deal, Misstated, Sight};
use crate::query::{self, Query, Value};

/// The columns that the past of a deal is told from.
const PAST: [&str; 2] = ["close_date", TOUCHES];

/// Reads terms.
///
/// Errors: they are not understood; a score that they ask for is not, with its place in pipeline.yaml.
pub(super) fn parse(folder: &Folder, terms: &[String], sight: &Sight<'_>) -> Result<Query> {
    let query = query::parse(terms, sight.dictionary()).map_err(Error::Terms)?;
    sight.understood(&query.fields()).map_err(|wrong| misstated(folder, wrong))?;
    Ok(query)
}

/// Terms of pipeline.yaml that were not understood, as an error.
pub(super) fn misstated(folder: &Folder, wrong: Vec<Misstated>) -> Error {
    Error::Unsound(problems(folder, wrong))
}

/// Terms of pipeline.yaml that were not understood, each with its place, once.
pub(super) fn problems(folder: &Folder, wrong: Vec<Misstated>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for Misstated { stated, terms, flaw } in wrong {
        // A flaw of a view that these terms name has its own place.
        let whole = 0..terms.len();
        let within = if flaw.text == terms { flaw.start..flaw.end } else { whole };
        let place = place_of_terms(folder.process_text(), stated, &terms, within);
        let problem =
            Problem { help: flaw.help, ..Problem::error(folder.process_file(), place, flaw.message) };
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    problems
}

/// What is asked of the deals of a folder as they stand now.
#[derive(Debug)]
pub(super) struct Asked<'p> {
    pub(super) sight: Sight<'p>,
    pub(super) query: Query,
    now: Instant,
    /// Whether history has to tell something.
    past: bool,
}

impl<'p> Asked<'p> {
    /// Reads the files that are needed anyhow, and history where the terms or the fields `names` ask for what it alone
    /// tells.
    pub(super) fn read(
        folder: &'p Folder,
        mut need: Need,
        terms: &[String],
        names: &[String],
        clock: &Clock,
    ) -> Result<(Asked<'p>, Files)> {
        loop {
            let files = folder.read(need)?;
            let asked = Asked::of(folder, &files.deals, terms, names, clock)?;
            if !asked.past || need == Need::History {
                return Ok((asked, files));
            }
            need = Need::History;
        }
    }

    /// As [`Asked::read`], but keeps only the rows that the terms find. `None` where the whole file has to be read.
    pub(super) fn sifted(
        folder: &'p Folder,
        terms: &[String],
        names: &[String],
        clock: &Clock,
    ) -> Result<Option<(Asked<'p>, Files)>> {
        let Some(sieve) = folder.sieve() else { return Ok(None) };
        let asked = Asked::of(folder, sieve.head(), terms, names, clock)?;
        let Some(column) =
            sieve.head().column("stage").filter(|_| !asked.past && !asked.query.is_everything())
        else {
            return Ok(None);
        };
        let deals = sieve.keep(|cells| {
            asked.sight.process().lookup(&cells[column]).is_some_and(|stage| {
                let today = asked.today(stage, cells, Past::default());
                stage != StageIndex::DELETED && asked.query.matches(&asked.sight.of(&today))
            })
        });
        Ok(deals.map(|deals| (asked, Files::of_deals(deals))))
    }

    /// What is asked of deals that were read already, with history where it may be needed.
    pub(super) fn of(
        folder: &'p Folder,
        deals: &Sheet,
        terms: &[String],
        names: &[String],
        clock: &Clock,
    ) -> Result<Asked<'p>> {
        let sight = Sight::new(folder.process(), deals.columns(), clock.today);
        let query = parse(folder, terms, &sight)?;
        let mut fields = query.fields();
        fields.extend(names.iter().filter_map(|name| sight.field(name)));
        sight.understood(&fields).map_err(|wrong| misstated(folder, wrong))?;
        let past = sight.needs_past(&fields);
        Ok(Asked { sight, query, now: clock.now, past })
    }

    /// What history tells of one deal, where something asks for it.
    pub(super) fn past_of(&self, files: &Files, deal: &str, unsound: Unsound) -> Result<Past> {
        Ok(self.pasts(files, unsound)?.get(deal).copied().unwrap_or_default())
    }

    fn pasts(&self, files: &Files, unsound: Unsound) -> Result<FxHashMap<String, Past>> {
        if !self.past {
            return Ok(FxHashMap::default());
        }
        pasts(self.sight.process(), &files.deals, &files.history, unsound)
    }

    /// A deal that was found, as terms see it.
    pub(super) fn seen<'a>(&'a self, row: &'a Row<'_>) -> Today<'a> {
        self.today(row.stage, row.record.row(), row.past)
    }

    /// A deal that was found, read.
    pub(super) fn standing<'r>(&self, row: &'r Row<'_>) -> Standing<'r> {
        Standing::of(self.sight.process(), &row.record, row.stage, row.past)
    }

    /// A deal as its row stands.
    fn today<'a>(&'a self, stage: StageIndex, cells: &'a [Cow<'a, str>], past: Past) -> Today<'a> {
        Today { sight: &self.sight, cells, stage, past, now: self.now }
    }

    /// The deals of the files that the terms find; deleted ones never.
    ///
    /// Errors: every unsound row at once, unless they are to be left out.
    pub(super) fn found<'a>(&'a self, files: &'a Files, unsound: Unsound) -> Result<Found<'a>> {
        self.found_in(files, unsound, |stage| stage != StageIndex::DELETED)
    }

    /// The open deals among those that the terms find.
    ///
    /// Errors: as of [`Asked::found`].
    pub(super) fn found_open<'a>(&'a self, files: &'a Files, unsound: Unsound) -> Result<Found<'a>> {
        self.found_in(files, unsound, |stage| self.sight.process().is_open(stage))
    }

    fn found_in<'a>(
        &'a self,
        files: &'a Files,
        unsound: Unsound,
        wanted: impl Fn(StageIndex) -> bool + Sync,
    ) -> Result<Found<'a>> {
        let hits = self.hits_in(files, unsound, wanted)?;
        let deals = hits.rows.iter().map(|hit| hit.read(files)).collect();
        Ok(Found { deals, skipped: hits.skipped })
    }

    /// As [`Asked::found`], of a listing that may be long: the rows are not kept taken apart.
    pub(super) fn hits<'a>(&self, files: &'a Files, unsound: Unsound) -> Result<Hits<'a>> {
        self.hits_in(files, unsound, |stage| stage != StageIndex::DELETED)
    }

    fn hits_in<'a>(
        &self,
        files: &'a Files,
        unsound: Unsound,
        wanted: impl Fn(StageIndex) -> bool + Sync,
    ) -> Result<Hits<'a>> {
        let sheet = &files.deals;
        let pasts = self.pasts(files, unsound)?;
        let Some(required) = required(sheet)? else { return Ok(Hits::default()) };
        let process = self.sight.process();
        let each = |line: Line<'a>, cells: &mut [Cow<'a, str>], hits: &mut Vec<Hit<'a>>| {
            let Some(stage) = process.lookup(&cells[required.stage]) else { return };
            let past = pasts.get(&*cells[required.id]).copied().unwrap_or_default();
            if wanted(stage) && self.query.matches(&self.sight.of(&self.today(stage, cells, past))) {
                hits.push(Hit { line, stage, past });
            }
        };
        let mut looked = Looked::of(sheet, required.id, sheet.text().len() as u64);
        let made = looked.look(process, sheet, required, |_| Vec::new(), each)?;
        let wrong = looked.wrong;
        let skipped = wrong.len();
        if unsound == Unsound::Refuse && skipped > 0 {
            return Err(wrong.into_values().flatten().collect::<Vec<_>>().into());
        }
        let mut rows: Vec<Hit<'a>> = made.into_iter().flatten().collect();
        if skipped > 0 {
            rows.retain(|hit| !wrong.contains_key(&hit.line.start));
        }
        Ok(Hits { rows, skipped })
    }
}

/// What history tells of every deal, by id: all of it, as the cells of today are all of it.
pub(super) fn pasts(
    process: &Process,
    deals: &Sheet,
    history: &Sheet,
    unsound: Unsound,
) -> Result<FxHashMap<String, Past>> {
    let loaded = load(process, deals, history, &PAST.map(str::to_owned), unsound)?;
    let book = &loaded.book;
    let told = |deal| (book.id(deal).to_owned(), book.past(deal, process, Cut::END));
    Ok((0..book.len()).map(told).collect())
}

/// A row that terms found, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'a> {
    line: Line<'a>,
    stage: StageIndex,
    past: Past,
}

impl<'a> Hit<'a> {
    /// The row taken apart.
    pub(super) fn read(&self, files: &'a Files) -> Row<'a> {
        let mut cells = Vec::new();
        // It was split when it was found.
        let _ = files.deals.split(self.line, &mut cells);
        Row { stage: self.stage, record: Record::new(files.deals.columns(), cells), past: self.past }
    }
}

/// Rows that terms found, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Hits<'a> {
    pub(super) rows: Vec<Hit<'a>>,
    /// How many unsound rows were left out.
    pub(super) skipped: usize,
}

/// A deal that terms found: its row.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) stage: StageIndex,
    pub(super) record: Record<'a>,
    pub(super) past: Past,
}

/// Deals that terms find, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) deals: Vec<Row<'a>>,
    /// How many unsound rows were left out.
    pub(super) skipped: usize,
}

/// A row of deals.csv as terms see it.
#[derive(Debug)]
pub(super) struct Today<'a> {
    sight: &'a Sight<'a>,
    cells: &'a [Cow<'a, str>],
    stage: StageIndex,
    past: Past,
    now: Instant,
}

impl Today<'_> {
    fn moment(&self, name: &str) -> Option<Instant> {
        // The columns of the file are the first fields of its dictionary.
        let cell = self.cells.get(self.sight.field(name)?)?;
        self.sight.process().zone.parse_moment(cell)
    }
}

impl Deal for Today<'_> {
    fn stage(&self) -> StageIndex {
        self.stage
    }
    fn cell(&self, field: usize) -> Value<'_> {
        self.cells.get(field).map_or(Value::Empty, |cell| Value::Text(Cow::Borrowed(cell)))
    }
    fn created(&self) -> Option<Instant> {
        self.moment("created")
    }
    fn entered(&self) -> Option<Instant> {
        self.moment("stage_since")
    }
    fn closed(&self) -> Option<Instant> {
        self.moment("closed")
    }
    fn until(&self) -> Instant {
        self.now
    }
    fn past(&self) -> Past {
        self.past
    }
}

/// What is the same for all deals of a folder today. Where the process does not say how long is too long in a stage, the
/// files must hold history, since all deals so far do.
pub(super) fn ground<'p>(
    folder: &'p Folder,
    files: &Files,
    lang: Lang,
    clock: &Clock,
    unsound: Unsound,
) -> Result<Ground<'p>> {
    let process = folder.process();
    let limits = limits(process, files, clock, unsound)?;
    Ok(Ground { process, lang, limits, rates: folder.rates()?, now: clock.now, today: clock.today })
}

fn limits(process: &Process, files: &Files, clock: &Clock, unsound: Unsound) -> Result<Limits> {
    if Limits::are_stated(process) {
        return Ok(Limits::stated(process));
    }
    let loaded = load(process, &files.deals, &files.history, &[], unsound)?;
    let journeys = Journeys::at(process, &loaded.book, clock.seen);
    Ok(Limits::usual(process, &journeys, 0..journeys.len(), clock.seen))
}

/// The error of a value without an exchange rate.
pub(super) fn no_rate(folder: &Folder, missing: &NoRate) -> Error {
    let rates = folder.rates().unwrap_or_default();
    let NoRate { currency, day } = missing;
    let root = folder.root().display();
    if *currency == folder.process().currency || rates.on(*currency, *day).is_some() {
        let message =
            format!("at the rates of {day} an amount is too large to be told in {currency} in {root}");
        return Error::failed(message).hint("look for a rate, or an amount, that is wrong by far");
    }
    let message = format!("no rate for {currency} on {day} in {root}{}", missing.but_later(&rates));
    Error::failed(message).hint(rate_to_add(folder, missing))
}

/// What to do where a currency has no exchange rate.
pub(super) fn rate_to_add(folder: &Folder, missing: &NoRate) -> String {
    let NoRate { currency, day } = missing;
    match &folder.process().rates {
        RateSource::File(name) => format!("add a line to {name}: {day},{currency},…"),
        RateSource::Fixed(_) => {
            format!("add one to {}, such as `rates: {{{currency}: 1.08}}`", folder.process_file())
        }
    }
}

/// The ids of the deals that terms find today.
///
/// Errors: the terms are blank, which is rather a variable that a script did not set than a wish to change every deal.
pub(super) fn deals_where(folder: &Folder, terms: &str, clock: &Clock) -> Result<Vec<String>> {
    if terms.trim().is_empty() {
        let error = Error::usage("--where has no terms, which would be every deal, closed ones too");
        return Err(error.hint("name some, such as --where 'status=open owner=ana'"));
    }
    let (asked, files) = Asked::read(folder, Need::Deals, &[terms.to_owned()], &[], clock)?;
    let found = asked.found(&files, Unsound::Refuse)?;
    Ok(found.deals.into_iter().map(|row| row.record.id().to_owned()).collect())
}
