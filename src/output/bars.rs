//! A chart inside a table: a bar at the end of each row, where a terminal has room for it. Colour only helps: what it says,
//! the numbers say too.

use anstyle::Style;

use super::axis::{Axis, Span, axis_of, spans};
use super::fit::GAP;
use super::grid::{Grid, Headings, Holds, Lane, Room, Side};
use super::look::{Look, SERIES};
use super::width::{widest_word, width};
use crate::metrics::chart::Picture;

/// In fewer columns bars cannot be told apart; with more they say no more.
const LEAST: usize = 10;
const MOST: usize = 32;

/// The grid of a section with a column of bars, where `limit` columns have room for one.
pub(super) fn beside(mut grid: Grid, picture: &Picture<'_>, limit: usize, look: &Look) -> Grid {
    let is_by_row = grid.rows.len() == picture.section.rows.len() && grid.headings == Headings::Shown;
    if !is_by_row {
        return grid;
    }
    let room_beside = |heading: fn(&str) -> usize| {
        let widest = |(index, lane): (usize, &Lane)| {
            let cells = grid.rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell));
            cells.max().unwrap_or(0).max(heading(&lane.heading)) + GAP
        };
        limit.saturating_sub(grid.lanes.iter().enumerate().map(widest).sum::<usize>()).min(MOST)
    };
    // Headings fold for bars, but not to make long ones longer.
    let room = match room_beside(width) {
        room if room < LEAST => room_beside(widest_word).min(LEAST),
        room => room,
    };
    if room < LEAST {
        return grid;
    }
    let spans = spans(picture);
    let axis = axis_of(picture, &spans);
    for row in &mut grid.rows {
        row.push(String::new());
    }
    for (mark, spans) in picture.marks.iter().zip(&spans) {
        if let (Some(span), Some(cell)) =
            (spans.first(), grid.rows.get_mut(mark.row).and_then(|row| row.last_mut()))
        {
            *cell = bar(span, &axis, room, look);
        }
    }
    grid.lanes.push(Lane { heading: String::new(), side: Side::Left, room: Room::Keep, holds: Holds::Bars });
    grid
}

/// The colour of the bar in each row of a picture's section: steps down have one of their own.
pub(super) fn colours(picture: &Picture<'_>) -> Vec<Style> {
    let mut colours = vec![SERIES[0]; picture.section.rows.len()];
    for mark in &picture.marks {
        let falls = mark.values.first().and_then(|value| value.number).is_some_and(|number| number < 0.0);
        if let Some(colour) = colours.get_mut(mark.row).filter(|_| falls) {
            *colour = SERIES[1];
        }
    }
    colours
}

/// A bar from the whole column that it starts in; its end to an eighth of one where that can be shown.
fn bar(span: &Span, axis: &Axis, columns: usize, look: &Look) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if span.to.total_cmp(&span.from).is_eq() {
        return String::new();
    }
    let (low, high) = (axis.place(span.from.min(span.to)), axis.place(span.from.max(span.to)));
    let start = (low * columns as f64).round() as usize;
    let eighths = ((high * columns as f64 - start as f64) * 8.0).round().max(0.0) as usize;
    let (full, rest) = if look.unicode { (eighths / 8, eighths % 8) } else { ((eighths + 4) / 8, 0) };
    // What is not zero is seen.
    let full = if full == 0 && rest == 0 { 1 } else { full };
    let whole = look.pick("█", "#").repeat(full);
    format!("{}{whole}{}", " ".repeat(start.min(columns.saturating_sub(full))), EIGHTHS[rest])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::chart::Chart;
    use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};

    fn drawn(chart: Chart, rows: &[(&str, i64)], limit: usize, unicode: bool) -> Vec<String> {
        let columns = vec![Column::new("stage", Kind::Text), Column::new("value", Kind::Count)];
        let cells = |(name, value): &(&str, i64)| vec![Cell::Text((*name).to_owned()), Cell::Change(*value)];
        let section = Section {
            key: "funnel",
            shape: Shape::List,
            by: Vec::new(),
            columns,
            rows: rows.iter().map(|row| Row::total(cells(row))).collect(),
        };
        let figures = Figures::of("funnel", [section]);
        let look = Look { unicode, terminal: true, ..Look::default() };
        let grid = super::super::grid::of_section(&figures, &figures.sections[0], &look);
        let grid = beside(grid, &chart.picture(&figures).unwrap(), limit, &look);
        grid.rows.into_iter().map(|row| row.get(2).cloned().unwrap_or_default()).collect()
    }

    const BARS: Chart = Chart::bars("funnel", "stage", &["value"]);

    #[test]
    fn bars_are_as_long_as_their_numbers() {
        // The columns are 5 wide each (`Stage`, `Value`), with 2 after: of 30 columns 16 are left. The axis ends at 8, in steps
        // of 2: a half is a column.
        let bars = drawn(BARS, &[("需求", 8), ("提案", 3), ("成交", 0)], 30, true);
        assert_eq!(bars, ["████████████████", "██████", ""]);
        assert_eq!(drawn(BARS, &[("a", 8), ("b", 3)], 30, false), ["################", "######"]);
    }

    #[test]
    fn a_bar_ends_to_an_eighth_of_a_column() {
        // 28 columns leave 14; of an axis to 100 (steps of 50) 45 are 6.3 columns: six, and two eighths.
        assert_eq!(drawn(BARS, &[("a", 100), ("b", 45)], 28, true)[1], "██████▎");
    }

    #[test]
    fn steps_stand_where_the_one_before_ended() {
        let chart = Chart::waterfall("funnel", "stage", &["value"]);
        // From 0 to 8 in 16 columns: 4, up 4 to 8, down 6 to 2, 2.
        let bars = drawn(chart, &[("start", 4), ("in", 4), ("out", -6), ("end", 2)], 30, true);
        assert_eq!(bars, ["████████", "        ████████", "    ████████████", "████"]);
    }

    #[test]
    fn a_funnel_is_in_the_middle() {
        let chart = Chart::funnel("funnel", "stage", &["value"]);
        assert_eq!(drawn(chart, &[("a", 8), ("b", 4)], 30, true), ["████████████████", "    ████████"]);
    }

    #[test]
    fn a_narrow_terminal_has_the_table_alone() {
        assert_eq!(drawn(BARS, &[("a", 8), ("b", 4)], 23, true), ["", ""]);
    }
}
