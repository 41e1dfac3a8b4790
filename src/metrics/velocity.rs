//! `report velocity`: how fast money comes in, and how long deals take (metrics §4).

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::{Grouped, Part};
use super::question::{Question, days};
use super::statistics::{self, LEAST_AT_RISK, Spell};
use crate::deal::money::NoRate;
use crate::deal::time::DAY;
use crate::process::Outcome;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[
    Chart::groups("velocity", &["velocity"]),
    Chart::groups("cycle", &["median_cycle"]),
    Chart::bars("sensitivity", "factor", &["per_day"]),
];

/// What the factors of velocity are made of.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    open: u64,
    won: u64,
    lost: u64,
    values: Vec<Decimal>,
    won_cycles: Vec<i64>,
    lost_cycles: Vec<i64>,
    spells: Vec<Spell>,
}

/// The four factors of velocity, each with its own n (metrics §4).
#[derive(Clone, Debug)]
pub struct Factors {
    /// Deals open at `e`; none in groups by time.
    pub opportunities: Option<u64>,
    /// Won of won and lost.
    pub win_rate: Rate,
    /// Mean value of deals won.
    pub mean_size: Option<Decimal>,
    /// Over how many deals.
    pub sizes: usize,
    /// Mean days from creation to the win, exact.
    pub mean_cycle: Option<Decimal>,
    /// Over how many deals.
    pub cycles: usize,
}

impl Factors {
    fn of(basis: &Basis, opportunities: Option<u64>) -> Factors {
        let days = Decimal::from(total(&basis.won_cycles)).checked_div(Decimal::from(DAY));
        Factors {
            opportunities,
            win_rate: Rate { count: basis.won, of: basis.won + basis.lost },
            mean_size: super::size::mean(&basis.values),
            sizes: basis.values.len(),
            mean_cycle: days.and_then(|days| days.checked_div(Decimal::from(basis.won_cycles.len()))),
            cycles: basis.won_cycles.len(),
        }
    }

    /// *Velocity* = opportunities × win rate × mean size / mean cycle, money a day; none if any factor is none or the
    /// cycle is not above 0 (metrics §4).
    pub fn velocity(&self) -> Option<Decimal> {
        let cycle = self.mean_cycle.filter(|days| *days > Decimal::ZERO)?;
        let size = self.mean_size?;
        let won = Decimal::from(self.win_rate.count).checked_div(Decimal::from(self.win_rate.of))?;
        let expected = size.checked_mul(Decimal::from(self.opportunities?))?.checked_mul(won)?;
        expected.checked_div(cycle)
    }

    /// The mean cycle as a cell.
    pub fn mean_cycle_cell(&self) -> Cell {
        use rust_decimal::prelude::ToPrimitive;
        Cell::Days { days: self.mean_cycle.and_then(|days| days.to_f64()), n: Some(self.cycles as u64) }
    }

    /// What 10 % more of a factor, or 10 % less of the cycle, would add per day.
    fn sensitivity(&self) -> [(&'static str, f64, Option<Decimal>); 4] {
        let velocity = self.velocity();
        let more = velocity.and_then(|money| money.checked_div(Decimal::TEN));
        // A cycle of nine tenths gives ten ninths of the velocity: one ninth more.
        let shorter = velocity.and_then(|money| money.checked_div(Decimal::from(9)));
        [
            ("opportunities", 0.1, more),
            ("win_rate", 0.1, more),
            ("mean_size", 0.1, more),
            ("mean_cycle", -0.1, shorter),
        ]
    }
}

/// What velocity is made of, over all deals and by group.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn basis(question: &Question<'_>) -> Result<Grouped<Basis>, NoRate> {
    let empty = Basis::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, outcome, at) in question.closed_in_period() {
        let value = if outcome == Outcome::Won { question.closed_value(deal)? } else { None };
        let cycle = question.cycle_millis(deal);
        grouped.add(question, deal, Some(at), &empty, |basis| match outcome {
            Outcome::Won => {
                basis.won += 1;
                basis.values.extend(value);
                basis.won_cycles.extend(cycle);
            }
            Outcome::Lost => {
                basis.lost += 1;
                basis.lost_cycles.extend(cycle);
            }
            Outcome::Disqualified => {}
        });
    }
    for (deal, _) in question.open_at_e() {
        grouped.add(question, deal, None, &empty, |basis| basis.open += 1);
    }
    for &deal in &question.picked {
        if let Some(spell) = spell(question, deal) {
            let closed = question.end(deal).and_then(|end| end.at).filter(|_| spell.ended);
            grouped.add(question, deal, closed, &empty, |basis| basis.spells.push(spell));
        }
    }
    Ok(grouped)
}

/// The four factors over all deals.
///
/// Errors: as [`basis`].
pub fn factors(question: &Question<'_>) -> Result<Factors, NoRate> {
    let grouped = basis(question)?;
    Ok(Factors::of(grouped.total(), Some(grouped.total().open)))
}

/// A deal open at some time in the period, as a spell of days from its creation to any close (metrics §4). One that was
/// closed and opened again since was open all the time: its old end counts nowhere (metrics §1).
fn spell(question: &Question<'_>, deal: usize) -> Option<Spell> {
    if question.was_over(deal) {
        return None;
    }
    let closed = question.end(deal).and_then(|end| end.at);
    question.spell(question.journeys.deals[deal].created?, closed)
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn velocity(question: &Question<'_>) -> Result<Figures, NoRate> {
    let grouped = basis(question)?;
    let undated = |part: Part| part == Part::Group && question.by_time();
    let factors = |basis: &Basis, part| Factors::of(basis, (!undated(part)).then_some(basis.open));
    let section =
        |key, shape, columns, rows| Section { key, shape, by: question.group_columns(), columns, rows };

    let main = grouped.rows(|basis, part| vec![main_cells(question, basis, &factors(basis, part))]);
    let cycle = grouped.rows(|basis, part| vec![cycle_cells(basis, undated(part))]);
    let sensitivity = grouped.rows(|basis, part| {
        let row = |(factor, change, money): (&'static str, f64, Option<Decimal>)| {
            let amount = Cell::Money { amount: money, currency: question.currency, n: None };
            vec![Cell::Key(factor), Cell::Share(Some(change)), amount]
        };
        factors(basis, part).sensitivity().map(row).into()
    });
    let days = |key| Column::new(key, Kind::Days);
    let main_columns = vec![
        Column::new("opportunities", Kind::Count),
        Column::new("win_rate", Kind::Rate),
        Column::new("mean_size", Kind::Money),
        days("mean_cycle"),
        Column::new("velocity", Kind::Amount),
        Column::new("throughput", Kind::Amount),
    ];
    let cycle_columns = vec![
        days("mean_cycle"),
        days("median_cycle"),
        days("p90_cycle"),
        days("mean_lost_cycle"),
        days("median_lost_cycle"),
        days("p90_lost_cycle"),
        days("median_time_to_close"),
    ];
    let sensitivity_columns = vec![
        Column::new("factor", Kind::Text),
        Column::given("change", Kind::Share),
        Column::new("per_day", Kind::Amount),
    ];
    let sections = vec![
        section("velocity", Shape::Record, main_columns, main),
        section("cycle", Shape::Record, cycle_columns, cycle),
        section("sensitivity", Shape::List, sensitivity_columns, sensitivity),
    ];
    let mut notes = question.notes();
    let total = grouped.total();
    notes.extend(question.no_value_note(total.won - total.values.len() as u64));
    Ok(Figures { name: "velocity", scope: Some(question.scope()), sections, notes })
}

fn main_cells(question: &Question<'_>, basis: &Basis, factors: &Factors) -> Vec<Cell> {
    let per_day = |amount| Cell::Money { amount, currency: question.currency, n: None };
    let won: Decimal = basis.values.iter().sum();
    let days = question.elapsed_days().and_then(Decimal::from_f64);
    vec![
        factors.opportunities.map_or(Cell::Empty, Cell::Count),
        Cell::Rate(factors.win_rate),
        question.money(factors.mean_size, factors.sizes),
        mean_days(&basis.won_cycles),
        per_day(factors.velocity()),
        per_day(days.and_then(|days| won.checked_div(days))),
    ]
}

fn cycle_cells(basis: &Basis, undated: bool) -> Vec<Cell> {
    let (won, lost) = (sorted_days(&basis.won_cycles), sorted_days(&basis.lost_cycles));
    let spells = if undated { &[][..] } else { &basis.spells };
    let at = |days: &[f64], q| Cell::Days { days: statistics::quantile(days, q), n: Some(days.len() as u64) };
    vec![
        mean_days(&basis.won_cycles),
        at(&won, 0.5),
        at(&won, 0.9),
        mean_days(&basis.lost_cycles),
        at(&lost, 0.5),
        at(&lost, 0.9),
        Cell::Days {
            days: statistics::kaplan_meier_median(spells, LEAST_AT_RISK),
            n: Some(spells.len() as u64),
        },
    ]
}

/// The sum of cycles: a hundred thousand of those that begin in the year 1 are more than 64 bits hold.
fn total(cycles: &[i64]) -> i128 {
    cycles.iter().map(|cycle| i128::from(*cycle)).sum()
}

/// The mean of cycles, from their exact sum.
pub fn mean_days(cycles: &[i64]) -> Cell {
    let total = total(cycles) as f64;
    let days = (!cycles.is_empty()).then(|| total / DAY as f64 / cycles.len() as f64);
    Cell::Days { days, n: Some(cycles.len() as u64) }
}

/// The median of cycles (metrics §9, days spent).
pub fn median_days(cycles: &[i64]) -> Cell {
    Cell::Days { days: statistics::quantile(&sorted_days(cycles), 0.5), n: Some(cycles.len() as u64) }
}

/// Lengths of time in days, in ascending order.
pub fn sorted_days(cycles: &[i64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = cycles.iter().map(|millis| days(*millis)).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(open: u64, win_rate: Rate, size: i64, cycle: i64) -> Factors {
        Factors {
            opportunities: Some(open),
            win_rate,
            mean_size: Some(Decimal::from(size)),
            sizes: 1,
            mean_cycle: Some(Decimal::from(cycle)),
            cycles: 1,
        }
    }

    #[test]
    fn the_worked_examples_of_the_metrics_page() {
        let first = factors(40, Rate { count: 25, of: 100 }, 25_000, 90).velocity().unwrap();
        assert_eq!(first.round_dp(2).to_string(), "2777.78");
        let second = factors(18, Rate { count: 24, of: 100 }, 42_000, 78).velocity().unwrap();
        assert_eq!(second.round_dp(2).to_string(), "2326.15");
    }

    #[test]
    fn no_velocity_without_every_factor() {
        let rate = Rate { count: 1, of: 2 };
        assert_eq!(factors(4, rate, 100, 0).velocity(), None);
        assert_eq!(factors(4, Rate { count: 0, of: 0 }, 100, 9).velocity(), None);
        assert_eq!(Factors { mean_size: None, ..factors(4, rate, 100, 9) }.velocity(), None);
        assert_eq!(Factors { opportunities: None, ..factors(4, rate, 100, 9) }.velocity(), None);
    }

    #[test]
    fn sensitivity_is_what_the_changed_formula_would_add() {
        let base = factors(40, Rate { count: 25, of: 100 }, 25_000, 90);
        let quicker = Factors { mean_cycle: Some(Decimal::from(81)), ..base.clone() };
        let added = quicker.velocity().unwrap() - base.velocity().unwrap();
        let [.., (_, _, cycle)] = base.sensitivity();
        assert_eq!(cycle.unwrap().round_dp(9), added.round_dp(9));
    }
}
