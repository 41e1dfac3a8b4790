//! Whether git's HEAD has a change already, so that another branch may have it, too.

use std::path::Path;

use rustc_hash::FxHashSet;

use super::trace::{Fate, Trace};
use super::{Entry, Role, standing};
use crate::deal::event::HEADER;
use crate::error::Result;
use crate::folder::PROCESS_FILE;
use crate::git;

/// What tells whether git's HEAD has a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// The rows that it added to history: each has an instant, and so is no other's.
    Rows,
    /// The lines that it left in other files. They may say what they said before, as where a store is converted there
    /// and back: those that the commit had on which it was made tell nothing.
    Lines,
}

impl Entry {
    /// Whether it moved the deals or the history to another store.
    pub(super) fn is_conversion(&self) -> bool {
        self.traces.iter().any(|trace| trace.file == PROCESS_FILE)
    }

    /// What tells whether git's HEAD has it.
    pub(super) fn telling(&self) -> Telling {
        let is_undo = matches!(self.role, Role::Undo(_));
        let has_rows = self.rows().next().is_some() && !self.is_conversion();
        if is_undo || has_rows { Telling::Rows } else { Telling::Lines }
    }

    /// The rows that it put into the history.
    fn rows(&self) -> impl Iterator<Item = &str> {
        let lines = self.traces.iter().filter(|trace| trace.is_history()).flat_map(Trace::lines);
        lines.filter(|line| is_row(line))
    }
}

/// Whether a line of a file is a row.
fn is_row(line: &str) -> bool {
    !line.is_empty() && line != HEADER
}

/// The commit on which the effect of an entry came to stand: a change that was made again counts from there.
fn made_on<'l>(log: &'l [Entry], entry: &'l Entry) -> Option<&'l str> {
    let at = log.iter().position(|other| other.number == entry.number);
    let by = at.and_then(|at| standing(log)[at]).map_or(entry, |by| &log[by]);
    by.made_on.as_deref()
}

/// The rows of history that an entry added: what an undo only put back, as it stood before the change, is not among them.
pub(super) fn own_rows<'e>(log: &[Entry], entry: &'e Entry) -> Vec<&'e str> {
    let undone = match entry.role {
        Role::Undo(change) => log.iter().find(|other| other.number == change),
        Role::Change | Role::Redo(_) => None,
    };
    let taken = undone.into_iter().flat_map(|undone| &undone.traces).flat_map(|trace| &trace.replaced);
    let taken: FxHashSet<&str> = taken.flat_map(|span| span.old.lines()).collect();
    entry.rows().filter(|row| !taken.contains(row)).collect()
}

/// Whether git's HEAD has one of these rows of history, which an entry added.
pub(super) fn has_any(root: &Path, entry: &Entry, rows: &[&str]) -> Result<bool> {
    if rows.is_empty() {
        return Ok(false);
    }
    let Ok(head) = git::commit_of(root, "HEAD") else { return Ok(false) };
    for trace in entry.traces.iter().filter(|trace| trace.is_history()) {
        let Some(bytes) = git::file_at(root, &head, &trace.file)? else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let known: FxHashSet<&str> = text.lines().collect();
        if rows.iter().any(|row| known.contains(row)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether git's HEAD has a line that an entry left, which the commit had not on which it was made.
pub(super) fn has_left(root: &Path, log: &[Entry], entry: &Entry) -> Result<bool> {
    let Ok(head) = git::commit_of(root, "HEAD") else { return Ok(false) };
    let made_on = made_on(log, entry);
    // Most changes are taken back before anything is committed: no file needs to be read for them.
    if made_on == Some(&*head) {
        return Ok(false);
    }
    // A commit that is gone, as after a rebase, tells nothing; and a log may hold what is no commit.
    let made_on = made_on.and_then(|commit| git::commit_of(root, commit).ok());
    let is_conversion = entry.is_conversion();
    let left = |trace: &&Trace| if is_conversion { trace.fate == Fate::Made } else { trace.is_deals() };
    for trace in entry.traces.iter().filter(left) {
        let Some(bytes) = git::file_at(root, &head, &trace.file)? else { continue };
        let before = made_on.as_deref().map(|commit| git::file_at(root, commit, &trace.file));
        let before = before.transpose()?.flatten();
        let (now, before) =
            (String::from_utf8_lossy(&bytes), String::from_utf8_lossy(before.as_deref().unwrap_or_default()));
        let (now, before): (FxHashSet<&str>, FxHashSet<&str>) =
            (now.lines().collect(), before.lines().collect());
        if trace.lines().any(|line| is_row(line) && now.contains(line) && !before.contains(line)) {
            return Ok(true);
        }
    }
    Ok(false)
}
