//! The same commands on every store: the same answers, and a folder that moves from one to the other and back.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(arguments);
    command.env("PIPELINE_TODAY", "2026-11-24").env("PIPELINE_USER", "ana").env_remove("PIPELINE_FAULT");
    command.output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=ana", "-c", "user.email=a@b"]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// How a new folder is converted before anything happens.
const STORES: [&[&str]; 4] = [
    &[],
    &["convert", "--deals", "yaml"],
    &["convert", "--history", "years"],
    &["convert", "--deals", "yaml", "--history", "years"],
];

fn folder(scratch: &Path, store: usize) -> PathBuf {
    let folder = scratch.join(format!("store-{store}")).join("same");
    fs::create_dir_all(&folder).unwrap();
    done(&folder, &["init", folder.to_str().unwrap(), "-q"]);
    if !STORES[store].is_empty() {
        done(&folder, STORES[store]);
    }
    folder
}

/// What people see of a folder.
fn answers(folder: &Path) -> String {
    let ids = done(folder, &["list", "-f", "csv", "--columns", "id"]);
    let mut answers = done(folder, &["list", "--sort", "id", "-f", "json"]);
    for report in [
        &["report", "-f", "json"][..],
        &["report", "conversion", "-f", "json"],
        &["report", "velocity", "-f", "json"],
        &["board", "-f", "json"],
    ] {
        answers.push_str(&done(folder, report));
    }
    for id in ids.lines().skip(1) {
        answers.push_str(&done(folder, &["show", id, "-f", "json"]));
    }
    done(folder, &["check"]);
    // Commands that a report shows name the folder.
    answers.replace(folder.to_str().unwrap(), "")
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for inside in ["", "deals", "history"] {
        for entry in fs::read_dir(folder.join(inside)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn the_same_commands_give_the_same_answers() {
    let scratch = tempfile::tempdir().unwrap();
    let import = scratch.path().join("crm.csv");
    fs::write(&import, "id,name,stage,value,Region,created\nx-1,\"One, \"\"1\"\"\",needs,12000.50,no,2025-03-01\nx-2,Two,won,007.5,,2025-12-31\n").unwrap();
    let import = import.to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["add", "Acme, Ltd", "--value", "12000", "--on", "2025-02-03"],
        &["add", "潛在客戶: 台北 #1", "--set", "owner=ana", "--set", "tags=a, b"],
        &["add", "No", "--value", "10.50", "--on", "2026-01-05"],
        &["move", "deal-1", "needs", "--on", "2025-06-01"],
        &["move", "deal-1", "deal-3", "proposal", "--set", "next_step=yes"],
        &["set", "deal-1", "next_step=say: \"hi\"\nand more", "account=null", "budget=no"],
        &["log", "deal-1", "call", "line one\nline two", "--next", "Quote", "--due", "today+3d"],
        &["import", "csv", import],
        &["set", "x-1", "owner=ben"],
        &["win", "deal-1"],
        &["lose", "deal-3", "--reason", "price"],
        &["reopen", "deal-3", "--note", "called back"],
        &["undo"],
        &["undo"],
        &["undo", "--redo"],
        &["set", "deal-2", "owner="],
        &["set", "x-2", "owner=~"],
        &["undo"],
    ];
    let mut seen: Vec<String> = Vec::new();
    for store in 0..STORES.len() {
        let folder = folder(scratch.path(), store);
        for command in commands {
            done(&folder, command);
        }
        let mut refusals = String::new();
        for command in [
            &["move", "deal-9", "won"][..],
            &["lose", "deal-2", "--reason", "nonsense"],
            &["set", "deal-1", "value=x"],
            &["show", "x-9"],
        ] {
            let output = run(&folder, command);
            assert!(!output.status.success(), "{command:?}");
            refusals.push_str(&String::from_utf8_lossy(&output.stderr).replace(folder.to_str().unwrap(), ""));
        }
        let (before, bytes) = (answers(&folder), files(&folder));
        seen.push(before.clone() + &refusals);
        let mut conversions = 0;
        for to in
            [&["--deals", "yaml"][..], &["--history", "years"], &["--deals", "csv", "--history", "file"]]
        {
            let output = run(&folder, &[&["convert"], to].concat());
            assert!(output.status.success(), "{output:?}");
            conversions += usize::from(String::from_utf8_lossy(&output.stderr).contains("moved"));
            assert_eq!(answers(&folder), before, "store {store}, converted {to:?}");
        }
        for _ in 0..conversions {
            done(&folder, &["undo"]);
        }
        assert_eq!(files(&folder), bytes, "store {store}, converted back");
        assert_eq!(answers(&folder), before, "store {store}, converted back");
    }
    for (store, answers) in seen.iter().enumerate() {
        assert_eq!(*answers, seen[0], "store {store}");
    }
}

#[test]
fn a_move_changes_the_lines_of_one_file_and_undo_puts_them_back() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    done(&folder, &["add", "Acme"]);
    done(&folder, &["add", "Other"]);
    let path = folder.join("deals/deal-1.yaml");
    let text = "# ours\r\nname: \"Acme\"   # the name\r\nid: deal-1\r\n\r\nstage: 'prospecting' # where\r\nstage_since: 2026-11-24T12:00:00.000Z\r\nstory: |\r\n  潛在\r\n  客戶\r\n# the end";
    fs::write(&path, text).unwrap();
    let before = files(&folder);
    done(&folder, &["move", "deal-1", "needs"]);
    let now = fs::read_to_string(&path).unwrap();
    assert_eq!(
        now,
        text.replace("'prospecting'", "'needs'").replace("12:00:00.000Z", "12:00:00.001Z"),
        "only the values"
    );
    let changed: Vec<_> =
        files(&folder).into_iter().filter(|(name, bytes)| before.get(name) != Some(bytes)).collect();
    assert_eq!(changed.len(), 2, "the deal and the history");
    done(&folder, &["undo"]);
    assert_eq!(files(&folder), before);
    done(&folder, &["undo"]);
    assert!(!folder.join("deals/deal-2.yaml").exists(), "what was added is gone");
    done(&folder, &["undo", "--redo"]);
    assert_eq!(files(&folder), before);
}

#[test]
fn what_was_undone_is_not_made_again_over_a_newer_change() {
    let scratch = tempfile::tempdir().unwrap();
    for store in 0..STORES.len() {
        let folder = folder(scratch.path(), store);
        done(&folder, &["add", "Acme"]);
        done(&folder, &["add", "Other"]);
        done(&folder, &["undo"]);
        for newer in [&["set", "deal-1", "owner=ana"][..], &["add", "Another"]] {
            done(&folder, newer);
            let before = files(&folder);
            let redo = run(&folder, &["undo", "--redo"]);
            assert!(redo.status.code() == Some(1) && files(&folder) == before, "store {store}: {redo:?}");
        }
        done(&folder, &["check"]);
        done(&folder, &["undo"]);
        done(&folder, &["undo", "--redo"]);
        assert_eq!(done(&folder, &["list", "-f", "tsv", "--columns", "name"]), "name\nAcme\nAnother\n");
    }
}

#[test]
fn an_event_goes_into_the_file_of_its_year() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 2);
    done(&folder, &["add", "Old", "--on", "2024-05-05"]);
    done(&folder, &["move", "deal-1", "needs", "--on", "2025-12-31"]);
    done(&folder, &["log", "deal-1", "note", "x"]);
    for (year, rows) in [("2024", 3), ("2025", 2), ("2026", 2)] {
        let text = fs::read_to_string(folder.join(format!("history/{year}.csv"))).unwrap();
        assert!(text.starts_with("at,deal,event,field,from,to,by,note\n"));
        assert_eq!(text.lines().count(), rows, "{year}");
    }
    assert!(!folder.join("history.csv").exists());
    done(&folder, &["undo"]);
    assert!(!folder.join("history/2026.csv").exists(), "a file that came with the change goes with it");
    fs::write(
        folder.join("history/2025.csv"),
        "at,deal,event,field,from,to,by,note\n2025-01-01,deal-1,note,,,,,\n",
    )
    .unwrap();
    let output = run(&folder, &["report"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("history/2025.csv:2:1"));
}

#[test]
fn a_broken_file_is_one_deal_left_out_and_others_can_be_changed() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    done(&folder, &["add", "Acme"]);
    done(&folder, &["add", "Other"]);
    fs::write(folder.join("deals/deal-2.yaml"), "id: deal-2\nname: [\n").unwrap();
    let output = run(&folder, &["report"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("deals/deal-2.yaml:2:7"), "{output:?}");
    done(&folder, &["report", "--lenient"]);
    done(&folder, &["move", "deal-1", "needs"]);
    let output = run(&folder, &["move", "deal-2", "needs"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(done(&folder, &["add", "Third"]), "deal-3\n", "its id is taken");
    let output = run(&folder, &["convert", "--deals", "csv"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn links_are_not_written_through() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    done(&folder, &["add", "Acme"]);
    fs::rename(folder.join("deals"), scratch.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(scratch.path().join("elsewhere"), folder.join("deals")).unwrap();
    let before = files(&folder);
    let output = run(&folder, &["set", "deal-1", "owner=ben"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(files(&folder), before);
}

#[test]
fn an_id_that_names_no_file_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 1);
    let import = scratch.path().join("crm.csv");
    fs::write(&import, "id,name,stage\n../x,One,needs\n").unwrap();
    let before = files(&folder);
    let output = run(&folder, &["import", "csv", import.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("../x"), "{output:?}");
    assert_eq!(files(&folder), before);
}

#[test]
fn convert_keeps_pipeline_yaml_and_the_attributes() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 0);
    done(&folder, &["add", "Acme"]);
    fs::write(
        folder.join(".gitattributes"),
        "*.png binary\nhistory.csv merge=union -text\ndeals.csv merge=pipeline -text",
    )
    .unwrap();
    let process = fs::read_to_string(folder.join("pipeline.yaml")).unwrap();
    let before = files(&folder);
    done(&folder, &["convert", "--deals", "yaml", "--history", "years", "--dry-run"]);
    assert_eq!(files(&folder), before);
    done(&folder, &["convert", "--deals", "yaml", "--history", "years"]);
    let now = fs::read_to_string(folder.join("pipeline.yaml")).unwrap();
    let without: String = now
        .split_inclusive('\n')
        .filter(|line| *line != "deals: deals/\n" && *line != "history: history/\n")
        .collect();
    assert_eq!(without, process);
    assert_eq!(
        fs::read_to_string(folder.join(".gitattributes")).unwrap(),
        "*.png binary\nhistory/*.csv merge=union -text\ndeals/*.yaml -text\n"
    );
    assert_eq!(
        fs::read_to_string(folder.join("history/2026.csv")).unwrap().into_bytes(),
        before[Path::new("history.csv")]
    );
    done(&folder, &["undo"]);
    assert_eq!(files(&folder), before);
    done(&folder, &["undo", "--redo"]);
    done(&folder, &["convert", "--deals", "csv", "--history", "file"]);
    for name in ["deals.csv", "history.csv"] {
        assert_eq!(files(&folder)[Path::new(name)], before[Path::new(name)], "{name}");
    }
    assert!(!folder.join("deals").exists() && !folder.join("history").exists(), "no empty folders are left");
}

#[test]
fn what_is_erased_is_in_no_store() {
    let scratch = tempfile::tempdir().unwrap();
    for store in 0..STORES.len() {
        let folder = folder(scratch.path(), store);
        done(&folder, &["add", "Secret One", "--on", "2025-02-03"]);
        done(&folder, &["add", "Other", "--on", "2025-02-04"]);
        done(&folder, &["log", "deal-1", "call", "Secret number", "--on", "2025-03-01"]);
        done(&folder, &["log", "deal-2", "call", "kept", "--on", "2025-03-02"]);
        done(&folder, &["move", "deal-1", "needs", "--note", "Secret"]);
        let card = folder.join("deals/deal-1.yaml");
        if card.exists() {
            fs::write(&card, format!("# Secret comment\n{}", fs::read_to_string(&card).unwrap())).unwrap();
        }
        done(&folder, &["add", "Secret Two", "--value", "1"]);
        done(&folder, &["merge", "deal-3", "--into", "deal-1"]);
        done(&folder, &["delete", "deal-1", "--reason", "asked to", "--erase"]);
        let text: String =
            files(&folder).into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
        assert!(!text.contains("Secret"), "store {store}: {text}");
        assert!(text.contains("kept") && text.contains(",deleted,"), "store {store}: {text}");
        done(&folder, &["check"]);
        assert_eq!(done(&folder, &["add", "Fourth"]), "deal-4\n", "its id is never used again");
    }
}

#[test]
fn git_is_set_up_for_the_store_there_is() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    git(&folder, &["init", "-q"]);
    fs::remove_file(folder.join(".gitattributes")).unwrap();
    done(&folder, &["git", "setup", "--pre-commit"]);
    assert_eq!(
        fs::read_to_string(folder.join(".gitattributes")).unwrap(),
        "history/*.csv merge=union -text\ndeals/*.yaml -text\n"
    );
    done(&folder, &["add", "Acme"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "sound"]);
    let card = folder.join("deals/deal-1.yaml");
    fs::write(&card, fs::read_to_string(&card).unwrap().replace("prospecting", "prospectng")).unwrap();
    git(&folder, &["add", "-A"]);
    let mut commit = Command::new("git");
    commit.arg("-C").arg(&folder).args([
        "-c",
        "user.name=ana",
        "-c",
        "user.email=a@b",
        "commit",
        "-qm",
        "no",
    ]);
    let output = commit.output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `prospecting`?"), "{output:?}");
    done(&folder, &["git", "setup", "--remove"]);
    assert!(!folder.join(".gitattributes").exists() && !folder.join(".git/hooks/pre-commit").exists());
}

#[test]
fn results_are_not_written_over_deals() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    done(&folder, &["add", "Acme"]);
    let before = files(&folder);
    for file in ["deals/deal-1.yaml", "deals/new.csv", "history/2026.csv"] {
        let output = run(&folder, &["list", "-f", "csv", "-o", folder.join(file).to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{file}: {output:?}");
    }
    assert_eq!(files(&folder), before);
}

#[test]
fn revisions_and_undo_after_a_commit_know_every_store() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 3);
    git(&folder, &["init", "-q"]);
    done(&folder, &["add", "Acme", "--on", "2025-05-05"]);
    done(&folder, &["add", "潛在"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-qm", "two deals"]);
    let listed = done(&folder, &["list", "-f", "json"]);
    let report = done(&folder, &["report", "--section", "open", "-f", "json"]);
    done(&folder, &["lose", "deal-1", "--reason", "price"]);
    assert_eq!(done(&folder, &["list", "-f", "json", "--rev", "HEAD"]), listed);
    assert_eq!(done(&folder, &["report", "--section", "open", "-f", "json", "--rev", "HEAD"]), report);
    git(&folder, &["commit", "-qam", "lost"]);
    done(&folder, &["undo"]);
    assert_eq!(done(&folder, &["list", "-f", "json"]), listed);
    let history = fs::read_to_string(folder.join("history/2026.csv")).unwrap();
    assert!(history.contains(",void,stage,"), "{history}");
    done(&folder, &["convert", "--deals", "csv"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-qm", "converted"]);
    let output = run(&folder, &["undo"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("pipeline convert"), "{output:?}");
}

/// A text for a cell, awkward more often than not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z 潛在0-9:#,'\"\\\\\\[\\]{}|>&*!%@`~?.\n\r\t-]{1,12}",
        "(yes|no|NO|null|~|007|1e3|12000\\.50|2026-01-01|2026-01-01T00:00:00Z|-|---|true)",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cells_come_back_from_yaml(rows in prop::collection::vec((cell(), cell(), cell(), cell()), 1..40)) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = folder(scratch.path(), 0);
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut lines = vec!["stage,id,name,tags,no,\"a: b\"\r\n".to_owned()];
        for (number, (name, tags, no, other)) in rows.iter().enumerate() {
            let cells = [name, tags, no, other].map(|cell| quoted(cell)).join(",");
            lines.push(format!("needs,x-{number},{cells}\r\n"));
        }
        fs::write(folder.join("deals.csv"), lines.concat()).unwrap();
        let listed = || records(&done(&folder, &["list", "--sort", "id", "-f", "json"]));
        let before = listed();
        done(&folder, &["convert", "--deals", "yaml"]);
        let between = listed();
        done(&folder, &["convert", "--deals", "csv"]);
        let after = listed();
        prop_assert_eq!(&filled(&before), &filled(&between));
        prop_assert_eq!(&filled(&before), &filled(&after));
    }
}

fn records(json: &str) -> Vec<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    let list = value.get("deals").cloned().unwrap_or(value);
    list.as_array().unwrap().clone()
}

/// The cells that hold something: an empty one may have a column or not.
fn filled(records: &[serde_json::Value]) -> Vec<BTreeMap<String, String>> {
    let cells = |record: &serde_json::Value| {
        let record = record.as_object().unwrap();
        let filled = record.iter().filter(|(_, cell)| !cell.is_null() && **cell != "");
        filled.map(|(name, cell)| (name.clone(), cell.to_string())).collect()
    };
    records.iter().map(cells).collect()
}
