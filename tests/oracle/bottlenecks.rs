//! `report bottlenecks` (§5; "Signs"): the stages by how many signs they show, and the deals to act on.

use std::cmp::Reverse;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::value_of_open;
use crate::conversion::stage_cohort;
use crate::files::Deal;
use crate::groups::Group;
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
pub(crate) fn bottlenecks<'a>(view: &View<'a>, before: &View<'a>, group: &Group<'a>) -> Vec<Bottleneck<'a>> {
    let then = Group::of_all(before);
    let open = view.folder.open_stages();
    let queue_days: Vec<Option<f64>> =
        open.iter().map(|stage| in_stage(view, group, Some(stage)).queue_days).collect();
    let longest_queue = queue_days.iter().flatten().copied().fold(0.0, f64::max);
    let mut found = Vec::new();
    for (place, &stage) in open.iter().enumerate() {
        let now = in_stage(view, group, Some(stage));
        let stays_before = in_stage(before, &then, Some(stage)).stays;
        let median_now = quantile(&now.stays, 0.5);
        let median_before = quantile(&stays_before, 0.5);
        let decided = [(view, group), (before, &then)].map(|(view, group)| {
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
            && queue >= longest_queue
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

/// The stages, the signs of each, the deals to act on, and the measures that are compared.
pub(crate) fn sections(view: &View, question: &Question) -> Vec<Section> {
    let before = view.before(question.moment(), &question.terms);
    let found = bottlenecks(view, &before, &Group::of_all(view));
    let in_order = |row: &dyn Fn(&Bottleneck) -> Cells| found.iter().map(row).collect::<Vec<Cells>>();
    let signs = found.iter().flat_map(|one| {
        one.signs.iter().map(|sign| cells(vec![("stage", json!(one.stage)), ("sign", json!(sign))]))
    });
    vec![
        Tables::list("bottlenecks", in_order(&|one| stage_row(view, one))),
        Tables::list("signs", signs.collect()),
        Tables::list("act_on", to_act_on(view, &found)),
        Tables::list("measures", measures(view, &found)),
    ]
}

fn stage_row(view: &View, one: &Bottleneck) -> Cells {
    let stalled = one.now.stalled.as_ref().map(Vec::len);
    cells(vec![
        ("stage", json!(one.stage)),
        ("signs", json!(one.signs.len())),
        ("deals", json!(one.now.deals.len())),
        ("value", cells::money(view.folder, Some(one.value()), one.now.valued)),
        ("share_stalled", stalled.map_or(Value::Null, |stalled| rate(stalled, one.now.deals.len()))),
        ("queue_days", json!({"days": one.now.queue_days})),
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

/// The deals to act on: what is stalled in the stages that show a sign, the longest there first.
fn to_act_on(view: &View, found: &[Bottleneck]) -> Vec<Cells> {
    let mut rows = Vec::new();
    for one in found.iter().filter(|one| !one.signs.is_empty()) {
        let mut deals: Vec<&Deal> = one.now.stalled.clone().unwrap_or_default();
        deals.sort_by_key(|deal| Reverse(age_in_stage(view, deal).unwrap()));
        for deal in deals {
            rows.push(cells(vec![
                ("stage", json!(one.stage)),
                ("id", json!(deal.cell("id"))),
                ("value", cells::amount(view.folder, value_of_open(view, deal))),
                ("stage_age", json!(age_in_stage(view, deal).map(in_days))),
            ]));
        }
    }
    rows
}
