//! The deals that are here from another system, known again by the id that they have there.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::deal::record::Record;
use crate::error::Result;
use crate::folder::door::Door;
use crate::folder::sheet::{Line, trimmed};
use crate::process::{SOURCE_ID, StageIndex};

/// The rows of deals that came from elsewhere, by the id that they have there.
#[derive(Debug, Default)]
pub(super) struct FromSource<'d> {
    rows: FxHashMap<Cow<'d, str>, Line<'d>>,
}

impl<'d> FromSource<'d> {
    /// Those behind a door, by what ids that mean the same have in common.
    ///
    /// Errors: two that stand have the same; the row of one is unsound.
    pub(super) fn of(door: &'d Door<'_>, key: fn(&str) -> &str) -> Result<FromSource<'d>> {
        let sheet = door.deals();
        let columns = ["id", "stage", SOURCE_ID].map(|name| sheet.column(name));
        let [Some(id), Some(stage), Some(source)] = columns else { return Ok(FromSource::default()) };
        let (mut found, mut cells) = (Vec::new(), Vec::new());
        for line in sheet.rows() {
            let line = line?;
            sheet.split(line, &mut cells)?;
            if !cells[source].trim().is_empty() {
                let is_deleted = cells[stage] == StageIndex::DELETED_ID;
                let there = match trimmed(cells[source].clone()) {
                    Cow::Borrowed(there) => Cow::Borrowed(key(there)),
                    Cow::Owned(there) => Cow::Owned(key(&there).to_owned()),
                };
                found.push((cells[id].clone(), there, line, is_deleted));
            }
        }
        door.sound_rows(&found.iter().map(|(id, ..)| &**id).collect::<FxHashSet<_>>())?;
        let mut rows: FxHashMap<Cow<'d, str>, Line<'d>> = FxHashMap::default();
        let (deleted, standing): (Vec<_>, Vec<_>) = found.into_iter().partition(|(.., deleted)| *deleted);
        for (_, there, line, _) in standing {
            if let Some(other) = rows.insert(there.clone(), line) {
                let other = door.record(other)?;
                let message = format!("`{there}` is the source_id of {} already", other.id());
                let problem = sheet.at_cell(line, source, message);
                return Err(problem.help("empty the cell of one of them, or merge the two").into());
            }
        }
        // A duplicate that was merged into another deal has left its id there to it.
        for (_, there, line, _) in deleted {
            rows.entry(there).or_insert(line);
        }
        Ok(FromSource { rows })
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether a deal is here.
    pub(super) fn has(&self, source_id: &str) -> bool {
        self.rows.contains_key(source_id)
    }

    /// What is known here of a deal.
    pub(super) fn record(&self, door: &'d Door<'_>, source_id: &str) -> Result<Option<Record<'d>>> {
        self.rows.get(source_id).map(|line| door.record(*line)).transpose()
    }
}
