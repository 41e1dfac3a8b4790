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

#[test]
fn the_workflow_comments_the_weeks_report() {
    let text = fs::read_to_string(source("examples/github/report.yml")).unwrap();
    let workflow: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let steps = workflow["jobs"]["report"]["steps"].as_sequence().unwrap();
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    let home = Home::new();
    // There is no comment to edit yet: then a new one is made.
    let gh = home.path("bin/gh");
    let script =
        "#!/bin/sh\necho \"$@\" >>gh.log\ncase $* in *--edit-last*) exit 1;; esac\ncat week.md >comment\n";
    fs::write(&gh, script).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    for run in runs.iter().filter(|run| !run.starts_with("cargo ")) {
        let mut step = home.command("sh");
        step.args(["-ec", run]).current_dir(home.path("acme")).env("NUMBER", "7").assert().success();
    }
    let comment = fs::read_to_string(home.path("acme/comment")).unwrap();
    assert!(
        comment.contains("2026-11-09 – 2026-11-15") && comment.contains("| Won | 1 | 18,252.00 |"),
        "{comment}"
    );
    let called = fs::read_to_string(home.path("acme/gh.log")).unwrap();
    assert_eq!(called, "pr comment 7 --body-file week.md --edit-last\npr comment 7 --body-file week.md\n");
}

#[test]
fn the_makefile_makes_its_files_again_when_the_folder_changes() {
    if !there_is("make") || !there_is("sqlite3") {
        return;
    }
    let page = fs::read_to_string(source("docs/scripting.md")).unwrap();
    let makefile = page.split("```text\n").find(|block| block.starts_with("files :=")).unwrap();
    let home = Home::new();
    fs::rename(home.path("acme"), home.path("sales")).unwrap();
    fs::write(home.path("Makefile"), makefile.split("```").next().unwrap()).unwrap();
    home.command("make").arg("-s").assert().success();
    for name in ["report.html", "forecast.csv", "pipeline.db"] {
        assert!(fs::metadata(home.path(name)).unwrap().len() > 0, "{name}");
    }
    home.command("make").arg("-q").assert().success();
    home.command("pipeline").args(["-C", "sales", "log", "deal-42", "note", "Rang"]).assert().success();
    home.command("make").arg("-q").assert().code(1);
}

#[test]
fn what_packagers_need_comes_from_the_program() {
    let home = Home::new();
    let manifest = fs::read_to_string(source("Cargo.toml")).unwrap();
    for asset in [
        "target/package/man/*.gz",
        "target/package/completions/pipeline\"",
        "target/package/completions/_pipeline",
        "target/package/completions/pipeline.fish",
    ] {
        assert!(manifest.contains(asset), "{asset}");
    }
    // It writes into target/ of the sources it stands in.
    fs::create_dir_all(home.path("sources/packaging")).unwrap();
    fs::copy(source("packaging/bundle"), home.path("sources/packaging/bundle")).unwrap();
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(source(name), home.path("sources").join(name)).unwrap();
    }
    let mut bundle = home.command(home.path("sources/packaging/bundle"));
    bundle.args([env!("CARGO_BIN_EXE_pipeline"), "pipeline-test"]).assert().success();
    let listed = Home::printed(home.command("tar").args(["-tzf", "sources/pipeline-test.tar.gz"]));
    for name in [
        "pipeline",
        "man/pipeline-move.1.gz",
        "man/pipeline-git-setup.1.gz",
        "completions/_pipeline",
        "LICENSE-MIT",
    ] {
        assert!(listed.lines().any(|line| line == format!("pipeline-test/{name}")), "{name}: {listed}");
    }
    assert!(home.path("sources/target/package/completions/pipeline.fish").is_file());
}
