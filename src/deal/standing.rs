//! A deal as its row stands today, read: what the board, the agenda and the review look at.

use rust_decimal::Decimal;

use super::money::{Currency, NoRate, Rates, parse_amount};
use super::past::Past;
use super::record::Record;
use super::time::{Day, Instant};
use crate::process::{Process, StageIndex};

/// A deal's cells as what they hold. A cell that is empty, or cannot be read, is none.
#[derive(Clone, Debug)]
pub struct Standing<'r> {
    /// Its id.
    pub id: &'r str,
    /// What people call it.
    pub name: &'r str,
    /// Whom it is sold to; may be empty, as the texts below.
    pub account: &'r str,
    /// Whom we talk to.
    pub contact: &'r str,
    /// Whose it is.
    pub owner: &'r str,
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
    /// What comes next.
    pub next_step: &'r str,
    /// On which day.
    pub next_date: Option<Day>,
    /// At which instant, where the cell says more than the day.
    pub next_at: Option<Instant>,
    /// What its history tells, where that was read.
    pub past: Past,
}

impl<'r> Standing<'r> {
    /// Reads a row.
    pub fn of(process: &Process, record: &'r Record<'_>, stage: StageIndex, past: Past) -> Standing<'r> {
        let zone = process.zone;
        let currency = Currency::named(record.get("currency")).unwrap_or(process.currency);
        Standing {
            id: record.id(),
            name: record.get("name"),
            account: record.get("account"),
            contact: record.get("contact"),
            owner: record.get("owner"),
            stage,
            entered: zone.parse_moment(record.get("stage_since")),
            closed: zone.parse_moment(record.get("closed")),
            value: parse_amount(record.get("value")).map(|amount| (amount, currency)),
            close_date: zone.parse_moment_day(record.get("close_date")),
            next_step: record.get("next_step"),
            next_date: zone.parse_moment_day(record.get("next_date")),
            next_at: Instant::parse(record.get("next_date")),
            past,
        }
    }

    /// Days in its stage up to `now`; at least 0.
    pub fn days_in_stage(&self, process: &Process, now: Instant) -> Option<f64> {
        self.entered.map(|entered| process.zone.elapsed(entered, now).max(0.0))
    }

    /// Its value in the reporting currency, at the rate of a day.
    ///
    /// Errors: there is no rate of its currency on that day.
    pub fn worth(&self, process: &Process, rates: &Rates, day: Day) -> Result<Option<Decimal>, NoRate> {
        let Some((amount, currency)) = self.value else { return Ok(None) };
        rates.convert(amount, currency, process.currency, day).map(Some)
    }

    /// Whether something comes next: a step, or at least a day for one.
    pub fn has_next_step(&self) -> bool {
        !self.next_step.is_empty() || self.next_date.is_some()
    }
}
