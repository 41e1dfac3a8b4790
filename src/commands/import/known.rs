//! The deals that are here from another system, known again by the id that they have there.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::deal::record::Record;
use crate::error::Result;
use crate::folder::door::Door;
use crate::folder::sheet::{Line, trimmed};
use crate::process::SOURCE_ID;

/// The rows of deals that came from elsewhere, by the id that they have there.
#[derive(Debug, Default)]
pub(super) struct FromSource<'d> {
    rows: FxHashMap<Cow<'d, str>, Line<'d>>,
}

impl<'d> FromSource<'d> {
    /// Those behind a door.
    ///
    /// Errors: two have the same; the row of one is unsound.
    pub(super) fn of(door: &'d Door<'_>) -> Result<FromSource<'d>> {
        let sheet = door.deals();
        let (Some(id), Some(source)) = (sheet.column("id"), sheet.column(SOURCE_ID)) else {
            return Ok(FromSource::default());
        };
        let (mut found, mut cells) = (Vec::new(), Vec::new());
        for line in sheet.rows() {
            let line = line?;
            sheet.split(line, &mut cells)?;
            if !cells[source].trim().is_empty() {
                found.push((cells[id].clone(), trimmed(cells[source].clone()), line));
            }
        }
        door.sound_rows(&found.iter().map(|(id, _, _)| &**id).collect::<FxHashSet<_>>())?;
        let mut rows: FxHashMap<Cow<'d, str>, Line<'d>> = FxHashMap::default();
        for (_, there, line) in found {
            if let Some(other) = rows.insert(there.clone(), line) {
                let other = door.record(other)?;
                let message = format!("`{there}` is the source_id of {} already", other.id());
                let problem = sheet.at_cell(line, source, message);
                return Err(problem.help("empty the cell of one of them, or merge the two").into());
            }
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
