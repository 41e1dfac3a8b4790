//! `--vs`: beside each figure the other period's, under `KEY_before`, and the change from it, under `KEY_change` (§1
//! Comparison; "Comparison").

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::cells::Cells;
use crate::statistics::newcombe;

/// Cells that say what a row is about.
pub(crate) const LABELS: [&str; 14] = [
    "stage",
    "factor",
    "change",
    "period",
    "within_days",
    "step",
    "reason",
    "band",
    "month",
    "category",
    "owner",
    "id",
    "sign",
    "what",
];

/// A row beside the same row of the other period; either may be missing, but not both.
pub(crate) fn beside(row: Option<&Cells>, other: Option<&Cells>, by: &[String]) -> Cells {
    let mut found = Map::new();
    for (key, cell) in row.or(other).unwrap() {
        if is_label(key, by) {
            found.insert(key.clone(), cell.clone());
            continue;
        }
        let of = |row: Option<&Cells>| row.map_or(Value::Null, |row| row[key].clone());
        found.insert(key.clone(), of(row));
        found.insert(format!("{key}_before"), of(other));
        found.insert(format!("{key}_change"), change(&of(row), &of(other)));
    }
    found
}

/// Whether a cell says what a row is about.
pub(crate) fn is_label(key: &str, by: &[String]) -> bool {
    LABELS.contains(&key) || by.iter().any(|field| key == field || key == format!("by_{field}"))
}

/// This less the other; none where either is none.
fn change(this: &Value, other: &Value) -> Value {
    let number = |cell: &Value, key: &str| cell[key].as_f64();
    match this {
        _ if other.is_null() => Value::Null,
        Value::Number(count) if count.is_i64() || count.is_u64() => {
            json!(other.as_i64().map(|other| count.as_i64().unwrap() - other))
        }
        Value::Number(share) => json!(other.as_f64().map(|other| share.as_f64().unwrap() - other)),
        Value::Object(parts) if parts.contains_key("of") => change_of_rate(this, other),
        Value::Object(parts) if parts.contains_key("amount") => {
            let amount = |cell: &Value| cell["amount"].as_str().map(|text| text.parse::<Decimal>().unwrap());
            let change = amount(this).zip(amount(other)).map(|(this, other)| (this - other).to_string());
            json!({"amount": change, "currency": parts["currency"]})
        }
        Value::Object(parts) => {
            let key = if parts.contains_key("days") { "days" } else { "value" };
            json!(number(this, key).zip(number(other, key)).map(|(this, other)| this - other))
        }
        _ => Value::Null,
    }
}

/// None where either is over nothing. With Newcombe's interval, which is of two sets of deals that have none in common.
pub(crate) fn change_of_rate(this: &Value, other: &Value) -> Value {
    let pair = |cell: &Value| match (cell["count"].as_u64(), cell["of"].as_u64()) {
        (Some(count), Some(of)) if of > 0 => Some((count as usize, of as usize)),
        _ => None,
    };
    let (Some(this), Some(other)) = (pair(this), pair(other)) else {
        return json!({"value": null, "low": null, "high": null});
    };
    let (low, high) = newcombe(this, other);
    let value = this.0 as f64 / this.1 as f64 - other.0 as f64 / other.1 as f64;
    json!({"value": value, "low": low, "high": high})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::rate;

    #[test]
    fn each_kind_of_cell_has_its_change() {
        assert_eq!(change(&json!(3), &json!(5)), json!(-2));
        assert_eq!(change(&json!(3), &Value::Null), Value::Null);
        let money = |amount: &str| json!({"amount": amount, "currency": "USD", "n": 2});
        assert_eq!(change(&money("10.5"), &money("12.75"))["amount"], json!("-2.25"));
        assert_eq!(change(&json!({"days": 3.5, "n": 1}), &json!({"days": 1.0, "n": 4})), json!(2.5));
        // 56/70 − 48/80 = 0.2, with the interval of Newcombe's table II (a).
        let found = change(&rate(56, 70), &rate(48, 80));
        assert!((found["value"].as_f64().unwrap() - 0.2).abs() < 1e-12);
        assert!((found["low"].as_f64().unwrap() - 0.0524).abs() < 5e-5);
        assert!((found["high"].as_f64().unwrap() - 0.3339).abs() < 5e-5);
        assert_eq!(change(&rate(0, 0), &rate(1, 2))["value"], Value::Null);
    }
}
