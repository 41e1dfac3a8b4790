//! Chains of changes, undos, redos and commits: what git never had is taken back byte for byte, and made again so; what
//! it has, by rows of its own.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command by the true clock: two rows of one instant would be one row.
fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(words).env("PIPELINE_USER", "ana").env_remove("PIPELINE_TODAY");
    command.output().unwrap()
}

fn done(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn git(folder: &Path, words: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=ana", "-c", "user.email=a@b"]).args(words);
    assert!(command.output().unwrap().status.success(), "{words:?}");
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "now"]);
}

/// What the files of the folder hold, but for what git and the tool keep there.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut bytes = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true if name.starts_with(".git") || name == ".pipeline" => {}
                true => folders.push(path),
                false => drop(bytes.insert(name, fs::read(path).unwrap())),
            }
        }
    }
    bytes
}

/// What people see: every deal, and that the files agree.
fn seen(folder: &Path) -> String {
    done(folder, &["check"]);
    done(folder, &["list", "--sort", "id", "-f", "json"])
}

/// A change as the chain knows it.
struct Made {
    words: Vec<&'static str>,
    before: String,
    after: String,
    /// What the files held before it, and how many changes were voided by then: void rows stay.
    held: (BTreeMap<String, Vec<u8>>, u32),
    is_in_git: bool,
    /// Whether git has the void rows by which it was taken back.
    undo_is_in_git: bool,
}

/// Every kind of change that leaves deals behind: with rows of history, and without.
const CHANGES: [&[&str]; 8] = [
    &["set", "deal-1", "value=7"],
    &["set", "deal-1", "value=8"],
    &["set", "deal-2", "owner=ben", "value=5"],
    &["move", "deal-2", "negotiation", "--note", "why"],
    &["move", "deal-1", "needs", "--note", "why"],
    &["log", "deal-1", "call", "spoke", "--next", "write", "--due", "today+3d"],
    &["convert", "--deals", "yaml"],
    &["convert", "--history", "years"],
];

/// What converts back what is converted.
const BACK: [&[&str]; 2] = [&["convert", "--deals", "csv"], &["convert", "--history", "file"]];

fn chain(seed: u64) {
    let mut draw = fastrand::Rng::with_seed(seed);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    done(folder, &["init", "-q"]);
    done(folder, &["add", "A", "--value", "1"]);
    done(folder, &["add", "B"]);
    git(folder, &["init", "-q"]);
    commit(folder);
    let (mut stand, mut undone): (Vec<Made>, Vec<Made>) = (Vec::new(), Vec::new());
    let (mut voided, mut told) = (0, Vec::new());
    for _ in 0..14 {
        match draw.u8(..10) {
            0..4 => {
                let number = draw.usize(..CHANGES.len() + BACK.len());
                let words = CHANGES.get(number).unwrap_or_else(|| &BACK[number - CHANGES.len()]).to_vec();
                let (before, held) = (seen(folder), (bytes(folder), voided));
                done(folder, &words);
                // What says what was there already is no change.
                if bytes(folder) != held.0 {
                    told.push(words.join(" "));
                    let after = seen(folder);
                    let (is_in_git, undo_is_in_git) = (false, false);
                    stand.push(Made { words, before, after, held, is_in_git, undo_is_in_git });
                    undone.clear();
                }
            }
            4..7 => {
                let Some(mut made) = stand.pop() else { continue };
                told.push("undo".to_owned());
                let output = run(folder, &["undo"]);
                if made.is_in_git && made.words[0] == "convert" && output.status.code() == Some(1) {
                    stand.push(made);
                    continue;
                }
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "seed {seed}: {told:?}: {said}");
                assert_eq!(seen(folder), made.before, "seed {seed}: {told:?}");
                if made.is_in_git && made.words[0] != "convert" {
                    voided += 1;
                } else if made.held.1 == voided {
                    assert!(bytes(folder) == made.held.0, "seed {seed}: {told:?}");
                }
                made.undo_is_in_git = false;
                undone.push(made);
            }
            7..9 => {
                let Some(mut made) = undone.pop() else { continue };
                told.push("redo".to_owned());
                let output = run(folder, &["undo", "--redo"]);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "seed {seed}: {told:?}: {said}");
                assert_eq!(seen(folder), made.after, "seed {seed}: {told:?}");
                voided += u32::from(made.undo_is_in_git);
                // What was taken back without a row and is made again is new to git.
                made.is_in_git &= made.words[0] != "convert";
                stand.push(made);
            }
            _ => {
                told.push("commit".to_owned());
                commit(folder);
                for made in &mut stand {
                    made.is_in_git = true;
                }
                for made in &mut undone {
                    made.undo_is_in_git = made.is_in_git;
                }
            }
        }
    }
}

#[test]
fn what_git_never_had_is_taken_back_and_made_again_byte_for_byte() {
    for seed in 0..8 {
        chain(seed);
    }
}

#[test]
fn several_undos_are_made_again_one_by_one() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    done(folder, &["init", "-q"]);
    done(folder, &["add", "A", "--value", "1"]);
    git(folder, &["init", "-q"]);
    commit(folder);
    done(folder, &["set", "deal-1", "value=2"]);
    done(folder, &["move", "deal-1", "negotiation", "--note", "why"]);
    done(folder, &["win", "deal-1"]);
    let last = bytes(folder);
    for _ in 0..3 {
        done(folder, &["undo"]);
    }
    // A commit of what the undos left holds none of the changes.
    commit(folder);
    for _ in 0..3 {
        done(folder, &["undo", "--redo"]);
    }
    assert!(bytes(folder) == last);
}
