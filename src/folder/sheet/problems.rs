//! Problems of a sheet, each with its place in the file that the row really stands in.

use std::ops::Range;
use std::string::FromUtf8Error;

use memchr::memchr_iter;

use super::{Line, Sheet, cells};
use crate::folder::origin::Origins;
use crate::grammar::count;
use crate::problem::{IN_CONFLICT, Place, Problem, marks_conflict};

impl Sheet {
    /// An error about a span of bytes of a row.
    pub fn at(&self, line: Line<'_>, span: Range<usize>, message: impl Into<String>) -> Problem {
        let inside = line.start + span.start..line.start + span.end;
        if !matches!(self.origins, Origins::Itself) {
            let cell = cells(line.text).flatten().take_while(|cell| cell.start <= span.start).count();
            let column = cell.checked_sub(1).and_then(|at| self.columns.get(at));
            let origin =
                self.origins.problem(&self.text, line.start, inside.clone(), column.map(String::as_str));
            if let Some((file, place)) = origin {
                return Problem::error(file, place, message);
            }
        }
        let place = Place::on_line(&self.text, inside.start, inside.end, self.line_of(inside.start));
        Problem::error(&self.file, Some(place), message)
    }

    /// An error about the cell of a column of a row.
    pub fn at_cell(&self, line: Line<'_>, column: usize, message: impl Into<String>) -> Problem {
        let span = cells(line.text)
            .flatten()
            .nth(column)
            .map_or(0..line.text.len(), |cell| cell.start..cell.start + cell.text.len());
        self.at(line, span, message)
    }

    /// The number of the line that a byte stands on, from 1.
    pub fn line_of(&self, offset: usize) -> usize {
        let ends = self.line_ends.get_or_init(|| memchr_iter(b'\n', self.text.as_bytes()).collect());
        1 + ends.partition_point(|end| *end < offset)
    }

    /// What is wrong with a row of so many cells.
    pub(super) fn ragged(&self, line: Line<'_>, found: usize) -> Problem {
        let whole = 0..line.text.len();
        if marks_conflict(line.text) {
            return self
                .at(line, whole, IN_CONFLICT)
                .help("keep the rows that are right, and remove the lines with the marks");
        }
        let (found, columns) = (count(found as u64, "cell"), self.columns.len());
        self.at(line, whole, format!("this row has {found}, the header has {columns}"))
            .help("add or remove commas, or quote a cell that holds one")
    }

    /// What is wrong with a row that has text after the quote that closes a cell.
    pub(super) fn after_quote(&self, line: Line<'_>, at: usize) -> Problem {
        self.at(line, at..at + 1, "there is text after the closing quote")
            .help("double each quote that belongs to the text, and put the last one at the cell's end")
    }
}

/// What is wrong with bytes that are no text.
pub(super) fn not_text(file: &str, bad: &FromUtf8Error) -> Problem {
    let bytes = bad.as_bytes();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Problem::error(file, None, "this file is UTF-16, not UTF-8").help("save it as CSV in UTF-8");
    }
    let valid = bad.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(bytes);
    // The lossy text is the same up to the first bad byte, which it shows as U+FFFD.
    let place = Place::in_text(&text, valid, valid + '\u{fffd}'.len_utf8());
    Problem::error(file, Some(place), "this is not UTF-8 text").help("save the file as CSV in UTF-8")
}
