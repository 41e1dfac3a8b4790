//! Made-up deals as the rows of deals.csv and history.csv, on all cores and with little kept.
//!
//! Rows of history.csv stand in the order in which things happened. A deal has none before it comes in, and deals come
//! in in order; so a day is whole, and can be let go of, when a deal has come in after it.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use super::life::Life;
use super::plan::Plan;
use crate::deal::time::{DAY, Instant};

/// Deals that are worked out at once.
const DEALS_AT_ONCE: usize = 8192;

/// The next rows of both files, with their line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Of deals.csv: the cells of the known columns, then empty ones of those that the process declares.
    pub deals: String,
    /// Of history.csv.
    pub history: String,
}

/// The rows of one deal.
struct Rows {
    deal: String,
    history: String,
    /// Where each row of the history ends, and when it was.
    ends: Vec<(Instant, usize)>,
}

/// The rows of one day, in the order in which they were made up.
#[derive(Default)]
struct WholeDay {
    text: String,
    rows: Vec<(Instant, Range<usize>)>,
}

pub(super) fn pieces(
    arrivals: impl Iterator<Item = (usize, i32, i64)>,
    plan: Plan<'_>,
) -> impl Iterator<Item = Piece> {
    let mut arrivals = arrivals.fuse();
    let mut waiting = BTreeMap::new();
    let empty = ",".repeat(plan.process.fields.len());
    std::iter::from_fn(move || {
        let run: Vec<_> = arrivals.by_ref().take(DEALS_AT_ONCE).collect();
        let rows: Vec<Rows> = run.par_iter().map(|arrival| rows(*arrival, &plan, &empty)).collect();
        let mut piece = Piece::default();
        // The next deal comes in at this time or later.
        let mut latest = None;
        for deal in rows {
            piece.deals.push_str(&deal.deal);
            latest = deal.ends.first().map(|(at, _)| *at);
            keep(&mut waiting, &deal);
        }
        while let Some(day) = waiting.first_entry() {
            if latest.is_some_and(|latest| *day.key() >= day_of(latest)) {
                break;
            }
            day.remove().release(&mut piece.history);
        }
        (piece != Piece::default()).then_some(piece)
    })
}

fn rows((number, day, clock): (usize, i32, i64), plan: &Plan<'_>, empty: &str) -> Rows {
    let lived = Life::new(plan, number, day, clock).lived();
    let deal = format!("{}{empty}\n", lived.to_line().trim_end_matches('\n'));
    let (mut history, mut ends) = (String::with_capacity(512), Vec::with_capacity(lived.events.len()));
    for event in &lived.events {
        history.push_str(&event.to_line());
        ends.push((event.at, history.len()));
    }
    Rows { deal, history, ends }
}

fn keep(waiting: &mut BTreeMap<i64, WholeDay>, deal: &Rows) {
    let mut start = 0;
    for (at, end) in &deal.ends {
        let day = waiting.entry(day_of(*at)).or_default();
        let from = day.text.len();
        day.text.push_str(&deal.history[start..*end]);
        day.rows.push((*at, from..day.text.len()));
        start = *end;
    }
}

impl WholeDay {
    fn release(mut self, history: &mut String) {
        // Stable: what happened at one time stays in the order of the deals.
        self.rows.sort_by_key(|(at, _)| *at);
        self.rows.into_iter().for_each(|(_, row)| history.push_str(&self.text[row]));
    }
}

/// The day in UTC, which is as good as any.
fn day_of(at: Instant) -> i64 {
    at.millis().div_euclid(DAY)
}
