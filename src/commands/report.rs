//! `pipeline report`: the figures.

use clap::Args;

use super::context::Context;
use super::options::Reading;
use super::terms::parse;
use crate::deal::book::Book;
use crate::deal::journey::Journeys;
use crate::deal::money::NoRate;
use crate::deal::past::Past;
use crate::deal::period::{FORMS, Period, Unit};
use crate::deal::time::{Cut, Instant, parse_day};
use crate::error::{Error, Result};
use crate::folder::load::{load, skipped_note};
use crate::folder::{Folder, Need};
use crate::metrics::figures::Note;
use crate::metrics::question::{By, Question};
use crate::metrics::{REPORTS, Report as Definition};
use crate::problem::nearest;
use crate::process::{Process, StageIndex};
use crate::query::sight::{Deal, Sight};
use crate::query::{Query, Value};

/// The period of a report where none is asked for.
const PERIOD: &str = "90d";

/// The fields whose value at the as-of day every report needs.
const FIELDS: [&str; 4] = ["value", "currency", "probability", "owner"];

/// Report on conversion, size, velocity; without a name, the summary
///
/// Reports: summary, conversion, funnel, size, velocity. Terms pick the deals by their fields on the as-of day.
/// What each figure means is defined in docs/metrics.md.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline report
  pipeline report velocity --period 2026-Q3
  pipeline report conversion --period 'last quarter' --by owner
  pipeline report size source=referral --by month -f csv
  pipeline report funnel --as-of 2026-06-30 -f json

Periods: 2026, 2026-Q3, 2026-07, 2026-W31, 2026-07-14, 2026-07-01..2026-09-30,
90d, this|last week|month|quarter|year.")]
pub(super) struct Report {
    /// The report, then terms that pick deals
    #[arg(value_name = "NAME TERMS")]
    words: Vec<String>,
    /// The period [default: 90d, the last 90 days]
    #[arg(long)]
    period: Option<String>,
    /// Split by a field, team, stage, size, week, month, quarter or year; two at the most
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    by: Vec<String>,
    /// As it was at the end of this day
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,
    /// Only this table of the report
    #[arg(long, value_name = "TABLE")]
    section: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Report {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let (report, terms) = self.named()?;
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let cut = clock.cut(self.as_of.as_deref())?;
        let files = folder.read(Need::History)?;
        let sight = Sight::new(process, files.deals.columns(), clock.today);
        let query = parse(&folder, terms, &sight)?;
        let fields = fields(&sight, &query, &self.by)?;
        let by = bys(report, &self.by, &fields)?;
        let period = self.period(process, cut)?;
        let loaded = load(process, &files.deals, &files.history, &fields, Context::unsound(&self.reading))?;
        let rates = folder.rates()?;
        let asked = Asked { book: &loaded.book, sight: &sight, query: &query };
        let journeys = Journeys::at(process, &loaded.book, cut);
        let before = if report.compares { earlier(process, &period, cut) } else { None };
        let journeys_before = before.as_ref().map(|(_, cut)| Journeys::at(process, &loaded.book, *cut));
        let question = |journeys, period, before| Question {
            process,
            book: &loaded.book,
            journeys,
            picked: asked.picked(journeys),
            rates: &rates,
            period,
            by: by.clone(),
            before,
        };
        let previous = match (before, &journeys_before) {
            (Some((period, _)), Some(journeys)) => Some(question(journeys, period, None)),
            _ => None,
        };
        let question = question(&journeys, period, previous.as_ref());
        let mut figures = (report.run)(&question).map_err(|missing| no_rate(&folder, &missing))?;
        if loaded.skipped > 0 {
            let text = skipped_note(loaded.skipped);
            figures.notes.push(Note { code: "rows_skipped", text, deals: None });
        }
        context.show(process, &figures, self.section.as_deref())
    }

    /// The report that the first word names, and the terms after it; the summary where it is a term.
    fn named(&self) -> Result<(&'static Definition, &[String])> {
        let named = |name: &str| REPORTS.iter().find(|report| report.name == name);
        let Some(first) = self.words.first() else { return Ok((&REPORTS[0], &[])) };
        if let Some(report) = named(first) {
            return Ok((report, &self.words[1..]));
        }
        if first.chars().all(|c| c.is_alphanumeric() || c == '-') {
            let known: Vec<&str> = REPORTS.iter().map(|report| report.name).collect();
            let error = Error::usage(format!("there is no report `{first}`"));
            return Err(match nearest(first, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!(
                    "reports are {}; to search for a word, name the report first: pipeline report summary {first}",
                    known.join(", ")
                )),
            });
        }
        Ok((&REPORTS[0], &self.words))
    }

    fn period(&self, process: &Process, cut: Cut) -> Result<Period> {
        let text = self.period.as_deref().unwrap_or(PERIOD);
        let period = process.calendar(cut.day(process.zone)).period(text);
        period.ok_or_else(|| {
            if let Some((first, last)) = text.split_once("..").filter(|(first, last)| backwards(first, last))
            {
                return Error::usage(format!("`{text}` runs backwards"))
                    .hint(format!("write {last}..{first}"));
            }
            Error::usage(format!("`{text}` is no period")).hint(format!("periods are {FORMS}"))
        })
    }
}

/// The columns that a report has to know at the as-of day: its own, those of the terms, those of the groups.
fn fields(sight: &Sight<'_>, query: &Query, by: &[String]) -> Result<Vec<String>> {
    let mut fields: Vec<String> = FIELDS.map(str::to_owned).into();
    let mut add = |name: &str| {
        if !fields.iter().any(|field| field == name) {
            fields.push(name.to_owned());
        }
    };
    for column in sight.columns(&query.fields()) {
        add(column);
    }
    let known = || sight.dictionary().fields.iter().map(|field| field.name.as_str()).chain(["size"]);
    for name in by.iter().filter(|name| Unit::named(name).is_none()) {
        if !known().any(|known| known == name) {
            let error = Error::usage(format!("figures cannot be split by `{name}`: there is no such field"));
            return Err(match nearest(name, known().chain(["week", "month", "quarter", "year"])) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => {
                    error.hint("split by a column, or by team, stage, size, week, month, quarter or year")
                }
            });
        }
        if name != "team" && sight.field(name).is_some_and(|field| sight.is_derived(field)) {
            return Err(Error::usage(format!("figures cannot be split by `{name}`: it is worked out"))
                .hint("pick deals by it with terms, and split by a column, team, stage or size"));
        }
        if name != "team" && name != "size" {
            add(name);
        }
    }
    Ok(fields)
}

fn bys(report: &Definition, by: &[String], fields: &[String]) -> Result<Vec<By>> {
    if by.len() > 2 {
        return Err(Error::usage("figures can be split by two things at the most"));
    }
    if !by.is_empty() && !report.splits {
        return Err(Error::usage(format!("the {} is not split", report.name))
            .hint("name a report: pipeline report conversion --by owner"));
    }
    let place = |name: &str| fields.iter().position(|field| field == name).unwrap_or_default();
    by.iter()
        .map(|name| match (name.as_str(), Unit::named(name)) {
            (_, Some(unit)) => Ok(By::Time(unit)),
            ("stage", _) => Ok(By::Stage),
            ("team", _) => Ok(By::Team(place("owner"))),
            ("size", _) if report.name == "size" => Ok(By::Size(Vec::new())),
            ("size", _) => Err(Error::usage("only `report size` can be split by size")),
            (name, _) => Ok(By::Field(name.to_owned(), place(name))),
        })
        .collect()
}

/// Whether two days stand the wrong way round.
fn backwards(first: &str, last: &str) -> bool {
    matches!((parse_day(first), parse_day(last)), (Some(first), Some(last)) if first > last)
}

/// The period of equal length just before, and its as-of instant: as long after its start as ours is (metrics §1).
fn earlier(process: &Process, period: &Period, cut: Cut) -> Option<(Period, Cut)> {
    let previous = period.previous()?;
    let shifted = cut.shifted(process.zone, period.start(process.zone), previous.start(process.zone));
    Some((previous, shifted))
}

fn no_rate(folder: &Folder, missing: &NoRate) -> Error {
    let currency = missing.currency;
    Error::failed(format!("no rate for {currency} on {} in {}", missing.day, folder.root().display())).hint(
        format!(
            "add one to pipeline.yaml, such as `rates: {{{currency}: 1.08}}`, or a line to the rates file"
        ),
    )
}

/// Which deals the terms pick.
struct Asked<'a> {
    book: &'a Book<'a>,
    sight: &'a Sight<'a>,
    query: &'a Query,
}

impl Asked<'_> {
    /// The positions among the journeys of the deals that the terms find, by their fields at `t`.
    fn picked(&self, journeys: &Journeys<'_>) -> Vec<usize> {
        if self.query.is_everything() {
            return (0..journeys.len()).collect();
        }
        let fields = self.sight.dictionary().fields.iter();
        let places = fields
            .map(|field| match field.name.as_str() {
                "stage" => Place::Stage,
                "stage_since" => Place::Since,
                "closed" => Place::Closed,
                name => {
                    let place = self.book.fields().iter().position(|field| field == name);
                    place.map_or(Place::Nowhere, Place::Field)
                }
            })
            .collect::<Vec<_>>();
        let then = Then { asked: self, journeys, places: &places, deal: 0 };
        let finds = |deal: &usize| self.query.matches(&self.sight.of(&Then { deal: *deal, ..then }));
        (0..journeys.len()).filter(finds).collect()
    }
}

/// Where the field of a deal at `t` is to be had.
#[derive(Clone, Copy)]
enum Place {
    Stage,
    Since,
    Closed,
    /// Among the fields of the book.
    Field(usize),
    Nowhere,
}

/// A deal at `t`, as terms see it.
#[derive(Clone, Copy)]
struct Then<'a> {
    asked: &'a Asked<'a>,
    journeys: &'a Journeys<'a>,
    /// Where each field of the dictionary is.
    places: &'a [Place],
    deal: usize,
}

impl Deal for Then<'_> {
    fn stage(&self) -> StageIndex {
        self.journeys.stays(self.deal).last().map_or(StageIndex::UNKNOWN, |stay| stay.stage)
    }
    fn cell(&self, field: usize) -> Value<'_> {
        let zone = self.asked.sight.process().zone;
        let dated = |at: Option<Instant>| at.map_or(Value::Empty, |at| Value::Day(zone.day_of(at)));
        match self.places[field] {
            Place::Stage => Value::Stage(self.stage()),
            Place::Since => dated(self.entered()),
            Place::Closed => dated(self.closed()),
            Place::Field(place) => Value::Text(self.journeys.field(place, self.deal).into()),
            Place::Nowhere => Value::Empty,
        }
    }
    fn created(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].created
    }
    fn entered(&self) -> Option<Instant> {
        let last = self.journeys.stays(self.deal).last();
        last.map(|stay| stay.entered).filter(|at| *at != Instant::ALWAYS)
    }
    fn closed(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].end.and_then(|end| end.at)
    }
    fn until(&self) -> Instant {
        self.journeys.cut.at
    }
    fn past(&self) -> Past {
        let deal = self.journeys.deals[self.deal].deal as usize;
        self.asked.book.past(deal, self.asked.sight.process(), self.journeys.cut)
    }
}
