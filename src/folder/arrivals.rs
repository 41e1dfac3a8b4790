//! New deals as rows of deals.csv, written once as they will stand there: a million of them are one text.

use super::sheet::Sheet;
use crate::deal::event::push_row;
use crate::deal::record::Record;

/// Rows of new deals, under the columns that deals.csv is to have.
#[derive(Debug)]
pub struct Arrivals {
    columns: Vec<String>,
    newline: &'static str,
    text: String,
}

impl Arrivals {
    pub(super) fn under(columns: Vec<String>, newline: &'static str) -> Arrivals {
        Arrivals { columns, newline, text: String::new() }
    }

    /// The columns, in the order of the cells.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Adds a deal, given its cells.
    pub fn push<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        push_row(&mut self.text, cells, self.newline);
    }

    /// The rows, for a [`super::change::Change`].
    pub fn into_sheet(self) -> Sheet {
        Sheet::of_rows("the new deals", self.columns, self.text)
    }
}

/// New deals as records, of which those that nobody else wrote are whole.
pub(super) fn records(sheet: &Sheet) -> impl Iterator<Item = Record<'_>> {
    sheet.rows().flatten().filter_map(|line| {
        let mut cells = Vec::with_capacity(sheet.columns().len());
        sheet.split(line, &mut cells).ok()?;
        Some(Record::new(sheet.columns(), cells))
    })
}
