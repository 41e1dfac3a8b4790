//! Days, instants and periods (§1 Time; "Edges of time").

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub(crate) type Instant = DateTime<Utc>;

/// A point in time up to which a report looks: what happened before `before` is known, ages are counted to `at`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cut {
    pub(crate) at: Instant,
    pub(crate) before: Instant,
}

impl Cut {
    /// The first instant after a day (of a period, or the `--as-of` day): an event exactly there is not known.
    pub(crate) fn end_of(zone: Tz, day: NaiveDate) -> Cut {
        let midnight = first_instant(zone, day + Days::new(1));
        Cut { at: midnight, before: midnight }
    }

    /// Just before an instant: what happens at it is not known yet.
    pub(crate) fn before(instant: Instant) -> Cut {
        Cut { at: instant, before: instant }
    }

    /// Just after an instant: what happens at it is known.
    pub(crate) fn after(instant: Instant) -> Cut {
        Cut { at: instant, before: instant + TimeDelta::nanoseconds(1) }
    }

    /// Now, which is noon of the `--today` day: an event in the minute after it is known.
    pub(crate) fn noon_of(zone: Tz, day: NaiveDate) -> Cut {
        let noon = instant_of(zone, day.and_hms_opt(12, 0, 0).unwrap());
        Cut { at: noon, before: noon + TimeDelta::minutes(1) }
    }

    pub(crate) fn sees(self, instant: Instant) -> bool {
        instant < self.before
    }

    /// The earlier of two.
    pub(crate) fn earlier(self, other: Cut) -> Cut {
        if other.before < self.before { other } else { self }
    }

    /// The calendar day that the cut belongs to: the last one of which anything is known.
    pub(crate) fn day(self, zone: Tz) -> NaiveDate {
        day_of(zone, self.before - TimeDelta::milliseconds(1))
    }
}

/// The instant of a wall-clock time: the earlier of two where clocks go back, the first after a gap.
fn instant_of(zone: Tz, mut local: NaiveDateTime) -> Instant {
    loop {
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(instant) | MappedLocalTime::Ambiguous(instant, _) => {
                return instant.with_timezone(&Utc);
            }
            MappedLocalTime::None => local += TimeDelta::minutes(1),
        }
    }
}

/// The first instant of a calendar day.
pub(crate) fn first_instant(zone: Tz, day: NaiveDate) -> Instant {
    instant_of(zone, day.and_hms_opt(0, 0, 0).unwrap())
}

pub(crate) fn day_of(zone: Tz, instant: Instant) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// *Elapsed* time: the difference of the local wall-clock times, here in milliseconds.
pub(crate) fn elapsed(zone: Tz, from: Instant, to: Instant) -> i64 {
    (to.with_timezone(&zone).naive_local() - from.with_timezone(&zone).naive_local()).num_milliseconds()
}

pub(crate) fn in_days(milliseconds: i64) -> f64 {
    milliseconds as f64 / 86_400_000.0
}

/// A cell that holds an instant: RFC 3339, or a plain day, which is its first instant.
pub(crate) fn read_instant(zone: Tz, text: &str) -> Option<Instant> {
    if text.is_empty() {
        return None;
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(first_instant(zone, day));
    }
    Some(DateTime::parse_from_rfc3339(text).expect(text).with_timezone(&Utc))
}

/// A period by its first and last day, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl Period {
    pub(crate) fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// The period of equal length just before (§1 Comparison).
    pub(crate) fn previous(self) -> Period {
        let length = TimeDelta::days(self.days());
        Period { first: self.first - length, last: self.last - length }
    }
}

/// The calendar units that periods are named by and that `--by` splits by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Unit {
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    pub(crate) fn from_name(name: &str) -> Option<Unit> {
        match name {
            "week" => Some(Unit::Week),
            "month" => Some(Unit::Month),
            "quarter" => Some(Unit::Quarter),
            "year" => Some(Unit::Year),
            _ => None,
        }
    }

    /// The unit that holds a day; quarters and years are fiscal ones, which start in the month `year_starts`.
    pub(crate) fn around(self, day: NaiveDate, year_starts: u32) -> Period {
        let first_of = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        let months = |first: NaiveDate, count: u32| Period {
            first,
            last: first.checked_add_months(chrono::Months::new(count)).unwrap() - Days::new(1),
        };
        match self {
            Unit::Week => {
                let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
                Period { first: monday, last: monday + Days::new(6) }
            }
            Unit::Month => months(first_of(day.year(), day.month()), 1),
            Unit::Quarter => {
                let (year, quarter) = fiscal_quarter(day, year_starts);
                months(first_of_quarter(year, quarter, year_starts), 3)
            }
            Unit::Year => {
                let (year, _) = fiscal_quarter(day, year_starts);
                months(first_of_quarter(year, 1, year_starts), 12)
            }
        }
    }

    /// The name of the unit that holds a day, as periods are named.
    pub(crate) fn name(self, day: NaiveDate, year_starts: u32) -> String {
        let (year, quarter) = fiscal_quarter(day, year_starts);
        match self {
            Unit::Week => day.format("%G-W%V").to_string(),
            Unit::Month => day.format("%Y-%m").to_string(),
            Unit::Quarter => format!("{year}-Q{quarter}"),
            Unit::Year => year.to_string(),
        }
    }
}

/// The fiscal year, named by the calendar year in which it starts, and the quarter of it that hold a day.
fn fiscal_quarter(day: NaiveDate, year_starts: u32) -> (i32, u32) {
    let year = if day.month() < year_starts { day.year() - 1 } else { day.year() };
    let months_into_it = (day.month() + 12 - year_starts) % 12;
    (year, months_into_it / 3 + 1)
}

fn first_of_quarter(year: i32, quarter: u32, year_starts: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, year_starts, 1).unwrap();
    first.checked_add_months(chrono::Months::new(3 * (quarter - 1))).unwrap()
}

/// A period by its name, seen from the as-of day (§1 Time).
pub(crate) fn read_period(text: &str, today: NaiveDate, year_starts: u32) -> Period {
    if let Some((first, last)) = text.split_once("..") {
        return Period { first: first.parse().unwrap(), last: last.parse().unwrap() };
    }
    if let Some(count) = text.strip_suffix('d') {
        let count: u64 = count.parse().unwrap();
        return Period { first: today - Days::new(count - 1), last: today };
    }
    if let Some(unit) = text.strip_prefix("this ") {
        return Unit::from_name(unit).unwrap().around(today, year_starts);
    }
    if let Some(unit) = text.strip_prefix("last ") {
        let unit = Unit::from_name(unit).unwrap();
        return unit.around(unit.around(today, year_starts).first - Days::new(1), year_starts);
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Period { first: day, last: day };
    }
    let (year, rest) = text.split_once('-').unwrap_or((text, ""));
    let year: i32 = year.parse().unwrap();
    if rest.is_empty() {
        return Unit::Year.around(first_of_quarter(year, 1, year_starts), year_starts);
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let first = first_of_quarter(year, quarter.parse().unwrap(), year_starts);
        return Unit::Quarter.around(first, year_starts);
    }
    if let Some(week) = rest.strip_prefix('W') {
        let monday = NaiveDate::from_isoywd_opt(year, week.parse().unwrap(), chrono::Weekday::Mon).unwrap();
        return Unit::Week.around(monday, year_starts);
    }
    Unit::Month.around(NaiveDate::from_ymd_opt(year, rest.parse().unwrap(), 1).unwrap(), year_starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str, year_starts: u32) -> String {
        let Period { first, last } = read_period(text, "2026-02-10".parse().unwrap(), year_starts);
        format!("{first}..{last}")
    }

    #[test]
    fn a_fiscal_year_is_named_by_the_year_it_starts_in() {
        assert_eq!(period("2026", 4), "2026-04-01..2027-03-31");
        assert_eq!(period("2026-Q4", 4), "2027-01-01..2027-03-31");
        assert_eq!(period("this quarter", 4), "2026-01-01..2026-03-31");
        assert_eq!(period("last year", 4), "2024-04-01..2025-03-31");
        assert_eq!(period("this quarter", 2), "2026-02-01..2026-04-30");
        assert_eq!(period("2026-Q3", 1), "2026-07-01..2026-09-30");
        let day = "2026-02-10".parse().unwrap();
        assert_eq!((Unit::Quarter.name(day, 4), Unit::Year.name(day, 4)), ("2025-Q4".into(), "2025".into()));
    }
}
