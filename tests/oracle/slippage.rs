//! `report slippage` (§8; "Slippage"): close dates that moved, and whether deals were won when they were first due.

use std::cmp::Reverse;

use chrono::NaiveDate;
use serde_json::json;

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::{open_at_e, value_of_open};
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

/// Open at `e`, with a close date then that is before the day of `e`: how many days before.
fn days_past(view: &View, deal: &Deal) -> Option<i64> {
    let due = day_in(view, &journey::field_at(deal, "close_date", view.e))?;
    let days = (view.e.day(view.folder.zone) - due).num_days();
    (days > 0).then_some(days)
}

/// Open at `e` with a close date before the day of `e`.
pub(crate) fn is_past_due(view: &View, deal: &Deal) -> bool {
    days_past(view, deal).is_some()
}

/// Whether its close date was moved to a later day in the period.
pub(crate) fn is_pushed(view: &View, deal: &Deal) -> bool {
    moves(view, deal).iter().any(|one| one.days > 0 && view.in_period(one.at))
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
        ("pushed_deals", json!(pushed)),
        ("pushes", json!(later.len())),
        ("days_pushed", json!(later.iter().sum::<f64>())),
        ("median_push", days(quantile(&later, 0.5), later.len())),
        ("pulled_in_deals", json!(pulled)),
        ("pull_ins", json!(earlier.len())),
        ("days_pulled_in", json!(earlier.iter().sum::<f64>())),
    ])
}

/// The open deals that were pushed 3 times or more, ever: most pushes first, then by value.
fn pushed_often(view: &View) -> Vec<Cells> {
    let mut found = Vec::new();
    for deal in open_at_e(view, &Group::of_all(view)) {
        let moves = moves(view, deal);
        let pushes: Vec<i64> =
            moves.iter().filter(|one| one.days > 0 && view.e.sees(one.at)).map(|one| one.days).collect();
        if pushes.len() >= 3 {
            found.push((deal, pushes));
        }
    }
    found.sort_by_key(|(deal, pushes)| Reverse((pushes.len(), value_of_open(view, deal))));
    let row = |(deal, pushes): &(&Deal, Vec<i64>)| {
        cells(vec![
            ("id", json!(deal.cell("id"))),
            ("value", cells::amount(view.folder, value_of_open(view, deal))),
            ("pushes", json!(pushes.len())),
            ("days_pushed", json!(pushes.iter().sum::<i64>() as f64)),
        ])
    };
    found.iter().map(row).collect()
}

/// The open deals past their close date: by value, then the longest past.
fn overdue(view: &View) -> Vec<Cells> {
    let mut deals = open_at_e(view, &Group::of_all(view));
    deals.retain(|deal| is_past_due(view, deal));
    deals.sort_by_key(|deal| Reverse((value_of_open(view, deal), days_past(view, deal))));
    let row = |deal: &&Deal| {
        cells(vec![
            ("id", json!(deal.cell("id"))),
            ("value", cells::amount(view.folder, value_of_open(view, deal))),
            ("days_past", json!(days_past(view, deal).map(|days| days as f64))),
        ])
    };
    deals.iter().map(row).collect()
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
        ("came_due", json!(due)),
        ("won_on_time", rate(in_time, due)),
        ("won_later", json!(later)),
        ("lost", json!(lost)),
        ("disqualified", json!(disqualified)),
        ("still_open", json!(open)),
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
    let all = moved(view, &Group::of_all(view), &|_, _| true);
    let occurs = |row: Cells| (row["pushes"] != 0 || row["pull_ins"] != 0).then_some(row);
    vec![
        tables.row("slippage", |view, group| moved(view, group, &|_, _| true)),
        tables.own("stages", "stage", &stages, all.clone(), |group, name| {
            occurs(moved(view, group, &|_, one| one.stage == name))
        }),
        tables.own("owners", "owner", &owners, all, |group, name| {
            occurs(moved(view, group, &|deal, _| owner(deal) == name))
        }),
        tables.row("on_time", on_time),
        Tables::list("pushed_often", pushed_often(view)),
        Tables::list("past_close_date", overdue(view)),
    ]
}
