//! Several pipelines side by side: the same report or listing of each in one value, and never mixed up.

use super::figures::{Cell, Figures, Note, Row, Section};
use crate::process::{Lang, Words};

/// What the pipelines are told apart by.
const PIPELINE: &str = "pipeline";

/// Puts the figures of named pipelines side by side, in their order: each row says whose it is, each note whose it is
/// about. None of none; of one, the figures as they are.
pub fn side_by_side(named: Vec<(String, Figures)>) -> Option<Figures> {
    let several = named.len() > 1;
    let mut named = named.into_iter();
    let (first_name, mut all) = named.next()?;
    if !several {
        return Some(all);
    }
    for section in &mut all.sections {
        section.by.insert(0, PIPELINE.to_owned());
        claim(&mut section.rows, &first_name);
    }
    all.notes = all.notes.into_iter().map(|note| note.about(&first_name)).collect();
    for (name, figures) in named {
        if let (Some(ours), Some(theirs)) = (&all.scope, &figures.scope)
            && (ours.first, ours.last, ours.as_of) != (theirs.first, theirs.last, theirs.as_of)
        {
            let (first, last) = (theirs.first, theirs.last);
            let text = Words::of_ours(|lang| match lang {
                Lang::En => format!("its figures are of {first} to {last}, by its own calendar"),
                Lang::ZhTw => format!("依其自身的行事曆，數值為 {first} 至 {last}"),
            });
            all.notes.push(Note { code: "periods_differ", text, deals: None }.about(&name));
        }
        for mut section in figures.sections {
            claim(&mut section.rows, &name);
            if let Some(known) = all.sections.iter_mut().find(|known| known.key == section.key) {
                join(known, section);
            } else {
                section.by.insert(0, PIPELINE.to_owned());
                all.sections.push(section);
            }
        }
        all.notes.extend(figures.notes.into_iter().map(|note| note.about(&name)));
    }
    Some(all)
}

fn claim(rows: &mut [Row], name: &str) {
    for row in rows {
        row.group.insert(0, name.to_owned());
    }
}

/// Adds the rows of a section to one with the same key, which gets the columns that it lacks.
fn join(known: &mut Section, other: Section) {
    for column in &other.columns {
        if !known.columns.iter().any(|have| have.key == column.key) {
            known.columns.push(column.clone());
            for row in &mut known.rows {
                row.cells.push(Cell::Empty);
            }
        }
    }
    let places: Vec<Option<usize>> = known
        .columns
        .iter()
        .map(|column| other.columns.iter().position(|have| have.key == column.key))
        .collect();
    let arranged = |row: Row| {
        let mut cells: Vec<Option<Cell>> = row.cells.into_iter().map(Some).collect();
        let taken = places.iter().map(|place| place.and_then(|place| cells[place].take()));
        Row { group: row.group, cells: taken.map(|cell| cell.unwrap_or(Cell::Empty)).collect() }
    };
    known.rows.extend(other.rows.into_iter().map(arranged));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::figures::{Column, Kind, Shape};

    fn listing(columns: &[&'static str], row: &[u64]) -> Figures {
        let section = Section {
            key: "deals",
            shape: Shape::List,
            by: Vec::new(),
            columns: columns.iter().map(|key| Column::new(*key, Kind::Count)).collect(),
            rows: vec![Row::total(row.iter().map(|count| Cell::Count(*count)).collect())],
        };
        let notes = vec![Note { code: "no_value", text: Words::plain("one"), deals: Some(1) }];
        Figures { notes, ..Figures::of("list", [section]) }
    }

    #[test]
    fn one_pipeline_is_as_it_is() {
        let alone = listing(&["a"], &[1]);
        assert_eq!(side_by_side(vec![("x".to_owned(), alone.clone())]), Some(alone));
        assert_eq!(side_by_side(Vec::new()), None);
    }

    #[test]
    fn columns_that_only_one_has_are_empty_in_the_other() {
        let parts = vec![
            ("new".to_owned(), listing(&["a", "b"], &[1, 2])),
            ("renewals".to_owned(), listing(&["c", "b"], &[3, 4])),
        ];
        let both = side_by_side(parts).unwrap();
        let section = &both.sections[0];
        let keys: Vec<&str> = section.columns.iter().map(|column| &*column.key).collect();
        assert_eq!((keys, &section.by[..]), (vec!["a", "b", "c"], &["pipeline".to_owned()][..]));
        let row = |name: &str, cells: [Option<u64>; 3]| Row {
            group: vec![name.to_owned()],
            cells: cells.map(|count| count.map_or(Cell::Empty, Cell::Count)).into(),
        };
        assert_eq!(
            section.rows,
            [row("new", [Some(1), Some(2), None]), row("renewals", [None, Some(4), Some(3)])]
        );
        assert_eq!(both.notes[1].text.text(Lang::En), "renewals: one");
        assert_eq!(both.notes[1].text.text(Lang::ZhTw), "renewals：one");
    }
}
