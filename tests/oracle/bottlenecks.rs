//! `report bottlenecks` (§5; "Signs"): the stages by how many signs they show, and the deals to act on.

use std::cmp::Reverse;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::value_of_open;
use crate::conversion::stage_cohort;
use crate::files::Deal;
use crate::groups::{Group, groups};
use crate::report::{Question, Section, Tables};
use crate::statistics::{newcombe, quantile};
use crate::time::in_days;
use crate::time_in_stage::{InStage, age_in_stage, in_stage};
use crate::versus;
use crate::view::View;

/// A stage with what it shows now and in the period before.
pub(crate) struct Bottleneck<'a> {
    pub(crate) stage: &'a str,
    pub(crate) signs: Vec<&'static str>,
    now: InStage<'a>,
    median_now: Option<f64>,
    median_before: (Option<f64>, usize),
    /// advanced, and advanced + dropped; now and before.
    decided: [(usize, usize); 2],
}

impl Bottleneck<'_> {
    fn value(&self) -> Decimal {
        self.now.value
    }
}

/// All open stages, those with the most signs first, then those with the most value, then in the order of the process.
pub(crate) fn bottlenecks<'a>(
    view: &View<'a>,
    before: &View<'a>,
    group: &Group<'a>,
    then: &Group<'a>,
) -> Vec<Bottleneck<'a>> {
    let open = view.folder.open_stages();
    let queue_days: Vec<Option<f64>> =
        open.iter().map(|stage| in_stage(view, group, Some(stage)).queue_days).collect();
    let longest_queue = queue_days.iter().flatten().copied().fold(0.0, f64::max);
    let mut found = Vec::new();
    for (place, &stage) in open.iter().enumerate() {
        let now = in_stage(view, group, Some(stage));
        let stays_before = in_stage(before, then, Some(stage)).stays;
        let median_now = quantile(&now.stays, 0.5);
        let median_before = quantile(&stays_before, 0.5);
        let decided = [(view, group), (before, then)].map(|(view, group)| {
            let cohort = stage_cohort(view, group, place);
            (cohort.advanced, cohort.advanced + cohort.dropped)
        });
        let mut signs = Vec::new();
        let stalled = now.stalled.as_ref().map_or(0, Vec::len);
        if stalled >= 3 && 4 * stalled >= now.deals.len() {
            signs.push("many_stalled");
        }
        if let (Some(median), Some(earlier)) = (median_now, median_before) {
            let enough = now.stays.len() >= 10 && stays_before.len() >= 10;
            if enough && earlier > 0.0 && median >= 1.5 * earlier {
                signs.push("slower");
            }
        }
        let [rate_now, rate_before] = decided;
        if rate_now.1 > 0 && rate_before.1 > 0 && newcombe(rate_now, rate_before).1 < 0.0 {
            signs.push("fewer_advance");
        }
        if let (Some(queue), Some(limit)) = (queue_days[place], stage.stale_after_days)
            // 3 deals and 3 exits are the same queue as 2 and 2, to the last binary digit or not.
            && queue >= longest_queue * (1.0 - 1e-12)
            && queue > 0.0
            && queue >= 1.5 * limit as f64
        {
            signs.push("long_queue");
        }
        let median_before = (median_before, stays_before.len());
        found.push(Bottleneck { stage: &stage.id, signs, now, median_now, median_before, decided });
    }
    // The sort is stable: what is equal stays in the order of the process.
    found.sort_by_key(|one| Reverse((one.signs.len(), one.value())));
    found
}

/// The stages, the signs of each, the deals to act on, and the measures that are compared. The other period is seen with
/// its own groups.
pub(crate) fn sections(tables: &Tables, question: &Question) -> Vec<Section> {
    let view = tables.view;
    let other = question.other_period(view.folder).unwrap_or_else(|| view.period.previous());
    let before = View::beside(view.folder, view.period, other, question.moment(), &question.terms);
    let then = groups(&before, tables.by);
    // Groups that only the other period has are there too, without deals.
    let mut all = tables.groups.to_vec();
    for group in &then {
        if !all.iter().any(|one| one.names == group.names) {
            all.push(Group { names: group.names.clone(), deals: Vec::new(), unit: None });
        }
    }
    let tables = Tables { view, by: tables.by, groups: &all };
    vec![
        tables.rows("bottlenecks", |view, group| {
            beside_its_own(view, &before, group, &then).iter().map(|one| stage_row(view, one)).collect()
        }),
        tables.rows("signs", |view, group| {
            beside_its_own(view, &before, group, &then).iter().flat_map(sign_rows).collect()
        }),
        tables.rows("act_on", |view, group| to_act_on(view, &beside_its_own(view, &before, group, &then))),
        tables.rows("measures", |view, group| measures(view, &beside_its_own(view, &before, group, &then))),
    ]
}

/// The bottlenecks of a group, beside the group of the same name before; of no deals where there was none.
fn beside_its_own<'a>(
    view: &View<'a>,
    before: &View<'a>,
    group: &Group<'a>,
    then: &[Group<'a>],
) -> Vec<Bottleneck<'a>> {
    if group.names.is_empty() {
        return bottlenecks(view, before, group, &Group::of_all(before));
    }
    let none = Group { names: group.names.clone(), deals: Vec::new(), unit: None };
    let same = then.iter().find(|then| then.names == group.names);
    bottlenecks(view, before, group, same.unwrap_or(&none))
}

fn sign_rows(one: &Bottleneck) -> Vec<Cells> {
    let row = |sign: &&str| cells(vec![("stage", json!(one.stage)), ("sign", json!(sign))]);
    one.signs.iter().map(row).collect()
}

fn stage_row(view: &View, one: &Bottleneck) -> Cells {
    let stalled = one.now.stalled.as_ref().map(Vec::len);
    cells(vec![
        ("stage", json!(one.stage)),
        ("signs", json!(one.signs.len())),
        ("deals", json!(one.now.deals.len())),
        ("value", cells::money(view.folder, Some(one.value()), one.now.valued)),
        ("share_stalled", stalled.map_or(Value::Null, |stalled| rate(stalled, one.now.deals.len()))),
        ("queue_days", days(one.now.queue_days, one.now.exits)),
    ])
}

/// What is compared with the period before, in the order of the process.
fn measures(view: &View, found: &[Bottleneck]) -> Vec<Cells> {
    let mut rows = Vec::new();
    for stage in view.folder.open_stages() {
        let one = found.iter().find(|one| one.stage == stage.id).unwrap();
        let row = |median: Option<f64>, n: usize, (advanced, decided): (usize, usize)| {
            cells(vec![
                ("stage", json!(one.stage)),
                ("median_stay", days(median, n)),
                ("rate_of_decided", rate(advanced, decided)),
            ])
        };
        let now = row(one.median_now, one.now.stays.len(), one.decided[0]);
        let before = row(one.median_before.0, one.median_before.1, one.decided[1]);
        rows.push(versus::beside(Some(&now), Some(&before), &[]));
    }
    rows
}

/// The deals to act on, of the stages that show a sign: what is stalled there, else all that is there; by value, then the
/// longest there first.
fn to_act_on(view: &View, found: &[Bottleneck]) -> Vec<Cells> {
    let mut rows = Vec::new();
    for one in found.iter().filter(|one| !one.signs.is_empty()) {
        let mut deals: Vec<&Deal> = one.now.stalled.clone().unwrap_or_default();
        if deals.is_empty() {
            deals.clone_from(&one.now.deals);
        }
        deals.sort_by_key(|deal| Reverse((value_of_open(view, deal), age_in_stage(view, deal))));
        for deal in deals {
            let value = value_of_open(view, deal).map(|value| cells::amount(view.folder, Some(value)));
            rows.push(cells(vec![
                ("stage", json!(one.stage)),
                ("id", json!(deal.cell("id"))),
                ("value", json!(value)),
                ("stage_age", json!(age_in_stage(view, deal).map(in_days))),
            ]));
        }
    }
    rows
}
