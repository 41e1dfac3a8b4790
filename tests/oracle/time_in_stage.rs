//! `report stages` (§5; "Time in stage"): what stands in each stage, how long stays take, what is stalled.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, days, rate};
use crate::cohorts::{open_at_e, value_of_open, weighted};
use crate::files::{Deal, Stage};
use crate::groups::Group;
use crate::journey::{self, Stay};
use crate::money;
use crate::report::{Section, Tables};
use crate::stalled::{is_stalled, stale_limit};
use crate::statistics::{mean, quantile};
use crate::survival::{Spell, median_survival};
use crate::time::{elapsed, in_days};
use crate::view::View;

/// The figures of one open stage, or of *open, stage unknown*.
pub(crate) struct InStage<'a> {
    pub(crate) deals: Vec<&'a Deal>,
    pub(crate) value: Decimal,
    /// How many of the deals have a value.
    pub(crate) valued: usize,
    pub(crate) weighted: Decimal,
    /// In days, of the deals whose age is known.
    pub(crate) ages: Vec<f64>,
    /// In days, of the stays that ended.
    pub(crate) stays: Vec<f64>,
    /// In milliseconds.
    pub(crate) median_with_open: Option<i64>,
    /// None where there is no limit.
    pub(crate) stalled: Option<Vec<&'a Deal>>,
    pub(crate) exits: usize,
    pub(crate) queue_days: Option<f64>,
}

/// How long a deal has been in its stage at `e`, in milliseconds; none for a deal of unknown creation.
pub(crate) fn age_in_stage(view: &View, deal: &Deal) -> Option<i64> {
    journey::created(view.folder, deal)?;
    let entered = journey::stay_at(view.folder, deal, view.t, view.e)?.entered?;
    Some(elapsed(view.folder.zone, entered, view.e.at).max(0))
}

/// The stays of all deals in a stage; of deals with assumed journeys too where `assumed` says so.
fn stays_in(view: &View, group: &Group, stage: &str, assumed: bool) -> Vec<Stay> {
    let deals = group.deals.iter().filter(|deal| assumed || !journey::is_assumed(deal));
    let stays = deals.flat_map(|deal| journey::stays(view.folder, deal, view.t).to_vec());
    stays.filter(|stay| stay.stage.as_deref() == Some(stage)).collect()
}

/// The stays running at some time in the period, as they were watched.
fn spells(view: &View, group: &Group, stage: &str) -> Vec<Spell> {
    let zone = view.folder.zone;
    let mut found = Vec::new();
    for stay in stays_in(view, group, stage, false) {
        let Some(entered) = stay.entered else { continue };
        if !view.e.sees(entered) || stay.left.is_some_and(|left| left < view.start) {
            continue;
        }
        let entry = elapsed(zone, entered, view.start).max(0);
        found.push(match stay.left.filter(|left| view.e.sees(*left)) {
            Some(left) => Spell { entry, exit: elapsed(zone, entered, left), ended: true },
            None => Spell { entry, exit: elapsed(zone, entered, view.e.at).max(0), ended: false },
        });
    }
    found
}

/// The figures of a stage; `None` is *open, stage unknown*.
pub(crate) fn in_stage<'a>(view: &View<'a>, group: &Group<'a>, stage: Option<&Stage>) -> InStage<'a> {
    let id = stage.map(|stage| stage.id.as_str());
    let mut deals = open_at_e(view, group);
    deals.retain(|deal| journey::stage_at(view.folder, deal, view.t, view.e).as_deref() == id);
    if group.unit.is_some() {
        deals.clear();
    }
    let values: Vec<Decimal> = deals.iter().filter_map(|deal| value_of_open(view, deal)).collect();
    let weighted: Vec<Decimal> = deals.iter().filter_map(|deal| weighted(view, deal)).collect();
    let ages = deals.iter().filter_map(|deal| age_in_stage(view, deal)).map(in_days).collect();
    let limit = stage.and_then(|stage| stale_limit(view, stage));
    let stalled =
        limit.map(|limit| deals.iter().copied().filter(|deal| is_stalled(view, deal, limit)).collect());
    let ended = |stay: &Stay| stay.left.is_some_and(|left| group.holds(view, left));
    let zone = view.folder.zone;
    let stays = id.map_or(Vec::new(), |id| stays_in(view, group, id, false));
    let stays: Vec<f64> = stays
        .iter()
        .filter(|stay| ended(stay))
        .filter_map(|stay| Some(in_days(elapsed(zone, stay.entered?, stay.left?))))
        .collect();
    let all_stays = id.map_or(Vec::new(), |id| stays_in(view, group, id, true));
    let exits = all_stays.iter().filter(|stay| ended(stay)).count();
    let elapsed_days = in_days(elapsed(zone, view.start, view.e.at));
    let has_queue = group.unit.is_none() && id.is_some() && exits > 0 && elapsed_days > 0.0;
    InStage {
        value: money::total(&values),
        valued: values.len(),
        weighted: money::total(&weighted),
        ages,
        median_with_open: id
            .filter(|_| group.unit.is_none())
            .and_then(|id| median_survival(&spells(view, group, id))),
        stalled,
        exits,
        queue_days: has_queue.then(|| deals.len() as f64 * elapsed_days / exits as f64),
        deals,
        stays,
    }
}

/// One row for each open stage, and where asked one for *open, stage unknown* when there are such deals.
fn of_stages(
    view: &View,
    group: &Group,
    with_unknown: bool,
    row: impl Fn(Option<&Stage>, InStage) -> Vec<(&'static str, Value)>,
) -> Vec<Cells> {
    let open = view.folder.open_stages();
    let has_unknown = with_unknown && !in_stage(view, group, None).deals.is_empty();
    let stages = open.into_iter().map(Some).chain(has_unknown.then_some(None));
    let named = |stage: Option<&Stage>| {
        let mut cells = cells(vec![("stage", json!(stage.map_or("unknown", |stage| &stage.id)))]);
        cells.extend(
            row(stage, in_stage(view, group, stage)).into_iter().map(|(key, cell)| (key.to_owned(), cell)),
        );
        cells
    };
    stages.map(named).collect()
}

/// *Deals now*.
fn now(view: &View, group: &Group) -> Vec<Cells> {
    of_stages(view, group, true, |_, found| {
        let amount = |amount| cells::money(view.folder, Some(amount), found.valued);
        vec![
            ("deals", json!(found.deals.len())),
            ("value", amount(found.value)),
            ("weighted", amount(found.weighted)),
            ("median_stage_age", days(quantile(&found.ages, 0.5), found.ages.len())),
            ("longest_stage_age", json!(found.ages.iter().copied().reduce(f64::max))),
        ]
    })
}

/// *Ages*: the deals now, by the day that each is in.
fn ages(view: &View, group: &Group) -> Vec<Cells> {
    const LAST_DAYS: [(&str, f64); 6] = [
        ("day_1_to_7", 7.0),
        ("day_8_to_14", 14.0),
        ("day_15_to_30", 30.0),
        ("day_31_to_60", 60.0),
        ("day_61_to_90", 90.0),
        ("day_91_on", f64::MAX),
    ];
    of_stages(view, group, true, |_, found| {
        let mut counted = 0;
        let mut row: Vec<(&'static str, Value)> = Vec::new();
        for (key, last) in LAST_DAYS {
            let so_far = found.ages.iter().filter(|age| **age <= last).count();
            row.push((key, json!(so_far - counted)));
            counted = so_far;
        }
        row.push(("no_age", json!(found.deals.len() - counted)));
        row
    })
}

/// *Stalled* and *queue days*.
fn waiting(view: &View, group: &Group) -> Vec<Cells> {
    of_stages(view, group, false, |stage, found| {
        let stalled = found.stalled.as_ref().map(Vec::len);
        let limit = stage.and_then(|stage| stale_limit(view, stage));
        vec![
            ("limit", json!(limit.map(|limit| limit / 86_400_000.0))),
            ("stalled", json!(stalled)),
            ("share_stalled", stalled.map_or(Value::Null, |stalled| rate(stalled, found.deals.len()))),
            ("queue_days", days(found.queue_days, found.exits)),
        ]
    })
}

/// What stands in the stages is not split by time.
pub(crate) fn sections(tables: &Tables) -> Vec<Section> {
    let standing = tables.without_time();
    vec![
        standing.rows("now", now),
        standing.rows("ages", ages),
        standing.rows("waiting", waiting),
        tables.rows("stays", stays),
    ]
}

/// *Stays*, and the *median with those still there*.
fn stays(view: &View, group: &Group) -> Vec<Cells> {
    of_stages(view, group, false, |_, found| {
        let n = found.stays.len();
        vec![
            ("stays", json!(n)),
            ("mean_stay", days(mean(&found.stays), n)),
            ("median_stay", days(quantile(&found.stays, 0.5), n)),
            ("p90_stay", days(quantile(&found.stays, 0.9), n)),
            ("median_with_open", json!({"days": found.median_with_open.map(in_days)})),
        ]
    })
}
