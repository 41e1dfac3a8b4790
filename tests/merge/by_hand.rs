//! Merges made by hand: what a person sees, and what `pipeline git setup` does and takes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::model::{deals, events};
use crate::team::{DRIVER, Driver, Team, pipeline};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A team with three deals in neighbouring rows.
fn three_deals(driver: Driver) -> Team {
    let team = Team::new("sequential", driver);
    for name in ["One", "Two", "Three"] {
        team.does("main", 1, &["add", name, "--value", "100"]);
    }
    team.branch_out();
    team
}

#[test]
fn neighbouring_rows_and_fields_of_one_row_merge() {
    let team = three_deals(Driver::Set);
    team.does("ana", 3, &["move", "deal-1", "needs"]);
    team.does("ana", 3, &["set", "deal-2", "value=200"]);
    team.does("ben", 4, &["move", "deal-2", "proposal"]);
    team.does("ben", 4, &["set", "deal-3", "owner=ben"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    team.git("ana", &["merge", "-q", "--no-edit", "ben"]);
    let merged = deals(&team.file("ana", "deals.csv"));
    let two = &merged["deal-2"];
    assert_eq!((two["stage"].as_str(), two["value"].as_str()), ("proposal", "200"));
    assert_eq!(merged["deal-3"]["owner"], "ben");
    team.does("ana", 5, &["check"]);
    let log = team.git("ana", &["diff", "--stat", "HEAD~1", "--", "deals.csv"]);
    assert!(log.contains("2 insertions(+), 2 deletions(-)"), "{log}");
}

#[test]
fn without_the_driver_neighbouring_rows_conflict() {
    let team = three_deals(Driver::Missing);
    team.does("ana", 3, &["move", "deal-1", "needs"]);
    team.does("ben", 4, &["move", "deal-2", "proposal"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    let merge = team.try_git("ana", &["merge", "--no-edit", "ben"]);
    assert_eq!(merge.status.code(), Some(1));
    assert!(!pipeline(&team.tree("ana"), 5, &["check"]).status.success());
    assert!(!team.file("ana", "history.csv").contains("<<<<<<<"));
    // The cure that docs/git.md names: once the driver is there, git tries again.
    team.does("ana", 5, &["git", "setup"]);
    team.git("ana", &["checkout", "--merge", "--", "deals.csv"]);
    team.does("ana", 5, &["check"]);
    let merged = deals(&team.file("ana", "deals.csv"));
    assert_eq!(
        (merged["deal-1"]["stage"].as_str(), merged["deal-2"]["stage"].as_str()),
        ("needs", "proposal")
    );
}

#[test]
fn a_driver_that_is_not_found_is_a_conflict() {
    let team = three_deals(Driver::Set);
    team.git("main", &["config", DRIVER, "no-such-program git merge-driver %O %A %B %P"]);
    team.does("ana", 3, &["move", "deal-1", "needs"]);
    team.does("ben", 4, &["move", "deal-3", "proposal"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    assert_eq!(team.try_git("ana", &["merge", "--no-edit", "ben"]).status.code(), Some(1));
    team.does("ana", 5, &["git", "setup"]);
    team.git("ana", &["checkout", "--merge", "--", "deals.csv"]);
    let merged = deals(&team.file("ana", "deals.csv"));
    assert_eq!(
        (merged["deal-1"]["stage"].as_str(), merged["deal-3"]["stage"].as_str()),
        ("needs", "proposal")
    );
}

#[test]
fn a_true_conflict_marks_one_row() {
    let team = three_deals(Driver::Set);
    team.does("ana", 3, &["set", "deal-2", "value=200", "owner=ana"]);
    team.does("ben", 4, &["set", "deal-2", "value=300"]);
    team.does("ben", 4, &["set", "deal-3", "value=400"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    let merge = team.try_git("ana", &["merge", "--no-edit", "ben"]);
    assert_eq!(merge.status.code(), Some(1));
    let said = stderr(&merge);
    assert!(said.contains("both sides changed value of deal-2") && said.contains("deals.csv:4"), "{said}");
    let text = team.file("ana", "deals.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[2], lines[4], lines[6]), ("<<<<<<< ours", "=======", ">>>>>>> theirs"), "{text}");
    assert!(lines[3].contains(",200,") && lines[5].contains(",300,"), "{text}");
    assert!(lines[5].contains(",ana,") && lines[7].contains(",400,"), "{text}");
    assert_eq!(team.git("ana", &["diff", "--name-only", "--diff-filter=U"]), "deals.csv\n");
}

#[test]
fn one_id_for_two_deals_is_a_conflict_with_a_cure() {
    let team = three_deals(Driver::Set);
    team.does("ana", 3, &["add", "Of ana"]);
    team.does("ben", 3, &["add", "Of ben"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    let merge = team.try_git("ana", &["merge", "--no-edit", "ben"]);
    let said = stderr(&merge);
    assert_eq!(merge.status.code(), Some(1));
    for word in ["both sides added a deal `deal-4`", "pipeline renumber deal-4", "ids: random"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn the_later_move_wins_and_history_has_both() {
    let team = three_deals(Driver::Set);
    team.does("ana", 3, &["lose", "deal-1", "--reason", "price"]);
    team.does("ben", 4, &["move", "deal-1", "negotiation"]);
    team.commit("ana", "ana");
    team.commit("ben", "ben");
    team.git("main", &["tag", "before", "ana"]);
    team.git("ana", &["merge", "-q", "--no-edit", "ben"]);
    team.git("ben", &["merge", "-q", "--no-edit", "before"]);
    for branch in ["ana", "ben"] {
        let merged = deals(&team.file(branch, "deals.csv"));
        let deal = &merged["deal-1"];
        assert_eq!(
            (deal["stage"].as_str(), deal.get("closed"), deal.get("reason")),
            ("negotiation", None, None)
        );
        let text = team.file(branch, "history.csv");
        assert_eq!(events(&text).iter().filter(|row| row.contains(",deal-1,stage,")).count(), 3);
    }
}

#[test]
fn unsound_versions_are_never_merged_cleanly() {
    let team = three_deals(Driver::Set);
    let path = team.tree("ana").join("deals.csv");
    let text = fs::read_to_string(&path).unwrap();
    let doubled = format!("{text}{}\n", text.lines().nth(1).unwrap());
    fs::write(&path, doubled).unwrap();
    team.commit("ana", "doubled by hand");
    team.does("ben", 4, &["move", "deal-2", "proposal"]);
    team.commit("ben", "ben");
    let merge = team.try_git("ana", &["merge", "--no-edit", "ben"]);
    let said = stderr(&merge);
    assert_eq!(merge.status.code(), Some(1));
    assert!(said.contains("the id `deal-1` stands here for the second time"), "{said}");
    assert!(said.contains("deals.csv was merged line by line"), "{said}");
    assert!(team.file("ana", "deals.csv").contains(",proposal,"));
}

#[test]
fn the_driver_works_on_any_three_files() {
    let scratch = tempfile::tempdir().unwrap();
    let base = "id,name,stage\n1,A,needs\n";
    for (name, text) in [
        ("base", base.to_owned()),
        ("ours", base.replace('A', "B")),
        ("theirs", base.replace("needs", "won")),
    ] {
        fs::write(scratch.path().join(name), text).unwrap();
    }
    let output = pipeline(scratch.path(), 1, &["git", "merge-driver", "base", "ours", "theirs"]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(fs::read_to_string(scratch.path().join("ours")).unwrap(), "id,name,stage\n1,B,won\n");
    let output = pipeline(scratch.path(), 1, &["git", "merge-driver", "base", "ours", "missing"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot read missing"));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 3);
}

#[test]
fn a_set_up_is_done_once_and_undone_whole() {
    let team = Team::new("sequential", Driver::Missing);
    let tree = team.tree("main");
    let attributes = tree.join(".gitattributes");
    fs::write(&attributes, "*.md text\nhistory.csv   merge=union -text").unwrap();
    let state = || {
        let config = fs::read_to_string(tree.join(".git/config")).unwrap();
        (config, fs::read_to_string(&attributes).unwrap(), tree.join(".git/hooks/pre-commit").exists())
    };
    let before = state();
    let shown = team.does("main", 1, &["git", "setup", "--pre-commit", "--dry-run"]);
    assert!(shown.contains("would add `deals.csv merge=pipeline -text` to "), "{shown}");
    assert!(shown.contains("would write ") && shown.contains("/hooks/pre-commit"), "{shown}");
    assert_eq!(state(), before);

    let done = pipeline(&tree, 1, &["git", "setup", "--pre-commit"]);
    assert!(done.status.success() && done.stdout.is_empty());
    assert!(stderr(&done).contains("set git's merge.pipeline.driver to `"), "{}", stderr(&done));
    assert_eq!(
        fs::read_to_string(&attributes).unwrap(),
        "*.md text\nhistory.csv   merge=union -text\ndeals.csv merge=pipeline -text"
    );
    let after = state();
    let again = pipeline(&tree, 1, &["git", "setup", "--pre-commit"]);
    assert_eq!(stderr(&again), "note: all is set up already\n");
    assert_eq!(state(), after);

    let back = pipeline(&tree, 1, &["git", "setup", "--remove"]);
    assert!(back.status.success(), "{}", stderr(&back));
    assert_eq!(state(), before);
    assert_eq!(stderr(&pipeline(&tree, 1, &["git", "setup", "--remove"])), "note: nothing is set up here\n");
}

#[test]
fn the_lines_that_init_wrote_stay_when_a_set_up_goes() {
    let team = Team::new("sequential", Driver::Set);
    team.does("main", 1, &["git", "setup", "--remove"]);
    assert_eq!(
        team.file("main", ".gitattributes"),
        "history.csv merge=union -text\ndeals.csv merge=pipeline -text\n"
    );
}

#[test]
fn the_hook_refuses_unsound_files_and_never_replaces_another() {
    let team = three_deals(Driver::Missing);
    let tree = team.tree("main");
    team.does("main", 1, &["git", "setup", "--pre-commit"]);
    let deals = tree.join("deals.csv");
    let sound = fs::read_to_string(&deals).unwrap();
    fs::write(&deals, sound.replace(",prospecting,", ",prospectng,")).unwrap();
    team.git("main", &["add", "-A"]);
    let commit = team.try_git("main", &["commit", "-m", "unsound"]);
    assert!(
        !commit.status.success() && stderr(&commit).contains("did you mean `prospecting`?"),
        "{commit:?}"
    );
    // An edit by hand is one that history does not know yet.
    fs::write(&deals, sound.replace("One", "Uno")).unwrap();
    team.git("main", &["add", "-A"]);
    let commit = team.try_git("main", &["commit", "-m", "by hand"]);
    assert!(!commit.status.success() && stderr(&commit).contains("pipeline reconcile"), "{commit:?}");
    team.does("main", 1, &["reconcile"]);
    team.commit("main", "sound");

    let hook = tree.join(".git/hooks/pre-commit");
    let edited = fs::read_to_string(&hook).unwrap() + "echo mine\n";
    fs::write(&hook, &edited).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = pipeline(&tree, 1, &["git", "setup", "--pre-commit"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("is there already and not ours; nothing was changed"));
    team.does("main", 1, &["git", "setup", "--remove"]);
    assert_eq!(fs::read_to_string(&hook).unwrap(), edited);
}

#[test]
fn a_set_up_needs_a_repository() {
    let scratch = tempfile::tempdir().unwrap();
    pipeline(scratch.path(), 1, &["init", ".", "-q"]);
    let output = pipeline(scratch.path(), 1, &["git", "setup"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is in no git repository"), "{}", stderr(&output));
}
