//! Whether a deal is what was asked for. Everything about the question was settled when it was parsed.

use std::borrow::Cow;
use std::ops::{Bound, RangeBounds};

use rust_decimal::Decimal;

use crate::deal::columns::parse_probability;
use crate::deal::money::parse_amount;
use crate::deal::time::{Day, Zone};
use crate::fold::{Needle, narrow};
use crate::process::StageIndex;

/// What a field of a deal holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// A cell, which is read by its field's kind; a blank one is empty.
    Text(Cow<'a, str>),
    /// A stage, for a field of kind [`Stage`](super::Kind::Stage) or [`Status`](super::Kind::Status).
    Stage(StageIndex),
    /// A number, an amount, or a share from 0 to 1.
    Number(Decimal),
    /// A time in days.
    Days(f64),
    /// A day.
    Day(Day),
}

/// A deal as terms see it.
pub trait Subject {
    /// What it holds in a field, named by its index in the dictionary that the query was parsed with.
    fn value(&self, field: usize) -> Value<'_>;
}

/// A run of values, with or without its ends.
pub(super) type Span<T> = (Bound<T>, Bound<T>);

/// Stages that were asked for: as numbers, and as the words that the files have for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stages {
    pub(super) indexes: Vec<StageIndex>,
    pub(super) words: Vec<String>,
}

/// What a field is to hold: any one of these.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Want {
    /// One of these texts.
    Texts(Vec<Needle>),
    /// One of these somewhere in its text.
    Parts(Vec<Needle>),
    /// One of these among its tags.
    Tags(Vec<Needle>),
    Numbers(Vec<Span<Decimal>>),
    Shares(Vec<Span<Decimal>>),
    /// Whole days that have passed.
    Days(Vec<Span<i64>>),
    Dates(Zone, Vec<Span<Day>>),
    Stages(Stages),
}

impl Want {
    /// Whether a value that is not empty is wanted. What cannot be read as the field's kind is not.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match self {
            Want::Texts(wanted) => {
                text(value).is_some_and(|text| wanted.iter().any(|needle| needle.equals(text)))
            }
            Want::Parts(wanted) => {
                text(value).is_some_and(|text| wanted.iter().any(|needle| needle.is_in(text)))
            }
            Want::Tags(wanted) => text(value)
                .is_some_and(|text| tags(text).any(|tag| wanted.iter().any(|needle| needle.equals(tag)))),
            Want::Numbers(spans) => match value {
                Value::Number(number) => within(spans, number),
                Value::Text(cell) => parse_amount(cell.trim()).is_some_and(|number| within(spans, &number)),
                _ => false,
            },
            Want::Shares(spans) => match value {
                Value::Number(share) => within(spans, share),
                Value::Text(cell) => {
                    parse_probability(cell.trim()).is_some_and(|share| within(spans, &share))
                }
                _ => false,
            },
            Want::Days(spans) => match value {
                Value::Days(days) => days.is_finite() && within(spans, &(days.floor() as i64)),
                Value::Text(cell) => {
                    let days = cell.trim().trim_end_matches('d').parse().ok();
                    days.is_some_and(|days: i64| within(spans, &days))
                }
                _ => false,
            },
            Want::Dates(zone, spans) => match value {
                Value::Day(day) => within(spans, day),
                Value::Text(cell) => {
                    zone.parse_moment_day(cell.trim()).is_some_and(|day| within(spans, &day))
                }
                _ => false,
            },
            Want::Stages(stages) => match value {
                Value::Stage(index) => stages.indexes.contains(index),
                Value::Text(cell) => stages.words.iter().any(|word| word == cell.trim()),
                _ => false,
            },
        }
    }
}

fn text<'v>(value: &'v Value) -> Option<&'v str> {
    match value {
        Value::Text(text) => Some(text.trim()),
        _ => None,
    }
}

fn within<T: PartialOrd>(spans: &[Span<T>], value: &T) -> bool {
    spans.iter().any(|span| span.contains(value))
}

/// The tags of a cell, however it separates them.
pub(super) fn tags(cell: &str) -> impl Iterator<Item = &str> {
    let separates = |letter: char| letter.is_whitespace() || matches!(narrow(letter), ',' | ';' | '、');
    cell.split(separates).filter(|tag| !tag.is_empty())
}

/// One comparison of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) field: usize,
    /// Whether an empty field will do.
    pub(super) empty: bool,
    /// Whether any field that is not empty will do.
    pub(super) any: bool,
    pub(super) want: Want,
    /// Whether all of that is denied, for `!=` and `!~`.
    pub(super) negated: bool,
    /// How it is written.
    pub(super) written: String,
}

impl Test {
    fn holds(&self, subject: &impl Subject) -> bool {
        let value = subject.value(self.field);
        let wanted = if is_empty(&value) { self.empty } else { self.any || self.want.holds(&value) };
        wanted != self.negated
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Empty => true,
        Value::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A condition, and how conditions are joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Every one of at least two, none of which is an `And`.
    And(Vec<Node>),
    /// At least one of at least two, none of which is an `Or`.
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
    /// A text somewhere in one of these fields.
    Search {
        fields: Vec<usize>,
        needle: Needle,
        written: String,
    },
}

impl Node {
    pub(super) fn matches(&self, subject: &impl Subject) -> bool {
        match self {
            Node::And(nodes) => nodes.iter().all(|node| node.matches(subject)),
            Node::Or(nodes) => nodes.iter().any(|node| node.matches(subject)),
            Node::Not(node) => !node.matches(subject),
            Node::Test(test) => test.holds(subject),
            Node::Search { fields, needle, .. } => {
                fields.iter().any(|field| text(&subject.value(*field)).is_some_and(|text| needle.is_in(text)))
            }
        }
    }

    /// Adds the fields that it reads.
    pub(super) fn fields(&self, into: &mut Vec<usize>) {
        match self {
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| node.fields(into)),
            Node::Not(node) => node.fields(into),
            Node::Test(test) => into.push(test.field),
            Node::Search { fields, .. } => into.extend(fields),
        }
    }
}
