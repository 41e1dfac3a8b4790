//! What each figure means, its formula with the numbers of this report in it, and the deals behind it.

use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use super::meanings::{MEANINGS, Meaning};
use crate::deal::money::round;
use crate::process::Lang;

/// The figures of a report explained, each in a row: what it means, how it was worked out, and what `--ids` takes to
/// list the deals behind it. Figures by group are explained by those over all deals; lists of deals need no explanation.
pub fn explain(figures: &Figures) -> Section {
    let mut rows = Vec::new();
    let of_figures = |section: &&Section| !matches!(section.shape, Shape::Top(_));
    for section in figures.sections.iter().filter(of_figures) {
        let whole = |row: &&Row| row.group.is_empty();
        let total: Vec<&Row> = section.rows.iter().filter(whole).collect();
        let told: Vec<&Row> = if total.is_empty() { section.rows.iter().collect() } else { total };
        for (at, column) in section.columns.iter().enumerate() {
            let Some(meaning) = meaning(figures.name, section.key, &column.key) else { continue };
            // What is only counted is said once of a list.
            let each = told.len() == 1 || !meaning.worked.is_empty();
            for row in told.iter().take(if each { told.len() } else { 1 }) {
                let (name, worked, behind) = if each {
                    let worked = worked(meaning, section, row, at);
                    (named(section, row, column), worked, filled(meaning.behind, section, row))
                } else {
                    let behind = open(meaning.behind);
                    (format!("{}.{}", section.key, column.key), String::new(), behind)
                };
                let means = meaning.means.to_owned();
                rows.push(Row::total([name, means, worked, behind].map(Cell::Text).into()));
            }
        }
    }
    let columns = ["figure", "means", "worked_out", "ids"].map(|key| Column::new(key, Kind::Text)).into();
    Section { key: "explained", shape: Shape::Pages, by: Vec::new(), columns, rows }
}

/// What a figure of a report means; none of a column that is no figure, such as the name of a stage.
pub fn meaning(report: &str, section: &str, figure: &str) -> Option<&'static Meaning> {
    let fits = |meaning: &&Meaning| {
        meaning.figure == figure && meaning.places.iter().any(|place| *place == section || *place == report)
    };
    MEANINGS.iter().find(fits)
}

/// The figure, with what its row is about: `stages.rate_so_far of proposal`.
fn named(section: &Section, row: &Row, column: &Column) -> String {
    let about: Vec<String> = row
        .group
        .iter()
        .cloned()
        .chain(section.columns.iter().zip(&row.cells).filter_map(|(column, cell)| match cell {
            Cell::Text(text) | Cell::Stage(text) if column.kind == Kind::Text => Some(text.clone()),
            Cell::Key(key) => Some((*key).to_owned()),
            _ => None,
        }))
        .collect();
    let name = format!("{}.{}", section.key, column.key);
    if about.is_empty() { name } else { format!("{name} of {}", about.join(", ")) }
}

/// The formula with the row's numbers in it, and what it comes to.
fn worked(meaning: &Meaning, section: &Section, row: &Row, at: usize) -> String {
    let Some(cell) = row.cells.get(at) else { return String::new() };
    let interval = match cell {
        Cell::Rate(rate) => rate.interval(),
        Cell::Estimate { interval, .. } => *interval,
        _ => None,
    };
    let formula = match filled(meaning.worked, section, row) {
        formula if formula.is_empty() => formula,
        formula => formula + " = ",
    };
    let interval = interval.map_or(String::new(), |interval| {
        format!(" (95 %: {:.1} to {:.1} %)", interval.low * 100.0, interval.high * 100.0)
    });
    format!("{formula}{}{interval}", plain(cell))
}

/// A template with the cells of the row in the place of `{column}`, `{column.count}`, `{column.of}` and `{column.n}`.
fn filled(template: &str, section: &Section, row: &Row) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        let (key, part) = name.split_once('.').unwrap_or((name, ""));
        let cell =
            section.columns.iter().position(|column| column.key == key).and_then(|at| row.cells.get(at));
        match (cell, part) {
            (Some(Cell::Rate(rate)), "count") => text.push_str(&rate.count.to_string()),
            (Some(Cell::Rate(rate)), "of") => text.push_str(&rate.of.to_string()),
            (Some(Cell::Money { n: Some(n), .. } | Cell::Days { n: Some(n), .. }), "n") => {
                text.push_str(&n.to_string());
            }
            (Some(cell), _) => text.push_str(&plain(cell)),
            (None, _) if key == "group" => text.push_str(row.group.last().map_or("", String::as_str)),
            (None, _) => text.push_str(name),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A template that is told of any row: `due {month}` as `due MONTH`.
fn open(template: &str) -> String {
    let part = |(nth, text): (usize, &str)| if nth % 2 == 0 { text.to_owned() } else { text.to_uppercase() };
    template.split(['{', '}']).enumerate().map(part).collect()
}

/// A cell as a number in a formula.
fn plain(cell: &Cell) -> String {
    let percent =
        |share: Option<f64>| share.map_or("none".to_owned(), |share| format!("{:.1} %", share * 100.0));
    match cell {
        Cell::Empty => "none".to_owned(),
        Cell::Text(text) | Cell::Stage(text) => text.clone(),
        Cell::Sentence(words) => words.text(Lang::En).to_owned(),
        Cell::Texts(texts) => texts.join(", "),
        Cell::Key(key) => (*key).to_owned(),
        Cell::Count(count) => count.to_string(),
        Cell::Change(change) => change.to_string(),
        Cell::Number(number) => number.normalize().to_string(),
        Cell::Rate(rate) => percent(rate.value()),
        Cell::Share(share) | Cell::Estimate { share, .. } => percent(*share),
        Cell::Money { amount, currency, .. } => {
            let shown = amount.map(|amount| round(amount, currency.digits()));
            shown.map_or("none".to_owned(), |amount| format!("{amount} {currency}"))
        }
        Cell::Days { days, .. } => days.map_or("none".to_owned(), |days| format!("{days:.1} d")),
        Cell::Average { value, .. } => value.map_or("none".to_owned(), |value| format!("{value:.1}")),
        Cell::Date(day) | Cell::Moment { day, .. } => day.to_string(),
        Cell::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::figures::Rate;

    #[test]
    fn a_formula_has_the_numbers_of_its_row_in_it() {
        let columns = vec![
            Column::new("won", Kind::Count),
            Column::new("lost", Kind::Count),
            Column::new("win_rate", Kind::Rate),
        ];
        let cells = vec![Cell::Count(3), Cell::Count(1), Cell::Rate(Rate { count: 3, of: 4 })];
        let rows = vec![Row::total(cells)];
        let section = Section { key: "closed", shape: Shape::Record, by: Vec::new(), columns, rows };
        let figures = Figures::of("conversion", [section]);
        let told = explain(&figures);
        let text = |row: usize, cell: usize| match &told.rows[row].cells[cell] {
            Cell::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!((text(2, 0), text(2, 3)), ("closed.win_rate".to_owned(), "won".to_owned()));
        // Wilson for 3 of 4: centre (0.75 + 3.8415/8) / (1 + 3.8415/4) = 0.6276, half 0.3269.
        assert_eq!(text(2, 2), "3 / (3 + 1) = 75.0 % (95 %: 30.1 to 95.4 %)");
    }
}
