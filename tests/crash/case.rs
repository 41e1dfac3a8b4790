//! One change in one store, and the verdict on a folder that it was struck in.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::change::{CHANGES, Change, FILES, Store, file, start};

/// What the tool keeps for itself between commands; anything else there was left behind.
const OWN: [&str; 5] = [".gitignore", "end", "lock", "schema.json", "undo"];

/// The command that comes next, and the row that it leaves.
pub(crate) const NEXT: [&str; 4] = ["log", "deal-1", "note", "next"];
const ROW_OF_NEXT: &str = ",deal-1,note,,,,ana,next\n";

/// What the files of the team hold, by their paths.
type Files = BTreeMap<String, String>;

/// Which state a change that was struck left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// The one before it.
    Before,
    /// The one after it.
    After,
}

/// A state as it is on disk and as readers see it.
#[derive(Debug)]
struct State {
    files: Files,
    /// What a listing says, and how it exits.
    listed: (Option<i32>, String),
}

impl State {
    fn of(folder: &Path) -> State {
        State { files: files(folder), listed: list(folder) }
    }
}

/// A change in a store.
#[derive(Debug)]
pub(crate) struct Case {
    scratch: TempDir,
    words: Vec<String>,
    store: Store,
    before: State,
    after: State,
}

impl Case {
    /// Each change in each store that it can be made in; the folders are in new ones that `scratch` makes.
    pub(crate) fn all(scratch: fn() -> TempDir) -> Vec<Case> {
        let mut cases = Vec::new();
        for store in [Store::Csv, Store::Yaml] {
            let first = scratch();
            start(first.path(), store);
            done(first.path(), &["check"]);
            let changes = CHANGES.iter().filter(|change| change.stores.contains(&store));
            cases.extend(changes.map(|change| Case::new(first.path(), scratch(), change, store)));
        }
        cases
    }

    fn new(start: &Path, scratch: TempDir, change: &Change, store: Store) -> Case {
        let [before, after] = ["before", "after"].map(|name| scratch.path().join(name));
        for (word, text) in FILES {
            fs::write(file(&before, word), text).unwrap();
        }
        let is_file = |word: &&str| FILES.iter().any(|(name, _)| name == word);
        let path = |word: &str| file(&before, word).into_os_string().into_string().unwrap();
        let word = |word: &&str| if is_file(word) { path(word) } else { (*word).to_owned() };
        let words: Vec<String> = change.words.iter().map(word).collect();
        copy(start, &before);
        (change.prepare)(&before, store);
        copy(&before, &after);
        done(&after, &words);
        done(&after, &["check"]);
        let case = Case { before: State::of(&before), after: State::of(&after), scratch, words, store };
        assert_ne!(case.before.files, case.after.files, "{case} changes nothing");
        case
    }

    /// A folder for what belongs to this case.
    pub(crate) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// A folder in which the change has not been made.
    pub(crate) fn fresh(&self) -> PathBuf {
        let folder = self.scratch.path().join("folder");
        copy(&self.scratch.path().join("before"), &folder);
        folder
    }

    /// The command that makes the change, run by another program where one is named.
    pub(crate) fn command(&self, folder: &Path, by: &[&str]) -> Command {
        pipeline(folder, &self.words, by)
    }

    /// Whether the files are as they are after the change.
    pub(crate) fn is_made(&self, folder: &Path) -> bool {
        files(folder) == self.after.files
    }

    /// Which state there is after a strike, as readers see it at once and as the next change leaves the files.
    /// `meanwhile` is run between the two. Fails where there is neither, or more than a state.
    pub(crate) fn left(&self, folder: &Path, context: &str, meanwhile: impl FnOnce()) -> Left {
        let context = format!("{self}, {context}");
        let listed = list(folder);
        meanwhile();
        done(folder, &NEXT);
        let now = without_next(files(folder));
        let left = if now == self.before.files { Left::Before } else { Left::After };
        let state = if left == Left::Before { &self.before } else { &self.after };
        assert!(now == state.files, "neither before nor after; {context}\n{now:#?}");
        assert_eq!(listed, state.listed, "what a reader saw is not what came; {context}");
        assert_eq!(lying_about(folder), [""; 0], "{context}");
        left
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "`{}` in {:?}", self.words.join(" "), self.store)
    }
}

/// The program, run by another one where one is named.
pub(crate) fn pipeline(folder: &Path, words: &[impl AsRef<OsStr>], by: &[&str]) -> Command {
    let line = [by, &[env!("CARGO_BIN_EXE_pipeline")]].concat();
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).arg("-C").arg(folder).args(words).stdin(std::process::Stdio::null());
    command.env("PIPELINE_TODAY", "2026-11-24").env("PIPELINE_USER", "ana").env_remove("PIPELINE_FAULT");
    // What `edit` opens, and where.
    command.env("EDITOR", "sed -i s/ana/ben/").env_remove("VISUAL").env("TMPDIR", folder.parent().unwrap());
    command
}

/// Runs a command that must do its work.
pub(crate) fn done(folder: &Path, words: &[impl AsRef<OsStr> + Debug]) {
    let output = pipeline(folder, words, &[]).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// What stands in the tool's own folder that does not belong there.
pub(crate) fn lying_about(folder: &Path) -> Vec<String> {
    let own = fs::read_dir(folder.join(".pipeline")).unwrap();
    let names = own.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !OWN.contains(&name.as_str())).collect()
}

fn list(folder: &Path) -> (Option<i32>, String) {
    let output = pipeline(folder, &["list", "-f", "tsv"], &[]).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    for inside in ["", "deals", "history"] {
        for entry in fs::read_dir(folder.join(inside)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The files without the rows of the next command.
fn without_next(files: Files) -> Files {
    let without = |(name, text): (String, String)| {
        (name, text.split_inclusive('\n').filter(|line| !line.ends_with(ROW_OF_NEXT)).collect())
    };
    files.into_iter().map(without).collect()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.join(".pipeline")).unwrap();
    for (name, text) in files(from) {
        fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
        fs::write(to.join(&name), text).unwrap();
    }
    for name in [".pipeline/undo", ".pipeline/.gitignore"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}
