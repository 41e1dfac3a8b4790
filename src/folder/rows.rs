//! The rows of a sheet, one after another: where each ends, quoted cells and all.

use memchr::{memchr, memchr2};

use super::marks::Marks;
use super::sheet::{Line, Sheet};
use crate::problem::Problem;

/// The rows of a sheet, in the order of the file.
#[derive(Debug)]
pub struct Rows<'a> {
    sheet: &'a Sheet,
    next: usize,
}

impl<'a> Rows<'a> {
    /// Those from the row that starts at an offset of the text.
    pub(super) fn from(sheet: &'a Sheet, start: usize) -> Rows<'a> {
        Rows { sheet, next: start }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Line<'a>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.next;
            let rest = &self.sheet.text()[start..];
            if rest.is_empty() {
                return None;
            }
            let end = match row_end(rest.as_bytes()) {
                Ok(end) => end,
                Err(quote) => {
                    self.next = self.sheet.text().len();
                    let line = Line { start, text: rest };
                    let problem = self.sheet.at(line, quote..quote + 1, "this quote is never closed");
                    return Some(Err(problem.help("close it, or double it if it belongs to the text")));
                }
            };
            let text = without_return(&rest[..end], end < rest.len());
            self.next = start + end + usize::from(end < rest.len());
            if !text.is_empty() {
                return Some(Ok(Line { start, text }));
            }
        }
    }
}

/// Neighbouring rows of a sheet, read as quickly as can be.
#[derive(Debug)]
pub struct Run<'a> {
    rows: Rows<'a>,
    /// The row that starts here is the next run's.
    end: usize,
    marks: Marks,
    /// Room for the commas of a row that has one cell a column.
    commas: Vec<usize>,
    /// Whether the last row has one cell a column, so that `commas` are its own.
    plain: bool,
    broken: Option<Problem>,
}

impl<'a> Run<'a> {
    /// The rows that start between two offsets of the text.
    pub(super) fn of(sheet: &'a Sheet, start: usize, end: usize) -> Run<'a> {
        let commas = vec![0; sheet.columns().len().saturating_sub(1)];
        let (rows, marks) = (Rows::from(sheet, start), Marks::from(start));
        Run { rows, end, marks, commas, plain: false, broken: None }
    }

    /// About how many rows are to come, and seldom more: to make room for what is made of them once costs less than to move
    /// it as it grows.
    pub fn about(&self) -> usize {
        // A cell is seldom shorter than three letters and its comma.
        self.end.saturating_sub(self.rows.next) / (4 * (self.commas.len() + 1)) + 1
    }

    /// The next row; blank lines are passed over.
    pub fn next_row(&mut self) -> Option<Line<'a>> {
        let text = self.rows.sheet.text();
        let bytes = text.as_bytes();
        let mut marks = self.marks;
        while self.rows.next < self.end {
            let (start, mut found) = (self.rows.next, 0);
            let end = loop {
                let Some(at) = marks.next_in(bytes) else { break bytes.len() };
                match bytes[at] {
                    b',' => {
                        if let Some(comma) = self.commas.get_mut(found) {
                            *comma = at - start;
                        }
                        found += 1;
                    }
                    b'\n' => break at,
                    b'"' if at == start || bytes[at - 1] == b',' => {
                        let after = after_quote(&mut marks, bytes).and_then(|after| bytes.get(after));
                        if !matches!(after, Some(b',' | b'\n' | b'\r')) {
                            return self.odd();
                        }
                    }
                    _ => {}
                }
            };
            let ends = end < bytes.len();
            self.rows.next = end + usize::from(ends);
            let text = without_return(&text[start..end], ends);
            if !text.is_empty() {
                self.plain = found == self.commas.len();
                self.marks = marks;
                return Some(Line { start, text });
            }
        }
        None
    }

    /// The next row, which has a quoted cell that does not end as it should, or with the file.
    fn odd(&mut self) -> Option<Line<'a>> {
        self.plain = false;
        match self.rows.next()? {
            Ok(line) => {
                self.marks = Marks::from(self.rows.next);
                Some(line)
            }
            Err(problem) => {
                self.broken = Some(problem);
                None
            }
        }
    }

    /// Where the commas between the cells of the last row stand in it; `None` where they have to be looked for, because it
    /// has more or fewer cells than columns, or quoted ones that do not end as they should.
    pub fn commas(&self) -> Option<&[usize]> {
        self.plain.then_some(&self.commas)
    }

    /// Where the row after the last one starts.
    ///
    /// Error: a quote that never closes.
    pub(super) fn end(self) -> Result<usize, Problem> {
        self.broken.map_or(Ok(self.rows.next), Err)
    }
}

/// A row without the carriage return of its line end, where it has one.
fn without_return(row: &str, ends: bool) -> &str {
    row.strip_suffix('\r').filter(|_| ends).unwrap_or(row)
}

/// The offset after the quote that closes the cell whose opening quote was the last mark; `None` where nothing closes it.
fn after_quote(marks: &mut Marks, bytes: &[u8]) -> Option<usize> {
    loop {
        let at = marks.next_in(bytes)?;
        if bytes[at] != b'"' {
            continue;
        }
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        marks.next_in(bytes);
    }
}

/// Where the row that starts `bytes` ends: the offset of its line feed, or of the end of the file.
///
/// A quote opens a quoted cell only at the start of a cell. Error: the offset of one that never closes.
fn row_end(bytes: &[u8]) -> Result<usize, usize> {
    let mut at = 0;
    while let Some(found) = memchr2(b'"', b'\n', &bytes[at..]) {
        let found = at + found;
        if bytes[found] == b'\n' {
            return Ok(found);
        }
        at = found + 1;
        if found == 0 || bytes[found - 1] == b',' {
            at = after_quoted(bytes, found)?;
        }
    }
    Ok(bytes.len())
}

/// The offset after the closing quote of the quoted cell that opens at `open`.
pub(super) fn after_quoted(bytes: &[u8], open: usize) -> Result<usize, usize> {
    let mut at = open + 1;
    while let Some(found) = memchr(b'"', &bytes[at..]) {
        at += found + 1;
        if bytes.get(at) == Some(&b'"') {
            at += 1;
        } else {
            return Ok(at);
        }
    }
    Err(open)
}
