//! Made-up deals with a believable history: for `init --sample`, for benchmarks, for tests. Pure; the same seed gives
//! the same deals on every machine, one at a time, so that a million of them need no memory.

mod arrivals;
mod dice;
mod life;
mod plan;
mod words;
mod written;

use super::event::{Event, push_row};
use super::time::Instant;
use crate::process::{COLUMNS, Process};
use arrivals::{Arrivals, working_days};
use plan::Plan;
pub use written::Piece;

/// Which deals to make up.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many.
    pub deals: usize,
    /// Another seed gives other deals.
    pub seed: u64,
    /// Now: nothing happens after it.
    pub until: Instant,
    /// For how many years before `until` deals have been coming in; at least one.
    pub years: u32,
}

/// A made-up deal: its row of deals.csv, and the rows of history.csv that add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleDeal {
    /// The cells, in the order of [`COLUMNS`].
    pub cells: [String; COLUMNS.len()],
    /// What happened, in order; the first event is the entry into the first stage. What the deal came with has no
    /// event, as with deals that were imported.
    pub events: Vec<Event<'static>>,
}

impl SampleDeal {
    /// The row as deals.csv holds it, with its line end.
    pub fn to_line(&self) -> String {
        let mut line = String::with_capacity(192);
        push_row(&mut line, self.cells.iter().map(String::as_str), "\n");
        line
    }
}

impl Sample {
    /// The deals, oldest first, as rows of both files, a piece at a time; their ids are `deal-1`, `deal-2`, …
    ///
    /// They keep to the process: its open stages in order, the columns that its gates require, its reasons, and what it
    /// says to skipping, going back and reopening. Gates that are terms are not looked at. A process without an open
    /// stage has no deals.
    pub fn pieces<'p>(&self, process: &'p Process) -> impl Iterator<Item = Piece> + use<'p> {
        let plan = Plan::new(self, process);
        written::pieces(self.arrivals(&plan), plan)
    }

    /// The number of each deal, the day it comes in and the time of that day.
    fn arrivals(&self, plan: &Plan<'_>) -> impl Iterator<Item = (usize, i32, i64)> + use<> {
        let days = working_days(plan.process.zone.day_of(self.until), self.years.max(1));
        let deals = if plan.stages.is_empty() || days.is_empty() { 0 } else { self.deals };
        let mut arrivals = Arrivals::new(self.seed, deals, days);
        (1..=deals).map(move |number| {
            let (day, clock) = arrivals.next();
            (number, day, clock)
        })
    }
}

// Columns that are looked at, rather than only set.
const CLOSED: usize = column("closed");
const CONTACT: usize = column("contact");
const CREATED: usize = column("created");
const ID: usize = column("id");
const SOURCE: usize = column("source");
const STAGE: usize = column("stage");
const STAGE_SINCE: usize = column("stage_since");
const VALUE: usize = column("value");

/// The place of a known column.
const fn column(name: &str) -> usize {
    let mut place = 0;
    while place < COLUMNS.len() {
        if same(COLUMNS[place].as_bytes(), name.as_bytes()) {
            return place;
        }
        place += 1;
    }
    panic!("no such column")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests;
