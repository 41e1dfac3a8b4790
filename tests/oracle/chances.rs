//! What may be won of several deals, each won or not by its probability (§6 Range; "Range").

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Up to so many deals of value are reckoned exactly.
const EXACT: usize = 20;
/// So many times the others are drawn.
const DRAWS: usize = 100_000;

/// What may be won, by amount, with its weight: a probability where it is exact, a number of draws where it is drawn.
pub(crate) struct Chances {
    amounts: Vec<(Decimal, f64)>,
    /// How many deals of value there are.
    pub(crate) deals: usize,
    /// 0 where it is exact.
    pub(crate) draws: usize,
}

/// The deals by value and probability, in the order of the file; those without a value change nothing.
pub(crate) fn chances(deals: &[(Decimal, Decimal)]) -> Chances {
    let shown = |value: &Decimal| value.round_dp_with_strategy(6, RoundingStrategy::MidpointNearestEven);
    let deals: Vec<(Decimal, f64)> = deals
        .iter()
        .map(|(value, p)| (shown(value), p.to_f64().unwrap()))
        .filter(|(value, _)| !value.is_zero())
        .collect();
    if deals.len() <= EXACT {
        Chances { amounts: convolved(&deals), deals: deals.len(), draws: 0 }
    } else {
        Chances { amounts: drawn(&deals), deals: deals.len(), draws: DRAWS }
    }
}

/// Deal by deal: each amount so far, without and with this deal.
fn convolved(deals: &[(Decimal, f64)]) -> Vec<(Decimal, f64)> {
    let mut amounts = vec![(Decimal::ZERO, 1.0)];
    for (value, p) in deals {
        let without = amounts.iter().map(|(amount, chance)| (*amount, chance * (1.0 - p)));
        let with = amounts.iter().map(|(amount, chance)| (amount + value, chance * p));
        amounts = merged(without.chain(with).filter(|(_, chance)| *chance > 0.0).collect());
    }
    amounts
}

/// The number of a deal in a draw, from 0 to below 1: splitmix64, seeded with the number of the draw.
fn number(draw: u64, deal: u64) -> f64 {
    let z = draw.wrapping_add(deal.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let z = z ^ (z >> 31);
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

fn drawn(deals: &[(Decimal, f64)]) -> Vec<(Decimal, f64)> {
    // In millionths, to be quick.
    let millionths: Vec<i128> =
        deals.iter().map(|(value, _)| (value * Decimal::from(1_000_000)).to_i128().unwrap()).collect();
    let mut amounts = Vec::new();
    for draw in 0..DRAWS as u64 {
        let mut sum = 0;
        for (place, (_, p)) in deals.iter().enumerate() {
            if number(draw, place as u64 + 1) < *p {
                sum += millionths[place];
            }
        }
        amounts.push((Decimal::from_i128_with_scale(sum, 6), 1.0));
    }
    merged(amounts)
}

/// Equal amounts made one, in order.
fn merged(mut amounts: Vec<(Decimal, f64)>) -> Vec<(Decimal, f64)> {
    amounts.sort_by_key(|(amount, _)| *amount);
    let mut found: Vec<(Decimal, f64)> = Vec::new();
    for (amount, weight) in amounts {
        match found.last_mut() {
            Some(last) if last.0 == amount => last.1 += weight,
            _ => found.push((amount, weight)),
        }
    }
    found
}

impl Chances {
    /// What the weights add up to.
    fn whole(&self) -> f64 {
        if self.draws == 0 { 1.0 } else { self.draws as f64 }
    }

    /// The least amount that is not exceeded with this chance.
    pub(crate) fn percentile(&self, q: f64) -> Decimal {
        let mut so_far = 0.0;
        for (amount, weight) in &self.amounts {
            so_far += weight;
            // 0.3 + 0.6 is 0.9 on paper.
            if so_far >= (q - 1e-12) * self.whole() {
                return *amount;
            }
        }
        self.amounts.last().unwrap().0
    }

    /// The chance to win at least so much.
    pub(crate) fn chance_of(&self, needed: Decimal) -> f64 {
        let enough = self.amounts.iter().filter(|(amount, _)| *amount >= needed);
        enough.map(|(_, weight)| weight).sum::<f64>() / self.whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(deals: &[(i64, &str)]) -> Chances {
        let deals: Vec<(Decimal, Decimal)> =
            deals.iter().map(|(value, p)| (Decimal::from(*value), p.parse().unwrap())).collect();
        chances(&deals)
    }

    #[test]
    fn two_deals_by_hand() {
        // 100 at 50 %, 300 at 20 %: 0 with 0.4, 100 with 0.4, 300 with 0.1, 400 with 0.1.
        let chances = of(&[(100, "0.5"), (300, "0.2"), (0, "0.7")]);
        let expected = [(0, 0.4), (100, 0.4), (300, 0.1), (400, 0.1)];
        for ((amount, chance), (expected, p)) in chances.amounts.iter().zip(expected) {
            assert!(*amount == Decimal::from(expected) && (chance - p).abs() < 1e-12);
        }
        assert_eq!([0.1, 0.5, 0.9].map(|q| chances.percentile(q)), [0, 100, 300].map(Decimal::from));
        assert!((chances.chance_of(Decimal::from(101)) - 0.2).abs() < 1e-12);
        assert!((chances.chance_of(Decimal::from(300)) - 0.2).abs() < 1e-12);
        assert!(chances.chance_of(Decimal::from(401)).abs() < 1e-12);
    }

    #[test]
    fn nothing_due_wins_nothing() {
        let chances = of(&[]);
        assert_eq!(chances.percentile(0.9), Decimal::ZERO);
        assert!((chances.chance_of(Decimal::ZERO) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn ten_equal_deals_are_a_binomial() {
        // Of ten tosses of a coin at most 3 fall so with 176/1024, at most 2 with 56/1024; at most 7 with 968/1024, at
        // most 6 with 848/1024. So the 10th percentile is 3, the 90th 7; 5 or more fall so with 638/1024.
        let chances = of(&[(1, "0.5"); 10]);
        assert_eq!([0.1, 0.5, 0.9].map(|q| chances.percentile(q)), [3, 5, 7].map(Decimal::from));
        assert!((chances.chance_of(Decimal::from(5)) - 638.0 / 1024.0).abs() < 1e-12);
    }

    #[test]
    fn many_deals_are_drawn_near_the_truth() {
        // 100 tosses: mean 50, standard deviation 5; the 10th and 90th percentiles are 44 and 56.
        let chances = of(&[(1, "0.5"); 100]);
        assert_eq!(chances.draws, 100_000);
        assert_eq!([0.1, 0.5, 0.9].map(|q| chances.percentile(q)), [44, 50, 56].map(Decimal::from));
    }

    /// The first outputs of the reference splitmix64.c (S. Vigna, 2015) from the seed 1234567, as Rosetta Code gives them.
    #[test]
    fn numbers_are_those_of_splitmix64() {
        let reference = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for (place, output) in reference.into_iter().enumerate() {
            let expected = (output >> 11) as f64 / (1_u64 << 53) as f64;
            assert!((number(1_234_567, place as u64 + 1) - expected).abs() < 1e-15);
        }
    }
}
