//! `report changes` (§7; "Changes"): how the open pipeline came from what it was to what it is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells};
use crate::files::Deal;
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::time::{Cut, Instant};
use crate::view::View;

/// The steps in their order, and whether a step is added, taken away, or what they come to.
pub(crate) const STEPS: [(&str, i32); 9] = [
    ("open_at_start", 1),
    ("created", 1),
    ("reopened", 1),
    ("value_up", 1),
    ("value_down", -1),
    ("won", -1),
    ("lost", -1),
    ("disqualified", -1),
    ("open_at_end", 0),
];

/// Something that happened to the open pipeline.
struct Change {
    at: Instant,
    step: String,
    value: Decimal,
}

/// The value of a deal at a cut, at the rate of the day of `e`; a missing one is 0.
fn value_at(view: &View, deal: &Deal, cut: Cut) -> Decimal {
    money::value(view.folder, deal, cut, view.e.day(view.folder.zone)).unwrap_or_default()
}

/// Every instant at which something may have changed: the deal's creation, its stays, its values.
fn instants(view: &View, deal: &Deal) -> BTreeSet<Instant> {
    let mut found: BTreeSet<Instant> = journey::created(view.folder, deal).into_iter().collect();
    found.extend(journey::stays(view.folder, deal, view.t).iter().filter_map(|stay| stay.entered));
    for field in ["value", "currency"] {
        found.extend(deal.events_on(field).iter().map(|row| row.at));
    }
    found.retain(|at| view.in_period(*at));
    found
}

/// What happened to a deal in the period, instant by instant. At one instant values come first, then stages.
fn changes_of(view: &View, deal: &Deal) -> Vec<Change> {
    let folder = view.folder;
    let outcome = journey::outcome(folder, deal, view.t);
    if outcome.is_some() && journey::closed_at(folder, deal, view.t).is_none() {
        // It was closed always, or nobody knows when.
        return Vec::new();
    }
    let mut changes = Vec::new();
    for at in instants(view, deal) {
        let (before, after) = (Cut::before(at), Cut::after(at));
        if !journey::exists(folder, deal, after) {
            continue;
        }
        let value = value_at(view, deal, after);
        let mut change =
            |step: &str, value: Decimal| changes.push(Change { at, step: step.to_owned(), value });
        let mut is_open = journey::is_open_at(folder, deal, view.t, before);
        if is_open {
            let grown = value - value_at(view, deal, before);
            if grown > Decimal::ZERO {
                change("value_up", grown);
            } else if grown < Decimal::ZERO {
                change("value_down", -grown);
            }
        }
        if !journey::exists(folder, deal, before) {
            change("created", value);
            is_open = true;
        }
        // The stages that it entered at this instant, and the one that it is in after it.
        let stays = journey::stays(folder, deal, view.t);
        let entered = stays.iter().filter(|stay| stay.entered == Some(at)).map(|stay| stay.stage.clone());
        let now = journey::stage_at(folder, deal, view.t, after);
        for stage in entered.chain([now]) {
            match stage.and_then(|id| folder.outcome(&id).map(str::to_owned)) {
                Some(outcome) if is_open => {
                    change(&outcome, value);
                    is_open = false;
                }
                None if !is_open => {
                    change("reopened", value);
                    is_open = true;
                }
                _ => {}
            }
        }
    }
    changes
}

/// Count and value of each step.
fn sums(view: &View, group: &Group) -> BTreeMap<String, (usize, Decimal)> {
    let mut sums: BTreeMap<String, (usize, Decimal)> = BTreeMap::new();
    let mut add = |step: &str, value: Decimal| {
        let sum = sums.entry(step.to_owned()).or_default();
        sum.0 += 1;
        sum.1 += value;
    };
    let start = Cut::before(view.start).earlier(view.e);
    for deal in &group.deals {
        for (step, cut) in [("open_at_start", start), ("open_at_end", view.e)] {
            if journey::is_open_at(view.folder, deal, view.t, cut) {
                add(step, value_at(view, deal, cut));
            }
        }
        for change in changes_of(view, deal) {
            if group.holds(view, change.at) {
                add(&change.step, change.value);
            }
        }
    }
    sums
}

/// One row a step, in the order in which they add up. A stock has no place in a group by time.
pub(crate) fn changes(view: &View, group: &Group) -> Vec<Cells> {
    let sums = sums(view, group);
    let mut rows = Vec::new();
    for (step, _) in STEPS {
        let (count, value) = sums.get(step).copied().unwrap_or_default();
        let is_stock = step.starts_with("open_at");
        let (count, value) = if is_stock && group.unit.is_some() {
            (Value::Null, cells::amount(view.folder, None))
        } else {
            (json!(count), cells::amount(view.folder, Some(value)))
        };
        rows.push(cells(vec![("step", json!(step)), ("count", count), ("value", value)]));
    }
    rows
}
