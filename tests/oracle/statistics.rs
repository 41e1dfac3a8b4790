//! Rates, quantiles and the Kaplan–Meier median (§1 Small numbers, §4).

use std::str::FromStr;

use rust_decimal::Decimal;

/// The 95 % Wilson score interval.
pub(crate) fn wilson(count: usize, of: usize) -> (f64, f64) {
    let z = 1.959_963_984_540_054_f64;
    let n = of as f64;
    let p = count as f64 / n;
    let middle = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    ((middle - spread) / whole, (middle + spread) / whole)
}

/// Hyndman–Fan type 7: linear between the values around place (n − 1)·q.
pub(crate) fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = sorted.len().checked_sub(1)? as f64 * q;
    let below = place.floor();
    let low = sorted[below as usize];
    let high = sorted[place.ceil() as usize];
    Some(low + (high - low) * (place - below))
}

/// The same in exact decimals; `q` as text, such as `0.25`.
pub(crate) fn quantile_of_money(values: &[Decimal], q: &str) -> Option<Decimal> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let place = Decimal::from(sorted.len().checked_sub(1)?) * Decimal::from_str(q).unwrap();
    let below = place.floor();
    let low = sorted[usize::try_from(below).unwrap()];
    let high = sorted[usize::try_from(place.ceil()).unwrap()];
    Some(low + (high - low) * (place - below))
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() { None } else { Some(values.iter().sum::<f64>() / values.len() as f64) }
}

/// How long one deal was watched: under observation from age `entry` to age `exit`, where it ended or was censored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) entry: i64,
    pub(crate) exit: i64,
    pub(crate) ended: bool,
}

/// The first age at which the survival is 0.5 or less; none unless at least 10 are at risk at each event up to it.
/// Ages are in whole milliseconds, so that equal ages are equal.
pub(crate) fn median_survival(spells: &[Spell]) -> Option<i64> {
    let spells: Vec<&Spell> = spells.iter().filter(|spell| spell.exit >= spell.entry).collect();
    let mut ages: Vec<i64> = spells.iter().filter(|spell| spell.ended).map(|spell| spell.exit).collect();
    ages.sort_unstable();
    ages.dedup();
    let mut survival = 1.0;
    for age in ages {
        let mut at_risk = 0;
        let mut ends = 0;
        for spell in &spells {
            let enters_and_ends_here = spell.entry == age && spell.exit == age;
            let entered = spell.entry < age || spell.entry == 0;
            if (entered && age <= spell.exit) || enters_and_ends_here {
                at_risk += 1;
            }
            if spell.ended && spell.exit == age {
                ends += 1;
            }
        }
        if at_risk < 10 {
            return None;
        }
        survival *= 1.0 - f64::from(ends) / f64::from(at_risk);
        // The product of fractions such as 9/10 · 8/9 · … is exactly one half on paper.
        if survival <= 0.5 + 1e-12 {
            return Some(age);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_of_ten_in_twenty() {
        // p = 0.5, z² = 3.841459: middle (0.5 + 3.841459/40)/(1 + 3.841459/20) = 0.5;
        // spread 1.959964·√(0.25/20 + 3.841459/1600)/1.192073 = 1.959964·0.122069/1.192073 = 0.200702
        let (low, high) = wilson(10, 20);
        assert!((low - 0.299_298).abs() < 1e-6 && (high - 0.700_702).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn quartiles_interpolate() {
        assert_eq!(quantile(&[4.0, 1.0, 3.0, 2.0], 0.25), Some(1.75));
        assert_eq!(quantile(&[], 0.5), None);
        let money: Vec<Decimal> = [10, 20, 30, 41].map(Decimal::from).to_vec();
        assert_eq!(quantile_of_money(&money, "0.75"), Some(Decimal::from_str("32.75").unwrap()));
    }

    #[test]
    fn median_of_twenty_ends_one_by_one() {
        // Twenty deals end at ages 1 to 20: after the tenth, 10/20 are left; 11 were at risk there.
        let spells: Vec<Spell> = (1..=20).map(|exit| Spell { entry: 0, exit, ended: true }).collect();
        assert_eq!(median_survival(&spells), Some(10));
        // Of 18, the ninth end leaves half; 10 were at risk there. Of 16, only 9 were.
        assert_eq!(median_survival(&spells[..18]), Some(9));
        assert_eq!(median_survival(&spells[..16]), None);
    }
}
