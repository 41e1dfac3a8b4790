//! Many commands on one folder at once: no row lost or doubled, no reader ever sees half a change.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(arguments).env("PIPELINE_USER", "ana").stdin(Stdio::null());
    command
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn folder(scratch: &Path, deals: usize) -> PathBuf {
    let folder = scratch.join("潛在 客戶");
    done(scratch, &["init", folder.to_str().unwrap(), "--sample", "--deals", &deals.to_string(), "-q"]);
    folder
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// `changes` commands that change the folder, a third each of add, set and log, with readers among them.
fn together(changes: usize, readers: usize) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 50);
    let rows = |name: &str| fs::read_to_string(folder.join(name)).unwrap().lines().count();
    let (deals, events) = (rows("deals.csv"), rows("history.csv"));

    let over = AtomicBool::new(false);
    let read = AtomicUsize::new(0);
    let ids: BTreeSet<String> = std::thread::scope(|threads| {
        for _ in 0..readers {
            threads.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    done(&folder, &["check"]);
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let running: Vec<Child> = (0..changes)
            .map(|number| match number % 3 {
                0 => start(&folder, &["add", &format!("Deal {number}"), "--wait", "60"]),
                1 => start(&folder, &["set", "deal-1", &format!("tags=t{number}"), "--wait", "60"]),
                _ => start(&folder, &["log", "deal-2", "note", &format!("note {number}"), "--wait", "60"]),
            })
            .collect();
        let mut ids = BTreeSet::new();
        for child in running {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let id = String::from_utf8(output.stdout).unwrap().trim().to_owned();
            assert!(id.is_empty() || ids.insert(id.clone()), "{id} was given twice");
        }
        over.store(true, Ordering::Relaxed);
        ids
    });
    let of_kind = |kind: usize| (0..changes).filter(|number| number % 3 == kind).count();
    assert_eq!(ids.len(), of_kind(0));
    assert_eq!(rows("deals.csv"), deals + of_kind(0));
    // An addition is two rows, a change of a field one, a note one.
    assert_eq!(rows("history.csv"), events + 2 * of_kind(0) + of_kind(1) + of_kind(2));
    assert!(read.load(Ordering::Relaxed) > 0, "no reader read");
    done(&folder, &["check", "--strict"]);
}

#[test]
fn sixty_commands_at_once_lose_nothing() {
    together(60, 1);
}

#[test]
#[ignore = "long: two hundred processes at once"]
fn two_hundred_commands_at_once_lose_nothing() {
    together(200, 3);
}

#[test]
fn a_command_that_waits_in_vain_names_who_holds_the_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 5);
    done(&folder, &["set", "deal-1", "tags=first"]);
    let lock = fs::File::open(folder.join(".pipeline/lock")).unwrap();
    lock.lock().unwrap();
    let output = command(&folder, &["set", "deal-1", "tags=second", "--wait", "0.05"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("process ") && said.contains("holds the folder"), "{said}");
    lock.unlock().unwrap();
    // Nobody holds it any more, whatever the file says.
    done(&folder, &["set", "deal-1", "tags=second"]);
}
