//! What scripts rely on: many commands at once lose nothing, and a pipe that closes is no failure.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How many commands run at a time; enough to crowd the lock, few enough for two cores.
const AT_ONCE: usize = 20;

fn pipeline(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(arguments);
    command.env("PIPELINE_USER", "ana").env("PIPELINE_TODAY", "2026-07-15").env("LANG", "C.UTF-8");
    command.stdin(Stdio::null());
    command
}

/// What a command prints that has to succeed, without a word beside it.
fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = pipeline(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A new folder, with so many made-up deals.
fn folder(deals: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    printed(dir.path(), &["init", "-q", "--sample", "--deals", deals]);
    dir
}

/// Runs commands, many at once, and gives what each printed; all have to succeed.
fn all_at_once(commands: impl IntoIterator<Item = Command>) -> Vec<String> {
    let mut running: Vec<Child> = Vec::new();
    let mut printed = Vec::new();
    let finish = |child: Child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for mut command in commands {
        if running.len() == AT_ONCE {
            printed.push(finish(running.remove(0)));
        }
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    }
    printed.extend(running.into_iter().map(finish));
    printed
}

#[test]
fn a_hundred_adds_at_once_make_a_hundred_deals() {
    let dir = folder("0");
    let names: Vec<String> = (0..100).map(|number| format!("Deal {number}")).collect();
    let printed_ids = all_at_once(
        names.iter().map(|name| pipeline(dir.path(), &["add", name, "--value", "10k", "--wait", "60"])),
    );
    let ids: BTreeSet<String> = printed_ids.iter().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(ids, (1..=100).map(|number| format!("deal-{number}")).collect());
    printed(dir.path(), &["check"]);
    let listed = printed(dir.path(), &["list", "-f", "tsv", "--columns", "name"]);
    let listed: BTreeSet<&str> = listed.lines().skip(1).collect();
    assert_eq!(listed, names.iter().map(String::as_str).collect());
}

#[test]
fn moves_at_once_lose_none() {
    let dir = folder("0");
    let stages = ["qualification", "contact", "needs"];
    let ids: Vec<String> =
        (0..12).map(|_| printed(dir.path(), &["add", "x"]).trim_end().to_owned()).collect();
    // Each deal goes through three stages, one after the other in each round, all deals at once.
    for stage in stages {
        let mut moves: Vec<Command> =
            ids.iter().map(|id| pipeline(dir.path(), &["move", id, stage, "--wait", "60"])).collect();
        // Readers in between see a sound folder.
        moves.extend((0..3).map(|_| pipeline(dir.path(), &["check"])));
        all_at_once(moves);
    }
    assert_eq!(printed(dir.path(), &["list", "stage=needs", "-f", "jsonl"]).lines().count(), ids.len());
    let history = std::fs::read_to_string(dir.path().join("history.csv")).unwrap();
    for id in &ids {
        let moved = history.lines().filter(|line| line.contains(&format!(",{id},stage,"))).count();
        assert_eq!(moved, 1 + stages.len(), "{id}");
    }
    printed(dir.path(), &["check"]);
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    // More than a pipe holds, so that the program writes after its reader has gone.
    let dir = folder("2000");
    for arguments in [&["list"][..], &["list", "-f", "csv"], &["list", "-f", "json"]] {
        let mut child =
            pipeline(dir.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert!(output.status.success(), "{arguments:?}");
    }
}

#[test]
fn what_is_piped_has_neither_colour_nor_boxes() {
    let dir = folder("40");
    let commands: [&[&str]; 9] = [
        &["list"],
        &["board"],
        &["stages"],
        &["show", "deal-1"],
        &["report"],
        &["report", "conversion", "--period", "2025"],
        &["report", "funnel", "--period", "2025"],
        &["report", "size", "--period", "2025", "--by", "owner"],
        &["report", "velocity", "--period", "2025"],
    ];
    for arguments in commands {
        let text = printed(dir.path(), arguments);
        let box_drawing = |c: char| ('\u{2500}'..='\u{257f}').contains(&c);
        assert!(!text.contains(['\u{1b}', '\r']) && !text.contains(box_drawing), "{arguments:?}: {text}");
        assert!(!text.lines().any(|line| line.ends_with(' ')), "{arguments:?} ends lines with blanks");
    }
}
