//! Many commands on one folder at once, and commands killed at any instant: no row lost or doubled, no reader ever sees
//! half a change.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a long run says how much it struck")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

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

/// Kills `runs` commands with SIGKILL at moments spread over the time that one takes, and looks at the folder after each.
fn killed(runs: u32) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = folder(scratch.path(), 500);
    let begun = Instant::now();
    done(&folder, &["set", "deal-1", "tags=first"]);
    let takes = begun.elapsed();
    let mut struck = 0;
    for run in 0..runs {
        let value = format!("tags=t{run}");
        let before = done(&folder, &["show", "deal-1", "-f", "json"]);
        let mut child = start(&folder, &["set", "deal-1", &value]);
        std::thread::sleep(takes.mul_f64(f64::from(run * 7919 % 1000) / 800.0));
        let finished = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        struck += usize::from(!finished);
        let after = done(&folder, &["show", "deal-1", "-f", "json"]);
        assert!(
            after == before || after.contains(&format!("\"t{run}\"")),
            "half a change in run {run}: {after}"
        );
        if finished {
            assert!(after.contains(&format!("\"t{run}\"")), "run {run} had finished and is lost");
        }
        if run % 25 == 0 {
            done(&folder, &["log", "deal-2", "note", "next"]);
            done(&folder, &["check"]);
            let own = fs::read_dir(folder.join(".pipeline")).unwrap();
            let mut own: Vec<String> =
                own.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            own.sort();
            assert_eq!(own, [".gitignore", "end", "lock", "schema.json", "undo"]);
        }
    }
    eprintln!("{struck} of {runs} commands were killed before they had finished");
    assert!(struck > 0, "every command had finished before it was killed");
}

#[test]
fn forty_kills_leave_nothing_half_done() {
    killed(40);
}

#[test]
#[ignore = "long: two thousand kills"]
fn two_thousand_kills_leave_nothing_half_done() {
    killed(2_000);
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
