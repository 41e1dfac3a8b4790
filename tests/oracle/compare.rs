//! Comparing what the program printed with what the oracle says.
//!
//! The oracle's answer leads: what it leaves out is not compared. Counts and texts must be equal, amounts too after
//! rounding to the places that are shown (half to even); rates, shares, days and intervals to 1e-9; money a day
//! (`velocity`, `throughput`, `per_day`) to half of its last place. Of the notes only the number of deals
//! under three codes is compared; a code that stands for 0 deals may be missing, and `MUST_BE_SAID` lists the reports
//! that must have it when it stands for more.
//!
//! The page does not say whether a group by a field is shown when it has no deal in any figure: rows of groups whose
//! cells are all 0 or none are left out on both sides. Groups by time are compared row by row, also empty ones.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

use crate::versus::is_label;

const PER_DAY: [&str; 3] = ["velocity", "throughput", "per_day"];
/// What a row has also where there is no deal: its targets and its limit.
const WITHOUT_DEALS: [&str; 6] = ["target", "gap", "attainment", "coverage", "chance_of_target", "limit"];
const BEFORE: &str = "_before";
const UNITS: [&str; 4] = ["week", "month", "quarter", "year"];
const MUST_BE_SAID: [(&str, &str); 2] = [("assumed_journeys", "conversion"), ("assumed_journeys", "funnel")];

/// Every difference, as lines of `where: oracle …, program …`.
pub(crate) fn differences(oracle: &Value, program: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (key, expected) in oracle.as_object().unwrap() {
        let got = &program[key];
        if key == "notes" {
            notes(oracle, program, &mut found);
        } else if expected.get("groups").is_some() {
            section(key, expected, got, &mut found);
        } else {
            value(key, expected, got, &mut found);
        }
    }
    found
}

fn differ(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    let short = |cell: &Value| cell.to_string().chars().take(400).collect::<String>();
    found.push(format!("{at}: oracle {}, program {}", short(expected), short(got)));
}

fn section(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    value(&format!("{at}.by"), &expected["by"], &got["by"], found);
    let by: Vec<String> = serde_json::from_value(expected["by"].clone()).unwrap();
    let (total, got_total) = (in_order(&expected["total"], &by), in_order(&got["total"], &by));
    value(&format!("{at}.total"), &total, &got_total, found);
    // Without a won deal there are no bands.
    if by.iter().any(|field| field == "size") && expected["groups"] == Value::Array(Vec::new()) {
        return;
    }
    let strict = by.len() == 1 && UNITS.contains(&by[0].as_str()) && at != "sensitivity";
    // A row of deals to act on is a deal, also one without a value that came in just now.
    let strict = strict || ["open", "figures", "act_on"].contains(&at);
    let kept = |rows: &Value| -> Vec<Value> {
        let rows = rows.as_array().cloned().unwrap_or_default();
        let rows = rows.into_iter();
        let full = rows.filter(|row| strict || !row.as_object().is_some_and(|row| is_hollow_row(row, &by)));
        full.map(|mut row| {
            // The page does not say how a band of sizes is called.
            if by.iter().any(|field| field == "size") {
                row.as_object_mut().unwrap().remove("size");
            }
            row
        })
        .collect()
    };
    let rows = |table: &Value| in_order(&Value::Array(kept(&table["groups"])), &by);
    value(&format!("{at}.groups"), &rows(expected), &rows(got), found);
}

/// Rows beside those of another period in the order of their labels, since what only one of the two has may stand anywhere;
/// all others as they are.
fn in_order(rows: &Value, by: &[String]) -> Value {
    let Value::Array(rows) = rows else { return rows.clone() };
    let mut rows = rows.clone();
    let is_beside =
        |row: &Value| row.as_object().is_some_and(|row| row.keys().any(|key| key.ends_with(BEFORE)));
    if rows.iter().any(is_beside) {
        rows.sort_by_key(|row| {
            let cells = row.as_object().unwrap().iter();
            let mut labels: Vec<String> = cells
                .filter(|(key, cell)| is_label(key, by) && cell.is_string())
                .map(|(key, cell)| format!("{key} {cell}"))
                .collect();
            labels.sort();
            labels
        });
    }
    Value::Array(rows)
}

/// A row of a group in which nothing is counted; one that has labels alone says something. Who has a target without a deal
/// is worked out by hand.
fn is_hollow_row(row: &Map<String, Value>, by: &[String]) -> bool {
    let counts = |key: &str| !is_label(base(key), by) && !WITHOUT_DEALS.contains(&base(key));
    let mut figures = row.iter().filter(|(key, _)| counts(key)).peekable();
    figures.peek().is_some() && figures.all(|(_, cell)| is_hollow(cell))
}

fn is_hollow(cell: &Value) -> bool {
    let zero = |cell: &Value| cell.is_null() || cell.as_f64() == Some(0.0);
    match cell {
        // A median over some deals can be none all the same.
        Value::Object(parts) if parts.get("days").is_some_and(Value::is_null) => true,
        Value::Object(parts) => {
            let amount = amount_of(cell).unwrap_or_default();
            let n = parts.get("of").or(parts.get("n")).unwrap_or(&Value::Null);
            let measure = parts.get("days").or(parts.get("value").filter(|_| parts.get("of").is_none()));
            amount.is_zero() && zero(n) && measure.is_none_or(zero) && parts.get("count").is_none_or(zero)
        }
        plain => zero(plain),
    }
}

fn amount_of(cell: &Value) -> Option<Decimal> {
    cell["amount"].as_str().map(|text| text.parse().unwrap())
}

pub(crate) fn value(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(parts), Value::Object(_)) if parts.contains_key("amount") => {
            money(at, expected, got, found);
        }
        (Value::Object(parts), Value::Object(_)) => {
            for (key, part) in parts {
                match got.get(key) {
                    Some(_) if is_of_a_row_that_only_one_has(parts, got, key) => {}
                    Some(cell) => value(&format!("{at}.{key}"), part, cell, found),
                    None => found.push(format!("{at}.{key}: oracle {part}, program has no such key")),
                }
            }
        }
        (Value::Array(rows), Value::Array(got_rows)) => {
            if rows.len() != got_rows.len() {
                found.push(format!("{at}: oracle {} rows, program {}", rows.len(), got_rows.len()));
            }
            for (place, row) in rows.iter().enumerate().take(got_rows.len()) {
                value(&format!("{at}[{place}]"), row, &got_rows[place], found);
            }
        }
        (Value::Number(number), Value::Number(_)) if number.is_f64() => {
            if !near(expected.as_f64().unwrap(), got.as_f64().unwrap(), 1e-9) {
                differ(at, expected, got, found);
            }
        }
        // A rate over nothing, where there is none at all.
        (Value::Null, Value::Object(parts)) if parts.get("value") == Some(&Value::Null) => {}
        // An empty field may name its group by nothing.
        (Value::String(text), Value::Null) if text.is_empty() => {}
        _ if expected == got => {}
        _ => differ(at, expected, got, found),
    }
}

/// The key of the figure that a cell is, or stands beside, or is the change of.
fn base(key: &str) -> &str {
    key.strip_suffix("_change").or(key.strip_suffix(BEFORE)).unwrap_or(key)
}

/// Whether a cell, or the one that it is the change of, is null on one side and over nothing on the other: a row that the
/// page lets be missing, or be over no deals.
fn is_of_a_row_that_only_one_has(expected: &Map<String, Value>, got: &Value, key: &str) -> bool {
    let base = base(key);
    let before = format!("{base}{BEFORE}");
    if !expected.contains_key(&before) {
        return false;
    }
    let says_nothing = |cell: &Value| is_hollow(cell) || WITHOUT_DEALS.contains(&base);
    let differs = |key: &str| {
        let (one, other) = (&expected[key], &got[key]);
        one.is_null() != other.is_null() && says_nothing(one) && says_nothing(other)
    };
    if key.ends_with("_change") { differs(base) || differs(&before) } else { differs(key) }
}

fn near(expected: f64, got: f64, allowed: f64) -> bool {
    (expected - got).abs() <= allowed + 1e-9 * expected.abs()
}

/// Whether two amounts are the same in the places that both show, at least two.
fn same_amount(one: Decimal, other: Decimal) -> bool {
    let places = one.scale().min(other.scale()).max(2);
    let shown =
        |amount: Decimal| amount.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
    shown(one) == shown(other)
}

fn money(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    let key = at.rsplit('.').next().unwrap_or(at);
    let per_day = PER_DAY.iter().any(|name| key.starts_with(name));
    let same = match (amount_of(expected), amount_of(got)) {
        // Half of the last place, and the crumbs of binary fractions.
        (Some(one), Some(other)) if per_day => (one - other).abs() <= Decimal::new(5_001, 6),
        (Some(one), Some(other)) => same_amount(one, other),
        (one, other) => one == other,
    };
    let same_part = |key: &str| expected.get(key).is_none_or(|part| *part == got[key]);
    if !(same && same_part("currency") && same_part("n")) {
        differ(at, expected, got, found);
    }
}

fn notes(oracle: &Value, program: &Value, found: &mut Vec<String>) {
    let (expected, got) = (&oracle["notes"], &program["notes"]);
    let report = oracle["report"].as_str().unwrap();
    // A note about another period has the same code, and its text begins with that period.
    let other = got_before(program).map(|name| format!("{name}:"));
    let is_ours = |note: &&Value| {
        other.as_ref().is_none_or(|name| !note["text"].as_str().is_some_and(|text| text.starts_with(name)))
    };
    for note in expected.as_array().unwrap() {
        let code = note["code"].as_str().unwrap();
        let mut printed = got.as_array().into_iter().flatten().filter(is_ours);
        let printed = printed.find(|other| other["code"] == code);
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

/// The name of the other period.
fn got_before(program: &Value) -> Option<&str> {
    program["before"]["period"]["name"].as_str()
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
        program["size"]["total"]["velocity"]["amount"] = json!("3.005");
        assert_eq!(differences(&oracle, &program), Vec::<String>::new());
        program["size"]["total"]["won"] = json!(3);
        program["size"]["total"]["total"]["amount"] = json!("10.01");
        program["size"]["total"]["share"] = json!(0.500_001);
        program["size"]["total"]["velocity"]["amount"] = json!("3.01");
        program["size"]["groups"] = json!([{"owner": "ana", "won": 1}]);
        assert_eq!(differences(&oracle, &program).len(), 5);
        program["size"]["groups"] = json!([]);
        program["notes"] = json!([{"code": "unknown_close", "deals": 1}]);
        assert_eq!(differences(&oracle, &program).len(), 5);
    }
}
