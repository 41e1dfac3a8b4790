//! The scripts of `examples/scripts`, run on a copy of `examples/acme` as a person would run them.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// The day that every command takes for today.
const TODAY: &str = "2026-11-20";

/// A home with a copy of the example folder in it, and a folder for programs that stand in for others.
struct Home {
    root: TempDir,
}

impl Home {
    fn new() -> Home {
        let home = Home { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(home.path("bin")).unwrap();
        Home::copy_acme(&home.path("acme"));
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn copy_acme(to: &Path) {
        fs::create_dir_all(to).unwrap();
        for name in ["pipeline.yaml", "deals.csv", "history.csv", ".gitattributes"] {
            fs::copy(source("examples/acme").join(name), to.join(name)).unwrap();
        }
    }

    /// A program in this home, with ours in its path and nothing of the person who runs the tests.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let ours = Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap().to_owned();
        let theirs = std::env::var_os("PATH").unwrap();
        let path = [self.path("bin"), ours].into_iter().chain(std::env::split_paths(&theirs));
        let mut command = Command::new(program);
        command
            .current_dir(self.root.path())
            .env_clear()
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("HOME", self.root.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("PIPELINE_TODAY", TODAY);
        command
    }

    fn script(&self, name: &str) -> Command {
        self.command(source("examples/scripts").join(name))
    }

    /// Runs a command that has to succeed, and gives what it prints.
    fn printed(command: &mut Command) -> String {
        String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut git = self.command("git");
        git.args(["-c", "user.name=ana", "-c", "user.email=ana@example.com"]).args(arguments);
        git
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Whether there is a program; says so when a test is left out for want of it.
fn there_is(program: &str) -> bool {
    let found = Command::new(program).arg("--version").ok().is_ok();
    if !found {
        eprintln!("left out: there is no {program} here");
    }
    found
}

#[test]
fn the_weekly_report_is_printed_written_or_mailed() {
    let home = Home::new();
    let printed = Home::printed(home.script("weekly-report").arg("acme"));
    assert!(printed.starts_with("2026-11-09 – 2026-11-15 · "), "{printed}");
    // One deal was won between 9 and 15 November, three were created, and nothing was lost.
    for part in [
        "| Created | 3 | 0.00 |\n| Won | 1 | 18,252.00 |\n| Lost | 0 | 0.00 |",
        "| Pushed | 0 | ",
        "| 2026-Q4 | 114,392.00 | ",
        "\n## Worst bottleneck\n",
        "| `pipeline -C acme list status=open next_date=..yesterday` |",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }

    home.script("weekly-report").args(["acme", "week.md"]).assert().success().stdout("");
    assert_eq!(fs::read_to_string(home.path("week.md")).unwrap(), printed);

    // `mail` is not everywhere, and must not send anything from here.
    let mail = home.path("bin/mail");
    fs::write(&mail, "#!/bin/sh\n{ printf '%s|' \"$@\"; echo; cat; } >\"$HOME/mailed\"\n").unwrap();
    fs::set_permissions(&mail, fs::Permissions::from_mode(0o755)).unwrap();
    home.script("weekly-report").args(["acme", "team@example.com"]).assert().success().stdout("");
    let mailed = fs::read_to_string(home.path("mailed")).unwrap();
    let (arguments, page) = mailed.split_once('\n').unwrap();
    assert!(arguments.starts_with("-s|Sales, week of 20"), "{arguments}");
    assert!(arguments.ends_with("|team@example.com|"), "{arguments}");
    assert_eq!(page, printed);
}

#[test]
fn a_report_that_fails_is_not_mailed() {
    let home = Home::new();
    let mail = home.path("bin/mail");
    fs::write(&mail, "#!/bin/sh\ntouch \"$HOME/mailed\"\n").unwrap();
    fs::set_permissions(&mail, fs::Permissions::from_mode(0o755)).unwrap();
    home.script("weekly-report").args(["nowhere", "team@example.com"]).assert().failure();
    assert!(!home.path("mailed").exists());
}

#[test]
fn scripts_without_a_folder_say_how_they_are_used() {
    let home = Home::new();
    for name in ["weekly-report", "nudge"] {
        let output = home.script(name).assert().failure().get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("usage: {name} FOLDER")), "{said}");
    }
}

#[test]
fn a_nudge_is_a_line_for_each_overdue_step() {
    if !there_is("jq") {
        return;
    }
    let home = Home::new();
    let printed = Home::printed(home.script("nudge").args(["acme", "owner=ana"]));
    assert_eq!(
        printed,
        "ana: deal-5 since 2026-11-16: Wait for the tender, ask Dr. Köstner for the dates \
         (Rahmenvertrag Sensorik, 2 Jahre)\n"
    );
    assert_eq!(Home::printed(home.script("nudge").args(["acme", "owner=nobody"])), "");
    home.script("nudge").args(["acme", "ownr=ana"]).assert().failure().stdout("");
}

#[test]
fn the_hook_lets_sound_files_pass_and_stops_unsound_ones() {
    if !there_is("git") {
        return;
    }
    let home = Home::new();
    home.git(&["init", "-q"]).assert().success();
    fs::create_dir_all(home.path(".git/hooks")).unwrap();
    fs::copy(source("examples/scripts/pre-commit"), home.path(".git/hooks/pre-commit")).unwrap();
    // A folder whose name git would quote.
    Home::copy_acme(&home.path("業務 north"));
    home.git(&["add", "acme", "業務 north"]).assert().success();
    home.git(&["commit", "-qm", "Sound"]).assert().success();

    let deals = home.path("業務 north/deals.csv");
    let text = fs::read_to_string(&deals).unwrap().replacen(",won,", ",wonn,", 1);
    fs::write(&deals, text).unwrap();
    home.git(&["add", "業務 north"]).assert().success();
    let output = home.git(&["commit", "-qm", "Unsound"]).assert().failure().get_output().clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`wonn` is no stage of this process"), "{said}");

    // What has nothing to do with a pipeline is not held up.
    fs::write(home.path("notes.txt"), "ring the bell\n").unwrap();
    home.git(&["reset", "-q"]).assert().success();
    home.git(&["add", "notes.txt"]).assert().success();
    home.git(&["commit", "-qm", "Notes"]).assert().success();
}
