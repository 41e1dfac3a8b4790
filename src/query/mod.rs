//! Terms: the language in which `list`, `report`, `move --where`, gates, scores, review rules and views pick deals. Pure.
//!
//! ```text
//! stage=proposal,negotiation value=10k.. (owner=ana or owner="") close_date=..today+30d not acme
//! ```
//!
//! # Joining
//! Terms side by side must all hold; `and` between them says the same. `or`, `not` and brackets do what they say;
//! `not` binds before `and`, `and` before `or`. The three words are read in any case. Signs may be typed in full width.
//! The arguments of a command are joined with spaces, so an argument may hold a whole expression, a term, or a part.
//!
//! # Searching
//! A word, or a text in quotes, is looked for in id, name and account, without regard to case and width.
//! To search for a word that means something here, quote it: `"or"`, `"a=b"`. Inside quotes, `\"` is a quote and `\\` a backslash.
//!
//! # Views
//! `@hot` stands for the terms of that view of `pipeline.yaml`, as if they stood in brackets here. A view may name views.
//!
//! # Fields
//! Every column of the deals, every field that `pipeline.yaml` declares, and what is worked out from them:
//!
//! | field | what it is |
//! |---|---|
//! | `status` | open, or how the deal ended; from its stage |
//! | `team` | the team of its owner |
//! | `age` | days since it was created; up to its close, for a closed deal |
//! | `stage_age` | days since it entered its stage |
//! | `idle` | days since the last call, email, meeting or note, or since it was created |
//! | `weighted` | its value times its probability, or that of its stage |
//! | `pushes` | how often its close date was moved to a later day |
//! | `stalls` | how often it was in a stage for longer than the stage's `stale_after`, now among them |
//! | `touches` | how many calls, emails, meetings and notes there were |
//! | a score | the points of those of its rules that hold; a rule asks for no score |
//!
//! [`sight`] works them out, for every command alike. A column of the same name is hidden by them.
//!
//! # Comparing
//! A field, an operator, a value. With spaces around the operator or without: `bant >= 50`, `bant>=50`.
//!
//! | operator | meaning |
//! |---|---|
//! | `=` | is one of the values, between which commas stand: `stage=proposal,negotiation` |
//! | `!=` | the very opposite of `=`, so that `owner!=ana` finds deals without an owner too |
//! | `~` `!~` | has the text somewhere in it, or has not |
//! | `<` `<=` `>` `>=` | by number, date, days, or the order of stages |
//!
//! After `=` and `!=` a value may be
//! - a range, `10k..50k`, `10k..`, `..today+30d`, with both its ends;
//! - `*`, anything at all: `owner=*` has an owner, `owner!=*` has none;
//! - nothing: `owner=` (or `owner=""`, or `owner=,ana` for none or Ana) has no owner, `owner!=` has one.
//!   Nothing is what a space after `owner=` means. Where a word follows that could be the value (`owner= ana`), that is refused.
//!
//! A text with spaces, commas or brackets goes in quotes: `account="Acme Ltd"`. A shell takes quotes away, so there the
//! whole term goes in single ones: `'account="Acme Ltd"'`. `account=Acme Ltd` could mean that or a search for `Ltd`
//! besides, and is refused with both ways to write it. `account=Acme and Ltd` is clear, and so are two arguments of a
//! command. Stages, choices and periods of several words need no quotes: `stage=Needs analysis`, `created=this quarter`.
//!
//! # What a value means, by the kind of its field
//! - *Text*: equal without regard to case, width and spaces around it.
//! - *Stage*: an id, a former id, or a name in any language. `<` and the like, and ranges, follow the order of the
//!   process and find open stages only: `stage>=proposal` is that stage or a later open one.
//! - *Status*: `open`, `won`, `lost`, `disqualified`, or `closed` for any outcome.
//! - *Number, money*: `12000`, `10k`, `1.5m`. `12,000` could be one number or two, and is refused.
//! - *Percentage*: `40%`. Without the sign a number up to 1 is a share (`0.4`), above it a percentage (`40`).
//! - *Days*: `30d`, `2w`, `30`. Whole days that have passed are compared: `age=30d` finds 30.0 up to, not including, 31.0.
//! - *Date*: `today`, `yesterday`, `tomorrow`, `today+30d`, `today-2w`, or a period: a day, `2026-Q3`, `2026-07`,
//!   `2026-W31`, `2026`, `90d`, and `this`, `last` or `next` before `week`, `month`, `quarter` or `year`. `=` is within it,
//!   `<` before its first day, `>` after its last; a range is from the first day of one to the last of the other.
//! - *Choice, yes or no*: one of its texts, without regard to case.
//! - *Tags*: `=` has the tag, among those that spaces, commas or semicolons separate.
//!
//! A cell that cannot be read as its kind is not empty; nothing but `=*`, `!=` and `!~` finds it.

mod facts;
mod flaw;
mod fold;
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
pub use literal::percentage;
pub use matching::{Subject, Value};

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
    /// The query that finds every deal.
    pub fn everything() -> Query {
        Query::default()
    }

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
