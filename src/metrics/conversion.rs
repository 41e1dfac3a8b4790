//! `report conversion`: what becomes of deals, by the six denominators in use, each by its own name (metrics §2).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chart::Chart;
use super::cohorts::{self, Fate, Member};
use super::figures::{Cell, Column, Figures, Kind, Note, Rate, Section, Shape};
use super::group::Grouped;
use super::question::Question;
use super::statistics::incidence::{Course, Courses};
use crate::deal::journey::End;
use crate::deal::money::NoRate;
use crate::process::{Lang, Outcome, Words};

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[
    Chart::bars("stages", "stage", &["rate_so_far"]),
    Chart::groups("closed", &["win_rate"]),
    Chart::groups("created", &["created_win_rate"]),
];

/// Deals closed in the period, by outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Closed {
    /// Deals won.
    pub won: u64,
    /// Deals lost.
    pub lost: u64,
    /// Deals disqualified.
    pub disqualified: u64,
    /// Value won, in the currency of the figures.
    pub won_value: Decimal,
    /// Value lost, in the currency of the figures.
    pub lost_value: Decimal,
}

impl Closed {
    /// Counts a deal.
    pub fn add(&mut self, outcome: Outcome, value: Decimal) {
        match outcome {
            Outcome::Won => {
                self.won += 1;
                self.won_value += value;
            }
            Outcome::Lost => {
                self.lost += 1;
                self.lost_value += value;
            }
            Outcome::Disqualified => self.disqualified += 1,
        }
    }

    /// *Win rate* = won / (won + lost) (metrics §2).
    pub fn win_rate(&self) -> Rate {
        Rate { count: self.won, of: self.won + self.lost }
    }

    /// *Conversion rate* = won / (won + lost + disqualified) (metrics §2).
    pub fn conversion_rate(&self) -> Rate {
        Rate { count: self.won, of: self.won + self.lost + self.disqualified }
    }

    /// The win rate by value; none when no lost deal has a value above 0 (metrics §2).
    pub fn win_rate_by_value(&self) -> Option<f64> {
        if self.lost_value <= Decimal::ZERO {
            return None;
        }
        self.won_value.checked_div(self.won_value + self.lost_value)?.to_f64()
    }
}

/// The deals closed in the period, over all and by group.
pub fn closed(question: &Question<'_>) -> Result<Grouped<Closed>, NoRate> {
    let empty = Closed::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, outcome, at) in question.closed_in_period() {
        let value = question.closed_value(deal)?.unwrap_or_default();
        grouped.add(question, deal, Some(at), &empty, |closed| closed.add(outcome, value));
    }
    Ok(grouped)
}

/// Deals created in the period: all, won by `t`, open at `t`.
#[derive(Clone, Debug, Default)]
struct Created {
    all: u64,
    won: u64,
    open: u64,
}

/// Deals that reached a stage in the period, and what became of them by `t`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cohort {
    /// All of them.
    pub reached: u64,
    /// Those that reached the next stage.
    pub advanced: u64,
    /// Those that did not, and closed lost or disqualified.
    pub dropped: u64,
    /// Those that are won.
    pub won: u64,
}

impl Cohort {
    /// Counts a deal.
    pub fn add(&mut self, member: &Member) {
        self.reached += 1;
        self.advanced += u64::from(member.fate == Fate::Advanced);
        self.dropped += u64::from(member.fate == Fate::Dropped);
        self.won += u64::from(member.won);
    }

    /// *Rate of decided* = advanced / (advanced + dropped) (metrics §2).
    pub fn rate_of_decided(&self) -> Rate {
        Rate { count: self.advanced, of: self.advanced + self.dropped }
    }
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn conversion(question: &Question<'_>) -> Result<Figures, NoRate> {
    if let Some(days) = &question.options.curve {
        let (sections, notes) = (vec![curve_section(question, days)], question.notes());
        return Ok(Figures { name: "conversion", scope: Some(question.scope()), sections, notes });
    }
    let closed = closed(question)?;
    let mut notes = question.notes();
    let total = closed.total();
    if total.win_rate_by_value().is_none() && total.won + total.lost > 0 {
        let text = Words::of_ours(|lang| match lang {
            Lang::En => {
                "no lost deal has a value above 0, so a win rate by value would mean nothing".to_owned()
            }
            Lang::ZhTw => "沒有任何失單商機的金額大於 0，因此金額成交率沒有意義".to_owned(),
        });
        notes.push(Note { code: "value_win_rate_meaningless", text, deals: None });
    }
    let sections =
        vec![closed_section(question, &closed), created_section(question), stages_section(question)];
    Ok(Figures { name: "conversion", scope: Some(question.scope()), sections, notes })
}

fn closed_section(question: &Question<'_>, closed: &Grouped<Closed>) -> Section {
    let rows = closed.rows(|closed, _| {
        vec![vec![
            Cell::Count(closed.won),
            Cell::Count(closed.lost),
            Cell::Count(closed.disqualified),
            Cell::Rate(closed.win_rate()),
            Cell::Rate(closed.conversion_rate()),
            Cell::Share(closed.win_rate_by_value()),
        ]]
    });
    let columns = vec![
        Column::new("won", Kind::Count),
        Column::new("lost", Kind::Count),
        Column::new("disqualified", Kind::Count),
        Column::new("win_rate", Kind::Rate),
        Column::new("conversion_rate", Kind::Rate),
        Column::new("win_rate_by_value", Kind::Share),
    ];
    Section { key: "closed", shape: Shape::Record, by: question.group_columns(), columns, rows }
}

/// *Created win rate*: won by `t` of all created in the period, with the share still open (metrics §2).
fn created_section(question: &Question<'_>) -> Section {
    let empty = Created::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for &deal in &question.picked {
        let Some(at) = question.journeys.deals[deal].created.filter(|at| question.in_period(*at)) else {
            continue;
        };
        grouped.add(question, deal, Some(at), &empty, |created| {
            created.all += 1;
            created.won += u64::from(question.ended(deal, Outcome::Won));
            created.open += u64::from(question.end(deal).is_none());
        });
    }
    let rows = grouped.rows(|created, _| {
        vec![vec![
            Cell::Count(created.all),
            Cell::Rate(Rate { count: created.won, of: created.all }),
            Cell::Rate(Rate { count: created.open, of: created.all }),
        ]]
    });
    let columns = vec![
        Column::new("created", Kind::Count),
        Column::new("created_win_rate", Kind::Rate),
        Column::new("share_open", Kind::Rate),
    ];
    Section { key: "created", shape: Shape::Record, by: question.group_columns(), columns, rows }
}

/// *Win curve*: the share of the deals created in the period that ended so within so many whole days of their creation,
/// those open at `e` censored (metrics §2).
fn curve_section(question: &Question<'_>, days: &[u32]) -> Section {
    let empty: Vec<Course<Outcome>> = Vec::new();
    let mut grouped = Grouped::new(question, empty.clone());
    let (zone, e) = (question.zone(), question.e());
    for &deal in &question.picked {
        let created = question.journeys.deals[deal].created.filter(|at| question.in_period(*at));
        let Some(created) = created else { continue };
        let (until, end) = match question.end(deal) {
            Some(End { outcome, at: Some(at) }) if e.sees(at) => (at, Some(outcome)),
            // It ended, and nobody knows when.
            Some(End { at: None, .. }) => continue,
            _ => (e.at, None),
        };
        let day = zone.elapsed(created, until).max(0.0) as u32;
        grouped.add(question, deal, Some(created), &empty, |courses| courses.push(Course { day, end }));
    }
    let rows = grouped.rows(|courses, _| {
        let courses = Courses::new(courses.clone());
        let estimate = |day, outcome| match courses.within(day, outcome) {
            Some(within) => Cell::Estimate { share: Some(within.share), interval: within.interval() },
            None => Cell::Estimate { share: None, interval: None },
        };
        let row = |&day: &u32| {
            let [won, lost, disqualified] =
                [Outcome::Won, Outcome::Lost, Outcome::Disqualified].map(|outcome| estimate(day, outcome));
            vec![Cell::Count(u64::from(day)), won, lost, disqualified, Cell::Count(courses.at_risk(day))]
        };
        days.iter().map(row).collect()
    });
    let columns = vec![
        Column::given("within_days", Kind::Count),
        Column::new("won", Kind::Estimate),
        Column::new("lost", Kind::Estimate),
        Column::new("disqualified", Kind::Estimate),
        Column::new("at_risk", Kind::Count),
    ];
    Section { key: "curve", shape: Shape::List, by: question.group_columns(), columns, rows }
}

/// *Stage conversion*: of the deals that reached a stage in the period, how many went on (metrics §2).
fn stages_section(question: &Question<'_>) -> Section {
    let stages: Vec<&str> = question.process.open_stages().map(|(_, stage)| stage.id.as_str()).collect();
    let empty = vec![Cohort::default(); stages.len()];
    let mut grouped = Grouped::new(question, empty.clone());
    cohorts::of_period(question, |member| {
        let at = Some(member.at);
        grouped.add(question, member.deal, at, &empty, |cohorts| cohorts[member.stage].add(&member));
    });
    let row = |stage: &&str, cohort: &Cohort| {
        let Cohort { reached, advanced, dropped, won } = *cohort;
        let pending = reached - advanced - dropped;
        vec![
            Cell::Stage((*stage).to_owned()),
            Cell::Count(reached),
            Cell::Count(advanced),
            Cell::Count(dropped),
            Cell::Count(pending),
            Cell::Rate(Rate { count: advanced, of: reached }),
            Cell::Rate(cohort.rate_of_decided()),
            Cell::Rate(Rate { count: pending, of: reached }),
            Cell::Rate(Rate { count: won, of: reached }),
        ]
    };
    let rows = grouped
        .rows(|cohorts, _| stages.iter().zip(cohorts).map(|(stage, cohort)| row(stage, cohort)).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("reached", Kind::Count),
        Column::new("advanced", Kind::Count),
        Column::new("dropped", Kind::Count),
        Column::new("pending", Kind::Count),
        Column::new("rate_so_far", Kind::Rate),
        Column::new("rate_of_decided", Kind::Rate),
        Column::new("share_pending", Kind::Rate),
        Column::new("to_won", Kind::Rate),
    ];
    Section { key: "stages", shape: Shape::List, by: question.group_columns(), columns, rows }
}
