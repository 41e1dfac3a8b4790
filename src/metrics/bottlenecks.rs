//! `report bottlenecks`: the stages where deals get stuck, by the number of their signs; each sign with its numbers, and
//! the deals to act on (metrics §5). A sign is a reason to look, not a test.

use std::cmp::Reverse;

use super::compare::section_beside;
use super::figures::{Cell, Column, Figures, Kind, Note, Row, Section, Shape};
use super::group::{Grouped, named_by};
use super::question::{Question, days, deals};
use super::sign::{Median, Queue, Sign};
use super::stages::{Here, Traffic, passing, traffic};
use super::stalled::Limits;
use crate::deal::money::{NoRate, round};
use crate::grammar::grouped;
use crate::process::Stage;

/// How many deals of a stage a table names.
const NAMED: usize = 5;

/// One open stage, as one period shows it beside another.
struct Looked<'a> {
    stage: &'a Stage,
    now: &'a Traffic,
    signs: Vec<Sign>,
}

/// What is known of all open stages, over all deals or over a group.
type Stages = Vec<Traffic>;

/// The open stages, those with most signs first, then those whose deals are worth most.
fn ranked<'a>(
    question: &Question<'a>,
    limits: &Limits,
    now: &'a [Traffic],
    before: Option<&[Traffic]>,
) -> Vec<Looked<'a>> {
    let elapsed = question.elapsed_days();
    let open = || question.process.open_stages().enumerate();
    let queues = open().filter_map(|(place, _)| now.get(place)?.queue_days(elapsed));
    let longest = queues.max_by(f64::total_cmp);
    let looked = open().zip(now).map(|((place, (index, stage)), now)| {
        let before = before.and_then(|stages| stages.get(place));
        let median = |traffic: &Traffic| Median { days: traffic.median_stay(), stays: traffic.stays() };
        let queue = || {
            let (days, elapsed) = (now.queue_days(elapsed)?, elapsed?);
            let queue = Queue { deals: now.deals(), exits: now.exits, elapsed, days };
            Sign::queue(queue, longest?, stage.stale_after?)
        };
        let signs = [
            Sign::stalled(now.share_stalled(), limits.days(index)),
            before.and_then(|before| Sign::slower(median(now), median(before))),
            before.and_then(|before| {
                Sign::fewer_advance(now.cohort.rate_of_decided(), before.cohort.rate_of_decided())
            }),
            queue(),
        ];
        Looked { stage, now, signs: signs.into_iter().flatten().collect() }
    });
    let mut looked: Vec<Looked> = looked.collect();
    looked.sort_by_key(|looked| Reverse((looked.signs.len(), looked.now.value())));
    looked
}

/// The worst bottleneck in one sentence; none where no stage has a sign. `before` is the period that it is held against.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn worst(question: &Question<'_>, before: Option<&Question<'_>>) -> Result<Option<String>, NoRate> {
    let limits = Limits::of(question);
    let (now, then) = (traffic(question, &limits)?, before.map(passing));
    let looked = ranked(question, &limits, now.total(), then.as_ref().map(|then| &then.total()[..]));
    let period = before.map_or("", |before| &before.period.name);
    Ok(looked.first().filter(|worst| !worst.signs.is_empty()).map(|worst| {
        let currency = question.currency();
        let value = grouped(&round(worst.now.value(), question.process.digits(currency)).to_string());
        let signs: Vec<String> = worst.signs.iter().map(|sign| sign.says(period)).collect();
        let deals = deals(worst.now.deals());
        format!("{}, with {value} {currency} in {deals}: {}", worst.stage.id, signs.join("; "))
    }))
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn bottlenecks(question: &Question<'_>) -> Result<Figures, NoRate> {
    let limits = Limits::of(question);
    let before = question.before();
    let (now, then) = (traffic(question, &limits)?, before.as_ref().map(passing));
    let period = before.as_ref().map_or("", |before| &before.period.name);
    let (mut stages, mut signs, mut act_on) = (Vec::new(), Vec::new(), Vec::new());
    for (key, part) in now.parts() {
        let then = then.as_ref().and_then(|then| then.part(key)).map(Vec::as_slice);
        let group = key.map(named_by).unwrap_or_default();
        let row = |cells| Row { group: group.clone(), cells };
        for looked in ranked(question, &limits, part, then) {
            stages.push(row(stage_cells(question, &looked)));
            signs.extend(looked.signs.iter().map(|sign| {
                let says = Cell::Text(sign.says(period));
                row(vec![Cell::Stage(looked.stage.id.clone()), Cell::Key(sign.key()), says])
            }));
            act_on
                .extend(to_act_on(&looked).into_iter().map(|here| row(deal_cells(question, &looked, here))));
        }
    }
    let mut notes = question.notes();
    notes.extend(limits.notes(question));
    if signs.is_empty() {
        let text = "no stage has a sign of a bottleneck".to_owned();
        notes.push(Note { code: "no_bottleneck", text, deals: None });
    }
    let mut measures = measures_section(question, &now);
    let mut scope = question.scope();
    if let (Some(before), Some(then)) = (&before, &then) {
        measures = section_beside(measures, &measures_section(before, then));
        scope.before = Some(Box::new(before.scope()));
    }
    let section =
        |key, shape, columns, rows| Section { key, shape, by: question.group_columns(), columns, rows };
    let sections = vec![
        section("bottlenecks", Shape::List, stage_columns(), stages),
        section("signs", Shape::List, sign_columns(), signs),
        section("act_on", Shape::Top(NAMED), deal_columns(), act_on),
        measures,
    ];
    Ok(Figures { name: "bottlenecks", scope: Some(scope), sections, notes })
}

fn stage_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("signs", Kind::Count),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("share_stalled", Kind::Rate),
        Column::new("queue_days", Kind::Days),
    ]
}

fn stage_cells(question: &Question<'_>, looked: &Looked<'_>) -> Vec<Cell> {
    let valued = looked.now.here.iter().filter(|here| here.value.is_some()).count();
    vec![
        Cell::Stage(looked.stage.id.clone()),
        Cell::Count(looked.signs.len() as u64),
        Cell::Count(looked.now.deals()),
        question.money(Some(looked.now.value()), valued),
        Cell::Rate(looked.now.share_stalled()),
        looked.now.queue_cell(question.elapsed_days()),
    ]
}

fn sign_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("sign", Kind::Text),
        Column::new("says", Kind::Sentence),
    ]
}

/// The deals to act on in a stage with a sign: the stalled ones, and where none is, all that stand there. The most valuable
/// first, then the longest there.
fn to_act_on<'a>(looked: &Looked<'a>) -> Vec<&'a Here> {
    if looked.signs.is_empty() {
        return Vec::new();
    }
    let stalled: Vec<&Here> = looked.now.here.iter().filter(|here| here.stalled).collect();
    let mut named = if stalled.is_empty() { looked.now.here.iter().collect() } else { stalled };
    named.sort_by_key(|here| Reverse((here.value, here.age)));
    named
}

fn deal_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("id", Kind::Text),
        Column::new("name", Kind::Text),
        Column::new("owner", Kind::Text),
        Column::new("value", Kind::Amount),
        Column::new("stage_age", Kind::Age),
        Column::new("stalled", Kind::Flag),
    ]
}

fn deal_cells(question: &Question<'_>, looked: &Looked<'_>, here: &Here) -> Vec<Cell> {
    let journey = &question.journeys.deals[here.deal];
    let text = |text: &str| Cell::Text(text.to_owned());
    let money = |amount| Cell::Money { amount: Some(amount), currency: question.currency(), n: None };
    vec![
        Cell::Stage(looked.stage.id.clone()),
        text(&question.book.deal(journey.deal as usize).id),
        text(question.field("name", here.deal)),
        text(question.field("owner", here.deal)),
        here.value.map_or(Cell::Empty, money),
        here.age.map_or(Cell::Empty, |age| Cell::Days { days: Some(days(age)), n: None }),
        Cell::Flag(here.stalled),
    ]
}

/// What signs compare with the other period.
fn measures_section(question: &Question<'_>, grouped: &Grouped<Stages>) -> Section {
    let row = |(stage, traffic): (&str, &Traffic)| {
        vec![
            Cell::Stage(stage.to_owned()),
            Cell::Days { days: traffic.median_stay(), n: Some(traffic.stays()) },
            Cell::Rate(traffic.cohort.rate_of_decided()),
        ]
    };
    let open = || question.process.open_stages().map(|(_, stage)| stage.id.as_str());
    let rows = grouped.rows(|traffic, _| open().zip(traffic).map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("median_stay", Kind::Days),
        Column::new("rate_of_decided", Kind::Rate),
    ];
    Section { key: "measures", shape: Shape::List, by: question.group_columns(), columns, rows }
}
