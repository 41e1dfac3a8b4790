//! Deals in runs of neighbours: what is done with each run by itself is done on all cores.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// How many deals a core takes at a time: enough to be worth starting on, few enough for its cache.
pub const DEALS_A_RUN: usize = 16_384;

/// Does `work` with each run of so many deals: what it made of them, in their order.
pub(super) fn each<T: Send>(deals: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let run = |start: usize| work(start..(start + DEALS_A_RUN).min(deals));
    let starts = (0..deals).step_by(DEALS_A_RUN);
    // Starting another core costs more than a few deals.
    if deals > DEALS_A_RUN {
        starts.collect::<Vec<_>>().into_par_iter().map(run).collect()
    } else {
        starts.map(run).collect()
    }
}

/// What two pieces of work about so many deals give, done side by side where there are more than a few.
pub fn both<A: Send, B: Send>(
    deals: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if deals > DEALS_A_RUN { rayon::join(one, other) } else { (one(), other()) }
}
