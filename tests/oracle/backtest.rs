//! `report forecast --backtest` (§6; "Backtest"): earlier forecasts beside what came of their deals.

use std::collections::BTreeSet;

use chrono::Days;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use crate::cells::{self, Cells, cells, rate, share};
use crate::cohorts::values_of_closed;
use crate::files::Deal;
use crate::forecast::{due, probability, range, weighted};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Total};
use crate::statistics::mean;
use crate::time::{Cut, Period};
use crate::view::{Moment, View};

/// The forecast of a period as of the day before its first, and what came of it.
struct Past<'a> {
    period: Period,
    deals: Vec<&'a Deal>,
    weighted: Decimal,
    won: Decimal,
    /// p10, p50, p90 as cells.
    range: [serde_json::Value; 3],
    /// None where the range was drawn at random.
    held: Option<bool>,
    /// The probability of each deal then, and whether it was won by the period's end.
    fates: Vec<(Decimal, bool)>,
}

fn past<'a>(view: &View<'a>, question: &Question, period: Period) -> Past<'a> {
    let from = question.probability;
    let then = View::new(view.folder, period, Moment::EndOf(period.first - Days::new(1)), &question.terms);
    let later = View::new(view.folder, period, Moment::EndOf(period.last), &question.terms);
    let deals = due(&then, &Group::of_all(&then));
    let is_won = |deal: &&Deal| journey::outcome(view.folder, deal, later.t).as_deref() == Some("won");
    let won: Vec<&Deal> = deals.iter().copied().filter(is_won).collect();
    let won_value = money::total(&values_of_closed(&later, &won));
    let range = range(&then, &deals, from);
    let [low, middle, high] = [0.1, 0.5, 0.9].map(|q| range.percentile_cell(q, &view.folder.currency));
    let held = range.percentile(0.1) <= won_value && won_value <= range.percentile(0.9);
    Past {
        period,
        weighted: weighted(&then, &deals, from).0,
        won: won_value,
        range: [low, middle, high],
        held: range.is_exact.then_some(held),
        fates: deals.iter().map(|deal| (probability(&then, deal, from), is_won(deal))).collect(),
        deals,
    }
}

fn row(view: &View, one: &Past) -> Cells {
    let amount = |amount: Decimal| cells::amount(view.folder, Some(amount));
    let [p10, p50, p90] = one.range.clone();
    let mut row = cells(vec![
        ("period", json!(format!("{}..{}", one.period.first, one.period.last))),
        ("deals", json!(one.deals.len())),
        ("weighted", amount(one.weighted)),
        ("won", amount(one.won)),
        ("error", amount(one.weighted - one.won)),
        ("p10", p10),
        ("p50", p50),
        ("p90", p90),
    ]);
    if let Some(held) = one.held {
        row.insert("held".to_owned(), rate(usize::from(held), 1));
    }
    row
}

/// The last periods before the report's, of its length, that had ended by `t`, the oldest first; and the deals of all
/// of them by probability.
pub(crate) fn sections(view: &View, question: &Question, count: usize) -> Vec<Section> {
    let has_ended = |period: Period| Cut::end_of(view.folder.zone, period.last).before <= view.t.before;
    let mut period = view.period.previous();
    let mut periods = Vec::new();
    while periods.len() < count {
        if has_ended(period) {
            periods.push(period);
        }
        period = period.previous();
    }
    periods.reverse();
    let all: Vec<Past> = periods.into_iter().map(|period| past(view, question, period)).collect();
    let amount = |of: fn(&Past) -> Decimal| cells::amount(view.folder, Some(all.iter().map(of).sum()));
    let mut total = cells(vec![
        ("deals", json!(all.iter().map(|one| one.deals.len()).sum::<usize>())),
        ("weighted", amount(|one| one.weighted)),
        ("won", amount(|one| one.won)),
        ("error", amount(|one| one.weighted - one.won)),
    ]);
    if all.iter().all(|one| one.held.is_some()) {
        let held = all.iter().filter(|one| one.held == Some(true)).count();
        total.insert("held".to_owned(), rate(held, all.len()));
    }
    let groups = all.iter().map(|one| row(view, one)).collect();
    let table = Section { name: "backtest", by: vec!["period".to_owned()], total: Total::Row(total), groups };
    vec![table, calibration(&all)]
}

/// The share won by band of probability. A deal that was due in several of the periods counts in the first.
fn calibration(all: &[Past]) -> Section {
    let mut seen = BTreeSet::new();
    let mut fates: Vec<(Decimal, bool)> = Vec::new();
    for one in all {
        for (deal, fate) in one.deals.iter().zip(&one.fates) {
            if seen.insert(deal.cell("id")) {
                fates.push(*fate);
            }
        }
    }
    let row = |fates: &[(Decimal, bool)]| {
        let probabilities: Vec<f64> = fates.iter().map(|(p, _)| p.to_f64().unwrap()).collect();
        let won = fates.iter().filter(|(_, won)| *won).count();
        cells(vec![
            ("deals", json!(fates.len())),
            ("mean_probability", share(mean(&probabilities))),
            ("won", rate(won, fates.len())),
        ])
    };
    let mut groups = Vec::new();
    for band in 0..5 {
        let (from, to) = (20 * band, 20 * (band + 1));
        // The last band has its upper end too.
        let within = |p: Decimal| Decimal::new(from, 2) <= p && (p < Decimal::new(to, 2) || to == 100);
        let here: Vec<(Decimal, bool)> = fates.iter().copied().filter(|(p, _)| within(*p)).collect();
        let mut cells = cells(vec![("band", json!(format!("{from}%..{to}%")))]);
        cells.append(&mut row(&here));
        groups.push(cells);
    }
    Section { name: "calibration", by: vec!["band".to_owned()], total: Total::Row(row(&fates)), groups }
}
