//! `report conversion` (§2): how deals that closed ended, how those created ended, and stage by stage.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use crate::cells::{Cells, cells, rate};
use crate::cohorts::{closed_as, count_open, count_with_outcome, created_in, values_of_closed};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::view::View;

/// §2: win rate, conversion rate, win rate by value.
pub(crate) fn closed(view: &View, group: &Group) -> Cells {
    let won = closed_as(view, group, "won");
    let lost = closed_as(view, group, "lost");
    let disqualified = closed_as(view, group, "disqualified").len();
    let won_value = money::total(&values_of_closed(view, &won));
    let lost_value = money::total(&values_of_closed(view, &lost));
    let by_value =
        (lost_value > Decimal::ZERO).then(|| (won_value / (won_value + lost_value)).to_f64().unwrap());
    let (won, lost) = (won.len(), lost.len());
    cells(vec![
        ("won", json!(won)),
        ("lost", json!(lost)),
        ("disqualified", json!(disqualified)),
        ("win_rate", rate(won, won + lost)),
        ("conversion_rate", rate(won, won + lost + disqualified)),
        ("win_rate_by_value", json!(by_value)),
    ])
}

/// §2: created win rate, with the share still open.
pub(crate) fn created(view: &View, group: &Group) -> Cells {
    let created = created_in(view, group);
    cells(vec![
        ("created", json!(created.len())),
        ("created_win_rate", rate(count_with_outcome(view, &created, "won"), created.len())),
        ("share_open", rate(count_open(view, &created), created.len())),
    ])
}

/// What became of the deals that reached a stage within the group's time.
#[derive(Default)]
pub(crate) struct StageCohort {
    pub(crate) reached: usize,
    pub(crate) advanced: usize,
    pub(crate) dropped: usize,
    pub(crate) pending: usize,
    pub(crate) won: usize,
}

/// §2 Stage conversion, of the open stage at a place in the order of the process. Assumed journeys are left out.
pub(crate) fn stage_cohort(view: &View, group: &Group, place: usize) -> StageCohort {
    let open = view.folder.open_stages();
    let mut cohort = StageCohort::default();
    for &deal in &group.deals {
        if journey::is_assumed(deal) {
            continue;
        }
        let at = journey::reached(view.folder, deal, view.t, &open[place].id);
        if !at.is_some_and(|at| group.holds(view, at)) {
            continue;
        }
        let outcome = journey::outcome(view.folder, deal, view.t);
        let is_won = outcome.as_deref() == Some("won");
        let has_advanced = match open.get(place + 1) {
            Some(next) => journey::reached(view.folder, deal, view.t, &next.id).is_some(),
            None => is_won,
        };
        cohort.reached += 1;
        if has_advanced {
            cohort.advanced += 1;
        } else if outcome.is_some() {
            cohort.dropped += 1;
        } else {
            cohort.pending += 1;
        }
        if is_won {
            cohort.won += 1;
        }
    }
    cohort
}

/// §2 Stage conversion: one row for each open stage.
pub(crate) fn stages(view: &View, group: &Group) -> Vec<Cells> {
    let mut rows = Vec::new();
    for (place, stage) in view.folder.open_stages().iter().enumerate() {
        let StageCohort { reached, advanced, dropped, pending, won } = stage_cohort(view, group, place);
        rows.push(cells(vec![
            ("stage", json!(stage.id)),
            ("reached", json!(reached)),
            ("advanced", json!(advanced)),
            ("dropped", json!(dropped)),
            ("pending", json!(pending)),
            ("rate_so_far", rate(advanced, reached)),
            ("rate_of_decided", rate(advanced, advanced + dropped)),
            ("share_pending", rate(pending, reached)),
            ("to_won", rate(won, reached)),
        ]));
    }
    rows
}
