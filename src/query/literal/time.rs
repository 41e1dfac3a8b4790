//! Days and dates as values: how long, and when.

use super::{Literal, Part, Reader};
use crate::deal::period::{Calendar, Unit};
use crate::deal::time::{Day, parse_typed_day};
use crate::fold::{fold, fold_words};
use crate::query::flaw::Flaw;

impl Reader<'_> {
    pub(super) fn days(&self, part: &Part) -> Result<Literal<i64>, Flaw> {
        let text = fold(part.text);
        let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = &text[number.len()..];
        let count = number.parse::<u32>().ok().map(i64::from);
        // Bounded, so that what is written for weeks can be read again as days.
        let count = count.filter(|count| *count < 1_000_000);
        let days = match (count, unit) {
            (Some(count), "" | "d") => count,
            (Some(count), "w") => count * 7,
            (Some(count), "m") => {
                return Err(Flaw::at(
                    part.place.clone(),
                    format!("`{}` does not say how long a month is", part.text),
                )
                .help(format!("write days or weeks: {}d or {}w", count * 30, count * 30 / 7)));
            }
            (Some(count), "y") => {
                return Err(Flaw::at(
                    part.place.clone(),
                    format!("`{}` does not say how long a year is", part.text),
                )
                .help(format!("write days or weeks: {}d or {}w", count * 365, count * 52)));
            }
            _ => return Err(self.misfit(part)),
        };
        Ok(Literal::one(days, format!("{days}d")))
    }

    pub(super) fn date(&self, part: &Part) -> Result<Literal<Day>, Flaw> {
        let text = fold_words(part.text);
        let calendar = self.dictionary.calendar;
        let count = text.strip_suffix('d').filter(|count| count.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(count) = count.filter(|count| !count.is_empty() && !part.alone) {
            return Err(Flaw::at(part.place.clone(), format!("`{text}` does not say which way from today"))
                .help(format!("write today-{count}d or today+{count}d")));
        }
        if let Some(day) = parse_typed_day(&text, calendar.today) {
            return Ok(Literal::one(day, text.replace(' ', "")));
        }
        let (first, last) = next(&text, calendar)
            .or_else(|| calendar.period(&text).map(|period| (period.first, period.last)))
            .ok_or_else(|| self.misfit(part))?;
        Ok(Literal { first, last, written: text })
    }
}

/// `next quarter` and its like, which are no periods of a report.
fn next(text: &str, calendar: Calendar) -> Option<(Day, Day)> {
    let unit = Unit::named(text.strip_prefix("next ")?)?;
    let now = calendar.containing(unit, calendar.today)?;
    let next = calendar.containing(unit, now.last.succ_opt()?)?;
    Some((next.first, next.last))
}
