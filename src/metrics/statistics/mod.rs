//! The statistics that figures rest on, each tested on a published example. Pure numbers; no deals here.

pub mod incidence;
pub mod range;

use rust_decimal::Decimal;

/// The two-sided 95 % point of the normal distribution (metrics §1, Small numbers).
pub const Z: f64 = 1.959_963_984_540_054;

/// How many must be at risk at each event up to a survival median for it to be told (metrics §4, §5).
pub const LEAST_AT_RISK: usize = 10;

/// A confidence interval, both ends within 0 and 1 for a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a number lies in it, its ends included.
    pub fn contains(self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }
}

/// Wilson's 95 % score interval for `count` of `of`; none of nothing (metrics §1, Small numbers).
pub fn wilson(count: u64, of: u64) -> Option<Interval> {
    if of == 0 {
        return None;
    }
    let n = of as f64;
    let p = count as f64 / n;
    let z2 = Z * Z;
    let scale = 1.0 + z2 / n;
    let centre = (p + z2 / (2.0 * n)) / scale;
    let half = Z / scale * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // Exact at the ends, where the formula only comes near to 0 and 1.
    let low = if count == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if count == of { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { low, high })
}

/// Newcombe's 95 % hybrid score interval (his method 10) for the difference of two rates, the first less the second, each
/// `(count, of)`; -1 to 1, none where either is of nothing (metrics §1, Comparison).
pub fn newcombe(first: (u64, u64), second: (u64, u64)) -> Option<Interval> {
    let share = |(count, of): (u64, u64)| count as f64 / of as f64;
    let (p, q) = (share(first), share(second));
    let (of_p, of_q) = (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let low = p - q - (p - of_p.low).hypot(of_q.high - q);
    let high = p - q + (of_p.high - p).hypot(q - of_q.low);
    Some(Interval { low: low.max(-1.0), high: high.min(1.0) })
}

/// The arithmetic mean; none of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The quantile `q` (0 to 1) of values in ascending order, interpolated linearly: Hyndman and Fan's type 7.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = q * last as f64;
    let below = position.floor() as usize;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + (position - below as f64) * (high - low))
}

/// The quantile `k / of` of amounts in ascending order, by the same rule as [`quantile`]; exact for fourths and fifths.
pub fn part(sorted: &[Decimal], k: usize, of: usize) -> Option<Decimal> {
    let last = sorted.len().checked_sub(1)?;
    let (below, rest) = (k * last / of, k * last % of);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low + ((high - low) * Decimal::from(rest)).checked_div(Decimal::from(of))?)
}

/// One subject of a survival curve: at risk from `entry` (excluded) to `exit` (included), in days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// The age at which it comes under observation.
    pub entry: f64,
    /// The age at which it ends or is censored.
    pub exit: f64,
    /// Whether it ended; else it was censored.
    pub ended: bool,
}

/// How near to one half a product of fractions such as 9/10 · 8/9 comes, which is one half on paper.
const ROUNDING: f64 = 1e-12;

/// The Kaplan–Meier median with late entry: the first age at which half or fewer survive.
///
/// None unless at least `least` are at risk at each event up to it, or when more than half survive to the end.
/// Events come before censorings of the same age. Who enters at an age is at risk only after it, with two exceptions:
/// who enters at 0 is at risk from the first, and who ends at the very age of entry is at risk there.
pub fn kaplan_meier_median(spells: &[Spell], least: usize) -> Option<f64> {
    let sorted = |ages: &mut dyn Iterator<Item = f64>| {
        let mut ages: Vec<f64> = ages.collect();
        ages.sort_by(f64::total_cmp);
        ages
    };
    let late = |spell: &&Spell| spell.entry > 0.0;
    let entries = sorted(&mut spells.iter().filter(late).map(|spell| spell.entry));
    let exits = sorted(&mut spells.iter().map(|spell| spell.exit));
    let ends = sorted(&mut spells.iter().filter(|spell| spell.ended).map(|spell| spell.exit));
    let short = sorted(&mut spells.iter().filter(late).filter(|s| s.entry >= s.exit).map(|spell| spell.exit));
    let before = |ages: &[f64], age: f64| ages.partition_point(|other| *other < age);
    let up_to = |ages: &[f64], age: f64| ages.partition_point(|other| *other <= age);

    let from_the_first = spells.len() - entries.len();
    let mut survival = 1.0;
    let mut next = 0;
    while let Some(&age) = ends.get(next) {
        let events = up_to(&ends, age) - next;
        let just_entered = up_to(&short, age) - before(&short, age);
        let entered = from_the_first + before(&entries, age) + just_entered;
        let at_risk = entered.saturating_sub(before(&exits, age));
        if at_risk < least.max(1) {
            return None;
        }
        survival *= 1.0 - events as f64 / at_risk as f64;
        if survival <= 0.5 + ROUNDING {
            return Some(age);
        }
        next += events;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, by: f64) -> bool {
        (a - b).abs() < by
    }

    #[test]
    fn wilson_agrees_with_newcombe_1998() {
        // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
        // table I, method 3: 81/263, 15/148, 0/20, 1/29.
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(count, of).unwrap();
            assert!(
                near(interval.low, low, 5e-5) && near(interval.high, high, 5e-5),
                "{count}/{of}: {interval:?}"
            );
        }
        assert_eq!(wilson(0, 0), None);
        assert!(near(wilson(5, 5).unwrap().high, 1.0, 1e-15));
    }

    #[test]
    fn a_difference_of_rates_agrees_with_newcombe_1998() {
        // Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
        // (1998) 873–890, table II, method 10: the eight contrasts (a) to (h).
        for (first, second, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ] {
            let interval = newcombe(first, second).unwrap();
            assert!(
                near(interval.low, low, 5e-5) && near(interval.high, high, 5e-5),
                "{first:?} and {second:?}: {interval:?}"
            );
            // The other way round it is the same interval mirrored.
            let mirrored = newcombe(second, first).unwrap();
            assert!(
                near(mirrored.low, -interval.high, 1e-15) && near(mirrored.high, -interval.low, 1e-15),
                "{first:?} and {second:?}: {mirrored:?}"
            );
        }
        assert_eq!(newcombe((1, 2), (0, 0)), None);
        assert_eq!(newcombe((0, 0), (1, 2)), None);
    }

    #[test]
    fn quantiles_are_type_seven() {
        // R: quantile(c(1, 2, 4, 8), c(.25, .5, .9), type = 7) gives 1.75, 3, 6.8.
        let values = [1.0, 2.0, 4.0, 8.0];
        for (q, expected) in [(0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (0.0, 1.0), (1.0, 8.0)] {
            assert!(near(quantile(&values, q).unwrap(), expected, 1e-12));
        }
        assert_eq!(quantile(&[], 0.5), None);
        let amounts = [1, 2, 4, 8].map(Decimal::from);
        for (k, expected) in [(1, "1.75"), (2, "3"), (3, "5")] {
            assert_eq!(part(&amounts, k, 4).unwrap().to_string(), expected);
        }
    }

    /// Remission of 21 leukaemia patients under 6-MP in weeks; true where it ended (Freireich et al., Blood 1963).
    const SIX_MP: [(f64, bool); 21] = [
        (6.0, true),
        (6.0, true),
        (6.0, true),
        (6.0, false),
        (7.0, true),
        (9.0, false),
        (10.0, true),
        (10.0, false),
        (11.0, false),
        (13.0, true),
        (16.0, true),
        (17.0, false),
        (19.0, false),
        (20.0, false),
        (22.0, true),
        (23.0, true),
        (25.0, false),
        (32.0, false),
        (32.0, false),
        (34.0, false),
        (35.0, false),
    ];

    #[test]
    fn kaplan_meier_gives_the_median_remission_of_23_weeks() {
        let spells: Vec<Spell> =
            SIX_MP.iter().map(|(exit, ended)| Spell { entry: 0.0, exit: *exit, ended: *ended }).collect();
        assert_eq!(kaplan_meier_median(&spells, 1), Some(23.0));
        // At 22 weeks seven are at risk, at 23 six.
        assert_eq!(kaplan_meier_median(&spells, 6), Some(23.0));
        assert_eq!(kaplan_meier_median(&spells, 7), None);
    }

    #[test]
    fn late_entries_are_at_risk_only_after_they_enter() {
        // At 2: two at risk, one ends, 1/2 survive. Without late entry three would be at risk and 2/3 survive.
        let spells = [
            Spell { entry: 0.0, exit: 2.0, ended: true },
            Spell { entry: 0.0, exit: 9.0, ended: true },
            Spell { entry: 2.0, exit: 5.0, ended: true },
        ];
        assert_eq!(kaplan_meier_median(&spells, 1), Some(2.0));
    }

    #[test]
    fn a_spell_of_no_length_counts_where_it_ends() {
        let spells =
            [Spell { entry: 0.0, exit: 0.0, ended: true }, Spell { entry: 0.0, exit: 3.0, ended: true }];
        assert_eq!(kaplan_meier_median(&spells, 1), Some(0.0));
        assert_eq!(kaplan_meier_median(&[], 1), None);
    }
}
