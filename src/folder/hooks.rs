//! The user's own programs that are asked before a change and told after it; `docs/hooks.md` says what they may rely on.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant as Timer};

use serde_json::Value;

use super::OWN_FOLDER;
use crate::error::{Error, Result};
use crate::git;

/// Where hooks stand, in the tool's own folder, which git does not carry.
const FOLDER: &str = "hooks";

/// How long the hook before a change may take: everybody waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest pause between two looks at a hook that runs.
const PAUSE: Duration = Duration::from_millis(20);

/// The variable that names the hook to itself, and to every `pipeline` that it runs.
pub const NAME_VARIABLE: &str = "PIPELINE_HOOK";
/// The variable that holds the folder; what a hook runs works on it, wherever it stands.
pub const FOLDER_VARIABLE: &str = "PIPELINE_DIR";

/// When a hook is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// While the command has its turn, before a byte is written: it can refuse.
    Before,
    /// When the change is on disk and the turn is over.
    After,
}

impl When {
    /// The name of the hook's file.
    fn name(self) -> &'static str {
        match self {
            When::Before => "pre-change",
            When::After => "post-change",
        }
    }

    /// Its file as people know it.
    fn place(self) -> String {
        format!("{OWN_FOLDER}/{FOLDER}/{}", self.name())
    }
}

/// What hooks are told of a change.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    /// What it does, in a sentence.
    pub(super) did: String,
    /// Who does it: a claim.
    pub(super) by: String,
    /// The rows that `-f json` prints of it.
    pub(super) rows: Value,
}

/// The hooks of one run of the program.
#[derive(Debug, Default)]
pub struct Hooks {
    within: Option<(When, PathBuf)>,
    made: RefCell<Option<(PathBuf, Notice)>>,
    warnings: RefCell<Vec<String>>,
}

impl Hooks {
    /// The hooks of a program that was itself run by the hook `name` of the folder `root`, as its environment says.
    pub fn within(name: &str, root: &Path) -> Hooks {
        let when = [When::Before, When::After].into_iter().find(|when| when.name() == name);
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Hooks { within: when.map(|when| (when, root)), ..Hooks::default() }
    }

    /// Refuses a change from within the hook that is being asked about another: it would wait for itself.
    pub fn may_change(&self, root: &Path) -> Result<()> {
        if self.is_within(When::Before, root) {
            let message =
                format!("{} cannot change the folder: another change has its turn", When::Before.name());
            return Err(Error::failed(message).hint(format!("let {} do that", When::After.name())));
        }
        Ok(())
    }

    /// Asks the hook before a change, and remembers the change for the one after it.
    ///
    /// Errors: the hook refuses (exit 3), takes too long, or cannot be run though it is meant to.
    pub(super) fn ask(&self, root: &Path, notice: impl FnOnce() -> Notice) -> Result<()> {
        let before = self.find(When::Before, root);
        let after = (!self.is_within(When::After, root)).then(|| self.find(When::After, root)).flatten();
        if before.is_none() && after.is_none() {
            return Ok(());
        }
        let notice = notice();
        if let Some(program) = before {
            approved(&program, root, &notice)?;
        }
        if after.is_some() {
            *self.made.borrow_mut() = Some((root.to_owned(), notice));
        }
        Ok(())
    }

    /// Forgets a change that was not made after all.
    pub(super) fn not_made(&self) {
        self.made.borrow_mut().take();
    }

    /// Tells the hook after a change, if one was made, and waits for it. The turn has to be over.
    pub fn tell(&self) {
        let Some((root, notice)) = self.made.borrow_mut().take() else { return };
        let place = When::After.place();
        let program = root.join(&place);
        match start(When::After, &program, &root, &notice).and_then(|mut child| child.wait()) {
            Ok(status) if status.success() => {}
            Ok(status) => self.warn(format!("{place} failed ({}); the change stands", in_words(status))),
            Err(error) => self.warn(format!("cannot run {place}: {error}; the change stands")),
        }
    }

    /// What is to be said of hooks that were not run, or failed.
    pub fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.warnings.borrow_mut())
    }

    fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }

    fn is_within(&self, when: When, root: &Path) -> bool {
        self.within.as_ref().is_some_and(|(within, of)| *within == when && of == root)
    }

    /// The program of a hook, where there is one that may be run; what stands there and may not is warned of.
    fn find(&self, when: When, root: &Path) -> Option<PathBuf> {
        let (own, place) = (root.join(OWN_FOLDER), when.place());
        let folder = own.join(FOLDER);
        let program = folder.join(when.name());
        let about = fs::symlink_metadata(&program).ok()?;
        // Through a link the program would be one that git may carry.
        let linked = [&own, &folder, &program].into_iter().find(|path| path.is_symlink());
        let why = if linked.is_some() {
            "a symbolic link leads to it; put the program itself there"
        } else if !about.is_file() {
            "it is not a file"
        } else if about.permissions().mode() & 0o111 == 0 {
            "it is not executable; allow it with `chmod +x`"
        } else {
            match git::carries(&folder, when.name()) {
                Some(false) => return Some(program),
                Some(true) => "git carries it, so that it may come from anybody; `git rm --cached` it",
                None => "git cannot say whether it carries it",
            }
        };
        self.warn(format!("{place} was not run: {why}"));
        None
    }
}

/// Runs the hook before a change.
///
/// Errors: it refuses the change, does not answer in time, or cannot be run.
fn approved(program: &Path, root: &Path, notice: &Notice) -> Result<()> {
    let place = When::Before.place();
    let ended = start(When::Before, program, root, notice).and_then(|child| wait(child, PATIENCE));
    let why = match ended {
        Ok(Some(status)) if status.success() => return Ok(()),
        Ok(Some(status)) => format!("refused ({})", in_words(status)),
        Ok(None) => format!("did not answer within {} s and was stopped", PATIENCE.as_secs()),
        Err(error) => {
            let message = format!("cannot run {place}: {error}; nothing was changed");
            let hint =
                "its first line says what runs it, such as #!/bin/sh; without the file nothing is asked";
            return Err(Error::failed(message).hint(hint));
        }
    };
    Err(Error::refused(format!("{place} {why}; nothing was changed")))
}

/// Starts a hook in the folder, with what it is told on its standard input. What it prints goes to standard error.
fn start(when: When, program: &Path, root: &Path, notice: &Notice) -> io::Result<Child> {
    // A file, and no pipe: a hook may read it, or not, or only in part.
    let mut input = tempfile::tempfile()?;
    input.write_all(format!("{:#}\n", notice.rows).as_bytes())?;
    input.rewind()?;
    let errors = io::stderr().as_fd().try_clone_to_owned()?;
    Command::new(program)
        .current_dir(root)
        .env(NAME_VARIABLE, when.name())
        .env(FOLDER_VARIABLE, root)
        .env("PIPELINE_USER", &notice.by)
        .env("PIPELINE_DID", &notice.did)
        .stdin(input)
        .stdout(Stdio::from(errors))
        .spawn()
}

/// Waits for a hook to end; `None` where it took longer than that and was stopped.
fn wait(mut child: Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Timer::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE);
    }
}

fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "it ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_hangs_is_stopped_and_one_that_ends_is_waited_for() {
        let hang = Command::new("sleep").arg("600").spawn().unwrap();
        let started = Timer::now();
        assert!(wait(hang, Duration::from_millis(50)).unwrap().is_none());
        assert!(started.elapsed() < Duration::from_secs(10));
        let quick = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        assert_eq!(wait(quick, PATIENCE).unwrap().unwrap().code(), Some(7));
    }
}
