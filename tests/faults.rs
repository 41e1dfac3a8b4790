//! What the operating system refuses: each system call of a changing command that touches a file fails in turn, or the
//! process is killed at it, by `strace -e inject`. Unlike `crash.rs` this is the program as it is shipped, without a
//! layer of ours below the door.
//!
//! `cargo test --test faults -- --ignored --nocapture`; it says so and does nothing where there is no strace.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a long run says how much it struck")]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// More calls of one kind than any command makes.
const MANY: usize = 300;

/// What is injected, `#` being the number of the call, and whether it is to fail from there on, as a full disk does.
const FAULTS: [(&str, &str); 8] = [
    ("fsync", "error=EIO:when=#"),
    ("rename", "error=EIO:when=#"),
    ("unlink", "error=EIO:when=#"),
    ("write", "error=ENOSPC:when=#+"),
    ("write", "error=EIO:when=#"),
    ("fsync", "signal=KILL:when=#"),
    ("rename", "signal=KILL:when=#"),
    ("write", "signal=KILL:when=#"),
];

fn pipeline(folder: &Path, arguments: &[&str], inject: Option<&str>) -> Output {
    let program = env!("CARGO_BIN_EXE_pipeline");
    let mut command = match inject {
        None => Command::new(program),
        Some(inject) => {
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", inject, program]);
            strace
        }
    };
    command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
    command.env("PIPELINE_TODAY", "2026-11-24").env("PIPELINE_USER", "ana").output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = pipeline(folder, arguments, None);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.join(".pipeline")).unwrap();
    for name in ["pipeline.yaml", "deals.csv", "history.csv", ".pipeline/undo", ".pipeline/.gitignore"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

fn files(folder: &Path) -> [String; 2] {
    ["deals.csv", "history.csv"].map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

/// The files once the next command has put right what was left, without the row that this command wrote.
fn settled(folder: &Path) -> [String; 2] {
    done(folder, &["log", "deal-2", "note", "next"]);
    let [deals, history] = files(folder);
    let rest = history.trim_end().rsplit_once('\n').map(|(rest, _)| format!("{rest}\n"));
    [deals, rest.unwrap_or_default()]
}

#[test]
#[ignore = "long: needs strace, a run for each system call"]
fn every_refused_system_call_leaves_before_or_after() {
    let able = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !able.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no strace here that may trace");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let start = scratch.path().join("start");
    fs::create_dir(&start).unwrap();
    done(&start, &["init", "-q"]);
    done(&start, &["add", "One", "--value", "12000"]);
    done(&start, &["add", "Two", "--set", "owner=ana"]);
    done(&start, &["move", "deal-2", "needs"]);

    let (mut struck, mut kept) = (0, 0);
    let commands: [&[&str]; 4] = [
        &["move", "deal-1", "deal-2", "proposal", "-q"],
        &["add", "Three", "-q"],
        &["undo", "-q"],
        &["delete", "deal-1", "--erase", "--reason", "asked", "-q"],
    ];
    for arguments in commands {
        let (after, folder) = (scratch.path().join("after"), scratch.path().join("folder"));
        copy(&start, &after);
        done(&after, arguments);
        let (before, after) = (files(&start), files(&after));
        for (call, what) in FAULTS {
            for number in 1..MANY {
                copy(&start, &folder);
                let inject = format!("inject={call}:{}", what.replace('#', &number.to_string()));
                let output = pipeline(&folder, arguments, Some(&inject));
                let context = format!("{arguments:?} {inject}: {}", String::from_utf8_lossy(&output.stderr));
                assert!(!context.contains("strace: "), "{context}");
                let killed = output.status.signal().is_some() || output.status.code() == Some(137);
                if output.status.success() {
                    // Past the last call of the kind; or its failure did not matter, as that of the holder's name.
                    assert_eq!(files(&folder), after, "{context}");
                    if number > 25 {
                        break;
                    }
                    continue;
                }
                struck += 1;
                assert!(killed || output.status.code() == Some(1), "{:?} {context}", output.status);
                let now = settled(&folder);
                assert!(now == before || now == after, "{context}");
                kept += usize::from(now == after);
                done(&folder, &["check", "-q"]);
                let left = fs::read_dir(folder.join(".pipeline")).unwrap().flatten();
                let stray = left.filter(|entry| {
                    let name = entry.file_name();
                    !["end", "lock", "undo", "schema.json", ".gitignore"].contains(&&*name.to_string_lossy())
                });
                assert_eq!(stray.count(), 0, "{context}");
            }
        }
    }
    eprintln!(
        "{struck} refused calls and kills: {} left the state before, {kept} the one after",
        struck - kept
    );
    assert!(struck > 50, "only {struck} calls were struck");
}
