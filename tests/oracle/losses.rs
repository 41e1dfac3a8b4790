//! `report losses` (§9; "Losses"): deals lost or disqualified in the period, by reason and by the stage they were lost
//! from.

use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::{closed_as, count_with_outcome, values_of_closed};
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

fn figures(view: &View, deals: &[&Deal]) -> Vec<(&'static str, Value)> {
    let values = values_of_closed(view, deals);
    let cycles = cycles(view, deals);
    vec![
        ("lost", json!(count_with_outcome(view, deals, "lost"))),
        ("disqualified", json!(count_with_outcome(view, deals, "disqualified"))),
        ("value", cells::money(view.folder, Some(money::total(&values)), values.len())),
        ("median_spent", days(quantile(&cycles, 0.5), cycles.len())),
    ]
}

/// A row for each name that a loss has.
fn split(
    view: &View,
    group: &Group,
    key: &'static str,
    names: &[String],
    name_of: &dyn Fn(&Deal) -> String,
) -> Vec<Cells> {
    let all = lost(view, group);
    let mut rows = Vec::new();
    for name in names {
        let deals: Vec<&Deal> = all.iter().copied().filter(|deal| name_of(deal) == *name).collect();
        if !deals.is_empty() {
            let first = vec![(key, json!(name)), ("share", rate(deals.len(), all.len()))];
            rows.push(cells([first, figures(view, &deals)].concat()));
        }
    }
    rows
}

/// The most losses first, then in the order of their text, none last of those with as many.
fn reasons(view: &View, group: &Group) -> Vec<Cells> {
    let reason = |deal: &Deal| {
        let text = journey::field_at(deal, "reason", view.t);
        if text.is_empty() { "no_reason".to_owned() } else { text }
    };
    let all: Vec<String> = lost(view, group).iter().map(|deal| reason(deal)).collect();
    let mut names = all.clone();
    names.sort_by_key(|name| {
        let count = all.iter().filter(|other| *other == name).count();
        (Reverse(count), name == "no_reason", name.clone())
    });
    names.dedup();
    split(view, group, "reason", &names, &reason)
}

fn stages(view: &View, group: &Group) -> Vec<Cells> {
    let mut names: Vec<String> = view.folder.open_stages().iter().map(|stage| stage.id.clone()).collect();
    names.push("unknown".to_owned());
    split(view, group, "stage", &names, &|deal| lost_from(view, deal))
}

pub(crate) fn sections(tables: &Tables) -> Vec<Section> {
    vec![
        tables.row("losses", |view, group| cells(figures(view, &lost(view, group)))),
        tables.rows("reasons", reasons),
        tables.rows("stages", stages),
    ]
}
