//! The cells of an answer, in the shape of `docs/json.md`. Money is not rounded here: `compare` rounds it to the
//! places that the program shows.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::files::Folder;
use crate::statistics::wilson;

pub(crate) type Cells = Map<String, Value>;

pub(crate) fn cells(pairs: Vec<(&str, Value)>) -> Cells {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A rate with its numerator, denominator and interval; over 0 deals it is none (§1 Small numbers).
pub(crate) fn rate(count: usize, of: usize) -> Value {
    if of == 0 {
        return json!({"value": null, "count": count, "of": 0, "low": null, "high": null});
    }
    let (low, high) = wilson(count, of);
    json!({"value": count as f64 / of as f64, "count": count, "of": of, "low": low, "high": high})
}

pub(crate) fn days(value: Option<f64>, n: usize) -> Value {
    json!({"days": value, "n": n})
}

/// A part of a whole that is no count of a count, such as a coverage; none of nothing.
pub(crate) fn share(value: Option<f64>) -> Value {
    json!(value)
}

/// A plain number that is over `n` deals.
pub(crate) fn number(value: Option<f64>, n: usize) -> Value {
    json!({"value": value, "n": n})
}

/// An amount that is over `n` deals.
pub(crate) fn money(folder: &Folder, amount: Option<Decimal>, n: usize) -> Value {
    json!({"amount": amount.map(|amount| amount.normalize().to_string()), "currency": folder.currency, "n": n})
}

/// An amount that is over no number of deals, such as a target.
pub(crate) fn amount(folder: &Folder, amount: Option<Decimal>) -> Value {
    json!({"amount": amount.map(|amount| amount.normalize().to_string()), "currency": folder.currency})
}

/// Money a day, of which the program shows two places.
pub(crate) fn per_day(folder: &Folder, amount: Option<f64>) -> Value {
    json!({"amount": amount.map(|amount| format!("{amount:.8}")), "currency": folder.currency})
}
