//! The figures of each report for one group of deals (§2, §3, §4, §11). Each function gives the cells of its rows.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use crate::files::{Deal, Stage};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::statistics::{Spell, mean, median_survival, quantile, quantile_of_money, wilson};
use crate::time::{day_of, elapsed, in_days};
use crate::view::View;

pub(crate) type Cells = Map<String, Value>;

fn cells(pairs: Vec<(&str, Value)>) -> Cells {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A rate with its numerator, denominator and interval; over 0 deals it is none (§1 Small numbers).
fn rate(count: usize, of: usize) -> Value {
    if of == 0 {
        return json!({"value": null, "count": count, "of": 0, "low": null, "high": null});
    }
    let (low, high) = wilson(count, of);
    json!({"value": count as f64 / of as f64, "count": count, "of": of, "low": low, "high": high})
}

fn days(value: Option<f64>, n: usize) -> Value {
    json!({"days": value, "n": n})
}

/// The deals whose outcome at `t` is this one and that closed within the group's time.
fn closed_as<'a>(view: &View<'a>, group: &Group<'a>, outcome: &str) -> Vec<&'a Deal> {
    let mut found = Vec::new();
    for &deal in &group.deals {
        let same = journey::outcome(view.folder, deal, view.t).as_deref() == Some(outcome);
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        if same && closed_at.is_some_and(|at| group.holds(view, at)) {
            found.push(deal);
        }
    }
    found
}

/// The deals created within the group's time.
fn created_in<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let here =
        |deal: &&Deal| journey::created(view.folder, deal).is_some_and(|created| group.holds(view, created));
    group.deals.iter().copied().filter(here).collect()
}

fn open_at_e<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let open = |deal: &&Deal| journey::is_open_at(view.folder, deal, view.t, view.e);
    group.deals.iter().copied().filter(open).collect()
}

fn count_with_outcome(view: &View, deals: &[&Deal], outcome: &str) -> usize {
    let same = |deal: &&&Deal| journey::outcome(view.folder, deal, view.t).as_deref() == Some(outcome);
    deals.iter().filter(same).count()
}

fn count_open(view: &View, deals: &[&Deal]) -> usize {
    deals.iter().filter(|deal| journey::outcome(view.folder, deal, view.t).is_none()).count()
}

/// The values of closed deals, each at the rate of its closed day; deals without a value left out.
fn values_of_closed(view: &View, deals: &[&Deal]) -> Vec<Decimal> {
    let closed_day = |deal: &Deal| -> NaiveDate {
        day_of(view.folder.zone, journey::closed_at(view.folder, deal, view.t).unwrap())
    };
    deals.iter().filter_map(|deal| money::value(view.folder, deal, view.t, closed_day(deal))).collect()
}

/// The values of open deals at the rate of the day of `e`.
fn values_of_open(view: &View, deals: &[&Deal]) -> Vec<Decimal> {
    let day = view.e.day(view.folder.zone);
    deals.iter().filter_map(|deal| money::value(view.folder, deal, view.t, day)).collect()
}

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

/// §2 Stage conversion: one row for each open stage.
pub(crate) fn stages(view: &View, group: &Group) -> Vec<Cells> {
    let open = view.folder.open_stages();
    let mut rows = Vec::new();
    for (place, stage) in open.iter().enumerate() {
        let (mut reached, mut advanced, mut dropped, mut pending, mut won) = (0, 0, 0, 0, 0);
        for &deal in &group.deals {
            if journey::is_assumed(deal) {
                continue;
            }
            let at = journey::reached(view.folder, deal, view.t, &stage.id);
            if !at.is_some_and(|at| group.holds(view, at)) {
                continue;
            }
            let outcome = journey::outcome(view.folder, deal, view.t);
            let is_won = outcome.as_deref() == Some("won");
            let has_advanced = match open.get(place + 1) {
                Some(next) => journey::reached(view.folder, deal, view.t, &next.id).is_some(),
                None => is_won,
            };
            reached += 1;
            if has_advanced {
                advanced += 1;
            } else if outcome.is_some() {
                dropped += 1;
            } else {
                pending += 1;
            }
            if is_won {
                won += 1;
            }
        }
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

/// §2 Funnel ("Journeys left out of the funnel's middle"): one row for each open stage, then won.
pub(crate) fn funnel(view: &View, group: &Group) -> Vec<Cells> {
    let all = created_in(view, group);
    let recorded: Vec<&Deal> = all.iter().copied().filter(|deal| !journey::is_assumed(deal)).collect();
    let row = |stage: &str, reached: usize, of_first: Value, of_previous: Value| {
        cells(vec![
            ("stage", json!(stage)),
            ("reached", json!(reached)),
            ("share_of_first", of_first),
            ("share_of_previous", of_previous),
        ])
    };
    let open = view.folder.open_stages();
    let mut rows = vec![row(&open[0].id, all.len(), rate(all.len(), all.len()), rate(0, 0))];
    let mut previous = recorded.len();
    for stage in &open[1..] {
        let is_there = |deal: &&&Deal| journey::reached(view.folder, deal, view.t, &stage.id).is_some();
        let reached = recorded.iter().filter(is_there).count();
        rows.push(row(&stage.id, reached, rate(reached, recorded.len()), rate(reached, previous)));
        previous = reached;
    }
    let won = count_with_outcome(view, &all, "won");
    let recorded_won = count_with_outcome(view, &recorded, "won");
    rows.push(row("won", won, rate(won, all.len()), rate(recorded_won, previous)));
    rows
}

/// §3: the sizes of won deals, and the means of lost and open ones.
pub(crate) fn size(view: &View, group: &Group) -> Cells {
    let won = closed_as(view, group, "won");
    let values = values_of_closed(view, &won);
    let lost = values_of_closed(view, &closed_as(view, group, "lost"));
    let n = values.len();
    let cell = |amount: Option<Decimal>| money::cell(view.folder, amount, n);
    // A stock has no date that decides membership: none in groups by time.
    let mean_open = if group.unit.is_some() {
        json!({"amount": null})
    } else {
        let open = values_of_open(view, &open_at_e(view, group));
        money::cell(view.folder, money::mean(&open), open.len())
    };
    cells(vec![
        ("won", json!(won.len())),
        ("total", cell(Some(money::total(&values)))),
        ("mean", cell(money::mean(&values))),
        ("median", cell(quantile_of_money(&values, "0.5"))),
        ("lower_quartile", cell(quantile_of_money(&values, "0.25"))),
        ("upper_quartile", cell(quantile_of_money(&values, "0.75"))),
        ("smallest", cell(values.iter().min().copied())),
        ("largest", cell(values.iter().max().copied())),
        ("mean_lost", money::cell(view.folder, money::mean(&lost), lost.len())),
        ("mean_open", mean_open),
    ])
}

/// §4 Sales cycle: created → closed in days, of deals whose creation is known ("Cycle": also where negative).
fn cycles(view: &View, deals: &[&Deal]) -> Vec<f64> {
    let mut found = Vec::new();
    for deal in deals {
        let created = journey::created(view.folder, deal);
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        if let (Some(created), Some(closed_at)) = (created, closed_at) {
            found.push(in_days(elapsed(view.folder.zone, created, closed_at)));
        }
    }
    found
}

/// §4: opportunities × win rate × mean deal size / mean sales cycle.
pub(crate) fn velocity_of(opportunities: f64, win_rate: f64, mean_size: f64, mean_cycle: f64) -> f64 {
    opportunities * win_rate * mean_size / mean_cycle
}

/// The four factors of velocity; a factor is none as §1 says, and a cycle of 0 days or less gives none.
fn factors(view: &View, group: &Group) -> Option<[f64; 4]> {
    let won = closed_as(view, group, "won");
    let lost = closed_as(view, group, "lost").len();
    if group.unit.is_some() || won.len() + lost == 0 {
        return None;
    }
    let win_rate = won.len() as f64 / (won.len() + lost) as f64;
    let mean_size = money::mean(&values_of_closed(view, &won))?.to_f64()?;
    let mean_cycle = mean(&cycles(view, &won))?;
    if mean_cycle <= 0.0 {
        return None;
    }
    Some([open_at_e(view, group).len() as f64, win_rate, mean_size, mean_cycle])
}

/// Money a day; its n is not compared.
fn per_day(view: &View, amount: Option<f64>) -> Value {
    json!({"amount": amount.map(|amount| format!("{amount:.2}")), "currency": view.folder.currency})
}

/// §4 Throughput: value won in the period / its elapsed days, up to `e`; none when that is not above 0.
fn throughput(view: &View, group: &Group) -> Option<f64> {
    let won = money::total(&values_of_closed(view, &closed_as(view, group, "won"))).to_f64()?;
    let days = in_days(elapsed(view.folder.zone, view.start, view.e.at));
    (days > 0.0).then(|| won / days)
}

/// §4: velocity with its factors, and throughput.
pub(crate) fn velocity(view: &View, group: &Group) -> Cells {
    let won = closed_as(view, group, "won");
    let lost = closed_as(view, group, "lost");
    let sizes = values_of_closed(view, &won);
    let cycles = cycles(view, &won);
    let opportunities = group.unit.is_none().then(|| open_at_e(view, group).len());
    let velocity = factors(view, group).map(|[a, b, c, d]| velocity_of(a, b, c, d));
    cells(vec![
        ("opportunities", json!(opportunities)),
        ("win_rate", rate(won.len(), won.len() + lost.len())),
        ("mean_size", money::cell(view.folder, money::mean(&sizes), sizes.len())),
        ("mean_cycle", days(mean(&cycles), cycles.len())),
        ("velocity", per_day(view, velocity)),
        ("throughput", per_day(view, throughput(view, group))),
    ])
}

/// §4 Sales cycle of won and of lost deals, and the median time to any close.
pub(crate) fn cycle(view: &View, group: &Group) -> Cells {
    let won = cycles(view, &closed_as(view, group, "won"));
    let lost = cycles(view, &closed_as(view, group, "lost"));
    let median_time = if group.unit.is_some() { None } else { median_survival(&spells(view, group)) };
    cells(vec![
        ("mean_cycle", days(mean(&won), won.len())),
        ("median_cycle", days(quantile(&won, 0.5), won.len())),
        ("p90_cycle", days(quantile(&won, 0.9), won.len())),
        ("mean_lost_cycle", days(mean(&lost), lost.len())),
        ("median_lost_cycle", days(quantile(&lost, 0.5), lost.len())),
        ("p90_lost_cycle", days(quantile(&lost, 0.9), lost.len())),
        ("median_time_to_close", json!({"days": median_time.map(in_days)})),
    ])
}

/// "Median time to any close": one spell a deal of known creation that is closed at or after the period's start or
/// open at `e`, and created before `e`.
fn spells(view: &View, group: &Group) -> Vec<Spell> {
    let zone = view.folder.zone;
    let mut spells = Vec::new();
    for deal in &group.deals {
        let Some(created) = journey::created(view.folder, deal) else { continue };
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        let closed_late_enough = closed_at.is_some_and(|at| at >= view.start);
        let open_at_e = journey::is_open_at(view.folder, deal, view.t, view.e);
        if !view.e.sees(created) || !(closed_late_enough || open_at_e) {
            continue;
        }
        let entry = elapsed(zone, created, view.start).max(0);
        let spell = match closed_at.filter(|at| view.e.sees(*at)) {
            Some(closed_at) => Spell { entry, exit: elapsed(zone, created, closed_at), ended: true },
            None => Spell { entry, exit: elapsed(zone, created, view.e.at), ended: false },
        };
        spells.push(spell);
    }
    spells
}

/// §4 Sensitivity: what +10 % of each factor (−10 % for the cycle) would add per day.
pub(crate) fn sensitivity(view: &View, group: &Group) -> Vec<Cells> {
    let names = ["opportunities", "win_rate", "mean_size", "mean_cycle"];
    let factors = factors(view, group);
    let mut rows = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let change = if name == "mean_cycle" { -0.1 } else { 0.1 };
        let added = factors.map(|now| {
            let mut then = now;
            then[place] *= 1.0 + change;
            velocity_of(then[0], then[1], then[2], then[3]) - velocity_of(now[0], now[1], now[2], now[3])
        });
        rows.push(cells(vec![
            ("factor", json!(name)),
            ("change", json!(change)),
            ("per_day", per_day(view, added)),
        ]));
    }
    rows
}

/// §11 with the weighted value of "Values": the deal's probability at `t`, else that of its stage at `e`, else 0.
fn weighted(view: &View, deal: &Deal) -> Option<Decimal> {
    let value = money::value(view.folder, deal, view.t, view.e.day(view.folder.zone))?;
    let own = journey::field_at(deal, "probability", view.t);
    if !own.is_empty() {
        return Some(value * crate::files::read_probability(&own));
    }
    let stage = journey::stage_at(view.folder, deal, view.t, view.e);
    let set = stage.and_then(|id| view.folder.stage(&id)?.probability);
    Some(value * set.unwrap_or(Decimal::ZERO))
}

/// §5 *stalled*: the limit in milliseconds. `stale_after`; else the 90th percentile of the stays that ended in the
/// 365 days before `e`, at least 20 of them, assumed journeys left out.
fn stale_limit(view: &View, stage: &Stage) -> Option<f64> {
    if let Some(limit) = stage.stale_after_days {
        return Some(limit as f64 * 86_400_000.0);
    }
    let zone = view.folder.zone;
    let mut lengths = Vec::new();
    for deal in &view.deals {
        if journey::is_assumed(deal) {
            continue;
        }
        for stay in journey::stays(view.folder, deal, view.t) {
            let (Some(entered), Some(left)) = (stay.entered, stay.left) else { continue };
            let within = view.e.sees(left) && in_days(elapsed(zone, left, view.e.at)) <= 365.0;
            if stay.stage.as_deref() == Some(&stage.id) && within {
                lengths.push(elapsed(zone, entered, left) as f64);
            }
        }
    }
    if lengths.len() < 20 { None } else { quantile(&lengths, 0.9) }
}

/// "Stalled": in the stage at `e` for strictly longer than the limit; never a deal of unknown creation.
fn is_stalled(view: &View, deal: &Deal, limit: f64) -> bool {
    let stay = journey::stay_at(view.folder, deal, view.t, view.e);
    let entered = stay.and_then(|stay| stay.entered);
    journey::created(view.folder, deal).is_some()
        && entered.is_some_and(|entered| elapsed(view.folder.zone, entered, view.e.at) as f64 > limit)
}

/// §11: the open deals at `e` by stage; the first row is the total, the others are the groups.
pub(crate) fn open_by_stage(view: &View) -> (Cells, Vec<Cells>) {
    let all = open_at_e(view, &Group::of_all(view));
    let row = |deals: &[&Deal], stalled: Value| {
        let values = values_of_open(view, deals);
        let weighted: Vec<Decimal> = deals.iter().filter_map(|deal| weighted(view, deal)).collect();
        let n = values.len();
        let mut row = cells(vec![
            ("deals", json!(deals.len())),
            ("value", money::cell(view.folder, Some(money::total(&values)), n)),
            ("weighted", money::cell(view.folder, Some(money::total(&weighted)), n)),
        ]);
        if stalled != json!("either") {
            row.insert("stalled".to_owned(), stalled);
        }
        row
    };
    let mut groups = Vec::new();
    let mut sum = None;
    for stage in view.folder.open_stages() {
        let in_stage =
            |deal: &&Deal| journey::stage_at(view.folder, deal, view.t, view.e).as_deref() == Some(&stage.id);
        let here: Vec<&Deal> = all.iter().copied().filter(in_stage).collect();
        let stalled = stale_limit(view, stage)
            .map(|limit| here.iter().filter(|deal| is_stalled(view, deal, limit)).count());
        if let Some(stalled) = stalled {
            sum = Some(sum.unwrap_or(0) + stalled);
        }
        let mut group = cells(vec![("stage", json!(stage.id))]);
        group.append(&mut row(&here, json!(stalled)));
        groups.push(group);
    }
    let nowhere = |deal: &&Deal| journey::stage_at(view.folder, deal, view.t, view.e).is_none();
    let unknown: Vec<&Deal> = all.iter().copied().filter(nowhere).collect();
    if !unknown.is_empty() {
        let mut group = cells(vec![("stage", json!("unknown"))]);
        group.append(&mut row(&unknown, Value::Null));
        groups.push(group);
    }
    // A sum of nothing may be shown as 0 or as none.
    (row(&all, sum.map_or(json!("either"), |sum| json!(sum))), groups)
}

/// §11: the figures of one period in the summary.
pub(crate) fn summary_figures(view: &View) -> Cells {
    let group = Group::of_all(view);
    let from_velocity = velocity(view, &group);
    let conversion = closed(view, &group);
    cells(vec![
        ("win_rate", conversion["win_rate"].clone()),
        ("conversion_rate", conversion["conversion_rate"].clone()),
        ("mean_size", from_velocity["mean_size"].clone()),
        ("mean_cycle", from_velocity["mean_cycle"].clone()),
        ("velocity", from_velocity["velocity"].clone()),
    ])
}

/// §1: the deals that the notes count: assumed journeys, unknown creation, closed at an unknown time.
pub(crate) fn noted(view: &View) -> Vec<(&'static str, usize)> {
    let count = |is: &dyn Fn(&Deal) -> bool| view.deals.iter().filter(|deal| is(deal)).count();
    vec![
        ("assumed_journeys", count(&journey::is_assumed)),
        ("unknown_creation", count(&|deal| journey::created(view.folder, deal).is_none())),
        (
            "unknown_close",
            count(&|deal| {
                let closed = journey::outcome(view.folder, deal, view.t).is_some();
                closed && journey::closed_at(view.folder, deal, view.t).is_none()
            }),
        ),
    ]
}
