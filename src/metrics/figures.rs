//! The one value that every listing and every report is: sections of typed cells, and notes.
//!
//! Metrics build it, renderers draw it; neither knows the other.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::statistics::{self, Interval};
use crate::deal::money::Currency;
use crate::deal::time::{Day, Instant};
use crate::process::{Lang, Words};

/// A share of deals: so many of so many, with its 95 % Wilson score interval (metrics §1, Small numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many deals are counted.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Rate {
    /// The share, 0 to 1; none of no deals.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// Its 95 % interval; none of no deals.
    pub fn interval(self) -> Option<Interval> {
        statistics::wilson(self.count, self.of)
    }
}

/// One cell. `None` inside stands for a figure over nothing: `null` in JSON, a dash in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing to show.
    Empty,
    /// A text from the files or a label of ours.
    Text(String),
    /// A key such as `win_rate`: people are shown its label.
    Key(&'static str),
    /// A stage by its id: people are shown what it is called.
    Stage(String),
    /// A sentence of ours: people are shown it in their language, programs in English.
    Sentence(Words),
    /// Several texts, one under the other.
    Texts(Vec<String>),
    /// Deals, events, days: a whole number of things.
    Count(u64),
    /// How many more or, below 0, fewer.
    Change(i64),
    /// A plain decimal number, such as a typed field's.
    Number(Decimal),
    /// A share of deals, with numerator, denominator and interval.
    Rate(Rate),
    /// A share of something that is not counted in deals, such as value; 0 to 1.
    Share(Option<f64>),
    /// An estimated share, with its 95 % interval where it has one.
    Estimate {
        /// 0 to 1.
        share: Option<f64>,
        /// Its interval.
        interval: Option<Interval>,
    },
    /// An amount.
    Money {
        /// How much; none when it is a mean of nothing.
        amount: Option<Decimal>,
        /// In which currency.
        currency: Currency,
        /// Over how many deals, where it is a figure over deals.
        n: Option<u64>,
    },
    /// A length of time.
    Days {
        /// Days, with their fraction; none when it is a mean of nothing.
        days: Option<f64>,
        /// Over how many deals.
        n: Option<u64>,
    },
    /// A mean or a median of whole numbers of things.
    Average {
        /// Things a deal; none when it is a mean of nothing.
        value: Option<f64>,
        /// Over how many deals.
        n: u64,
    },
    /// A calendar day.
    Date(Day),
    /// An instant, and the day it falls on in the pipeline's zone: a table shows the day, JSON the instant.
    Moment {
        /// The instant.
        at: Instant,
        /// Its day.
        day: Day,
    },
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A text, where there is one.
    pub fn text(text: &str) -> Cell {
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }
}

/// What the cells of a column are: how they are aligned, and which columns CSV spreads them over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Cell::Text`], [`Cell::Key`], [`Cell::Stage`] or [`Cell::Texts`].
    Text,
    /// [`Cell::Text`] or [`Cell::Sentence`] that is read to its end: a table never cuts it off.
    Sentence,
    /// [`Cell::Text`] of a command to paste: a table neither cuts nor breaks it, and markdown says that it is one.
    Command,
    /// [`Cell::Count`] or [`Cell::Change`].
    Count,
    /// [`Cell::Number`].
    Number,
    /// [`Cell::Rate`]: in CSV also `_count`, `_of`, `_low`, `_high`.
    Rate,
    /// [`Cell::Share`].
    Share,
    /// [`Cell::Estimate`]: in CSV also `_low`, `_high`.
    Estimate,
    /// [`Cell::Money`], a plain amount.
    Amount,
    /// [`Cell::Money`] over deals: in CSV also `_n`.
    Money,
    /// [`Cell::Money`], a sum over deals: as [`Kind::Money`], but few deals are no reason to doubt it.
    Total,
    /// [`Cell::Days`], a plain length of time.
    Age,
    /// [`Cell::Days`] over deals: in CSV also `_n`.
    Days,
    /// [`Cell::Average`]: in CSV also `_n`.
    Average,
    /// [`Cell::Date`] or [`Cell::Moment`].
    Date,
    /// [`Cell::Flag`].
    Flag,
}

/// What a column is to the others, where figures stand beside those of another period ([`super::compare`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A figure, or a text that says which row it is.
    Plain,
    /// A number that says which row it is, such as the days of a curve; not compared.
    Given,
    /// The figure of the column before, in the other period.
    Before,
    /// What that figure changed by since the other period.
    Change,
}

/// A column: its key is the JSON key, and what the table of labels is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The `snake_case` key; for a column of deals.csv, its name.
    pub key: Cow<'static, str>,
    /// What its cells are.
    pub kind: Kind,
    /// What it is to the others.
    pub role: Role,
}

impl Column {
    /// A column.
    pub fn new(key: impl Into<Cow<'static, str>>, kind: Kind) -> Column {
        Column { key: key.into(), kind, role: Role::Plain }
    }

    /// A column of numbers that say which row it is.
    pub fn given(key: &'static str, kind: Kind) -> Column {
        Column { key: key.into(), kind, role: Role::Given }
    }
}

/// How a section is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One row of figures for each group, and one for all: an object in JSON; alone, a table turns it upright.
    Record,
    /// Many rows for each group, and many for all: an array in JSON.
    List,
    /// As [`Shape::List`], of things that may be many, such as deals. Of the rows that begin alike, or of all where each
    /// begins with the id of a deal, people are shown so many and how many more there are; programs get all.
    Top(usize),
    /// As a list, but with too much to read for one line: for people, each row is a page that its first cell heads.
    Pages,
}

/// A row of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The group it belongs to, one text for each of the section's `by`; empty for the row over all deals.
    pub group: Vec<String>,
    /// One cell a column.
    pub cells: Vec<Cell>,
}

impl Row {
    /// A row over all deals.
    pub fn total(cells: Vec<Cell>) -> Row {
        Row { group: Vec::new(), cells }
    }
}

/// A table of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The JSON key, and what the table of labels is asked for.
    pub key: &'static str,
    /// How it is laid out.
    pub shape: Shape,
    /// What the rows are grouped by, such as `owner`; empty when they are not.
    pub by: Vec<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; those of groups before those over all deals.
    pub rows: Vec<Row>,
}

impl Section {
    /// A list that is grouped by nothing.
    pub fn list(key: &'static str, columns: Vec<Column>, rows: Vec<Row>) -> Section {
        Section { key, shape: Shape::List, by: Vec::new(), columns, rows }
    }
}

/// The period and the instant that figures are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The period as it was asked.
    pub period: String,
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// `t`: the as-of instant.
    pub as_of: Instant,
    /// The as-of day, in the pipeline's zone.
    pub as_of_day: Day,
    /// The currency of the figures: the one asked for, else the reporting currency.
    pub currency: Currency,
    /// The same of the other period, where figures stand beside those of another.
    pub before: Option<Box<Scope>>,
}

/// Something a reader of the figures must know, with a code that scripts can rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A stable `snake_case` code.
    pub code: &'static str,
    /// One sentence: people are shown it in their language, programs in English.
    pub text: Words,
    /// How many deals it is about, where it is about deals.
    pub deals: Option<u64>,
}

impl Note {
    /// The same about one of several pipelines or periods, which it names.
    #[must_use]
    pub fn about(self, name: &str) -> Note {
        let text = Words::of_ours(|lang| {
            let (colon, text) = (if lang == Lang::En { ": " } else { "：" }, self.text.text(lang));
            format!("{name}{colon}{text}")
        });
        Note { text, ..self }
    }
}

/// A listing or a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Its name: `conversion`, `list`.
    pub name: &'static str,
    /// What it is about in time; a listing has none.
    pub scope: Option<Scope>,
    /// The main table first.
    pub sections: Vec<Section>,
    /// What must be known beside the figures.
    pub notes: Vec<Note>,
}

impl Figures {
    /// What these sections tell, about no time and without notes.
    pub fn of(name: &'static str, sections: impl Into<Vec<Section>>) -> Figures {
        Figures { name, scope: None, sections: sections.into(), notes: Vec::new() }
    }
}
