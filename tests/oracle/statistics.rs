//! Intervals of rates and of their changes, quantiles, means (§1 Small numbers, Comparison).

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

/// The 95 % interval of the difference of two rates of different deals: Newcombe's method 10.
pub(crate) fn newcombe(one: (usize, usize), other: (usize, usize)) -> (f64, f64) {
    let p = |(count, of): (usize, usize)| count as f64 / of as f64;
    let (p1, p2) = (p(one), p(other));
    let (l1, u1) = wilson(one.0, one.1);
    let (l2, u2) = wilson(other.0, other.1);
    let difference = p1 - p2;
    let below = ((p1 - l1).powi(2) + (u2 - p2).powi(2)).sqrt();
    let above = ((u1 - p1).powi(2) + (p2 - l2).powi(2)).sqrt();
    (difference - below, difference + above)
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

    /// R. G. Newcombe, Two-sided confidence intervals for the single proportion: comparison of seven methods,
    /// Statistics in Medicine 17 (1998) 857–872, table I, method 3 (Wilson without continuity correction).
    #[test]
    fn wilson_intervals_as_published() {
        let published = [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ];
        for (count, of, low, high) in published {
            let (got_low, got_high) = wilson(count, of);
            assert!((got_low - low).abs() < 5e-5 && (got_high - high).abs() < 5e-5, "{count}/{of}");
        }
    }

    /// R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of eleven
    /// methods, Statistics in Medicine 17 (1998) 873–890, table II, method 10, examples (a) to (h).
    #[test]
    fn intervals_of_changes_as_published() {
        let published = [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ];
        for (one, other, low, high) in published {
            let (got_low, got_high) = newcombe(one, other);
            assert!((got_low - low).abs() < 5e-5 && (got_high - high).abs() < 5e-5, "{one:?} {other:?}");
        }
    }

    /// R's `quantile(mtcars$mpg)`, whose default is Hyndman and Fan's type 7: 10.4, 15.425, 19.2, 22.8, 33.9.
    #[test]
    fn quantiles_as_r_gives_them() {
        let miles = [
            21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
            14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4,
        ];
        for (q, expected) in [(0.0, 10.4), (0.25, 15.425), (0.5, 19.2), (0.75, 22.8), (1.0, 33.9)] {
            assert!((quantile(&miles, q).unwrap() - expected).abs() < 1e-9, "{q}");
        }
    }
}
