//! Days and dates as values: how long, and when.

use chrono::{Datelike, Days};

use super::{Literal, Part, Reader};
use crate::deal::period::{Calendar, Unit};
use crate::deal::time::Day;
use crate::query::flaw::Flaw;
use crate::query::fold::{fold, fold_words};

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
        let (first, last) = relative(&text, calendar)
            .or_else(|| calendar.period(&text).map(|period| (period.first, period.last)))
            .ok_or_else(|| self.misfit(part))?;
        Ok(Literal { first, last, written: text })
    }
}

/// `today`, `today+30d`, `yesterday`, `next quarter` and their like, which are no periods of a report.
fn relative(text: &str, calendar: Calendar) -> Option<(Day, Day)> {
    let today = calendar.today;
    let one = |day: Option<Day>| day.filter(|day| (1..=9999).contains(&day.year())).map(|day| (day, day));
    match text {
        "yesterday" => return one(today.pred_opt()),
        "tomorrow" => return one(today.succ_opt()),
        _ => {}
    }
    if let Some(unit) = text.strip_prefix("next ") {
        let now = calendar.containing(Unit::named(unit)?, today)?;
        let next = calendar.containing(Unit::named(unit)?, now.last.succ_opt()?)?;
        return Some((next.first, next.last));
    }
    let offset = text.strip_prefix("today")?;
    if offset.is_empty() {
        return one(Some(today));
    }
    let shift = offset.get(1..)?;
    let (count, unit) = shift.split_at_checked(shift.len().checked_sub(1)?)?;
    let plain = count.bytes().all(|byte| byte.is_ascii_digit());
    let count = count.parse::<u32>().ok().filter(|_| plain)?;
    let days = Days::new(u64::from(count) * if unit == "w" { 7 } else { 1 });
    match (offset.get(..1)?, unit) {
        ("+", "d" | "w") => one(today.checked_add_days(days)),
        ("-", "d" | "w") => one(today.checked_sub_days(days)),
        _ => None,
    }
}
