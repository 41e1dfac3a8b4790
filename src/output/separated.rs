//! CSV and TSV: one rectangular table, at full precision, a rate spread over five columns.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use super::escape::{Breaks, escape};
use super::groups::group_keys;
use super::look::Look;
use crate::deal::formula::guarded;
use crate::metrics::figures::{Cell, Column, Kind, Section};
use crate::process::Lang;

/// Writes a section as CSV that a spreadsheet may open: a text that would be a formula has a `'` before it.
pub(super) fn write_csv(section: &Section, look: &Look, headed: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = Csv { writer: csv::Writer::from_writer(out), look };
    write_records(section, look, headed, &mut csv)?;
    csv.writer.flush()
}

/// Writes a section as TSV for scripts: tabs and line breaks within a text as `\t`, `\n`, `\r`, a backslash as `\\`.
pub(super) fn write_tsv(section: &Section, look: &Look, headed: bool, out: &mut dyn Write) -> io::Result<()> {
    write_records(section, look, headed, &mut Tsv { out, look, begun: false })
}

/// What takes the fields of records one after the other.
trait Records {
    /// A text from the files, or named by their author.
    fn text(&mut self, text: &str) -> io::Result<()>;

    /// A number, a day or a word of ours, which needs no care.
    fn plain(&mut self, text: &str) -> io::Result<()>;

    /// The end of a record.
    fn end(&mut self) -> io::Result<()>;
}

struct Csv<'o, 'l> {
    writer: csv::Writer<&'o mut dyn Write>,
    look: &'l Look,
}

impl Records for Csv<'_, '_> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.plain(&guarded(shown(text, self.look)))
    }

    fn plain(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_field(text).map_err(io_error)
    }

    fn end(&mut self) -> io::Result<()> {
        self.writer.write_record(None::<&[u8]>).map_err(io_error)
    }
}

struct Tsv<'o, 'l> {
    out: &'o mut dyn Write,
    look: &'l Look,
    /// Whether the record has a field already.
    begun: bool,
}

impl Records for Tsv<'_, '_> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.plain(&on_one_line(&shown(text, self.look)))
    }

    fn plain(&mut self, text: &str) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b"\t")?;
        }
        self.begun = true;
        self.out.write_all(text.as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        self.begun = false;
        self.out.write_all(b"\n")
    }
}

fn write_records(section: &Section, look: &Look, headed: bool, out: &mut impl Records) -> io::Result<()> {
    if headed {
        for key in group_keys(section) {
            out.text(&key)?;
        }
        for column in &section.columns {
            for suffix in suffixes(column.kind) {
                out.text(&format!("{}{suffix}", column.key))?;
            }
        }
        out.end()?;
    }
    let mut fields = Fields { out, look, left: 0, number: String::new() };
    for row in &section.rows {
        for level in 0..section.by.len() {
            match row.group.get(level) {
                Some(name) => fields.out.text(name)?,
                None => fields.out.plain("total")?,
            }
        }
        for (column, cell) in section.columns.iter().zip(&row.cells) {
            fields.cell(column, cell)?;
        }
        fields.out.end()?;
    }
    Ok(())
}

/// The fields of one cell after another. The table stays rectangular whatever a cell is, be it empty in a column of
/// rates: what has no place in its column is left out, and what its column has more is left empty.
struct Fields<'r, R> {
    out: &'r mut R,
    look: &'r Look,
    /// How many fields the cell has yet to take.
    left: usize,
    /// Room for a number on its way.
    number: String,
}

impl<R: Records> Fields<'_, R> {
    fn cell(&mut self, column: &Column, cell: &Cell) -> io::Result<()> {
        self.left = suffixes(column.kind).len();
        match cell {
            Cell::Empty => {}
            Cell::Text(text) | Cell::Stage(text) => self.text(text)?,
            Cell::Sentence(words) => self.text(words.text(Lang::En))?,
            Cell::Texts(texts) => self.text(&texts.join("\n"))?,
            Cell::Key(key) => self.text(key)?,
            Cell::Count(count) => self.number(count)?,
            Cell::Change(change) => self.number(change)?,
            Cell::Number(number) => self.number(number)?,
            Cell::Rate(rate) => {
                let interval = rate.interval();
                self.exact(rate.value())?;
                self.number(rate.count)?;
                self.number(rate.of)?;
                self.exact(interval.map(|interval| interval.low))?;
                self.exact(interval.map(|interval| interval.high))?;
            }
            Cell::Share(share) => self.exact(*share)?,
            Cell::Estimate { share, interval } => {
                self.exact(*share)?;
                self.exact(interval.map(|interval| interval.low))?;
                self.exact(interval.map(|interval| interval.high))?;
            }
            Cell::Money { amount, currency, n } => {
                let look = self.look;
                self.known(amount.map(|amount| look.round(amount, *currency)))?;
                self.known(*n)?;
            }
            Cell::Days { days, n } => {
                self.exact(*days)?;
                self.known(*n)?;
            }
            Cell::Average { value, n } => {
                self.exact(*value)?;
                self.number(n)?;
            }
            Cell::Date(day) => self.number(day)?,
            Cell::Moment { at, .. } => self.number(at)?,
            Cell::Flag(flag) => self.number(if *flag { "yes" } else { "no" })?,
        }
        while self.has_room() {
            self.out.plain("")?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        if self.has_room() { self.out.text(text) } else { Ok(()) }
    }

    fn exact(&mut self, value: Option<f64>) -> io::Result<()> {
        self.known(value.filter(|value| value.is_finite()))
    }

    fn known(&mut self, value: Option<impl Display>) -> io::Result<()> {
        match value {
            Some(value) => self.number(value),
            None => self.number(""),
        }
    }

    fn number(&mut self, value: impl Display) -> io::Result<()> {
        if !self.has_room() {
            return Ok(());
        }
        self.number.clear();
        // Writing to a text does not fail.
        let _ = write!(self.number, "{value}");
        self.out.plain(&self.number)
    }

    /// Takes the place of one field, where the cell has one left.
    fn has_room(&mut self) -> bool {
        let has_room = self.left > 0;
        self.left = self.left.saturating_sub(1);
        has_room
    }
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

/// A pipe and a file get every character; a terminal none that acts on it.
fn shown<'a>(text: &'a str, look: &Look) -> Cow<'a, str> {
    if look.terminal { escape(text, Breaks::Keep) } else { Cow::Borrowed(text) }
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
    fn a_text_is_on_one_line() {
        assert_eq!(on_one_line("a\tb\r\nc\\n"), "a\\tb\\r\\nc\\\\n");
    }
}
