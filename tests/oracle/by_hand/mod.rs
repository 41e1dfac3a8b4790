//! Folders small enough to work out on paper, with figures of every report, asked of the oracle and of
//! the program.

mod due;
mod jam;
mod march;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::compare::value as compare_value;
use crate::files::read_folder;
use crate::program::{ask, disagreements};
use crate::report::{Question, answer};
use crate::velocity::velocity_of;

/// A question, and what is expected at places of its answer.
type Worked = (Question, Vec<(&'static str, Value)>);

/// A folder, and what was worked out of it.
struct Page {
    yaml: String,
    deals: String,
    history: String,
    worked: Vec<Worked>,
}

impl Page {
    fn write(&self) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &self.yaml, &self.deals, &self.history);
        directory
    }
}

fn pages() -> [Page; 3] {
    [march::page(), due::page(), jam::page()]
}

fn write(directory: &Path, yaml: &str, deals: &str, history: &str) {
    fs::write(directory.join("pipeline.yaml"), yaml).unwrap();
    fs::write(directory.join("deals.csv"), deals).unwrap();
    fs::write(directory.join("history.csv"), history).unwrap();
}

fn by(question: Question, by: &str) -> Question {
    Question { by: by.split(',').map(str::to_owned).collect(), ..question }
}

fn rate(count: u32, of: u32) -> Value {
    if of == 0 {
        return json!({"value": null, "count": count, "of": 0, "low": null, "high": null});
    }
    json!({"value": f64::from(count) / f64::from(of), "count": count, "of": of})
}

fn money(amount: &str, n: u32) -> Value {
    json!({"amount": amount, "currency": "USD", "n": n})
}

fn no_money() -> Value {
    json!({"amount": null, "currency": "USD", "n": 0})
}

fn per_day(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

fn days(days: f64, n: u32) -> Value {
    json!({"days": days, "n": n})
}

fn amount(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

/// Where an answer is not what was worked out.
fn wrong_places(expected: &[(&'static str, Value)], answer: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (place, value) in expected {
        let at = place.replace('/', ".");
        compare_value(&at, value, answer.pointer(place).unwrap_or(&Value::Null), &mut found);
    }
    found
}

#[test]
fn oracle_gives_what_was_worked_out() {
    for page in pages() {
        let directory = page.write();
        let folder = read_folder(directory.path());
        for (question, expected) in page.worked {
            let wrong =
                wrong_places(&expected, &answer(&folder, &question)).join("\n").replace("oracle", "paper");
            assert!(wrong.is_empty(), "{:?}\n{wrong}", question.arguments());
        }
    }
}

#[test]
fn program_gives_what_was_worked_out() {
    for page in pages() {
        let directory = page.write();
        let folder = read_folder(directory.path());
        for (question, expected) in page.worked {
            let printed = ask(directory.path(), &question).unwrap();
            let mut wrong = wrong_places(&expected, &printed);
            wrong.extend(disagreements(directory.path(), &folder, &question));
            assert!(wrong.is_empty(), "{:?}\n{}", question.arguments(), wrong.join("\n"));
        }
    }
}

/// hinge, idler, joint; idler, joint; joint.
#[test]
fn oracle_counts_what_the_notes_say() {
    let page = march::page();
    let directory = page.write();
    let notes = answer(&read_folder(directory.path()), &page.worked[0].0)["notes"].clone();
    let of = |code: &str, deals: u32| json!({"code": code, "deals": deals});
    assert_eq!(notes, json!([of("assumed_journeys", 3), of("unknown_creation", 2), of("unknown_close", 1)]));
}

#[test]
fn oracle_interval_of_three_in_four() {
    // n = 4, z² = 3.841459. Middle: 0.75 + 3.841459/8 = 1.230182. Spread: 1.959964 · √(0.1875/4 + 3.841459/64) =
    // 1.959964 · √0.106898 = 0.640815. Both by 1 + 3.841459/4 = 1.960365: 0.627527 ± 0.326886.
    let page = march::page();
    let answer = answer(&read_folder(page.write().path()), &page.worked[0].0);
    let rate = &answer["closed"]["total"]["win_rate"];
    let (low, high) = (rate["low"].as_f64().unwrap(), rate["high"].as_f64().unwrap());
    assert!((low - 0.300_641).abs() < 2e-6 && (high - 0.954_413).abs() < 2e-6, "{low} {high}");
}

#[test]
fn oracle_gives_the_worked_examples_of_velocity() {
    // §4: 40 × 25 000 × 25 % / 90 and 18 × 42 000 × 24 % / 78.
    assert!((velocity_of(40.0, 0.25, 25_000.0, 90.0) - 2777.78).abs() < 0.005);
    assert!((velocity_of(18.0, 0.24, 42_000.0, 78.0) - 2326.15).abs() < 0.005);
}

/// Twelve deals begin on 1 March at noon: one ends after 4 days, six after 9, five stay open. Three older ones,
/// begun on 15 February, enter the risk set at the age of 13.5 days, and end on 10 March.
fn median_folder(directory: &Path) {
    let mut deals = "id,name,stage\n".to_owned();
    let mut history = "at,deal,event,field,from,to,by,note\n".to_owned();
    let ends = [5, 10, 10, 10, 10, 10, 10, 0, 0, 0, 0, 0, 10, 10, 10];
    for (place, end) in ends.into_iter().enumerate() {
        let born = if place < 12 { "2026-03-01" } else { "2026-02-15" };
        let stage = match end {
            0 => "qualify",
            _ if place % 2 == 0 => "won",
            _ => "lost",
        };
        deals += &format!("d{place},D,{stage}\n");
        history += &format!("{born}T12:00:00.000Z,d{place},stage,,,qualify,,\n");
        if end > 0 {
            history += &format!("2026-03-{end:02}T12:00:00.000Z,d{place},stage,,qualify,{stage},,\n");
        }
    }
    write(directory, &march::page().yaml.replace("Europe/Berlin", "UTC"), &deals, &history);
}

/// At 4 days 12 are at risk: 11/12 are left. At 9 days 11 are at risk and 6 end: 11/12 · 5/11 = 5/12, below one half.
/// Were the three older ones wrongly at risk from the first, it would be 14/15 · 8/14 = 8/15, above it.
const MEDIAN: f64 = 9.0;

#[test]
fn oracle_median_time_to_close() {
    let directory = tempfile::tempdir().unwrap();
    median_folder(directory.path());
    let answer = answer(&read_folder(directory.path()), &march::march("velocity"));
    assert_eq!(answer["cycle"]["total"]["median_time_to_close"]["days"], json!(MEDIAN));
}

#[test]
fn program_median_time_to_close() {
    let directory = tempfile::tempdir().unwrap();
    median_folder(directory.path());
    let printed = ask(directory.path(), &march::march("velocity")).unwrap();
    let mut wrong = Vec::new();
    let median = &printed["cycle"]["total"]["median_time_to_close"]["days"];
    compare_value("median", &json!(MEDIAN), median, &mut wrong);
    wrong.extend(disagreements(directory.path(), &read_folder(directory.path()), &march::march("velocity")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
