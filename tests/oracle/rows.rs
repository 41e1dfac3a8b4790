//! Which rows of a deal stand, and in which order ("Voids", "Ties").

use chrono_tz::Tz;

use crate::files::{Folder, Row};
use crate::time::{Instant, read_instant};

/// A void row takes back every row of its deal with the `at` in its `from` and the event (and `:field`) in its
/// `field`. Applied from the latest to the earliest, so that a void that is itself taken back does nothing. Neither
/// the void rows nor what they took back remain.
pub(crate) fn without_voids(mut rows: Vec<Row>) -> Vec<Row> {
    let mut voids: Vec<Row> = rows.iter().filter(|row| row.event == "void").cloned().collect();
    voids.sort_by_key(|row| row.at);
    voids.reverse();
    for void in voids {
        let still_stands = rows.iter().any(|row| row.line == void.line);
        if still_stands {
            let at: Instant = read_instant(Tz::UTC, &void.from).unwrap();
            let (event, field) = void.field.split_once(':').unwrap_or((&void.field, ""));
            rows.retain(|row| !(row.at == at && row.event == event && row.field == field));
        }
    }
    rows.retain(|row| row.event != "void");
    rows
}

/// The stage events of a deal in order, former stage names mapped.
pub(crate) fn stage_rows(folder: &Folder, rows: &[Row]) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.iter().filter(|row| row.event == "stage").cloned().collect();
    for row in &mut rows {
        row.from = folder.present_name(&row.from);
        row.to = folder.present_name(&row.to);
    }
    in_order(rows)
}

/// The events on one field of a deal in order.
pub(crate) fn field_rows(rows: &[Row], field: &str) -> Vec<Row> {
    let on_field = |row: &&Row| row.event == "set" && row.field == field;
    in_order(rows.iter().filter(on_field).cloned().collect())
}

/// The rows of one subject by time; those of one instant by the rule for ties.
pub(crate) fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row.at);
    let mut ordered: Vec<Row> = Vec::new();
    while !rows.is_empty() {
        let at = rows[0].at;
        let tied: Vec<Row> = rows.iter().filter(|row| row.at == at).cloned().collect();
        rows.retain(|row| row.at != at);
        // Before the first row there is nothing: an empty `to`.
        let before = ordered.last().map_or(String::new(), |row| row.to.clone());
        ordered.extend(order_ties(before, tied));
    }
    ordered
}

fn order_ties(before: String, mut tied: Vec<Row>) -> Vec<Row> {
    tied.sort_by(|a, b| a.line.as_bytes().cmp(b.line.as_bytes()));
    if let Some(walk) = least_walk(&before, &tied) {
        return walk;
    }
    let mut ordered = Vec::new();
    let mut to_before = before;
    while !tied.is_empty() {
        let continues = tied.iter().position(|row| row.from == to_before);
        let starts = (0..tied.len()).find(|&one| {
            let mut others = (0..tied.len()).filter(|&other| other != one);
            !others.any(|other| tied[other].to == tied[one].from)
        });
        let next = tied.remove(continues.or(starts).unwrap_or(0));
        to_before.clone_from(&next.to);
        ordered.push(next);
    }
    ordered
}

/// The least walk that uses every row and breaks nowhere: rows come sorted, so the first one found is the least.
fn least_walk(before: &str, rows: &[Row]) -> Option<Vec<Row>> {
    if rows.is_empty() {
        return Some(Vec::new());
    }
    for (place, row) in rows.iter().enumerate() {
        if row.from == before {
            let mut rest = rows.to_vec();
            rest.remove(place);
            if let Some(walk) = least_walk(&row.to, &rest) {
                return Some([vec![row.clone()], walk].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::read_row;

    fn tied(rows: &[(&str, &str)]) -> Vec<Row> {
        rows.iter()
            .map(|(from, to)| read_row(&format!("2026-01-01T00:00:00Z,d,stage,,{from},{to},,")))
            .collect()
    }

    fn path(before: &str, rows: &[(&str, &str)]) -> Vec<String> {
        order_ties(before.to_owned(), tied(rows)).into_iter().map(|row| row.to).collect()
    }

    #[test]
    fn ties_continue_the_row_before() {
        assert_eq!(path("a", &[("b", "c"), ("a", "b")]), ["b", "c"]);
        assert_eq!(path("", &[("b", "c"), ("a", "b"), ("", "a")]), ["a", "b", "c"]);
    }

    #[test]
    fn a_walk_through_every_row_is_preferred() {
        // Greedily a→b, and a→c would be left over; the walk through all is a→c→a→b.
        assert_eq!(path("a", &[("a", "b"), ("a", "c"), ("c", "a")]), ["c", "a", "b"]);
    }

    #[test]
    fn without_a_walk_a_beginning_is_sought() {
        assert_eq!(path("x", &[("b", "c"), ("a", "b")]), ["b", "c"]);
        assert_eq!(path("x", &[("b", "a"), ("a", "b")]), ["b", "a"]);
        assert_eq!(path("a", &[("a", "c"), ("a", "b")]), ["b", "c"]);
    }

    #[test]
    fn a_void_that_is_taken_back_does_nothing() {
        let row = |line: &str| read_row(line);
        let stage = row("2026-01-01T00:00:00Z,d,stage,,,a,,");
        let void = row("2026-01-02T00:00:00Z,d,void,stage,2026-01-01T00:00:00Z,,,");
        let back = row("2026-01-03T00:00:00Z,d,void,void:stage,2026-01-02T00:00:00Z,,,");
        assert_eq!(without_voids(vec![stage.clone(), void.clone()]).len(), 0);
        assert_eq!(without_voids(vec![stage, void, back]).len(), 1);
    }
}
