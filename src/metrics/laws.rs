//! What must hold of reports whatever a folder holds: laws, tried on random books.

use std::fmt::Write as _;

use chrono::Days;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::figures::{Cell, Figures, Kind, Row};
use super::fixture::{Asked, Fixture};
use super::question::Question;
use super::{REPORTS, Report, Takes};
use crate::deal::event::Touch;
use crate::deal::journey::{Journey, Journeys};
use crate::deal::money::Currency;
use crate::deal::time::{Cut, Day, parse_day};

const PROCESS: &str = "\
currency: USD
timezone: Europe/Berlin
stages:
  - {id: lead, stale_after: 10d}
  - {id: offer, was: [quote]}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
teams: {north: [ana]}
rates: {EUR: 1.083717, JPY: 0.006413}
";

const STAGES: [&str; 6] = ["lead", "offer", "quote", "won", "lost", "disqualified"];
const CURRENCIES: [&str; 3] = ["", "EUR", "JPY"];
const OWNERS: [&str; 3] = ["", "ana", "ben"];
const REASONS: [&str; 3] = ["", "price", "timing"];

/// Six hours, counted from the start of the year: coarse, so that many things happen at one instant.
type Quarter = u16;

/// A row of history.csv, the `from` of which is what came before.
#[derive(Clone, Debug)]
enum Happened {
    Moved(usize),
    Priced(Option<i64>),
    Exchanged(usize),
    Due(Option<Quarter>),
    Touched(usize),
}

/// A deal and its history, as odd as files may be.
#[derive(Clone, Debug)]
struct Life {
    owner: usize,
    reason: usize,
    stage: usize,
    stage_since: Option<Quarter>,
    created: Option<Quarter>,
    closed: Option<Quarter>,
    value: Option<i64>,
    /// The stage that its first row comes from; none for one that begins there.
    before: Option<usize>,
    rows: Vec<(Quarter, Happened)>,
    /// Which of its rows is taken back.
    voided: Option<usize>,
}

fn quarter() -> std::ops::Range<Quarter> {
    0..400
}

/// Amounts in millionths.
fn amount() -> impl Strategy<Value = Option<i64>> {
    option::weighted(0.8, 0..10_000_000_000_i64)
}

fn happened() -> impl Strategy<Value = Happened> {
    prop_oneof![
        4 => (0..STAGES.len()).prop_map(Happened::Moved),
        3 => amount().prop_map(Happened::Priced),
        1 => (0..CURRENCIES.len()).prop_map(Happened::Exchanged),
        2 => option::weighted(0.8, quarter()).prop_map(Happened::Due),
        2 => (0..Touch::ALL.len()).prop_map(Happened::Touched),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    let dates = (option::of(quarter()), option::weighted(0.7, quarter()), option::of(quarter()));
    let rows = (option::weighted(0.3, 0..STAGES.len()), vec((quarter(), happened()), 0..12));
    let cells = (0..OWNERS.len(), 0..REASONS.len(), 0..STAGES.len(), amount());
    (cells, dates, rows, option::weighted(0.2, 0..12_usize)).prop_map(|(cells, dates, rows, voided)| Life {
        owner: cells.0,
        reason: cells.1,
        stage: cells.2,
        value: cells.3,
        stage_since: dates.0,
        created: dates.1,
        closed: dates.2,
        before: rows.0,
        rows: rows.1,
        voided,
    })
}

fn day(quarter: Quarter) -> Day {
    parse_day("2026-01-01").unwrap() + Days::new(u64::from(quarter / 4))
}

fn instant(quarter: Quarter) -> String {
    format!("{}T{:02}:00:00.000Z", day(quarter), quarter % 4 * 6)
}

fn cell(value: Option<i64>) -> String {
    value.map(|millionths| Decimal::new(millionths, 6).to_string()).unwrap_or_default()
}

/// deals.csv, and the rows of history.csv.
fn files(lives: &[Life]) -> (String, Vec<String>) {
    let mut deals =
        "id,name,owner,reason,stage,stage_since,value,currency,created,closed,close_date\n".to_owned();
    let mut history = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let mut stage = life.before.map(|stage| STAGES[stage].to_owned()).unwrap_or_default();
        let mut value = cell(life.value);
        let mut currency = CURRENCIES[number % CURRENCIES.len()].to_owned();
        let (mut close_date, mut nothing) = (String::new(), String::new());
        let mut rows = life.rows.clone();
        rows.sort_by_key(|(at, _)| *at);
        for (nth, (at, happened)) in rows.iter().enumerate() {
            let (event, field, cell, to) = match happened {
                Happened::Moved(to) => ("stage", "", &mut stage, STAGES[*to].to_owned()),
                Happened::Priced(to) => ("set", "value", &mut value, cell(*to)),
                Happened::Exchanged(to) => ("set", "currency", &mut currency, CURRENCIES[*to].to_owned()),
                Happened::Due(to) => (
                    "set",
                    "close_date",
                    &mut close_date,
                    to.map(|at| day(at).to_string()).unwrap_or_default(),
                ),
                Happened::Touched(kind) => (Touch::ALL[*kind].id(), "", &mut nothing, String::new()),
            };
            let from = std::mem::replace(cell, to.clone());
            history.push(format!("{},{number},{event},{field},{from},{to},,", instant(*at)));
            if life.voided == Some(nth) {
                let target = if field.is_empty() { event.to_owned() } else { format!("{event}:{field}") };
                history.push(format!("{},{number},void,{target},{},,,", instant(400), instant(*at)));
            }
        }
        let stage = if stage.is_empty() { STAGES[life.stage] } else { &stage };
        let [since, created, closed] = [life.stage_since, life.created, life.closed]
            .map(|quarter| quarter.map(instant).unwrap_or_default());
        let (owner, reason) = (OWNERS[life.owner], REASONS[life.reason]);
        let _ = writeln!(
            deals,
            "{number},Deal {number},{owner},{reason},{stage},{since},{value},{currency},{created},{closed},{close_date}"
        );
    }
    (deals, history)
}

/// A folder with these deals.
fn fixture(lives: &[Life]) -> Fixture {
    let (deals, history) = files(lives);
    Fixture::new(PROCESS, &deals, &history.join("\n"))
}

/// The lines of `report changes`: how many deals, and how much.
type Lines = Vec<(i64, Decimal)>;

/// The lines of each group, and of all.
fn waterfalls(report: &Report, question: &Question<'_>) -> Vec<(Vec<String>, Lines)> {
    let figures = (report.run)(question).unwrap();
    let line = |row: &Row| match &row.cells[..] {
        [_, Cell::Change(deals), Cell::Money { amount: Some(amount), .. }] => (*deals, *amount),
        [_, Cell::Empty, Cell::Money { amount: Some(amount), .. }] => (0, *amount),
        other => panic!("{other:?}"),
    };
    let rows = figures.sections[0].rows.chunks(9);
    rows.map(|rows| (rows[0].group.clone(), rows.iter().map(line).collect())).collect()
}

/// How many deals were open at a cut, and what they were worth at the rates of the day of `e`.
fn open_then(question: &Question<'_>, cut: Cut) -> (i64, Decimal) {
    let then = question.seen(question.period.clone(), cut);
    let day = question.e().day(question.zone());
    let mut open = (0, Decimal::ZERO);
    for (deal, _) in then.open_at_e() {
        let (amount, currency) = then.journeys.value(deal).unwrap_or((Decimal::ZERO, then.currency));
        open.0 += 1;
        open.1 += then.rates.convert(amount, currency, then.currency, then.process.currency, day).unwrap();
    }
    open
}

fn sum<'a>(lines: impl Iterator<Item = &'a (i64, Decimal)>) -> (i64, Decimal) {
    lines.fold((0, Decimal::ZERO), |sum, line| (sum.0 + line.0, sum.1 + line.1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_add_up_to_the_last_decimal(lives in vec(life(), 0..6), first in 1..80_u64, days in 0..40_u64) {
        let start = day(0) + Days::new(first);
        let period = format!("{start}..{}", start + Days::new(days));
        let fixture = fixture(&lives);
        for as_of in ["2026-02-14", "2026-12-31"] {
            let asked = |by| Asked { report: "changes", period: &period, as_of, by };
            let total = fixture.ask(asked(&[]), |report, question| {
                let lines = waterfalls(report, question).remove(0).1;
                let before = Cut::before(question.start()).min(question.e());
                prop_assert_eq!(lines[0], open_then(question, before), "open at the start");
                prop_assert_eq!(lines[8], open_then(question, question.e()), "open at the end");
                // In another currency, where each value is divided by a rate.
                let currency = Currency::named("JPY").unwrap();
                let yen = waterfalls(report, &Question { currency, ..question.clone() }).remove(0).1;
                prop_assert_eq!(yen[8], sum(yen[..8].iter()), "in yen");
                Ok(lines)
            })?;
            for by in [&["owner"][..], &["month"], &["week", "owner"]] {
                let all = fixture.ask(asked(by), waterfalls);
                for (group, lines) in &all {
                    prop_assert_eq!(lines[8], sum(lines[..8].iter()), "{:?}", group);
                }
                let groups = &all[..all.len() - 1];
                prop_assert_eq!(&all[all.len() - 1].1, &total);
                for line in 1..8 {
                    let parts = groups.iter().map(|(_, lines)| &lines[line]);
                    prop_assert_eq!(sum(parts), total[line], "line {} by {:?}", line, by);
                }
                if by == ["month"] {
                    for pair in groups.windows(2) {
                        prop_assert_eq!(pair[0].1[8], pair[1].1[0], "{:?}", pair);
                    }
                }
                if by == ["owner"] {
                    for stock in [0, 8] {
                        prop_assert_eq!(sum(groups.iter().map(|(_, lines)| &lines[stock])), total[stock]);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn totals_do_not_depend_on_what_they_are_split_by(lives in vec(life(), 0..8)) {
        let fixture = fixture(&lives);
        for report in REPORTS.iter().filter(|report| report.takes(Takes::By)) {
            let asked = |by| Asked { report: report.name, period: "2026-02-10..2026-03-20", as_of: "2026-03-31", by };
            let whole = fixture.figures(asked(&[]));
            for by in [&["owner"][..], &["team"], &["month"], &["stage", "week"]] {
                let split = fixture.figures(asked(by));
                prop_assert_eq!(totals(&split), totals(&whole), "{} by {:?}", report.name, by);
                if by == ["owner"] || by == ["team"] {
                    parts_sum(&split, by)?;
                }
            }
        }
    }

    #[test]
    fn an_earlier_day_seen_from_a_later_one_is_that_day(lives in vec(life(), 0..8), days in 0..110_u64) {
        let asked = Asked { report: "changes", period: "2026", as_of: "2026-12-31", by: &[] };
        let paths = |journeys: &Journeys<'_>| {
            let path = |(at, journey): (usize, &Journey)| {
                let Journey { deal, created, assumed, end, .. } = *journey;
                (deal, created, assumed, end, journeys.stays(at).to_vec())
            };
            journeys.deals.iter().enumerate().map(path).collect::<Vec<_>>()
        };
        fixture(&lives).ask(asked, |_, question| {
            let cut = Cut::before(question.zone().end_of(day(0) + Days::new(days)));
            let [seen, anew] = [
                question.journeys.seen_from(question.process, cut),
                Journeys::at(question.process, question.book, cut),
            ];
            prop_assert_eq!(paths(&seen), paths(&anew));
            Ok(())
        })?;
    }

    #[test]
    fn the_order_of_rows_and_rows_that_stand_twice_change_nothing(lives in vec(life(), 0..8)) {
        let (deals, rows) = files(&lives);
        let mut turned: Vec<String> = rows.iter().chain(rows.iter().step_by(3)).cloned().collect();
        turned.reverse();
        let folders = [rows, turned].map(|rows| Fixture::new(PROCESS, &deals, &rows.join("\n")));
        for report in REPORTS {
            let asked = Asked { report: report.name, period: "2026-02", as_of: "2026-03-31", by: &[] };
            let [straight, turned] = [&folders[0], &folders[1]].map(|folder| folder.figures(asked));
            prop_assert_eq!(straight, turned);
        }
    }
}

/// The rows over all deals.
fn totals(figures: &Figures) -> Vec<Vec<&Row>> {
    let total = |row: &&Row| row.group.is_empty();
    figures.sections.iter().map(|section| section.rows.iter().filter(total).collect()).collect()
}

/// Counts and sums of groups by a field come to those over all deals.
fn parts_sum(figures: &Figures, by: &[&str]) -> Result<(), TestCaseError> {
    for section in figures.sections.iter().filter(|section| section.by == by) {
        let names = section.columns.iter().position(|column| column.kind == Kind::Text);
        let name = |row: &Row| names.map(|at| format!("{:?}", row.cells[at]));
        for (at, column) in section.columns.iter().enumerate() {
            for total in section.rows.iter().filter(|row| row.group.is_empty()) {
                let Some(whole) = quantity(&total.cells[at], column.kind) else { continue };
                let parts =
                    section.rows.iter().filter(|row| !row.group.is_empty() && name(row) == name(total));
                let sum: Decimal = parts.filter_map(|row| quantity(&row.cells[at], column.kind)).sum();
                prop_assert_eq!(sum, whole, "{}.{}.{}", figures.name, section.key, column.key);
            }
        }
    }
    Ok(())
}

/// What adds up over groups: counts, and sums of money.
fn quantity(cell: &Cell, kind: Kind) -> Option<Decimal> {
    match cell {
        Cell::Count(count) => Some(Decimal::from(*count)),
        Cell::Change(change) => Some(Decimal::from(*change)),
        Cell::Money { amount, .. } if kind == Kind::Total => *amount,
        _ => None,
    }
}
