//! Calendars as iCalendar text (RFC 5545), which every calendar program can subscribe to or import.

use crate::deal::time::{Day, Instant};

/// The most octets of a line, without its line end (RFC 5545 §3.1).
const LONGEST_LINE: usize = 75;

/// When something is in a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of a day.
    Day(Day),
    /// From an instant on.
    At(Instant),
}

/// One thing in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from all others, in every calendar: the same each time it is written, so that it replaces itself.
    pub uid: String,
    /// When it is.
    pub when: When,
    /// What it is, on one line.
    pub summary: String,
    /// What else there is to know; may have several lines.
    pub description: String,
}

/// A calendar of a name, written at an instant.
pub fn calendar(name: &str, written: Instant, entries: &[Entry]) -> String {
    let mut out = String::new();
    let mut line = |text: &str| push_folded(&mut out, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//pipeline//agenda//EN");
    line("CALSCALE:GREGORIAN");
    line(&format!("X-WR-CALNAME:{}", text(name)));
    for entry in entries {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", text(&entry.uid)));
        line(&format!("DTSTAMP:{}", instant(written)));
        match entry.when {
            When::Day(day) => line(&format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d"))),
            When::At(at) => line(&format!("DTSTART:{}", instant(at))),
        }
        line(&format!("SUMMARY:{}", text(&entry.summary)));
        if !entry.description.is_empty() {
            line(&format!("DESCRIPTION:{}", text(&entry.description)));
        }
        // A reminder leaves the day free for meetings.
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    out
}

/// `20260715T100000Z`.
fn instant(at: Instant) -> String {
    let seconds = at.to_string();
    let seconds = seconds.split_once('.').map_or(seconds.as_str(), |(seconds, _)| seconds);
    format!("{}Z", seconds.replace(['-', ':'], ""))
}

/// A text as a value (RFC 5545 §3.3.11), in which no other control character may stand than a line break.
fn text(plain: &str) -> String {
    let mut value = String::with_capacity(plain.len());
    for c in plain.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', c]),
            _ if c.is_control() => value.push(' '),
            _ => value.push(c),
        }
    }
    value
}

/// Adds a line, folded where it is too long: it goes on after a line end and a space. No character is cut in two.
fn push_folded(out: &mut String, line: &str) {
    let mut room = LONGEST_LINE;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = LONGEST_LINE - 1;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use icalendar::{Calendar, CalendarComponent, CalendarDateTime, Component, DatePerhapsTime};
    use proptest::prelude::*;

    use super::*;
    use crate::deal::time::parse_day;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn entry(when: When, summary: &str) -> Entry {
        let (uid, description) = ("deal-3@Acme".to_owned(), "Stage: 議價\nValue: 1,000".to_owned());
        Entry { uid, when, summary: summary.to_owned(), description }
    }

    #[test]
    fn a_calendar_is_written_to_the_letter() {
        let day = entry(When::Day(parse_day("2026-07-18").unwrap()), "Send; sign\\ it");
        let hour = entry(When::At(at("2026-07-18T09:30:00.125Z")), "Call");
        let shown = "\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//pipeline//agenda//EN
CALSCALE:GREGORIAN
X-WR-CALNAME:Acme\\, Ltd
BEGIN:VEVENT
UID:deal-3@Acme
DTSTAMP:20260715T100000Z
DTSTART;VALUE=DATE:20260718
SUMMARY:Send\\; sign\\\\ it
DESCRIPTION:Stage: 議價\\nValue: 1\\,000
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:deal-3@Acme
DTSTAMP:20260715T100000Z
DTSTART:20260718T093000Z
SUMMARY:Call
DESCRIPTION:Stage: 議價\\nValue: 1\\,000
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
";
        let written = calendar("Acme, Ltd", at("2026-07-15T10:00:00Z"), &[day, hour]);
        assert_eq!(written, shown.replace('\n', "\r\n"));
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        // `SUMMARY:` and 22 characters of three octets are 74; the next would be the 77th octet. After the space there
        // is room for 24 more.
        let written = calendar(
            "",
            at("2026-07-15T10:00:00Z"),
            &[entry(When::At(at("2026-07-15T10:00:00Z")), &"鏈".repeat(47))],
        );
        let folded = format!("SUMMARY:{}\r\n {}\r\n 鏈\r\n", "鏈".repeat(22), "鏈".repeat(24));
        assert!(written.contains(&folded), "{written}");
    }

    fn read_back(written: &str) -> Vec<(String, String, String, DatePerhapsTime)> {
        let calendar: Calendar = written.parse().unwrap();
        let of = |component: &CalendarComponent| {
            let CalendarComponent::Event(event) = component else { panic!("only events were written") };
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let (uid, summary) = (text(event.get_uid()), text(event.get_summary()));
            (uid, summary, text(event.get_description()), event.get_start().unwrap())
        };
        calendar.components.iter().map(of).collect()
    }

    proptest! {
        #[test]
        fn another_reader_finds_what_was_written(
            uid in "[a-z]{1,9}-[0-9]{1,4}@\\PC{0,40}",
            summary in "[\\PC冷鏈監測,;:\\\\\"']{1,200}",
            lines in prop::collection::vec("[\\PC陳怡君,;\\\\]{1,120}", 0..4),
        ) {
            let description = lines.join("\n");
            let day = parse_day("2026-07-18").unwrap();
            let entries = [Entry { uid: uid.clone(), when: When::Day(day), summary: summary.clone(), description: description.clone() }];
            let written = calendar("銷售", at("2026-07-15T10:00:00Z"), &entries);
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= LONGEST_LINE && !line.contains(['\r', '\n']), "{line}");
            }
            let expected = vec![(uid, summary, description, DatePerhapsTime::Date(day))];
            prop_assert_eq!(read_back(&written), expected);
        }
    }

    #[test]
    fn an_instant_is_an_hour_of_the_day_for_another_reader() {
        let written = calendar(
            "",
            at("2026-07-15T10:00:00Z"),
            &[entry(When::At(at("2026-07-18T09:30:00Z")), "Call\u{7}")],
        );
        let read = read_back(&written);
        assert_eq!(read[0].1, "Call ");
        let DatePerhapsTime::DateTime(CalendarDateTime::Utc(start)) = read[0].3 else { panic!("{read:?}") };
        assert_eq!(start.timestamp_millis(), at("2026-07-18T09:30:00Z").millis());
    }
}
