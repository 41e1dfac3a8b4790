//! `report slippage` (§8; "Slippage"): close dates that moved, and whether deals were won when they were first due.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::cells::{Cells, cells, days, rate};
use crate::cohorts::open_at_e;
use crate::files::{Deal, Row};
use crate::groups::{Group, field_of};
use crate::journey;
use crate::report::{Section, Tables};
use crate::statistics::quantile;
use crate::time::{Cut, Instant, day_of, read_instant};
use crate::view::View;

/// A close date that was moved while the deal was open.
struct Move {
    at: Instant,
    /// To a later day by so many; to an earlier one where negative.
    days: i64,
    /// The stage the deal was in.
    stage: String,
}

/// The day that a cell with a date is on; none where it is empty.
pub(crate) fn day_in(view: &View, cell: &str) -> Option<NaiveDate> {
    read_instant(view.folder.zone, cell).map(|at| day_of(view.folder.zone, at))
}

/// The moves of a deal's close date from one day to another, up to `t`. A first setting and an emptying are none.
fn moves(view: &View, deal: &Deal) -> Vec<Move> {
    let mut found = Vec::new();
    for Row { at, from, to, .. } in deal.events_on("close_date") {
        let before = Cut::before(*at);
        let (Some(from), Some(to)) = (day_in(view, from), day_in(view, to)) else { continue };
        let is_open = journey::is_open_at(view.folder, deal, view.t, before);
        if view.t.sees(*at) && is_open && from != to {
            let stage = journey::stage_at(view.folder, deal, view.t, before);
            let stage = stage.unwrap_or_else(|| "unknown".to_owned());
            found.push(Move { at: *at, days: (to - from).num_days(), stage });
        }
    }
    found
}

/// How often an open deal's close date was moved to a later day, up to `e`.
pub(crate) fn pushes(view: &View, deal: &Deal) -> usize {
    moves(view, deal).iter().filter(|one| one.days > 0 && view.e.sees(one.at)).count()
}

/// Open at `e` with a close date before the day of `e`.
pub(crate) fn is_past_due(view: &View, deal: &Deal) -> bool {
    let due = day_in(view, &journey::field_at(deal, "close_date", view.t));
    due.is_some_and(|due| due < view.e.day(view.folder.zone))
}

/// The moves in the group's time of those of its deals, or in that of its stages, that are picked.
fn moved(view: &View, group: &Group, picked: &dyn Fn(&Deal, &Move) -> bool) -> Cells {
    let (mut pushed, mut pulled) = (0, 0);
    let (mut later, mut earlier) = (Vec::new(), Vec::new());
    for deal in &group.deals {
        let own = moves(view, deal);
        let own = own.iter().filter(|one| group.holds(view, one.at) && picked(deal, one));
        let own: Vec<i64> = own.map(|one| one.days).collect();
        pushed += usize::from(own.iter().any(|days| *days > 0));
        pulled += usize::from(own.iter().any(|days| *days < 0));
        later.extend(own.iter().copied().filter(|days| *days > 0).map(|days| days as f64));
        earlier.extend(own.iter().copied().filter(|days| *days < 0).map(|days| -days as f64));
    }
    cells(vec![
        ("pushed", json!(pushed)),
        ("pushes", json!(later.len())),
        ("days_pushed", days(Some(later.iter().sum()), later.len())),
        ("median_push", days(quantile(&later, 0.5), later.len())),
        ("pulled_in", json!(pulled)),
        ("pulls", json!(earlier.len())),
    ])
}

/// Open deals that were pushed 3 times or more, and those past their close date. A stock has no place in a group by
/// time.
fn open(view: &View, group: &Group) -> Cells {
    if group.unit.is_some() {
        return cells(vec![("often_pushed", Value::Null), ("past_due", Value::Null)]);
    }
    let open = open_at_e(view, group);
    cells(vec![
        ("open", json!(open.len())),
        ("often_pushed", json!(open.iter().filter(|deal| pushes(view, deal) >= 3).count())),
        ("past_due", json!(open.iter().filter(|deal| is_past_due(view, deal)).count())),
    ])
}

/// The first day a deal was expected to close on.
fn first_due(view: &View, deal: &Deal) -> Option<NaiveDate> {
    let rows = deal.events_on("close_date");
    let mut cells: Vec<&str> = rows.iter().take(1).map(|row| row.from.as_str()).collect();
    cells.extend(rows.iter().filter(|row| view.t.sees(row.at)).map(|row| row.to.as_str()));
    if rows.is_empty() {
        cells.push(deal.cell("close_date"));
    }
    cells.into_iter().find(|cell| !cell.is_empty()).and_then(|cell| day_in(view, cell))
}

/// What became of the deals that were first due in the group's time.
fn on_time(view: &View, group: &Group) -> Cells {
    let zone = view.folder.zone;
    let (mut in_time, mut later, mut lost, mut disqualified, mut open) = (0, 0, 0, 0, 0);
    for deal in &group.deals {
        let Some(due) = first_due(view, deal) else { continue };
        let in_unit = group.unit.is_none_or(|unit| unit.first <= due && due <= unit.last);
        if due < view.period.first || view.e.day(zone) < due || !in_unit {
            continue;
        }
        let closed_on = journey::closed_at(view.folder, deal, view.t).map(|at| day_of(zone, at));
        match (journey::outcome(view.folder, deal, view.t).as_deref(), closed_on) {
            (None, _) => open += 1,
            (Some(_), None) => {}
            (Some("won"), Some(day)) if day <= due => in_time += 1,
            (Some("won"), _) => later += 1,
            (Some("lost"), _) => lost += 1,
            _ => disqualified += 1,
        }
    }
    let due = in_time + later + lost + disqualified + open;
    cells(vec![
        ("due", json!(due)),
        ("won_in_time", json!(in_time)),
        ("won_later", json!(later)),
        ("lost", json!(lost)),
        ("disqualified", json!(disqualified)),
        ("still_open", json!(open)),
        ("on_time", rate(in_time, due)),
    ])
}

pub(crate) fn sections(tables: &Tables) -> Vec<Section> {
    let view = tables.view;
    let mut stages: Vec<String> = view.folder.open_stages().iter().map(|stage| stage.id.clone()).collect();
    stages.push("unknown".to_owned());
    let owner = |deal: &Deal| field_of(view.folder, deal, "owner", view.t);
    let mut owners: Vec<String> = view.deals.iter().map(|deal| owner(deal)).collect();
    owners.sort_by_key(|owner| (owner.is_empty(), owner.clone()));
    owners.dedup();
    vec![
        tables.row("slippage", |view, group| moved(view, group, &|_, _| true)),
        tables.split("by_stage", "stage", &stages, |group, name| {
            moved(view, group, &|_, one| name.is_none_or(|name| one.stage == name))
        }),
        tables.split("by_owner", "owner", &owners, |group, name| {
            moved(view, group, &|deal, _| name.is_none_or(|name| owner(deal) == name))
        }),
        tables.row("open", open),
        tables.row("on_time", on_time),
    ]
}
