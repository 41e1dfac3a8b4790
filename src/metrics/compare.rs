//! A report beside the same report of another period: the other value of each figure, and what it changed by (metrics §1,
//! Comparison). A pure function of the two; it knows cells, not reports.

use std::borrow::Cow;
use std::collections::HashMap;

use super::figures::{Cell, Column, Figures, Kind, Role, Row, Section};
use super::statistics::newcombe;

/// The figures of a report with, after each, the same figure of the other period and the change.
///
/// Sections that the other has not, and lists of deals, stay as they are. What is to be noted of the other period is noted
/// under its name.
#[must_use]
pub fn beside(now: Figures, before: Figures) -> Figures {
    let Figures { name, scope, sections, mut notes } = now;
    let sections = sections
        .into_iter()
        .map(|section| match before.sections.iter().find(|other| other.key == section.key) {
            Some(other) => section_beside(section, other),
            None => section,
        })
        .collect();
    if let Some(other) = &before.scope {
        let new = before.notes.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>();
        notes.extend(new.into_iter().map(|note| note.about(&other.period)));
    }
    let scope = scope.map(|mut scope| {
        scope.before = before.scope.map(Box::new);
        scope
    });
    Figures { name, scope, sections, notes }
}

/// One section with, after each figure, the other period's and the change; rows are matched by their groups and by what
/// says which row they are.
#[must_use]
pub fn section_beside(now: Section, before: &Section) -> Section {
    let lists_deals = now.columns.iter().any(|column| column.key == "id");
    if lists_deals {
        return now;
    }
    let rows =
        matched(&now, before).into_iter().map(|(row, other)| row_beside(&now.columns, row, other)).collect();
    let columns = now.columns.iter().flat_map(with_before).collect();
    Section { columns, rows, ..now }
}

/// A column, and for a figure the two that follow it.
fn with_before(column: &Column) -> Vec<Column> {
    let mut columns = vec![column.clone()];
    if let Some(kind) = kind_of_change(column) {
        let named =
            |suffix, kind, role| Column { key: format!("{}_{suffix}", column.key).into(), kind, role };
        columns.extend([named("before", column.kind, Role::Before), named("change", kind, Role::Change)]);
    }
    columns
}

/// What the change of a figure is; none for a column that is not compared.
fn kind_of_change(column: &Column) -> Option<Kind> {
    match (column.role, column.kind) {
        (Role::Given | Role::Before | Role::Change, _)
        | (_, Kind::Text | Kind::Sentence | Kind::Command | Kind::Date | Kind::Flag) => None,
        (Role::Plain, Kind::Count) => Some(Kind::Count),
        (Role::Plain, Kind::Number | Kind::Average) => Some(Kind::Number),
        (Role::Plain, Kind::Rate) => Some(Kind::Estimate),
        (Role::Plain, Kind::Share | Kind::Estimate) => Some(Kind::Share),
        (Role::Plain, Kind::Amount | Kind::Money | Kind::Total) => Some(Kind::Amount),
        (Role::Plain, Kind::Age | Kind::Days) => Some(Kind::Age),
    }
}

/// What a figure changed by: the first less the second, with Newcombe's interval for a rate. Empty where there are no two
/// figures to compare, none where one of them is none.
pub fn change(now: &Cell, before: &Cell) -> Cell {
    let whole = |now: i128, before: i128| i64::try_from(now - before).map_or(Cell::Empty, Cell::Change);
    let less = |now: Option<f64>, before: Option<f64>| Some(now? - before?);
    match (now, before) {
        (Cell::Count(now), Cell::Count(before)) => whole(i128::from(*now), i128::from(*before)),
        (Cell::Change(now), Cell::Change(before)) => whole(i128::from(*now), i128::from(*before)),
        (Cell::Number(now), Cell::Number(before)) => {
            now.checked_sub(*before).map_or(Cell::Empty, Cell::Number)
        }
        (Cell::Rate(now), Cell::Rate(before)) => Cell::Estimate {
            share: less(now.value(), before.value()),
            interval: newcombe((now.count, now.of), (before.count, before.of)),
        },
        (Cell::Share(now), Cell::Share(before))
        | (Cell::Estimate { share: now, .. }, Cell::Estimate { share: before, .. }) => {
            Cell::Share(less(*now, *before))
        }
        (Cell::Money { amount: now, currency, .. }, Cell::Money { amount: before, .. }) => {
            let amount = now.zip(*before).and_then(|(now, before)| now.checked_sub(before));
            Cell::Money { amount, currency: *currency, n: None }
        }
        (Cell::Days { days: now, .. }, Cell::Days { days: before, .. }) => {
            Cell::Days { days: less(*now, *before), n: None }
        }
        (Cell::Average { value: now, .. }, Cell::Average { value: before, .. }) => {
            Cell::Average { value: less(*now, *before), n: 0 }
        }
        _ => Cell::Empty,
    }
}

/// A row of either period, or the same row of both.
fn row_beside(columns: &[Column], now: Option<&Row>, before: Option<&Row>) -> Row {
    let cell = |row: Option<&Row>, index: usize| {
        row.and_then(|row| row.cells.get(index)).cloned().unwrap_or(Cell::Empty)
    };
    let mut cells = Vec::with_capacity(columns.len() * 3);
    for (index, column) in columns.iter().enumerate() {
        let (value, other) = (cell(now, index), cell(before, index));
        if kind_of_change(column).is_some() {
            let changed = change(&value, &other);
            cells.extend([value, other, changed]);
        } else {
            cells.push(if now.is_some() { value } else { other });
        }
    }
    let group = now.or(before).map(|row| row.group.clone()).unwrap_or_default();
    Row { group, cells }
}

/// A row of this period and the same of the other; one of them may be missing.
type Pair<'a> = (Option<&'a Row>, Option<&'a Row>);

/// The rows of two sections in pairs, in the order of the first; what only the other has stands after the row that it
/// follows there.
fn matched<'a>(now: &'a Section, before: &'a Section) -> Vec<Pair<'a>> {
    let places: HashMap<_, usize> =
        now.rows.iter().enumerate().map(|(place, row)| (name(&now.columns, row), place)).collect();
    let mut pairs: Vec<Pair> = now.rows.iter().map(|row| (Some(row), None)).collect();
    let mut first: Vec<Pair> = Vec::new();
    let mut following: Vec<Vec<Pair>> = vec![Vec::new(); pairs.len()];
    let mut last_met = None;
    for row in &before.rows {
        match (places.get(&name(&before.columns, row)), last_met) {
            (Some(&place), _) => {
                pairs[place].1 = Some(row);
                last_met = Some(place);
            }
            (None, Some(place)) => following[place].push((None, Some(row))),
            (None, None) => first.push((None, Some(row))),
        }
    }
    let ours = pairs.into_iter().zip(following);
    first.into_iter().chain(ours.flat_map(|(pair, after)| [vec![pair], after].concat())).collect()
}

/// What a row is known by: its group, and its texts and given numbers.
fn name<'a>(columns: &[Column], row: &'a Row) -> (&'a [String], Vec<Cow<'a, str>>) {
    let part = |(column, cell): (&Column, &'a Cell)| match cell {
        Cell::Text(text) | Cell::Stage(text) => Some(Cow::Borrowed(text.as_str())),
        Cell::Key(key) => Some(Cow::Borrowed(*key)),
        Cell::Count(count) if column.role == Role::Given => Some(Cow::Owned(count.to_string())),
        _ => None,
    };
    (&row.group, columns.iter().zip(&row.cells).filter_map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::money::Currency;
    use crate::deal::time::{Instant, parse_day};
    use crate::metrics::figures::Note;
    use crate::metrics::figures::{Rate, Scope, Shape};
    use crate::process::Words;

    fn usd() -> Currency {
        Currency::named("USD").unwrap()
    }

    fn money(amount: Option<&str>) -> Cell {
        Cell::Money { amount: amount.map(|text| text.parse().unwrap()), currency: usd(), n: Some(3) }
    }

    fn rate(count: u64, of: u64) -> Cell {
        Cell::Rate(Rate { count, of })
    }

    #[test]
    fn each_kind_of_figure_changes_in_its_own_unit() {
        let days = |days, n| Cell::Days { days, n };
        assert_eq!(change(&Cell::Count(3), &Cell::Count(5)), Cell::Change(-2));
        assert_eq!(change(&Cell::Change(-3), &Cell::Change(-5)), Cell::Change(2));
        let average = |value, n| Cell::Average { value: Some(value), n };
        assert_eq!(change(&average(2.5, 4), &average(3.0, 8)), average(-0.5, 0));
        let amount =
            |text: &str| Cell::Money { amount: Some(text.parse().unwrap()), currency: usd(), n: None };
        assert_eq!(change(&money(Some("10.10")), &money(Some("12.3"))), amount("-2.20"));
        assert_eq!(change(&days(Some(4.5), Some(2)), &days(Some(3.0), Some(9))), days(Some(1.5), None));
        assert_eq!(change(&Cell::Share(Some(0.75)), &Cell::Share(Some(0.5))), Cell::Share(Some(0.25)));
        // Newcombe 1998, table II (a): 56/70 less 48/80 is 0.2, 0.0524 to 0.3339.
        let Cell::Estimate { share: Some(share), interval: Some(interval) } =
            change(&rate(56, 70), &rate(48, 80))
        else {
            panic!("a change of a rate has an interval");
        };
        let four_digits = |number: f64| (number * 10_000.0).round() as i64;
        assert_eq!([share, interval.low, interval.high].map(four_digits), [2000, 524, 3339]);
    }

    #[test]
    fn nothing_changes_by_nothing() {
        let none = Cell::Estimate { share: None, interval: None };
        assert_eq!(change(&rate(1, 2), &rate(0, 0)), none);
        assert_eq!(
            change(&money(None), &money(Some("5"))),
            Cell::Money { amount: None, currency: usd(), n: None }
        );
        assert_eq!(change(&Cell::Share(None), &Cell::Share(Some(0.5))), Cell::Share(None));
        assert_eq!(change(&Cell::Empty, &Cell::Count(2)), Cell::Empty);
    }

    /// A list by owner of a stage, a day and a count.
    fn section(rows: &[(&str, &str, u64, u64)]) -> Section {
        let row = |(owner, stage, day, deals): &(&str, &str, u64, u64)| Row {
            group: if owner.is_empty() { Vec::new() } else { vec![(*owner).to_owned()] },
            cells: vec![Cell::Text((*stage).to_owned()), Cell::Count(*day), Cell::Count(*deals)],
        };
        Section {
            key: "stages",
            shape: Shape::List,
            by: vec!["owner".to_owned()],
            columns: vec![
                Column::new("stage", Kind::Text),
                Column::given("day", Kind::Count),
                Column::new("deals", Kind::Count),
            ],
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn rows_meet_by_their_groups_texts_and_given_numbers() {
        let now = section(&[
            ("ana", "needs", 30, 5),
            ("chen", "needs", 30, 2),
            ("", "needs", 30, 7),
            ("", "needs", 60, 1),
        ]);
        let before = section(&[("ana", "needs", 30, 4), ("ben", "needs", 30, 6), ("", "needs", 30, 10)]);
        let both = section_beside(now, &before);
        let keys: Vec<&str> = both.columns.iter().map(|column| column.key.as_ref()).collect();
        assert_eq!(keys, ["stage", "day", "deals", "deals_before", "deals_change"]);
        let shown: Vec<String> = both
            .rows
            .iter()
            .map(|row| {
                let part = |cell: &Cell| match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Count(count) => count.to_string(),
                    Cell::Change(change) => change.to_string(),
                    _ => "-".to_owned(),
                };
                format!("{} {}", row.group.join(""), row.cells.iter().map(part).collect::<Vec<_>>().join(" "))
            })
            .collect();
        // Ben stands where he stood among the others: after ana. He has no deals now, and the 60 days had none before.
        let expected = [
            "ana needs 30 5 4 1",
            "ben needs 30 - 6 -",
            "chen needs 30 2 - -",
            " needs 30 7 10 -3",
            " needs 60 1 - -",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_list_of_deals_is_not_compared_and_notes_say_which_period_they_are_about() {
        let mut list = section(&[("ana", "needs", 30, 5)]);
        list.columns[0] = Column::new("id", Kind::Text);
        let note = |text: &str| Note { code: "assumed_journeys", text: Words::plain(text), deals: Some(2) };
        let day = parse_day("2026-03-01").unwrap();
        let scope = Scope {
            period: "2026-03".to_owned(),
            first: day,
            last: day,
            as_of: Instant::ALWAYS,
            as_of_day: day,
            currency: usd(),
            before: None,
        };
        let figures = |notes: Vec<Note>| {
            let sections = vec![list.clone()];
            Figures { name: "bottlenecks", scope: Some(scope.clone()), sections, notes }
        };
        let both = beside(figures(vec![note("2 deals")]), figures(vec![note("2 deals"), note("3 deals")]));
        assert_eq!(both.sections.as_slice(), std::slice::from_ref(&list));
        assert_eq!(both.notes, [note("2 deals"), note("3 deals").about("2026-03")]);
        assert_eq!(both.scope.unwrap().before.unwrap().period, "2026-03");
    }
}
