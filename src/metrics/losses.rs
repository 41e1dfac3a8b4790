//! `report losses`: why deals are lost or disqualified, where, and what they cost in days (metrics §9).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::Grouped;
use super::question::Question;
use super::velocity::median_days;
use crate::deal::money::NoRate;
use crate::process::{Outcome, StageIndex};

/// Its pictures.
pub(super) const CHARTS: &[Chart] =
    &[Chart::bars("reasons", "reason", &["value"]), Chart::bars("stages", "stage", &["value"])];

/// Deals that ended without a win.
#[derive(Clone, Debug, Default)]
struct Losses {
    lost: u64,
    disqualified: u64,
    /// Those of them that have a value, and its sum in the currency of the figures.
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
        let named = |stage: StageIndex| Cell::Stage(question.process.stage_id(stage).to_owned());
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asked, Fixture};

    const PROCESS: &str = "\
stages:
  - {id: lead}
  - {id: offer}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
rates: {EUR: 1.5}
";

    const ASKED: Asked<'static> = Asked { report: "losses", period: "2026-03", as_of: "2026-03-31", by: &[] };

    /// Lost: a for its price from offer after 9 days, b for its price from lead after 19, c for no reason from an
    /// unknown stage, of unknown creation. Disqualified: d from lead after 4. Won: e. Lost in February: f. Lost in
    /// March and open again: g.
    fn fixture() -> Fixture {
        let deals = "\
id,name,owner,stage,value,currency,created,closed,reason
a,A,ana,lost,100,EUR,2026-03-01,2026-03-10,price
b,B,ben,lost,,,2026-03-01,2026-03-20,price
c,C,ben,lost,40,,,2026-03-05,
d,D,ben,disqualified,60,,2026-03-01,2026-03-05,budget
e,E,ana,won,1000,,2026-03-01,2026-03-05,
f,F,ana,lost,2000,,2026-02-01,2026-02-05,price
g,G,ana,lead,4000,,2026-03-01,,
";
        let history = "\
2026-03-01T00:00:00Z,a,stage,,,lead,,
2026-03-02T00:00:00Z,a,stage,,lead,offer,,
2026-03-10T00:00:00Z,a,stage,,offer,lost,,
2026-03-01T00:00:00Z,b,stage,,,offer,,
2026-03-03T00:00:00Z,b,stage,,offer,lead,,
2026-03-20T00:00:00Z,b,stage,,lead,lost,,
2026-03-05T00:00:00Z,d,stage,,lead,disqualified,,
2026-03-01T00:00:00Z,g,stage,,,lead,,
2026-03-02T00:00:00Z,g,stage,,lead,lost,,
2026-03-03T00:00:00Z,g,stage,,lost,lead,,
";
        Fixture::new(PROCESS, deals, history)
    }

    /// The lines without the interval of the share, which stands in the sixth and seventh columns from the end.
    fn short(lines: Vec<String>) -> Vec<String> {
        let without = |line: String| {
            let mut cells: Vec<&str> = line.split(',').collect();
            let end = cells.len();
            cells.drain(end - 8..end - 6);
            cells.join(",")
        };
        lines.into_iter().map(without).collect()
    }

    #[test]
    fn losses_are_those_that_stand() {
        // 3 lost and 1 disqualified; 150 + 40 + 60; of the days 4, 9 and 19 the median is 9.
        assert_eq!(fixture().lines(ASKED, "losses"), ["3,1,250.00,3,9,3"]);
    }

    #[test]
    fn by_reason_the_most_frequent_first() {
        assert_eq!(
            short(fixture().lines(ASKED, "reasons")),
            [
                "price,0.5,2,4,2,0,150.00,1,14,2",
                "budget,0.25,1,4,0,1,60.00,1,4,1",
                "no_reason,0.25,1,4,1,0,40.00,1,,0"
            ]
        );
    }

    #[test]
    fn by_the_last_open_stage() {
        assert_eq!(
            short(fixture().lines(ASKED, "stages")),
            [
                // b, which had been further, and d: of 4 and 19 days.
                "lead,0.5,2,4,1,1,60.00,1,11.5,2",
                "offer,0.25,1,4,1,0,150.00,1,9,1",
                "unknown,0.25,1,4,1,0,40.00,1,,0"
            ]
        );
    }

    #[test]
    fn the_share_of_a_group_is_of_its_own_losses() {
        let lines = short(fixture().lines(Asked { by: &["owner"], ..ASKED }, "reasons"));
        assert_eq!(lines[0], "ana,price,1,1,1,1,0,150.00,1,9,1");
        assert!(lines[1].starts_with("ben,budget,0.3333333333333333,1,3,"), "{}", lines[1]);
    }
}
