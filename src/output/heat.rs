//! A heat in a table: a shade beside each number, so that a glance finds where most is. The numbers stay; no colour is needed.

use super::grid::{Grid, Headings};
use super::look::Look;
use crate::metrics::chart::{Picture, Value};

/// How dark a field is, from nothing to full.
const UNICODE: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];
const ASCII: [&str; 5] = ["  ", "..", "::", "++", "##"];

/// The highest number of a heat.
pub(super) fn most(picture: &Picture<'_>) -> f64 {
    let numbers = picture.marks.iter().flat_map(|mark| &mark.values).filter_map(|value| value.number);
    numbers.fold(0.0, f64::max)
}

/// Which of the five shades a number has: none for nothing, the darkest for the upper quarter.
pub(super) fn level(value: &Value<'_>, most: f64) -> usize {
    let share = value.number.filter(|number| *number > 0.0).map_or(0.0, |number| number / most);
    ((share * 4.0).ceil() as usize).min(UNICODE.len() - 1)
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
