//! Taking what the files say of a person out of both, for good.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::door::{Door, UndoLog};
use super::history::{self, History};
use super::journal::{Edit, Patch};
use super::undo::Entry;
use super::{deal_rows, sheet};
use crate::deal::event::{self, DEAL, EVENT, Event, FIELD, MERGED_INTO, NOTE, TO, What, push_row};
use crate::error::Result;
use crate::process::{DealStore, StageIndex, Written};
use crate::yaml;

/// What stands where a name was.
pub const ERASED: &str = "erased";

impl Door<'_> {
    /// Deletes the deals of a change's events, and takes the rest of what both files say of them, and of those whose name it
    /// mends, out: every other cell, every change of a field, every activity, the notes of moves. The undo log goes, since
    /// it holds old cells. `reason` takes the place of the one for which a deal was deleted before.
    pub fn erase(&self, change: &Change<'_>, reason: &str) -> Result<()> {
        let deletions = &change.events;
        let gone = change.mended.iter().map(|(deal, _)| (deal.as_str(), None));
        let erased: BTreeMap<&str, Option<&Event<'_>>> =
            deletions.iter().map(|event| (&*event.deal, Some(event))).chain(gone).collect();
        let history = self.history()?;
        let mut edits = match &self.process().deals {
            DealStore::Csv => self.deals().edits(self.erased_rows(&erased)?),
            DealStore::Yaml(_) => self.erased_files(&erased)?,
        };
        edits.extend(history.edits(erased_events(&history, &erased, reason)?));
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
        let entry = Entry::of(self.process(), change);
        self.write(edits, &entry, UndoLog::Dropped, || event::as_json(change.rows()))
    }

    /// The deleted deals that were merged into another, each with that other.
    pub fn merges(&self) -> Result<BTreeMap<String, String>> {
        let history = self.history()?;
        let rows = History::of(&history)?.rows(|line| line.text.contains(MERGED_INTO));
        let into = |event: Event<'_>| match event.what {
            What::Set { field, to, .. } if field == MERGED_INTO => Some(to.into_owned()),
            _ => None,
        };
        let told = history::standing(rows.collect::<Result<Vec<_>, _>>()?).into_iter();
        let mut merges: BTreeMap<String, String> = told
            .filter_map(|(deal, events)| Some((deal, events.into_iter().rev().find_map(into)?)))
            .collect();
        let ids: Vec<&str> = merges.keys().map(String::as_str).collect();
        let deleted: BTreeSet<String> = self
            .rows_of(&ids)?
            .iter()
            .filter(|record| record.get("stage") == StageIndex::DELETED_ID)
            .map(|record| record.id().to_owned())
            .collect();
        merges.retain(|deal, _| deleted.contains(deal));
        Ok(merges)
    }

    /// The files of these deals written anew: a comment may name a person, too.
    fn erased_files(&self, erased: &BTreeMap<&str, Option<&Event<'_>>>) -> Result<Vec<Edit<'static>>> {
        let sheet = self.deals();
        let (mut edits, mut cells) = (Vec::new(), Vec::new());
        for line in sheet.rows() {
            let line = line?;
            let Some(deal) = sheet.deal_file(line) else { continue };
            sheet.split(line, &mut cells)?;
            let Some(deletion) = erased.get(&*cells[0]) else { continue };
            let at = deletion.map(|event| event.at.to_string());
            let cell = |name: &str| sheet.column(name).map_or("", |column| &*cells[column]);
            let moved = |name: &'static str| (name, at.as_deref().unwrap_or_else(|| cell(name)));
            let values = [
                ("id", &*cells[0]),
                ("name", ERASED),
                ("stage", StageIndex::DELETED_ID),
                moved("stage_since"),
                ("created", cell("created")),
                moved("closed"),
            ];
            let text = yaml::written(&deal.file, &values)?;
            let original = Cow::Owned(deal.text.clone());
            let patches = vec![(0..deal.text.len(), text.into())];
            edits.push(Edit::Splice { file: deal.file.clone(), original, patches });
        }
        Ok(edits)
    }

    fn erased_rows(&self, erased: &BTreeMap<&str, Option<&Event<'_>>>) -> Result<Vec<Patch<'static>>> {
        let sheet = self.deals();
        let (mut patches, mut cells) = (Vec::new(), Vec::new());
        let Some(required) = deal_rows::required(sheet)? else { return Ok(patches) };
        for line in sheet.rows() {
            let line = line?;
            sheet.split(line, &mut cells)?;
            let Some(deletion) = erased.get(&*cells[required.id]) else { continue };
            let at = deletion.map(|event| event.at.to_string());
            let changes: Vec<(usize, &str)> = sheet
                .columns()
                .iter()
                .enumerate()
                .filter_map(|(column, name)| match (name.as_str(), &at) {
                    ("stage", _) => Some((column, StageIndex::DELETED_ID)),
                    ("stage_since" | "closed", Some(at)) => Some((column, at.as_str())),
                    ("name", _) => Some((column, ERASED)),
                    (name, _) if Written::of(name).is_by_hand() => Some((column, "")),
                    // What nobody wrote tells of the process, not of a person.
                    _ => None,
                })
                .collect();
            patches.push((line.start..line.start + line.text.len(), sheet.changed(line, &changes).into()));
        }
        Ok(patches)
    }
}

/// The rows of history of these deals: moves without their notes, the deletion of a deal that was deleted before with this
/// reason, all else gone.
fn erased_events(
    history: &sheet::Sheet,
    erased: &BTreeMap<&str, Option<&Event<'_>>>,
    reason: &str,
) -> Result<Vec<Patch<'static>>> {
    let (mut patches, mut cells) = (Vec::new(), Vec::new());
    for line in history.rows() {
        let line = line?;
        history.split(line, &mut cells)?;
        let Some(deletion) = cells.get(DEAL).and_then(|deal| erased.get(&**deal)) else { continue };
        let end = line.start + line.text.len();
        let of_stage = cells[EVENT] == "stage" || (cells[EVENT] == "void" && cells[FIELD].contains("stage"));
        if of_stage {
            let mut row = String::new();
            let deleted =
                deletion.is_none() && cells[EVENT] == "stage" && cells[TO] == StageIndex::DELETED_ID;
            let note = if deleted { event::escape(reason) } else { Cow::Borrowed("") };
            push_row(&mut row, cells.iter().take(NOTE).map(|cell| &**cell).chain([&*note]), "");
            patches.push((line.start..end, row.into()));
        } else {
            let line_end = usize::from(history.text()[end..].starts_with('\n'));
            patches.push((line.start..end + line_end, Cow::Borrowed("")));
        }
    }
    Ok(patches)
}
