//! What may be won of several deals, each won or not by its probability (§6 Range; "The range").

use fastrand::Rng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

/// Up to so many deals of value are reckoned exactly.
const EXACT: usize = 20;
/// So many times the others are drawn.
const DRAWS: usize = 100_000;

/// What may be won, with its probability, by amount; exact or from draws of our own.
pub(crate) struct Chances {
    amounts: Vec<(Decimal, f64)>,
    pub(crate) is_exact: bool,
}

/// The deals by value and probability; those without a value change nothing.
pub(crate) fn chances(deals: &[(Decimal, f64)]) -> Chances {
    let deals: Vec<(Decimal, f64)> = deals.iter().copied().filter(|(value, _)| !value.is_zero()).collect();
    let is_exact = deals.len() <= EXACT;
    let amounts = if is_exact { convolved(&deals) } else { drawn(&deals) };
    Chances { amounts, is_exact }
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

fn drawn(deals: &[(Decimal, f64)]) -> Vec<(Decimal, f64)> {
    let mut rng = Rng::with_seed(1);
    let values: Vec<f64> = deals.iter().map(|(value, _)| value.to_f64().unwrap()).collect();
    let mut amounts = Vec::new();
    for _ in 0..DRAWS {
        let won = deals.iter().zip(&values).filter(|((_, p), _)| rng.f64() < *p);
        let amount: f64 = won.map(|(_, value)| value).sum();
        amounts.push((Decimal::try_from(amount).unwrap().round_dp(6), 1.0 / DRAWS as f64));
    }
    merged(amounts)
}

/// Equal amounts made one, in order.
fn merged(mut amounts: Vec<(Decimal, f64)>) -> Vec<(Decimal, f64)> {
    amounts.sort_by_key(|(amount, _)| *amount);
    let mut found: Vec<(Decimal, f64)> = Vec::new();
    for (amount, chance) in amounts {
        match found.last_mut() {
            Some(last) if last.0 == amount => last.1 += chance,
            _ => found.push((amount, chance)),
        }
    }
    found
}

impl Chances {
    /// The least amount that the winnings do not exceed with this chance.
    pub(crate) fn percentile(&self, q: f64) -> Decimal {
        let mut so_far = 0.0;
        for (amount, chance) in &self.amounts {
            so_far += chance;
            // 0.3 + 0.6 is 0.9 on paper.
            if so_far >= q - 1e-12 {
                return *amount;
            }
        }
        self.amounts.last().unwrap().0
    }

    /// The chance to win at least so much.
    pub(crate) fn chance_of(&self, needed: Decimal) -> f64 {
        self.amounts.iter().filter(|(amount, _)| *amount >= needed).map(|(_, chance)| chance).sum()
    }

    /// How far two sets of draws may lie apart: five standard errors of their difference.
    fn error(q: f64) -> f64 {
        5.0 * (2.0 * q * (1.0 - q) / DRAWS as f64).sqrt()
    }

    /// A percentile as a cell: the amount, or where it is drawn the range that another's draws must give.
    pub(crate) fn percentile_cell(&self, q: f64, currency: &str) -> Value {
        if self.is_exact {
            return json!({"amount": self.percentile(q).normalize().to_string(), "currency": currency});
        }
        let end = |q: f64| self.percentile(q).to_string();
        let error = Chances::error(q);
        json!({"amount": {"at_least": end(q - error), "at_most": end(q + error)}, "currency": currency})
    }

    pub(crate) fn chance_cell(&self, needed: Decimal) -> Value {
        let chance = self.chance_of(needed);
        if self.is_exact {
            return json!(chance);
        }
        let error = Chances::error(chance) + 1e-4;
        json!({"at_least": chance - error, "at_most": chance + error})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(deals: &[(i64, f64)]) -> Chances {
        chances(&deals.iter().map(|(value, p)| (Decimal::from(*value), *p)).collect::<Vec<_>>())
    }

    #[test]
    fn two_deals_by_hand() {
        // 100 at 50 %, 300 at 20 %: 0 with 0.4, 100 with 0.4, 300 with 0.1, 400 with 0.1.
        let chances = of(&[(100, 0.5), (300, 0.2), (0, 0.7)]);
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
        let chances = of(&[(1, 0.5); 10]);
        assert_eq!([0.1, 0.5, 0.9].map(|q| chances.percentile(q)), [3, 5, 7].map(Decimal::from));
        assert!((chances.chance_of(Decimal::from(5)) - 638.0 / 1024.0).abs() < 1e-12);
    }

    #[test]
    fn many_deals_are_drawn_near_the_truth() {
        // 100 tosses: mean 50, standard deviation 5; the 10th and 90th percentiles are 44 and 56.
        let chances = of(&[(1, 0.5); 100]);
        assert!(!chances.is_exact);
        assert_eq!([0.1, 0.5, 0.9].map(|q| chances.percentile(q)), [44, 50, 56].map(Decimal::from));
    }
}
