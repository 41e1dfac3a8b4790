//! A folder in a few lines, for the tests of reports: its files are read, checked and asked as the program does it.

use std::sync::Arc;

use super::figures::Figures;
use super::group::By;
use super::question::{Flow, Options, Picker, Question};
use super::{NEEDS, Report};
use crate::deal::journey::Journeys;
use crate::deal::money::Rates;
use crate::deal::period::Unit;
use crate::deal::time::{Cut, parse_day};
use crate::folder::load::{Unsound, load};
use crate::folder::sheet::Sheet;
use crate::output::{Format, Look, render};
use crate::process::{Process, RateSource, read};

/// The texts of a folder, read.
pub(super) struct Fixture {
    process: Process,
    rates: Rates,
    deals: Sheet,
    history: Sheet,
}

/// What is asked of a folder.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The report.
    pub(super) report: &'a str,
    /// The period, as typed.
    pub(super) period: &'a str,
    /// The as-of day, seen from its end.
    pub(super) as_of: &'a str,
    /// What it is split by: columns, `team`, `stage` and units of time.
    pub(super) by: &'a [&'a str],
}

impl Fixture {
    /// A folder of a `pipeline.yaml`, a deals.csv with its header, and the rows of a history.csv without.
    pub(super) fn new(process: &str, deals: &str, history: &str) -> Fixture {
        let process = read("pipeline.yaml", process).unwrap();
        let RateSource::Fixed(rates) = process.rates.clone() else { panic!("rates in a file") };
        let sheet = |name: &str, text: String| Sheet::parse(name, text.into_bytes()).unwrap();
        let history = format!("{}\n{history}", crate::deal::event::HEADER);
        Fixture {
            process,
            rates,
            deals: sheet("deals.csv", deals.to_owned()),
            history: sheet("history.csv", history),
        }
    }

    /// Puts a question about all deals to a function, with the report's definition.
    pub(super) fn ask<T>(&self, asked: Asked<'_>, look: impl FnOnce(&Report, &Question<'_>) -> T) -> T {
        let process = &self.process;
        let report = Report::named(asked.report).unwrap();
        let columns =
            asked.by.iter().filter(|name| Unit::named(name).is_none() && !["team", "stage"].contains(name));
        let mut fields: Vec<String> = NEEDS.map(str::to_owned).into();
        fields.extend(report.needs.iter().chain(columns).map(|name| (*name).to_owned()));
        let book = load(process, &self.deals, &self.history, &fields, Unsound::Refuse).unwrap().book;
        let day = parse_day(asked.as_of).unwrap();
        let everything = |journeys: &Journeys<'_>| (0..journeys.len()).collect::<Vec<usize>>();
        let cut = Cut::before(process.zone.end_of(day));
        let period = process.calendar(day).period(asked.period).unwrap();
        let journeys = Arc::new(Journeys::at(process, &book, cut));
        let by = |name: &&str| match (*name, Unit::named(name)) {
            (_, Some(unit)) => By::Time(unit),
            ("stage", _) => By::Stage,
            ("team", _) => By::Team(book.place("owner").unwrap()),
            (name, _) => By::Field(name.to_owned(), book.place(name).unwrap()),
        };
        let question = Question {
            process,
            book: &book,
            picked: everything(&journeys),
            journeys,
            rates: &self.rates,
            currency: process.currency,
            flow: Flow::of(&period, process.zone, cut),
            period,
            by: asked.by.iter().map(by).collect(),
            options: Options::default(),
            picker: Picker(&everything),
        };
        look(report, &question)
    }

    /// The figures of a report.
    pub(super) fn figures(&self, asked: Asked<'_>) -> Figures {
        self.ask(asked, |report, question| (report.run)(question).unwrap())
    }

    /// A section of a report as lines of CSV, the header left out.
    pub(super) fn lines(&self, asked: Asked<'_>, section: &str) -> Vec<String> {
        let mut out = Vec::new();
        let _ = render(&self.figures(asked), Format::Csv, &Look::default(), Some(section), &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().skip(1).map(str::to_owned).collect()
    }

    /// The notes of a report: how many deals under which code.
    pub(super) fn notes(&self, asked: Asked<'_>) -> Vec<(&'static str, Option<u64>)> {
        self.figures(asked).notes.into_iter().map(|note| (note.code, note.deals)).collect()
    }
}
