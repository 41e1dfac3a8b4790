//! New deals of a change: the columns that they need, and their cells.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::Door;
use crate::error::Result;
use crate::folder::arrivals::{self, Arrivals};
use crate::folder::effects::Effects;
use crate::folder::sheet::Sheet;
use crate::process::COLUMNS;

impl Door<'_> {
    /// Room for new deals that come in with these fields.
    pub fn room<'c>(&self, fields: impl Iterator<Item = &'c str>) -> Arrivals {
        Arrivals::under(self.columns_with(fields), self.deals.newline())
    }

    /// The columns of the deals, and after them those that these fields need.
    pub(super) fn columns_with<'c>(&self, fields: impl Iterator<Item = &'c str>) -> Vec<String> {
        let mut columns = self.deals.columns().to_vec();
        if columns.is_empty() {
            let declared = self.process().fields.iter().map(|field| field.id.as_str());
            columns = COLUMNS.into_iter().chain(declared).map(str::to_owned).collect();
        }
        for field in fields {
            if !columns.iter().any(|column| column == field) {
                columns.push(field.to_owned());
            }
        }
        columns
    }

    /// Gives each deal that is not known yet to `each`, by its id and a way to its cells: those that arrive, and those that
    /// events make.
    pub(super) fn each_new(
        &self,
        arrivals: &Sheet,
        effects: &Effects<'_>,
        known: &FxHashSet<Cow<'_, str>>,
        mut each: impl for<'r> FnMut(&'r str, &'r dyn Fn(&str) -> &'r str),
    ) -> Result<()> {
        let mut arrived: FxHashSet<String> = FxHashSet::default();
        for record in arrivals::records(arrivals) {
            let effect = effects.get(record.id());
            if effect.is_some() {
                arrived.insert(record.id().to_owned());
            }
            each(record.id(), &|column| match effect.and_then(|effect| effect.cells.get(column)) {
                Some(cell) => cell,
                None => record.get(column),
            });
        }
        for (id, effect) in &effects.deals {
            if known.contains(*id) || arrived.contains(*id) {
                continue;
            }
            if !effect.is_new {
                return Err(self.no_such_deal(id));
            }
            let cell = |column: &str| effect.cells.get(column).map_or("", |cell| cell);
            each(id, &|column| if column == "id" { id } else { cell(column) });
        }
        Ok(())
    }
}

/// The fields that a change needs columns for.
pub(super) fn fields<'c>(arrivals: &'c Sheet, effects: &'c Effects<'_>) -> impl Iterator<Item = &'c str> {
    arrivals.columns().iter().map(String::as_str).chain(effects.set.iter().copied())
}
