//! The one door for changes: the folder at its turn, the events of one command, and the file edits that they come to.

mod file_edits;
mod find;
mod new_deals;
mod row_edits;

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::change::Change;
use super::effects::effects;
use super::end::{self, End};
use super::hooks::{Hooks, Notice};
use super::journal::{self, Edit, changed_meanwhile};
use super::sheet::Sheet;
use super::turn::Turn;
use super::undo::Entry;
use super::{Folder, HISTORY_FILE, Need, OWN_FOLDER, Source, Stamps, store, years};
use crate::deal::event::{self, Event, HEADER};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::process::{DealStore, HistoryStore, Process};

/// Whether a change is made or only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is made, after waiting so long for the folder.
    Make(Duration),
    /// Nothing is touched, not even the lock.
    Show,
}

/// Whether `undo` is to remember a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UndoLog {
    /// It notes how to take the change back.
    Kept,
    /// It forgets everything.
    Dropped,
}

/// The folder, open for one change.
#[derive(Debug)]
pub struct Door<'f> {
    folder: &'f Folder,
    deals: Sheet,
    stamps: Stamps,
    turn: Option<Turn>,
    /// Where the rows start that were looked for: a change goes over a large file once, not twice.
    located: RefCell<FxHashMap<String, usize>>,
    hooks: Option<&'f Hooks>,
}

impl Folder {
    /// Waits for its turn and reads the deals, so that a change can be worked out from what is there now.
    pub fn door(&self, mode: Mode) -> Result<Door<'_>> {
        if let Source::Commit(commit) = &self.source {
            return Err(Error::usage(format!("the files of revision {commit} cannot be changed"))
                .hint("leave out --rev"));
        }
        let turn = match mode {
            Mode::Make(wait) => {
                let turn = Turn::take(&self.root, wait)?;
                journal::recover(&self.root, &self.own())?;
                Some(turn)
            }
            Mode::Show => None,
        };
        let stamps = self.stamps();
        let deals = match turn {
            Some(_) => self.read_once(Need::Deals)?.deals,
            None => self.read(Need::Deals)?.deals,
        };
        Ok(Door { folder: self, deals, stamps, turn, located: RefCell::default(), hooks: None })
    }
}

impl<'f> Door<'f> {
    /// The same door, behind which these hooks are asked before a change, and remember it.
    #[must_use]
    pub fn with(self, hooks: &'f Hooks) -> Door<'f> {
        Door { hooks: Some(hooks), ..self }
    }
}

impl Door<'_> {
    /// The process of the folder.
    pub fn process(&self) -> &Process {
        &self.folder.process
    }

    /// Where the folder is.
    pub fn root(&self) -> &Path {
        &self.folder.root
    }

    /// The deals as they are.
    pub fn deals(&self) -> &Sheet {
        &self.deals
    }

    /// The history, for the changes that depend on the past.
    pub fn history(&self) -> Result<Sheet> {
        Ok(self.folder.read_once(Need::History)?.history)
    }

    /// When the last row of the history happened, as far as its end tells.
    pub fn last_event(&self) -> Result<Option<Instant>> {
        match store::last_history_file(self.folder)? {
            Some(file) => Ok(End::of(&self.folder.root, &file)?.last()),
            None => Ok(None),
        }
    }

    /// The ids that the last rows of the history name: of deals whose rows were removed by hand, too.
    pub fn lately(&self) -> Result<Vec<String>> {
        match store::last_history_file(self.folder)? {
            Some(file) => end::lately(&self.folder.root, &file),
            None => Ok(Vec::new()),
        }
    }

    /// Writes what a change comes to: the values of its deals, and a row an event in the history.
    ///
    /// Once it returns, both are on disk. A door that only shows does everything but the writing.
    pub fn commit(&self, change: &Change<'_>) -> Result<()> {
        if change.events.is_empty() && change.arrivals.text().is_empty() && change.mended.is_empty() {
            return Ok(());
        }
        let mut edits = self.state_edits(change)?;
        edits.extend(self.appending(&change.events)?);
        self.write(edits, &Entry::of(self.process(), change), UndoLog::Kept, || event::as_json(change.rows()))
    }

    /// The edits of the deals that a change comes to.
    pub(super) fn state_edits<'a>(&'a self, change: &'a Change<'_>) -> Result<Vec<Edit<'a>>> {
        let effects = effects(self.process(), change);
        match &self.process().deals {
            DealStore::Csv => self.row_edits(&change.arrivals, &effects),
            DealStore::Yaml(folder) => self.file_edits(folder, &change.arrivals, &effects),
        }
    }

    /// The edits that add events to the history.
    pub(super) fn appending(&self, events: &[Event<'_>]) -> Result<Vec<Edit<'static>>> {
        let files = match &self.process().history {
            HistoryStore::Years(folder) => years::lines_by_year(folder, events),
            HistoryStore::OneFile if events.is_empty() => Vec::new(),
            HistoryStore::OneFile => {
                vec![(HISTORY_FILE.to_owned(), events.iter().map(Event::to_line).collect())]
            }
        };
        let append = |(file, lines): (String, String)| {
            let mut text = match End::of(&self.folder.root, &file)? {
                End::Nothing => format!("{HEADER}\n"),
                End::Line { ends: true, .. } => String::new(),
                End::Line { ends: false, .. } => "\n".to_owned(),
            };
            text.push_str(&lines);
            Ok(Edit::Append { file, text })
        };
        files.into_iter().map(append).collect()
    }

    /// Makes the edits of a change, `rows` being what `-f json` prints of it. A door that only shows makes none.
    ///
    /// Errors: a hook refuses it; something else changed the deals meanwhile; a file cannot be written.
    pub(super) fn write(
        &self,
        mut edits: Vec<Edit<'_>>,
        entry: &Entry,
        undo_log: UndoLog,
        rows: impl FnOnce() -> serde_json::Value,
    ) -> Result<()> {
        if self.turn.is_none() {
            return Ok(());
        }
        let root = &self.folder.root;
        if let Some(hooks) = self.hooks {
            hooks.ask(root, || Notice { did: entry.said(), by: entry.by.clone(), rows: rows() })?;
        }
        edits.push(match undo_log {
            UndoLog::Kept => entry.recording(root, &edits)?,
            UndoLog::Dropped => Edit::Remove { file: format!("{OWN_FOLDER}/{}", super::undo::LOG) },
        });
        let made = self.make(&edits);
        if let (Err(_), Some(hooks)) = (&made, self.hooks) {
            hooks.not_made();
        }
        made
    }

    fn make(&self, edits: &[Edit<'_>]) -> Result<()> {
        if self.folder.stamps() != self.stamps {
            return Err(changed_meanwhile("the deals or their history"));
        }
        let root = &self.folder.root;
        let before = end::lengths(root, edits);
        journal::commit(root, &self.folder.own(), edits)?;
        end::remember(root, edits, &before);
        Ok(())
    }

    /// The folder that it is the door of.
    pub(super) fn folder(&self) -> &Folder {
        self.folder
    }
}
