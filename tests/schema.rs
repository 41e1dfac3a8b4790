//! The JSON Schemas of pipeline.yaml and of reports, held against a validator that is not ours.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use pipeline::metrics::{REPORTS, Takes};
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

/// The schema of reports.
fn report_schema() -> Value {
    let output = pipeline(&["schema", "report"]).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a report of these folders prints in JSON.
fn report(folders: &[&Path], words: &str) -> Value {
    let mut command = pipeline(&["--today", "2026-11-20", "-f", "json"]);
    for folder in folders {
        command.arg("-C").arg(folder);
    }
    let output = command.arg("report").args(words.split(' ')).assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

/// Every report as it is without options, and with each that gives it another form.
fn questions() -> Vec<String> {
    let options = [
        ("", &[][..]),
        (" --explain", &[]),
        (" --currency EUR", &[]),
        (" --period 2031", &[]),
        (" name=nobody", &[]),
        (" --vs previous --explain", &[Takes::Vs, Takes::VsAlways]),
        (" --by team,source", &[Takes::By, Takes::ByField]),
        (" --by stage --vs previous", &[Takes::By, Takes::ByField]),
        (" --by owner,month", &[Takes::By]),
        (" --by size", &[Takes::BySize]),
        (" --curve", &[Takes::Curve]),
        (" --curve --by owner --vs previous", &[Takes::Curve]),
        (" --probability history", &[Takes::Probability]),
        (" --probability history --vs previous --explain", &[Takes::Probability]),
        (" --backtest", &[Takes::Backtest]),
        (" --backtest --by owner --explain", &[Takes::Backtest]),
        (" --idle 7d", &[Takes::Idle]),
    ];
    let mut questions = Vec::new();
    for report in REPORTS {
        let means = |takes: &[Takes]| takes.is_empty() || takes.iter().any(|one| report.takes(*one));
        let taken = options.iter().filter(|(_, takes)| means(takes));
        questions.extend(taken.map(|(option, _)| format!("{}{option}", report.name)));
    }
    questions
}

#[test]
fn every_report_is_as_its_schema_says() {
    let schema = report_schema();
    jsonschema::meta::validate(&schema).unwrap();
    let whole = jsonschema::validator_for(&schema).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let empty = scratch.path().join("empty");
    pipeline(&["init", "-q"]).arg(&empty).assert().success();
    let (acme, empty) = (acme(), empty.as_path());
    for one in REPORTS {
        // The part about one report says better than the whole what is wrong with it.
        let mut own = schema.clone();
        own.as_object_mut().unwrap().remove("oneOf");
        own["$ref"] = format!("#/$defs/{}", one.name).into();
        let own = jsonschema::validator_for(&own).unwrap();
        let of_it = |question: &String| question.split(' ').next() == Some(one.name);
        for words in questions().into_iter().filter(of_it) {
            for folders in [&[acme.as_path()][..], &[empty], &[&acme, empty]] {
                let printed = report(folders, &words);
                let wrong: Vec<String> = own
                    .iter_errors(&printed)
                    .map(|wrong| format!("{}: {wrong}", wrong.instance_path()))
                    .collect();
                assert!(wrong.is_empty(), "{words} of {folders:?}: {wrong:#?}");
                assert!(whole.is_valid(&printed), "{words} of {folders:?}");
            }
        }
    }
}

#[test]
fn each_table_alone_is_as_the_schema_says() {
    let validator = jsonschema::validator_for(&report_schema()).unwrap();
    for one in REPORTS {
        for options in ["", " --vs previous"] {
            let words = format!("{}{options}", one.name);
            let whole = report(&[&acme()], &words);
            let tables = whole.as_object().unwrap().iter().filter(|(_, value)| value.get("groups").is_some());
            for (table, _) in tables {
                let words = format!("{words} --section {table}");
                assert!(validator.is_valid(&report(&[&acme()], &words)), "{words}");
            }
        }
    }
}

/// What makes a report another thing than its schema says.
type Spoil = fn(&mut Value);

/// Takes a key away.
fn without(object: &mut Value, key: &str) {
    object.as_object_mut().unwrap().remove(key).unwrap();
}

#[test]
fn another_form_is_refused() {
    let validator = jsonschema::validator_for(&report_schema()).unwrap();
    let spoilt: [(&str, &str, Spoil); 19] = [
        ("conversion", "a rate without its denominator", |it| {
            without(&mut it["closed"]["total"]["win_rate"], "of");
        }),
        ("conversion", "a share over 1", |it| it["closed"]["total"]["win_rate"]["value"] = 54.5.into()),
        ("conversion", "a text for a count", |it| it["closed"]["total"]["won"] = "12".into()),
        ("conversion", "half a deal", |it| it["closed"]["total"]["won"] = 0.5.into()),
        ("conversion", "money for a rate", |it| {
            let money = serde_json::json!({"amount": "1.00", "currency": "USD", "n": 1});
            it["closed"]["total"]["win_rate"] = money;
        }),
        ("conversion", "a row without a figure", |it| without(&mut it["stages"]["total"][0], "reached")),
        ("conversion", "a figure more in a row", |it| it["closed"]["total"]["luck"] = 1.into()),
        ("conversion", "one row where there are many", |it| {
            it["stages"]["total"] = it["stages"]["total"][0].clone();
        }),
        ("conversion", "a table that is no table", |it| it["closed"] = "12".into()),
        ("conversion", "a table less", |it| without(it, "created")),
        ("conversion", "a table of another report", |it| it["funnel"] = it["stages"].clone()),
        ("conversion", "another report", |it| it["report"] = "sales".into()),
        ("conversion", "the name of another report", |it| it["report"] = "size".into()),
        ("conversion", "no notes", |it| without(it, "notes")),
        ("conversion", "a note without its code", |it| without(&mut it["notes"][0], "code")),
        ("conversion", "a stranger among the keys", |it| it["hint"] = 1.into()),
        ("size", "money as a number", |it| it["size"]["total"]["mean"]["amount"] = 14069.33.into()),
        ("size --by owner", "a group that is a number", |it| it["size"]["groups"][0]["owner"] = 7.into()),
        ("slippage", "a day that is none", |it| {
            it["past_close_date"]["total"][0]["close_date"] = "tomorrow".into();
        }),
    ];
    for (words, what, spoil) in spoilt {
        let mut report = report(&[&acme()], words);
        assert!(validator.is_valid(&report), "{words}");
        spoil(&mut report);
        assert!(!validator.is_valid(&report), "{what}");
    }
}
