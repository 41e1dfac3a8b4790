//! `report losses`: why deals are lost or disqualified, where, and what they cost in days (metrics §9).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::Grouped;
use super::question::Question;
use super::velocity::median_days;
use crate::deal::money::NoRate;
use crate::process::{Outcome, StageIndex};

/// Deals that ended without a win.
#[derive(Clone, Debug, Default)]
struct Losses {
    lost: u64,
    disqualified: u64,
    /// Those of them that have a value, and its sum in the reporting currency.
    valued: u64,
    value: Decimal,
    /// *Created* to *closed at* of those of which both are known, in milliseconds.
    spent: Vec<i64>,
}

impl Losses {
    fn deals(&self) -> u64 {
        self.lost + self.disqualified
    }

    fn add(&mut self, loss: &Loss<'_>) {
        self.lost += u64::from(loss.outcome == Outcome::Lost);
        self.disqualified += u64::from(loss.outcome == Outcome::Disqualified);
        self.valued += u64::from(loss.value.is_some());
        self.value += loss.value.unwrap_or_default();
        self.spent.extend(loss.spent);
    }

    fn cells(&self, question: &Question<'_>) -> Vec<Cell> {
        vec![
            Cell::Count(self.lost),
            Cell::Count(self.disqualified),
            question.money(Some(self.value), self.valued as usize),
            median_days(&self.spent),
        ]
    }
}

/// One deal that ended without a win.
struct Loss<'q> {
    outcome: Outcome,
    reason: &'q str,
    /// The last open stage it was in.
    stage: StageIndex,
    value: Option<Decimal>,
    spent: Option<i64>,
}

/// Losses over all, by reason and by the stage they were lost from.
#[derive(Clone, Debug, Default)]
struct Split<'q> {
    all: Losses,
    reasons: BTreeMap<&'q str, Losses>,
    stages: BTreeMap<StageIndex, Losses>,
}

impl<'q> Split<'q> {
    fn add(&mut self, loss: &Loss<'q>) {
        self.all.add(loss);
        self.reasons.entry(loss.reason).or_default().add(loss);
        self.stages.entry(loss.stage).or_default().add(loss);
    }

    /// A row a reason: the most frequent first, equal ones in the order of their text, no reason last of them.
    fn by_reason(&self, question: &Question<'_>) -> Vec<Vec<Cell>> {
        let mut reasons: Vec<(&&str, &Losses)> = self.reasons.iter().collect();
        reasons.sort_by_key(|(reason, losses)| (Reverse(losses.deals()), reason.is_empty()));
        let named = |reason: &str| match reason {
            "" => Cell::Key("no_reason"),
            reason => Cell::Text(reason.to_owned()),
        };
        reasons.into_iter().map(|(reason, part)| self.part(named(reason), part, question)).collect()
    }

    /// A row a stage, in the order of the process; those of unknown stage last.
    fn by_stage(&self, question: &Question<'_>) -> Vec<Vec<Cell>> {
        let named = |stage: StageIndex| Cell::Text(question.process.stage_id(stage).to_owned());
        self.stages.iter().map(|(stage, part)| self.part(named(*stage), part, question)).collect()
    }

    /// A part of these losses, with its share of them.
    fn part(&self, name: Cell, part: &Losses, question: &Question<'_>) -> Vec<Cell> {
        let share = Cell::Rate(Rate { count: part.deals(), of: self.all.deals() });
        [vec![name, share], part.cells(question)].concat()
    }
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn losses(question: &Question<'_>) -> Result<Figures, NoRate> {
    let empty = Split::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, outcome, at) in question.closed_in_period() {
        if outcome == Outcome::Won {
            continue;
        }
        let stays = question.journeys.stays(deal).iter().rev();
        let loss = Loss {
            outcome,
            reason: question.text("reason", deal),
            stage: stays
                .map(|stay| stay.stage)
                .find(|stage| question.process.is_open(*stage))
                .unwrap_or(StageIndex::UNKNOWN),
            value: question.closed_value(deal)?,
            spent: question.cycle_millis(deal),
        };
        grouped.add(question, deal, Some(at), &empty, |split| split.add(&loss));
    }
    let columns = |first: &[(&'static str, Kind)]| {
        let figures = [
            ("lost", Kind::Count),
            ("disqualified", Kind::Count),
            ("value", Kind::Total),
            ("median_spent", Kind::Days),
        ];
        first.iter().chain(&figures).map(|(key, kind)| Column::new(*key, *kind)).collect::<Vec<_>>()
    };
    let share = ("share", Kind::Rate);
    let by = || question.group_columns();
    let sections = vec![
        Section {
            key: "losses",
            shape: Shape::Record,
            by: by(),
            columns: columns(&[]),
            rows: grouped.rows(|split, _| vec![split.all.cells(question)]),
        },
        Section {
            key: "reasons",
            shape: Shape::List,
            by: by(),
            columns: columns(&[("reason", Kind::Text), share]),
            rows: grouped.rows(|split, _| split.by_reason(question)),
        },
        Section {
            key: "stages",
            shape: Shape::List,
            by: by(),
            columns: columns(&[("stage", Kind::Text), share]),
            rows: grouped.rows(|split, _| split.by_stage(question)),
        },
    ];
    let notes = question.notes();
    Ok(Figures { name: "losses", scope: Some(question.scope()), sections, notes })
}
