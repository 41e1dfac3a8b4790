//! A deal as its row says: the cells under their columns.

use std::borrow::Cow;

/// One row of deals.csv, unquoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    columns: &'a [String],
    cells: Vec<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    /// The cells under the columns, one each.
    pub fn new(columns: &'a [String], cells: Vec<Cow<'a, str>>) -> Record<'a> {
        Record { columns, cells }
    }

    /// The cell of a column; empty where the file has no such column.
    pub fn get(&self, column: &str) -> &str {
        let position = self.columns.iter().position(|name| name == column);
        position.and_then(|at| self.cells.get(at)).map_or("", |cell| &**cell)
    }

    /// The deal's id.
    pub fn id(&self) -> &str {
        self.get("id")
    }

    /// The cells, one for each column.
    pub fn row(&self) -> &[Cow<'a, str>] {
        &self.cells
    }

    /// Columns and their cells, taken out of it.
    pub fn into_cells(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.columns.iter().map(String::as_str).zip(self.cells)
    }

    /// Columns and cells, in the order of the file.
    pub fn cells(&self) -> impl Iterator<Item = (&'a str, &str)> {
        self.columns.iter().map(String::as_str).zip(self.cells.iter().map(|cell| &**cell))
    }
}
