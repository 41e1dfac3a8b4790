//! `report forecast` (§6; "Forecast"): what is due, how likely it is, and how that compares with the target.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, share};
use crate::chances::{Chances, chances};
use crate::cohorts::{closed_as, open_at_e, value_of_open, values_of_closed};
use crate::files::{Deal, Stage, read_probability};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Tables};
use crate::slippage::day_in;
use crate::targets::target;
use crate::time::{elapsed, in_days};
use crate::view::View;

/// Where probabilities come from: what is set for the deal or its stage, or what became of earlier deals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Probability {
    Set,
    History,
}

/// Closed in the 365 days up to `e`.
fn closed_in_the_last_year(view: &View, deal: &Deal) -> bool {
    let closed_at = journey::closed_at(view.folder, deal, view.t);
    closed_at.is_some_and(|at| view.e.sees(at) && in_days(elapsed(view.folder.zone, at, view.e.at)) <= 365.0)
}

fn is_won(view: &View, deal: &Deal) -> bool {
    journey::outcome(view.folder, deal, view.t).as_deref() == Some("won")
}

/// §6 `history`: (won + 10·p) / (n + 10) of the deals that reached the stage and closed in the 365 days up to `e`.
fn from_history(view: &View, stage: &Stage) -> Decimal {
    let closed: Vec<&Deal> =
        view.deals.iter().copied().filter(|deal| closed_in_the_last_year(view, deal)).collect();
    let won = |deals: &[&Deal]| Decimal::from(deals.iter().filter(|deal| is_won(view, deal)).count());
    let conversion = (!closed.is_empty()).then(|| won(&closed) / Decimal::from(closed.len()));
    let reached = |deal: &&Deal| {
        !journey::is_assumed(deal) && journey::reached(view.folder, deal, view.t, &stage.id).is_some()
    };
    let n: Vec<&Deal> = closed.iter().copied().filter(reached).collect();
    let p = stage.probability.or(conversion).unwrap_or_default();
    (won(&n) + Decimal::TEN * p) / (Decimal::from(n.len()) + Decimal::TEN)
}

/// The probability that an open deal is won.
pub(crate) fn probability(view: &View, deal: &Deal, from: Probability) -> Decimal {
    let stage = journey::stage_at(view.folder, deal, view.t, view.e);
    let stage = stage.and_then(|id| view.folder.stage(&id));
    let own = journey::field_at(deal, "probability", view.t);
    match from {
        Probability::History => stage.map_or(Decimal::ZERO, |stage| from_history(view, stage)),
        Probability::Set if !own.is_empty() => read_probability(&own),
        Probability::Set => stage.and_then(|stage| stage.probability).unwrap_or_default(),
    }
}

/// §6 Categories: the deal's `forecast` cell, else by its probability.
fn category(view: &View, deal: &Deal, from: Probability) -> String {
    let cell = journey::field_at(deal, "forecast", view.t);
    let p = probability(view, deal, from);
    match cell.as_str() {
        "" if p >= Decimal::new(75, 2) => "commit".to_owned(),
        "" if p >= Decimal::new(40, 2) => "best case".to_owned(),
        "" => "pipeline".to_owned(),
        _ => cell,
    }
}

fn is_omitted(view: &View, deal: &Deal) -> bool {
    journey::field_at(deal, "forecast", view.t) == "omitted"
}

/// The open deals whose close date lies in the period.
fn due_or_omitted<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let mut deals = open_at_e(view, group);
    deals.retain(|deal| {
        let day = day_in(view, &journey::field_at(deal, "close_date", view.t));
        day.is_some_and(|day| view.period.first <= day && day <= view.period.last)
    });
    deals
}

/// Those of them that are not omitted.
pub(crate) fn due<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let mut deals = due_or_omitted(view, group);
    deals.retain(|deal| !is_omitted(view, deal));
    deals
}

/// The weighted value of deals, and how many of them have a value.
pub(crate) fn weighted(view: &View, deals: &[&Deal], from: Probability) -> (Decimal, usize) {
    let weigh = |deal: &&Deal| Some(value_of_open(view, deal)? * probability(view, deal, from));
    let weighted: Vec<Decimal> = deals.iter().filter_map(weigh).collect();
    (money::total(&weighted), weighted.len())
}

/// What may be won of deals.
pub(crate) fn range(view: &View, deals: &[&Deal], from: Probability) -> Chances {
    let chance = |deal: &&Deal| {
        let p = probability(view, deal, from).to_f64().unwrap();
        Some((value_of_open(view, deal)?, p))
    };
    chances(&deals.iter().filter_map(chance).collect::<Vec<_>>())
}

/// What is won so far, the target, and what is due.
pub(crate) fn outlook(view: &View, group: &Group, target: Option<Decimal>, from: Probability) -> Cells {
    let folder = view.folder;
    let won = values_of_closed(view, &closed_as(view, group, "won"));
    let won_so_far = money::total(&won);
    let due = due(view, group);
    let (weighted, n) = weighted(view, &due, from);
    let values: Vec<Decimal> = due.iter().filter_map(|deal| value_of_open(view, deal)).collect();
    let due_value = money::total(&values);
    let ratio =
        |part: Decimal, whole: Decimal| (whole > Decimal::ZERO).then(|| (part / whole).to_f64().unwrap());
    cells(vec![
        ("won_so_far", cells::money(folder, Some(won_so_far), won.len())),
        ("due", json!(due.len())),
        ("due_value", cells::money(folder, Some(due_value), values.len())),
        ("weighted", cells::money(folder, Some(weighted), n)),
        ("target", cells::amount(folder, target)),
        ("gap", cells::amount(folder, target.map(|target| target - won_so_far - weighted))),
        ("attainment", share(target.and_then(|target| ratio(won_so_far, target)))),
        ("coverage", share(target.and_then(|target| ratio(due_value, target - won_so_far)))),
    ])
}

/// What may come of the deals due, and the chance to reach the target with them.
fn range_row(view: &View, group: &Group, target: Option<Decimal>, from: Probability) -> Cells {
    let won_so_far = money::total(&values_of_closed(view, &closed_as(view, group, "won")));
    let range = range(view, &due(view, group), from);
    let percentile = |q: f64| range.percentile_cell(q, &view.folder.currency);
    cells(vec![
        ("p10", percentile(0.1)),
        ("p50", percentile(0.5)),
        ("p90", percentile(0.9)),
        ("chance_of_target", target.map_or(Value::Null, |target| range.chance_cell(target - won_so_far))),
        ("method", json!(if range.is_exact { "exact" } else { "drawn" })),
    ])
}

/// Where an open deal stands by its close date: `overdue`, a month, or `undated`.
fn month(view: &View, deal: &Deal) -> String {
    match day_in(view, &journey::field_at(deal, "close_date", view.t)) {
        None => "undated".to_owned(),
        Some(day) if day < view.e.day(view.folder.zone) => "overdue".to_owned(),
        Some(day) => day.format("%Y-%m").to_string(),
    }
}

/// Deals, value and weighted value of open deals; those that are omitted have no weight.
fn open_row(view: &View, deals: &[&Deal], from: Probability) -> Vec<(&'static str, Value)> {
    let values: Vec<Decimal> = deals.iter().filter_map(|deal| value_of_open(view, deal)).collect();
    let forecast: Vec<&Deal> = deals.iter().copied().filter(|deal| !is_omitted(view, deal)).collect();
    let (weighted, n) = weighted(view, &forecast, from);
    vec![
        ("deals", json!(deals.len())),
        ("value", cells::money(view.folder, Some(money::total(&values)), values.len())),
        ("weighted", cells::money(view.folder, Some(weighted), n)),
    ]
}

/// All open deals by month: overdue ones first, undated ones last.
fn months(view: &View, group: &Group, from: Probability) -> Vec<Cells> {
    let open = open_at_e(view, group);
    let mut names: Vec<String> = open.iter().map(|deal| month(view, deal)).collect();
    names.sort_by_key(|month| (month == "undated", month != "overdue", month.clone()));
    names.dedup();
    let row = |name: &String| {
        let deals: Vec<&Deal> = open.iter().copied().filter(|deal| month(view, deal) == *name).collect();
        cells([vec![("month", json!(name))], open_row(view, &deals, from)].concat())
    };
    names.iter().map(row).collect()
}

/// The deals due in the period by category, those that are omitted among them.
fn categories(view: &View, group: &Group, from: Probability) -> Vec<Cells> {
    let in_period = due_or_omitted(view, group);
    let row = |name: &str| {
        let here = |deal: &&Deal| category(view, deal, from) == name;
        let deals: Vec<&Deal> = in_period.iter().copied().filter(here).collect();
        cells([vec![("category", json!(name))], open_row(view, &deals, from)].concat())
    };
    ["commit", "best case", "pipeline", "omitted"].map(row).to_vec()
}

pub(crate) fn sections(tables: &Tables, question: &Question) -> Vec<Section> {
    let from = question.probability;
    let target = |view: &View, group: &Group| target(view, group, tables.by, &question.terms);
    vec![
        tables.row("outlook", |view, group| outlook(view, group, target(view, group), from)),
        tables.row("range", |view, group| range_row(view, group, target(view, group), from)),
        tables.rows("months", |view, group| months(view, group, from)),
        tables.rows("categories", |view, group| categories(view, group, from)),
    ]
}
