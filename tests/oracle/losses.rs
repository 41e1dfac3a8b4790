//! `report losses` (§9; "Losses"): deals lost or disqualified in the period, by reason and by the stage they were lost
//! from.

use serde_json::json;

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::{closed_as, values_of_closed};
use crate::files::Deal;
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Section, Tables};
use crate::statistics::quantile;
use crate::velocity::cycles;
use crate::view::View;

fn lost<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    [closed_as(view, group, "lost"), closed_as(view, group, "disqualified")].concat()
}

/// The stage of the last stay before the close that was open; `unknown` where there is none, or none is known.
fn lost_from(view: &View, deal: &Deal) -> String {
    let stays = journey::stays(view.folder, deal, view.t);
    let is_open = |stage: &Option<String>| stage.as_ref().is_none_or(|id| view.folder.outcome(id).is_none());
    let last_open = stays.iter().rfind(|stay| is_open(&stay.stage));
    last_open.and_then(|stay| stay.stage.clone()).unwrap_or_else(|| "unknown".to_owned())
}

fn row(view: &View, deals: &[&Deal], of: usize) -> Cells {
    let values = values_of_closed(view, deals);
    let cycles = cycles(view, deals);
    cells(vec![
        ("deals", json!(deals.len())),
        ("value", cells::money(view.folder, Some(money::total(&values)), values.len())),
        ("share", rate(deals.len(), of)),
        ("median_days", days(quantile(&cycles, 0.5), cycles.len())),
    ])
}

pub(crate) fn sections(tables: &Tables) -> Vec<Section> {
    let view = tables.view;
    let reason = |deal: &Deal| journey::field_at(deal, "reason", view.t);
    let mut reasons: Vec<String> = view.deals.iter().map(|deal| reason(deal)).collect();
    reasons.sort_by_key(|reason| (reason.is_empty(), reason.clone()));
    reasons.dedup();
    let mut stages: Vec<String> = view.folder.open_stages().iter().map(|stage| stage.id.clone()).collect();
    stages.push("unknown".to_owned());
    let table = |group: &Group, name: Option<&str>, name_of: &dyn Fn(&Deal) -> String| {
        let all = lost(view, group);
        let picked = |deal: &&Deal| name.is_none_or(|name| name_of(deal) == name);
        let deals: Vec<&Deal> = all.iter().copied().filter(picked).collect();
        row(view, &deals, all.len())
    };
    vec![
        tables.split("by_reason", "reason", &reasons, |group, name| table(group, name, &reason)),
        tables.split("by_stage", "stage", &stages, |group, name| {
            table(group, name, &|deal| lost_from(view, deal))
        }),
    ]
}
