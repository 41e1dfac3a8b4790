//! `report velocity` (§4).

use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use crate::cells::{self, Cells, cells, days, per_day, rate};
use crate::cohorts::{closed_as, open_at_e, values_of_closed};
use crate::files::Deal;
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::statistics::{mean, quantile};
use crate::survival::{Spell, median_survival};
use crate::time::{elapsed, in_days};
use crate::view::View;

/// §4 Sales cycle: created → closed in days, of deals whose creation is known ("Cycle": also where negative).
pub(crate) fn cycles(view: &View, deals: &[&Deal]) -> Vec<f64> {
    let mut found = Vec::new();
    for deal in deals {
        let created = journey::created(view.folder, deal);
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        if let (Some(created), Some(closed_at)) = (created, closed_at) {
            found.push(in_days(elapsed(view.folder.zone, created, closed_at)));
        }
    }
    found
}

/// §4: opportunities × win rate × mean deal size / mean sales cycle.
pub(crate) fn velocity_of(opportunities: f64, win_rate: f64, mean_size: f64, mean_cycle: f64) -> f64 {
    opportunities * win_rate * mean_size / mean_cycle
}

/// The four factors of velocity; a factor is none as §1 says, and a cycle of 0 days or less gives none.
fn factors(view: &View, group: &Group) -> Option<[f64; 4]> {
    let won = closed_as(view, group, "won");
    let lost = closed_as(view, group, "lost").len();
    if group.unit.is_some() || won.len() + lost == 0 {
        return None;
    }
    let win_rate = won.len() as f64 / (won.len() + lost) as f64;
    let mean_size = money::mean(&values_of_closed(view, &won))?.to_f64()?;
    let mean_cycle = mean(&cycles(view, &won))?;
    if mean_cycle <= 0.0 {
        return None;
    }
    Some([open_at_e(view, group).len() as f64, win_rate, mean_size, mean_cycle])
}

/// §4 Throughput: value won in the period / its elapsed days, up to `e`; none when that is not above 0.
fn throughput(view: &View, group: &Group) -> Option<f64> {
    let won = money::total(&values_of_closed(view, &closed_as(view, group, "won"))).to_f64()?;
    let days = in_days(elapsed(view.folder.zone, view.start, view.e.at));
    (days > 0.0).then(|| won / days)
}

/// §4: velocity with its factors, and throughput.
pub(crate) fn velocity(view: &View, group: &Group) -> Cells {
    let won = closed_as(view, group, "won");
    let lost = closed_as(view, group, "lost");
    let sizes = values_of_closed(view, &won);
    let cycles = cycles(view, &won);
    let opportunities = group.unit.is_none().then(|| open_at_e(view, group).len());
    let velocity = factors(view, group).map(|[a, b, c, d]| velocity_of(a, b, c, d));
    cells(vec![
        ("opportunities", json!(opportunities)),
        ("win_rate", rate(won.len(), won.len() + lost.len())),
        ("mean_size", cells::money(view.folder, money::mean(&sizes), sizes.len())),
        ("mean_cycle", days(mean(&cycles), cycles.len())),
        ("velocity", per_day(view.folder, velocity)),
        ("throughput", per_day(view.folder, throughput(view, group))),
    ])
}

/// §4 Sales cycle of won and of lost deals, and the median time to any close.
pub(crate) fn cycle(view: &View, group: &Group) -> Cells {
    let won = cycles(view, &closed_as(view, group, "won"));
    let lost = cycles(view, &closed_as(view, group, "lost"));
    let median_time = if group.unit.is_some() { None } else { median_survival(&spells(view, group)) };
    cells(vec![
        ("mean_cycle", days(mean(&won), won.len())),
        ("median_cycle", days(quantile(&won, 0.5), won.len())),
        ("p90_cycle", days(quantile(&won, 0.9), won.len())),
        ("mean_lost_cycle", days(mean(&lost), lost.len())),
        ("median_lost_cycle", days(quantile(&lost, 0.5), lost.len())),
        ("p90_lost_cycle", days(quantile(&lost, 0.9), lost.len())),
        ("median_time_to_close", json!({"days": median_time.map(in_days)})),
    ])
}

/// "Median time to any close": one spell a deal of known creation that is closed at or after the period's start or
/// open at `t`, and created before `e`.
fn spells(view: &View, group: &Group) -> Vec<Spell> {
    let zone = view.folder.zone;
    let mut spells = Vec::new();
    for deal in &group.deals {
        let Some(created) = journey::created(view.folder, deal) else { continue };
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        let closed_late_enough = closed_at.is_some_and(|at| at >= view.start);
        let is_open = journey::outcome(view.folder, deal, view.t).is_none();
        if !view.e.sees(created) || !(closed_late_enough || is_open) {
            continue;
        }
        let entry = elapsed(zone, created, view.start).max(0);
        let spell = match closed_at.filter(|at| view.e.sees(*at)) {
            Some(closed_at) => Spell { entry, exit: elapsed(zone, created, closed_at), ended: true },
            None => Spell { entry, exit: elapsed(zone, created, view.e.at).max(0), ended: false },
        };
        spells.push(spell);
    }
    spells
}

/// §4 Sensitivity: what +10 % of each factor (−10 % for the cycle) would add per day.
pub(crate) fn sensitivity(view: &View, group: &Group) -> Vec<Cells> {
    let names = ["opportunities", "win_rate", "mean_size", "mean_cycle"];
    let factors = factors(view, group);
    let mut rows = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let change = if name == "mean_cycle" { -0.1 } else { 0.1 };
        let added = factors.map(|now| {
            let mut then = now;
            then[place] *= 1.0 + change;
            velocity_of(then[0], then[1], then[2], then[3]) - velocity_of(now[0], now[1], now[2], now[3])
        });
        rows.push(cells(vec![
            ("factor", json!(name)),
            ("change", json!(change)),
            ("per_day", per_day(view.folder, added)),
        ]));
    }
    rows
}
