//! What each figure means, its formula with the numbers of this report in it, and the deals behind it.

use std::borrow::Cow;

use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use super::meanings::{MEANINGS, Meaning};
use crate::deal::money::round;
use crate::process::{Lang, Process, Words};

/// The figures of a report explained, each in a row: what it means, how it was worked out, and what `--ids` takes to
/// list the deals behind it. Figures by group are explained by those over all deals; lists of deals need no explanation.
/// `label` is what a key is called in a language.
pub fn explain(figures: &Figures, process: &Process, label: Label) -> Section {
    let mut rows = Vec::new();
    let of_figures = |section: &&Section| !matches!(section.shape, Shape::Top(_));
    for section in figures.sections.iter().filter(of_figures) {
        let whole = |row: &&Row| row.group.is_empty();
        let total: Vec<&Row> = section.rows.iter().filter(whole).collect();
        let told: Vec<&Row> = if total.is_empty() { section.rows.iter().collect() } else { total };
        for (at, column) in section.columns.iter().enumerate() {
            let Some(meaning) = meaning(figures.name, section.key, &column.key) else { continue };
            // What is only counted is said once of a list.
            let each = told.len() == 1 || !meaning.worked(Lang::En).is_empty();
            for row in told.iter().take(if each { told.len() } else { 1 }) {
                let told = |lang| Told { section, row, process, label, lang };
                let sentence = |text: &dyn Fn(Lang) -> String| Cell::Sentence(Words::of_ours(text));
                let behind = if each { told(Lang::En).filled(meaning.behind) } else { open(meaning.behind) };
                rows.push(Row::total(vec![
                    sentence(&|lang| told(lang).named(column, each)),
                    sentence(&|lang| meaning.means(lang).to_owned()),
                    sentence(&|lang| if each { told(lang).worked(meaning, at) } else { String::new() }),
                    Cell::Text(behind),
                ]));
            }
        }
    }
    explained(rows)
}

/// What a key is called in a language.
pub type Label = fn(&str, Lang) -> Cow<'_, str>;

/// The section of what is explained.
pub fn explained(rows: Vec<Row>) -> Section {
    let columns = vec![
        Column::new("figure", Kind::Sentence),
        Column::new("means", Kind::Sentence),
        Column::new("worked_out", Kind::Sentence),
        Column::new("ids", Kind::Text),
    ];
    Section { key: "explained", shape: Shape::Pages, by: Vec::new(), columns, rows }
}

/// What a figure of a report means; none of a column that is no figure, such as the name of a stage.
pub fn meaning(report: &str, section: &str, figure: &str) -> Option<&'static Meaning> {
    let fits = |meaning: &&Meaning| {
        meaning.figure == figure && meaning.places.iter().any(|place| *place == section || *place == report)
    };
    MEANINGS.iter().find(fits)
}

/// A row that is told of, in a language: in English keys and ids, which scripts know, in Chinese what people call them.
#[derive(Clone, Copy)]
struct Told<'a> {
    section: &'a Section,
    row: &'a Row,
    process: &'a Process,
    label: Label,
    lang: Lang,
}

impl Told<'_> {
    /// The figure, with what its row is about: `stages.rate_so_far of proposal`.
    fn named(&self, column: &Column, of_row: bool) -> String {
        let about = if of_row { self.about() } else { Vec::new() };
        let (section, figure) = (self.key(self.section.key), self.key(&column.key));
        match (self.lang, about.is_empty()) {
            (Lang::En, true) => format!("{section}.{figure}"),
            (Lang::En, false) => format!("{section}.{figure} of {}", about.join(", ")),
            (Lang::ZhTw, true) => format!("{section}：{figure}"),
            (Lang::ZhTw, false) => format!("{section}：{figure}（{}）", about.join("、")),
        }
    }

    fn about(&self) -> Vec<String> {
        let groups = self.section.by.iter().zip(&self.row.group);
        let groups = groups.map(|(by, group)| if by == "stage" { self.stage(group) } else { group.clone() });
        let cells = self.section.columns.iter().zip(&self.row.cells);
        let names = cells.filter_map(|(column, cell)| match cell {
            Cell::Text(_) | Cell::Stage(_) if column.kind == Kind::Text => Some(self.plain(cell)),
            Cell::Key(_) => Some(self.plain(cell)),
            _ => None,
        });
        groups.chain(names).collect()
    }

    /// The formula with the row's numbers in it, and what it comes to.
    fn worked(&self, meaning: &Meaning, at: usize) -> String {
        let Some(cell) = self.row.cells.get(at) else { return String::new() };
        let interval = match cell {
            Cell::Rate(rate) => rate.interval(),
            Cell::Estimate { interval, .. } => *interval,
            _ => None,
        };
        let formula = match self.filled(meaning.worked(self.lang)) {
            formula if formula.is_empty() => formula,
            formula => formula + " = ",
        };
        let interval = interval.map_or(String::new(), |interval| {
            let (low, high) = (interval.low * 100.0, interval.high * 100.0);
            match self.lang {
                Lang::En => format!(" (95 %: {low:.1} to {high:.1} %)"),
                Lang::ZhTw => format!("（95 %：{low:.1} 至 {high:.1} %）"),
            }
        });
        format!("{formula}{}{interval}", self.plain(cell))
    }

    /// A template with the cells of the row in the place of `{column}`, `{column.count}`, `{column.of}` and `{column.n}`.
    fn filled(&self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            let (key, part) = name.split_once('.').unwrap_or((name, ""));
            let place = self.section.columns.iter().position(|column| column.key == key);
            match (place.and_then(|at| self.row.cells.get(at)), part) {
                (Some(Cell::Rate(rate)), "count") => text.push_str(&rate.count.to_string()),
                (Some(Cell::Rate(rate)), "of") => text.push_str(&rate.of.to_string()),
                (Some(Cell::Money { n: Some(n), .. } | Cell::Days { n: Some(n), .. }), "n") => {
                    text.push_str(&n.to_string());
                }
                (Some(cell), _) => text.push_str(&self.plain(cell)),
                (None, _) if key == "group" => {
                    text.push_str(self.row.group.last().map_or("", String::as_str));
                }
                (None, _) => text.push_str(name),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn key(&self, key: &str) -> String {
        match self.lang {
            Lang::En => key.to_owned(),
            Lang::ZhTw => (self.label)(key, self.lang).into_owned(),
        }
    }

    fn stage(&self, id: &str) -> String {
        let stage = self.process.lookup(id).and_then(|at| self.process.stage(at));
        stage.map_or(id, |stage| stage.called_in(self.lang)).to_owned()
    }

    fn days(&self, days: f64) -> String {
        match self.lang {
            Lang::En => format!("{days:.1} d"),
            Lang::ZhTw => format!("{days:.1} 天"),
        }
    }

    /// A cell as a number in a formula.
    fn plain(&self, cell: &Cell) -> String {
        let (none, yes, no) = match self.lang {
            Lang::En => ("none", "yes", "no"),
            Lang::ZhTw => ("無", "是", "否"),
        };
        let percent =
            |share: Option<f64>| share.map_or(none.to_owned(), |share| format!("{:.1} %", share * 100.0));
        match cell {
            Cell::Empty => none.to_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Stage(id) => self.stage(id),
            Cell::Sentence(words) => words.text(self.lang).to_owned(),
            Cell::Texts(texts) => texts.join(", "),
            Cell::Key(key) => self.key(key),
            Cell::Count(count) => count.to_string(),
            Cell::Change(change) => change.to_string(),
            Cell::Number(number) => number.normalize().to_string(),
            Cell::Rate(rate) => percent(rate.value()),
            Cell::Share(share) | Cell::Estimate { share, .. } => percent(*share),
            Cell::Money { amount, currency, .. } => {
                let shown = amount.map(|amount| round(amount, currency.digits()));
                shown.map_or(none.to_owned(), |amount| format!("{amount} {currency}"))
            }
            Cell::Days { days, .. } => days.map_or(none.to_owned(), |days| self.days(days)),
            Cell::Average { value, .. } => value.map_or(none.to_owned(), |value| format!("{value:.1}")),
            Cell::Date(day) | Cell::Moment { day, .. } => day.to_string(),
            Cell::Flag(flag) => if *flag { yes } else { no }.to_owned(),
        }
    }
}

/// A template that is told of any row: `due {month}` as `due MONTH`.
fn open(template: &str) -> String {
    let part = |(nth, text): (usize, &str)| if nth % 2 == 0 { text.to_owned() } else { text.to_uppercase() };
    template.split(['{', '}']).enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::figures::Rate;
    use crate::output::label;
    use crate::process::read;

    const PROCESS: &str = "stages:\n  - {id: needs, name: {zh-TW: 需求分析}}\n  - {id: won, outcome: won}\n  - {id: lost, outcome: lost}\n";

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
        let process = read("pipeline.yaml", PROCESS).unwrap();
        let told = explain(&figures, &process, label);
        let text = |row: usize, cell: usize, lang| match &told.rows[row].cells[cell] {
            Cell::Text(text) => text.clone(),
            Cell::Sentence(words) => words.text(lang).to_owned(),
            other => panic!("{other:?}"),
        };
        let named = (text(2, 0, Lang::En), text(2, 0, Lang::ZhTw), text(2, 3, Lang::ZhTw));
        assert_eq!(named, ("closed.win_rate".to_owned(), "結案：成交率".to_owned(), "won".to_owned()));
        // Wilson for 3 of 4: centre (0.75 + 3.8415/8) / (1 + 3.8415/4) = 0.6276, half 0.3269.
        assert_eq!(text(2, 2, Lang::ZhTw), "3 / (3 + 1) = 75.0 %（95 %：30.1 至 95.4 %）");
        assert_eq!(text(2, 2, Lang::En), "3 / (3 + 1) = 75.0 % (95 %: 30.1 to 95.4 %)");
    }
}
