//! `report` without a name: where deals stand, and the main figures beside those of the period before (metrics §11).

use rust_decimal::Decimal;

use super::compare::section_beside;
use super::conversion::closed;
use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use super::question::Question;
use super::stalled::Limits;
use super::velocity::factors;
use crate::deal::money::NoRate;
use crate::process::StageIndex;

/// The report, with the main figures beside those of the period before, where there is one.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn summary(now: &Question<'_>) -> Result<Figures, NoRate> {
    let mut scope = now.scope();
    let mut figures = figures_section(now)?;
    if let Some(before) = now.before() {
        figures = section_beside(figures, &figures_section(&before)?);
        scope.before = Some(Box::new(before.scope()));
    }
    let sections = vec![open_section(now)?, figures];
    Ok(Figures { name: "summary", scope: Some(scope), sections, notes: now.notes() })
}

/// Deals open at `e` in one stage.
#[derive(Clone, Debug, Default)]
struct Standing {
    deals: u64,
    valued: u64,
    value: Decimal,
    weighted: Decimal,
    stalled: u64,
}

/// Open deals by stage: count, value, weighted, stalled.
fn open_section(question: &Question<'_>) -> Result<Section, NoRate> {
    let limits = Limits::of(question);
    let mut stages: Vec<(StageIndex, Standing)> =
        question.process.open_stages().map(|(stage, _)| (stage, Standing::default())).collect();
    stages.push((StageIndex::UNKNOWN, Standing::default()));
    let mut total = Standing::default();
    for (deal, stage) in question.open_at_e() {
        let value = question.open_value(deal)?;
        let weighted = value.unwrap_or_default() * question.probability(deal, stage);
        let stalled = u64::from(limits.stalled(question, deal));
        let of_stage = stages.iter_mut().find(|(other, _)| *other == stage).map(|(_, standing)| standing);
        for standing in of_stage.into_iter().chain([&mut total]) {
            standing.deals += 1;
            standing.valued += u64::from(value.is_some());
            standing.value += value.unwrap_or_default();
            standing.weighted += weighted;
            standing.stalled += stalled;
        }
    }
    let cells = |standing: &Standing, limited: bool| {
        let money = |amount| question.money(Some(amount), standing.valued as usize);
        vec![
            Cell::Count(standing.deals),
            money(standing.value),
            money(standing.weighted),
            if limited { Cell::Count(standing.stalled) } else { Cell::Empty },
        ]
    };
    let mut rows: Vec<Row> = stages
        .iter()
        .filter(|(stage, standing)| *stage != StageIndex::UNKNOWN || standing.deals > 0)
        .map(|(stage, standing)| Row {
            group: vec![question.process.stage_id(*stage).to_owned()],
            cells: cells(standing, limits.days(*stage).is_some()),
        })
        .collect();
    rows.push(Row::total(cells(&total, true)));
    let columns = vec![
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("weighted", Kind::Total),
        Column::new("stalled", Kind::Count),
    ];
    Ok(Section { key: "open", shape: Shape::Record, by: vec!["stage".to_owned()], columns, rows })
}

/// The main figures of a period.
fn figures_section(question: &Question<'_>) -> Result<Section, NoRate> {
    let closed = closed(question)?;
    let factors = factors(question)?;
    let velocity = Cell::Money { amount: factors.velocity(), currency: question.currency(), n: None };
    let cells = vec![
        Cell::Rate(closed.total().win_rate()),
        Cell::Rate(closed.total().conversion_rate()),
        question.money(factors.mean_size, factors.sizes),
        factors.mean_cycle_cell(),
        velocity,
    ];
    let columns = vec![
        Column::new("win_rate", Kind::Rate),
        Column::new("conversion_rate", Kind::Rate),
        Column::new("mean_size", Kind::Money),
        Column::new("mean_cycle", Kind::Days),
        Column::new("velocity", Kind::Amount),
    ];
    let rows = vec![Row::total(cells)];
    Ok(Section { key: "figures", shape: Shape::Record, by: Vec::new(), columns, rows })
}
