//! Random folders put to the program and to the oracle.
//!
//! `ORACLE_SEED=17 cargo test --test oracle` looks at the folder of that seed alone; a folder on which the program
//! and the oracle disagree is left in `target/tmp/oracle-SEED`. `ORACLE_FOLDERS=5000 cargo test --test oracle --
//! --ignored` is the long run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::compare::differences;
use crate::files::read_folder;
use crate::folders::Maker;
use crate::program::disagreements;
use crate::report::answer;
use crate::versus::LABELS;

fn seeds(default_count: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    match number("ORACLE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..1 + number("ORACLE_FOLDERS").unwrap_or(default_count),
    }
}

fn folder_of(seed: u64) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("oracle-{seed}"));
    fs::create_dir_all(&directory).unwrap();
    directory
}

/// Asks the program and the oracle the same about the folder of a seed; the folder stays where they disagree.
fn failures_of(seed: u64) -> Vec<String> {
    let mut maker = Maker::new(seed);
    let directory = folder_of(seed);
    maker.write_folder(&directory);
    let folder = read_folder(&directory);
    let mut failures = Vec::new();
    for question in maker.questions() {
        let lines = disagreements(&directory, &folder, &question);
        if !lines.is_empty() {
            let asked = question.arguments().join("' '");
            let shown: Vec<&str> = lines.iter().map(String::as_str).take(8).collect();
            failures.push(format!("seed {seed}: '{asked}'\n    {}", shown.join("\n    ")));
        }
    }
    if failures.is_empty() {
        fs::remove_dir_all(&directory).unwrap();
    }
    failures
}

/// The folders of many seeds, on two threads; each gives up after a few disagreements.
fn compare_with_program(seeds: std::ops::Range<u64>) {
    let half = |first: u64| {
        let mut failures = Vec::new();
        for seed in (seeds.start + first..seeds.end).step_by(2) {
            failures.extend(failures_of(seed));
            if failures.len() >= 5 {
                break;
            }
        }
        failures
    };
    let failures = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut failures = half(0);
        failures.extend(other.join().unwrap());
        failures
    });
    assert!(failures.is_empty(), "folders are in target/tmp/oracle-SEED\n{}", failures.join("\n"));
}

#[test]
fn program_agrees_on_random_folders() {
    compare_with_program(seeds(60));
}

#[test]
#[ignore = "the long run"]
fn program_agrees_on_many_random_folders() {
    compare_with_program(seeds(3000));
}

/// Whether any cell under a key of a table's rows is as asked.
fn any(answer: &Value, table: &str, key: &str, is: impl Fn(&Value) -> bool) -> bool {
    let table = &answer[table];
    let total = match &table["total"] {
        Value::Array(rows) => rows.clone(),
        row => vec![row.clone()],
    };
    let groups = table["groups"].as_array().cloned().unwrap_or_default();
    total.iter().chain(&groups).filter_map(|row| row.get(key)).any(is)
}

/// The odd cases that an answer shows.
fn odd_cases(answer: &Value) -> Vec<(String, bool)> {
    let some = |cell: &Value| cell.as_u64() > Some(0);
    let amount = |cell: &Value| cell["amount"].as_str().is_some_and(|text| text != "0");
    let none = |cell: &Value| cell["amount"].is_null() || cell.is_null();
    let mut found = Vec::new();
    let mut count = |name: &str, is: bool| found.push((name.to_owned(), is));
    for note in answer["notes"].as_array().unwrap() {
        count(note["code"].as_str().unwrap(), note["deals"] != 0);
    }
    let has = |table: &str, key: &str, is: &dyn Fn(&Value) -> bool| any(answer, table, key, is);
    count("median time", has("cycle", "median_time_to_close", &|cell| cell["days"].is_number()));
    count("velocity", has("velocity", "velocity", &amount));
    count("no velocity", has("velocity", "velocity", &none));
    count("unknown stage", has("open", "stage", &|cell| cell == "unknown"));
    count("no limit", has("open", "stalled", &Value::is_null));
    count("stalled", has("open", "stalled", &some));
    count("curve with interval", has("curve", "won", &|cell| cell["low"].is_number()));
    count("curve beyond knowledge", has("curve", "won", &|cell| cell["value"].is_null()));
    count("median stay with open", has("stays", "median_with_open", &|cell| cell["days"].is_number()));
    count("queue", has("waiting", "queue_days", &|cell| cell["days"].is_number()));
    for sign in ["many_stalled", "slower", "fewer_advance", "long_queue"] {
        count(sign, has("signs", "sign", &|cell| cell == sign));
    }
    count("deal to act on", has("act_on", "id", &Value::is_string));
    for key in ["target", "gap", "weighted"] {
        count(key, has("outlook", key, &amount));
    }
    count("no target", has("outlook", "target", &none));
    count("coverage", has("outlook", "coverage", &Value::is_number));
    let is_chance = |cell: &Value| cell.as_f64().is_some_and(|p| 0.0 < p && p < 1.0);
    count("chance", has("range", "chance_of_target", &is_chance));
    count("drawn", has("range", "draws", &some));
    for month in ["overdue", "undated", "2026-06"] {
        count(month, has("months", "month", &|cell| cell == month));
    }
    for (place, name) in ["commit", "best_case", "pipeline", "omitted"].into_iter().enumerate() {
        count(name, some(&answer["categories"]["total"][place]["deals"]));
    }
    count("range held", has("backtest", "held", &|cell| cell == true));
    count("range failed", has("backtest", "held", &|cell| cell == false));
    count("calibration", has("calibration", "share_won", &|cell| some(&cell["of"])));
    for line in answer["changes"]["total"].as_array().cloned().unwrap_or_default() {
        count(line["step"].as_str().unwrap(), some(&line["value"]["n"]));
    }
    for key in ["pushes", "pull_ins"] {
        count(key, has("slippage", key, &some));
    }
    for table in ["pushed_often", "past_close_date"] {
        count(table, has(table, "id", &Value::is_string));
    }
    count("on time", has("on_time", "won_on_time", &|cell| some(&cell["count"])));
    for key in ["won_later", "lost", "disqualified", "still_open"] {
        count(&format!("due: {key}"), has("on_time", key, &some));
    }
    count("lost without a reason", has("reasons", "reason", &|cell| cell == "no_reason"));
    count("activities", has("activity", "all", &some));
    count("idle", has("idle_deals", "share_idle", &|cell| some(&cell["count"])));
    count("touches", has("touches_per_win", "mean_touches", &|cell| cell["value"].as_f64() > Some(0.0)));
    count("change of a rate", has("closed", "win_rate_change", &|cell| cell["low"].is_number()));
    count("change of days", has("stays", "median_stay_change", &Value::is_number));
    count("worst bottleneck", has("bottleneck", "says", &Value::is_string));
    found
}

/// The odd cases are really there: without them the comparison would say little.
#[test]
fn oracle_meets_the_odd_cases() {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for seed in seeds(120) {
        let mut maker = Maker::new(seed);
        let directory = tempfile::tempdir().unwrap();
        maker.write_folder(directory.path());
        let folder = read_folder(directory.path());
        for question in maker.questions() {
            for (name, is) in odd_cases(&answer(&folder, &question)) {
                *met.entry(name).or_default() += usize::from(is);
            }
        }
    }
    if std::env::var_os("ORACLE_SEED").is_none() {
        let missing: Vec<&String> =
            met.iter().filter(|(_, times)| **times == 0).map(|(name, _)| name).collect();
        assert!(missing.is_empty(), "never met: {missing:?} of {met:?}");
    }
}

/// An answer as the program would print it: amounts rounded to two places.
fn as_printed(cell: &Value) -> Value {
    match cell {
        Value::Object(parts) => {
            let print = |(key, part): (&String, &Value)| match part.as_str() {
                Some(text) if key == "amount" => {
                    let amount: Decimal = text.parse().unwrap();
                    (key.clone(), json!(format!("{:.2}", amount.round_dp(2))))
                }
                _ => (key.clone(), as_printed(part)),
            };
            Value::Object(parts.iter().map(print).collect())
        }
        Value::Array(rows) => rows.iter().map(as_printed).collect(),
        plain => plain.clone(),
    }
}

/// The numbers and amounts in an answer, but for labels.
fn numbers<'a>(cell: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match cell {
        // A row in which nothing is counted may be missing, whatever a median of nothing is over.
        Value::Object(parts) if parts.get("days").is_some_and(Value::is_null) => {}
        Value::Object(parts) => {
            for (key, part) in parts.iter_mut() {
                if LABELS.contains(&key.as_str()) {
                    continue;
                }
                if part.is_number() || (key == "amount" && part.is_string()) {
                    found.push(part);
                } else {
                    numbers(part, found);
                }
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| numbers(row, found)),
        _ => {}
    }
}

/// The comparison accepts what the oracle itself would print, and not a number that is off by one.
#[test]
fn comparison_finds_a_changed_number() {
    for seed in seeds(30) {
        let mut maker = Maker::new(seed);
        let directory = tempfile::tempdir().unwrap();
        maker.write_folder(directory.path());
        let folder = read_folder(directory.path());
        for question in maker.questions() {
            let asked = format!("seed {seed}: {}", question.arguments().join(" "));
            let answer = answer(&folder, &question);
            let mut printed = as_printed(&answer);
            assert_eq!(differences(&answer, &printed), Vec::<String>::new(), "{asked}");
            // Of the notes a number may be missing.
            let mut tables: Vec<&mut Value> = Vec::new();
            for (name, table) in printed.as_object_mut().unwrap() {
                if name != "notes" {
                    numbers(table, &mut tables);
                }
            }
            let place = maker.rng.usize(0..tables.len().max(1));
            if let Some(number) = tables.into_iter().nth(place) {
                *number = match number.as_str() {
                    Some(amount) => json!((amount.parse::<Decimal>().unwrap() + Decimal::ONE).to_string()),
                    None if number.is_f64() => json!(number.as_f64().unwrap() + 1.0),
                    None => json!(number.as_i64().unwrap() + 1),
                };
                assert_ne!(differences(&answer, &printed), Vec::<String>::new(), "{asked}: number {place}");
            }
        }
    }
}
