//! `report activity` (§10; "Activity"): calls, emails, meetings and notes; open deals that have none; touches per win.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, number, rate};
use crate::cohorts::{closed_as, open_at_e, values_of_open};
use crate::files::{Deal, Row};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::statistics::{mean, quantile};
use crate::time::{Cut, Instant, elapsed};
use crate::view::View;

const KINDS: [(&str, &str); 4] =
    [("call", "calls"), ("email", "emails"), ("meeting", "meetings"), ("note", "notes")];
const DAY: i64 = 86_400_000;

fn is_touch(row: &Row) -> bool {
    KINDS.iter().any(|(kind, _)| row.event == *kind)
}

/// How much happened in the group's time, by kind, and with how many deals.
pub(crate) fn activity(view: &View, group: &Group) -> Cells {
    let rows = group.deals.iter().flat_map(|deal| &deal.rows);
    let happened: Vec<&Row> =
        rows.filter(|row| view.t.sees(row.at) && is_touch(row) && group.holds(view, row.at)).collect();
    let mut row = Cells::new();
    for (kind, key) in KINDS {
        row.insert(key.to_owned(), json!(happened.iter().filter(|row| row.event == kind).count()));
    }
    row.insert("all".to_owned(), json!(happened.len()));
    let deals: BTreeSet<&str> = happened.iter().map(|row| row.deal.as_str()).collect();
    row.insert("deals".to_owned(), json!(deals.len()));
    row
}

/// The last call, email, meeting or note up to a cut.
fn last_touch(deal: &Deal, cut: Cut) -> Option<Instant> {
    deal.rows.iter().filter(|row| is_touch(row) && cut.sees(row.at)).map(|row| row.at).max()
}

/// Open at `e`, and for so many days without any: since the last one, or since it was created.
pub(crate) fn is_idle(view: &View, deal: &Deal, days: i64) -> bool {
    let since = last_touch(deal, view.e).or_else(|| journey::created(view.folder, deal));
    since.is_some_and(|since| elapsed(view.folder.zone, since, view.e.at) >= days * DAY)
}

/// The open deals, and those of them that are idle. A stock has no place in a group by time.
pub(crate) fn idle(view: &View, group: &Group, days: i64) -> Cells {
    if group.unit.is_some() {
        return cells(vec![("open", Value::Null)]);
    }
    let open = open_at_e(view, group);
    let idle: Vec<&Deal> = open.iter().copied().filter(|deal| is_idle(view, deal, days)).collect();
    let values = values_of_open(view, &idle);
    cells(vec![
        ("open", json!(open.len())),
        ("share_idle", rate(idle.len(), open.len())),
        ("idle_value", cells::money(view.folder, Some(money::total(&values)), values.len())),
    ])
}

/// The calls, emails, meetings and notes of each deal won in the period, up to its close.
pub(crate) fn touches(view: &View, group: &Group) -> Cells {
    let mut counts = Vec::new();
    for deal in closed_as(view, group, "won") {
        let closed_at = Cut::after(journey::closed_at(view.folder, deal, view.t).unwrap());
        counts.push(deal.rows.iter().filter(|row| is_touch(row) && closed_at.sees(row.at)).count() as f64);
    }
    cells(vec![
        ("won", json!(counts.len())),
        ("mean_touches", number(mean(&counts), counts.len())),
        ("median_touches", number(quantile(&counts, 0.5), counts.len())),
    ])
}
