//! What a report is asked: which deals, in which period, seen from when, split by what; and the words all metrics share.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::figures::{Cell, Note, Scope};
use super::group::By;
use super::statistics::Spell;
use crate::deal::book::Book;
use crate::deal::columns::parse_probability;
use crate::deal::journey::{End, Journeys, Stay};
use crate::deal::money::{Currency, NoRate, Rates};
use crate::deal::period::Period;
use crate::deal::runs;
use crate::deal::time::{Cut, DAY, Day, Instant, Zone};
use crate::process::{Lang, Outcome, Process, StageIndex, Whose, Words};

/// A report's question. All metrics are pure functions of it.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The process.
    pub process: &'a Process,
    /// What the files say.
    pub book: &'a Book,
    /// The journeys as of `t`.
    pub journeys: Arc<Journeys<'a>>,
    /// The deals that the terms pick, as positions among the journeys.
    pub picked: Vec<usize>,
    /// Exchange rates into the reporting currency.
    pub rates: &'a Rates,
    /// The currency that the figures are in.
    pub currency: Currency,
    /// The period.
    pub period: Period,
    /// The instants of the period, as far as `t` sees.
    pub flow: Flow,
    /// What the figures are split by.
    pub by: Vec<By>,
    /// What some reports can be asked beside the rest.
    pub options: Options,
    /// How the terms pick deals at another instant.
    pub picker: Picker<'a>,
}

/// The flow of a period: from its start up to `e`. Asked of millions of deals, so it is worked out once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    start: Instant,
    e: Cut,
}

impl Flow {
    /// That of a period, as far as `t` sees.
    pub fn of(period: &Period, zone: Zone, t: Cut) -> Flow {
        Flow { start: period.start(zone), e: t.min(period.end(zone)) }
    }
}

/// Finds the deals that the terms pick, as positions among journeys.
#[derive(Clone, Copy)]
pub struct Picker<'a>(pub &'a (dyn Fn(&Journeys<'_>) -> Vec<usize> + Sync));

impl std::fmt::Debug for Picker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Picker")
    }
}

/// What some reports can be asked beside the rest; each says in [`super::Report::takes`] what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The whole days of the win curve, where it is asked for (metrics §2).
    pub curve: Option<Vec<u32>>,
    /// Where the chance of an open deal comes from (metrics §6).
    pub probability: Probability,
    /// Over how many periods the forecast is held against what came, where that is asked for (metrics §6).
    pub backtest: Option<u32>,
    /// The days after which an open deal without an activity is idle (metrics §10).
    pub idle: u32,
    /// Whose deals the terms pick, as far as a target can be for them (metrics §6).
    pub whose: Whose,
    /// The terms that pick the deals, as typed, where counts are wanted with the commands that list the deals; those show
    /// what stands today, so there are none for a past day (metrics §11).
    pub terms: Option<Vec<String>>,
    /// The other period that figures are to be compared with, where that is asked for (metrics §1, Comparison).
    pub vs: Option<Period>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            curve: None,
            probability: Probability::Set,
            backtest: None,
            idle: 14,
            whose: Whose::Everyone,
            terms: None,
            vs: None,
        }
    }
}

/// Where the chance that an open deal is won comes from (metrics §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probability {
    /// The deal's own, else its stage's.
    Set,
    /// What became of the deals that reached its stage.
    History,
}

impl<'a> Question<'a> {
    /// The same question of another period, seen from another instant.
    #[must_use]
    pub fn seen(&self, period: Period, t: Cut) -> Question<'a> {
        let journeys = Arc::new(self.journeys.seen_from(self.process, t));
        let picked = self.picker.0(&journeys);
        let Question { process, book, rates, currency, picker, .. } = *self;
        let (by, options) = (self.by.clone(), self.options.clone());
        let flow = Flow::of(&period, process.zone, t);
        Question { process, book, journeys, picked, rates, currency, period, flow, by, options, picker }
    }

    /// The same question of another period, seen from the same instant.
    #[must_use]
    pub fn over(&self, period: Period) -> Question<'a> {
        Question { flow: Flow::of(&period, self.zone(), self.t()), period, ..self.clone() }
    }

    /// The same question of another period at the same ripeness: its `t` lies as long after its start as ours does
    /// (metrics §1, Comparison).
    #[must_use]
    pub fn of(&self, period: Period) -> Question<'a> {
        let t = self.t().shifted(self.zone(), self.start(), period.start(self.zone()));
        self.seen(period, t)
    }

    /// The same question of the period that a report stands beside even where nobody asks: the one that was asked for, else
    /// the one of equal length just before; none before the calendar begins.
    pub fn before(&self) -> Option<Question<'a>> {
        let other = self.options.vs.clone().or_else(|| self.period.previous())?;
        Some(self.of(other))
    }
}

impl Question<'_> {
    /// What two parts of an answer are, worked out side by side where there are more than a few deals.
    pub(super) fn both<A: Send, B: Send>(
        &self,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        runs::both(self.picked.len(), one, other)
    }

    /// The pipeline's time zone.
    pub fn zone(&self) -> Zone {
        self.process.zone
    }

    /// The first instant of the period.
    pub fn start(&self) -> Instant {
        self.flow.start
    }

    /// `t`, the as-of instant.
    pub fn t(&self) -> Cut {
        self.journeys.cut
    }

    /// `e`: the earlier of `t` and the end of the period.
    pub fn e(&self) -> Cut {
        self.flow.e
    }

    /// Whether an instant lies in the flow of the period: from its start up to `e`.
    #[inline]
    pub fn in_period(&self, at: Instant) -> bool {
        at >= self.start() && self.e().sees(at)
    }

    /// The elapsed days of the period up to `e`; none when it has not begun.
    pub fn elapsed_days(&self) -> Option<f64> {
        let days = self.zone().elapsed(self.start(), self.e().at);
        (days > 0.0).then_some(days)
    }

    /// How a deal ended at `t`.
    #[inline]
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

    /// Whether a deal had closed, or was at a time that nobody knows, before the period began: nothing of it lies in the
    /// period.
    #[inline]
    pub fn was_over(&self, deal: usize) -> bool {
        self.end(deal).is_some_and(|end| end.at.is_none_or(|at| at < self.start()))
    }

    /// The picked deals that are open at `e`, with the stage they are in.
    pub fn open_at_e(&self) -> impl Iterator<Item = (usize, StageIndex)> + '_ {
        let e = self.e();
        let closed =
            move |deal: &usize| self.end(*deal).is_some_and(|end| end.at.is_none_or(|at| e.sees(at)));
        self.picked.iter().filter(move |deal| !closed(deal)).filter_map(move |deal| {
            let stay = self.journeys.standing(*deal, e)?;
            self.process.is_open(stay.stage).then_some((*deal, stay.stage))
        })
    }

    /// The stay that a deal is in at `e`; none where it is not yet there.
    pub fn standing(&self, deal: usize) -> Option<&Stay> {
        self.journeys.standing(deal, self.e())
    }

    /// How long a deal has been in the stage that it is in at `e`, in milliseconds of the wall clock; none for a deal of
    /// unknown creation (metrics §5).
    pub fn stage_age(&self, deal: usize) -> Option<i64> {
        self.journeys.deals[deal].created?;
        Some(self.zone().elapsed_millis(self.standing(deal)?.entered, self.e().at).max(0))
    }

    /// What the period sees of something that began and perhaps ended, in days since it began: at risk from its age at the
    /// period's start, censored at `e`; none of what was over before the period or begins after it (metrics §4, §5).
    #[inline]
    pub fn spell(&self, began: Instant, ended: Option<Instant>) -> Option<Spell> {
        let (zone, start, e) = (self.zone(), self.start(), self.e());
        if !e.sees(began) || ended.is_some_and(|ended| ended < start) {
            return None;
        }
        let ended = ended.filter(|ended| e.sees(*ended));
        let entry = zone.elapsed(began, start).max(0.0);
        let exit = match ended {
            Some(ended) => zone.elapsed(began, ended),
            None => zone.elapsed(began, e.at).max(0.0),
        };
        (exit >= entry).then_some(Spell { entry, exit, ended: ended.is_some() })
    }

    /// The value of a closed deal in the currency of the figures, at the rate of the day it closed.
    pub fn closed_value(&self, deal: usize) -> Result<Option<Decimal>, NoRate> {
        let at = self.end(deal).and_then(|end| end.at);
        self.value_on(deal, || at.map_or_else(|| self.e().day(self.zone()), |at| self.zone().day_of(at)))
    }

    /// The value of an open deal in the currency of the figures, at the rate of the day of `e`.
    pub fn open_value(&self, deal: usize) -> Result<Option<Decimal>, NoRate> {
        self.value_on(deal, || self.e().day(self.zone()))
    }

    /// The day is worked out only where a rate is asked for.
    fn value_on(&self, deal: usize, day: impl FnOnce() -> Day) -> Result<Option<Decimal>, NoRate> {
        let Some((amount, currency)) = self.journeys.value(deal) else { return Ok(None) };
        if currency == self.currency {
            return Ok(Some(amount));
        }
        let day = day();
        self.rates.convert(amount, currency, self.currency, self.process.currency, day).map(Some)
    }

    /// An amount that pipeline.yaml states, in the currency of the figures at the rate of the day of `e`.
    ///
    /// Errors: there is no rate that day.
    pub fn stated_amount(&self, amount: Decimal) -> Result<Decimal, NoRate> {
        let stated = self.process.currency;
        self.rates.convert(amount, stated, self.currency, stated, self.e().day(self.zone()))
    }

    /// The chance that an open deal in `stage` is won: its own at `t`, else its stage's, else 0 (metrics §6).
    pub fn probability(&self, deal: usize, stage: StageIndex) -> Decimal {
        let own = parse_probability(self.text("probability", deal));
        let of_stage = || self.process.stage(stage).and_then(|stage| stage.probability);
        own.or_else(of_stage).unwrap_or_default()
    }

    /// A deal's field at `t`; empty where the report does not know the column.
    pub fn text(&self, field: &str, deal: usize) -> &str {
        self.book.place(field).map_or("", |place| self.journeys.field(place, deal))
    }

    /// *Created* to *closed at*, in milliseconds of the wall clock; none where either is unknown (metrics §4).
    pub fn cycle_millis(&self, deal: usize) -> Option<i64> {
        let created = self.journeys.deals[deal].created?;
        let closed = self.end(deal)?.at?;
        Some(self.zone().elapsed_millis(created, closed))
    }

    /// An amount in the currency of the figures over `n` deals.
    pub fn money(&self, amount: Option<Decimal>, n: usize) -> Cell {
        Cell::Money { amount, currency: self.currency, n: Some(n as u64) }
    }

    /// An amount of one deal, or of none in particular, in the currency of the figures.
    pub fn amount(&self, amount: Option<Decimal>) -> Cell {
        Cell::Money { amount, currency: self.currency, n: None }
    }

    /// What the figures are about.
    pub fn scope(&self) -> Scope {
        Scope {
            period: self.period.name.clone(),
            first: self.period.first,
            last: self.period.last,
            as_of: self.t().at,
            as_of_day: self.t().day(self.zone()),
            currency: self.currency,
            before: None,
        }
    }

    /// What every report must say about the deals it looked at (metrics §1).
    pub fn notes(&self) -> Vec<Note> {
        let count =
            |test: &dyn Fn(usize) -> bool| self.picked.iter().filter(|deal| test(**deal)).count() as u64;
        let journey = |deal: usize| &self.journeys.deals[deal];
        let mut notes = Vec::new();
        let mut note = |code: &'static str, deals: u64, text: Words| {
            if deals > 0 {
                notes.push(Note { code, text, deals: Some(deals) });
            }
        };
        let assumed = count(&|deal| journey(deal).assumed);
        note(
            "assumed_journeys",
            assumed,
            Words::of_ours(|lang| match lang {
                Lang::En => format!(
                    "{} without a full history: counted in win rate, size and cycle, left out of stages and the funnel's middle",
                    deals(assumed)
                ),
                Lang::ZhTw => format!(
                    "{assumed} 件商機沒有完整歷程：計入成交率、成交金額與銷售週期，不計入各階段與漏斗中段"
                ),
            }),
        );
        let undated = count(&|deal| journey(deal).created.is_none());
        note(
            "unknown_creation",
            undated,
            Words::of_ours(|lang| match lang {
                Lang::En => format!(
                    "{} without a date of creation: counted where {}, in no cohort, age or cycle",
                    deals(undated),
                    crate::grammar::agreeing(undated, "it stands", "they stand")
                ),
                Lang::ZhTw => format!(
                    "{undated} 件商機沒有建立日：只計入其目前所在之處，不計入依建立日的統計、天數與週期"
                ),
            }),
        );
        let unclosed = count(&|deal| journey(deal).end.is_some_and(|end| end.at.is_none()));
        note(
            "unknown_close",
            unclosed,
            Words::of_ours(|lang| match lang {
                Lang::En => format!("{} closed at an unknown time: in no period", deals(unclosed)),
                Lang::ZhTw => format!("{unclosed} 件商機的結案時間不明：不計入任何期間"),
            }),
        );
        notes
    }

    /// The note on deals that count, but not in means and medians (metrics §1, Money).
    pub fn no_value_note(&self, count: u64) -> Option<Note> {
        let text = Words::of_ours(|lang| match lang {
            Lang::En => format!("{} won without a value: counted, but in no mean or median", deals(count)),
            Lang::ZhTw => format!("{count} 件成交商機沒有金額：計入件數，不計入平均與中位數"),
        });
        (count > 0).then_some(Note { code: "no_value", text, deals: Some(count) })
    }
}

/// Milliseconds as days.
pub fn days(millis: i64) -> f64 {
    millis as f64 / DAY as f64
}

/// A count of deals in words.
pub fn deals(count: u64) -> String {
    crate::grammar::count(count, "deal")
}
