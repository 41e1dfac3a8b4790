//! A section as people read it: headings and cells of text, before anything decides how wide they may be.

use super::labels::{Word, is_known};
use super::look::Look;
use super::value::{NamedCurrency, Writer, rests_on_few};
use crate::metrics::figures::{Column, Figures, Kind, Row, Section, Shape};

/// On which side the cells of a column line up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Texts and days.
    Left,
    /// Figures.
    Right,
}

/// What may happen to a cell that has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Nothing: half a number or half an id is worse than none.
    Keep,
    /// Its end may be cut off.
    Cut,
    /// It may go on in the next line.
    Wrap,
}

/// One column of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) heading: String,
    pub(super) side: Side,
    pub(super) room: Room,
}

/// Whether the headings are needed to read the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Headings {
    /// They head the columns.
    Shown,
    /// The rows name themselves; only a format that must have headings shows them.
    Implied,
}

/// Texts in rows and columns, none with a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) headings: Headings,
    pub(super) lanes: Vec<Lane>,
    pub(super) rows: Vec<Vec<String>>,
}

/// The grid of a section.
pub(super) fn of_section(figures: &Figures, section: &Section, look: &Look) -> Grid {
    let named = match &figures.scope {
        Some(scope) => NamedCurrency::Scope(scope.currency),
        None if section.columns.iter().any(|column| column.key == "currency") => NamedCurrency::Column,
        None => NamedCurrency::Nowhere,
    };
    let writer = Writer { look, currency: named };
    match section.rows.as_slice() {
        [only] if section.shape == Shape::Record && section.by.is_empty() => upright(section, only, &writer),
        _ => level(section, &writer),
    }
}

/// The line that says what all the figures are about.
pub(super) fn scope_line(figures: &Figures, look: &Look) -> Option<String> {
    let scope = figures.scope.as_ref()?;
    let writer = Writer { look, currency: NamedCurrency::Nowhere };
    Some(writer.joined(&[
        format!("{} {} {}", scope.first, look.pick("–", "-"), scope.last),
        format!("{} {}", Word::AsOf.text(look.lang), scope.as_of_day),
        scope.currency.to_string(),
    ]))
}

/// A section's title; a listing of one table needs none.
pub(super) fn title(figures: &Figures, section: &Section, look: &Look) -> Option<String> {
    let alone = figures.scope.is_none() && figures.sections.len() == 1;
    debug_assert!(alone || is_known(section.key), "`{}` is not among the labels", section.key);
    (!alone).then(|| look.label(section.key).into_owned())
}

/// One figure a line.
fn upright(section: &Section, row: &Row, writer: &Writer) -> Grid {
    let holds_text = section.columns.iter().any(|column| column.kind == Kind::Text);
    let value = if holds_text { (Side::Left, Room::Wrap) } else { (Side::Right, Room::Keep) };
    let heading = |key| writer.look.label(key).into_owned();
    let mut lanes = vec![
        Lane { heading: heading("figure"), side: Side::Left, room: Room::Wrap },
        Lane { heading: heading("figure_value"), side: value.0, room: value.1 },
    ];
    let mut rows: Vec<Vec<String>> = section
        .columns
        .iter()
        .zip(&row.cells)
        .map(|(column, cell)| vec![heading_of(column, writer), writer.cell(cell), writer.details(cell)])
        .collect();
    if rows.iter().all(|row| row[2].is_empty()) {
        for row in &mut rows {
            row.truncate(2);
        }
    } else {
        lanes.push(Lane { heading: heading("details"), side: Side::Left, room: Room::Wrap });
    }
    Grid { headings: Headings::Implied, lanes, rows }
}

/// One row a line, its groups first.
fn level(section: &Section, writer: &Writer) -> Grid {
    let groups = section.by.iter().map(|key| Lane {
        heading: writer.text(&writer.look.label(key)),
        side: Side::Left,
        room: Room::Cut,
    });
    let lanes: Vec<Lane> = groups.chain(section.columns.iter().map(|column| lane(column, writer))).collect();
    let mut rows: Vec<Vec<String>> = section
        .rows
        .iter()
        .map(|row| {
            let groups = (0..section.by.len()).map(|level| group(section, row, level, writer));
            groups.chain(row.cells.iter().map(|cell| writer.cell(cell))).collect()
        })
        .collect();
    for index in 0..section.columns.len() {
        mark_few(section, index, &mut rows, writer);
    }
    Grid { headings: Headings::Shown, lanes, rows }
}

fn lane(column: &Column, writer: &Writer) -> Lane {
    let (side, room) = match column.kind {
        // An id is there to be copied.
        Kind::Text if column.key == "id" => (Side::Left, Room::Keep),
        Kind::Text => (Side::Left, Room::Cut),
        Kind::Date | Kind::Flag => (Side::Left, Room::Keep),
        Kind::Count
        | Kind::Number
        | Kind::Rate
        | Kind::Estimate
        | Kind::Share
        | Kind::Amount
        | Kind::Money
        | Kind::Total
        | Kind::Age
        | Kind::Days
        | Kind::Average => (Side::Right, Room::Keep),
    };
    Lane { heading: heading_of(column, writer), side, room }
}

fn heading_of(column: &Column, writer: &Writer) -> String {
    // A column of deals.csv is named by its author.
    writer.text(&writer.look.heading(column))
}

/// The group of a row at one level of `by`.
fn group(section: &Section, row: &Row, level: usize, writer: &Writer) -> String {
    match row.group.get(level) {
        Some(name) if name.is_empty() => Word::None.text(writer.look.lang).to_owned(),
        Some(id) if section.by.get(level).is_some_and(|by| by == "stage") => {
            writer.text(writer.look.stage(id))
        }
        Some(name) => writer.text(name),
        None if level == row.group.len() => Word::Total.text(writer.look.lang).to_owned(),
        None => String::new(),
    }
}

/// Marks the figures of a column that rest on few deals, and keeps the others in line with them.
fn mark_few(section: &Section, index: usize, rows: &mut [Vec<String>], writer: &Writer) {
    let few = |row: &Row| row.cells.get(index).is_some_and(rests_on_few);
    if section.columns[index].kind == Kind::Total || !section.rows.iter().any(few) {
        return;
    }
    let mark = format!(" ({})", Word::Few.text(writer.look.lang));
    let space = " ".repeat(super::width::width(&mark));
    for (row, texts) in section.rows.iter().zip(rows) {
        if let Some(text) = texts.get_mut(section.by.len() + index) {
            text.push_str(if few(row) { &mark } else { &space });
        }
    }
}
