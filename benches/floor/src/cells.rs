//! Rows, cells, dates and amounts, as fast as they can be had from files known to be sound.

use memchr::{memchr, memchr2};

/// The stages that `init` writes, in order.
pub const STAGES: [&str; 7] =
    ["prospecting", "qualification", "contact", "needs", "proposal", "negotiation", "closing"];

/// Milliseconds in a day.
pub const DAY: f64 = 86_400_000.0;

/// The place of a stage, after them won, lost, disqualified; each is known by its length and its first letter.
pub fn place(stage: &[u8]) -> u8 {
    match (stage.len(), stage[0]) {
        (11, b'p') => 0,
        (13, _) => 1,
        (7, b'c') if stage[1] == b'o' => 2,
        (5, _) => 3,
        (8, _) => 4,
        (11, _) => 5,
        (7, _) => 6,
        (3, _) => 7,
        (4, _) => 8,
        _ => 9,
    }
}

/// The rows below the header, cut in two at the end of one.
pub fn halves(text: &[u8]) -> [&[u8]; 2] {
    let rows = &text[memchr(b'\n', text).unwrap() + 1..];
    let middle = rows.len() / 2;
    let cut = memchr(b'\n', &rows[middle..]).map_or(rows.len(), |end| middle + end + 1);
    [&rows[..cut], &rows[cut..]]
}

/// The cell at the beginning, and what comes behind the comma or line end after it.
#[inline]
pub fn cell(text: &[u8]) -> (&[u8], &[u8]) {
    let quoted = text[0] == b'"';
    let mut end = usize::from(quoted);
    while quoted {
        end += memchr(b'"', &text[end..]).unwrap() + 1;
        if text[end] != b'"' {
            break;
        }
        end += 1;
    }
    end += memchr2(b',', b'\n', &text[end..]).unwrap();
    (&text[..end], &text[end + 1..])
}

/// What comes after the line end.
#[inline]
pub fn next_row(text: &[u8]) -> &[u8] {
    &text[memchr(b'\n', text).unwrap() + 1..]
}

/// `2026-02-11T09:30:00.125Z` in milliseconds.
#[inline]
pub fn instant(text: &[u8]) -> i64 {
    let number = |from: usize, to: usize| {
        text[from..to].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Days since 1970 by the civil calendar, years beginning in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let seconds = days * 86_400 + number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    seconds * 1000 + number(20, 23)
}

/// An amount, in hundredths.
#[inline]
pub fn amount(text: &[u8]) -> i64 {
    let (mut number, mut digits) = (0, None);
    for byte in text {
        match byte {
            b'.' => digits = Some(0),
            digit => {
                number = number * 10 + i64::from(digit - b'0');
                digits = digits.map(|digits| digits + 1);
            }
        }
    }
    number * 10_i64.pow(2 - digits.unwrap_or(0))
}
