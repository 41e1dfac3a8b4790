//! `report` alone (§11).

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::bottlenecks::bottlenecks;
use crate::cells::{self, Cells, cells};
use crate::cohorts::{closed_as, created_in, open_at_e, values_of_open, weighted};
use crate::conversion::closed;
use crate::files::Deal;
use crate::forecast::{Probability, outlook};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Tables, Total};
use crate::slippage::{day_in, is_pushed};
use crate::stalled::{is_stalled, stale_limit};
use crate::targets::target;
use crate::time::{Period, Unit, day_of};
use crate::velocity::velocity;
use crate::versus;
use crate::view::View;

/// The tables of the summary.
pub(crate) fn sections(view: &View, question: &Question) -> Vec<Section> {
    let (total, groups) = open_by_stage(view);
    let open = Section { name: "open", by: vec!["stage".to_owned()], total: Total::Row(total), groups };
    let other = question.other_period(view.folder).unwrap_or_else(|| view.period.previous());
    let before = View::beside(view.folder, view.period, other, question.moment(), &question.terms);
    let figures = versus::beside(Some(&summary_figures(view)), Some(&summary_figures(&before)), &[]);
    let mut found = vec![
        open,
        Tables::list("happened", happened(view)),
        one_row("figures", figures),
        this_quarter(view, question),
        Tables::list("bottleneck", worst_bottleneck(view, &before)),
    ];
    if question.as_of.is_none() {
        found.push(Tables::list("to_do", to_do(view, question)));
    }
    found
}

fn one_row(name: &'static str, row: Cells) -> Section {
    Section { name, by: Vec::new(), total: Total::Row(row), groups: Vec::new() }
}

/// What was created, closed and pushed in the period, and what that is worth.
fn happened(view: &View) -> Vec<Cells> {
    let all = Group::of_all(view);
    let row = |what: &str, deals: Vec<&Deal>| {
        let values: Vec<Decimal> = deals.iter().filter_map(|deal| value_at_t(view, deal)).collect();
        cells(vec![
            ("what", json!(what)),
            ("deals", json!(deals.len())),
            ("value", cells::money(view.folder, Some(money::total(&values)), values.len())),
        ])
    };
    let pushed = all.deals.iter().copied().filter(|deal| is_pushed(view, deal)).collect();
    vec![
        row("created", created_in(view, &all)),
        row("won", closed_as(view, &all, "won")),
        row("lost", closed_as(view, &all, "lost")),
        row("disqualified", closed_as(view, &all, "disqualified")),
        row("pushed", pushed),
    ]
}

/// The value of a deal: of one that is closed at `t` at the rate of the day it closed, of another at that of the day of `e`.
fn value_at_t(view: &View, deal: &Deal) -> Option<Decimal> {
    let closed = journey::closed_at(view.folder, deal, view.t);
    let day = closed.map_or_else(|| view.e.day(view.folder.zone), |at| day_of(view.folder.zone, at));
    money::value(view.folder, deal, view.t, day)
}

/// The outlook of the quarter that the as-of day is in.
fn this_quarter(view: &View, question: &Question) -> Section {
    let (today, year_starts) = (question.as_of_day(), view.folder.year_starts);
    let quarter =
        View::new(view.folder, Unit::Quarter.around(today, year_starts), question.moment(), &question.terms);
    let all = Group::of_all(&quarter);
    let target = target(&quarter, &all, &[], &question.terms);
    let mut row = cells(vec![("quarter", json!(Unit::Quarter.name(today, year_starts)))]);
    row.append(&mut outlook(&quarter, &all, target, Probability::Set));
    Section { name: "this_quarter", by: vec!["quarter".to_owned()], total: Total::None, groups: vec![row] }
}

/// The stage of the first of the bottlenecks, where it shows a sign: what the sentence begins with.
fn worst_bottleneck(view: &View, before: &View) -> Vec<Cells> {
    let found = bottlenecks(view, before, &Group::of_all(view), &Group::of_all(before));
    let worst = found.first().filter(|one| !one.signs.is_empty());
    worst.map(|one| cells(vec![("says", json!(one.stage))])).into_iter().collect()
}

/// What needs action among the deals open now, and how many there are of each.
fn to_do(view: &View, question: &Question) -> Vec<Cells> {
    let today = question.as_of_day();
    let view =
        &View::new(view.folder, Period { first: today, last: today }, question.moment(), &question.terms);
    let open = open_at_e(view, &Group::of_all(view));
    let stalled = |deal: &Deal| {
        let stage = journey::stage_at(view.folder, deal, view.t, view.e);
        let limit = stage.and_then(|id| stale_limit(view, view.folder.stage(&id)?));
        limit.is_some_and(|limit| is_stalled(view, deal, limit))
    };
    let days_to = |deal: &Deal, field: &str| {
        let day = day_in(view, &journey::field_at(deal, field, view.t))?;
        Some((day - today).num_days())
    };
    let past = |deal: &Deal, field| days_to(deal, field).is_some_and(|days| days < 0);
    let soon = |deal: &Deal, field| days_to(deal, field).is_some_and(|days| (0..=7).contains(&days));
    let nothing_comes = |deal: &Deal| {
        journey::field_at(deal, "next_step", view.t).is_empty() && days_to(deal, "next_date").is_none()
    };
    let count = |what: &str, is: &dyn Fn(&Deal) -> bool| {
        let deals = open.iter().filter(|deal| is(deal)).count();
        cells(vec![("what", json!(what)), ("deals", json!(deals))])
    };
    vec![
        count("steps_overdue", &|deal| past(deal, "next_date")),
        count("steps_due", &|deal| soon(deal, "next_date")),
        count("past_close_date", &|deal| past(deal, "close_date")),
        count("closing_soon", &|deal| soon(deal, "close_date")),
        count("no_next_step", &nothing_comes),
        count("stalled", &stalled),
    ]
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
            ("value", cells::money(view.folder, Some(money::total(&values)), n)),
            ("weighted", cells::money(view.folder, Some(money::total(&weighted)), n)),
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
