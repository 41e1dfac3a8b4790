//! A deal as its row stands today, read: what the board, the agenda and the review look at.

use rust_decimal::Decimal;

use super::money::{Currency, parse_amount};
use super::past::Past;
use super::record::Record;
use super::time::{Day, Instant};
use crate::process::{Process, StageIndex};

/// A deal's cells as what they hold. A cell that is empty, or cannot be read, is none.
#[derive(Clone, Debug)]
pub struct Standing<'r> {
    /// All of its cells, as texts.
    pub record: &'r Record<'r>,
    /// The stage it is in.
    pub stage: StageIndex,
    /// Since when.
    pub entered: Option<Instant>,
    /// When it closed.
    pub closed: Option<Instant>,
    /// What it is worth, and in which currency.
    pub value: Option<(Decimal, Currency)>,
    /// When it is expected to close.
    pub close_date: Option<Day>,
    /// On which day its next step is due.
    pub next_date: Option<Day>,
    /// At which instant, where the cell says more than the day.
    pub next_at: Option<Instant>,
    /// What its history tells, where that was read.
    pub past: Past,
}

impl<'r> Standing<'r> {
    /// Reads a row.
    pub fn of(process: &Process, record: &'r Record<'r>, stage: StageIndex, past: Past) -> Standing<'r> {
        let zone = process.zone;
        let currency = Currency::named(record.get("currency")).unwrap_or(process.currency);
        Standing {
            record,
            stage,
            entered: zone.parse_moment(record.get("stage_since")),
            closed: zone.parse_moment(record.get("closed")),
            value: parse_amount(record.get("value")).map(|amount| (amount, currency)),
            close_date: zone.parse_moment_day(record.get("close_date")),
            next_date: zone.parse_moment_day(record.get("next_date")),
            next_at: Instant::parse(record.get("next_date")),
            past,
        }
    }

    /// The cell of a column as it is; empty where the file has no such column.
    pub fn text(&self, column: &str) -> &'r str {
        self.record.get(column)
    }

    /// Whether something comes next: a step, or at least a day for one.
    pub fn has_next_step(&self) -> bool {
        !self.text("next_step").is_empty() || self.next_date.is_some()
    }
}
