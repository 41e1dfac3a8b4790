//! `report forecast --backtest`: the forecasts of past periods against what of their deals was won (metrics §6).

use std::collections::HashSet;

use chrono::Datelike as _;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::chances::Chances;
use super::due::open_deals;
use super::share;
use crate::deal::money::NoRate;
use crate::deal::period::{Period, Unit};
use crate::deal::time::Cut;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Note, Rate, Section, Shape};
use crate::metrics::group::Grouped;
use crate::metrics::question::Question;
use crate::metrics::statistics;
use crate::metrics::statistics::range::{Bet, Range};
use crate::process::{Lang, Outcome, Words};

/// How many bands of equal width calibration has.
const BANDS: u32 = 5;

/// A deal of a past forecast, and what became of it by the end of the period.
#[derive(Clone, Debug)]
struct Forecast {
    bet: Bet,
    chance: Decimal,
    weighted: Decimal,
    won: bool,
    /// What it was worth when it was won; 0 where it was not.
    brought: Decimal,
    /// Whether no earlier of the forecasts had it.
    first: bool,
}

/// The forecasts of each period, in their order.
type Forecasts = Vec<Vec<Forecast>>;

/// The report: the last `count` periods like the one asked for that are over, the oldest first.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub(super) fn backtest(question: &Question<'_>, count: u32) -> Result<Figures, NoRate> {
    let periods = past_periods(question, count);
    let empty: Forecasts = vec![Vec::new(); periods.len()];
    let mut grouped = Grouped::new(question, empty.clone());
    let mut known = HashSet::new();
    for (nth, period) in periods.iter().enumerate() {
        // The end of the day before the period is the first instant of the period, whose events it does not know.
        let then = question.seen(period.clone(), Cut::before(period.start(question.zone())));
        let after = question.seen(period.clone(), period.end(question.zone()));
        let chances = Chances::of(&then);
        for open in open_deals(&then, &chances).filter(|open| open.is_due(&then)) {
            let value = then.open_value(open.deal)?;
            let deal = then.journeys.deals[open.deal].deal;
            let later = after.journeys.deals.binary_search_by_key(&deal, |journey| journey.deal).ok();
            let won = later.filter(|later| after.ended(*later, Outcome::Won));
            let brought = won.map(|won| after.closed_value(won)).transpose()?.flatten();
            let forecast = Forecast {
                bet: open.bet(value),
                chance: open.chance,
                weighted: value.unwrap_or_default() * open.chance,
                won: won.is_some(),
                brought: brought.unwrap_or_default(),
                first: known.insert(deal),
            };
            grouped.add(&then, open.deal, None, &empty, |periods| periods[nth].push(forecast.clone()));
        }
    }
    let grouped = grouped.map(|periods| periods.into_iter().map(Tally::of).collect());
    let sections = vec![
        periods_section(question, &grouped, &periods),
        accuracy_section(question, &grouped),
        calibration_section(question, &grouped),
    ];
    let mut notes = question.notes();
    notes.push(Note {
        code: "hindsight",
        text: Words::of_ours(|lang| match lang {
            Lang::En => {
                "these forecasts use the stages and probabilities that pipeline.yaml states today: hindsight"
                    .to_owned()
            }
            Lang::ZhTw => "這些預測用的是 pipeline.yaml 目前的階段與機率：屬於後見之明".to_owned(),
        }),
        deals: None,
    });
    Ok(Figures { name: "forecast", scope: Some(question.scope()), sections, notes })
}

/// The last periods like the one asked for that are over at `t`; the oldest first. A unit of the calendar follows such
/// units, other days as many.
fn past_periods(question: &Question<'_>, count: u32) -> Vec<Period> {
    let calendar = question.calendar();
    let asked = &question.period;
    let whole = |unit: &Unit| {
        let unit = (*unit, calendar.containing(*unit, asked.first)?);
        ((unit.1.first, unit.1.last) == (asked.first, asked.last)).then_some(unit)
    };
    let unit = [Unit::Year, Unit::Quarter, Unit::Month, Unit::Week].iter().find_map(whole);
    let before = |period: &Period| match &unit {
        Some((unit, _)) => {
            calendar.containing(*unit, period.first.pred_opt()?).filter(|unit| unit.first.year() >= 1)
        }
        None => period.previous(),
    };
    let last = unit.as_ref().map_or(asked, |(_, named)| named).clone();
    let is_over = |period: &Period| period.end(question.zone()).at <= question.t().at;
    let periods = std::iter::successors(Some(last), before).filter(is_over);
    let mut periods: Vec<Period> = periods.take(count as usize).collect();
    periods.reverse();
    periods
}

/// What was forecast of some deals, and what came of it.
#[derive(Clone, Debug)]
struct Tally {
    forecasts: Vec<Forecast>,
    weighted: Decimal,
    brought: Decimal,
    /// The 10th and the 90th percentile of the forecast.
    range: [Option<Decimal>; 2],
    /// Whether what came lies within the two; none where no deal had a value.
    held: Option<bool>,
}

impl Tally {
    fn of(forecasts: Vec<Forecast>) -> Tally {
        let bets: Vec<Bet> = forecasts.iter().map(|forecast| forecast.bet).collect();
        let brought: Decimal = forecasts.iter().map(|forecast| forecast.brought).sum();
        let range = Range::of(&bets);
        let [low, high] = [0.1, 0.9].map(|q| range.quantile(q));
        let of_value = bets.iter().any(|bet| !bet.amount.is_zero());
        let within = low.zip(high).map(|(low, high)| low <= brought && brought <= high);
        Tally {
            weighted: forecasts.iter().map(|forecast| forecast.weighted).sum(),
            brought,
            range: [low, high],
            held: within.filter(|_| of_value),
            forecasts,
        }
    }
}

/// Each forecast, and what came.
fn periods_section(question: &Question<'_>, grouped: &Grouped<Vec<Tally>>, periods: &[Period]) -> Section {
    let row = |(period, tally): (&Period, &Tally)| {
        let [low, high] = tally.range.map(|amount| question.amount(amount));
        vec![
            Cell::Text(period.name.clone()),
            Cell::Count(tally.forecasts.len() as u64),
            question.amount(Some(tally.weighted)),
            question.amount(Some(tally.brought)),
            question.amount(Some(tally.weighted - tally.brought)),
            low,
            high,
            tally.held.map_or(Cell::Empty, Cell::Flag),
        ]
    };
    let rows = grouped.rows(|tallies, _| periods.iter().zip(tallies).map(row).collect());
    let columns = vec![
        Column::new("period", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("weighted", Kind::Amount),
        Column::new("won_of_them", Kind::Amount),
        Column::new("error", Kind::Amount),
        Column::new("p10", Kind::Amount),
        Column::new("p90", Kind::Amount),
        Column::new("held", Kind::Flag),
    ];
    Section { key: "backtest", shape: Shape::List, by: question.group_columns(), columns, rows }
}

/// All forecasts together.
fn accuracy_section(question: &Question<'_>, grouped: &Grouped<Vec<Tally>>) -> Section {
    let amount = |amount| question.amount(Some(amount));
    let rows = grouped.rows(|tallies, _| {
        let weighted: Decimal = tallies.iter().map(|tally| tally.weighted).sum();
        let brought: Decimal = tallies.iter().map(|tally| tally.brought).sum();
        let held: Vec<bool> = tallies.iter().filter_map(|tally| tally.held).collect();
        let error = weighted - brought;
        vec![vec![
            amount(weighted),
            amount(brought),
            amount(error),
            Cell::Share(error.checked_div(brought).and_then(share)),
            Cell::Rate(Rate {
                count: held.iter().filter(|held| **held).count() as u64,
                of: held.len() as u64,
            }),
        ]]
    });
    let columns = vec![
        Column::new("weighted", Kind::Amount),
        Column::new("won_of_them", Kind::Amount),
        Column::new("error", Kind::Amount),
        Column::new("error_share", Kind::Share),
        Column::new("range_held", Kind::Rate),
    ];
    Section { key: "accuracy", shape: Shape::Record, by: question.group_columns(), columns, rows }
}

/// How often deals of a chance were won, each deal once: by the first forecast that had it.
fn calibration_section(question: &Question<'_>, grouped: &Grouped<Vec<Tally>>) -> Section {
    let rows = grouped.rows(|tallies, _| {
        let forecasts = || tallies.iter().flat_map(|tally| &tally.forecasts);
        let band = |band: u32| {
            let in_it = forecasts().filter(|forecast| forecast.first && band_of(forecast.chance) == band);
            let chances: Vec<f64> = in_it.clone().filter_map(|forecast| share(forecast.chance)).collect();
            let won = in_it.filter(|forecast| forecast.won).count() as u64;
            let width = 100 / BANDS;
            vec![
                Cell::Text(format!("{}%..{}%", band * width, (band + 1) * width)),
                Cell::Share(statistics::mean(&chances)),
                Cell::Rate(Rate { count: won, of: chances.len() as u64 }),
            ]
        };
        (0..BANDS).map(band).collect()
    });
    let columns = vec![
        Column::new("band", Kind::Text),
        Column::new("mean_probability", Kind::Share),
        Column::new("share_won", Kind::Rate),
    ];
    Section { key: "calibration", shape: Shape::List, by: question.group_columns(), columns, rows }
}

/// The band of a chance; a chance between two belongs to the upper one.
fn band_of(chance: Decimal) -> u32 {
    let band = (chance * Decimal::from(BANDS)).floor().to_u32();
    band.unwrap_or_default().min(BANDS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_between_two_bands_is_in_the_upper_one() {
        let bands = ["0", "0.1999", "0.2", "0.5", "0.8", "1"].map(|chance| band_of(chance.parse().unwrap()));
        assert_eq!(bands, [0, 0, 1, 2, 4, 4]);
    }
}
