//! What was typed, resolved once into what is meant: the folder, the clock, the user, and where results go.

mod clock;
mod look;
mod own_files;
mod results;
mod sentences;

use std::path::Path;

use super::options::{Changing, Global, Reading};
use super::working::Working;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::door::{Door, Mode};
use crate::folder::hooks::{self, Hooks};
use crate::git;
use crate::output::Format;
use crate::process::{Lang, Process};
use crate::shell;

pub(super) use clock::Clock;

/// What every command is given.
#[derive(Debug)]
pub(super) struct Context {
    global: Global,
    hooks: Hooks,
    /// What is drawn about the work under way, until something is printed.
    working: Working,
}

impl Context {
    pub(super) fn new(global: Global) -> Context {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let hooks = match (variable(hooks::NAME_VARIABLE), variable(hooks::FOLDER_VARIABLE)) {
            (Some(name), Some(folder)) => Hooks::within(&name.to_string_lossy(), Path::new(&folder)),
            _ => Hooks::default(),
        };
        Context { global, hooks, working: Working::default() }
    }

    /// The same, with results in a format.
    pub(super) fn in_format(&self, format: Format) -> Context {
        let global = Global { format: Some(format), ..self.global.clone() };
        Context { global, hooks: Hooks::default(), working: Working::default() }
    }

    /// The folder that was named, else the one we stand in.
    ///
    /// Errors: several were named.
    pub(super) fn named_folder(&self) -> Result<&Path> {
        match &self.global.folders[..] {
            [] => Ok(Path::new(".")),
            [one] => Ok(one),
            several => Err(Error::usage(format!("this works on one folder, and -C names {}", several.len()))
                .hint("`list`, `board`, `agenda`, `review` and `report` show several side by side")),
        }
    }

    /// Opens the folder as it is.
    pub(super) fn folder(&self) -> Result<Folder> {
        Folder::open(Folder::find(self.named_folder()?)?)
    }

    /// Opens the folder for reading, as it is or as it was.
    pub(super) fn folder_at(&self, reading: &Reading) -> Result<Folder> {
        Context::opened(self.named_folder()?, reading)
    }

    /// Opens every folder that was named, for reading.
    pub(super) fn folders_at(&self, reading: &Reading) -> Result<Vec<Folder>> {
        match &self.global.folders[..] {
            [] | [_] => Ok(vec![self.folder_at(reading)?]),
            several => several.iter().map(|folder| Context::opened(folder, reading)).collect(),
        }
    }

    fn opened(folder: &Path, reading: &Reading) -> Result<Folder> {
        let root = Folder::find(folder)?;
        match &reading.rev {
            None => Folder::open(root),
            Some(revision) => Folder::at_revision(root, revision),
        }
    }

    /// A command to paste, about the nth folder that was named: it works from here, whatever was named how.
    pub(super) fn pasted(&self, nth: usize, command: &str) -> String {
        let named = self.global.folders.get(nth).and_then(|folder| folder.to_str());
        match (command.strip_prefix("pipeline "), named) {
            (Some(rest), Some(folder)) => format!("pipeline -C {} {rest}", shell::quote(folder)),
            _ => command.to_owned(),
        }
    }

    /// Opens the folder's door for a change.
    pub(super) fn door<'f>(&'f self, folder: &'f Folder, changing: &Changing) -> Result<Door<'f>> {
        self.can_report(folder.process())?;
        if changing.dry_run {
            return folder.door(Mode::Show);
        }
        self.hooks.may_change(folder.root())?;
        Ok(folder.door(Mode::Make(changing.wait))?.with(&self.hooks))
    }

    /// Tells the user's hook of the change that the command made, once it has said what it did and its turn is over.
    pub(super) fn after(&self) {
        self.hooks.tell();
        for warning in self.hooks.warnings() {
            self.warn(&warning);
        }
    }

    /// Who makes a change: a claim, not a proof.
    pub(super) fn user(changing: &Changing, folder: &Folder) -> String {
        let named = changing.user.clone().filter(|name| !name.trim().is_empty());
        let user =
            named.or_else(|| git::config(folder.root(), "user.name")).or_else(|| whoami::username().ok());
        user.unwrap_or_default().replace(char::is_control, " ").trim().to_owned()
    }

    /// The language that was asked for, where one was.
    pub(super) fn lang_asked(&self) -> Option<Lang> {
        self.global.lang
    }

    /// The language of headings: the one that was asked for, else that of the process.
    pub(super) fn lang(&self, process: &Process) -> Lang {
        self.global.lang.unwrap_or(process.lang)
    }

    /// Begins work that may take long, and shows so to whoever watches, until something is printed.
    pub(super) fn begin(&self, what: &'static str) {
        if !self.global.quiet {
            self.working.begin(what);
        }
    }
}
