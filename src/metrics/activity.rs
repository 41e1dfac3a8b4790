//! `report activity`: what is done with buyers, which open deals are left alone, and what a win takes (metrics §10).

use rust_decimal::Decimal;

use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::{Grouped, Part};
use super::question::Question;
use super::statistics;
use crate::deal::event::Touch;
use crate::deal::money::NoRate;
use crate::deal::time::Instant;
use crate::process::Outcome;

/// Calls, emails, meetings and notes of the period, and the deals that they are about.
#[derive(Clone, Debug, Default)]
struct Touches {
    kinds: [u64; Touch::ALL.len()],
    deals: u64,
    /// The deal counted last; a deal's activities come one after the other.
    last: Option<usize>,
}

/// Open deals at `e`, and those that have been idle for too long.
#[derive(Clone, Debug, Default)]
struct Idle {
    open: u64,
    idle: u64,
    /// Those of the idle ones that have a value, and its sum in the reporting currency.
    valued: u64,
    value: Decimal,
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn activity(question: &Question<'_>) -> Result<Figures, NoRate> {
    let sections = vec![touches(question), idle(question)?, per_won_deal(question)];
    Ok(Figures { name: "activity", scope: Some(question.scope()), sections, notes: question.notes() })
}

/// Activities of the period, by kind; of open deals and of closed ones.
fn touches(question: &Question<'_>) -> Section {
    let empty = Touches::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for &deal in &question.picked {
        for &(at, touch) in events(question, deal).filter(|(at, _)| question.in_period(*at)) {
            grouped.add(question, deal, Some(at), &empty, |touches| {
                touches.kinds[touch as usize] += 1;
                touches.deals += u64::from(touches.last != Some(deal));
                touches.last = Some(deal);
            });
        }
    }
    let rows = grouped.rows(|touches, _| {
        let kinds = Touch::ALL.iter().map(|touch| Cell::Count(touches.kinds[*touch as usize]));
        let all = [touches.kinds.iter().sum(), touches.deals].map(Cell::Count);
        vec![kinds.chain(all).collect()]
    });
    let keys = ["calls", "emails", "meetings", "notes", "all", "deals"];
    let columns = keys.map(|key| Column::new(key, Kind::Count)).into();
    Section { key: "activity", shape: Shape::Record, by: question.group_columns(), columns, rows }
}

/// A deal's activities up to `e`.
fn events<'q>(question: &'q Question<'_>, deal: usize) -> impl Iterator<Item = &'q (Instant, Touch)> {
    let e = question.e();
    let touches = question.book.touches(question.journeys.deals[deal].deal as usize).iter();
    touches.filter(move |(at, _)| e.sees(*at))
}

/// The open deals at `e` whose last activity, or without any whose creation, is too many days ago.
fn idle(question: &Question<'_>) -> Result<Section, NoRate> {
    let empty = Idle::default();
    let mut grouped = Grouped::new(question, empty.clone());
    let (zone, e) = (question.zone(), question.e());
    for (deal, _) in question.open_at_e() {
        let last = events(question, deal).map(|(at, _)| *at).max();
        let last = last.or(question.journeys.deals[deal].created);
        let is_idle =
            last.is_some_and(|at| zone.elapsed(at, e.at).floor() >= f64::from(question.options.idle));
        let value = if is_idle { question.open_value(deal)? } else { None };
        grouped.add(question, deal, None, &empty, |idle| {
            idle.open += 1;
            idle.idle += u64::from(is_idle);
            idle.valued += u64::from(value.is_some());
            idle.value += value.unwrap_or_default();
        });
    }
    let rows = grouped.rows(|idle, part| {
        // A stock has no date that would put it into a unit of time.
        let undated = part == Part::Group && question.by_time();
        vec![vec![
            if undated { Cell::Empty } else { Cell::Count(idle.open) },
            Cell::Rate(Rate { count: idle.idle, of: idle.open }),
            question.money((!undated).then_some(idle.value), idle.valued as usize),
        ]]
    });
    let columns = vec![
        Column::new("open", Kind::Count),
        Column::new("share_idle", Kind::Rate),
        Column::new("idle_value", Kind::Total),
    ];
    Ok(Section { key: "idle_deals", shape: Shape::Record, by: question.group_columns(), columns, rows })
}

/// How many activities a deal won in the period took, up to its win.
fn per_won_deal(question: &Question<'_>) -> Section {
    let empty: Vec<u64> = Vec::new();
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, outcome, at) in question.closed_in_period() {
        if outcome == Outcome::Won {
            let count = events(question, deal).filter(|(touched, _)| *touched <= at).count() as u64;
            grouped.add(question, deal, Some(at), &empty, |counts| counts.push(count));
        }
    }
    let rows = grouped.rows(|counts, _| {
        let mut counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
        counts.sort_by(f64::total_cmp);
        let n = counts.len() as u64;
        let average = |value| Cell::Average { value, n };
        vec![vec![
            Cell::Count(n),
            average(statistics::mean(&counts)),
            average(statistics::quantile(&counts, 0.5)),
        ]]
    });
    let columns = vec![
        Column::new("won", Kind::Count),
        Column::new("mean_touches", Kind::Average),
        Column::new("median_touches", Kind::Average),
    ];
    Section { key: "touches_per_win", shape: Shape::Record, by: question.group_columns(), columns, rows }
}
