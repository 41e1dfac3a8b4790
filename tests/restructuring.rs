//! Seven stages to five, and nothing lost: the deals of `examples/acme` by its own process and by `five.yaml`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PERIODS: [&str; 4] = ["2026", "2025", "2026-Q3", "90d"];

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

/// The example in a folder of its own, with another file in the place of its process where one is named.
fn copied(process: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["deals.csv", "history.csv", "five.yaml"] {
        fs::copy(acme().join(name), folder.path().join(name)).unwrap();
    }
    fs::copy(acme().join(process), folder.path().join("pipeline.yaml")).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.current_dir(folder).args(arguments);
    command.env("PIPELINE_TODAY", "2026-11-20").env_remove("PIPELINE_DIR").env_remove("PIPELINE_FAULT");
    command.output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A report as data, by the seven stages and by five.
fn both(folder: &Path, report: &[&str]) -> [Value; 2] {
    let json = |more: &[&str]| {
        let arguments = [&["report"], report, &["-f", "json"], more].concat();
        serde_json::from_str(&done(folder, &arguments)).unwrap()
    };
    [json(&[]), json(&["--process", "five.yaml"])]
}

/// The rows of a table by the stage that each is about.
fn by_stage(rows: &Value) -> BTreeMap<String, Value> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| (row["stage"].as_str().unwrap().to_owned(), row.clone())).collect()
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

#[test]
fn what_is_won_and_lost_is_the_same_by_either_process() {
    let folder = copied("pipeline.yaml");
    let before = files(folder.path());
    for period in PERIODS {
        for by in ["", "owner", "quarter"] {
            let asked = |report| {
                if by.is_empty() {
                    vec![report, "--period", period]
                } else {
                    vec![report, "--period", period, "--by", by]
                }
            };
            let [seven, five] = both(folder.path(), &asked("conversion"));
            assert_eq!(seven["closed"], five["closed"], "{period} {by}");
            assert_eq!(seven["created"], five["created"], "{period} {by}");
            let [seven, five] = both(folder.path(), &asked("size"));
            assert_eq!(seven["size"], five["size"], "{period} {by}");
            let [seven, five] = both(folder.path(), &asked("velocity"));
            for table in ["velocity", "cycle", "sensitivity"] {
                assert_eq!(seven[table], five[table], "{period} {by} {table}");
            }
        }
    }
    assert_eq!(files(folder.path()), before, "a report changes no file");
}

#[test]
fn the_open_deals_of_a_stage_are_those_of_the_stages_it_stands_for() {
    let folder = copied("pipeline.yaml");
    let [seven, five] = both(folder.path(), &[]);
    let amount =
        |row: &Value| row["value"]["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    for field in ["deals", "value"] {
        assert_eq!(seven["open"]["total"][field], five["open"]["total"][field], "{field}");
    }
    let [seven, five] = [seven, five].map(|report| by_stage(&report["open"]["groups"]));
    for (new, old) in [
        ("prospecting", &["prospecting"][..]),
        ("qualification", &["qualification"]),
        ("contact", &["contact", "needs"]),
        ("proposal", &["proposal"]),
        ("closing", &["negotiation", "closing"]),
    ] {
        let deals = old.iter().map(|old| seven[*old]["deals"].as_u64().unwrap()).sum::<u64>();
        assert_eq!(five[new]["deals"].as_u64(), Some(deals), "{new}");
        assert_eq!(amount(&five[new]), old.iter().map(|old| amount(&seven[*old])).sum::<i64>(), "{new}");
    }
    assert_eq!(five.len(), 5);
}

#[test]
fn a_stage_is_reached_with_the_first_of_those_it_stands_for() {
    let folder = copied("pipeline.yaml");
    for period in PERIODS {
        let [seven, five] = both(folder.path(), &["funnel", "--period", period]);
        let [seven, five] = [seven, five].map(|report| by_stage(&report["funnel"]["total"]));
        for (new, first) in [
            ("prospecting", "prospecting"),
            ("qualification", "qualification"),
            ("contact", "contact"),
            ("proposal", "proposal"),
            ("closing", "negotiation"),
            ("won", "won"),
        ] {
            assert_eq!(five[new]["reached"], seven[first]["reached"], "{period} {new}");
            assert_eq!(five[new]["share_of_first"], seven[first]["share_of_first"], "{period} {new}");
        }
        // Conversion takes the stages one after another: those that are advanced past one have reached the next.
        let [seven, five] = both(folder.path(), &["conversion", "--period", period]);
        let [seven, five] = [seven, five].map(|report| by_stage(&report["stages"]["total"]));
        assert_eq!(five.len(), 5);
        for (new, first) in [("contact", "contact"), ("proposal", "proposal"), ("closing", "negotiation")] {
            assert_eq!(five[new]["reached"], seven[first]["reached"], "{period} {new}");
            assert_eq!(five[new]["to_won"], seven[first]["to_won"], "{period} {new}");
        }
    }
}

#[test]
fn a_folder_whose_process_was_changed_says_what_the_comparison_said() {
    let (before, after) = (copied("pipeline.yaml"), copied("five.yaml"));
    for report in pipeline::metrics::REPORTS {
        for period in PERIODS {
            let arguments = ["report", report.name, "--period", period, "-f", "json"];
            let mut compared: Value = serde_json::from_str(&done(
                before.path(),
                &[&arguments[..], &["--process", "five.yaml"]].concat(),
            ))
            .unwrap();
            let notes = compared["notes"].as_array_mut().unwrap();
            assert_eq!(notes.pop().unwrap()["code"], "another_process");
            let mut changed: Value = serde_json::from_str(&done(after.path(), &arguments)).unwrap();
            // The commands that list what is to do go by the process that holds, so a comparison has none.
            changed.as_object_mut().unwrap().remove("to_do");
            assert_eq!(compared, changed, "{} {period}", report.name);
        }
    }
    assert!(run(after.path(), &["check", "--strict"]).status.success());
    // Its row says `needs`, which is a part of the stage now; the row is written when the deal moves.
    assert!(done(after.path(), &["list", "stage=contact", "--columns", "id"]).contains("deal-5"));
    let moved = run(after.path(), &["move", "deal-5", "closing", "--user", "ana"]);
    assert!(String::from_utf8_lossy(&moved.stderr).starts_with("moved deal-5 from needs to closing\n"));
    assert!(run(after.path(), &["check"]).status.success());
}

#[test]
fn several_pipelines_keep_their_names_under_one_process() {
    let (first, second) = (copied("pipeline.yaml"), copied("pipeline.yaml"));
    let renewals = second.path().join("pipeline.yaml");
    let text = fs::read_to_string(&renewals).unwrap().replace("name: Acme sales", "name: Acme renewals");
    fs::write(&renewals, text).unwrap();
    let folders = ["-C", first.path().to_str().unwrap(), "-C", second.path().to_str().unwrap()];
    let five = acme().join("five.yaml");
    let report = ["report", "funnel", "--process", five.to_str().unwrap(), "-f", "csv"];
    let shown = done(first.path(), &[&folders[..], &report].concat());
    // Five stages and the won deals of each.
    for name in ["Acme sales", "Acme renewals"] {
        assert_eq!(shown.lines().filter(|line| line.starts_with(name)).count(), 6, "{shown}");
    }
}

#[test]
fn a_process_that_is_wrong_is_named_with_its_place() {
    let folder = copied("pipeline.yaml");
    let five = fs::read_to_string(folder.path().join("five.yaml")).unwrap();
    let said = |text: &str| {
        fs::write(folder.path().join("draft.yaml"), text).unwrap();
        let output = run(folder.path(), &["report", "velocity", "--process", "draft.yaml", "bant=1.."]);
        (String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    let (stderr, code) = said(&five.replace("stale_after: 30d", "stale_after: 30"));
    assert!(stderr.contains("--> draft.yaml:30:18\n") && stderr.contains("did you mean `30d`?"), "{stderr}");
    assert_eq!(code, Some(1));
    let (stderr, code) = said(&five.replace("    was: [needs]\n", ""));
    assert!(stderr.contains("the stage `needs` of pipeline.yaml has no place in this process"), "{stderr}");
    assert!(stderr.contains("add `was: [needs]` to the stage that takes its deals"), "{stderr}");
    assert_eq!(code, Some(1));
    let (stderr, code) = said(&format!("{five}\nscores: {{bant: [{{when: budgt = yes, points: 1}}]}}\n"));
    assert!(stderr.contains("--> draft.yaml:71:24\n"), "{stderr}");
    assert_eq!(code, Some(1));
    let missing = run(folder.path(), &["report", "--process", "nosuch.yaml"]);
    assert_eq!(missing.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no file nosuch.yaml"));
}
