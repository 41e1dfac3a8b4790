//! TERMS: which deals a report is about, by their fields at `t` (design §4 Terms; §1 Filters). As much of the language
//! as the random questions speak.

use chrono::NaiveDate;

use crate::files::{Deal, Folder};
use crate::groups::field_of;
use crate::time::{Cut, day_of, read_instant};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    /// `field=one,other`: one of these texts.
    Is(String, Vec<String>),
    /// `field!=text`.
    IsNot(String, String),
    /// `field~text`: the text somewhere in it.
    Has(String, String),
    /// `field=FIRST..LAST`, a date within these days; either may be missing.
    Within(String, Option<NaiveDate>, Option<NaiveDate>),
}

impl Term {
    pub(crate) fn is(field: &str, value: &str) -> Term {
        Term::Is(field.to_owned(), vec![value.to_owned()])
    }

    pub(crate) fn holds(&self, folder: &Folder, deal: &Deal, t: Cut) -> bool {
        let cell = field_of(folder, deal, self.field(), t);
        match self {
            Term::Within(_, first, last) => {
                let day = read_instant(folder.zone, &cell).map(|at| day_of(folder.zone, at));
                day.is_some_and(|day| {
                    first.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
                })
            }
            _ => self.fits(&cell),
        }
    }

    /// The field that it reads.
    pub(crate) fn field(&self) -> &str {
        match self {
            Term::Is(field, _) | Term::IsNot(field, _) | Term::Has(field, _) | Term::Within(field, ..) => {
                field
            }
        }
    }

    /// Whether a text is what it asks for.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Term::Is(_, values) => values.iter().any(|value| value == text),
            Term::IsNot(_, value) => value != text,
            Term::Has(_, part) => text.contains(part.as_str()),
            Term::Within(..) => false,
        }
    }

    /// As it is typed.
    pub(crate) fn text(&self) -> String {
        let day = |day: &Option<NaiveDate>| day.map_or(String::new(), |day| day.to_string());
        match self {
            Term::Is(field, values) => format!("{field}={}", values.join(",")),
            Term::IsNot(field, value) => format!("{field}!={value}"),
            Term::Has(field, part) => format!("{field}~{part}"),
            Term::Within(field, first, last) => format!("{field}={}..{}", day(first), day(last)),
        }
    }
}
