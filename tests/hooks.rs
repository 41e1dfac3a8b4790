//! Hooks: what they are told, that none is run which git carries, and the examples of `examples/hooks`.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Says what it is told: a file for the variables of each hook, and one for its standard input.
const LISTENER: &str = "#!/bin/sh
printf '%s\\n' \"$PIPELINE_DID\" >\"../$PIPELINE_HOOK.did\"
cat >\"../$PIPELINE_HOOK.told\"
";

/// A folder with a pipeline in it, and room beside it.
struct Team {
    root: TempDir,
}

impl Team {
    fn new(template: &[&str]) -> Team {
        let team = Team { root: tempfile::tempdir().unwrap() };
        fs::create_dir(team.path("sales")).unwrap();
        fs::create_dir(team.path("bin")).unwrap();
        team.done(&[&["init", "-q"], template].concat());
        team
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn hook(&self, name: &str, text: &str) {
        self.program(&format!("sales/.pipeline/hooks/{name}"), text);
    }

    /// A program in the folder, with ours in its path and nothing of the person who runs the tests.
    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let ours = Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap().to_owned();
        let theirs = std::env::var_os("PATH").unwrap();
        let path = [self.path("bin"), ours].into_iter().chain(std::env::split_paths(&theirs));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path("sales")).env_clear();
        command.env("PATH", std::env::join_paths(path).unwrap()).env("HOME", self.root.path());
        command.envs([("LANG", "C.UTF-8"), ("TZ", "UTC"), ("GIT_CONFIG_NOSYSTEM", "1")]);
        command.envs([("PIPELINE_TODAY", "2026-07-15"), ("PIPELINE_USER", "ana")]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "ana").env(format!("GIT_{who}_EMAIL"), "ana@example.com");
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command("pipeline", arguments).output().unwrap()
    }

    /// What a command prints that has to succeed.
    fn done(&self, arguments: &[&str]) -> String {
        printed(&self.run(arguments), &format!("pipeline {arguments:?}"))
    }

    fn git(&self, arguments: &[&str]) -> String {
        printed(&self.command("git", arguments).output().unwrap(), &format!("git {arguments:?}"))
    }
}

fn printed(output: &Output, what: &str) -> String {
    assert!(output.status.success(), "{what}: {}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn example(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hooks").join(name)).unwrap()
}

/// Whether there are these programs; says so when a test is left out for want of one.
fn there_are(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| Command::new(program).arg("--version").output().is_err());
    if let Some(program) = missing {
        eprintln!("left out: there is no {program} here");
    }
    missing.is_none()
}

#[test]
fn hooks_are_told_what_f_json_prints_by_every_command() {
    let team = Team::new(&[]);
    team.hook("pre-change", LISTENER);
    team.hook("post-change", LISTENER);
    fs::write(team.path("crm.csv"), "id,name,stage,created\n7,Pier,won,2026-01-05\n8,Quay,needs,\n").unwrap();
    let told = |arguments: &[&str], did: &str| {
        let printed: Value =
            serde_json::from_str(&team.done(&[arguments, &["-f", "json"]].concat())).unwrap();
        for hook in ["pre-change", "post-change"] {
            let told: Value = serde_json::from_str(&team.read(&format!("{hook}.told"))).unwrap();
            assert_eq!(told, printed, "{hook} of {arguments:?}");
            assert_eq!(team.read(&format!("{hook}.did")).trim_end(), did, "{hook} of {arguments:?}");
            fs::remove_file(team.path(&format!("{hook}.told"))).unwrap();
        }
        printed
    };
    told(&["add", "Crane \"scales\"", "--value", "10k"], "added deal-1 to prospecting and set value");
    told(&["add", "岸邊燈", "--set", "tags=key"], "added deal-2 to prospecting and set tags");
    told(&["move", "deal-1", "needs", "--note", "a\nb"], "moved deal-1 from prospecting to needs");
    told(&["set", "deal-1", "deal-2", "owner=ana"], "set owner of deal-1; set owner of deal-2");
    told(&["log", "deal-1", "call", "x", "--next", "y"], "logged a call with deal-1 and set next_step");
    told(&["lose", "deal-1", "--reason", "price"], "lost deal-1 from needs");
    told(&["reopen", "deal-1", "--note", "asked again"], "reopened deal-1 from lost to needs");
    told(&["win", "deal-1"], "won deal-1 from needs");
    told(&["undo"], "undid: won deal-1 from needs");
    told(&["undo", "--redo"], "redid: won deal-1 from needs");
    told(&["import", "csv", "../crm.csv"], "imported 2 deals from ../crm.csv");
    // A cell that history tells otherwise, and one that follows from a move.
    let mut deals = team.read("sales/deals.csv").replace(",ana,,prospecting,", ",ben,,contact,");
    let since = deals.find(",won,").unwrap() + ",won,".len();
    deals.replace_range(since..since + "2026-07-15".len(), "2026-07-01");
    fs::write(team.path("sales/deals.csv"), deals).unwrap();
    let rows = told(&["reconcile"], "moved deal-2 from prospecting to contact and set owner");
    assert!(rows.as_array().unwrap().iter().any(|row| row["at"].is_null()), "{rows}");
    told(&["merge", "deal-2", "--into", "8"], "merged deal-2 into 8, filling owner and tags");
    told(&["delete", "7", "--reason", "x"], "deleted 7");
    told(&["delete", "8", "--erase", "--reason", "x"], "deleted 8; erased deal-2 as a duplicate of 8");
    let twice =
        format!("{}deal-1,Again,contact,,\n", "id,name,stage,created,owner\ndeal-1,Once,needs,,ana\n");
    fs::write(team.path("sales/deals.csv"), twice).unwrap();
    fs::write(team.path("sales/history.csv"), "at,deal,event,field,from,to,by,note\n").unwrap();
    told(&["renumber", "deal-1"], "renumbered the later deal-1 to deal-2, with 0 rows of history");
    // Neither deals nor history say anything else than before.
    team.done(&["convert", "--deals", "yaml"]);
    assert_eq!(team.read("pre-change.told"), "[]\n");
    assert_eq!(team.read("post-change.did"), "moved 2 deals from deals.csv to deals/\n");
}

#[test]
fn what_changes_nothing_runs_no_hook() {
    let team = Team::new(&[]);
    let id = team.done(&["add", "Crane scales", "--value", "10k"]);
    team.hook("pre-change", "#!/bin/sh\ntouch ../asked\n");
    team.hook("post-change", "#!/bin/sh\ntouch ../told\n");
    for arguments in [
        &["add", "Pier", "--dry-run"][..],
        &["set", id.trim_end(), "value=10k"],
        &["move", "--where", "owner=nobody", "needs"],
        &["list"],
        &["check"],
        &["reconcile"],
    ] {
        team.done(arguments);
    }
    assert_eq!(team.run(&["set", id.trim_end(), "value=much"]).status.code(), Some(2));
    assert!(!team.path("asked").exists() && !team.path("told").exists());
    // What is refused before it is made is not told of either.
    for (file, row) in
        [("deals.csv", "deal-9,By the hook,needs"), ("history.csv", "by the hook,deal-1,note,,,ana,")]
    {
        let before = team.read(&format!("sales/{file}"));
        team.hook("pre-change", &format!("#!/bin/sh\nprintf '{row}\\n' >>{file}\n"));
        let output = team.run(&["set", id.trim_end(), "value=20k"]);
        let said = said(&output);
        assert!(said.contains("another program changed the deals or their history just now"), "{said}");
        assert_eq!(team.read(&format!("sales/{file}")), format!("{before}{row}\n"));
        fs::write(team.path(&format!("sales/{file}")), before).unwrap();
    }
    assert!(!team.path("told").exists());
}

#[test]
fn a_hook_need_not_read_what_it_is_told() {
    let team = Team::new(&[]);
    let mut rows = String::from("name,stage,account\n");
    // More than a pipe holds.
    rows.extend((0..5_000).map(|number| format!("Deal {number},needs,Harbour & Finch\n")));
    fs::write(team.path("crm.csv"), rows).unwrap();
    team.hook("pre-change", "#!/bin/sh\nexit 0\n");
    team.hook("post-change", "#!/bin/sh\nhead -c 10 >../told\n");
    let output = team.run(&["import", "csv", "../crm.csv"]);
    assert!(output.status.success() && said(&output).starts_with("imported 5000 deals"), "{}", said(&output));
    assert!(!said(&output).contains("warning"), "{}", said(&output));
    assert_eq!(team.read("told").len(), 10);
}

#[test]
fn the_turn_is_held_before_a_change_and_over_after_it() {
    let team = Team::new(&[]);
    team.hook("pre-change", "#!/bin/sh\nPIPELINE_HOOK= pipeline add Inner --wait 0; echo $? >../before\n");
    team.hook("post-change", "#!/bin/sh\nPIPELINE_HOOK= pipeline set deal-1 owner=ben; echo $? >../after\n");
    // Without the variable a hook is one command among others: the one before waits in vain.
    let output = team.run(&["add", "Outer"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!((team.read("before").trim(), team.read("after").trim()), ("5", "0"));
    assert_eq!(team.done(&["list", "-f", "csv", "--columns", "name,owner"]), "name,owner\nOuter,ben\n");
}

#[test]
fn a_submodule_brings_no_hook() {
    if !there_are(&["git"]) {
        return;
    }
    let team = Team::new(&[]);
    // A repository of somebody else's, that holds what `.pipeline` holds.
    team.program("theirs/hooks/pre-change", "#!/bin/sh\ntouch ../ran\n");
    let theirs = team.path("theirs");
    let theirs = theirs.to_str().unwrap();
    for arguments in
        [&["init", "-q", theirs][..], &["-C", theirs, "add", "."], &["-C", theirs, "commit", "-qm", "x"]]
    {
        team.git(arguments);
    }
    fs::remove_dir_all(team.path("sales/.pipeline")).unwrap();
    team.git(&["init", "-q", "."]);
    team.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", theirs, ".pipeline"]);
    let output = team.run(&["add", "Crane scales"]);
    assert!(said(&output).contains("was not run: git carries it"), "{}", said(&output));
    // Nor when a git that runs us speaks of another repository.
    let output =
        team.command("pipeline", &["add", "Pier"]).env("GIT_DIR", team.path("nowhere")).output().unwrap();
    assert!(said(&output).contains("was not run: git carries it"), "{}", said(&output));
    assert!(!team.path("ran").exists());
}

#[test]
fn a_commit_for_each_change() {
    if !there_are(&["git"]) {
        return;
    }
    let team = Team::new(&[]);
    team.git(&["init", "-q", "."]);
    team.git(&["add", "."]);
    team.git(&["commit", "-qm", "A new pipeline"]);
    team.hook("post-change", &example("commit"));
    for arguments in [
        &["add", "Crane scales", "--value", "10k"][..],
        &["move", "deal-1", "needs"],
        // Nothing changes, and nothing is committed.
        &["move", "deal-1", "needs"],
        &["undo"],
        &["convert", "--deals", "yaml"],
    ] {
        team.done(arguments);
    }
    let subjects = team.git(&["log", "--format=%s", "--reverse"]);
    let expected = [
        "A new pipeline",
        "added deal-1 to prospecting and set value",
        "moved deal-1 from prospecting to needs",
        "undid: moved deal-1 from prospecting to needs",
        "moved 1 deal from deals.csv to deals/",
    ];
    assert_eq!(subjects.lines().collect::<Vec<_>>(), expected);
    assert_eq!(team.git(&["status", "--porcelain"]), "");
}

#[test]
fn commits_of_changes_at_once_hold_whole_changes() {
    if !there_are(&["git", "flock"]) {
        return;
    }
    let team = Team::new(&[]);
    team.git(&["init", "-q", "."]);
    team.git(&["add", "."]);
    team.git(&["commit", "-qm", "A new pipeline"]);
    team.hook("post-change", &example("commit"));
    let names: Vec<String> = (0..12).map(|number| format!("Deal {number}")).collect();
    let start = |name: &String| {
        let mut command = team.command("pipeline", &["add", name, "--wait", "60"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = names.iter().map(start).collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert!(!said(&output).contains("warning"), "{}", said(&output));
    }
    assert_eq!(team.git(&["status", "--porcelain"]), "");
    // In every commit the deals are those that history tells of.
    for commit in team.git(&["rev-list", "HEAD"]).lines() {
        let deals = team.git(&["show", &format!("{commit}:deals.csv")]).lines().count() - 1;
        let added = team.git(&["show", &format!("{commit}:history.csv")]);
        assert_eq!(added.lines().filter(|line| line.contains(",stage,,,")).count(), deals, "{commit}");
    }
}

#[test]
fn a_line_in_a_chat_for_each_change() {
    if !there_are(&["jq"]) {
        return;
    }
    let team = Team::new(&[]);
    team.hook("post-change", &example("chat"));
    fs::write(team.path("sales/.pipeline/hooks/chat-url"), "https://chat.example.com/hook\n").unwrap();
    // Nothing is to be sent from here.
    team.program("bin/curl", "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$HOME/arguments\"\ncat >\"$HOME/sent\"\n");
    fs::write(team.path("crm.csv"), "id,name,stage\n\"a\"\"b\\c\",Pier,won\n").unwrap();
    team.done(&["import", "csv", "../crm.csv"]);
    team.done(&["delete", "a\"b\\c", "--reason", "x"]);
    let sent: Value = serde_json::from_str(&team.read("sent")).unwrap();
    assert_eq!(sent, serde_json::json!({"text": "ana deleted a\"b\\c"}));
    assert!(team.read("arguments").ends_with("\nhttps://chat.example.com/hook\n"));
    // A chat that is down costs a warning.
    team.program("bin/curl", "#!/bin/sh\necho 'curl: (7) no route' >&2\nexit 7\n");
    let output = team.run(&["add", "Crane scales"]);
    assert!(output.status.success());
    assert_eq!(
        said(&output),
        "curl: (7) no route\nwarning: .pipeline/hooks/post-change failed (exit code 7); the change stands\n"
    );
}

#[test]
fn a_win_that_two_agreed_on() {
    if !there_are(&["jq"]) {
        return;
    }
    let team = Team::new(&[]);
    team.done(&["add", "Crane scales"]);
    team.done(&["add", "Pier lights"]);
    team.hook("pre-change", &example("four-eyes"));
    let output = team.run(&["win", "deal-1", "deal-2"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        said(&output),
        "won without a note that says who agreed: deal-1\nwon without a note that says who agreed: deal-2\n\
         error: .pipeline/hooks/pre-change refused (exit code 1); nothing was changed\n"
    );
    team.done(&["move", "deal-1", "needs"]);
    team.done(&["win", "deal-1", "--note", "with Ben"]);
}
