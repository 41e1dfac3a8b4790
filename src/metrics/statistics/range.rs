//! What deals may bring together, each won whole or not at all and by itself: exactly while they are few, by draws where
//! they are many (metrics §6, Range). Pure numbers; no deals here.

use rust_decimal::Decimal;

use crate::chance::{STEP, mixed};

/// Up to so many amounts every combination is looked at.
pub const MOST_EXACT: usize = 20;

/// How many times more amounts than that are drawn.
pub const DRAWS: usize = 100_000;

/// Amounts are added up in millionths, which are whole numbers for every amount that a file may hold.
const DIGITS: u32 = 6;

/// How near to a share such as 1/2 a sum of products comes, which is that share on paper.
const ROUNDING: f64 = 1e-12;

/// An amount that is won whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bet {
    /// What it brings.
    pub amount: Decimal,
    /// The chance that it does, 0 to 1.
    pub chance: f64,
}

/// How a range was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By looking at every combination.
    Exact,
    /// By [`DRAWS`] draws of a seeded generator: the same ones on every machine.
    Draws,
}

impl Method {
    /// How the range of bets is found.
    pub fn of(bets: &[Bet]) -> Method {
        let of_value = bets.iter().filter(|bet| !bet.amount.is_zero()).count();
        if of_value <= MOST_EXACT { Method::Exact } else { Method::Draws }
    }
}

/// Every sum that bets may come to, in ascending order, and how likely each is.
#[derive(Clone, Debug)]
pub struct Range {
    /// Millionths, and a share of the probability or a number of draws.
    sums: Vec<(i128, f64)>,
    /// What the weights of all sums add up to.
    weight: f64,
    /// How it was found.
    pub method: Method,
}

impl Range {
    /// The range of bets; those of no amount change nothing. Draws go through them in their order.
    pub fn of(bets: &[Bet]) -> Range {
        let method = Method::of(bets);
        let of_value = bets.iter().filter(|bet| !bet.amount.is_zero());
        let bets: Vec<(i128, f64)> = of_value.map(|bet| (millionths(bet.amount), bet.chance)).collect();
        match method {
            Method::Exact => Range { sums: combined(&bets), weight: 1.0, method },
            Method::Draws => {
                let sums = drawn(&bets).into_iter().map(|sum| (sum, 1.0)).collect();
                Range { sums, weight: DRAWS as f64, method }
            }
        }
    }

    /// The least sum that is not exceeded with probability `q`, 0 to 1.
    pub fn quantile(&self, q: f64) -> Option<Decimal> {
        let mut below = 0.0;
        let reached = |(_, weight): &&(i128, f64)| {
            below += weight;
            below >= (q - ROUNDING) * self.weight
        };
        let (sum, _) = self.sums.iter().find(reached).or(self.sums.last())?;
        Decimal::try_from_i128_with_scale(*sum, DIGITS).ok()
    }

    /// The probability that the sum is at least so much.
    pub fn chance_of(&self, amount: Decimal) -> f64 {
        let least = millionths(amount);
        let short = self.sums.partition_point(|(sum, _)| *sum < least);
        // Exact at the ends, where a sum of products only comes near to 0 and 1.
        if short == 0 {
            return 1.0;
        }
        // Not `sum`, which makes -0 of nothing.
        let enough = self.sums[short..].iter().fold(0.0, |so_far, (_, weight)| so_far + weight);
        (enough / self.weight).min(1.0)
    }
}

/// An amount in millionths, rounded half-even where it is finer.
fn millionths(amount: Decimal) -> i128 {
    let rounded = amount.round_dp(DIGITS);
    rounded.mantissa() * 10_i128.pow(DIGITS - rounded.scale())
}

/// Every sum of some of the amounts, by convolution: one amount after the other is won or not.
fn combined(bets: &[(i128, f64)]) -> Vec<(i128, f64)> {
    let mut sums = vec![(0, 1.0)];
    for (amount, chance) in bets {
        let lost = sums.iter().map(|(sum, weight)| (*sum, weight * (1.0 - chance)));
        let won = sums.iter().map(|(sum, weight)| (sum + amount, weight * chance));
        sums = merged(lost, won);
    }
    sums
}

/// Two ascending runs of sums as one, equal sums added up.
fn merged(
    one: impl Iterator<Item = (i128, f64)>,
    other: impl Iterator<Item = (i128, f64)>,
) -> Vec<(i128, f64)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    let mut all: Vec<(i128, f64)> = Vec::with_capacity(one.size_hint().0 + other.size_hint().0);
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some((a, _)), Some((b, _))) if b < a => other.next(),
            (Some(_), _) => one.next(),
            (None, _) => other.next(),
        };
        let Some((sum, weight)) = next else { return all };
        match all.last_mut() {
            Some((last, so_far)) if *last == sum => *so_far += weight,
            _ => all.push((sum, weight)),
        }
    }
}

/// The sums of all draws, ascending. Draw `d`, from 0, takes its numbers from splitmix64 seeded with `d`, one for each amount
/// in their order; an amount is won where the number, as a fraction of 53 bits from 0 to below 1, is below its chance.
fn drawn(bets: &[(i128, f64)]) -> Vec<i128> {
    let mut sums = vec![0_i128; DRAWS];
    let mut step = 0_u64;
    for (amount, chance) in bets {
        step = step.wrapping_add(STEP);
        let below = (chance * (1_u64 << 53) as f64).ceil() as u64;
        for (draw, sum) in sums.iter_mut().enumerate() {
            if mixed(step.wrapping_add(draw as u64)) >> 11 < below {
                *sum += amount;
            }
        }
    }
    sums.sort_unstable();
    sums
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "halves and quarters are exact")]
mod tests {
    use super::*;

    fn bets(of: &[(i64, f64)]) -> Vec<Bet> {
        of.iter().map(|(amount, chance)| Bet { amount: Decimal::from(*amount), chance: *chance }).collect()
    }

    fn quantiles(range: &Range) -> [i64; 3] {
        [0.1, 0.5, 0.9].map(|q| i64::try_from(range.quantile(q).unwrap()).unwrap())
    }

    fn near(a: f64, b: f64, by: f64) -> bool {
        (a - b).abs() < by
    }

    #[test]
    fn two_deals_come_to_four_sums_alike() {
        // 10 and 20, each won or not at even odds: 0, 10, 20, 30, one time in four each.
        let range = Range::of(&bets(&[(10, 0.5), (20, 0.5)]));
        let sums: Vec<(i128, f64)> = [0, 10, 20, 30].map(|sum: i128| (sum * 1_000_000, 0.25)).into();
        assert_eq!((range.sums.clone(), range.method), (sums, Method::Exact));
        assert_eq!(quantiles(&range), [0, 10, 30]);
        let chances = [-5, 0, 1, 10, 11, 30, 31].map(|amount| range.chance_of(Decimal::from(amount)));
        assert_eq!(chances, [1.0, 1.0, 0.75, 0.75, 0.5, 0.25, 0.0]);
        assert!(chances[6].is_sign_positive());
    }

    #[test]
    fn equal_sums_are_one() {
        // 10, 10 and 20 at 1/2, 1/5, 1/10. None: 1/2 · 4/5 · 9/10 = 0.36. One 10: (1/2 · 4/5 + 1/2 · 1/5) · 9/10 = 0.45.
        // 20: both tens 1/2 · 1/5 · 9/10 = 0.09, or the 20 alone 1/2 · 4/5 · 1/10 = 0.04, so 0.13. 30: 1/2 · 1/10 = 0.05.
        // 40: 1/2 · 1/5 · 1/10 = 0.01.
        let range = Range::of(&bets(&[(10, 0.5), (10, 0.2), (20, 0.1)]));
        let expected = [(0, 0.36), (10, 0.45), (20, 0.13), (30, 0.05), (40, 0.01)];
        assert_eq!(range.sums.len(), 5);
        for ((sum, weight), (expected, share)) in range.sums.iter().zip(expected) {
            assert!(*sum == expected * 1_000_000 && near(*weight, share, 1e-15), "{sum} {weight}");
        }
        assert_eq!(quantiles(&range), [0, 10, 20]);
    }

    #[test]
    fn nothing_and_what_is_certain() {
        let nothing = Range::of(&bets(&[(0, 0.5)]));
        assert_eq!((quantiles(&nothing), nothing.method), ([0, 0, 0], Method::Exact));
        assert_eq!([0, 1].map(|amount| nothing.chance_of(Decimal::from(amount))), [1.0, 0.0]);
        // What is won for certain, what never is, and a credit.
        let range = Range::of(&bets(&[(7, 1.0), (5, 0.0), (-3, 0.5)]));
        assert_eq!(quantiles(&range), [4, 4, 7]);
    }

    #[test]
    fn cents_and_finer_amounts_add_up_exactly() {
        let bets = ["0.1", "0.2", "0.0000005"].map(|text| Bet { amount: text.parse().unwrap(), chance: 1.0 });
        // The last one is half a millionth, which rounds to the even 0.
        assert_eq!(Range::of(&bets).quantile(0.5).unwrap().normalize().to_string(), "0.3");
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // The first three numbers of the reference implementation (Vigna, splitmix64.c) seeded with 0.
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let numbers = [1, 2, 3].map(|nth: u64| mixed(step.wrapping_mul(nth)));
        assert_eq!(numbers, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }

    #[test]
    fn many_deals_are_drawn_and_come_near_to_what_is_exact() {
        // 100 deals of 1 at even odds: binomial(100, 1/2), whose percentiles are 44, 50 and 56 and P(X ≥ 60) 0.0284.
        let hundred = bets(&[(1, 0.5)].repeat(100));
        let range = Range::of(&hundred);
        assert_eq!((quantiles(&range), range.method), ([44, 50, 56], Method::Draws));
        // The standard error of a share of 0.0284 in 100,000 draws is 0.0005.
        assert!(near(range.chance_of(Decimal::from(60)), 0.0284, 0.002));
        assert_eq!(range.chance_of(Decimal::from(0)), 1.0);
        assert_eq!(Range::of(&hundred).sums, range.sums);
    }

    #[test]
    fn twenty_deals_are_exact_and_draws_agree_with_them() {
        // 2^20 sums of powers of two; the chance of each deal is its place over 21.
        let deals: Vec<(i64, f64)> = (0..20).map(|nth| (1 << nth, f64::from(nth + 1) / 21.0)).collect();
        let exact = Range::of(&bets(&deals));
        assert_eq!((exact.sums.len(), exact.method), (1 << 20, Method::Exact));
        let in_millionths: Vec<(i128, f64)> =
            deals.iter().map(|(amount, chance)| (i128::from(*amount) * 1_000_000, *chance)).collect();
        let draws = drawn(&in_millionths);
        for q in [0.1, 0.5, 0.9] {
            let at = exact.quantile(q).unwrap();
            let share = draws.partition_point(|sum| *sum <= millionths(at)) as f64 / DRAWS as f64;
            assert!(near(share, q, 0.005), "{q}: {share}");
        }
    }
}
