//! `pipeline check`: whether the files are sound.

use clap::Args;

use super::context::{Clock, Context};
use super::options::Reading;
use super::terms;
use crate::deal::money::{Currency, NoRate, Rates, parse_amount};
use crate::deal::time::Day;
use crate::error::{Error, Result};
use crate::folder::audit::audit;
use crate::folder::load::{Loaded, Unsound, load};
use crate::folder::sheet::Sheet;
use crate::folder::{Files, Folder, Need};
use crate::grammar::count;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section};
use crate::output::problem::MOST_DRAWN;
use crate::problem::{Problem, Severity};
use crate::process::StageIndex;
use crate::query::sight::Sight;

/// Check that the files are sound; exits with 1 when they are not
///
/// Every problem is named with its file, line and column, and with what to do about it: rows that cannot be read, and
/// places where deals.csv and history.csv disagree. Warnings alone exit with 0, unless --strict.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline check
  pipeline check -f json | jq -r '.[].message'
  pipeline check --strict
  pipeline check --rev main~1")]
pub(super) struct Check {
    /// Exit with 1 on warnings too
    #[arg(long)]
    strict: bool,
    /// Read all files as they were at this git revision
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
}

impl Check {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        context.begin("checking");
        let folder = context.folder_at(&Reading { rev: self.rev, lenient: false })?;
        let files = folder.read(Need::History)?;
        let problems = problems(&folder, &files, &context.clock(folder.process().zone)?)?;
        let fails = |problem: &&Problem| problem.severity == Severity::Error || self.strict;
        let failing = problems.iter().filter(fails).count() as u64;
        if !context.wants_sentences() {
            context.show(folder.process(), &as_figures(&problems), None)?;
            return match failing {
                0 => Ok(()),
                several => Err(Error::failed(format!("{} in the files", count(several, "problem")))),
            };
        }
        if problems.len() > MOST_DRAWN {
            context.note("`-f json`, `-f csv` and the other formats have all of them");
        }
        if failing > 0 {
            return Err(problems.into());
        }
        if !problems.is_empty() {
            context.complain(&Error::Unsound(problems));
        }
        let rows = |sheet: &Sheet| sheet.rows().count() as u64;
        let (deals, events) = (count(rows(&files.deals), "deal"), count(rows(&files.history), "event"));
        context.note(&format!("sound: {deals}, {events}"));
        Ok(())
    }
}

fn problems(folder: &Folder, files: &Files, clock: &Clock) -> Result<Vec<Problem>> {
    let rates = folder.rates()?;
    let process = folder.process();
    let sight = Sight::new(process, files.deals.columns(), clock.today);
    let mut problems = terms::problems(folder, sight.misstated());
    let loaded = match load(process, &files.deals, &files.history, files.deals.columns(), Unsound::Refuse) {
        Ok(loaded) => loaded,
        Err(unsound) => {
            problems.extend(unsound);
            return Ok(problems);
        }
    };
    let findings = audit(process, &files.deals, &files.history, &loaded);
    problems.extend(findings.into_iter().map(|finding| finding.problem));
    problems.extend(without_rate(folder, &files.deals, &loaded, &rates, clock.today));
    Ok(problems)
}

/// Values that nothing turns into the reporting currency, so that reports refuse them: a warning a currency, at its
/// first deal.
fn without_rate(folder: &Folder, deals: &Sheet, loaded: &Loaded, rates: &Rates, today: Day) -> Vec<Problem> {
    let (book, process) = (&loaded.book, folder.process());
    let (Some(value), Some(column), Some(at)) =
        (book.place("value"), book.place("currency"), deals.column("currency"))
    else {
        return Vec::new();
    };
    let mut missing: Vec<(NoRate, u64, usize)> = Vec::new();
    for deal in 0..book.len() {
        let card = book.deal(deal);
        let code = book.cell(deal, column);
        if code == process.currency.code() || card.stage == StageIndex::DELETED {
            continue;
        }
        let Some(currency) = Currency::named(code) else { continue };
        let day = card.closed.map_or(today, |closed| process.zone.day_of(closed));
        if parse_amount(book.cell(deal, value)).is_none() || rates.on(currency, day).is_some() {
            continue;
        }
        match missing.iter_mut().find(|(missing, ..)| missing.currency == currency) {
            Some((missing, deals, first)) => {
                *deals += 1;
                // A rate holds on later days too: the first day is the one to have it for.
                if day < missing.day {
                    (missing.day, *first) = (day, deal);
                }
            }
            None => missing.push((NoRate { currency, day }, 1, deal)),
        }
    }
    let problem = |(missing, number, deal): (NoRate, u64, usize)| {
        let (NoRate { currency, day }, values) = (&missing, count(number, "value"));
        let later = missing.but_later(rates);
        let message = format!("no rate for {currency} on {day}, which reports need for {values}{later}");
        let line = deals.row_at(loaded.rows[deal])?;
        let problem = deals.at_cell(line, at, message).help(terms::rate_to_add(folder, &missing));
        Some(problem.as_warning())
    };
    missing.into_iter().filter_map(problem).collect()
}

fn as_figures(problems: &[Problem]) -> Figures {
    let row = |problem: &Problem| {
        let number = |number: Option<usize>| number.map_or(Cell::Empty, |number| Cell::Count(number as u64));
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        Row::total(vec![
            Cell::Text(severity.to_owned()),
            Cell::Text(problem.file.clone()),
            number(problem.place.as_ref().map(|place| place.line)),
            number(problem.place.as_ref().map(|place| place.column)),
            Cell::Text(problem.message.clone()),
            problem.help.clone().map_or(Cell::Empty, Cell::Text),
        ])
    };
    let columns = vec![
        Column::new("severity", Kind::Text),
        Column::new("file", Kind::Text),
        Column::new("line", Kind::Count),
        Column::new("column", Kind::Count),
        Column::new("message", Kind::Text),
        Column::new("help", Kind::Text),
    ];
    let rows = problems.iter().map(row).collect();
    let section = Section::list("problems", columns, rows);
    Figures::of("check", [section])
}
