//! `report stages`: what stands in each stage, how long deals wait there, and how long their stays took (metrics §5).

use rust_decimal::Decimal;

use super::cohorts;
use super::conversion::Cohort;
use super::figures::{Cell, Column, Figures, Kind, Rate, Row, Section, Shape};
use super::group::{Grouped, Part};
use super::question::Question;
use super::stalled::Limits;
use super::statistics::{LEAST_AT_RISK, Spell, kaplan_meier_median, quantile};
use super::velocity::{mean_days, sorted_days};
use crate::deal::money::NoRate;
use crate::process::StageIndex;

/// A deal that stands in a stage at `e`.
#[derive(Clone, Debug)]
pub struct Here {
    /// The deal, among the journeys.
    pub deal: usize,
    /// What it is worth, in the reporting currency.
    pub value: Option<Decimal>,
    /// The same times its probability.
    weighted: Decimal,
    /// How long it has been here, in milliseconds; none for a deal of unknown creation.
    pub age: Option<i64>,
    /// Whether that is too long.
    pub stalled: bool,
}

/// What stands in one stage at `e`, and what passed through it in the period.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The deals in it, in the order of the file.
    pub here: Vec<Here>,
    /// How long the stays that ended in the period took, in milliseconds; without assumed journeys.
    stays: Vec<i64>,
    /// The stays that were running at some time in the period; without assumed journeys.
    spells: Vec<Spell>,
    /// Deals that left it in the period, assumed journeys among them.
    pub exits: u64,
    /// The deals that reached it in the period.
    pub cohort: Cohort,
}

impl Traffic {
    /// How many deals are in it.
    pub fn deals(&self) -> u64 {
        self.here.len() as u64
    }

    /// What its deals are worth.
    pub fn value(&self) -> Decimal {
        self.here.iter().filter_map(|here| here.value).sum()
    }

    /// The share of its deals that are stalled.
    pub fn share_stalled(&self) -> Rate {
        let stalled = self.here.iter().filter(|here| here.stalled).count();
        Rate { count: stalled as u64, of: self.deals() }
    }

    /// How long its deals of known creation have been in it: days in ascending order.
    fn ages(&self) -> Vec<f64> {
        sorted_days(&self.here.iter().filter_map(|here| here.age).collect::<Vec<_>>())
    }

    /// How many stays ended in the period.
    pub fn stays(&self) -> u64 {
        self.stays.len() as u64
    }

    /// The median of the stays that ended in the period, in days.
    pub fn median_stay(&self) -> Option<f64> {
        quantile(&sorted_days(&self.stays), 0.5)
    }

    /// *Queue days* (Little's law) = deals now / (exits in the period / elapsed days); none without an exit (metrics §5).
    pub fn queue_days(&self, elapsed: Option<f64>) -> Option<f64> {
        let elapsed = elapsed.filter(|_| self.exits > 0)?;
        Some(self.deals() as f64 * elapsed / self.exits as f64)
    }

    /// The queue days as a cell.
    pub fn queue_cell(&self, elapsed: Option<f64>) -> Cell {
        Cell::Days { days: self.queue_days(elapsed), n: Some(self.exits) }
    }
}

/// The traffic of each open stage in the order of the process, and last of the stage that files do not tell; over all and
/// by group.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn traffic(question: &Question<'_>, limits: &Limits) -> Result<Grouped<Vec<Traffic>>, NoRate> {
    let mut grouped = passing(question);
    let (open, empty) = no_traffic(question);
    for (deal, stage) in question.open_at_e() {
        let place = open.iter().position(|other| *other == stage).unwrap_or(open.len());
        let value = question.open_value(deal)?;
        let here = Here {
            deal,
            value,
            weighted: value.unwrap_or_default() * question.probability(deal, stage),
            age: question.stage_age(deal),
            stalled: limits.stalled(question, deal),
        };
        grouped.add(question, deal, None, &empty, |stages| stages[place].here.push(here.clone()));
    }
    Ok(grouped)
}

/// As [`traffic`], without the deals that stand there, and so without values.
pub fn passing(question: &Question<'_>) -> Grouped<Vec<Traffic>> {
    let (open, empty) = no_traffic(question);
    let mut grouped = Grouped::new(question, empty.clone());
    for &deal in &question.picked {
        let assumed = question.journeys.deals[deal].assumed;
        for stay in question.journeys.stays(deal) {
            let Some(place) = open.iter().position(|stage| *stage == stay.stage) else { continue };
            if let Some(left) = stay.left.filter(|left| question.in_period(*left)) {
                grouped.add(question, deal, None, &empty, |stages| stages[place].exits += 1);
                if !assumed {
                    let took = question.zone().elapsed_millis(stay.entered, left);
                    grouped.add(question, deal, Some(left), &empty, |stages| stages[place].stays.push(took));
                }
            }
            if let Some(spell) = question.spell(stay.entered, stay.left).filter(|_| !assumed) {
                grouped.add(question, deal, None, &empty, |stages| stages[place].spells.push(spell));
            }
        }
    }
    cohorts::of_period(question, |member| {
        grouped.add(question, member.deal, None, &empty, |stages| stages[member.stage].cohort.add(&member));
    });
    grouped
}

/// The open stages, and what is known of them before anything is counted.
fn no_traffic(question: &Question<'_>) -> (Vec<StageIndex>, Vec<Traffic>) {
    let open: Vec<StageIndex> = question.process.open_stages().map(|(stage, _)| stage).collect();
    let empty = vec![Traffic::default(); open.len() + 1];
    (open, empty)
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn stages(question: &Question<'_>) -> Result<Figures, NoRate> {
    let limits = Limits::of(question);
    let grouped = traffic(question, &limits)?;
    let sections = vec![
        now_section(question, &grouped),
        waiting_section(question, &grouped, &limits),
        stays_section(question, &grouped),
    ];
    let mut notes = question.notes();
    notes.extend(limits.notes(question));
    Ok(Figures { name: "stages", scope: Some(question.scope()), sections, notes })
}

/// A row for each stage of each part. Of stocks there are none in groups by time, which have no date to go by.
fn stock_rows(
    question: &Question<'_>,
    grouped: &Grouped<Vec<Traffic>>,
    rows: impl Fn(&[Traffic]) -> Vec<Vec<Cell>>,
) -> (Vec<String>, Vec<Row>) {
    if question.by_time() {
        let rows = grouped.rows(|stages, part| if part == Part::Total { rows(stages) } else { Vec::new() });
        return (Vec::new(), rows);
    }
    (question.group_columns(), grouped.rows(|stages, _| rows(stages)))
}

/// *Deals now* (metrics §5), with a row for those in a stage that files do not tell, where there are any.
fn now_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>) -> Section {
    let known = question.process.open_stages().map(|(stage, _)| stage);
    let stages: Vec<StageIndex> = known.chain([StageIndex::UNKNOWN]).collect();
    let row = |(stage, traffic): (&StageIndex, &Traffic)| {
        if *stage == StageIndex::UNKNOWN && traffic.here.is_empty() {
            return None;
        }
        let valued = traffic.here.iter().filter(|here| here.value.is_some()).count();
        let money = |amount| question.money(Some(amount), valued);
        let ages = traffic.ages();
        Some(vec![
            Cell::Stage(question.process.stage_id(*stage).to_owned()),
            Cell::Count(traffic.deals()),
            money(traffic.value()),
            money(traffic.here.iter().map(|here| here.weighted).sum()),
            Cell::Days { days: quantile(&ages, 0.5), n: Some(ages.len() as u64) },
            Cell::Days { days: ages.last().copied(), n: None },
        ])
    };
    let (by, rows) =
        stock_rows(question, grouped, |traffic| stages.iter().zip(traffic).filter_map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("weighted", Kind::Total),
        Column::new("median_stage_age", Kind::Days),
        Column::new("longest_stage_age", Kind::Age),
    ];
    Section { key: "now", shape: Shape::List, by, columns, rows }
}

/// *Stalled* and *queue days* (metrics §5).
fn waiting_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>, limits: &Limits) -> Section {
    let elapsed = question.elapsed_days();
    let row = |(stage, traffic): (StageIndex, &Traffic)| {
        let (limit, share) = (limits.days(stage), traffic.share_stalled());
        vec![
            Cell::Stage(question.process.stage_id(stage).to_owned()),
            limit.map_or(Cell::Empty, |days| Cell::Days { days: Some(days), n: None }),
            limit.map_or(Cell::Empty, |_| Cell::Count(share.count)),
            limit.map_or(Cell::Empty, |_| Cell::Rate(share)),
            traffic.queue_cell(elapsed),
        ]
    };
    let open = || question.process.open_stages().map(|(stage, _)| stage);
    let (by, rows) = stock_rows(question, grouped, |traffic| open().zip(traffic).map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("limit", Kind::Age),
        Column::new("stalled", Kind::Count),
        Column::new("share_stalled", Kind::Rate),
        Column::new("queue_days", Kind::Days),
    ];
    Section { key: "waiting", shape: Shape::List, by, columns, rows }
}

/// *Stays* and the *median with those still there* (metrics §5).
fn stays_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>) -> Section {
    let row = |(stage, traffic): (&str, &Traffic)| {
        let stays = sorted_days(&traffic.stays);
        let at = |q| Cell::Days { days: quantile(&stays, q), n: Some(traffic.stays()) };
        vec![
            Cell::Stage(stage.to_owned()),
            Cell::Count(traffic.stays()),
            mean_days(&traffic.stays),
            at(0.5),
            at(0.9),
            Cell::Days {
                days: kaplan_meier_median(&traffic.spells, LEAST_AT_RISK),
                n: Some(traffic.spells.len() as u64),
            },
        ]
    };
    let open = || question.process.open_stages().map(|(_, stage)| stage.id.as_str());
    let rows = grouped.rows(|traffic, _| open().zip(traffic).map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("stays", Kind::Count),
        Column::new("mean_stay", Kind::Days),
        Column::new("median_stay", Kind::Days),
        Column::new("p90_stay", Kind::Days),
        Column::new("median_with_open", Kind::Days),
    ];
    Section { key: "stays", shape: Shape::List, by: question.group_columns(), columns, rows }
}
