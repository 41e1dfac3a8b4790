//! Deals behind the door, found by id and read so far that a change can rest on them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::Door;
use crate::deal::record::Record;
use crate::error::{Error, Result};
use crate::folder::deal_rows::{DealRows, required};
use crate::folder::sheet::{self, Line, RawCell};
use crate::problem::nearest_id;
use crate::process::{DealStore, StageIndex};
use crate::shell;

impl Door<'_> {
    /// What the files say of these deals, in their order.
    ///
    /// Errors: a deal that is not there (exit 4, with a near one), or whose row is unsound.
    pub fn records(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Record<'_>>> {
        let records = self.records_of_any(ids)?;
        match records.iter().find(|record| record.get("stage") == StageIndex::DELETED_ID) {
            Some(deleted) => Err(self.no_such_deal(deleted.id())),
            None => Ok(records),
        }
    }

    /// The same of deals that may be deleted.
    ///
    /// Errors: a deal that never was there; a row that is unsound.
    pub fn records_of_any(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Record<'_>>> {
        let wanted: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        let found = self.find(&wanted)?;
        let one = |id: &&str| found.get(*id).cloned().ok_or_else(|| self.no_such_deal(id));
        wanted.iter().map(one).collect()
    }

    /// What deals.csv says of these deals, deleted ones among them.
    pub fn rows_of(&self, ids: &[&str]) -> Result<Vec<Record<'_>>> {
        Ok(self.find(ids)?.into_values().collect())
    }

    pub(super) fn no_such_deal(&self, id: &str) -> Error {
        let known = self.ids().unwrap_or_default();
        if known.iter().any(|known| known == id) {
            let error = Error::not_found(format!("the deal `{id}` is deleted"));
            return error.hint(format!("`{}` shows what it was", shell::about("show", id, &[], &[])));
        }
        let error = Error::not_found(format!("there is no deal `{id}`"));
        error.suggest(nearest_id(id, known.iter().map(|id| &**id)), "`pipeline list` shows the deals")
    }

    /// The ids of all deals, deleted ones among them.
    pub fn ids(&self) -> Result<Vec<Cow<'_, str>>> {
        let Some(required) = required(&self.deals)? else { return Ok(Vec::new()) };
        self.deals.rows().map(|line| Ok(id_of(line?, required.id))).collect()
    }

    fn find<'a>(&'a self, ids: &[&str]) -> Result<BTreeMap<String, Record<'a>>> {
        let mut found: BTreeMap<String, Record<'a>> = BTreeMap::new();
        for (id, line) in self.sound_rows(&ids.iter().copied().collect())? {
            self.located.borrow_mut().insert(id.clone().into_owned(), line.start);
            found.insert(id.into_owned(), self.record(line)?);
        }
        Ok(found)
    }

    /// A row as a record.
    pub fn record<'a>(&'a self, line: Line<'a>) -> Result<Record<'a>> {
        let mut cells = Vec::with_capacity(self.deals.columns().len());
        self.deals.split(line, &mut cells)?;
        Ok(Record::new(self.deals.columns(), cells))
    }

    /// The rows of these deals, deleted ones among them, with their ids.
    ///
    /// Errors: one of them is unsound; a row of the file is not understood.
    pub fn sound_rows<'a>(&'a self, wanted: &FxHashSet<&str>) -> Result<Vec<(Cow<'a, str>, Line<'a>)>> {
        let (mut found, mut cells) = (Vec::new(), Vec::new());
        let Some(required) = required(&self.deals)? else { return Ok(found) };
        let mut rows = DealRows::new(self.process(), &self.deals);
        let of_rows = self.process().deals == DealStore::Csv;
        for line in self.deals.rows() {
            let line = line?;
            if of_rows {
                // A file that is not understood is never rewritten, also where the row is another deal's.
                self.deals.fits(line)?;
            }
            let id = id_of(line, required.id);
            if !wanted.contains(&*id) {
                continue;
            }
            self.deals.split(line, &mut cells)?;
            // What is wrong in a row would go into history as the cell before, and history stays.
            let problems = rows.check(line, &cells, required.id);
            if !problems.is_empty() {
                return Err(problems.into());
            }
            found.push((id, line));
        }
        Ok(found)
    }
}

/// The id of a row, as it stands in the file.
pub(super) fn id_of(line: Line<'_>, column: usize) -> Cow<'_, str> {
    let cell = sheet::cells(line.text).nth(column).and_then(Result::ok);
    cell.map_or(Cow::Borrowed(""), RawCell::value)
}
