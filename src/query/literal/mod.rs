//! Reads the values of a comparison by the kind of its field, and says what would fit where one does not.

mod stages;
mod time;

use std::ops::{Bound, Range};

use rust_decimal::Decimal;

use super::flaw::Flaw;
use super::lexer::{Atom, Op};
use super::matching::{Span, Test, Want, tags};
use super::parser::did_you_mean;
use super::print::quote;
use super::{Dictionary, FieldDef, Kind};
use crate::deal::money::{parse_amount, parse_typed_amount};
use crate::deal::period::{FORMS, Unit};
use crate::fold::{Needle, fold, fold_words};
use crate::process::Stage;

/// Reads a share as people type it in terms: `40%`, or a number, which is a share up to 1 and a percentage above.
fn percentage(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let hundred = Decimal::from(100);
    match text.strip_suffix('%') {
        Some(number) => Some(parse_amount(number.trim_end())? / hundred),
        None => {
            parse_amount(text).map(|number| if number > Decimal::ONE { number / hundred } else { number })
        }
    }
}

/// The values of a kind that have several words and need no quotes.
pub(super) fn phrases(kind: &Kind, dictionary: &Dictionary) -> Vec<String> {
    let several = |text: &&str| text.trim().contains(char::is_whitespace);
    match kind {
        Kind::Date => {
            let of_units = |which| Unit::ALL.map(|unit| format!("{which} {}", unit.name()));
            ["this", "last", "next"].into_iter().flat_map(of_units).collect()
        }
        Kind::Stage => {
            let called = dictionary.process.stages.iter().flat_map(Stage::called);
            called.filter(several).map(str::to_owned).collect()
        }
        Kind::Choice(choices) => {
            choices.iter().map(String::as_str).filter(several).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The comparison of a field with values; `sign` is where the operator stands.
pub(super) fn test(
    index: usize,
    op: Op,
    sign: Range<usize>,
    atoms: &[Atom],
    dictionary: &Dictionary,
) -> Result<Test, Flaw> {
    let field = &dictionary.fields[index];
    let reader = Reader { field, op, dictionary };
    reader.refuse_operator(&sign)?;
    reader.refuse_list(atoms)?;
    let (mut empty, mut any) = (false, false);
    let mut written = Vec::new();
    let mut wanted = Vec::new();
    for atom in atoms {
        if atom.text.trim().is_empty() {
            if !op.equates() {
                let place = if atom.place.is_empty() { sign.clone() } else { atom.place.clone() };
                return Err(
                    Flaw::at(place, format!("`{}` needs a value after it", op.sign())).help(reader.fits())
                );
            }
            empty = true;
            written.push("\"\"".to_owned());
        } else if op.equates() && !atom.quoted && atom.text.trim() == "*" {
            any = true;
            written.push("*".to_owned());
        } else {
            wanted.push(atom);
        }
    }
    let want = reader.want(&wanted, &mut written)?;
    let between = if matches!(field.kind, Kind::Number | Kind::Money) { ", " } else { "," };
    let written = format!("{}{}{}", quote(&field.name), op.sign(), written.join(between));
    Ok(Test { field: index, empty, any, want, negated: op.is_negated(), written })
}

/// A value that has a first and a last: one number, or the days of a period.
struct Literal<T> {
    first: T,
    last: T,
    written: String,
}

impl<T: Copy> Literal<T> {
    fn one(value: T, written: String) -> Literal<T> {
        Literal { first: value, last: value, written }
    }
}

/// Part of an atom: all of it, or one end of its range.
struct Part<'a> {
    text: &'a str,
    place: Range<usize>,
    /// Whether it is the whole value after `=` or `!=`.
    alone: bool,
}

/// The low and the high end of a range; an open end is none.
type Ends<'a> = (Option<Part<'a>>, Option<Part<'a>>);

struct Reader<'d> {
    field: &'d FieldDef,
    op: Op,
    dictionary: &'d Dictionary<'d>,
}

impl Reader<'_> {
    fn refuse_operator(&self, sign: &Range<usize>) -> Result<(), Flaw> {
        let name = &self.field.name;
        let (noun, _) = describe(&self.field.kind);
        let can = match self.field.kind {
            Kind::Text | Kind::Choice(_) | Kind::Tags => "=, !=, ~ or !~",
            Kind::Status | Kind::YesNo => "= or !=",
            Kind::Number | Kind::Money | Kind::Percent | Kind::Date | Kind::Days => "=, !=, <, <=, > or >=",
            Kind::Stage => return Ok(()),
        };
        let does = match self.op {
            Op::Equal | Op::NotEqual => return Ok(()),
            Op::Like | Op::NotLike if can.contains('~') => return Ok(()),
            Op::Like | Op::NotLike => "looks inside texts",
            _ if can.contains('<') => return Ok(()),
            _ => "compares numbers, dates and stages",
        };
        Err(Flaw::at(sign.clone(), format!("`{}` {does}, and {name} is {noun}", self.op.sign()))
            .help(format!("use {can} with {name}")))
    }

    fn refuse_list(&self, atoms: &[Atom]) -> Result<(), Flaw> {
        let name = &self.field.name;
        if matches!(self.field.kind, Kind::Number | Kind::Money) {
            for pair in atoms.windows(2) {
                let [before, after] = pair else { continue };
                let group = after.text.chars().take_while(char::is_ascii_digit).count() == 3;
                let tight = !before.quoted && !after.quoted && !after.after_space;
                if tight && group && before.text.ends_with(|last: char| last.is_ascii_digit()) {
                    let (a, b) = (&before.text, &after.text);
                    let message = format!("`{a},{b}` may be one number or a list of two");
                    return Err(Flaw::at(before.place.start..after.place.end, message).help(format!(
                        "write {a}{b} for one number, or `{a}, {b}` with a space for either of two"
                    )));
                }
            }
        }
        match atoms {
            [first, .., last] if !self.op.lists() => {
                let message = format!("`{}` takes one value", self.op.sign());
                Err(Flaw::at(first.place.start..last.place.end, message)
                    .help(format!("list values after `=`, such as {name}={},{}", first.text, last.text)))
            }
            _ => Ok(()),
        }
    }

    /// What would fit, for a value that does not.
    fn fits(&self) -> String {
        let (noun, examples) = describe(&self.field.kind);
        format!("{} is {noun}: {examples}", self.field.name)
    }

    fn misfit(&self, part: &Part) -> Flaw {
        let (noun, _) = describe(&self.field.kind);
        Flaw::at(part.place.clone(), format!("`{}` is not {noun}", part.text)).help(self.fits())
    }

    fn want(&self, atoms: &[&Atom], written: &mut Vec<String>) -> Result<Want, Flaw> {
        let like = matches!(self.op, Op::Like | Op::NotLike);
        Ok(match &self.field.kind {
            Kind::Text => {
                let needles = self.texts(atoms, written)?;
                if like { Want::Parts(needles) } else { Want::Texts(needles) }
            }
            Kind::Choice(choices) => {
                if !like {
                    self.refuse_unknown(atoms, choices)?;
                }
                let needles = self.texts(atoms, written)?;
                if like { Want::Parts(needles) } else { Want::Texts(needles) }
            }
            Kind::Tags => {
                if let Some(atom) = atoms.iter().find(|atom| !like && tags(&atom.text).count() != 1) {
                    return Err(Flaw::at(atom.place.clone(), format!("`{}` is not one tag", atom.text))
                        .help(format!(
                            "write each tag by itself, such as {0}=key,2026 or {0}=key {0}=2026",
                            self.field.name
                        )));
                }
                let needles = self.texts(atoms, written)?;
                if like { Want::Parts(needles) } else { Want::Tags(needles) }
            }
            Kind::YesNo => {
                let choices = ["yes".to_owned(), "no".to_owned()];
                self.refuse_unknown(atoms, &choices)?;
                Want::Texts(self.texts(atoms, written)?)
            }
            Kind::Number | Kind::Money => Want::Numbers(self.spans(atoms, written, |part| {
                let number =
                    parse_typed_amount(&fold(part.text)).ok_or_else(|| self.misfit(part))?.normalize();
                Ok(Literal::one(number, number.to_string()))
            })?),
            Kind::Percent => Want::Shares(self.spans(atoms, written, |part| {
                let share = percentage(&fold(part.text)).ok_or_else(|| self.misfit(part))?;
                Ok(Literal::one(share, format!("{}%", (share * Decimal::from(100)).normalize())))
            })?),
            Kind::Days => Want::Days(self.spans(atoms, written, |part| self.days(part))?),
            Kind::Date => {
                Want::Dates(self.dictionary.zone, self.spans(atoms, written, |part| self.date(part))?)
            }
            Kind::Stage => Want::Stages(self.stages(atoms, written)?),
            Kind::Status => Want::Stages(self.statuses(atoms, written)?),
        })
    }

    fn texts(&self, atoms: &[&Atom], written: &mut Vec<String>) -> Result<Vec<Needle>, Flaw> {
        let mut needles = Vec::new();
        for atom in atoms {
            let text = atom.text.trim();
            if self.op.equates() && !atom.quoted && (text.starts_with('*') || text.ends_with('*')) {
                let part = text.trim_matches('*');
                let (name, sign) = (quote(&self.field.name), if self.op == Op::Equal { "~" } else { "!~" });
                return Err(Flaw::at(atom.place.clone(), "a star stands only alone, for any value").help(
                    format!(
                        "write {name}{sign}{} for a part of the text, or \"{text}\" for the text itself",
                        quote(part)
                    ),
                ));
            }
            needles.push(Needle::new(text));
            written.push(quote(text));
        }
        Ok(needles)
    }

    fn refuse_unknown(&self, atoms: &[&Atom], choices: &[String]) -> Result<(), Flaw> {
        let known = |atom: &&&Atom| choices.iter().any(|choice| fold_words(choice) == fold_words(&atom.text));
        match atoms.iter().find(|atom| !known(atom)) {
            None => Ok(()),
            Some(atom) => {
                let name = &self.field.name;
                let help = did_you_mean(&atom.text, choices, "it is one of");
                Err(Flaw::at(atom.place.clone(), format!("{name} is never `{}`", atom.text)).help(help))
            }
        }
    }

    /// The runs that atoms ask for: a value, a range after `=`, or all on one side of a value after `<` and the like.
    fn spans<T: Copy + PartialOrd>(
        &self,
        atoms: &[&Atom],
        written: &mut Vec<String>,
        read: impl Fn(&Part) -> Result<Literal<T>, Flaw>,
    ) -> Result<Vec<Span<T>>, Flaw> {
        let mut spans = Vec::new();
        for atom in atoms {
            let Some((low, high)) = self.ends(atom)? else {
                let alone = self.op.equates();
                let literal = read(&Part { text: atom.text.trim(), place: atom.place.clone(), alone })?;
                written.push(literal.written);
                spans.push(match self.op {
                    Op::Less => (Bound::Unbounded, Bound::Excluded(literal.first)),
                    Op::AtMost => (Bound::Unbounded, Bound::Included(literal.last)),
                    Op::More => (Bound::Excluded(literal.last), Bound::Unbounded),
                    Op::AtLeast => (Bound::Included(literal.first), Bound::Unbounded),
                    _ => (Bound::Included(literal.first), Bound::Included(literal.last)),
                });
                continue;
            };
            let (low, high) =
                (low.map(|part| read(&part)).transpose()?, high.map(|part| read(&part)).transpose()?);
            if let (Some(low), Some(high)) = (&low, &high)
                && low.first > high.last
            {
                let message =
                    format!("the range runs backwards: {} comes after {}", low.written, high.written);
                let name = quote(&self.field.name);
                return Err(Flaw::at(atom.place.clone(), message).help(format!(
                    "write {name}{}{}..{}",
                    self.op.sign(),
                    high.written,
                    low.written
                )));
            }
            let text =
                |end: &Option<Literal<T>>| end.as_ref().map_or(String::new(), |end| end.written.clone());
            written.push(format!("{}..{}", text(&low), text(&high)));
            spans.push((
                low.map_or(Bound::Unbounded, |low| Bound::Included(low.first)),
                high.map_or(Bound::Unbounded, |high| Bound::Included(high.last)),
            ));
        }
        Ok(spans)
    }

    /// The two ends of a range, of which one may be open; `None` for what is no range.
    fn ends<'a>(&self, atom: &'a Atom) -> Result<Option<Ends<'a>>, Flaw> {
        let Some((low, high)) = atom.text.split_once("..") else { return Ok(None) };
        if !self.op.equates() {
            return Err(Flaw::at(
                atom.place.clone(),
                format!("`{}` takes one value, not a range", self.op.sign()),
            )
            .help(format!("write {}={}", quote(&self.field.name), atom.text)));
        }
        if low.trim().is_empty() && high.trim().is_empty() {
            return Err(Flaw::at(atom.place.clone(), "a range needs at least one end")
                .help(format!("write {}=* for any value", quote(&self.field.name))));
        }
        // A quoted text has escapes, so places inside it are not those of its source.
        let place = |from: usize, text: &str| {
            let start = atom.place.start + from;
            if atom.quoted { atom.place.clone() } else { start..start + text.len() }
        };
        let part = |from: usize, text: &'a str| {
            let place = place(from, text);
            (!text.trim().is_empty()).then(|| Part { text: text.trim(), place, alone: false })
        };
        Ok(Some((part(0, low), part(low.len() + 2, high))))
    }
}

/// What a kind is, and values that fit it.
fn describe(kind: &Kind) -> (&'static str, String) {
    let (noun, examples) = match kind {
        Kind::Text => ("a text", "ana, \"Acme Ltd\"; * is any, nothing is none"),
        Kind::Choice(_) => ("a choice", "one of the texts it may be; * is any, nothing is none"),
        Kind::Tags => ("a list of tags", "key, or key,2026 for either"),
        Kind::YesNo => ("yes or no", "yes, no; * is any, nothing is none"),
        Kind::Stage => ("a stage", "its id or its name"),
        Kind::Status => ("a status", "open, won, lost, disqualified, closed"),
        Kind::Number => ("a number", "50, 2.5, 10k, a range such as 10..50; * is any, nothing is none"),
        Kind::Money => ("an amount", "12000, 10k, 1.5m, a range such as 10k..50k; * is any, nothing is none"),
        Kind::Percent => ("a percentage", "40%, 0.4, a range such as 20%..60%; * is any, nothing is none"),
        Kind::Days => ("a number of days", "30d, 2w, a range such as 30d..; * is any, nothing is none"),
        Kind::Date => return ("a date", format!("today, today+30d, today-2w, next month, {FORMS}")),
    };
    (noun, examples.to_owned())
}
