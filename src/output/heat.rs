//! A heat in a table: a shade beside each number, so that a glance finds where most is. The numbers stay; no colour is needed.

use super::grid::{Grid, Headings};
use super::look::Look;
use crate::metrics::chart::{Picture, Value};

/// How dark a field is, from nothing to full.
const SHADES: usize = 4;
const UNICODE: [&str; SHADES + 1] = ["  ", "░░", "▒▒", "▓▓", "██"];
const ASCII: [&str; SHADES + 1] = ["  ", "..", "::", "++", "##"];

/// What the darkest shade stands for: the highest count of a heat, but no fewer than there are shades, so that a single deal
/// is never dark.
pub(super) fn most(picture: &Picture<'_>) -> f64 {
    let numbers = picture.marks.iter().flat_map(|mark| &mark.values).filter_map(|value| value.number);
    numbers.fold(SHADES as f64, f64::max)
}

/// Which shade a number has, from 0 for none to the darkest for the upper quarter.
pub(super) fn level(value: &Value<'_>, most: f64) -> usize {
    let share = value.number.filter(|number| *number > 0.0).map_or(0.0, |number| number / most);
    ((share * SHADES as f64).ceil() as usize).min(SHADES)
}

/// The grid of a section with the shades of a picture of it.
pub(super) fn shaded(mut grid: Grid, picture: &Picture<'_>, look: &Look) -> Grid {
    let section = picture.section;
    let (rows, lanes) = (section.rows.len(), section.by.len() + section.columns.len());
    if grid.rows.len() != rows || grid.lanes.len() != lanes || grid.headings == Headings::Implied {
        return grid;
    }
    let shades = if look.unicode { UNICODE } else { ASCII };
    let most = most(picture);
    let lane_of = |key: &str| section.columns.iter().position(|column| column.key == key);
    let drawn: Vec<usize> = picture.columns.iter().filter_map(|column| lane_of(&column.key)).collect();
    for (place, cells) in grid.rows.iter_mut().enumerate() {
        let mark = picture.marks.iter().find(|mark| mark.row == place);
        for (nth, column) in drawn.iter().enumerate() {
            // Rows that are not drawn, such as the total, stay in line with the others.
            let value = mark.and_then(|mark| mark.values.get(nth));
            if let Some(cell) = cells.get_mut(section.by.len() + column) {
                cell.push(' ');
                cell.push_str(shades[value.map_or(0, |value| level(value, most))]);
            }
        }
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::chart::Chart;
    use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};

    fn shown(counts: &[[u64; 2]], unicode: bool) -> Vec<Vec<String>> {
        let columns = [("stage", Kind::Text), ("won", Kind::Count), ("lost", Kind::Count)];
        let cells = |counts: &[u64; 2]| {
            [Cell::Text("提案".to_owned())].into_iter().chain(counts.map(Cell::Count)).collect()
        };
        let section = Section {
            key: "ages",
            shape: Shape::List,
            by: Vec::new(),
            columns: columns.map(|(key, kind)| Column::new(key, kind)).into(),
            rows: counts.iter().map(|counts| Row::total(cells(counts))).collect(),
        };
        let figures = Figures::of("stages", [section]);
        let look = Look { unicode, terminal: true, ..Look::default() };
        let grid = super::super::grid::of_section(&figures, &figures.sections[0], &look);
        let picture = Chart::heat("ages", Some("stage"), &["won", "lost"]).picture(&figures).unwrap();
        shaded(grid, &picture, &look).rows
    }

    #[test]
    fn the_darker_the_more() {
        // Of eight: nothing, up to two, up to four, up to six, more.
        let rows = shown(&[[0, 1], [2, 3], [6, 7], [8, 4]], true);
        let expected = [["0   ", "1 ░░"], ["2 ░░", "3 ▒▒"], ["6 ▓▓", "7 ██"], ["8 ██", "4 ▒▒"]];
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(row[0], "提案");
            assert_eq!(row[1..], expected);
        }
        assert_eq!(shown(&[[0, 1], [2, 3], [6, 7], [8, 4]], false)[2][1..], ["6 ++", "7 ##"]);
    }

    #[test]
    fn a_single_deal_is_not_dark() {
        assert_eq!(shown(&[[0, 1], [1, 0]], true)[0][1..], ["0   ", "1 ░░"]);
    }
}
