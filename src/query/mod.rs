//! Terms: the language in which `list`, `report`, `move --where`, gates, scores, review rules and views pick deals. Pure.
//!
//! What people are told of it is `docs/terms.md`, which stands here too. [`sight`] works the derived fields out, for every
//! command alike.
#![doc = include_str!("../../docs/terms.md")]

mod facts;
mod flaw;
mod gate;
mod lexer;
mod literal;
mod matching;
mod parser;
mod print;
pub mod sight;
#[cfg(test)]
mod tests;

use crate::deal::period::Calendar;
use crate::deal::time::Zone;
use crate::process::{FieldType, Process};

pub use flaw::Flaw;
pub use gate::{Conditions, Unmet};
pub use matching::{Subject, Value};
pub use print::quote;

/// What the cells of a field hold, and so what it can be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A stage of the process.
    Stage,
    /// Open, or an outcome; told from the deal's stage or by the word.
    Status,
    /// A decimal number.
    Number,
    /// An amount of money, compared as the subject gives it.
    Money,
    /// A share from 0 to 1.
    Percent,
    /// A day, or an instant that belongs to one.
    Date,
    /// A time in days.
    Days,
    /// One of these texts; any text when there are none.
    Choice(Vec<String>),
    /// `yes` or `no`.
    YesNo,
    /// Several words.
    Tags,
}

impl From<&FieldType> for Kind {
    fn from(kind: &FieldType) -> Kind {
        match kind {
            FieldType::Text => Kind::Text,
            FieldType::Number => Kind::Number,
            FieldType::Money => Kind::Money,
            FieldType::Date => Kind::Date,
            FieldType::Choice(choices) => Kind::Choice(choices.clone()),
            FieldType::YesNo => Kind::YesNo,
        }
    }
}

/// A field that terms may speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDef {
    /// The name that terms use, without regard to case.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

impl FieldDef {
    /// A field of a name and a kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> FieldDef {
        // A choice of nothing chooses from nothing: `reason`, where the process lists no reasons, is any text.
        let kind = if kind == Kind::Choice(Vec::new()) { Kind::Text } else { kind };
        FieldDef { name: name.into(), kind }
    }
}

/// What terms may speak of: the fields, the stages and views of the process, and what dates are relative to.
#[derive(Clone, Debug)]
pub struct Dictionary<'p> {
    /// Where stages and views come from.
    pub process: &'p Process,
    /// The fields, which [`Subject::value`] is asked for by their index.
    pub fields: Vec<FieldDef>,
    /// What `today` and `this month` are relative to.
    pub calendar: Calendar,
    /// The zone that decides which day an instant in a cell belongs to.
    pub zone: Zone,
}

/// Terms that were understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    root: Option<matching::Node>,
}

/// Reads terms: one text, or the several arguments of a command, which must all hold.
///
/// They are joined with spaces, so an argument may hold part of an expression, such as a bracket. No terms at all find everything.
pub fn parse(pieces: &[impl AsRef<str>], dictionary: &Dictionary) -> Result<Query, Flaw> {
    let mut text = String::new();
    let mut seams = Vec::new();
    for (nth, piece) in pieces.iter().enumerate() {
        if nth > 0 {
            seams.push(text.len());
            text.push(' ');
        }
        text.push_str(piece.as_ref());
    }
    parser::read(&text, &seams, dictionary).map(|root| Query { root })
}

impl Query {
    /// Whether there are no terms, so that every deal is found.
    pub fn is_everything(&self) -> bool {
        self.root.is_none()
    }

    /// The fields that it reads, as indexes into the dictionary, in order and each once.
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = Vec::new();
        if let Some(node) = &self.root {
            node.fields(&mut fields);
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether a deal is found.
    pub fn matches(&self, subject: &impl Subject) -> bool {
        self.root.as_ref().is_none_or(|node| node.matches(subject))
    }
}
