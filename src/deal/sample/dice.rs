//! Chance of our own, in whole numbers only: the same seed gives the same deals on every machine and in every version.

use crate::chance::{STEP, mixed};

/// A splitmix64 generator.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

/// Quantiles, in thousandths of the median, of a log-normal of sigma 0.75 at 0, 1/16, … 1.
const SPREAD: [u64; 17] =
    [115, 316, 422, 514, 603, 693, 787, 889, 1000, 1125, 1270, 1443, 1658, 1945, 2370, 3160, 8659];

/// Quantiles, in thousandths of the mean, of an exponential at 0, 1/16, … 1.
const GAP: [u64; 17] =
    [0, 65, 134, 208, 288, 375, 470, 575, 693, 827, 981, 1163, 1386, 1674, 2079, 2773, 6215];

impl Dice {
    /// One of many streams of a seed; each is independent of how much the others are used.
    pub(super) fn new(seed: u64, stream: u64) -> Dice {
        let mut dice = Dice(seed ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93));
        dice.0 = dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 up to, not including, `end`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// A number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        first + self.below(u64::from(last.abs_diff(first)) + 1) as i32
    }

    /// Whether something happens that does so `per_mille` times in a thousand.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a list of at least one.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// One of a list of at least one, the first ones more often.
    pub(super) fn pick_early<T: Copy>(&mut self, list: &[T]) -> T {
        let length = list.len() as u64;
        list[self.below(length).min(self.below(length)) as usize]
    }

    /// One of a list of at least one, the last ones more often.
    pub(super) fn pick_late<T: Copy>(&mut self, list: &[T]) -> T {
        let length = list.len() as u64;
        list[self.below(length).max(self.below(length)) as usize]
    }

    /// A skewed factor in thousandths: half are below 1000, a few are above 4000.
    pub(super) fn spread(&mut self) -> u64 {
        self.of_quantiles(&SPREAD)
    }

    /// A wait between two arrivals, in thousandths of the mean one.
    pub(super) fn gap(&mut self) -> u64 {
        self.of_quantiles(&GAP)
    }

    fn of_quantiles(&mut self, table: &[u64; 17]) -> u64 {
        let place = self.below(16_000);
        let (step, part) = ((place / 1000) as usize, place % 1000);
        table[step] + (table[step + 1] - table[step]) * part / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_lie_where_their_tables_say() {
        let mut dice = Dice::new(1, 2);
        let mut spreads: Vec<u64> = (0..10_000).map(|_| dice.spread()).collect();
        spreads.sort_unstable();
        assert!((950..1050).contains(&spreads[5000]), "{}", spreads[5000]);
        let gaps: u64 = (0..10_000).map(|_| dice.gap()).sum();
        assert!((950..1080).contains(&(gaps / 10_000)), "{gaps}");
    }

    #[test]
    fn a_range_holds_its_ends_and_nothing_else() {
        let mut dice = Dice::new(3, 4);
        let drawn: std::collections::BTreeSet<i32> = (0..500).map(|_| dice.between(-2, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(dice.below(0), 0);
    }
}
