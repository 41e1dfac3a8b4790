//! CSV and TSV: one rectangular table, at full precision, a rate spread over five columns.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::{Breaks, escape};
use super::groups::group_keys;
use super::look::Look;
use crate::metrics::figures::{Cell, Column, Kind, Section};

/// Writes a section as CSV that a spreadsheet may open: a text that would be a formula has a `'` before it.
pub(super) fn write_csv(section: &Section, look: &Look, headed: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let mut write = |record: &[Field]| {
        for field in record {
            match field {
                Field::Text(text) => writer.write_field(without_formula(shown(text, look)).as_bytes()),
                Field::Plain(text) => writer.write_field(text),
            }
            .map_err(io_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)
    };
    if headed {
        write(&header(section))?;
    }
    each_record(section, look, &mut write)?;
    writer.flush()
}

/// Writes a section as TSV for scripts: tabs and line breaks within a text as `\t`, `\n`, `\r`, a backslash as `\\`.
pub(super) fn write_tsv(section: &Section, look: &Look, headed: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut write = |record: &[Field]| {
        for (index, field) in record.iter().enumerate() {
            if index > 0 {
                out.write_all(b"\t")?;
            }
            match field {
                Field::Text(text) => out.write_all(on_one_line(&shown(text, look)).as_bytes())?,
                Field::Plain(text) => out.write_all(text.as_bytes())?,
            }
        }
        out.write_all(b"\n")
    };
    if headed {
        write(&header(section))?;
    }
    each_record(section, look, &mut write)
}

/// One field of a record.
enum Field<'a> {
    /// From the files, or named by their author.
    Text(Cow<'a, str>),
    /// A number, a day or a word of ours, which needs no care.
    Plain(String),
}

fn header(section: &Section) -> Vec<Field<'_>> {
    let groups = group_keys(section).into_iter().map(Field::Text);
    let columns = section.columns.iter().flat_map(|column| {
        let suffixes = suffixes(column.kind).iter();
        suffixes.map(|suffix| Field::Text(Cow::Owned(format!("{}{suffix}", column.key))))
    });
    groups.chain(columns).collect()
}

/// What follows the key in the headings of the columns that a kind is spread over.
fn suffixes(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Rate => &["", "_count", "_of", "_low", "_high"],
        Kind::Estimate => &["", "_low", "_high"],
        Kind::Money | Kind::Total | Kind::Days | Kind::Average => &["", "_n"],
        Kind::Text
        | Kind::Sentence
        | Kind::Command
        | Kind::Count
        | Kind::Number
        | Kind::Share
        | Kind::Amount
        | Kind::Age
        | Kind::Date
        | Kind::Flag => &[""],
    }
}

fn each_record(
    section: &Section,
    look: &Look,
    write: &mut dyn FnMut(&[Field]) -> io::Result<()>,
) -> io::Result<()> {
    let mut record = Vec::new();
    for row in &section.rows {
        record.clear();
        for level in 0..section.by.len() {
            record.push(match row.group.get(level) {
                Some(name) => Field::Text(Cow::Borrowed(name)),
                None => Field::Plain("total".to_owned()),
            });
        }
        for (column, cell) in section.columns.iter().zip(&row.cells) {
            push_cell(&mut record, column, cell, look);
        }
        write(&record)?;
    }
    Ok(())
}

fn push_cell<'a>(record: &mut Vec<Field<'a>>, column: &Column, cell: &'a Cell, look: &Look) {
    let end = record.len() + suffixes(column.kind).len();
    let plain = |value: Option<String>| Field::Plain(value.unwrap_or_default());
    let exact =
        |value: Option<f64>| plain(value.filter(|value| value.is_finite()).map(|value| value.to_string()));
    match cell {
        Cell::Empty => {}
        Cell::Text(text) | Cell::Stage(text) => record.push(Field::Text(Cow::Borrowed(text))),
        Cell::Texts(texts) => record.push(Field::Text(Cow::Owned(texts.join("\n")))),
        Cell::Key(key) => record.push(Field::Text(Cow::Borrowed(key))),
        Cell::Count(count) => record.push(Field::Plain(count.to_string())),
        Cell::Change(change) => record.push(Field::Plain(change.to_string())),
        Cell::Number(number) => record.push(Field::Plain(number.to_string())),
        Cell::Rate(rate) => {
            let interval = rate.interval();
            record.extend([
                exact(rate.value()),
                Field::Plain(rate.count.to_string()),
                Field::Plain(rate.of.to_string()),
                exact(interval.map(|interval| interval.low)),
                exact(interval.map(|interval| interval.high)),
            ]);
        }
        Cell::Share(share) => record.push(exact(*share)),
        Cell::Estimate { share, interval } => record.extend([
            exact(*share),
            exact(interval.map(|interval| interval.low)),
            exact(interval.map(|interval| interval.high)),
        ]),
        Cell::Money { amount, currency, n } => {
            record.push(plain(amount.map(|amount| look.round(amount, *currency).to_string())));
            record.push(plain(n.map(|n| n.to_string())));
        }
        Cell::Days { days, n } => record.extend([exact(*days), plain(n.map(|n| n.to_string()))]),
        Cell::Average { value, n } => record.extend([exact(*value), Field::Plain(n.to_string())]),
        Cell::Date(day) => record.push(Field::Plain(day.to_string())),
        Cell::Moment { at, .. } => record.push(Field::Plain(at.to_string())),
        Cell::Flag(flag) => record.push(Field::Plain(if *flag { "yes" } else { "no" }.to_owned())),
    }
    // The table stays rectangular whatever a cell is, be it empty in a column of rates.
    record.resize_with(end, || Field::Plain(String::new()));
}

/// A pipe and a file get every character; a terminal none that acts on it.
fn shown<'a>(text: &'a str, look: &Look) -> Cow<'a, str> {
    if look.terminal { escape(text, Breaks::Keep) } else { Cow::Borrowed(text) }
}

fn without_formula(text: Cow<str>) -> Cow<str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(&text) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() <= digits.len() + 1
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
}

fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\t', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let escaped = text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
    Cow::Owned(escaped)
}

/// The cause, with its kind: a closed pipe must be known as one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_formula() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-2+3", "'-2+3"),
            ("--3", "'--3"),
            ("\t=1", "'\t=1"),
            ("-3.5", "-3.5"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(without_formula(Cow::Borrowed(text)), safe);
        }
    }

    #[test]
    fn a_text_is_on_one_line() {
        assert_eq!(on_one_line("a\tb\r\nc\\n"), "a\\tb\\r\\nc\\\\n");
    }
}
