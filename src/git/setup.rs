//! What a clone's git needs to know so that it merges deals by deal and field: worked out first, then done or undone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::{failed, git};
use crate::change::plan::Mood;
use crate::error::{Error, Result};
use crate::folder::ATTRIBUTES_FILE;
use crate::process::{DealStore, HistoryStore};

/// The lines of a folder's `.gitattributes`, given where its deals and its history are kept.
pub fn attributes(deals: &DealStore, history: &HistoryStore) -> [String; 2] {
    let history = match history {
        HistoryStore::OneFile => "history.csv merge=union -text".to_owned(),
        HistoryStore::Years(folder) => format!("{folder}/*.csv merge=union -text"),
    };
    let deals = match deals {
        DealStore::Csv => "deals.csv merge=pipeline -text".to_owned(),
        // Git merges them line by line, which is value by value.
        DealStore::Yaml(folder) => format!("{folder}/*.yaml -text"),
    };
    [history, deals]
}

/// What the merge driver is called in git's own messages.
const NAME: &str = "pipeline: by deal and field";

const NAME_KEY: &str = "merge.pipeline.name";
const DRIVER_KEY: &str = "merge.pipeline.driver";

/// Where the clone remembers which lines of `.gitattributes` are from a set-up, so that it can be undone.
const ADDED_KEY: &str = "merge.pipeline.added";

/// The hook before a commit, with [`PROGRAM`] in the place of the program.
const HOOK: &str = include_str!("pre-commit.sh");
const PROGRAM: &str = "@PROGRAM@";

/// How the line of the hook starts that names the program.
const HOOK_PROGRAM: &str = "pipeline=";

/// Whether commits are to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    /// By a hook.
    Checked,
    /// As they are now.
    AsTheyAre,
}

/// One thing to be done, and how it reads once it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The verb, as it is when it was done and after "would", and what it is done to; none for a step that goes with
    /// another and needs no words.
    words: Option<(&'static str, &'static str, String)>,
    deed: Deed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    Config { key: &'static str, value: String },
    Remember { line: String },
    Forget { line: String },
    Unset { key: &'static str },
    Write { path: PathBuf, text: String, program: bool },
    Remove { path: PathBuf },
}

/// A clone, and the pipeline's folder in it.
#[derive(Debug)]
pub struct Setup {
    root: PathBuf,
    prefix: String,
    /// The program as a shell's word.
    program: String,
}

impl Setup {
    /// `program` is what git is to run: a name that is on the path, or the program's file.
    ///
    /// Errors: the folder is in no repository.
    pub fn new(root: &Path, program: &str) -> Result<Setup> {
        let inside = git(root, &["rev-parse", "--show-prefix"])?;
        if !inside.status.success() {
            return Err(Error::failed(format!("{} is in no git repository", root.display()))
                .hint("make one with `git init`"));
        }
        let prefix = line_of(&inside);
        Ok(Setup { root: root.to_owned(), prefix, program: shell_word(program) })
    }

    /// What is still to be done; nothing where all is done already. `lines` are those of [`attributes`].
    ///
    /// Errors: there is a hook that is not ours, which stays as it is.
    pub fn steps(&self, commits: Commits, lines: &[String]) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        // `%` is what git replaces in a driver's command.
        let driver = format!("{} git merge-driver %O %A %B %P", self.program.replace('%', "%%"));
        for (key, value) in [(NAME_KEY, NAME.to_owned()), (DRIVER_KEY, driver)] {
            if self.config(key)? != [value.as_str()] {
                let what = format!("git's {key} to `{value}`");
                steps.push(Step::new(("set", "set"), what, Deed::Config { key, value }));
            }
        }
        steps.extend(self.attributes_to_add(lines)?);
        if commits == Commits::Checked {
            steps.extend(self.hook_to_write()?);
        }
        Ok(steps)
    }

    /// What takes back all that [`Setup::steps`] ever did here.
    pub fn steps_back(&self) -> Result<Vec<Step>> {
        let mut steps = self.attributes_to_remove()?;
        for key in [DRIVER_KEY, NAME_KEY] {
            if !self.config(key)?.is_empty() {
                steps.push(Step::new(("unset", "unset"), format!("git's {key}"), Deed::Unset { key }));
            }
        }
        let path = self.hook_path()?;
        if is_our_hook(&path)? {
            steps.push(Step::new(
                ("removed", "remove"),
                path.display().to_string(),
                Deed::Remove { path: path.clone() },
            ));
        }
        Ok(steps)
    }

    /// Does one step.
    pub fn make(&self, step: &Step) -> Result<()> {
        match &step.deed {
            Deed::Config { key, value } => self.done(&["config", "--local", "--replace-all", key, value]),
            Deed::Remember { line } => {
                self.done(&["config", "--local", "--add", ADDED_KEY, &self.memory(line)])
            }
            Deed::Forget { line } => {
                let memory = self.memory(line);
                self.done(&["config", "--local", "--fixed-value", "--unset-all", ADDED_KEY, &memory])
            }
            Deed::Unset { key } => self.done(&["config", "--local", "--unset-all", key]),
            Deed::Remove { path } => fs::remove_file(path).map_err(|error| Error::io("remove", path, error)),
            Deed::Write { path, text, program } => write(path, text, *program),
        }
    }

    fn attributes_path(&self) -> PathBuf {
        self.root.join(ATTRIBUTES_FILE)
    }

    /// How the clone remembers a line that was added here.
    fn memory(&self, line: &str) -> String {
        format!("{}{ATTRIBUTES_FILE}: {line}", self.prefix)
    }

    fn attributes(&self) -> Result<String> {
        let path = self.attributes_path();
        if fs::symlink_metadata(&path).is_ok_and(|about| about.is_symlink()) {
            return Err(Error::failed(format!(
                "{} is a symbolic link, which git does not read",
                path.display()
            ))
            .hint("put the file itself into the folder"));
        }
        Ok(read(&path)?.unwrap_or_default())
    }

    fn attributes_to_add(&self, lines: &[String]) -> Result<Vec<Step>> {
        let path = self.attributes_path();
        let (mut text, mut steps) = (self.attributes()?, Vec::new());
        let has = |text: &str, line: &str| text.lines().any(|other| same_words(other, line));
        let missing: Vec<&String> = lines.iter().filter(|line| !has(&text, line)).collect();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        for line in missing {
            let ends = text.is_empty() || text.ends_with('\n');
            text = if ends { format!("{text}{line}{newline}") } else { format!("{text}{newline}{line}") };
            steps.push(Step::silent(Deed::Remember { line: line.to_owned() }));
            steps.push(Step::new(
                ("added", "add"),
                format!("`{line}` to {}", path.display()),
                Deed::Write { path: path.clone(), text: text.clone(), program: false },
            ));
        }
        Ok(steps)
    }

    fn attributes_to_remove(&self) -> Result<Vec<Step>> {
        let path = self.attributes_path();
        let added = self.config(ADDED_KEY)?;
        let (mut text, mut steps) = (self.attributes()?, Vec::new());
        let memory = self.memory("");
        for line in added.iter().rev().filter_map(|added| added.strip_prefix(&memory)) {
            let what = format!("`{line}` from {}", path.display());
            if let Some(without) = without_line(&text, line) {
                text = without;
                let deed = if text.is_empty() {
                    Deed::Remove { path: path.clone() }
                } else {
                    Deed::Write { path: path.clone(), text: text.clone(), program: false }
                };
                steps.push(Step::new(("removed", "remove"), what, deed));
            }
            steps.push(Step::silent(Deed::Forget { line: line.to_owned() }));
        }
        Ok(steps)
    }

    fn hook_path(&self) -> Result<PathBuf> {
        let arguments = ["rev-parse", "--path-format=absolute", "--git-path", "hooks/pre-commit"];
        let output = git(&self.root, &arguments)?;
        if !output.status.success() {
            return Err(failed(&self.root, &output));
        }
        Ok(PathBuf::from(line_of(&output)))
    }

    fn hook_to_write(&self) -> Result<Option<Step>> {
        let path = self.hook_path()?;
        let text = HOOK.replace(PROGRAM, &self.program);
        if let Some(folder) = super::config(&self.root, "core.hooksPath") {
            return Err(Error::failed(format!("git's hooks are kept in {folder}; nothing was changed"))
                .hint("let your own hook there run `pipeline check`, and leave out --pre-commit"));
        }
        match read(&path)? {
            Some(now) if now == text => return Ok(None),
            Some(_) if !is_our_hook(&path)? => {
                return Err(Error::failed(format!(
                    "{} is there already and not ours; nothing was changed",
                    path.display()
                ))
                .hint("let it run `pipeline check`, and leave out --pre-commit"));
            }
            _ => {}
        }
        let what = format!("{}, which runs `pipeline check` before a commit", path.display());
        Ok(Some(Step::new(("wrote", "write"), what, Deed::Write { path, text, program: true })))
    }

    /// All values of a key in the clone's own configuration.
    fn config(&self, key: &str) -> Result<Vec<String>> {
        let output = git(&self.root, &["config", "--local", "--get-all", key])?;
        match output.status.code() {
            Some(0) => Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()),
            Some(1) => Ok(Vec::new()),
            _ => Err(failed(&self.root, &output)),
        }
    }

    fn done(&self, arguments: &[&str]) -> Result<()> {
        let output = git(&self.root, arguments)?;
        if output.status.success() { Ok(()) } else { Err(failed(&self.root, &output)) }
    }
}

impl Step {
    fn new((did, would): (&'static str, &'static str), what: impl Into<String>, deed: Deed) -> Step {
        Step { words: Some((did, would, what.into())), deed }
    }

    fn silent(deed: Deed) -> Step {
        Step { words: None, deed }
    }

    /// What it does, where that needs words.
    pub fn told(&self, mood: Mood) -> Option<String> {
        self.words.as_ref().map(|(did, would, what)| format!("{} {what}", mood.verb(did, would)))
    }
}

/// Whether a file is the hook as we write it, whichever program it names: one that was edited is its editor's.
fn is_our_hook(path: &Path) -> Result<bool> {
    let others = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with(HOOK_PROGRAM)).map(str::to_owned).collect()
    };
    Ok(read(path)?.is_some_and(|text| others(&text) == others(HOOK)))
}

/// Whether two lines of `.gitattributes` say the same.
fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// A text without the last line that says `line`; `None` where none does. A missing line end at the end stays missing.
fn without_line(text: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = lines.iter().rposition(|other| same_words(other, line))?;
    let last_is_bare = !lines[at].ends_with('\n');
    lines.remove(at);
    let without = lines.concat();
    if last_is_bare {
        let bare = without.strip_suffix('\n').unwrap_or(&without);
        return Some(bare.strip_suffix('\r').unwrap_or(bare).to_owned());
    }
    Some(without)
}

/// A program as one word of a shell's command.
fn shell_word(program: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    if !program.is_empty() && program.chars().all(plain) {
        return program.to_owned();
    }
    format!("'{}'", program.replace('\'', "'\\''"))
}

fn line_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

fn write(path: &Path, text: &str, program: bool) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |error| Error::io("write", path, error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)?;
    if program {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_one_word_of_a_shell() {
        for (program, word) in [
            ("pipeline", "pipeline"),
            ("/opt/bin/pipeline", "/opt/bin/pipeline"),
            ("/My Tools/pipe'line", "'/My Tools/pipe'\\''line'"),
            ("/工具/pipeline", "'/工具/pipeline'"),
        ] {
            assert_eq!(shell_word(program), word);
        }
    }

    #[test]
    fn a_line_goes_and_the_others_stay() {
        let [line, _] = attributes(&DealStore::Csv, &HistoryStore::OneFile);
        for (text, without) in [
            ("history.csv merge=union -text\n", Some("")),
            ("*.md text\r\nhistory.csv  merge=union -text\r\n", Some("*.md text\r\n")),
            ("*.md text\nhistory.csv merge=union -text", Some("*.md text")),
            ("history.csv merge=union -text\n\n# end", Some("\n# end")),
            ("history.csv merge=union\n", None),
            ("", None),
        ] {
            assert_eq!(without_line(text, &line).as_deref(), without, "{text:?}");
        }
    }
}
