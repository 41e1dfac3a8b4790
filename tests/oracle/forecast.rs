//! `report forecast` (§6; "Forecast: …"): what is due, how likely it is, and how that compares with the target.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::cells::{self, Cells, cells, rate, share};
use crate::chances::{Chances, chances};
use crate::cohorts::{closed_as, open_at_e, value_of_open, values_of_closed};
use crate::files::{Deal, Stage, read_probability};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Tables};
use crate::slippage::day_in;
use crate::targets::{target, with_a_target};
use crate::time::{elapsed, in_days};
use crate::view::View;

/// Where probabilities come from: what is set for the deal or its stage, or what became of earlier deals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Probability {
    Set,
    History,
}

/// What became of the deals that reached a stage: the set probability, n, how many of n were won, the probability.
struct OfHistory {
    set: Option<Decimal>,
    n: usize,
    won: usize,
    probability: Decimal,
}

/// §6 `history`: (won + 10·p) / (n + 10) of the deals that reached the stage and closed in the 365 days up to `e`.
fn from_history(view: &View, stage: &Stage) -> OfHistory {
    let closed_lately = |deal: &&Deal| {
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        closed_at
            .is_some_and(|at| view.e.sees(at) && in_days(elapsed(view.folder.zone, at, view.e.at)) <= 365.0)
    };
    let closed: Vec<&Deal> = view.deals.iter().copied().filter(closed_lately).collect();
    let won = |deals: &[&Deal]| {
        let is_won = |deal: &&&Deal| journey::outcome(view.folder, deal, view.t).as_deref() == Some("won");
        deals.iter().filter(is_won).count()
    };
    let conversion = (!closed.is_empty()).then(|| Decimal::from(won(&closed)) / Decimal::from(closed.len()));
    let reached = |deal: &&Deal| {
        let at = journey::reached(view.folder, deal, view.t, &stage.id);
        !journey::is_assumed(deal) && at.is_some_and(|at| view.e.sees(at))
    };
    let of_stage: Vec<&Deal> = closed.iter().copied().filter(reached).collect();
    let (n, won) = (of_stage.len(), won(&of_stage));
    let p = stage.probability.or(conversion).unwrap_or_default();
    let probability = (Decimal::from(won) + Decimal::TEN * p) / (Decimal::from(n) + Decimal::TEN);
    OfHistory { set: stage.probability, n, won, probability }
}

/// The probability that an open deal is won.
pub(crate) fn probability(view: &View, deal: &Deal, from: Probability) -> Decimal {
    let stage = journey::stage_at(view.folder, deal, view.t, view.e);
    let stage = stage.and_then(|id| view.folder.stage(&id));
    let own = journey::field_at(deal, "probability", view.t);
    match (from, stage) {
        (Probability::History, Some(stage)) => from_history(view, stage).probability,
        _ if !own.is_empty() => read_probability(&own),
        (_, stage) => stage.and_then(|stage| stage.probability).unwrap_or_default(),
    }
}

/// §6 Categories: the deal's `forecast` cell, else by its probability.
fn category(view: &View, deal: &Deal, from: Probability) -> String {
    let cell = journey::field_at(deal, "forecast", view.t);
    let p = probability(view, deal, from);
    match cell.as_str() {
        "" if p >= Decimal::new(75, 2) => "commit".to_owned(),
        "" if p >= Decimal::new(40, 2) => "best_case".to_owned(),
        "" => "pipeline".to_owned(),
        _ => cell.replace(' ', "_"),
    }
}

/// The open deals whose close date is one of the period's days; in a group by time, one of its days.
fn dated_in_the_period<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let mut deals = open_at_e(view, group);
    deals.retain(|deal| {
        let day = day_in(view, &journey::field_at(deal, "close_date", view.t));
        let in_unit = |day| group.unit.is_none_or(|unit| unit.first <= day && day <= unit.last);
        day.is_some_and(|day| view.period.first <= day && day <= view.period.last && in_unit(day))
    });
    deals
}

/// *Due in the period*: those of them that are not omitted.
pub(crate) fn due<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let mut deals = dated_in_the_period(view, group);
    deals.retain(|deal| journey::field_at(deal, "forecast", view.t) != "omitted");
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
    let chance = |deal: &&Deal| Some((value_of_open(view, deal)?, probability(view, deal, from)));
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
    let percentile = |q: f64| cells::amount(view.folder, Some(range.percentile(q)));
    cells(vec![
        ("p10", percentile(0.1)),
        ("p50", percentile(0.5)),
        ("p90", percentile(0.9)),
        ("chance_of_target", json!(target.map(|target| range.chance_of(target - won_so_far)))),
        ("draws", json!(range.draws)),
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

/// Deals, value and weighted value.
fn open_row(view: &View, deals: &[&Deal], from: Probability) -> Vec<(&'static str, Value)> {
    let values: Vec<Decimal> = deals.iter().filter_map(|deal| value_of_open(view, deal)).collect();
    let (weighted, n) = weighted(view, deals, from);
    vec![
        ("deals", json!(deals.len())),
        ("value", cells::money(view.folder, Some(money::total(&values)), values.len())),
        ("weighted", cells::money(view.folder, Some(weighted), n)),
    ]
}

/// All open deals by month: overdue ones first, undated ones, all. In a group by time, those dated in it.
fn months(view: &View, group: &Group, from: Probability) -> Vec<Cells> {
    let open = if group.unit.is_some() { dated_in_the_period(view, group) } else { open_at_e(view, group) };
    let mut names: Vec<String> = open.iter().map(|deal| month(view, deal)).collect();
    names.extend(["overdue", "undated", "all"].map(str::to_owned));
    names.sort_by_key(|name| (name == "all", name == "undated", name != "overdue", name.clone()));
    names.dedup();
    let row = |name: &String| {
        let is_here = |deal: &&Deal| name == "all" || month(view, deal) == *name;
        let deals: Vec<&Deal> = open.iter().copied().filter(is_here).collect();
        cells([vec![("month", json!(name))], open_row(view, &deals, from)].concat())
    };
    names.iter().map(row).collect()
}

/// The deals dated in the period by category, omitted ones last.
fn categories(view: &View, group: &Group, from: Probability) -> Vec<Cells> {
    let dated = dated_in_the_period(view, group);
    let row = |name: &str| {
        let here = |deal: &&Deal| category(view, deal, from) == name;
        let deals: Vec<&Deal> = dated.iter().copied().filter(here).collect();
        cells([vec![("category", json!(name))], open_row(view, &deals, from)].concat())
    };
    ["commit", "best_case", "pipeline", "omitted"].map(row).to_vec()
}

/// What history makes of each stage.
fn probabilities(view: &View) -> Vec<Cells> {
    let row = |stage: &&Stage| {
        let found = from_history(view, stage);
        let number = |p: Decimal| p.to_f64().unwrap();
        cells(vec![
            ("stage", json!(stage.id)),
            ("set_probability", share(found.set.map(number))),
            ("won_of_closed", rate(found.won, found.n)),
            ("probability", share(Some(number(found.probability)))),
        ])
    };
    view.folder.open_stages().iter().map(row).collect()
}

pub(crate) fn sections(tables: &Tables, question: &Question) -> Vec<Section> {
    let from = question.probability;
    let view = tables.view;
    // An owner or a team with a target is a group also where it has no deal.
    let mut groups = tables.groups.to_vec();
    if let [field] = tables.by {
        for name in with_a_target(view, field) {
            if !groups.iter().any(|group| group.names[0] == name) {
                groups.push(Group { names: vec![name], deals: Vec::new(), unit: None });
            }
        }
        if ["owner", "team"].contains(&field.as_str()) {
            groups.sort_by_key(|group| (group.names[0].is_empty(), group.names.clone()));
        }
    }
    let tables = Tables { view, by: tables.by, groups: &groups };
    let target = |view: &View, group: &Group| target(view, group, tables.by, &question.terms);
    let mut found = vec![
        tables.row("outlook", |view, group| outlook(view, group, target(view, group), from)),
        tables.row("range", |view, group| range_row(view, group, target(view, group), from)),
        tables.rows("months", |view, group| months(view, group, from)),
        tables.rows("categories", |view, group| categories(view, group, from)),
    ];
    if from == Probability::History {
        found.push(Tables::list("probabilities", probabilities(view)));
    }
    found
}
