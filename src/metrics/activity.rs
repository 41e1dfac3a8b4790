//! `report activity`: what is done with buyers, which open deals are left alone, and what a win takes (metrics §10).

use rust_decimal::Decimal;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::{Grouped, Part};
use super::question::Question;
use super::statistics;
use crate::deal::event::Touch;
use crate::deal::money::NoRate;
use crate::deal::time::Instant;
use crate::process::Outcome;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::groups("activity", &["all"])];

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
    /// How many of them are idle, how many of those have a value, and its sum in the currency of the figures.
    deals: u64,
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

/// A deal's activities up to `e` (metrics §10).
pub fn events<'q>(question: &'q Question<'_>, deal: usize) -> impl Iterator<Item = &'q (Instant, Touch)> {
    let e = question.e();
    let touches = question.book.touches(question.journeys.deals[deal].deal as usize).iter();
    touches.filter(move |(at, _)| e.sees(*at))
}

/// Whether the last activity of a deal, or without any its creation, was too many whole days before `e` (metrics §10).
///
/// The term `idle` of lists means the same. A deal of which neither is known is not idle.
pub fn is_idle(question: &Question<'_>, deal: usize) -> bool {
    let last = events(question, deal).map(|(at, _)| *at).max();
    let last = last.or(question.journeys.deals[deal].created);
    let days = |at| question.zone().elapsed(at, question.e().at).floor();
    last.is_some_and(|at| days(at) >= f64::from(question.options.idle))
}

/// The open deals at `e` whose last activity, or without any whose creation, is too many days ago.
fn idle(question: &Question<'_>) -> Result<Section, NoRate> {
    let empty = Idle::default();
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, _) in question.open_at_e() {
        let is_idle = is_idle(question, deal);
        let value = if is_idle { question.open_value(deal)? } else { None };
        grouped.add(question, deal, None, &empty, |idle| {
            idle.open += 1;
            idle.deals += u64::from(is_idle);
            idle.valued += u64::from(value.is_some());
            idle.value += value.unwrap_or_default();
        });
    }
    let rows = grouped.rows(|idle, part| {
        // A stock has no date that would put it into a unit of time.
        let undated = part == Part::Group && question.by_time();
        vec![vec![
            if undated { Cell::Empty } else { Cell::Count(idle.open) },
            Cell::Rate(Rate { count: idle.deals, of: idle.open }),
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asked, Fixture};

    const PROCESS: &str = "\
stages:
  - {id: lead}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

    const ASKED: Asked<'static> =
        Asked { report: "activity", period: "2026-03", as_of: "2026-03-31", by: &[] };

    /// a was won on 10 March after three activities, and called once more; b was won on 20 March without any; c is
    /// open and was called 14 days before the end; d is open, new and untouched; e is open and older, with a note in
    /// February that was taken back; f is of unknown creation.
    fn fixture() -> Fixture {
        let deals = "\
id,name,owner,stage,value,created,closed
a,A,ana,won,,2026-02-01,
b,B,ben,won,,2026-02-01,2026-03-20
c,C,ana,lead,100,2026-02-01,
d,D,ben,lead,200,2026-03-30,
e,E,ben,lead,400,2026-02-01,
f,F,ben,lead,800,,
";
        let history = "\
2026-02-20T09:00:00Z,a,note,,,,,Before March
2026-03-02T09:00:00Z,a,call,,,,,One row that stands twice is one call
2026-03-02T09:00:00Z,a,call,,,,,One row that stands twice is one call
2026-03-10T09:00:00Z,a,meeting,,,,,At the instant of the win
2026-03-10T09:00:00Z,a,stage,,lead,won,,
2026-03-11T09:00:00Z,a,call,,,,,After it
2026-03-18T00:00:00Z,c,call,,,,,Two calls at one instant
2026-03-18T00:00:00Z,c,call,,,,,are two
2026-02-10T09:00:00Z,e,note,,,,,
2026-02-11T09:00:00Z,e,void,note,2026-02-10T09:00:00Z,,,
2026-04-01T00:00:00Z,e,email,,,,,After March
";
        Fixture::new(PROCESS, deals, history)
    }

    #[test]
    fn activities_are_counted_by_kind() {
        assert_eq!(fixture().lines(ASKED, "activity"), ["4,0,1,0,5,2"]);
        let by_owner = fixture().lines(Asked { by: &["owner"], ..ASKED }, "activity");
        assert_eq!(by_owner, ["ana,4,0,1,0,5,2", "total,4,0,1,0,5,2"]);
    }

    #[test]
    fn a_deal_is_idle_after_fourteen_whole_days() {
        // c for 14 days to the end of 31 March, and e since its creation; not d, and of f nothing is known.
        let lines = fixture().lines(ASKED, "idle_deals");
        assert!(lines[0].starts_with("4,0.5,2,4,") && lines[0].ends_with(",500.00,2"), "{}", lines[0]);
        let earlier = fixture().lines(Asked { as_of: "2026-03-30", ..ASKED }, "idle_deals");
        assert!(earlier[0].starts_with("4,0.25,1,4,"), "{}", earlier[0]);
    }

    #[test]
    fn a_stock_is_in_no_unit_of_time() {
        let lines = fixture()
            .lines(Asked { period: "2026-02-01..2026-03-31", by: &["month"], ..ASKED }, "idle_deals");
        assert_eq!(lines[0], "2026-02,,,0,0,,,,0");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn touches_of_a_won_deal_are_those_up_to_its_win() {
        // 3 of a, 0 of b.
        assert_eq!(fixture().lines(ASKED, "touches_per_win"), ["2,1.5,2,1.5,2"]);
    }
}
