//! Taking what the files say of a person out of both, for good.

use std::collections::BTreeSet;
use std::ops::Range;

use super::door::Door;
use super::journal::Edit;
use super::{DEALS_FILE, HISTORY_FILE, OWN_FOLDER, load, sheet};
use crate::deal::event::{Event, push_cell};
use crate::error::Result;

/// What stands where a name was.
const ERASED: &str = "erased";

/// Columns that tell of the process, not of a person.
const KEPT: [&str; 4] = ["id", "created", "stage", "stage_since"];

impl Door<'_> {
    /// Deletes deals by these events, and takes the rest of what both files say of them out: every other cell, every
    /// change of a field, every activity, the notes of moves. The undo log goes, since it holds old cells.
    pub fn erase(&self, deletions: &[Event<'_>]) -> Result<()> {
        self.needs_rows("erasing")?;
        let ids: BTreeSet<&str> = deletions.iter().map(|event| &*event.deal).collect();
        let history = self.history()?;
        let deals = Edit::Splice {
            file: DEALS_FILE.to_owned(),
            original: self.deals().text().into(),
            patches: self.erased_rows(deletions)?,
        };
        let mut patches = erased_events(&history, &ids)?;
        let lines: String = deletions.iter().map(Event::to_line).collect();
        patches.push((history.text().len()..history.text().len(), lines));
        let history =
            Edit::Splice { file: HISTORY_FILE.to_owned(), original: history.text().into(), patches };
        let log = Edit::Remove { file: format!("{OWN_FOLDER}/{}", super::undo::LOG) };
        self.make(&[deals, history, log])
    }

    fn erased_rows(&self, deletions: &[Event<'_>]) -> Result<Vec<(Range<usize>, String)>> {
        let sheet = self.deals();
        let (mut patches, mut cells) = (Vec::new(), Vec::new());
        let Some(required) = load::required(sheet)? else { return Ok(patches) };
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
                    "stage" => Some((column, "deleted")),
                    "stage_since" | "closed" => Some((column, at.as_str())),
                    "name" => Some((column, ERASED)),
                    name if KEPT.contains(&name) => None,
                    _ => Some((column, "")),
                })
                .collect();
            patches.push((line.start..line.start + line.text.len(), sheet.changed(line, &changes)));
        }
        Ok(patches)
    }
}

/// The rows of history of these deals: moves without their notes, all else gone.
fn erased_events(history: &sheet::Sheet, ids: &BTreeSet<&str>) -> Result<Vec<(Range<usize>, String)>> {
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
            for (column, cell) in cells.iter().enumerate() {
                if column > 0 {
                    row.push(',');
                }
                push_cell(&mut row, if column == cells.len() - 1 { "" } else { cell });
            }
            patches.push((line.start..end, row));
        } else {
            let line_end = usize::from(history.text()[end..].starts_with('\n'));
            patches.push((line.start..end + line_end, String::new()));
        }
    }
    Ok(patches)
}
