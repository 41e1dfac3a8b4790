//! `report conversion --curve` (§2 Win curve; "The win curve"): the share of deals won, lost and disqualified within so
//! many whole days of their creation.

use serde_json::{Value, json};

use crate::cells::{Cells, cells};
use crate::cohorts::created_in;
use crate::groups::Group;
use crate::journey;
use crate::survival::{Followed, incidence, still_open};
use crate::time::elapsed;
use crate::view::View;

pub(crate) const DAYS: [i64; 6] = [30, 60, 90, 120, 180, 365];
const DAY: i64 = 86_400_000;

/// The deals created in the group's time, each followed from its creation to its end, or to `e` where it has none by
/// then. A deal that closed at an unknown time is left out.
fn followed(view: &View, group: &Group) -> Vec<(i64, Option<String>)> {
    let mut found = Vec::new();
    for deal in created_in(view, group) {
        let created = journey::created(view.folder, deal).unwrap();
        let outcome = journey::outcome(view.folder, deal, view.t);
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        if outcome.is_some() && closed_at.is_none() {
            continue;
        }
        let (until, end) = match closed_at.filter(|at| view.e.sees(*at)) {
            Some(closed_at) => (closed_at, outcome),
            None => (view.e.at, None),
        };
        found.push((elapsed(view.folder.zone, created, until).max(0) / DAY, end));
    }
    found
}

fn share(followed: &[Followed], outcome: &str, by: i64, is_known: bool) -> Value {
    if !is_known {
        return json!({"value": null, "low": null, "high": null});
    }
    let incidence = incidence(followed, outcome, by);
    let interval = incidence.interval();
    json!({"value": incidence.value, "low": interval.map(|ends| ends.0), "high": interval.map(|ends| ends.1)})
}

/// One row for each number of days.
pub(crate) fn curve(view: &View, group: &Group) -> Vec<Cells> {
    let deals = followed(view, group);
    let followed: Vec<Followed> =
        deals.iter().map(|(days, end)| Followed { days: *days, end: end.as_deref() }).collect();
    let longest = followed.iter().map(|one| one.days).max();
    let mut rows = Vec::new();
    for by in DAYS {
        // Beyond the longest follow-up nothing is known, unless every deal has ended by then.
        let is_known =
            longest.is_some_and(|longest| by <= longest || still_open(&followed, longest).abs() < 1e-12);
        rows.push(cells(vec![
            ("within_days", json!(by)),
            ("at_risk", json!(followed.iter().filter(|one| one.days >= by).count())),
            ("won", share(&followed, "won", by, is_known)),
            ("lost", share(&followed, "lost", by, is_known)),
            ("disqualified", share(&followed, "disqualified", by, is_known)),
        ]));
    }
    rows
}
