//! Instants, days and the pipeline's time zone: what the files write, and how long between two moments.

use std::fmt;
use std::num::NonZeroU64;

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, Offset as _, TimeDelta, TimeZone, Timelike as _,
    Utc,
};

/// A calendar day.
pub type Day = NaiveDate;

/// Milliseconds in a day.
pub const DAY: i64 = 86_400_000;

/// A moment, in milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(
    // Milliseconds since `i64::MIN`, plus one: never 0, so that an `Option` takes no more room; books hold millions.
    NonZeroU64,
);

impl Instant {
    /// Before everything: since when a deal of unknown creation has existed.
    pub const ALWAYS: Instant = Instant::at(i64::MIN);

    #[inline]
    const fn at(millis: i64) -> Instant {
        Instant(NonZeroU64::MIN.saturating_add(millis.wrapping_sub(i64::MIN) as u64))
    }

    /// From milliseconds since 1970; `None` outside the years 1 to 9999.
    pub fn from_millis(millis: i64) -> Option<Instant> {
        let stamp = DateTime::<Utc>::from_timestamp_millis(millis)?;
        in_range(stamp.date_naive()).then_some(Instant::at(millis))
    }

    /// Milliseconds since 1970.
    #[inline]
    pub fn millis(self) -> i64 {
        (self.0.get() - 1).wrapping_add(i64::MIN as u64) as i64
    }

    /// Reads RFC 3339 with an offset, to the millisecond (`2026-02-11T09:30:00.125Z`); finer digits are cut.
    #[inline]
    pub fn parse(text: &str) -> Option<Instant> {
        if let Some(millis) = parse_written(text.as_bytes()) {
            return Some(Instant::at(millis));
        }
        let stamp = DateTime::parse_from_rfc3339(text).ok()?;
        Instant::from_millis(stamp.timestamp_millis())
    }

    /// One millisecond later.
    #[must_use]
    pub fn next(self) -> Instant {
        Instant(self.0.saturating_add(1))
    }

    /// One millisecond earlier.
    #[must_use]
    pub fn previous(self) -> Instant {
        Instant::at(self.millis().saturating_sub(1))
    }

    /// The date and the time of day in UTC.
    fn utc(self) -> NaiveDateTime {
        // `from_millis`, `parse` and `Zone::start_of` only make instants that chrono can hold; ALWAYS is the exception.
        DateTime::<Utc>::from_timestamp_millis(self.millis()).unwrap_or_default().naive_utc()
    }
}

/// The forms that the tool writes, `YYYY-MM-DDTHH:MM:SS.mmmZ` and that without a part of a second, read without going
/// through a general parser: a history has millions.
#[inline]
fn parse_written(text: &[u8]) -> Option<i64> {
    const SECOND: Shape = Shape::of(*b"0:00:00Z");
    const FRACTION: Shape = Shape::of(*b":00.000Z");
    const CLOCK: Shape = Shape::of(*b"00T00:00");
    let (second, millis) = match text.len() {
        24 => {
            let rest = FRACTION.pairs(*text.last_chunk()?)?;
            (rest[1], i64::from(rest[4]) * 10 + i64::from(rest[5] % 10))
        }
        20 => (SECOND.pairs(*text.last_chunk()?)?[5], 0),
        _ => return None,
    };
    let [year, month, day] = civil(text.first_chunk()?)?;
    let clock = CLOCK.pairs(*text[8..].first_chunk()?)?;
    let (hour, minute) = (clock[3], clock[6]);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(days_since_1970(year, month, day) * DAY + seconds * 1000 + millis)
}

/// What eight bytes of a date look like: a digit at every `0`, else the byte itself.
#[derive(Clone, Copy)]
struct Shape {
    bytes: u64,
    /// Added to each byte, it sets the high bit of those that are too large: above 9 for a digit, above 0 elsewhere.
    room: u64,
}

/// The high bit of each of eight bytes.
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);

impl Shape {
    const fn of(shape: [u8; 8]) -> Shape {
        let mut room = [0x7f; 8];
        let mut at = 0;
        while at < room.len() {
            if shape[at] == b'0' {
                room[at] -= 9;
            }
            at += 1;
        }
        Shape { bytes: u64::from_le_bytes(shape), room: u64::from_le_bytes(room) }
    }

    /// The numbers that each two neighbouring digits of a text are, where it has this shape; all eight bytes at a time.
    #[inline]
    fn pairs(self, text: [u8; 8]) -> Option<[u8; 8]> {
        // 0 to 9 where a digit is, 0 where the text is as the shape.
        let digits = u64::from_le_bytes(text) ^ self.bytes;
        // The sum sets the high bit of every byte that is too large.
        let too_large = ((digits & !HIGH_BITS) + self.room) | digits;
        (too_large & HIGH_BITS == 0).then(|| (digits * 10 + (digits >> 8)).to_le_bytes())
    }
}

/// Year, month and day of `YYYY-MM-DD`, a day that there is, of the years 1 to 9999.
#[inline]
fn civil(text: &[u8; 10]) -> Option<[u32; 3]> {
    const YEAR: Shape = Shape::of(*b"0000-00-");
    const DAY: Shape = Shape::of(*b"00-00-00");
    let (first, last) = (YEAR.pairs(*text.first_chunk()?)?, DAY.pairs(*text.last_chunk()?)?);
    let (month, day) = (u32::from(last[3]), u32::from(last[6]));
    let year = u32::from(first[0]) * 100 + u32::from(first[2]);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (year > 0 && (1..=longest).contains(&day)).then_some([year, month, day])
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days_since_1970(year: u32, month: u32, day: u32) -> i64 {
    // Years that begin in March have their leap day last, so that a month's days follow from a formula.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = year * 365 + year / 4 - year / 100 + year / 400;
    let of_months = (153 * month + 2) / 5;
    i64::from(of_years + of_months + day) - 719_469
}

fn parse_day_bytes(text: &[u8]) -> Option<Day> {
    let [year, month, day] = civil(text.try_into().ok()?)?;
    Day::from_ymd_opt(year as i32, month, day)
}

fn in_range(day: Day) -> bool {
    (1..=9999).contains(&day.year())
}

/// Reads an ISO 8601 day, `2026-07-14`, of the years 1 to 9999.
pub fn parse_day(text: &str) -> Option<Day> {
    parse_day_bytes(text.as_bytes())
}

/// Whether a date cell holds a moment: a day or an RFC 3339 instant.
#[inline]
pub fn is_moment(text: &str) -> bool {
    let is_day = text.as_bytes().try_into().is_ok_and(|text| civil(text).is_some());
    is_day || Instant::parse(text).is_some()
}

/// Reads a day as a person types it: `2026-07-14`, `today`, `yesterday`, `tomorrow`, `today+30d`, `today-2w`.
pub fn parse_typed_day(text: &str, today: Day) -> Option<Day> {
    let lower = text.trim().to_ascii_lowercase();
    let day = match lower.as_str() {
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        "tomorrow" => today.succ_opt(),
        _ => {
            let Some(shift) = lower.strip_prefix("today") else { return parse_day(&lower) };
            let shift = shift.trim();
            let count = shift.strip_prefix(['+', '-'])?.trim();
            let days = Days::new(parse_length(count)?);
            if shift.starts_with('+') { today.checked_add_days(days) } else { today.checked_sub_days(days) }
        }
    };
    day.filter(|day| in_range(*day))
}

/// Reads a length of time in days or weeks, `14d` or `2w`, as days.
pub fn parse_length(text: &str) -> Option<u64> {
    let (count, unit) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(days), _) => (days, 1),
        (None, Some(weeks)) => (weeks, 7),
        (None, None) => return None,
    };
    let count = count.trim_end();
    let plain = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    if plain { count.parse::<u64>().ok()?.checked_mul(unit) } else { None }
}

/// RFC 3339 in UTC with milliseconds, as the tool writes it.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.utc();
        // Digit by digit: to write a number with a width is slow, and listings have millions.
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (digits, number) in [
            (0..4, utc.year().unsigned_abs()),
            (5..7, utc.month()),
            (8..10, utc.day()),
            (11..13, utc.hour()),
            (14..16, utc.minute()),
            (17..19, utc.second()),
            (20..23, utc.nanosecond() / 1_000_000),
        ] {
            let mut left = number;
            for digit in text[digits].iter_mut().rev() {
                *digit = b'0' + (left % 10) as u8;
                left /= 10;
            }
        }
        // All of them are ASCII.
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// The pipeline's time zone: it decides which day an instant belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(chrono_tz::Tz);

impl Default for Zone {
    fn default() -> Zone {
        Zone(chrono_tz::UTC)
    }
}

impl Zone {
    /// The zone of an IANA name such as `Europe/Berlin`.
    pub fn named(name: &str) -> Option<Zone> {
        name.parse().ok().map(Zone)
    }

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Every IANA name, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The wall clock at an instant.
    fn wall(self, at: Instant) -> NaiveDateTime {
        at.utc() + TimeDelta::milliseconds(self.offset_millis(at))
    }

    /// How far the wall clock is ahead of UTC at an instant.
    #[inline]
    fn offset_millis(self, at: Instant) -> i64 {
        // Asked for every stay of every deal, and looking a zone's changes up takes a while.
        if self.0 == chrono_tz::UTC {
            return 0;
        }
        i64::from(self.0.offset_from_utc_datetime(&at.utc()).fix().local_minus_utc()) * 1000
    }

    /// The calendar day that an instant belongs to.
    pub fn day_of(self, at: Instant) -> Day {
        self.wall(at).date()
    }

    /// The first instant of a day: midnight, or the end of the gap where the clock skips midnight.
    pub fn start_of(self, day: Day) -> Instant {
        self.at_clock(day.and_time(chrono::NaiveTime::MIN))
    }

    /// Noon of a day: what the clock says when only its day was fixed.
    pub fn noon_of(self, day: Day) -> Instant {
        let noon = chrono::NaiveTime::MIN + TimeDelta::hours(12);
        self.at_clock(day.and_time(noon))
    }

    /// The first instant at which the wall clock shows `wall` or, in a gap, later.
    pub fn at_clock(self, wall: NaiveDateTime) -> Instant {
        // No zone has ever skipped more than a day (Samoa, 2011), so a quarter of an hour at a time finds the end.
        let found = (0..=100).find_map(|quarter| {
            let later = wall.checked_add_signed(TimeDelta::minutes(15 * quarter))?;
            self.0.from_local_datetime(&later).earliest()
        });
        found.map_or(Instant::ALWAYS, |stamp| Instant::at(stamp.timestamp_millis()))
    }

    /// The first instant after a day.
    pub fn end_of(self, day: Day) -> Instant {
        self.start_of(day.checked_add_days(Days::new(1)).unwrap_or(day))
    }

    /// Elapsed days from `from` to `to`: the difference of their wall clocks (metrics §1, Time).
    #[inline]
    pub fn elapsed(self, from: Instant, to: Instant) -> f64 {
        self.elapsed_millis(from, to) as f64 / DAY as f64
    }

    /// [`Zone::elapsed`] in milliseconds, so that sums of it are exact.
    #[inline]
    pub fn elapsed_millis(self, from: Instant, to: Instant) -> i64 {
        // What has always been is older than the calendar of any pipeline, but not so old that sums of ages overflow.
        let clock = |at: Instant| match at {
            Instant::ALWAYS => 0,
            at => at.millis().saturating_add(self.offset_millis(at)),
        };
        clock(to).saturating_sub(clock(from))
    }

    /// Reads a date cell: a day (its first instant) or an RFC 3339 instant.
    pub fn parse_moment(self, text: &str) -> Option<Instant> {
        match parse_day(text) {
            Some(day) => Some(self.start_of(day)),
            None => Instant::parse(text),
        }
    }

    /// Reads a date cell as the day it belongs to.
    pub fn parse_moment_day(self, text: &str) -> Option<Day> {
        parse_day(text).or_else(|| Instant::parse(text).map(|at| self.day_of(at)))
    }
}

/// How far a report sees: up to an instant, which it counts ages to, and the last millisecond whose events it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The instant itself (`t` or `e` of metrics §1): ages and waits are counted up to here.
    pub at: Instant,
    /// The last instant whose events are known.
    last: Instant,
}

impl Cut {
    /// The end of time: everything is known.
    pub const END: Cut = Cut { at: Instant::at(i64::MAX), last: Instant::at(i64::MAX) };

    /// Now: what happened in this very millisecond is known.
    pub fn now(at: Instant) -> Cut {
        Cut { at, last: at }
    }

    /// Noon of a day that stands for today: changes made under it are a millisecond apart, so those of the next minute
    /// are known. Nothing is less than no time old.
    pub fn noon(at: Instant) -> Cut {
        Cut { at, last: Instant::at(at.millis().saturating_add(59_999)) }
    }

    /// Just before an instant, such as the end of a day: what happened at that instant belongs to the next day.
    pub fn before(at: Instant) -> Cut {
        Cut { at, last: at.previous() }
    }

    /// Whether an event at this instant is known.
    #[inline]
    pub fn sees(self, at: Instant) -> bool {
        at <= self.last
    }

    /// The earlier of two cuts.
    #[must_use]
    pub fn min(self, other: Cut) -> Cut {
        if other.last < self.last { other } else { self }
    }

    /// The cut that lies as long after `to`, by the wall clock, as this one does after `from`.
    #[must_use]
    pub fn shifted(self, zone: Zone, from: Instant, to: Instant) -> Cut {
        let at = zone.at_clock(zone.wall(to) + TimeDelta::milliseconds(zone.elapsed_millis(from, self.at)));
        let further = self.last.millis().saturating_sub(self.at.millis());
        Cut { at, last: Instant::at(at.millis().saturating_add(further)) }
    }

    /// The day that the last known millisecond belongs to.
    pub fn day(self, zone: Zone) -> Day {
        zone.day_of(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn an_instant_is_written_as_it_is_read() {
        assert_eq!(at("2026-02-11T09:30:00.125Z").to_string(), "2026-02-11T09:30:00.125Z");
        assert_eq!(at("2026-02-11T10:30:00.125+01:00").to_string(), "2026-02-11T09:30:00.125Z");
        assert_eq!(at("2026-02-11T09:30:00Z").to_string(), "2026-02-11T09:30:00.000Z");
        assert_eq!(at("1969-12-31T23:59:59.999Z").millis(), -1);
        // Any byte at any place: what is read at once is what the general parser reads.
        for text in ["2026-02-11T09:30:45.125Z", "2026-02-11T09:30:45Z"] {
            for (place, byte) in (0..text.len()).flat_map(|place| (0..=0x7f).map(move |byte| (place, byte))) {
                let mut other = text.as_bytes().to_vec();
                other[place] = byte;
                let stamp = DateTime::parse_from_rfc3339(std::str::from_utf8(&other).unwrap()).ok();
                let millis = stamp.map(|stamp| stamp.timestamp_millis());
                if let Some(written) = parse_written(&other) {
                    assert_eq!(Some(written), millis, "{other:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2026-02-11",
            "2026-02-30T00:00:00Z",
            "2026-02-11T24:00:00Z",
            "2026-02-11T09:30:00",
            "0000-01-01T00:00:00Z",
            "2026-02-11T0a:30:00.000Z",
            "2026-02-11T09:3:00:00.0Z",
            "2026/02/11T09:30:00.000Z",
            "2026-02-11T09:30:00.00é",
            "2026-0é-11T09:30:00.000Z",
            "2026-02-11 09:30:00.000z0",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_counts_them() {
        for year in [1, 4, 99, 100, 400, 1582, 1900, 1969, 1970, 2000, 2023, 2024, 2100, 9999] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let known = Day::from_ymd_opt(year, month, day);
                    let text = format!("{year:04}-{month:02}-{day:02}");
                    assert_eq!(parse_day(&text), known, "{text}");
                    let stamp = format!("{text}T12:30:15.250Z");
                    let millis = known.map(|day| i64::from(day.to_epoch_days()) * DAY + 45_015_250);
                    assert_eq!(Instant::parse(&stamp).map(Instant::millis), millis, "{stamp}");
                }
            }
        }
    }

    #[test]
    fn people_may_count_days_from_today() {
        let today = parse_day("2026-11-24").unwrap();
        for (text, day) in [
            ("today", "2026-11-24"),
            ("Tomorrow", "2026-11-25"),
            ("today+30d", "2026-12-24"),
            ("today - 2w", "2026-11-10"),
        ] {
            assert_eq!(parse_typed_day(text, today), parse_day(day), "{text}");
        }
        for text in ["", "today+", "today+3m", "today+99999999999999999999d", "todayy", "11/24/2026"] {
            assert_eq!(parse_typed_day(text, today), None, "{text}");
        }
        let first = parse_day("0001-01-01").unwrap();
        assert_eq!(parse_typed_day("yesterday", first), None);
    }

    #[test]
    fn a_month_is_whole_days_through_a_change_of_the_clock() {
        // Berlin goes to summer time on 29 March 2026: that day has 23 hours.
        let zone = berlin();
        let (from, to) = (zone.parse_moment("2026-03-15").unwrap(), zone.parse_moment("2026-04-15").unwrap());
        assert_eq!(zone.elapsed_millis(from, to), 31 * DAY);
        assert_eq!(to.millis() - from.millis(), 31 * DAY - 3_600_000);
    }

    #[test]
    fn a_day_without_midnight_starts_at_the_end_of_the_gap() {
        // Beirut's clock went from 23:59:59 to 01:00 on 29 March 2026.
        let zone = Zone::named("Asia/Beirut").unwrap();
        let start = zone.start_of(parse_day("2026-03-29").unwrap());
        assert_eq!(start, at("2026-03-28T22:00:00Z"));
        assert_eq!(zone.day_of(start), parse_day("2026-03-29").unwrap());
        assert_eq!(zone.day_of(start.previous()), parse_day("2026-03-28").unwrap());
    }

    #[test]
    fn the_end_of_a_day_does_not_know_the_next_midnight() {
        let zone = berlin();
        let end = zone.end_of(parse_day("2026-07-14").unwrap());
        let cut = Cut::before(end);
        assert!(cut.sees(end.previous()) && !cut.sees(end));
        assert_eq!(cut.day(zone), parse_day("2026-07-14").unwrap());
        assert!(Cut::now(end).sees(end));
    }
}
