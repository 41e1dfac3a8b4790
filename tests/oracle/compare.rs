//! Comparing what the program printed with what the oracle says.
//!
//! The oracle's answer leads: what it leaves out is not compared. Counts, texts and amounts must be equal; rates,
//! shares, days and intervals to 1e-9; money a day (`velocity`, `throughput`, `per_day`) to 0.01. Of the notes only
//! the number of deals under three codes is compared; a code that stands for 0 deals may be missing, and
//! `MUST_BE_SAID` lists the reports that must have it when it stands for more.
//!
//! The page does not say whether a group by a field is shown when it has no deal in any figure: rows of groups whose
//! cells are all 0 or none are left out on both sides. Groups by time are compared row by row, also empty ones.

use serde_json::{Map, Value};

const PER_DAY: [&str; 4] = ["velocity", "velocity_before", "throughput", "per_day"];
const LABELS: [&str; 3] = ["stage", "factor", "change"];
const UNITS: [&str; 4] = ["week", "month", "quarter", "year"];
const MUST_BE_SAID: [(&str, &str); 2] = [("assumed_journeys", "conversion"), ("assumed_journeys", "funnel")];

/// Every difference, as lines of `where: oracle …, program …`.
pub(crate) fn differences(oracle: &Value, program: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (key, expected) in oracle.as_object().unwrap() {
        let got = &program[key];
        if key == "notes" {
            notes(oracle, expected, got, &mut found);
        } else if expected.get("groups").is_some() {
            section(key, expected, got, &mut found);
        } else {
            value(key, expected, got, &mut found);
        }
    }
    found
}

fn differ(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    found.push(format!("{at}: oracle {expected}, program {got}"));
}

fn section(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    value(&format!("{at}.by"), &expected["by"], &got["by"], found);
    value(&format!("{at}.total"), &expected["total"], &got["total"], found);
    let by: Vec<&str> = expected["by"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    // One key cannot hold both the group and the row: not compared.
    if by == ["stage"] && expected["total"].is_array() {
        return;
    }
    let strict = by.first().is_some_and(|by| UNITS.contains(by)) && at != "sensitivity";
    let strict = strict || at == "open";
    let kept = |rows: &Value| -> Vec<Value> {
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.into_iter()
            .filter(|row| strict || !row.as_object().is_some_and(|row| is_hollow_row(row, &by)))
            .collect()
    };
    let (expected, got) = (kept(&expected["groups"]), kept(&got["groups"]));
    value(&format!("{at}.groups"), &Value::Array(expected), &Value::Array(got), found);
}

/// A row of a group in which nothing is counted.
fn is_hollow_row(row: &Map<String, Value>, by: &[&str]) -> bool {
    row.iter()
        .all(|(key, cell)| LABELS.contains(&key.as_str()) || by.contains(&key.as_str()) || is_hollow(cell))
}

fn is_hollow(cell: &Value) -> bool {
    let zero = |cell: &Value| cell.is_null() || cell.as_f64() == Some(0.0);
    match cell {
        // A median over some deals can be none all the same.
        Value::Object(parts) if parts.get("days").is_some_and(Value::is_null) => true,
        Value::Object(parts) => {
            let amount =
                parts.get("amount").and_then(Value::as_str).map_or(0.0, |text| text.parse().unwrap());
            let n = parts.get("of").or(parts.get("n")).unwrap_or(&Value::Null);
            amount == 0.0 && zero(n) && parts.get("days").is_none_or(zero)
        }
        plain => zero(plain),
    }
}

pub(crate) fn value(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(parts), Value::Object(_)) if parts.contains_key("amount") => {
            money(at, expected, got, found);
        }
        (Value::Object(parts), Value::Object(_)) => {
            for (key, part) in parts {
                match got.get(key) {
                    Some(cell) => value(&format!("{at}.{key}"), part, cell, found),
                    None => found.push(format!("{at}.{key}: oracle {part}, program has no such key")),
                }
            }
        }
        (Value::Array(rows), Value::Array(got_rows)) => {
            if rows.len() != got_rows.len() {
                differ(at, expected, got, found);
                return;
            }
            for (place, row) in rows.iter().enumerate() {
                value(&format!("{at}[{place}]"), row, &got_rows[place], found);
            }
        }
        (Value::Number(number), Value::Number(_)) if number.is_f64() => {
            if !near(expected.as_f64().unwrap(), got.as_f64().unwrap(), 1e-9) {
                differ(at, expected, got, found);
            }
        }
        // An empty field may name its group by nothing.
        (Value::String(text), Value::Null) if text.is_empty() => {}
        _ if expected == got => {}
        _ => differ(at, expected, got, found),
    }
}

fn near(expected: f64, got: f64, allowed: f64) -> bool {
    (expected - got).abs() <= allowed + 1e-9 * expected.abs()
}

fn money(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    let per_day = PER_DAY.iter().any(|name| at.ends_with(&format!(".{name}")));
    let number = |cell: &Value| cell["amount"].as_str().and_then(|text| text.parse::<f64>().ok());
    let same_amount = match (number(expected), number(got)) {
        // 0.01 and the crumbs of binary fractions.
        (Some(expected), Some(got)) if per_day => near(expected, got, 0.010_001),
        _ => expected["amount"] == got["amount"],
    };
    let same = |key: &str| expected.get(key).is_none_or(|part| *part == got[key]);
    if !(same_amount && same("currency") && same("n")) {
        differ(at, expected, got, found);
    }
}

fn notes(oracle: &Value, expected: &Value, got: &Value, found: &mut Vec<String>) {
    let report = oracle["report"].as_str().unwrap();
    for note in expected.as_array().unwrap() {
        let code = note["code"].as_str().unwrap();
        let printed = got.as_array().and_then(|notes| notes.iter().find(|other| other["code"] == code));
        let must = MUST_BE_SAID.contains(&(code, report)) && note["deals"] != 0;
        match printed {
            Some(printed) if printed["deals"] != note["deals"] => {
                differ(&format!("notes.{code}"), note, printed, found);
            }
            None if must => differ(&format!("notes.{code}"), note, &Value::Null, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(size: &Value, groups: &Value) -> Value {
        json!({"report": "size", "size": {"by": ["owner"], "total": size, "groups": groups}, "notes": []})
    }

    #[test]
    fn differences_are_found_and_tolerances_kept() {
        let oracle = report(
            &json!({"won": 2, "total": {"amount": "10.00", "currency": "USD", "n": 2}, "share": 0.5,
                    "velocity": {"amount": "3.00", "currency": "USD"}}),
            &json!([{"owner": "ana", "won": 2}, {"owner": "", "won": 0}]),
        );
        let mut program = oracle.clone();
        program["size"]["groups"] = json!([{"owner": "ana", "won": 2}]);
        program["size"]["total"]["share"] = json!(0.500_000_000_1);
        program["size"]["total"]["velocity"]["amount"] = json!("3.01");
        assert_eq!(differences(&oracle, &program), Vec::<String>::new());
        program["size"]["total"]["won"] = json!(3);
        program["size"]["total"]["total"]["amount"] = json!("10.01");
        program["size"]["total"]["share"] = json!(0.500_001);
        program["size"]["total"]["velocity"]["amount"] = json!("3.03");
        program["size"]["groups"] = json!([{"owner": "ana", "won": 1}]);
        assert_eq!(differences(&oracle, &program).len(), 5);
        program["size"]["groups"] = json!([]);
        program["notes"] = json!([{"code": "unknown_close", "deals": 1}]);
        assert_eq!(differences(&oracle, &program).len(), 5);
    }
}
