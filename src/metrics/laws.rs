//! What must hold of reports whatever a folder holds: laws, tried on random books.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::figures::{Cell, Row};
use super::fixture::{Asked, Told};
use super::question::Question;
use crate::deal::time::Cut;

const PROCESS: &str = "\
currency: USD
timezone: Europe/Berlin
stages:
  - {id: lead}
  - {id: offer, was: [quote]}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
rates: {EUR: 1.083717, JPY: 0.006413}
";

const STAGES: [&str; 6] = ["lead", "offer", "quote", "won", "lost", "disqualified"];
const CURRENCIES: [&str; 3] = ["", "EUR", "JPY"];
const OWNERS: [&str; 3] = ["", "ana", "ben"];

/// Six hours, counted from the start of the year: coarse, so that many things happen at one instant.
type Quarter = u16;

/// A row of history.csv, the `from` of which is what came before.
#[derive(Clone, Debug)]
enum Happened {
    Moved(usize),
    Priced(Option<i64>),
    Exchanged(usize),
    Called,
}

/// A deal and its history, as odd as files may be.
#[derive(Clone, Debug)]
struct Life {
    owner: usize,
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

/// Amounts down to a millionth.
fn amount() -> impl Strategy<Value = Option<i64>> {
    option::weighted(0.8, 0..10_000_000_000_i64)
}

fn happened() -> impl Strategy<Value = Happened> {
    prop_oneof![
        4 => (0..STAGES.len()).prop_map(Happened::Moved),
        3 => amount().prop_map(Happened::Priced),
        1 => (0..CURRENCIES.len()).prop_map(Happened::Exchanged),
        1 => Just(Happened::Called),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    let dates = (option::of(quarter()), option::weighted(0.7, quarter()), option::of(quarter()));
    let rows = (option::weighted(0.3, 0..STAGES.len()), vec((quarter(), happened()), 0..10));
    let cells = (0..OWNERS.len(), 0..STAGES.len(), amount());
    (cells, dates, rows, option::weighted(0.2, 0..10_usize)).prop_map(|(cells, dates, rows, voided)| Life {
        owner: cells.0,
        stage: cells.1,
        value: cells.2,
        stage_since: dates.0,
        created: dates.1,
        closed: dates.2,
        before: rows.0,
        rows: rows.1,
        voided,
    })
}

fn instant(quarter: Quarter) -> String {
    let day = crate::deal::time::parse_day("2026-01-01").unwrap() + chrono::Days::new(u64::from(quarter / 4));
    format!("{day}T{:02}:00:00.000Z", quarter % 4 * 6)
}

fn cell(value: Option<i64>) -> String {
    value.map(|millionths| Decimal::new(millionths, 6).to_string()).unwrap_or_default()
}

/// The files of a folder with these deals.
fn told(lives: &[Life]) -> Told {
    let mut deals = "id,name,owner,stage,stage_since,value,currency,created,closed\n".to_owned();
    let mut history = String::new();
    for (number, life) in lives.iter().enumerate() {
        let dated = |quarter: Option<Quarter>| quarter.map(instant).unwrap_or_default();
        let mut stage = life.before.map_or("", |stage| STAGES[stage]);
        let (mut value, mut currency) = (cell(life.value), CURRENCIES[number % CURRENCIES.len()]);
        let mut rows = life.rows.clone();
        rows.sort_by_key(|(at, _)| *at);
        for (nth, (at, happened)) in rows.iter().enumerate() {
            let at = instant(*at);
            let (event, field, from, to) = match happened {
                Happened::Moved(to) => {
                    ("stage", "", std::mem::replace(&mut stage, STAGES[*to]), STAGES[*to].into())
                }
                Happened::Priced(to) => {
                    let from = std::mem::replace(&mut value, cell(*to));
                    let _ = writeln!(history, "{at},{number},set,value,{from},{value},,");
                    continue;
                }
                Happened::Exchanged(to) => (
                    "set",
                    "currency",
                    std::mem::replace(&mut currency, CURRENCIES[*to]),
                    currency.to_owned(),
                ),
                Happened::Called => ("call", "", "", String::new()),
            };
            let _ = writeln!(history, "{at},{number},{event},{field},{from},{to},,");
            if life.voided == Some(nth) {
                let target = if event == "set" { "set:currency" } else { event };
                let _ = writeln!(history, "{},{number},void,{target},{at},,,", instant(400));
            }
        }
        let stage = if stage.is_empty() { STAGES[life.stage] } else { stage };
        let dates = [life.stage_since, life.created, life.closed].map(dated);
        let owner = OWNERS[life.owner];
        let _ = writeln!(
            deals,
            "{number},Deal {number},{owner},{stage},{},{value},{currency},{},{}",
            dates[0], dates[1], dates[2]
        );
    }
    Told::new(PROCESS, &deals, &history)
}

/// The lines of `report changes`: of each group and of all, how many deals and how much.
fn waterfalls(report: &super::Report, question: &Question<'_>) -> Vec<(Vec<String>, Vec<(i64, Decimal)>)> {
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
        let (amount, currency) = then.journeys.value(deal).unwrap_or((Decimal::ZERO, then.currency()));
        open.0 += 1;
        open.1 += then.rates.convert(amount, currency, then.currency(), day).unwrap();
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
        let start = crate::deal::time::parse_day("2026-01-01").unwrap() + chrono::Days::new(first);
        let period = format!("{start}..{}", start + chrono::Days::new(days));
        let told = told(&lives);
        for as_of in ["2026-02-14", "2026-12-31"] {
            let asked = |by| Asked { report: "changes", period: &period, as_of, by };
            let total = told.ask(asked(&[]), |report, question| {
                let lines = waterfalls(report, question).remove(0).1;
                let before = Cut::before(question.start()).min(question.e());
                prop_assert_eq!(lines[0], open_then(question, before), "open at the start");
                prop_assert_eq!(lines[8], open_then(question, question.e()), "open at the end");
                Ok(lines)
            })?;
            for by in [&["owner"][..], &["month"], &["week", "owner"]] {
                let all = told.ask(asked(by), waterfalls);
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
