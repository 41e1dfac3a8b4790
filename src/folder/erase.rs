//! Taking what the files say of a person out of both, for good.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::door::{Change, Door, Memory};
use super::journal::{Edit, Patch};
use super::undo::Entry;
use super::{deal_rows, sheet};
use crate::deal::event::{self, Event, push_row};
use crate::error::Result;
use crate::process::{DealStore, StageIndex};
use crate::yaml;

/// What stands where a name was.
const ERASED: &str = "erased";

/// Columns that tell of the process, not of a person.
const KEPT: [&str; 2] = ["id", "created"];

impl Door<'_> {
    /// Deletes deals by these events, and takes the rest of what both files say of them out: every other cell, every
    /// change of a field, every activity, the notes of moves. The undo log goes, since it holds old cells.
    pub fn erase(&self, deletions: &[Event<'_>]) -> Result<()> {
        let ids: BTreeSet<&str> = deletions.iter().map(|event| &*event.deal).collect();
        let history = self.history()?;
        let mut edits = match &self.process().deals {
            DealStore::Csv => self.deals().edits(self.erased_rows(deletions)?),
            DealStore::Yaml(_) => self.erased_files(deletions)?,
        };
        edits.extend(history.edits(erased_events(&history, &ids)?));
        for edit in self.appending(deletions)? {
            let Edit::Append { file, text } = edit else { continue };
            let same = edits.iter_mut().find_map(|edit| match edit {
                Edit::Splice { file: other, original, patches } if *other == file => {
                    Some((original, patches))
                }
                _ => None,
            });
            match same {
                Some((original, patches)) => patches.push((original.len()..original.len(), text.into())),
                None => edits.push(Edit::Append { file, text }),
            }
        }
        let change = Change::from(deletions.to_vec());
        let entry = Entry::of(self.process(), &change);
        self.write(edits, &entry, Memory::Dropped, || event::as_json(change.rows()))
    }

    /// The files of these deals written anew: a comment may name a person, too.
    fn erased_files(&self, deletions: &[Event<'_>]) -> Result<Vec<Edit<'static>>> {
        let sheet = self.deals();
        let (mut edits, mut cells) = (Vec::new(), Vec::new());
        for line in sheet.rows() {
            let line = line?;
            let Some(deal) = sheet.deal_file(line) else { continue };
            sheet.split(line, &mut cells)?;
            let Some(event) = deletions.iter().find(|event| event.deal == cells[0]) else { continue };
            let at = event.at.to_string();
            let created = sheet.column("created").map_or("", |column| &*cells[column]);
            let values = [
                ("id", &*cells[0]),
                ("name", ERASED),
                ("stage", StageIndex::DELETED_ID),
                ("stage_since", &at),
                ("created", created),
                ("closed", &at),
            ];
            let text = yaml::written(&deal.file, &values)?;
            let original = Cow::Owned(deal.text.clone());
            let patches = vec![(0..deal.text.len(), text.into())];
            edits.push(Edit::Splice { file: deal.file.clone(), original, patches });
        }
        Ok(edits)
    }

    fn erased_rows(&self, deletions: &[Event<'_>]) -> Result<Vec<Patch<'static>>> {
        let sheet = self.deals();
        let (mut patches, mut cells) = (Vec::new(), Vec::new());
        let Some(required) = deal_rows::required(sheet)? else { return Ok(patches) };
        for line in sheet.rows() {
            let line = line?;
            sheet.split(line, &mut cells)?;
            let Some(event) = deletions.iter().find(|event| event.deal == cells[required.id]) else {
                continue;
            };
            let at = event.at.to_string();
            let changes: Vec<(usize, &str)> = sheet
                .columns()
                .iter()
                .enumerate()
                .filter_map(|(column, name)| match name.as_str() {
                    "stage" => Some((column, StageIndex::DELETED_ID)),
                    "stage_since" | "closed" => Some((column, at.as_str())),
                    "name" => Some((column, ERASED)),
                    name if KEPT.contains(&name) => None,
                    _ => Some((column, "")),
                })
                .collect();
            patches.push((line.start..line.start + line.text.len(), sheet.changed(line, &changes).into()));
        }
        Ok(patches)
    }
}

/// The rows of history of these deals: moves without their notes, all else gone.
fn erased_events(history: &sheet::Sheet, ids: &BTreeSet<&str>) -> Result<Vec<Patch<'static>>> {
    let (mut patches, mut cells) = (Vec::new(), Vec::new());
    for line in history.rows() {
        let line = line?;
        history.split(line, &mut cells)?;
        if !cells.get(1).is_some_and(|deal| ids.contains(&**deal)) {
            continue;
        }
        let end = line.start + line.text.len();
        let of_stage = cells[2] == "stage" || (cells[2] == "void" && cells[3].contains("stage"));
        if of_stage {
            let mut row = String::new();
            let without_note = cells.iter().take(cells.len() - 1).map(|cell| &**cell).chain([""]);
            push_row(&mut row, without_note, "");
            patches.push((line.start..end, row.into()));
        } else {
            let line_end = usize::from(history.text()[end..].starts_with('\n'));
            patches.push((line.start..end + line_end, Cow::Borrowed("")));
        }
    }
    Ok(patches)
}
