//! Pictures of figures: which columns of a section are drawn, and as what.
//!
//! A chart names columns and holds no number of its own, so that it can never say something else than its table.

use super::figures::{Cell, Column, Figures, Role, Row, Section};
use super::statistics::Interval;
use crate::deal::period::Unit;
use rust_decimal::prelude::ToPrimitive as _;

/// What a chart looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bar a row, from zero.
    Bars,
    /// Bars of what is left of the first, one under the other.
    Funnel,
    /// Steps from the first total to the last, each from where the one before it ended.
    Waterfall,
    /// What was reached and what is likely to come, one behind the other, against a goal.
    Goal,
    /// A field a row and column, the darker the higher its number.
    Heat,
    /// A line over time; not named by a report, but what bars become where the groups are times.
    Line,
}

/// A picture of one section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The key of the section.
    pub section: &'static str,
    /// What it looks like.
    pub form: Form,
    /// The column that names the rows; none where the groups do.
    pub names: Option<&'static str>,
    /// The columns that are drawn, all of one measure; of a [`Form::Goal`] the last is the goal.
    pub values: &'static [&'static str],
}

impl Chart {
    /// A bar a row of a section, which a column names.
    pub const fn bars(section: &'static str, names: &'static str, values: &'static [&'static str]) -> Chart {
        Chart { section, form: Form::Bars, names: Some(names), values }
    }

    /// A bar a group of a section that has one row for each; a line where the groups are times.
    pub const fn groups(section: &'static str, values: &'static [&'static str]) -> Chart {
        Chart { section, form: Form::Bars, names: None, values }
    }

    /// A funnel.
    pub const fn funnel(
        section: &'static str,
        names: &'static str,
        values: &'static [&'static str],
    ) -> Chart {
        Chart { section, form: Form::Funnel, names: Some(names), values }
    }

    /// A waterfall: its first and last row are totals, those between are steps.
    pub const fn waterfall(
        section: &'static str,
        names: &'static str,
        values: &'static [&'static str],
    ) -> Chart {
        Chart { section, form: Form::Waterfall, names: Some(names), values }
    }

    /// Fields that are the darker the more they count, a row for each row of a section; where no column names the rows,
    /// for each group.
    pub const fn heat(
        section: &'static str,
        names: Option<&'static str>,
        values: &'static [&'static str],
    ) -> Chart {
        Chart { section, form: Form::Heat, names, values }
    }

    /// What was reached, what is likely to come, and the goal.
    pub const fn goal(section: &'static str, values: &'static [&'static str]) -> Chart {
        Chart { section, form: Form::Goal, names: None, values }
    }

    /// What it shows of figures; nothing where they do not have the section, or too little to compare.
    pub fn picture<'f>(&self, figures: &'f Figures) -> Option<Picture<'f>> {
        let section = figures.sections.iter().find(|section| section.key == self.section)?;
        let place = |key: &str| {
            section.columns.iter().position(|column| column.key == key && column.role == Role::Plain)
        };
        let columns: Vec<usize> = self.values.iter().filter_map(|key| place(key)).collect();
        if columns.is_empty() || columns.len() < self.values.len() {
            return None;
        }
        let names = match self.names {
            Some(key) => Some(place(key)?),
            None => None,
        };
        let over_time = section.by.len() == 1 && Unit::named(&section.by[0]).is_some();
        // Of rows with a name of their own, those over all deals; else a row is a group, and none that is a sum of others.
        let shown = |row: &Row| match (names, self.form) {
            (Some(_), _) | (None, Form::Goal) => row.group.is_empty() || section.rows.len() == 1,
            (None, _) => !row.group.is_empty() && row.group.len() == section.by.len(),
        };
        let mark = |(place, row): (usize, &'f Row)| Mark {
            row: place,
            name: match names {
                Some(column) => Named::Cell(row.cells.get(column).unwrap_or(&Cell::Empty)),
                None => Named::Group(&row.group),
            },
            values: columns.iter().map(|column| Value::of(row.cells.get(*column))).collect(),
        };
        let marks: Vec<Mark<'f>> =
            section.rows.iter().enumerate().filter(|(_, row)| shown(row)).map(mark).collect();
        let enough = if self.form == Form::Goal { 1 } else { 2 };
        let something = marks
            .iter()
            .flat_map(|mark| &mark.values)
            .any(|value| value.number.is_some_and(|number| number != 0.0));
        let form =
            if names.is_none() && over_time && self.form == Form::Bars { Form::Line } else { self.form };
        (marks.len() >= enough && something).then(|| Picture {
            section,
            form,
            columns: columns.iter().map(|column| &section.columns[*column]).collect(),
            marks,
        })
    }
}

/// A chart with its numbers.
#[derive(Clone, Debug)]
pub struct Picture<'f> {
    /// The section it is of.
    pub section: &'f Section,
    /// What it looks like.
    pub form: Form,
    /// What is drawn.
    pub columns: Vec<&'f Column>,
    /// The rows, in their order.
    pub marks: Vec<Mark<'f>>,
}

/// One row of a chart.
#[derive(Clone, Debug)]
pub struct Mark<'f> {
    /// The place of its row in the section.
    pub row: usize,
    /// What it is called.
    pub name: Named<'f>,
    /// One for each column that is drawn.
    pub values: Vec<Value<'f>>,
}

/// What a row is called by.
#[derive(Clone, Copy, Debug)]
pub enum Named<'f> {
    /// A cell of its own.
    Cell(&'f Cell),
    /// Its group.
    Group(&'f [String]),
}

/// A number that is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Value<'f> {
    /// The cell as a table has it.
    pub cell: &'f Cell,
    /// Its number; none of a figure over nothing.
    pub number: Option<f64>,
    /// Its 95 % interval, where it has one.
    pub interval: Option<Interval>,
}

impl<'f> Value<'f> {
    fn of(cell: Option<&'f Cell>) -> Value<'f> {
        let cell = cell.unwrap_or(&Cell::Empty);
        let number = match cell {
            Cell::Count(count) => Some(*count as f64),
            Cell::Change(change) => Some(*change as f64),
            Cell::Number(number) => number.to_f64(),
            Cell::Rate(rate) => rate.value(),
            Cell::Share(share) | Cell::Estimate { share, .. } => *share,
            Cell::Money { amount, .. } => amount.and_then(|amount| amount.to_f64()),
            Cell::Days { days, .. } => *days,
            Cell::Average { value, .. } => *value,
            Cell::Empty
            | Cell::Text(_)
            | Cell::Key(_)
            | Cell::Stage(_)
            | Cell::Sentence(_)
            | Cell::Texts(_)
            | Cell::Date(_)
            | Cell::Moment { .. }
            | Cell::Flag(_) => None,
        };
        let interval = match cell {
            Cell::Rate(rate) => rate.interval(),
            Cell::Estimate { interval, .. } => *interval,
            _ => None,
        };
        Value { cell, number: number.filter(|number| number.is_finite()), interval }
    }
}

/// How one figure of a section went from one time to the next.
#[derive(Clone, Debug)]
pub struct Trend<'f> {
    /// The figure.
    pub column: &'f Column,
    /// What it was in each time, in their order.
    pub values: Vec<Value<'f>>,
}

/// The trends of the figures of a section that has one row for each week, month, quarter or year; none where it has not, or
/// too few rows to show one.
pub fn trends(section: &Section) -> Vec<Trend<'_>> {
    let over_time = matches!(&section.by[..], [by] if Unit::named(by).is_some());
    let times: Vec<&Row> = section.rows.iter().filter(|row| !row.group.is_empty()).collect();
    let once = times.windows(2).all(|pair| pair[0].group != pair[1].group);
    let compared = section.columns.iter().any(|column| column.role == Role::Before);
    if !over_time || !once || compared {
        return Vec::new();
    }
    let plain = section.columns.iter().enumerate().filter(|(_, column)| column.role == Role::Plain);
    let trend = |(place, column)| {
        let values: Vec<Value<'_>> = times.iter().map(|row| Value::of(row.cells.get(place))).collect();
        let numbers: Vec<f64> = values.iter().filter_map(|value| value.number).collect();
        let says_more = numbers.len() >= LEAST_TIMES && numbers.iter().any(|number| *number != 0.0);
        says_more.then_some(Trend { column, values })
    };
    plain.filter_map(trend).collect()
}

/// Two numbers are no trend.
const LEAST_TIMES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::figures::{Kind, Rate, Shape};

    fn figures(by: &[&str], rows: Vec<Row>) -> Figures {
        let columns = vec![Column::new("stage", Kind::Text), Column::new("reached", Kind::Count)];
        let by = by.iter().map(|name| (*name).to_owned()).collect();
        let section = Section { key: "funnel", shape: Shape::List, by, columns, rows };
        Figures::of("funnel", [section])
    }

    fn row(group: &[&str], stage: &str, reached: u64) -> Row {
        let group = group.iter().map(|name| (*name).to_owned()).collect();
        Row { group, cells: vec![Cell::Stage(stage.to_owned()), Cell::Count(reached)] }
    }

    const FUNNEL: Chart = Chart::funnel("funnel", "stage", &["reached"]);

    #[test]
    fn rows_over_all_deals_are_drawn_where_rows_have_names() {
        let figures = figures(
            &["owner"],
            vec![row(&["ana"], "lead", 1), row(&["ana"], "won", 0), row(&[], "lead", 3), row(&[], "won", 1)],
        );
        let picture = FUNNEL.picture(&figures).unwrap();
        let numbers: Vec<_> = picture.marks.iter().map(|mark| mark.values[0].number).collect();
        assert_eq!(numbers, [Some(3.0), Some(1.0)]);
    }

    #[test]
    fn bars_of_times_are_a_line() {
        let rows = vec![row(&["2026-07"], "", 2), row(&["2026-08"], "", 4), row(&[], "", 6)];
        let chart = Chart::groups("funnel", &["reached"]);
        assert_eq!(chart.picture(&figures(&["month"], rows.clone())).unwrap().form, Form::Line);
        let bars = figures(&["owner"], rows);
        let picture = chart.picture(&bars).unwrap();
        assert_eq!((picture.form, picture.marks.len()), (Form::Bars, 2));
    }

    #[test]
    fn a_trend_is_of_numbers_that_follow_one_another() {
        let rows = |months: &[u64]| {
            let month = |(nth, reached): (usize, &u64)| row(&[&format!("2026-0{}", nth + 1)], "", *reached);
            months.iter().enumerate().map(month).chain([row(&[], "", 9)]).collect::<Vec<Row>>()
        };
        let numbers = |by: &str, months: &[u64]| {
            let figures = figures(&[by], rows(months));
            let found = trends(&figures.sections[0]);
            let numbers = |trend: &Trend<'_>| trend.values.iter().map(|value| value.number).collect();
            found.iter().map(numbers).collect::<Vec<Vec<Option<f64>>>>()
        };
        assert_eq!(numbers("month", &[2, 0, 4]), [[Some(2.0), Some(0.0), Some(4.0)]]);
        assert!(numbers("month", &[2, 4]).is_empty());
        assert!(numbers("month", &[0, 0, 0]).is_empty());
        assert!(numbers("owner", &[2, 0, 4]).is_empty());
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(FUNNEL.picture(&figures(&[], vec![row(&[], "lead", 0), row(&[], "won", 0)])).is_none());
        assert!(FUNNEL.picture(&figures(&[], vec![row(&[], "lead", 5)])).is_none());
        assert!(Chart::bars("other", "stage", &["reached"]).picture(&figures(&[], Vec::new())).is_none());
        assert!(Chart::bars("funnel", "stage", &["lost"]).picture(&figures(&[], Vec::new())).is_none());
    }

    #[test]
    fn a_rate_brings_its_interval() {
        let rate = Cell::Rate(Rate { count: 1, of: 2 });
        let value = Value::of(Some(&rate));
        assert_eq!(value.number, Some(0.5));
        // Wilson for 1 of 2: centre 0.5, and symmetric about it.
        let interval = value.interval.unwrap();
        assert!((interval.low + interval.high - 1.0).abs() < 1e-12);
        assert_eq!(Value::of(Some(&Cell::Share(Some(f64::NAN)))).number, None);
    }
}
