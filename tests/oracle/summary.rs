//! `report` alone (§11).

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::bottlenecks::bottlenecks;
use crate::cells::{self, Cells, cells};
use crate::cohorts::{open_at_e, values_of_open, weighted};
use crate::conversion::closed;
use crate::files::Deal;
use crate::forecast::outlook;
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::report::{Question, Section, Tables, Total};
use crate::slippage::{day_in, is_past_due};
use crate::stalled::{is_stalled, stale_limit};
use crate::targets::target;
use crate::time::Unit;
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
    let all = Group::of_all(view);
    vec![
        open,
        one_row("figures", figures),
        one_row("forecast", this_quarter(view, question)),
        one_row("bottleneck", worst_bottleneck(view, &before, &all)),
        Tables::list("action", action(view, &all)),
    ]
}

fn one_row(name: &'static str, row: Cells) -> Section {
    Section { name, by: Vec::new(), total: Total::Row(row), groups: Vec::new() }
}

/// The outlook of the quarter that the as-of day is in.
fn this_quarter(view: &View, question: &Question) -> Cells {
    let quarter = Unit::Quarter.around(question.as_of_day(), view.folder.year_starts);
    let view = View::new(view.folder, quarter, question.moment(), &question.terms);
    let all = Group::of_all(&view);
    let target = target(&view, &all, &[], &question.terms);
    outlook(&view, &all, target, question.probability)
}

/// The first of the bottlenecks, where it shows a sign.
fn worst_bottleneck<'a>(view: &View<'a>, before: &View<'a>, all: &Group<'a>) -> Cells {
    let found = bottlenecks(view, before, all, &Group::of_all(before));
    let worst = found.first().filter(|one| !one.signs.is_empty());
    cells(vec![
        ("stage", json!(worst.map(|one| one.stage))),
        ("signs", json!(worst.map_or(0, |one| one.signs.len()))),
    ])
}

/// What needs action among the open deals, and how many there are of each.
fn action(view: &View, all: &Group) -> Vec<Cells> {
    let open = open_at_e(view, all);
    let stalled = |deal: &Deal| {
        let stage = journey::stage_at(view.folder, deal, view.t, view.e);
        let limit = stage.and_then(|id| stale_limit(view, view.folder.stage(&id)?));
        limit.is_some_and(|limit| is_stalled(view, deal, limit))
    };
    let no_next_step = |deal: &Deal| journey::field_at(deal, "next_step", view.t).is_empty();
    let follow_up = |deal: &Deal| {
        let day = day_in(view, &journey::field_at(deal, "next_date", view.t));
        day.is_some_and(|day| day <= view.e.day(view.folder.zone))
    };
    let past_due = |deal: &Deal| is_past_due(view, deal);
    let count = |what: &str, is: &dyn Fn(&Deal) -> bool| {
        let deals = open.iter().filter(|deal| is(deal)).count();
        cells(vec![("what", json!(what)), ("deals", json!(deals))])
    };
    vec![
        count("stalled", &stalled),
        count("past_close_date", &past_due),
        count("follow_up_due", &follow_up),
        count("no_next_step", &no_next_step),
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
