//! What a crash, a failing disk or a full one leaves behind, at each file operation of each changing command: the state
//! before or the state after, byte for byte; never half, and nothing lying about. In every store.
//!
//! The faults are asked for by `PIPELINE_FAULT`, which only debug builds know.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// More operations than any command makes.
const MANY: usize = 200;

fn pipeline(folder: &Path, arguments: &[&str], fault: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(arguments);
    command.env("PIPELINE_TODAY", "2026-11-24").env("PIPELINE_USER", "ana").env_remove("PIPELINE_FAULT");
    if let Some(fault) = fault {
        command.env("PIPELINE_FAULT", fault);
    }
    command.output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pipeline(folder, arguments, None);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Where a folder keeps its deals and its history.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Store {
    /// deals.csv and history.csv.
    Csv,
    /// A YAML file per deal and a CSV file per year.
    Yaml,
}

/// The files of the team, byte for byte, by their paths.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for inside in ["", "deals", "history"] {
        for entry in fs::read_dir(folder.join(inside)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.join(".pipeline")).unwrap();
    for (name, bytes) in files(from) {
        fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
        fs::write(to.join(&name), bytes).unwrap();
    }
    for name in [".pipeline/undo", ".pipeline/.gitignore"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// A folder with two deals, one change that can be undone, and one that was.
fn start(scratch: &Path, store: Store) -> PathBuf {
    let folder = scratch.join("start");
    fs::create_dir_all(&folder).unwrap();
    done(&folder, &["init", folder.to_str().unwrap(), "-q"]);
    if store == Store::Yaml {
        done(&folder, &["convert", "--deals", "yaml", "--history", "years"]);
    }
    done(&folder, &["add", "Acme, Ltd", "--value", "12000"]);
    done(&folder, &["add", "潛在客戶", "--set", "owner=ana"]);
    done(&folder, &["move", "deal-2", "needs"]);
    done(&folder, &["undo"]);
    done(&folder, &["set", "deal-1", "account=Acme"]);
    folder
}

/// The files without the last row of history.
fn without_last_row(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    for name in ["history.csv", "history/2026.csv"] {
        if let Some(bytes) = files.get_mut(name) {
            let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
            bytes.truncate(end + 1);
        }
    }
    files
}

/// Runs a command with a fault at each of its file operations in turn.
fn survives(name: &str, arguments: &[&str]) {
    for store in [Store::Csv, Store::Yaml] {
        survives_in(store, name, arguments);
    }
}

fn survives_in(store: Store, name: &str, arguments: &[&str]) {
    let scratch = tempfile::Builder::new().prefix("空 白 ").tempdir().unwrap();
    let start = start(scratch.path(), store);
    let import = scratch.path().join("import.csv");
    fs::write(&import, "id,name,stage\nx-1,One,needs\nx-2,Two,won\n").unwrap();
    let arguments: Vec<&str> = arguments
        .iter()
        .map(|word| if *word == "IMPORT" { import.to_str().unwrap() } else { word })
        .collect();
    let listing = ["list", "-f", "tsv"];

    let after_folder = scratch.path().join("after");
    copy(&start, &after_folder);
    done(&after_folder, &arguments);
    let (before, after) = (files(&start), files(&after_folder));
    let seen = [done(&start, &listing), done(&after_folder, &listing)];
    assert_ne!(before, after, "{name} changes nothing");

    for kind in ["stop", "eio", "full"] {
        let mut operations = 0;
        for number in 1..MANY {
            let folder = scratch.path().join("folder");
            copy(&start, &folder);
            let output = pipeline(&folder, &arguments, Some(&format!("{number}:{kind}")));
            if output.status.success() {
                break;
            }
            operations = number;
            let context =
                format!("{name}, {kind} at operation {number}: {}", String::from_utf8_lossy(&output.stderr));
            let listed = done(&folder, &listing);
            assert!(seen.contains(&listed), "a reader saw neither before nor after; {context}");
            if kind != "stop" {
                assert_eq!(output.status.code(), Some(1), "{context}");
            }
            done(&folder, &["log", "deal-1", "note", "next"]);
            let now = without_last_row(files(&folder));
            assert!(now == before || now == after, "neither before nor after; {context}\n{now:?}");
            // A conversion shows in no listing.
            if seen[0] != seen[1] {
                assert_eq!(now == after, listed == seen[1], "what a reader saw is not what came; {context}");
            }
            if kind == "stop" {
                done(&folder, &["check"]);
            }
            let mut own: Vec<String> = fs::read_dir(folder.join(".pipeline"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            own.sort();
            assert_eq!(own, [".gitignore", "end", "lock", "schema.json", "undo"], "{context}");
        }
        assert!(operations >= 8, "{name}: {kind} struck only {operations} operations");
    }
}

#[test]
fn add_survives() {
    survives("add", &["add", "Third", "--value", "5"]);
}

#[test]
fn move_survives() {
    survives("move", &["move", "deal-1", "deal-2", "proposal"]);
}

#[test]
fn lose_survives() {
    survives("lose", &["lose", "deal-1", "--reason", "price"]);
}

#[test]
fn set_survives() {
    survives("set", &["set", "deal-2", "value=7", "owner=ben"]);
}

#[test]
fn log_survives() {
    survives(
        "log",
        &["log", "deal-1", "call", "said \"yes\",\ntwice", "--next", "Quote", "--due", "today+3d"],
    );
}

#[test]
fn import_survives() {
    survives("import", &["import", "csv", "IMPORT"]);
}

#[test]
fn convert_survives() {
    survives_in(Store::Csv, "convert", &["convert", "--deals", "yaml", "--history", "years"]);
    survives_in(Store::Yaml, "convert", &["convert", "--deals", "csv", "--history", "file"]);
}

#[test]
fn undo_survives() {
    survives("undo", &["undo"]);
}

#[test]
fn redo_survives() {
    survives("redo", &["undo", "--redo"]);
}

#[test]
fn delete_survives() {
    survives("delete", &["delete", "deal-2", "--reason", "a slip"]);
}

#[test]
fn erase_survives() {
    survives("delete --erase", &["delete", "deal-2", "--erase", "--reason", "asked to be forgotten"]);
}

#[test]
fn merge_survives() {
    survives("merge", &["merge", "deal-2", "--into", "deal-1"]);
}
