//! Words completed in the shells that are installed: as bash and fish would ask, and with keys pressed on a terminal.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The day that every command takes for today.
const TODAY: &str = "2026-11-20";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A home with a copy of the example folder in it.
struct Home(TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::create_dir(home.acme()).unwrap();
        for name in ["pipeline.yaml", "deals.csv", "history.csv"] {
            fs::copy(root().join("examples/acme").join(name), home.acme().join(name)).unwrap();
        }
        home
    }

    fn acme(&self) -> PathBuf {
        self.0.path().join("acme")
    }

    /// A program in the example folder, with ours in its path and nothing of the person who runs the tests.
    fn command(&self, program: &str) -> Command {
        let mut path = vec![Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut command = Command::new(program);
        command
            .current_dir(self.acme())
            .env_clear()
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("HOME", self.0.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("TZ", "UTC")
            .env("PIPELINE_TODAY", TODAY)
            .stdin(Stdio::null());
        command
    }

    /// What bash has to choose from for a line that ends at the cursor. `kind` is what readline was asked for: 9 is to
    /// complete, 63 is to list.
    fn bash(&self, line: &str, kind: &str) -> Vec<String> {
        let word = line.rsplit([' ', '=', ':']).next().unwrap();
        let script = "source <(pipeline completions bash)\n\
             COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=$3\n\
             _pipeline pipeline \"$2\" x; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let output =
            self.command("bash").args(["--norc", "-c", script, "bash", line, word, kind]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        lines(&output.stdout)
    }

    /// What fish has to choose from, each with what it is behind a tab.
    fn fish(&self, line: &str) -> Vec<String> {
        let script = "pipeline completions fish | source; complete --do-complete $argv[1]";
        let output = self.command("fish").args(["--no-config", "-c", script, line]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        lines(&output.stdout)
    }

    /// Every file of the folder, with its time.
    fn files(&self) -> Vec<(PathBuf, std::time::SystemTime)> {
        let mut files: Vec<_> = fs::read_dir(self.acme())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.path(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        files.sort();
        files
    }
}

fn lines(printed: &[u8]) -> Vec<String> {
    let text = String::from_utf8(printed.to_vec()).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether there is a program; says so when a test is left out for want of it.
fn there_is(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_err() {
        eprintln!("left out: there is no {program} here");
    }
    found.is_ok()
}

#[test]
fn bash_is_told_what_the_folder_holds() {
    if !there_is("bash") {
        return;
    }
    let home = Home::new();
    let before = home.files();
    for (line, expected) in [
        ("pipeline rep", &["report"][..]),
        (
            "pipeline show deal-14",
            &[
                "deal-14", "deal-140", "deal-141", "deal-142", "deal-143", "deal-144", "deal-145",
                "deal-146", "deal-147", "deal-149",
            ],
        ),
        // deal-148 was deleted. Only open deals can be won, and only closed ones opened again.
        ("pipeline win deal-11", &["deal-117", "deal-119"]),
        ("pipeline reopen deal-117", &[]),
        ("pipeline move deal-42 n", &["needs", "negotiation"]),
        ("pipeline move --where status=open cl", &["closing"]),
        ("pipeline move deal-4", &["deal-42"]),
        ("pipeline list stage=pro", &["prospecting", "proposal"]),
        ("pipeline list stage=proposal,ne", &["proposal,needs", "proposal,negotiation"]),
        ("pipeline list owner!=", &["ana", "ben", "陳怡君"]),
        ("pipeline list stat", &["status="]),
        ("pipeline list @", &["@hot", "@late"]),
        ("pipeline list status=", &["open", "won", "lost", "disqualified", "closed"]),
        ("pipeline list --columns id,clo", &["id,close_date", "id,closed"]),
        ("pipeline list --sort -val", &["-value"]),
        ("pipeline set deal-42 forec", &["forecast="]),
        ("pipeline set deal-42 forecast=", &["commit", r"best\ case", "pipeline", "omitted"]),
        (
            "pipeline lose deal-42 --reason no",
            &[r"no\ decision", r"no\ budget", r"no\ authority", r"not\ a\ fit"],
        ),
        ("pipeline report conv", &["conversion"]),
        (
            "pipeline report conversion --period la",
            &[r"last\ week", r"last\ month", r"last\ quarter", r"last\ year"],
        ),
        ("pipeline report conversion --period 2026-Q", &["2026-Q4", "2026-Q3", "2026-Q2", "2026-Q1"]),
        ("pipeline report conversion --vs p", &["previous"]),
        ("pipeline report conversion --by o", &["owner"]),
        ("pipeline help te", &["terms"]),
        ("pipeline git s", &["setup"]),
        ("pipeline list --li", &["--limit"]),
        ("pipeline list -f js", &["json", "jsonl"]),
        ("pipeline -C nowhere show d", &[]),
    ] {
        assert_eq!(home.bash(line, "9"), expected, "{line}");
    }
    assert_eq!(home.files(), before, "nothing is written");
}

#[test]
fn bash_lists_deals_with_name_and_stage() {
    if !there_is("bash") {
        return;
    }
    let home = Home::new();
    assert_eq!(
        home.bash("pipeline win deal-11", "63"),
        ["deal-117  (佳和紡織染整監控 · proposal)", "deal-119  (Handheld terminals, night shift · proposal)"]
    );
    // Alone it would be put into the line.
    assert_eq!(home.bash("pipeline win deal-117", "63"), ["deal-117"]);
}

#[test]
fn keys_on_a_terminal_complete_words_in_bash() {
    if !there_is("bash") || !there_is("script") {
        return;
    }
    let home = Home::new();
    let mut script = home.command("script");
    // A quote that stays open would swallow the last line, and bash would wait for more.
    script
        .args(["-qec", "timeout --foreground 20 bash --norc -i", "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut shell = script.spawn().unwrap();
    let keys = "PS1=; source <(pipeline completions bash)\n\
         pipeline list stage=clos\t -f jsonl --columns id,stage,reas\t\n\
         pipeline list 'status=lost reason=\"no d\t -f jsonl --columns id,reason --limit 1\n\
         exit\n";
    shell.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(shown.contains(r#"{"id":"deal-99","stage":"closing","reason":null}"#), "{shown}");
    assert!(shown.contains(r#""reason":"no decision"}"#), "{shown}");
}

#[test]
fn fish_is_told_what_the_folder_holds() {
    if !there_is("fish") {
        return;
    }
    let home = Home::new();
    let before = home.files();
    assert_eq!(
        home.fish("pipeline win deal-11"),
        ["deal-117\t佳和紡織染整監控 · proposal", "deal-119\tHandheld terminals, night shift · proposal"]
    );
    assert_eq!(home.fish("pipeline move deal-42 ne"), ["needs\tNeeds analysis", "negotiation\tNegotiation"]);
    assert_eq!(home.fish("pipeline list owner="), ["owner=ana", "owner=ben", "owner=陳怡君"]);
    assert_eq!(home.fish("pipeline -C nowhere win d"), [""; 0]);
    assert_eq!(home.files(), before, "nothing is written");
}

#[test]
fn zsh_takes_the_script() {
    if !there_is("zsh") {
        return;
    }
    let home = Home::new();
    let script =
        "autoload -U compinit; compinit -D; source <(pipeline completions zsh); print $_comps[pipeline]";
    let output = home.command("zsh").args(["-f", "-c", script]).output().unwrap();
    assert_eq!(lines(&output.stdout), ["_pipeline"], "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn unsound_files_are_no_reason_to_say_anything() {
    if !there_is("bash") {
        return;
    }
    let home = Home::new();
    fs::write(home.acme().join("deals.csv"), "id,name,stage\ndeal-1,\"open quote,proposal\n").unwrap();
    assert_eq!(home.bash("pipeline show d", "9"), [""; 0]);
    fs::write(home.acme().join("pipeline.yaml"), "stages: [\n").unwrap();
    assert_eq!(home.bash("pipeline move deal-1 p", "9"), [""; 0]);
}
