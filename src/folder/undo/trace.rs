//! What a change does to the files, as far as it takes to put them back.

use std::fs;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::folder::journal::Edit;
use crate::folder::{DEALS_FILE, PROCESS_FILE};

/// A span of a file that changed: where it stands now, what it held, what it holds.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Replaced {
    /// The offset of the new text.
    pub at: usize,
    /// The text before.
    pub old: String,
    /// The text after.
    pub new: String,
}

/// What a change did to one file.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Trace {
    /// The file, from the folder.
    pub file: String,
    /// Its spans, in ascending order.
    #[serde(rename = "patches")]
    pub replaced: Vec<Replaced>,
    /// Whether the file came or went with the change.
    #[serde(default, skip_serializing_if = "Fate::is_kept")]
    pub fate: Fate,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was there before and after.
    #[default]
    Kept,
    /// It came.
    Made,
    /// It went.
    Removed,
}

impl Fate {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_kept(&self) -> bool {
        *self == Fate::Kept
    }
}

impl Trace {
    /// What an edit does to its file, which it has not done yet.
    pub(super) fn of(root: &Path, edit: &Edit<'_>) -> Result<Trace> {
        let path = root.join(edit.file());
        let length = match fs::symlink_metadata(&path) {
            Ok(about) => Some(about.len() as usize),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("look at", &path, error)),
        };
        let fate = if length.is_none() { Fate::Made } else { Fate::Kept };
        Ok(match edit {
            Edit::Append { file, text } => {
                let added = Replaced { at: length.unwrap_or(0), old: String::new(), new: text.clone() };
                Trace { file: file.clone(), replaced: vec![added], fate }
            }
            Edit::Remove { file } => {
                let old = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
                let gone = Replaced { at: 0, old, new: String::new() };
                Trace { file: file.clone(), replaced: vec![gone], fate: Fate::Removed }
            }
            Edit::Splice { file, original, patches } => {
                let (mut at, mut from) = (0, 0);
                let mut traced: Vec<Replaced> = Vec::with_capacity(patches.len());
                for (span, new) in patches {
                    at += span.start - from;
                    let old = &original[span.clone()];
                    match traced.last_mut() {
                        // Neighbours are one place, which is to be found again as one.
                        Some(last) if span.start == from => {
                            last.old.push_str(old);
                            last.new.push_str(new);
                        }
                        _ => traced.push(Replaced { at, old: old.to_owned(), new: new.clone().into_owned() }),
                    }
                    at += new.len();
                    from = span.end;
                }
                // Rows may stand anywhere; lines of other files are put back where they were, or not at all.
                if let ([(span, _)], [replaced]) = (&patches[..], &mut traced[..])
                    && replaced.new.is_empty()
                    && !is_table(file)
                {
                    *replaced = beside_a_neighbour(original, span);
                }
                Trace { file: file.clone(), replaced: traced, fate }
            }
        })
    }

    /// Whether the file holds rows of history, in any store.
    pub(super) fn is_history(&self) -> bool {
        is_table(&self.file) && self.file != DEALS_FILE
    }

    /// Whether the file holds deals, in any store.
    pub(super) fn is_deals(&self) -> bool {
        let is_yaml = Path::new(&self.file).extension().is_some_and(|end| end == "yaml");
        self.file == DEALS_FILE || is_yaml && self.file != PROCESS_FILE
    }

    /// The lines that came into the file.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.replaced.iter().flat_map(|span| span.new.lines())
    }
}

/// Whether a file is rows.
fn is_table(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "csv")
}

/// How much an edit would leave in the log, as far as it tells without its file.
pub(super) fn size(edit: &Edit<'_>) -> usize {
    match edit {
        Edit::Append { text, .. } => text.len(),
        Edit::Splice { patches, .. } => patches.iter().map(|(span, new)| span.len() + new.len()).sum(),
        Edit::Remove { .. } => 0,
    }
}

/// The span of lines that go, with the line before them, or the one after at the start of a file: so that their place
/// is found again.
fn beside_a_neighbour(text: &str, lines: &Range<usize>) -> Replaced {
    let before = text[..lines.start].split_inclusive('\n').next_back().unwrap_or_default();
    let after = text[lines.end..].split_inclusive('\n').next().unwrap_or_default();
    let after = if before.is_empty() { after } else { "" };
    let span = lines.start - before.len()..lines.end + after.len();
    Replaced { at: span.start, old: text[span].to_owned(), new: format!("{before}{after}") }
}
