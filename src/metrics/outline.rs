//! What each report is made of, whatever the deals: its figures over a pipeline without any, in each way that it can be
//! asked. Every report has all its tables with all their columns there, so nothing has to be told of them a second time.

use std::sync::Arc;

use super::figures::Figures;
use super::question::{Flow, Options, Picker, Probability, Question};
use super::{NEEDS, Report, Takes};
use crate::deal::book::BookBuilder;
use crate::deal::journey::Journeys;
use crate::deal::money::Rates;
use crate::deal::time::{Cut, Instant};
use crate::process::{self, SEVEN_STAGES};

/// The figures of a report over no deals, in each of the ways that give it other tables or columns. None is never seen: the
/// template of `init` can be read, and where there is no value no rate is missing.
pub fn outlines(report: &Report) -> Vec<Figures> {
    of_no_deals(report).unwrap_or_default()
}

fn of_no_deals(report: &Report) -> Option<Vec<Figures>> {
    let process = process::read("pipeline.yaml", SEVEN_STAGES).ok()?;
    let fields = NEEDS.into_iter().chain(report.needs.iter().copied());
    let book = BookBuilder::new(fields.map(str::to_owned).collect()).finish(Vec::new(), &|_| String::new());
    // Any instant would do: nothing has happened at any.
    let cut = Cut::now(Instant::parse("2026-11-24T12:00:00Z")?);
    let period = process.calendar(cut.day(process.zone)).period(report.period)?;
    let nobody = |_: &Journeys<'_>| Vec::new();
    let ask = |options: Options| {
        let question = Question {
            process: &process,
            book: &book,
            journeys: Arc::new(Journeys::at(&process, &book, cut)),
            picked: Vec::new(),
            rates: &Rates::default(),
            currency: process.currency,
            flow: Flow::of(&period, process.zone, cut),
            period: period.clone(),
            by: Vec::new(),
            options,
            picker: Picker(&nobody),
        };
        report.answer(&question).ok()
    };
    let beside = |way: Options| [way.clone(), Options { vs: period.previous(), ..way }];
    ways(report).into_iter().flat_map(beside).map(ask).collect()
}

/// The options that give a report other tables.
fn ways(report: &Report) -> Vec<Options> {
    let usual = Options::default();
    let now = Options { terms: Some(Vec::new()), ..usual.clone() };
    let mut ways = vec![usual.clone(), now];
    if report.takes(Takes::Curve) {
        ways.push(Options { curve: Some(vec![30]), ..usual.clone() });
    }
    if report.takes(Takes::Probability) {
        ways.push(Options { probability: Probability::History, ..usual.clone() });
    }
    if report.takes(Takes::Backtest) {
        ways.push(Options { backtest: Some(1), ..usual });
    }
    ways
}
