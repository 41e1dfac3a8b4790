//! `pipeline report`: the figures.

mod help;
mod periods;
mod split;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::as_of::AsOf;
use super::context::Context;
use super::options::Reading;
use super::terms::{no_rate, parse};
use crate::deal::journey::Journeys;
use crate::deal::money::Currency;
use crate::deal::time::parse_length;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::load::skipped_note;
use crate::metrics::behind::{Behind, NAMES};
use crate::metrics::explain::explain;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Note, Row, Section};
use crate::metrics::group::By;
use crate::metrics::question::{Flow, Options, Picker, Probability, Question};
use crate::metrics::{REPORTS, Report as Definition, SUMMARY, Takes};
use crate::output::label;
use crate::problem::nearest;
use crate::process::{Lang, Process, Words};
use crate::query::sight::Sight;

use split::{bys, fields};

/// The days of the win curve, where none are asked for (metrics §2).
const CURVE_DAYS: [u32; 6] = [30, 60, 90, 120, 180, 365];

/// How many past forecasts are held against what came, where nobody says (metrics §6).
const BACKTESTED: u32 = 4;

/// Report on conversion, size, velocity, the forecast and more; without a name, the summary
///
/// Reports: summary, conversion, funnel, size, velocity, stages, bottlenecks, forecast, changes, slippage, losses,
/// activity. Terms pick the deals by their fields on the as-of day. What each figure means is defined in docs/metrics.md.
#[derive(Clone, Debug, Args)]
#[command(after_help = help::after_help())]
pub(super) struct Report {
    /// The report, then terms that pick deals
    #[arg(value_name = "NAME TERMS")]
    words: Vec<String>,
    /// The period [default: 90d, the last 90 days; a forecast is of this quarter, the win curve of 730d]
    #[arg(long)]
    period: Option<String>,
    /// Split by a field, team, stage, size, week, month, quarter or year; two at the most
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    by: Vec<String>,
    /// Beside the same figures of another period, and how they changed: previous, or a period
    #[arg(long, value_name = "PERIOD")]
    vs: Option<String>,
    /// As it was at the end of this day
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,
    /// Say what each figure means, with its formula and its numbers
    #[arg(long, conflicts_with = "ids")]
    explain: bool,
    /// Amounts in this currency, if not in the one of pipeline.yaml
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Instead of figures, the ids of the deals behind one, a line each: won, open, stalled, `reached STAGE` …
    #[arg(long, value_name = "DEALS", conflicts_with = "section")]
    ids: Option<String>,
    /// Only this table of the report
    #[arg(long, value_name = "TABLE")]
    section: Option<String>,
    /// The win curve: the share of deals won within so many days
    #[arg(long)]
    curve: bool,
    /// The days of the win curve [default: 30,60,90,120,180,365]
    #[arg(long, value_name = "DAYS", value_delimiter = ',', requires = "curve")]
    days: Vec<u32>,
    /// Where the chance of an open deal comes from [default: set]
    #[arg(long, value_enum, value_name = "SOURCE")]
    probability: Option<Chance>,
    /// Hold the forecasts of past periods against what came
    #[arg(long)]
    backtest: bool,
    /// Over how many past periods [default: 4]
    #[arg(long, value_name = "N", requires = "backtest", value_parser = clap::value_parser!(u32).range(1..=120))]
    periods: Option<u32>,
    /// After how long an open deal without an activity is idle [default: 14d]
    #[arg(long, value_name = "DAYS", value_parser = idle_days)]
    idle: Option<u32>,
    /// By the stages and rules of this file instead of those of pipeline.yaml
    #[arg(long, value_name = "FILE")]
    process: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// The reports of a dashboard, and what they are split by.
const DASHBOARD: &[(&str, &[&str])] = &[
    ("forecast", &[]),
    ("changes", &[]),
    ("funnel", &[]),
    ("conversion", &["month"]),
    ("velocity", &["month"]),
    ("stages", &[]),
    ("losses", &[]),
];

/// Where the chance that an open deal is won comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Chance {
    /// The deal's own, else its stage's
    Set,
    /// What became of the deals that reached its stage
    History,
}

impl Report {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        context.begin("reading and counting");
        let (report, terms) = self.named()?;
        let mut folders = context.folders_at(&self.reading)?;
        if let Some(path) = &self.process {
            folders = folders.into_iter().map(|folder| folder.under(path)).collect::<Result<_>>()?;
        }
        if let Some(name) = &self.ids {
            let [folder] = &folders[..] else {
                return Err(Error::usage("--ids is about the deals of one folder"));
            };
            let answer = |question: &Question<'_>| behind(name, folder, question);
            let (ids, _) = self.ask(context, report, terms, folder, answer)?;
            return show_ids(context, folder.process(), ids);
        }
        let one = |(nth, folder): (usize, &Folder)| {
            let run = |question: &Question<'_>| {
                report.answer(question).map_err(|missing| no_rate(folder, &missing))
            };
            let (mut figures, skipped) = self.ask(context, report, terms, folder, run)?;
            paste(context, nth, &mut figures);
            if self.explain {
                figures.sections.push(explain(&figures, folder.process(), label));
            }
            if skipped > 0 {
                let text = skipped_note(skipped);
                figures.notes.push(Note { code: "rows_skipped", text, deals: None });
            }
            let today = context.clock(folder.process().zone)?.today;
            if let Some(day) = figures.scope.as_ref().map(|scope| scope.as_of_day).filter(|day| *day > today)
            {
                let text = Words::of_ours(|lang| match lang {
                    Lang::En => format!("{day} has not come: what happens until then is not known"),
                    Lang::ZhTw => format!("{day} 尚未到來：到那天為止會發生的事還不知道"),
                });
                figures.notes.push(Note { code: "as_of_ahead", text, deals: None });
            }
            if self.process.is_some() {
                let file = folder.process_file();
                let text = Words::of_ours(|lang| match lang {
                    Lang::En => format!("by the process of {file}, not that of pipeline.yaml"),
                    Lang::ZhTw => format!("依 {file} 的流程，而非 pipeline.yaml 的流程"),
                });
                figures.notes.push(Note { code: "another_process", text, deals: None });
            }
            Ok(figures)
        };
        let figures = folders.iter().enumerate().map(one).collect::<Result<Vec<_>>>()?;
        if let ([folder], [summary]) = (&folders[..], &figures[..])
            && report.name == SUMMARY.name
            && self.section.is_none()
            && context.page_wanted()?
        {
            let others = self.dashboard(context, terms, folder)?;
            return context.show_page(folder.process(), summary, &others);
        }
        context.show_each(&folders, figures, self.section.as_deref())
    }

    /// What a page shows below the summary: the reports whose pictures tell how the pipeline is doing.
    fn dashboard(&self, context: &Context, terms: &[String], folder: &Folder) -> Result<Vec<Figures>> {
        let asked = |(name, by): &(&str, &[&str])| {
            let report = Definition::named(name)?;
            let by = by.iter().map(|by| (*by).to_owned()).collect();
            let other = Report { by, vs: None, ..self.clone() };
            let run = |question: &Question<'_>| {
                report.answer(question).map_err(|missing| no_rate(folder, &missing))
            };
            Some(other.ask(context, report, terms, folder, run).map(|(figures, _)| figures))
        };
        DASHBOARD.iter().filter_map(asked).collect()
    }

    /// Asks one folder, and says how many of its rows were left out.
    fn ask<T>(
        &self,
        context: &Context,
        report: &Definition,
        terms: &[String],
        folder: &Folder,
        answer: impl FnOnce(&Question<'_>) -> Result<T>,
    ) -> Result<(T, usize)> {
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let cut = clock.cut(self.as_of.as_deref())?;
        let ledger = folder.ledger()?;
        let sight = Sight::new(process, ledger.columns(), clock.today);
        let query = parse(folder, terms, &sight)?;
        let behind = self.ids.as_deref().and_then(|name| Behind::named(name, process));
        let needs = [report.needs, behind.map_or(&[][..], Behind::needs)].concat();
        let fields = fields(&needs, &sight, &query, &self.by)?;
        let by = bys(report, &self.by, &fields)?;
        if self.backtest
            && let Some(unit) = by.iter().find(|by| matches!(by, By::Time(_)))
        {
            return Err(Error::usage(format!(
                "--backtest means nothing with --by {}: it has a row for each period",
                unit.name()
            ))
            .hint(format!("ask for those periods: --backtest --period 'last {}'", unit.name())));
        }
        let period = self.period(report, process, cut)?;
        let vs = self.vs(process, cut, &period, &by)?;
        let loaded = ledger.load(&fields, self.reading.unsound())?;
        let rates = folder.rates()?;
        let as_of = AsOf { book: &loaded.book, sight: &sight, query: &query };
        let of_now = self.as_of.is_none() && self.process.is_none() && self.reading.rev.is_none();
        let terms = of_now.then(|| terms.to_vec());
        let options = Options { whose: as_of.whose(), terms, vs, ..self.options(report)? };
        let by_terms = |journeys: &Journeys<'_>| as_of.picked(journeys);
        let journeys = Arc::new(Journeys::at(process, &loaded.book, cut));
        let question = Question {
            process,
            book: &loaded.book,
            picked: by_terms(&journeys),
            picker: Picker(&by_terms),
            journeys,
            rates: &rates,
            currency: self.currency(process)?,
            flow: Flow::of(&period, process.zone, cut),
            period,
            by,
            options,
        };
        Ok((answer(&question)?, loaded.skipped))
    }

    /// The report that the first word names, and the terms after it; the summary where it is a term.
    fn named(&self) -> Result<(&'static Definition, &[String])> {
        let Some(first) = self.words.first() else { return Ok((&SUMMARY, &[])) };
        if let Some(report) = Definition::named(first) {
            return Ok((report, &self.words[1..]));
        }
        if first.chars().all(|c| c.is_alphanumeric() || c == '-') {
            let known: Vec<&str> = REPORTS.iter().map(|report| report.name).collect();
            let error = Error::usage(format!("there is no report `{first}`"));
            let otherwise = format!(
                "reports are {}; to search for a word, name the report first: pipeline report summary {first}",
                known.join(", ")
            );
            return Err(error.suggest(nearest(first, known.iter().copied()), otherwise));
        }
        Ok((&SUMMARY, &self.words))
    }

    /// What the report is asked beside the rest.
    ///
    /// Errors: an option that means nothing to it (exit 2).
    fn options(&self, report: &Definition) -> Result<Options> {
        let given = [
            ("--curve", self.curve, Takes::Curve),
            ("--probability", self.probability.is_some(), Takes::Probability),
            ("--backtest", self.backtest, Takes::Backtest),
            ("--idle", self.idle.is_some(), Takes::Idle),
            ("--vs", self.vs.is_some() && !report.takes(Takes::VsAlways), Takes::Vs),
        ];
        let strange = given.iter().find(|(_, given, option)| *given && !report.takes(*option));
        if let Some((name, _, option)) = strange {
            let takers: Vec<&str> =
                REPORTS.iter().filter(|report| report.takes(*option)).map(|report| report.name).collect();
            return Err(Error::usage(format!("{name} means nothing to `report {}`", report.name))
                .hint(format!("it is for `report {}`", takers.join("`, `report "))));
        }
        let usual = Options::default();
        let days = if self.days.is_empty() { CURVE_DAYS.to_vec() } else { self.days.clone() };
        Ok(Options {
            curve: self.curve.then_some(days),
            probability: match self.probability {
                Some(Chance::History) => Probability::History,
                Some(Chance::Set) | None => usual.probability,
            },
            backtest: self.backtest.then_some(self.periods.unwrap_or(BACKTESTED)),
            idle: self.idle.unwrap_or(usual.idle),
            ..usual
        })
    }

    /// The currency of the figures: the one asked for, else the process's own.
    fn currency(&self, process: &Process) -> Result<Currency> {
        let Some(code) = &self.currency else { return Ok(process.currency) };
        Currency::named(&code.to_uppercase()).ok_or_else(|| {
            Error::usage(format!("`{code}` is no currency"))
                .hint("write its ISO 4217 code, such as USD, EUR or TWD")
        })
    }
}

/// A length of time as typed, in days.
fn idle_days(text: &str) -> std::result::Result<u32, String> {
    let days = parse_length(text).and_then(|days| u32::try_from(days).ok());
    days.ok_or_else(|| "write it in days or weeks, such as 14d or 2w".to_owned())
}

/// The ids of the deals that a name stands for.
fn behind(name: &str, folder: &Folder, question: &Question<'_>) -> Result<Vec<String>> {
    match Behind::named(name, question.process) {
        Some(behind) => behind.ids(question).map_err(|missing| no_rate(folder, &missing)),
        None => Err(Error::usage(format!("no figure is made of deals called `{name}`"))
            .hint(format!("name one of {NAMES}, with a stage that is no end"))),
    }
}

/// Has the commands in a report work from here, whatever folder was named.
fn paste(context: &Context, nth: usize, figures: &mut Figures) {
    for section in &mut figures.sections {
        let Some(place) = section.columns.iter().position(|column| column.key == "command") else { continue };
        for row in &mut section.rows {
            if let Some(Cell::Text(command)) = row.cells.get_mut(place) {
                *command = context.pasted(nth, command);
            }
        }
    }
}

/// Shows ids: plain lines, which other commands read, or a table of one column where a format was asked for.
fn show_ids(context: &Context, process: &Process, ids: Vec<String>) -> Result<()> {
    if context.wants_sentences() {
        return context.print(&ids.into_iter().map(|id| id + "\n").collect::<String>());
    }
    let rows = ids.into_iter().map(|id| Row::total(vec![Cell::Text(id)])).collect();
    let columns = vec![Column::new("id", Kind::Text)];
    let section = Section::list("ids", columns, rows);
    let figures = Figures::of("ids", [section]);
    context.show(process, &figures, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_is_of_reports_that_there_are_split_by_what_they_can_be() {
        for (name, by) in DASHBOARD {
            let report = Definition::named(name).unwrap_or_else(|| panic!("there is no report {name}"));
            let by: Vec<String> = by.iter().map(|by| (*by).to_owned()).collect();
            assert_eq!(bys(report, &by, &[]).unwrap().len(), by.len(), "{name}");
        }
    }
}
