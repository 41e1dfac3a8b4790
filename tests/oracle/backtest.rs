//! `report forecast --backtest` (§6; "Backtest"): earlier forecasts beside what came of their deals.

use std::collections::BTreeSet;

use chrono::Days;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use crate::cells::{self, Cells, cells, rate, share};
use crate::chances::Chances;
use crate::cohorts::values_of_closed;
use crate::files::Deal;
use crate::forecast::{due, probability, range, weighted};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Tables, Total};
use crate::statistics::mean;
use crate::time::{Cut, Period, Unit};
use crate::view::{Moment, View};

/// The forecast of a period as of the day before its first, and what came of it.
struct Past<'a> {
    name: String,
    deals: Vec<&'a Deal>,
    weighted: Decimal,
    won: Decimal,
    range: Chances,
    /// The probability of each deal then, and whether it was won by the period's end.
    fates: Vec<(Decimal, bool)>,
}

impl Past<'_> {
    /// Whether what was won lay within the range; none without a deal of value.
    fn held(&self) -> Option<bool> {
        let is_within = self.range.percentile(0.1) <= self.won && self.won <= self.range.percentile(0.9);
        (self.range.deals > 0).then_some(is_within)
    }
}

fn past<'a>(view: &View<'a>, question: &Question, name: String, period: Period) -> Past<'a> {
    let from = question.probability;
    let then = View::new(view.folder, period, Moment::EndOf(period.first - Days::new(1)), &question.terms);
    let later = View::new(view.folder, period, Moment::EndOf(period.last), &question.terms);
    let deals = due(&then, &Group::of_all(&then));
    let is_won = |deal: &&Deal| journey::outcome(view.folder, deal, later.t).as_deref() == Some("won");
    let won: Vec<&Deal> = deals.iter().copied().filter(is_won).collect();
    Past {
        name,
        weighted: weighted(&then, &deals, from).0,
        won: money::total(&values_of_closed(&later, &won)),
        range: range(&then, &deals, from),
        fates: deals.iter().map(|deal| (probability(&then, deal, from), is_won(deal))).collect(),
        deals,
    }
}

fn row(view: &View, one: &Past) -> Cells {
    let amount = |amount: Decimal| cells::amount(view.folder, Some(amount));
    cells(vec![
        ("period", json!(one.name)),
        ("deals", json!(one.deals.len())),
        ("weighted", amount(one.weighted)),
        ("won_of_them", amount(one.won)),
        ("error", amount(one.weighted - one.won)),
        ("p10", amount(one.range.percentile(0.1))),
        ("p90", amount(one.range.percentile(0.9))),
        ("held", json!(one.held())),
    ])
}

/// The last periods like the report's that had ended by `t`, that one itself where it is over, the oldest first, with
/// their names: of the same calendar unit where it is one, else of the same length.
fn past_periods(view: &View, count: usize) -> Vec<(String, Period)> {
    let year_starts = view.folder.year_starts;
    let units = [Unit::Year, Unit::Quarter, Unit::Month, Unit::Week];
    let unit = units.into_iter().find(|unit| unit.around(view.period.first, year_starts) == view.period);
    let before = |period: Period| match unit {
        Some(unit) => unit.around(period.first - Days::new(1), year_starts),
        None => period.previous(),
    };
    let name = |period: Period| match unit {
        Some(unit) => unit.name(period.first, year_starts),
        None => format!("{}..{}", period.first, period.last),
    };
    let has_ended = |period: Period| Cut::end_of(view.folder.zone, period.last).before <= view.t.before;
    let mut period = view.period;
    let mut periods = Vec::new();
    while periods.len() < count {
        if has_ended(period) {
            periods.push((name(period), period));
        }
        period = before(period);
    }
    periods.reverse();
    periods
}

/// Each of the past periods, how near their forecasts were, and the deals of all of them by probability.
pub(crate) fn sections(view: &View, question: &Question) -> Vec<Section> {
    let periods = past_periods(view, question.backtest.unwrap());
    let all: Vec<Past> =
        periods.into_iter().map(|(name, period)| past(view, question, name, period)).collect();
    let sum = |of: fn(&Past) -> Decimal| all.iter().map(of).sum::<Decimal>();
    let amount = |amount: Decimal| cells::amount(view.folder, Some(amount));
    let (weighted, won) = (sum(|one| one.weighted), sum(|one| one.won));
    let error_share = (!won.is_zero()).then(|| ((weighted - won) / won).to_f64().unwrap());
    let held: Vec<bool> = all.iter().filter_map(Past::held).collect();
    let accuracy = cells(vec![
        ("weighted", amount(weighted)),
        ("won_of_them", amount(won)),
        ("error", amount(weighted - won)),
        ("error_share", share(error_share)),
        ("range_held", rate(held.iter().filter(|held| **held).count(), held.len())),
    ]);
    let accuracy =
        Section { name: "accuracy", by: Vec::new(), total: Total::Row(accuracy), groups: Vec::new() };
    let rows = all.iter().map(|one| row(view, one)).collect();
    vec![Tables::list("backtest", rows), accuracy, Tables::list("calibration", calibration(&all))]
}

/// The share won by band of probability. A deal that was due in several of the periods counts in the first.
fn calibration(all: &[Past]) -> Vec<Cells> {
    let mut seen = BTreeSet::new();
    let mut fates: Vec<(Decimal, bool)> = Vec::new();
    for one in all {
        for (deal, fate) in one.deals.iter().zip(&one.fates) {
            if seen.insert(deal.cell("id")) {
                fates.push(*fate);
            }
        }
    }
    let mut rows = Vec::new();
    for band in 0..5 {
        let (from, to) = (20 * band, 20 * (band + 1));
        // The last band has its upper end too.
        let within = |p: Decimal| Decimal::new(from, 2) <= p && (p < Decimal::new(to, 2) || to == 100);
        let here: Vec<(Decimal, bool)> = fates.iter().copied().filter(|(p, _)| within(*p)).collect();
        let probabilities: Vec<f64> = here.iter().map(|(p, _)| p.to_f64().unwrap()).collect();
        let won = here.iter().filter(|(_, won)| *won).count();
        rows.push(cells(vec![
            ("band", json!(format!("{from}%..{to}%"))),
            ("mean_probability", share(mean(&probabilities))),
            ("share_won", rate(won, here.len())),
        ]));
    }
    rows
}
