//! `report` without a name: where deals stand, what happened, the main figures beside those of the period before, where the
//! quarter stands, where deals get stuck, and what to do today (metrics §11).

use rust_decimal::Decimal;

use super::bottlenecks::worst;
use super::chart::Chart;
use super::compare::section_beside;
use super::conversion::closed;
use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use super::forecast::outlook;
use super::question::Question;
use super::slippage::slips_in_period;
use super::stages::{Traffic, standing};
use super::stalled::Limits;
use super::to_do;
use super::velocity::factors;
use crate::deal::money::NoRate;
use crate::deal::period::Unit;
use crate::process::{Lang, Outcome, StageIndex, Words};

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[
    Chart::groups("open", &["value"]),
    Chart::goal("this_quarter", &["won_so_far", "weighted", "target"]),
    Chart::bars("happened", "what", &["value"]),
];

/// The report, with the main figures beside those of the period before, where there is one.
///
/// Errors: a value or a target in a currency without a rate on the day it is needed.
pub fn summary(now: &Question<'_>) -> Result<Figures, NoRate> {
    let mut scope = now.scope();
    let before = now.before();
    scope.before = before.as_ref().map(|before| Box::new(before.scope()));
    // Where deals get stuck takes about as long as all the rest.
    let (bottleneck, (sections, (to_do, notes))) = now.both(
        || bottleneck_section(now, before.as_ref()),
        || {
            let to_do = || now.options.terms.as_ref().map(|terms| to_do::section(now, terms));
            now.both(|| money_sections(now, before.as_ref()), || (to_do(), now.notes()))
        },
    );
    let mut sections = sections?;
    sections.push(bottleneck?);
    sections.extend(to_do);
    Ok(Figures { name: "summary", scope: Some(scope), sections, notes })
}

/// What is open, what happened, the main figures, and where the quarter stands.
fn money_sections(now: &Question<'_>, before: Option<&Question<'_>>) -> Result<Vec<Section>, NoRate> {
    let (figures, stock_and_flow) = now.both(
        || {
            let (now, before) = now.both(|| figures_section(now), || before.map(figures_section).transpose());
            Ok::<_, NoRate>(match before? {
                Some(before) => section_beside(now?, &before),
                None => now?,
            })
        },
        || Ok::<_, NoRate>([open_section(now)?, happened_section(now)?]),
    );
    let mut sections: Vec<Section> = stock_and_flow?.into();
    sections.push(figures?);
    sections.extend(this_quarter(now)?);
    Ok(sections)
}

/// What came, what went and what was put off in the period.
fn happened_section(question: &Question<'_>) -> Result<Section, NoRate> {
    let created = question.picked.iter().copied().filter(|deal| {
        question.journeys.deals[*deal].created.is_some_and(|created| question.in_period(created))
    });
    let closed = |outcome| {
        let so = question.closed_in_period().filter(move |(_, end, _)| *end == outcome);
        so.map(|(deal, ..)| deal).collect::<Vec<usize>>()
    };
    let pushed = question
        .picked
        .iter()
        .copied()
        .filter(|deal| slips_in_period(question, *deal).any(|slip| slip.days > 0));
    let mut rows = Vec::new();
    for (what, deals) in [
        ("created", created.collect()),
        ("won", closed(Outcome::Won)),
        ("lost", closed(Outcome::Lost)),
        ("disqualified", closed(Outcome::Disqualified)),
        ("pushed", pushed.collect::<Vec<usize>>()),
    ] {
        let value = |deal: &usize| match question.end(*deal) {
            Some(_) => question.closed_value(*deal),
            None => question.open_value(*deal),
        };
        let values = deals.iter().filter_map(|deal| value(deal).transpose());
        let values: Vec<Decimal> = values.collect::<Result<_, _>>()?;
        let total = question.money(Some(values.iter().sum()), values.len());
        rows.push(Row::total(vec![Cell::Key(what), Cell::Count(deals.len() as u64), total]));
    }
    let columns = vec![
        Column::new("what", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
    ];
    Ok(Section::list("happened", columns, rows))
}

/// Where the forecast of the quarter that `t` lies in stands against its target.
fn this_quarter(question: &Question<'_>) -> Result<Option<Section>, NoRate> {
    let today = question.t().day(question.zone());
    let Some(quarter) = question.calendar().containing(Unit::Quarter, today) else { return Ok(None) };
    let name = quarter.name.clone();
    let outlook = outlook(&question.over(quarter))?;
    let rows = outlook.rows.into_iter().map(|row| Row { group: vec![name.clone()], ..row }).collect();
    Ok(Some(Section { key: "this_quarter", by: vec!["quarter".to_owned()], rows, ..outlook }))
}

/// The stage where deals get stuck most, in one sentence.
fn bottleneck_section(question: &Question<'_>, before: Option<&Question<'_>>) -> Result<Section, NoRate> {
    let none = || {
        Words::of_ours(|lang| match lang {
            Lang::En => "none: no stage has a sign of one".to_owned(),
            Lang::ZhTw => "無：沒有任何階段出現徵兆".to_owned(),
        })
    };
    let worst = worst(question, before)?.unwrap_or_else(none);
    let columns = vec![Column::new("says", Kind::Sentence)];
    let rows = vec![Row::total(vec![Cell::Sentence(worst)])];
    Ok(Section::list("bottleneck", columns, rows))
}

/// Open deals by stage: count, value, weighted, stalled.
fn open_section(question: &Question<'_>) -> Result<Section, NoRate> {
    let limits = Limits::of(question);
    let mut stages: Vec<(StageIndex, Traffic)> =
        question.process.open_stages().map(|(stage, _)| (stage, Traffic::default())).collect();
    stages.push((StageIndex::UNKNOWN, Traffic::default()));
    let mut total = Traffic::default();
    for deal in standing(question, &limits) {
        let (stage, here) = deal?;
        let of_stage = stages.iter_mut().find(|(other, _)| *other == stage).map(|(_, traffic)| traffic);
        for traffic in of_stage.into_iter().chain([&mut total]) {
            traffic.here.push(here.clone());
        }
    }
    let cells = |traffic: &Traffic, limited: bool| {
        let money = |amount| question.money(Some(amount), traffic.valued());
        vec![
            Cell::Count(traffic.deals()),
            money(traffic.value()),
            money(traffic.weighted()),
            if limited { Cell::Count(traffic.stalled()) } else { Cell::Empty },
        ]
    };
    let mut rows: Vec<Row> = stages
        .iter()
        .filter(|(stage, traffic)| *stage != StageIndex::UNKNOWN || traffic.deals() > 0)
        .map(|(stage, traffic)| Row {
            group: vec![question.process.stage_id(*stage).to_owned()],
            cells: cells(traffic, limits.days(*stage).is_some()),
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
    let velocity = Cell::Money { amount: factors.velocity(), currency: question.currency, n: None };
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
