//! `report changes` (§7; "Changes"): how the open pipeline came from what it was to what it is.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells};
use crate::files::Deal;
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::time::{Cut, Instant, first_instant};
use crate::view::View;

/// The lines, in the order in which they add up to the last.
pub(crate) const STEPS: [&str; 9] = [
    "open_at_start",
    "created",
    "reopened",
    "value_up",
    "value_down",
    "won",
    "lost",
    "disqualified",
    "open_at_end",
];

/// Something that happened to the open pipeline: what it added, or took away where below 0.
struct Change {
    at: Instant,
    step: String,
    deals: i64,
    value: Decimal,
    has_value: bool,
}

/// The value of a deal at a cut, at the rate of the day of `e`.
fn value_at(view: &View, deal: &Deal, cut: Cut) -> Option<Decimal> {
    money::value(view.folder, deal, cut, view.e.day(view.folder.zone))
}

/// Every instant up to `e` at which something may have changed: the deal's creation, its stays, its values.
fn instants(view: &View, deal: &Deal) -> BTreeSet<Instant> {
    let mut found: BTreeSet<Instant> = journey::created(view.folder, deal).into_iter().collect();
    found.extend(journey::stays(view.folder, deal, view.t).iter().filter_map(|stay| stay.entered));
    for field in ["value", "currency"] {
        found.extend(deal.events_on(field).iter().map(|row| row.at));
    }
    found.retain(|at| view.e.sees(*at));
    found
}

/// What happened to a deal up to `e`, instant by instant. At one instant values come first, then stages.
fn changes_of(view: &View, deal: &Deal) -> Vec<Change> {
    let folder = view.folder;
    let outcome = journey::outcome(folder, deal, view.t);
    if outcome.is_some() && journey::closed_at(folder, deal, view.t).is_none() {
        // It was closed always, or nobody knows when.
        return Vec::new();
    }
    let outcome_of = |stage: Option<String>| stage.and_then(|id| folder.outcome(&id).map(str::to_owned));
    let mut changes: Vec<Change> = Vec::new();
    for at in instants(view, deal) {
        let (before, after) = (Cut::before(at), Cut::after(at));
        if !journey::exists(folder, deal, after) {
            continue;
        }
        let now = value_at(view, deal, after);
        let value = now.unwrap_or_default();
        let change = |step: &str, deals: i64, value: Decimal| Change {
            at,
            step: step.to_owned(),
            deals,
            value,
            has_value: now.is_some(),
        };
        let mut is_open = journey::is_open_at(folder, deal, view.t, before);
        if is_open {
            let grown = value - value_at(view, deal, before).unwrap_or_default();
            if !grown.is_zero() {
                let step = if grown > Decimal::ZERO { "value_up" } else { "value_down" };
                changes.push(change(step, 0, grown));
            }
        }
        // The stages that it entered at this instant; of a deal that is created at it, the one it is in after it.
        let stays = journey::stays(folder, deal, view.t);
        let entered = stays.iter().filter(|stay| stay.entered == Some(at)).map(|stay| stay.stage.clone());
        let mut stages: Vec<Option<String>> = entered.collect();
        if !journey::exists(folder, deal, before) {
            changes.push(change("created", 1, value));
            is_open = true;
            stages = vec![journey::stage_at(folder, deal, view.t, after)];
        }
        for stage in stages {
            match outcome_of(stage) {
                Some(outcome) if is_open => {
                    changes.push(change(&outcome, -1, -value));
                    is_open = false;
                }
                // A change of outcome is part of the close, which is called by the last of them.
                Some(outcome) => {
                    if let Some(close) = changes.iter_mut().rfind(|change| change.deals < 0) {
                        close.step = outcome;
                    }
                }
                None if !is_open => {
                    changes.push(change("reopened", 1, value));
                    is_open = true;
                }
                None => {}
            }
        }
    }
    changes
}

/// What a line adds up to.
#[derive(Default)]
struct Line {
    deals: i64,
    value: Decimal,
    /// How many of the deals had a value; of the lines of edits, how many deals were edited.
    n: usize,
}

/// The lines from one cut to another.
fn lines(view: &View, group: &Group, from: Instant, to: Cut) -> BTreeMap<String, Line> {
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for deal in &group.deals {
        for (step, cut) in [("open_at_start", Cut::before(from).earlier(to)), ("open_at_end", to)] {
            if journey::is_open_at(view.folder, deal, view.t, cut) {
                let value = value_at(view, deal, cut);
                let line = lines.entry(step.to_owned()).or_default();
                line.deals += 1;
                line.value += value.unwrap_or_default();
                line.n += usize::from(value.is_some());
            }
        }
        let mut edited = BTreeSet::new();
        for change in changes_of(view, deal) {
            if change.at < from || !to.sees(change.at) {
                continue;
            }
            let line = lines.entry(change.step.clone()).or_default();
            line.deals += change.deals;
            line.value += change.value;
            let counts = if change.deals == 0 { edited.insert(change.step) } else { change.has_value };
            line.n += usize::from(counts);
        }
    }
    lines
}

/// One row a line. Each unit of time is a whole of its own; one that begins after `e` has none.
pub(crate) fn changes(view: &View, group: &Group) -> Vec<Cells> {
    let zone = view.folder.zone;
    let (mut from, mut to) = (view.start, view.e);
    if let Some(unit) = group.unit {
        from = from.max(first_instant(zone, unit.first));
        to = to.earlier(Cut::end_of(zone, unit.last));
        if !view.e.sees(from) {
            return Vec::new();
        }
    }
    let mut lines = lines(view, group, from, to);
    let row = |step: &str| {
        let line = lines.remove(step).unwrap_or_default();
        let deals = if step.starts_with("value") { Value::Null } else { json!(line.deals) };
        cells(vec![
            ("step", json!(step)),
            ("deals", deals),
            ("value", cells::money(view.folder, Some(line.value), line.n)),
        ])
    };
    STEPS.map(row).to_vec()
}
