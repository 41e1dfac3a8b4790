//! Rows of history as a table: those of a deal in `show`, those that a change wrote where it is told as data.

use crate::deal::event::{COLUMNS, Cells, EVENT};
use crate::deal::time::Instant;
use crate::metrics::figures::{Cell, Column, Kind, Row, Section};
use crate::process::Process;

/// The section `key` with the columns of history but for those `without`.
pub(super) fn section<'a>(
    process: &Process,
    key: &'static str,
    without: &[&str],
    rows: impl Iterator<Item = Cells<'a>>,
) -> Section {
    let columns: Vec<usize> =
        (0..COLUMNS.len()).filter(|column| !without.contains(&COLUMNS[*column])).collect();
    let row = |cells: Cells<'_>| {
        let of_stage = cells[EVENT] == "stage";
        let cell = |column: &usize| cell(process, COLUMNS[*column], &cells[*column], of_stage);
        Row::total(columns.iter().map(cell).collect())
    };
    let rows = rows.map(row).collect();
    let column = |column: &usize| {
        let name = COLUMNS[*column];
        Column::new(name, if name == "at" { Kind::Date } else { Kind::Text })
    };
    Section::list(key, columns.iter().map(column).collect(), rows)
}

fn cell(process: &Process, column: &str, text: &str, of_stage: bool) -> Cell {
    match column {
        "at" => match Instant::parse(text) {
            Some(at) => Cell::Moment { at, day: process.zone.day_of(at) },
            None => Cell::text(text),
        },
        "from" | "to" if of_stage && !text.is_empty() => Cell::Stage(text.to_owned()),
        _ => Cell::text(text),
    }
}
