//! Dates as other systems write them, by the habits of a place: which number is the day is told from all of them
//! together, or by the user, and never guessed.

use chrono::NaiveTime;

use crate::deal::time::{Day, Instant, Zone, parse_day};

/// Which of the first two numbers of `03/04/26` is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first.
    DayFirst,
    /// The second.
    MonthFirst,
}

impl Order {
    /// The order of a word such as `dmy`.
    pub fn named(word: &str) -> Option<Order> {
        match word {
            "dmy" => Some(Order::DayFirst),
            "mdy" => Some(Order::MonthFirst),
            _ => None,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Order::DayFirst => "dmy",
            Order::MonthFirst => "mdy",
        }
    }
}

/// A day, or an instant where the time is said too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A day.
    Day(Day),
    /// An instant.
    At(Instant),
}

impl Moment {
    /// Its first instant.
    pub fn start(self, zone: Zone) -> Instant {
        match self {
            Moment::Day(day) => zone.start_of(day),
            Moment::At(at) => at,
        }
    }

    /// The day that it is, or is on.
    pub fn day(self, zone: Zone) -> Day {
        match self {
            Moment::Day(day) => day,
            Moment::At(at) => zone.day_of(at),
        }
    }

    /// What a cell holds of it.
    pub fn cell(self) -> String {
        match self {
            Moment::Day(day) => day.to_string(),
            Moment::At(at) => at.to_string(),
        }
    }
}

/// What was seen of the order of day and month.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    day_first: Option<String>,
    month_first: Option<String>,
    unclear: Option<String>,
}

impl Seen {
    /// Looks at a cell of dates.
    pub fn look(&mut self, text: &str) {
        let Some((numbers, mark, _)) = split(text.trim()) else { return };
        let [(first, digits), (second, _), _] = numbers;
        if digits == 4 {
            return;
        }
        if mark == '.' || first == second {
            return;
        }
        let kept = match (first > 12, second > 12) {
            (true, false) => &mut self.day_first,
            (false, true) => &mut self.month_first,
            (false, false) => &mut self.unclear,
            (true, true) => return,
        };
        if kept.is_none() {
            *kept = Some(text.trim().to_owned());
        }
    }

    /// The order that all dates agree on; `None` where it does not matter.
    ///
    /// Errors: they do not agree, or none of them tells; the message names one of them.
    pub fn order(&self) -> Result<Option<Order>, String> {
        match (&self.day_first, &self.month_first, &self.unclear) {
            (Some(day_first), Some(month_first), _) => Err(format!(
                "`{day_first}` has the day first and `{month_first}` the month: dates have to be written in one way"
            )),
            (Some(_), None, _) => Ok(Some(Order::DayFirst)),
            (None, Some(_), _) => Ok(Some(Order::MonthFirst)),
            (None, None, Some(unclear)) => {
                Err(format!("`{unclear}` may have the day first or the month, and no other date tells"))
            }
            (None, None, None) => Ok(None),
        }
    }
}

/// Reads a date, with its time where it says one, on the clock of `zone` where it names no other.
pub fn read(text: &str, order: Option<Order>, zone: Zone) -> Option<Moment> {
    let text = text.trim();
    if let Some(day) = parse_day(text) {
        return Some(Moment::Day(day));
    }
    if let Some(at) = Instant::parse(text) {
        return Some(Moment::At(at));
    }
    if let Some(at) = epoch(text) {
        return Some(Moment::At(at));
    }
    let (numbers, mark, rest) = split(text)?;
    let [(first, digits), (second, _), (third, third_digits)] = numbers;
    let (year, month, day) = match (digits, mark, order) {
        (4, _, _) => (first, second, third),
        (_, '.', _) | (_, _, Some(Order::DayFirst)) => (year(third, third_digits)?, second, first),
        (_, _, Some(Order::MonthFirst)) => (year(third, third_digits)?, first, second),
        // 04/04/26 is the same day either way.
        (_, _, None) if first == second => (year(third, third_digits)?, first, second),
        (_, _, None) => return None,
    };
    let day = parse_day(&format!("{year:04}-{month:02}-{day:02}"))?;
    let rest = rest.trim_start_matches([',', 'T', ' ', '\u{a0}', '\u{202f}']).trim();
    if rest.is_empty() {
        return Some(Moment::Day(day));
    }
    let (clock, offset) = clock(rest)?;
    let wall = day.and_time(clock);
    match offset {
        None => Some(Moment::At(zone.at_clock(wall))),
        Some(minutes) => {
            let millis = wall.and_utc().timestamp_millis();
            Instant::from_millis(millis - minutes * 60_000).map(Moment::At)
        }
    }
}

/// What to do about a day that is a number.
pub(super) const COUNTED: &str =
    "a spreadsheet counts days so: format the column as dates there, and save it again";

/// Whether this is a day as a spreadsheet counts it, from 1900.
pub(super) fn is_count(text: &str) -> bool {
    let days = text.split_once(['.', ',']).map_or(text, |(days, _)| days);
    days.len() == 5 && days.bytes().all(|byte| byte.is_ascii_digit())
}

/// Milliseconds since 1970, as interfaces give them.
fn epoch(text: &str) -> Option<Instant> {
    let plain = (12..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { Instant::from_millis(text.parse().ok()?) } else { None }
}

/// A year of two digits is of the years 1969 to 2068, as POSIX has it.
fn year(number: u32, digits: usize) -> Option<u32> {
    match digits {
        4 => Some(number),
        1 | 2 if number < 69 => Some(2000 + number),
        1 | 2 => Some(1900 + number),
        _ => None,
    }
}

/// A number, and how many digits it has.
type Number = (u32, usize);

/// Three numbers with the same mark between them, the mark, and what follows.
fn split(text: &str) -> Option<([Number; 3], char, &str)> {
    let mark = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '.' | '-'))?;
    let (first, rest) = text.split_once(mark)?;
    let (second, rest) = rest.split_once(mark)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (third, rest) = rest.split_at(digits);
    let number = |text: &str| {
        let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { Some((text.parse().ok()?, text.len())) } else { None }
    };
    Some(([number(first)?, number(second)?, number(third)?], mark, rest))
}

/// `08:55 PM`, `20:55`, `20:55:01.000+0100`: the time, and the offset in minutes where there is one.
fn clock(text: &str) -> Option<(NaiveTime, Option<i64>)> {
    let upper = text.to_ascii_uppercase();
    let (text, offset) = match upper.strip_suffix('Z') {
        Some(text) => (text.trim_end(), Some(0)),
        None => match upper.rfind(['+', '-']) {
            Some(at) => (upper[..at].trim_end(), Some(minutes(&upper[at..])?)),
            None => (upper.as_str(), None),
        },
    };
    let half = |mark: char| {
        let text = text.trim_end_matches('.').strip_suffix('M').map(|text| text.trim_end_matches('.'));
        text.and_then(|text| text.strip_suffix(mark)).map(str::trim_end)
    };
    let (text, noon) = match (half('A'), half('P')) {
        (Some(text), _) => (text, Some(0)),
        (_, Some(text)) => (text, Some(12)),
        _ => (text, None),
    };
    let mut parts = text.split(':');
    let mut next = || {
        let part = parts.next()?;
        let plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<u32>().ok() } else { None }
    };
    let (hour, minute) = (next()?, next()?);
    let (second, millis) = match parts.next() {
        None => (0, 0),
        Some(part) => {
            let (second, fraction) = part.split_once('.').unwrap_or((part, "0"));
            let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !plain(second) || !plain(fraction) {
                return None;
            }
            let millis: u32 = format!("{fraction:0<3}")[..3].parse().ok()?;
            (second.parse().ok()?, millis)
        }
    };
    let hour = match noon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(noon) => hour % 12 + noon,
    };
    let clock = NaiveTime::from_hms_milli_opt(hour, minute, second, millis)?;
    if parts.next().is_some() { None } else { Some((clock, offset)) }
}

/// `+01:00`, `-0830`, `+02` in minutes.
fn minutes(text: &str) -> Option<i64> {
    let (sign, digits) = text.split_at_checked(1)?;
    let digits = digits.replace(':', "");
    let plain = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let all = hours * 60 + minutes;
    (hours <= 14 && minutes < 60).then_some(if sign == "-" { -all } else { all })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn as_read(text: &str, order: Option<Order>) -> Option<String> {
        read(text, order, berlin()).map(Moment::cell)
    }

    #[test]
    fn dates_of_many_places_are_read() {
        let (dmy, mdy) = (Some(Order::DayFirst), Some(Order::MonthFirst));
        for (text, order, cell) in [
            ("2026-02-23", None, "2026-02-23"),
            ("2026/2/23", None, "2026-02-23"),
            ("02/23/26", mdy, "2026-02-23"),
            ("23/02/2026", dmy, "2026-02-23"),
            ("3/4/69", mdy, "1969-03-04"),
            ("3/4/68", dmy, "2068-04-03"),
            ("4.3.2026", mdy, "2026-03-04"),
            ("4/4/26", None, "2026-04-04"),
            ("02/23/26 08:55 PM", mdy, "2026-02-23T19:55:00.000Z"),
            ("02/23/26, 12:05 a.m.", mdy, "2026-02-22T23:05:00.000Z"),
            ("2026-02-23 20:55", None, "2026-02-23T19:55:00.000Z"),
            ("2026-02-23 20:55:01.5", None, "2026-02-23T19:55:01.500Z"),
            ("2026-02-23T20:55:00.000+0000", None, "2026-02-23T20:55:00.000Z"),
            ("2026-02-23T20:55:00-08:30", None, "2026-02-24T05:25:00.000Z"),
            ("1771880100000", None, "2026-02-23T20:55:00.000Z"),
        ] {
            assert_eq!(as_read(text, order).as_deref(), Some(cell), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let mdy = Some(Order::MonthFirst);
        for text in [
            "",
            "soon",
            "3/4",
            "13/13/26",
            "02/30/26",
            "2/3/026",
            "2/3-26",
            "2026-02-23 25:00",
            "2026-02-23 13:00 PM",
            "2026-02-23 1:2:3:4",
            "2026-02-23 ééé",
            "2026-02-23 10:00+é",
            "20260223",
        ] {
            assert_eq!(as_read(text, mdy), None, "{text}");
        }
        assert_eq!(as_read("3/4/26", None), None);
    }

    #[test]
    fn the_order_is_told_by_all_dates_together() {
        let order = |texts: &[&str]| {
            let mut seen = Seen::default();
            for text in texts {
                seen.look(text);
            }
            seen.order()
        };
        assert_eq!(order(&["3/4/26", "2/23/26 8:00 PM"]), Ok(Some(Order::MonthFirst)));
        assert_eq!(order(&["3/4/26", "23/2/26"]), Ok(Some(Order::DayFirst)));
        assert_eq!(order(&["2026-03-04", "4/4/26", "3.4.26", ""]), Ok(None));
        assert!(order(&["3/4/26"]).unwrap_err().contains("`3/4/26` may have the day first"));
        assert!(order(&["2/23/26", "23/2/26"]).unwrap_err().contains("in one way"));
    }
}
