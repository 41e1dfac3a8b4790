//! What a report is asked: which deals, in which period, seen from when, split by what; and the words all metrics share.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::figures::{Cell, Note, Row, Scope};
use crate::deal::book::Book;
use crate::deal::columns::parse_probability;
use crate::deal::journey::{End, Journeys};
use crate::deal::money::{Currency, NoRate, Rates};
use crate::deal::period::{Calendar, Period, Unit};
use crate::deal::time::{Cut, Day, Instant, Zone};
use crate::process::{Outcome, Process, StageIndex};

/// What figures are split by (metrics §1, Filters and groups).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The value of a field at `t`: its name, and its position among the book's fields.
    Field(String, usize),
    /// The stage at `t`, in the order of the process.
    Stage,
    /// The team of the owner at `t`; the position of `owner` among the book's fields.
    Team(usize),
    /// A unit of time, of the date that decides membership.
    Time(Unit),
    /// The band that a deal's value falls in, between these bounds (metrics §3); `report size` finds them.
    Size(Vec<Decimal>),
}

impl By {
    /// The name of the group column.
    pub fn name(&self) -> &str {
        match self {
            By::Field(name, _) => name,
            By::Stage => "stage",
            By::Team(_) => "team",
            By::Time(Unit::Week) => "week",
            By::Time(Unit::Month) => "month",
            By::Time(Unit::Quarter) => "quarter",
            By::Time(Unit::Year) => "year",
            By::Size(_) => "size",
        }
    }
}

/// A report's question. All metrics are pure functions of it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The process.
    pub process: &'a Process,
    /// What the files say.
    pub book: &'a Book<'a>,
    /// The journeys as of `t`.
    pub journeys: &'a Journeys<'a>,
    /// The deals that the terms pick, as positions among the journeys.
    pub picked: Vec<usize>,
    /// Exchange rates into the reporting currency.
    pub rates: &'a Rates,
    /// The period.
    pub period: Period,
    /// What the figures are split by.
    pub by: Vec<By>,
    /// The same question of the period before, where the report compares.
    pub before: Option<&'a Question<'a>>,
}

/// A group's place in the order of groups, with its name.
type Key = Vec<(usize, String)>;

impl Question<'_> {
    /// The pipeline's time zone.
    pub fn zone(&self) -> Zone {
        self.process.zone
    }

    /// The first instant of the period.
    pub fn start(&self) -> Instant {
        self.period.start(self.zone())
    }

    /// `t`, the as-of instant.
    pub fn t(&self) -> Cut {
        self.journeys.cut
    }

    /// `e`: the earlier of `t` and the end of the period.
    pub fn e(&self) -> Cut {
        self.t().min(self.period.end(self.zone()))
    }

    /// Whether an instant lies in the flow of the period: from its start up to `e`.
    pub fn in_period(&self, at: Instant) -> bool {
        at >= self.start() && self.e().sees(at)
    }

    /// The elapsed days of the period up to `e`; none when it has not begun.
    pub fn elapsed_days(&self) -> Option<f64> {
        let days = self.zone().elapsed(self.start(), self.e().at);
        (days > 0.0).then_some(days)
    }

    /// How a deal ended at `t`.
    pub fn end(&self, deal: usize) -> Option<End> {
        self.journeys.deals[deal].end
    }

    /// Whether a deal ended so at `t`.
    pub fn ended(&self, deal: usize, outcome: Outcome) -> bool {
        self.end(deal).is_some_and(|end| end.outcome == outcome)
    }

    /// The picked deals that closed in the period, with how and when.
    pub fn closed_in_period(&self) -> impl Iterator<Item = (usize, Outcome, Instant)> + '_ {
        self.picked.iter().filter_map(|deal| {
            let end = self.end(*deal)?;
            let at = end.at.filter(|at| self.in_period(*at))?;
            Some((*deal, end.outcome, at))
        })
    }

    /// The picked deals that are open at `e`, with the stage they are in.
    pub fn open_at_e(&self) -> impl Iterator<Item = (usize, StageIndex)> + '_ {
        let e = self.e();
        self.picked.iter().filter_map(move |deal| {
            let stay = self.journeys.standing(*deal, e)?;
            self.process.is_open(stay.stage).then_some((*deal, stay.stage))
        })
    }

    /// The value of a closed deal in the reporting currency, at the rate of the day it closed.
    pub fn closed_value(&self, deal: usize) -> Result<Option<Decimal>, NoRate> {
        let at = self.end(deal).and_then(|end| end.at);
        self.value_on(deal, at.map_or_else(|| self.e().day(self.zone()), |at| self.zone().day_of(at)))
    }

    /// The value of an open deal in the reporting currency, at the rate of the day of `e`.
    pub fn open_value(&self, deal: usize) -> Result<Option<Decimal>, NoRate> {
        self.value_on(deal, self.e().day(self.zone()))
    }

    fn value_on(&self, deal: usize, day: Day) -> Result<Option<Decimal>, NoRate> {
        let Some((amount, currency)) = self.journeys.value(deal) else { return Ok(None) };
        self.rates.convert(amount, currency, self.process.currency, day).map(Some)
    }

    /// The chance that an open deal in `stage` is won: its own at `t`, else its stage's, else 0 (metrics §6).
    pub fn probability(&self, deal: usize, stage: StageIndex) -> Decimal {
        let field = self.book.fields().iter().position(|name| name == "probability");
        let own = field.and_then(|field| parse_probability(self.journeys.field(field, deal)));
        let of_stage = || self.process.stage(stage).and_then(|stage| stage.probability);
        own.or_else(of_stage).unwrap_or_default()
    }

    /// *Created* to *closed at*, in milliseconds of the wall clock; none where either is unknown (metrics §4).
    pub fn cycle_millis(&self, deal: usize) -> Option<i64> {
        let created = self.journeys.deals[deal].created?;
        let closed = self.end(deal)?.at?;
        Some(self.zone().elapsed_millis(created, closed))
    }

    /// The reporting currency.
    pub fn currency(&self) -> Currency {
        self.process.currency
    }

    /// An amount in the reporting currency over `n` deals.
    pub fn money(&self, amount: Option<Decimal>, n: usize) -> Cell {
        Cell::Money { amount, currency: self.currency(), n: Some(n as u64) }
    }

    /// What the figures are about.
    pub fn scope(&self) -> Scope {
        Scope {
            period: self.period.name.clone(),
            first: self.period.first,
            last: self.period.last,
            as_of: self.t().at,
            as_of_day: self.t().day(self.zone()),
            currency: self.currency(),
        }
    }

    /// The names of the group columns.
    pub fn group_columns(&self) -> Vec<String> {
        self.by.iter().map(|by| by.name().to_owned()).collect()
    }

    /// Whether the groups are by time, where a stock has no place.
    pub fn by_time(&self) -> bool {
        self.by.iter().any(|by| matches!(by, By::Time(_)))
    }

    fn calendar(&self) -> Calendar {
        self.process.calendar(self.period.last)
    }

    /// The group of a deal whose membership is decided at `when`; none for a stock in groups by time.
    fn key(&self, deal: usize, when: Option<Instant>) -> Option<Key> {
        self.by.iter().map(|by| self.key_part(by, deal, when)).collect()
    }

    fn key_part(&self, by: &By, deal: usize, when: Option<Instant>) -> Option<(usize, String)> {
        match by {
            By::Field(_, field) => Some(named(self.journeys.field(*field, deal))),
            By::Team(owner) => {
                Some(named(self.process.team_of(self.journeys.field(*owner, deal)).unwrap_or_default()))
            }
            By::Stage => {
                let stage = self.journeys.stays(deal).last().map_or(StageIndex::UNKNOWN, |stay| stay.stage);
                Some((stage.position(), self.process.stage_id(stage).to_owned()))
            }
            By::Size(bounds) => Some(self.band(bounds, deal)),
            By::Time(unit) => {
                let part = self.calendar().containing(*unit, self.zone().day_of(when?))?;
                Some((0, part.name))
            }
        }
    }

    /// The band of a deal's value, written as a range that terms understand; the last is of deals without a value.
    fn band(&self, bounds: &[Decimal], deal: usize) -> (usize, String) {
        let value = if self.end(deal).is_some() { self.closed_value(deal) } else { self.open_value(deal) };
        // A value without a rate has stopped the report before it came here.
        let Some(value) = value.ok().flatten() else { return (usize::MAX, String::new()) };
        let band = bounds.partition_point(|bound| *bound < value);
        let bound =
            |at: Option<&Decimal>| at.map(|amount| amount.normalize().to_string()).unwrap_or_default();
        let low = band.checked_sub(1).and_then(|at| bounds.get(at));
        (band, format!("{}..{}", bound(low), bound(bounds.get(band))))
    }

    /// The groups that are there although nothing may be in them: every unit of time that the period touches.
    fn standing_keys(&self) -> Vec<Key> {
        match &self.by[..] {
            [By::Time(unit)] => {
                let parts = self.calendar().split(&self.period, *unit);
                parts.into_iter().map(|part| vec![(0, part.name)]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What every report must say about the deals it looked at (metrics §1).
    pub fn notes(&self) -> Vec<Note> {
        let count =
            |test: &dyn Fn(usize) -> bool| self.picked.iter().filter(|deal| test(**deal)).count() as u64;
        let journey = |deal: usize| &self.journeys.deals[deal];
        let mut notes = Vec::new();
        let mut note = |code: &'static str, deals: u64, text: String| {
            if deals > 0 {
                notes.push(Note { code, text, deals: Some(deals) });
            }
        };
        let assumed = count(&|deal| journey(deal).assumed);
        note(
            "assumed_journeys",
            assumed,
            format!(
                "{} without a full history: counted in win rate, size and cycle, left out of stages and the funnel's middle",
                deals(assumed)
            ),
        );
        let undated = count(&|deal| journey(deal).created.is_none());
        note(
            "unknown_creation",
            undated,
            format!(
                "{} without a date of creation: counted where they stand, in no cohort, age or cycle",
                deals(undated)
            ),
        );
        let unclosed = count(&|deal| journey(deal).end.is_some_and(|end| end.at.is_none()));
        note(
            "unknown_close",
            unclosed,
            format!("{} closed at an unknown time: in no period", deals(unclosed)),
        );
        notes
    }

    /// The note on deals that count, but not in means and medians (metrics §1, Money).
    pub fn no_value_note(&self, count: u64) -> Option<Note> {
        let text = format!("{} won without a value: counted, but in no mean or median", deals(count));
        (count > 0).then_some(Note { code: "no_value", text, deals: Some(count) })
    }
}

/// A count of deals in words.
pub fn deals(count: u64) -> String {
    crate::grammar::count(count, "deal")
}

fn named(text: &str) -> (usize, String) {
    (usize::from(text.is_empty()), text.to_owned())
}

/// Something collected over all deals, and over each group apart.
///
/// The total is collected from the deals, never from the groups (metrics §1, Filters and groups).
#[derive(Debug)]
pub struct Grouped<T> {
    total: T,
    groups: BTreeMap<Key, T>,
}

impl<T: Clone> Grouped<T> {
    /// Groups that all start with `empty`.
    pub fn new(question: &Question<'_>, empty: T) -> Grouped<T> {
        let groups = question.standing_keys().into_iter().map(|key| (key, empty.clone())).collect();
        Grouped { total: empty, groups }
    }

    /// Adds a deal, whose membership was decided at `when`, to the total and to its group.
    pub fn add(
        &mut self,
        question: &Question<'_>,
        deal: usize,
        when: Option<Instant>,
        empty: &T,
        add: impl Fn(&mut T),
    ) {
        add(&mut self.total);
        if !question.by.is_empty()
            && let Some(key) = question.key(deal, when)
        {
            add(self.groups.entry(key).or_insert_with(|| empty.clone()));
        }
    }

    /// What was collected over all deals.
    pub fn total(&self) -> &T {
        &self.total
    }

    /// The rows of a section: of each group in order, then of all deals.
    pub fn rows(&self, rows: impl Fn(&T, Part) -> Vec<Vec<Cell>>) -> Vec<Row> {
        let mut all = Vec::new();
        for (key, group) in &self.groups {
            let name: Vec<String> = key.iter().map(|(_, name)| name.clone()).collect();
            all.extend(rows(group, Part::Group).into_iter().map(|cells| Row { group: name.clone(), cells }));
        }
        all.extend(rows(&self.total, Part::Total).into_iter().map(Row::total));
        all
    }
}

/// Whether rows are of a group or of all deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of one group.
    Group,
    /// Of all deals.
    Total,
}
