//! The JSON Schema of pipeline.yaml, held against a validator that is not ours: the one that editors would use.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn pipeline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.args(arguments).env_clear().env("TZ", "UTC");
    command
}

/// The schema as the program prints it.
fn schema() -> Value {
    let output = pipeline(&["schema"]).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A YAML file as an editor reads it.
fn read(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// Every pipeline.yaml of this repository.
fn processes(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(processes(&path));
        } else if name == "pipeline.yaml" {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_schema_is_one() {
    jsonschema::meta::validate(&schema()).unwrap();
}

/// What `init` writes with each of its templates, in a folder of its own.
fn templates(root: &Path) -> Vec<PathBuf> {
    let line = pipeline::commands::command_line();
    let init = line.find_subcommand("init").unwrap();
    let template = init.get_arguments().find(|argument| argument.get_id() == "template").unwrap();
    let written = |value: clap::builder::PossibleValue| {
        let folder = root.join(value.get_name());
        pipeline(&["init", "-q", "--template", value.get_name()]).arg(&folder).assert().success();
        folder.join("pipeline.yaml")
    };
    template.get_possible_values().into_iter().map(written).collect()
}

#[test]
fn every_process_of_this_repository_and_of_init_is_valid() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let mut processes = processes(Path::new(env!("CARGO_MANIFEST_DIR")));
    processes.extend(templates(scratch.path()));
    processes.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/five.yaml"));
    assert!(processes.len() >= 7, "{processes:?}");
    for path in processes {
        let process = read(&fs::read_to_string(&path).unwrap());
        let wrong: Vec<String> = validator
            .iter_errors(&process)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
    }
}

#[test]
fn what_the_schema_refuses_check_refuses_too() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sound = "stages: [{id: a, probability: 20%}, {id: won, outcome: won}]\n";
    let cases = [
        ("", true),
        ("currency: TWD\ndecimals: {TWD: 0}\nyear_starts: 4\nlang: zh-TW\nids: random\n", true),
        ("fields: [{id: budget, type: choice, choices: [unknown, no, yes, 2026], required: true}]\n", true),
        ("fields: [{id: legal, type: yes/no, name: {en: Legal, zh-TW: 法務}}]\n", true),
        ("scores: {bant: [{when: value=1k.., points: -5}]}\nrates: {EUR: 1.08}\n", true),
        ("targets: [{period: 2026, amount: 250k}]\nrates: {}\nname:\n", true),
        ("colour: red\n", false),
        ("lang: de\n", false),
        ("decimals: {TWD: -1}\n", false),
        ("fields: [{type: text}]\n", false),
        ("fields: [{id: budget, type: amount}]\n", false),
        ("fields: [{id: budget, required: maybe}]\n", false),
        ("scores: {bant: [{when: value=1k.., points: many}]}\n", false),
        ("transitions: {skip: never}\n", false),
        ("transitions: {jump: deny}\n", false),
        ("reasons: price\n", false),
        ("teams: [ana]\n", false),
        ("views: {hot: [status=open]}\n", false),
        ("targets: [{period: 2026}]\n", false),
        ("review: [{id: old, when: age=90d..}]\n", false),
    ];
    for (more, is_sound) in cases {
        let text = format!("{sound}{more}");
        fs::write(folder.path().join("pipeline.yaml"), &text).unwrap();
        assert_eq!(validator.is_valid(&read(&text)), is_sound, "by the schema: {more}");
        let checked = pipeline(&["check", "-q", "-C"]).arg(folder.path()).output().unwrap();
        assert_eq!(checked.status.success(), is_sound, "by check: {more}");
    }
}

#[test]
fn a_new_folder_brings_its_schema_and_a_change_brings_it_to_a_clone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("sales");
    let named = |arguments: &[&str]| {
        pipeline(arguments).arg("-C").arg(&root).assert().success();
    };
    fs::create_dir(&root).unwrap();
    named(&["init"]);
    let process = fs::read_to_string(root.join("pipeline.yaml")).unwrap();
    let place = process.lines().next().and_then(|line| line.strip_prefix("# yaml-language-server: $schema="));
    let place = root.join(place.unwrap());
    let kept = || fs::read_to_string(&place).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    assert_eq!(kept(), Some(schema()));
    // A clone has no such folder; another version of the program may have left another schema.
    fs::remove_dir_all(root.join(".pipeline")).unwrap();
    named(&["list"]);
    assert_eq!(kept(), None);
    named(&["add", "Crane scales"]);
    assert_eq!(kept(), Some(schema()));
    fs::write(&place, "{}").unwrap();
    named(&["add", "Pier lights"]);
    assert_eq!(kept(), Some(schema()));
    // Nothing is written through a link.
    fs::write(folder.path().join("precious"), "").unwrap();
    fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink(folder.path().join("precious"), &place).unwrap();
    named(&["add", "Quay lights"]);
    assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "");
}

/// The schema of reports, and a report of an example in JSON.
fn report_schema() -> Value {
    let output = pipeline(&["schema", "report"]).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn report(folder: &Path, words: &str) -> Value {
    let mut command = pipeline(&["--today", "2026-11-20", "-f", "json", "-C"]);
    let output =
        command.arg(folder).arg("report").args(words.split(' ')).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_report_is_as_its_schema_says() {
    let schema = report_schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let empty = tempfile::tempdir().unwrap();
    pipeline(&["init", "-q"]).arg(empty.path()).assert().success();
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let mut asked: Vec<String> =
        pipeline::metrics::REPORTS.iter().map(|report| report.name.to_owned()).collect();
    let options = [
        "conversion --by owner,month",
        "conversion --vs previous",
        "conversion --curve",
        "conversion --explain",
        "size --by size",
        "velocity --by team",
        "stages --by owner",
        "bottlenecks --by team",
        "changes --by month",
        "forecast --by owner --probability history",
        "forecast --backtest",
        "slippage --by stage",
        "losses --by stage",
        "activity --vs previous",
        "summary --vs previous",
        "funnel --currency EUR --period 2026",
    ];
    asked.extend(options.map(str::to_owned));
    for words in &asked {
        for folder in [&acme, empty.path()] {
            // An empty folder has no rate for another currency, and needs none.
            let printed = report(folder, words);
            let wrong: Vec<String> = validator.iter_errors(&printed).map(|wrong| wrong.to_string()).collect();
            assert!(wrong.is_empty(), "{words}: {wrong:#?}");
        }
    }
}

/// What makes a report another thing than its schema says.
type Spoil = fn(&mut Value);

#[test]
fn another_form_is_refused() {
    let validator = jsonschema::validator_for(&report_schema()).unwrap();
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let right = report(&acme, "conversion");
    assert!(validator.is_valid(&right));
    let spoilt: [(&str, Spoil); 6] = [
        ("a rate without its denominator", |report| {
            report["closed"]["total"]["win_rate"].as_object_mut().unwrap().remove("of");
        }),
        ("a share over 1", |report| report["closed"]["total"]["win_rate"]["value"] = 54.5.into()),
        ("a table that is no table", |report| report["closed"] = "12".into()),
        ("another report", |report| report["report"] = "sales".into()),
        ("no notes", |report| {
            report.as_object_mut().unwrap().remove("notes");
        }),
        ("a stranger among the keys", |report| report["hint"] = 1.into()),
    ];
    for (what, spoil) in spoilt {
        let mut report = right.clone();
        spoil(&mut report);
        assert!(!validator.is_valid(&report), "{what}");
    }
}
