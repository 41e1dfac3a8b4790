//! Whole reports as a terminal shows them, charts and all: `tests/terminal/60.txt`, `80.txt` and `120.txt` hold what
//! `examples/acme`, with its Chinese names, looks like at that width.
//!
//! After a change: `UPDATE=1 cargo test --test terminal`, then read what was written. `\e` stands for an escape.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use unicode_width::UnicodeWidthStr;

/// What is shown at each width.
const SHOWN: [&str; 9] = [
    "report",
    "report stages",
    "report stages --lang zh-TW",
    "report funnel --period 2026",
    "report changes --period 2026",
    "report forecast --lang zh-TW",
    "report size --by owner",
    "report conversion --by month --period 2026 --section closed",
    "board owner=陳怡君 --lang zh-TW",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints on a terminal of so many columns.
fn on_terminal(columns: usize, locale: &str, arguments: &str) -> String {
    let typed = format!(
        "stty cols {columns} rows 50; {} --no-pager -q -C examples/acme --today 2026-11-20 {arguments}",
        env!("CARGO_BIN_EXE_pipeline")
    );
    let mut command = Command::new("script");
    command.current_dir(root()).args(["-qefc", &typed, "/dev/null"]).env_clear();
    command.envs([
        ("PATH", env::var("PATH").unwrap().as_str()),
        ("LC_ALL", locale),
        ("TZ", "UTC"),
        ("TERM", "xterm"),
    ]);
    let output = command.output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap().replace('\r', "");
    assert!(output.status.success(), "{arguments}: {shown}");
    shown
}

/// Holds what is shown against the file that was read and found good.
fn held(name: &str, shown: &str) {
    let path: PathBuf = root().join("tests/terminal").join(name);
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    for (nth, (written, shown)) in written.lines().zip(shown.lines()).enumerate() {
        assert_eq!(written, shown, "{name}:{}", nth + 1);
    }
    assert_eq!(written, shown, "{name}");
}

#[test]
fn reports_fit_each_terminal() {
    for columns in [60, 80, 120] {
        let mut all = String::new();
        for arguments in SHOWN {
            let shown = on_terminal(columns, "C.UTF-8", &format!("--color never {arguments}"));
            for line in shown.lines() {
                assert!(line.width() <= columns, "{arguments} at {columns}: {line}");
            }
            let _ = write!(all, "$ pipeline {arguments}\n{shown}\n");
        }
        held(&format!("{columns}.txt"), &all);
    }
}

#[test]
fn without_utf_8_charts_are_ascii() {
    let mut all = String::new();
    for arguments in [
        "report stages owner=ana",
        "report changes",
        "report forecast --section outlook",
        "report conversion --by month --section closed owner=ben",
    ] {
        let shown = on_terminal(80, "C", &format!("--color never {arguments}"));
        assert!(shown.is_ascii(), "{arguments}:\n{shown}");
        let _ = write!(all, "$ pipeline {arguments}\n{shown}\n");
    }
    held("ascii.txt", &all);
}

/// What is coloured, and that nothing is lost without it.
#[test]
fn colour_only_helps() {
    let mut all = String::new();
    for arguments in [
        "report changes",
        "report forecast --section outlook",
        "report stages --section ages",
        "report conversion --by month --section closed",
    ] {
        let coloured = on_terminal(80, "C.UTF-8", &format!("--color always {arguments}"));
        let plain = on_terminal(80, "C.UTF-8", &format!("--color never {arguments}"));
        assert_eq!(uncoloured(&coloured), plain);
        let _ = write!(all, "$ pipeline {arguments}\n{}\n", coloured.replace('\x1b', "\\e"));
    }
    held("colour.txt", &all);
}

/// Without what switches colours.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap();
    let rest = parts.map(|part| part.split_once('m').unwrap().1);
    [first].into_iter().chain(rest).collect()
}

/// What a command prints on a terminal of 80 columns and 20 lines, with a pager that marks its lines.
fn paged(pager: &str, arguments: &str) -> String {
    let typed = format!(
        "stty cols 80 rows 20; {} -q -C examples/acme --today 2026-11-20 {arguments}",
        env!("CARGO_BIN_EXE_pipeline")
    );
    let mut command = Command::new("script");
    command.current_dir(root()).args(["-qefc", &typed, "/dev/null"]).env_clear();
    command.envs([("PATH", env::var("PATH").unwrap().as_str()), ("LC_ALL", "C.UTF-8"), ("TERM", "xterm")]);
    command.env("PAGER", pager);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments}");
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}

#[test]
fn what_is_longer_than_the_screen_is_paged() {
    let mark = "sed 's/^/| /'";
    for arguments in ["list", "list -f csv", "report", "show deal-42", "help terms"] {
        let shown = paged(mark, arguments);
        assert!(shown.lines().count() >= 20 && shown.lines().all(|line| line.starts_with("| ")), "{shown}");
    }
    // The whole of it, in its order.
    assert_eq!(paged("sed s/^//", "list"), paged("", "list"));
    let plain = |arguments: &str, pager: &str| {
        let shown = paged(pager, arguments);
        assert!(!shown.is_empty() && !shown.contains("| "), "{arguments}: {shown}");
    };
    plain("list stage=closing", mark);
    plain("list --no-pager -f tsv", mark);
    plain("list -f tsv", "");
    plain("list -f tsv", "cat");
    plain("list -f tsv | cat", mark);
    // Whoever has seen enough ends it quietly.
    assert_eq!(paged("head -1", "list -f tsv --columns id"), "id\n");
    // One that is not there shows nothing, and says so itself.
    assert!(paged("nopagerhere", "list").contains("nopagerhere"));
}

#[test]
fn in_a_pipe_nothing_is_drawn() {
    for arguments in SHOWN {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
        command.current_dir(root()).env_clear().args(["-q", "-C", "examples/acme", "--today", "2026-11-20"]);
        let output = command.args(arguments.split(' ')).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !shown.is_empty(), "{arguments}");
        assert!(!shown.contains(['░', '▒', '▓', '█', '▁', '┃', '─', '\x1b']), "{arguments}:\n{shown}");
    }
}
