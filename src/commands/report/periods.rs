//! The period of a report, and the one that its figures are compared with.

use super::Report;
use crate::deal::period::{FORMS, Period};
use crate::deal::time::{Cut, parse_day};
use crate::error::{Error, Result};
use crate::metrics::Report as Definition;
use crate::metrics::group::By;
use crate::process::Process;

/// The period of the win curve where none is asked for: a young cohort has no late days (metrics §2).
const CURVE_PERIOD: &str = "730d";

/// What `--vs` calls the period of equal length just before.
const PREVIOUS: &str = "previous";

impl Report {
    /// The period of its figures: the one asked for, else the one that is usual for them.
    pub(super) fn period(&self, report: &Definition, process: &Process, cut: Cut) -> Result<Period> {
        let usual = if self.curve { CURVE_PERIOD } else { report.period };
        named_period(process, cut, self.period.as_deref().unwrap_or(usual), FORMS)
    }

    /// The period that figures are to be compared with.
    ///
    /// Errors: several periods already, or one that has not begun; groups that no other period has; another period that is
    /// younger, or that there is not (exit 2).
    pub(super) fn vs(
        &self,
        process: &Process,
        cut: Cut,
        period: &Period,
        by: &[By],
    ) -> Result<Option<Period>> {
        let Some(text) = self.vs.as_deref() else { return Ok(None) };
        if self.backtest {
            return Err(Error::usage("--vs means nothing with --backtest: it has several periods already")
                .hint("ask for more of them with --periods"));
        }
        let today = cut.day(process.zone);
        if period.first > today {
            return Err(Error::usage(format!(
                "{} has not begun on {today}: there is nothing to compare",
                period.name
            )));
        }
        for by in by {
            let why = match by {
                By::Time(_) => "each period has groups of its own",
                By::Size(_) => "each period has bands of its own",
                By::Field(..) | By::Stage | By::Team(_) => continue,
            };
            return Err(Error::usage(format!("--vs means nothing with --by {}: {why}", by.name()))
                .hint("split by a field, team or stage; or ask for each period alone"));
        }
        if text == PREVIOUS {
            let before = period.previous();
            let none = || Error::usage("there is no period before: the calendar begins with the year 1");
            return before.ok_or_else(none).map(Some);
        }
        let other = named_period(process, cut, text, &format!("{PREVIOUS}, {FORMS}"))?;
        if other.first > period.first {
            return Err(Error::usage(format!("--vs {text} begins after --period {}", period.name)).hint(
                "figures are compared at the same ripeness, and a later period is younger: ask the other way round",
            ));
        }
        Ok(Some(other))
    }
}

/// A period as typed, where periods can be written in these forms.
fn named_period(process: &Process, cut: Cut, text: &str, forms: &str) -> Result<Period> {
    let period = process.calendar(cut.day(process.zone)).period(text);
    period.ok_or_else(|| {
        if let Some((first, last)) = text.split_once("..").filter(|(first, last)| backwards(first, last)) {
            return Error::usage(format!("`{text}` runs backwards")).hint(format!("write {last}..{first}"));
        }
        Error::usage(format!("`{text}` is no period")).hint(format!("periods are {forms}"))
    })
}

/// Whether two days stand the wrong way round.
fn backwards(first: &str, last: &str) -> bool {
    matches!((parse_day(first), parse_day(last)), (Some(first), Some(last)) if first > last)
}
