//! `report size`: how large won deals are (metrics §3).

use rust_decimal::Decimal;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Section, Shape};
use super::group::{By, Grouped, Part};
use super::question::Question;
use super::statistics;
use crate::deal::money::NoRate;
use crate::process::Outcome;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::groups("size", &["mean"]), Chart::groups("size", &["total"])];

/// Values in the currency of the figures, and how many deals have none.
#[derive(Clone, Debug, Default)]
struct Sizes {
    won_deals: u64,
    won: Vec<Decimal>,
    lost: Vec<Decimal>,
    open: Vec<Decimal>,
}

/// The mean of amounts; none of nothing.
pub fn mean(amounts: &[Decimal]) -> Option<Decimal> {
    amounts.iter().sum::<Decimal>().checked_div(Decimal::from(amounts.len()))
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn size(question: &Question<'_>) -> Result<Figures, NoRate> {
    let bands = |by: &By| match by {
        By::Size(_) => Ok(By::Size(fifths(question)?)),
        other => Ok(other.clone()),
    };
    let by = question.by.iter().map(bands).collect::<Result<Vec<By>, NoRate>>()?;
    let question = &Question { by, ..question.clone() };
    let empty = Sizes::default();
    let mut grouped = Grouped::new(question, empty.clone());
    let mut without_value = 0;
    for (deal, outcome, at) in question.closed_in_period() {
        let value = question.closed_value(deal)?;
        without_value += u64::from(value.is_none() && outcome == Outcome::Won);
        grouped.add(question, deal, Some(at), &empty, |sizes| match outcome {
            Outcome::Won => {
                sizes.won_deals += 1;
                sizes.won.extend(value);
            }
            Outcome::Lost => sizes.lost.extend(value),
            Outcome::Disqualified => {}
        });
    }
    for (deal, _) in question.open_at_e() {
        let value = question.open_value(deal)?;
        grouped.add(question, deal, None, &empty, |sizes| sizes.open.extend(value));
    }
    let rows = grouped.rows(|sizes, part| vec![cells(question, sizes, part)]);
    let money = |key| Column::new(key, Kind::Money);
    let columns = vec![
        Column::new("won", Kind::Count),
        Column::new("total", Kind::Total),
        money("mean"),
        money("median"),
        money("lower_quartile"),
        money("upper_quartile"),
        money("smallest"),
        money("largest"),
        money("mean_lost"),
        money("mean_open"),
    ];
    let section = Section { key: "size", shape: Shape::Record, by: question.group_columns(), columns, rows };
    let mut notes = question.notes();
    notes.extend(question.no_value_note(without_value));
    Ok(Figures { name: "size", scope: Some(question.scope()), sections: vec![section], notes })
}

/// The values that part the deals won in the period into fifths.
fn fifths(question: &Question<'_>) -> Result<Vec<Decimal>, NoRate> {
    let mut values = Vec::new();
    for (deal, outcome, _) in question.closed_in_period() {
        if outcome == Outcome::Won {
            values.extend(question.closed_value(deal)?);
        }
    }
    values.sort_unstable();
    let mut bounds: Vec<Decimal> = (1..5).filter_map(|k| statistics::part(&values, k, 5)).collect();
    bounds.dedup();
    Ok(bounds)
}

fn cells(question: &Question<'_>, sizes: &Sizes, part: Part) -> Vec<Cell> {
    let mut won = sizes.won.clone();
    won.sort_unstable();
    let money = |amount| question.money(amount, won.len());
    let open = if part == Part::Group && question.by_time() { &[][..] } else { &sizes.open };
    vec![
        Cell::Count(sizes.won_deals),
        money(Some(won.iter().sum())),
        money(mean(&won)),
        money(statistics::part(&won, 2, 4)),
        money(statistics::part(&won, 1, 4)),
        money(statistics::part(&won, 3, 4)),
        money(won.first().copied()),
        money(won.last().copied()),
        question.money(mean(&sizes.lost), sizes.lost.len()),
        question.money(mean(open), open.len()),
    ]
}
