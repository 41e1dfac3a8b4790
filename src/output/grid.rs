//! A section as people read it: headings and cells of text, before anything decides how wide they may be.

use super::labels::{Word, and_more, is_known};
use super::look::Look;
use super::value::{NamedCurrency, Writer, rests_on_few};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Role, Row, Scope, Section, Shape};

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
    pub(super) holds: Holds,
}

/// What the cells of a column are, where a format has a way of its own to write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Text and figures.
    Text,
    /// Commands to paste.
    Commands,
    /// Bars of a chart.
    Bars,
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
    let writer = Writer { look, currency: NamedCurrency::of(figures, section) };
    if section.columns.iter().any(|column| column.role == Role::Before) {
        return compared(section, &writer);
    }
    match section.rows.as_slice() {
        [only] if section.shape == Shape::Record && section.by.is_empty() => upright(section, only, &writer),
        _ => level(section, &writer),
    }
}

/// The lines that say what all the figures are about, and what they stand beside.
pub(super) fn scope_lines(figures: &Figures, look: &Look) -> Vec<String> {
    let writer = Writer { look, currency: NamedCurrency::Nowhere };
    let seen = |scope: &Scope| {
        [
            format!("{} {} {}", scope.first, look.pick("–", "-"), scope.last),
            format!("{} {}", Word::AsOf.text(look.lang), scope.as_of_day),
        ]
    };
    let Some(scope) = &figures.scope else { return Vec::new() };
    let [period, as_of] = seen(scope);
    let mut lines = vec![writer.joined(&[period, as_of, scope.currency.to_string()])];
    if let Some(before) = &scope.before {
        lines.push(format!("{} {}", look.label("before"), writer.joined(&seen(before))));
    }
    lines
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
        Lane { heading: heading("figure"), side: Side::Left, room: Room::Wrap, holds: Holds::Text },
        Lane { heading: heading("figure_value"), side: value.0, room: value.1, holds: Holds::Text },
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
        lanes.push(Lane {
            heading: heading("details"),
            side: Side::Left,
            room: Room::Wrap,
            holds: Holds::Text,
        });
    }
    Grid { headings: Headings::Implied, lanes, rows }
}

/// A line of a list: one of its rows, or how many rows like this one it leaves out.
enum Line<'a> {
    Row(&'a Row),
    More(&'a Row, usize),
}

/// The lines of a section, where of the rows that begin alike only so many may be shown.
fn lines(section: &Section) -> Vec<Line<'_>> {
    let Shape::Top(most) = section.shape else { return section.rows.iter().map(Line::Row).collect() };
    let begins = |row: &Row| if is_of_deals(section) { None } else { row.cells.first().cloned() };
    let alike = |a: &Row, b: &Row| a.group == b.group && begins(a) == begins(b);
    let mut lines = Vec::new();
    for run in section.rows.chunk_by(alike) {
        lines.extend(run.iter().take(most).map(Line::Row));
        lines.extend(run.get(most).map(|next| Line::More(next, run.len() - most)));
    }
    lines
}

/// Whether each row is about a deal of its own, so that none begins like another.
fn is_of_deals(section: &Section) -> bool {
    section.columns.first().is_some_and(|column| column.key == "id")
}

/// One row a line, its groups first.
fn level(section: &Section, writer: &Writer) -> Grid {
    let columns = section.columns.iter().map(|column| lane(section, column, writer));
    let lanes = group_lanes(section, writer).chain(columns).collect();
    let shown = lines(section);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in &shown {
        let (Line::Row(row) | Line::More(row, _)) = line;
        let mut texts: Vec<String> = groups(section, row, writer).collect();
        match line {
            Line::Row(row) => texts.extend(row.cells.iter().map(|cell| writer.cell(cell))),
            Line::More(row, more) => {
                let first = row.cells.first().filter(|_| !is_of_deals(section));
                texts.push(first.map(|cell| writer.cell(cell)).unwrap_or_default());
                texts.push(and_more(*more, writer.look.lang));
                texts.resize(section.by.len() + section.columns.len(), String::new());
            }
        }
        rows.push(texts);
    }
    for (index, column) in section.columns.iter().enumerate() {
        let few = |line: &Line| match line {
            Line::Row(row) => row.cells.get(index).is_some_and(|cell| is_few(column, cell)),
            Line::More(..) => false,
        };
        mark_few(section.by.len() + index, &shown.iter().map(few).collect::<Vec<_>>(), &mut rows, writer);
    }
    Grid { headings: Headings::Shown, lanes, rows }
}

/// One figure a line, beside that of the other period: `figure | row | value | before | change`. What became of a figure
/// in each row can be read down the page, and however many figures there are it is no wider.
fn compared(section: &Section, writer: &Writer) -> Grid {
    let role_at = |index: usize| section.columns.get(index).map(|column| column.role);
    let is_figure = |index: &usize| role_at(index + 1) == Some(Role::Before);
    let says_which =
        |index: &usize| matches!(role_at(*index), Some(Role::Plain | Role::Given)) && !is_figure(index);
    let naming: Vec<usize> = (0..section.columns.len()).filter(says_which).collect();
    let plain = |key, side, room| Lane {
        heading: writer.look.label(key).into_owned(),
        side,
        room,
        holds: Holds::Text,
    };
    let mut lanes = vec![plain("figure", Side::Left, Room::Wrap)];
    lanes.extend(group_lanes(section, writer));
    lanes.extend(naming.iter().map(|index| lane(section, &section.columns[*index], writer)));
    let values = lanes.len();
    lanes.extend(["this_period", "before", "change"].map(|key| plain(key, Side::Right, Room::Keep)));
    lanes.push(plain("details", Side::Left, Room::Wrap));

    let (mut rows, mut few, mut few_before) = (Vec::new(), Vec::new(), Vec::new());
    for index in (0..section.columns.len()).filter(is_figure) {
        let column = &section.columns[index];
        let heading = heading_of(column, writer);
        for row in &section.rows {
            let Some([value, before, change]) = row.cells.get(index..index + 3) else { continue };
            if matches!((value, before), (Cell::Empty, Cell::Empty)) {
                continue;
            }
            let mut texts = vec![heading.clone()];
            texts.extend(groups(section, row, writer));
            texts.extend(
                naming.iter().filter_map(|index| row.cells.get(*index)).map(|cell| writer.cell(cell)),
            );
            texts.extend([writer.cell(value), writer.cell(before), writer.change(change)]);
            texts.push(writer.change_details(change));
            rows.push(texts);
            few.push(is_few(column, value));
            few_before.push(is_few(column, before));
        }
    }
    mark_few(values, &few, &mut rows, writer);
    mark_few(values + 1, &few_before, &mut rows, writer);
    if rows.iter().all(|row| row.last().is_some_and(String::is_empty)) {
        lanes.pop();
        for row in &mut rows {
            row.truncate(lanes.len());
        }
    }
    Grid { headings: Headings::Shown, lanes, rows }
}

fn group_lanes<'a>(section: &'a Section, writer: &'a Writer) -> impl Iterator<Item = Lane> + 'a {
    section.by.iter().map(|key| Lane {
        heading: writer.text(&writer.look.label(key)),
        side: Side::Left,
        room: if key == "stage" { Room::Keep } else { Room::Cut },
        holds: Holds::Text,
    })
}

/// Whether a column is there to be copied from: the ids of deals, and the stages that rows are about.
fn is_copied(section: &Section, key: &str) -> bool {
    matches!(key, "id" | "deal" | "like") || key == "stage" && !is_of_deals(section)
}

fn lane(section: &Section, column: &Column, writer: &Writer) -> Lane {
    let (side, room) = match column.kind {
        Kind::Text if is_copied(section, &column.key) => (Side::Left, Room::Keep),
        Kind::Text => (Side::Left, Room::Cut),
        Kind::Sentence => (Side::Left, Room::Wrap),
        Kind::Command | Kind::Date | Kind::Flag => (Side::Left, Room::Keep),
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
    let holds = if column.kind == Kind::Command { Holds::Commands } else { Holds::Text };
    Lane { heading: heading_of(column, writer), side, room, holds }
}

fn heading_of(column: &Column, writer: &Writer) -> String {
    // A column of deals.csv is named by its author.
    writer.text(&writer.look.heading(column))
}

/// The groups of a row, one text for each level of `by`.
fn groups<'a>(section: &'a Section, row: &'a Row, writer: &'a Writer) -> impl Iterator<Item = String> + 'a {
    section.by.iter().enumerate().map(|(level, by)| match row.group.get(level) {
        Some(name) => writer.group(by, name),
        None if level == row.group.len() => Word::Total.text(writer.look.lang).to_owned(),
        None => String::new(),
    })
}

/// Whether a cell is to be marked.
fn is_few(column: &Column, cell: &Cell) -> bool {
    column.kind != Kind::Total && rests_on_few(cell)
}

/// Marks the figures of a lane that rest on few deals, and keeps the others in line with them.
fn mark_few(lane: usize, few: &[bool], rows: &mut [Vec<String>], writer: &Writer) {
    if !few.contains(&true) {
        return;
    }
    let mark = format!(" ({})", Word::Few.text(writer.look.lang));
    let space = " ".repeat(super::width::width(&mark));
    for (row, few) in rows.iter_mut().zip(few) {
        if let Some(text) = row.get_mut(lane) {
            text.push_str(if *few { &mark } else { &space });
        }
    }
}
