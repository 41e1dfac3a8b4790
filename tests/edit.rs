//! `edit` at a terminal: a text that is not understood is opened again, and an interrupt is the editor's.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with one deal, and room beside it.
struct Team {
    root: TempDir,
}

impl Team {
    fn new() -> Team {
        let team = Team { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(team.path("sales")).unwrap();
        fs::create_dir_all(team.path("tmp")).unwrap();
        for command in ["pipeline init -q", "pipeline add 'Crane scales' --value 10k"] {
            assert!(team.run(command, "false").status.success(), "{command}");
        }
        team
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Runs a command of a shell, with this script as the editor.
    fn run(&self, command: &str, editor: &str) -> Output {
        let path = self.path("editor");
        fs::write(&path, format!("#!/bin/sh\n{editor}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let ours = Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap().to_owned();
        let theirs = std::env::var_os("PATH").unwrap();
        let search = std::iter::once(ours).chain(std::env::split_paths(&theirs));
        Command::new("sh")
            .args(["-c", command])
            .current_dir(self.path("sales"))
            .env_clear()
            .env("PATH", std::env::join_paths(search).unwrap())
            .env("TMPDIR", self.path("tmp"))
            .env("EDITOR", &path)
            .envs([("LANG", "C.UTF-8"), ("TZ", "UTC"), ("PIPELINE_TODAY", "2026-07-15"), ("NO_COLOR", "1")])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn value(&self) -> String {
        let output = self.run("pipeline list -f tsv --columns value", "false");
        String::from_utf8(output.stdout).unwrap().lines().nth(1).unwrap_or_default().to_owned()
    }

    /// The texts that were kept.
    fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("tmp")).unwrap();
        entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    }
}

/// Runs the words of a command at a terminal of its own; `None` where there is no program for that.
fn at_a_terminal(words: &str) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("left out: there is no script here");
        return None;
    }
    Some(format!("script -qec '{words}' /dev/null"))
}

#[test]
fn a_text_that_is_not_understood_is_opened_again_until_it_is() {
    let Some(command) = at_a_terminal("pipeline edit deal-1") else { return };
    let team = Team::new();
    // Each time it mends the first thing that it is told of; the third time it writes down what it saw.
    let editor = "cp \"$1\" ../seen\n\
                  if grep -q 'no amount' \"$1\"; then sed -i 's/^value:.*/value: 12k/' \"$1\"\n\
                  elif grep -q 'no date' \"$1\"; then sed -i 's/^close_date:.*/close_date: today+3d/' \"$1\"\n\
                  else sed -i 's/^value:.*/value: much/; s/^close_date:.*/close_date: soon/' \"$1\"; fi";
    let output = team.run(&command, editor);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.trim() == "set value and close_date of deal-1", "{said}");
    assert_eq!(team.value(), "12000.00");
    let seen = fs::read_to_string(team.path("seen")).unwrap();
    let complaints: Vec<&str> = seen.lines().filter(|line| line.starts_with("# ! ")).collect();
    assert_eq!(
        complaints,
        ["# ! close_date: `soon` is no date; write it as 2026-07-14, today, today+3d or today-2w"]
    );
    assert_eq!(team.kept(), [""; 0]);
}

#[test]
fn a_text_that_is_left_as_it_was_is_given_up_and_kept() {
    let Some(command) = at_a_terminal("pipeline edit deal-1") else { return };
    let team = Team::new();
    let output = team.run(&command, "sed -i 's/^value:.*/value: much/' \"$1\"");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("warning: what you wrote is kept in ") && said.contains("`much` is no amount"),
        "{said}"
    );
    assert_eq!(team.value(), "10000.00");
    let kept = team.kept();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains("\nvalue: much\n") && !kept[0].contains("# ! "), "{}", kept[0]);
}

#[test]
fn an_editor_that_never_gets_it_right_is_not_called_for_ever() {
    let Some(command) = at_a_terminal("pipeline edit deal-1") else { return };
    let team = Team::new();
    let output = team.run(&command, "echo x >>../calls; echo \"again-$(wc -l <../calls): x\" >>\"$1\"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(team.path("calls")).unwrap().lines().count(), 10);
}

#[test]
fn an_interrupt_in_the_editor_is_the_editors() {
    let team = Team::new();
    // Of the whole group, as a terminal sends it; the editor goes on.
    let editor = "trap '' INT QUIT; kill -INT $PPID; kill -QUIT $PPID; sleep 0.2\n\
                  sed -i 's/^value:.*/value: 12k/' \"$1\"";
    let output = team.run("exec pipeline edit deal-1", editor);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(team.value(), "12000.00");
}
