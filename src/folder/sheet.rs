//! A CSV file as bytes that stay as they are: where its rows and cells stand, and one row with some cells changed.
//!
//! Our own reader, not a library's, because a change must keep every byte that it is not about: quoting, line ends,
//! BOM, unknown columns. It is also the fastest way to the few cells that a report needs.

mod edits;
mod problems;

use std::borrow::Cow;
use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rustc_hash::FxHashSet;

use super::origin::{DealFile, Origins};
use super::rows::{Rows, Run, after_quoted};
use crate::problem::Problem;

use problems::not_text;

/// A CSV file: its text, its header, and its rows behind [`Sheet::rows`].
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    file: String,
    text: String,
    columns: Vec<String>,
    body: usize,
    /// Where the text starts in the file: 0 but for a block of a long one.
    start: usize,
    /// Where the lines end, found when the first problem asks: a file may have as many problems as lines.
    line_ends: OnceLock<Vec<usize>>,
    origins: Origins,
}

/// How many columns a file may have: as many as a spreadsheet can hold.
const MOST_COLUMNS: usize = 16_384;

/// How many bytes of rows a core takes at a time: enough to be worth starting on, few enough to keep all cores busy.
const RUN_BYTES: usize = if cfg!(test) { 64 } else { 256 * 1024 };

/// One row: where it stands in the text, without its line end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The offset of its first byte in the text.
    pub start: usize,
    /// Its bytes as they stand in the file.
    pub text: &'a str,
}

/// One cell of a row, as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawCell<'a> {
    /// The offset of its first byte in the row.
    pub start: usize,
    /// Its bytes, quotes included.
    pub text: &'a str,
}

impl<'a> RawCell<'a> {
    /// What the cell says: without its quotes, doubled quotes once.
    pub fn value(self) -> Cow<'a, str> {
        match self.text.strip_prefix('"') {
            None => Cow::Borrowed(self.text),
            Some(rest) => {
                let inside = rest.strip_suffix('"').unwrap_or(rest);
                if inside.contains('"') {
                    Cow::Owned(inside.replace("\"\"", "\""))
                } else {
                    Cow::Borrowed(inside)
                }
            }
        }
    }
}

impl Sheet {
    /// Reads the header of a file and makes sure that it is text. The rows are looked at when they are asked for.
    pub fn parse(file: &str, bytes: Vec<u8>) -> Result<Sheet, Problem> {
        Sheet::of_text(file, String::from_utf8(bytes).map_err(|bad| not_text(file, &bad))?)
    }

    /// The same of what is known to be text.
    pub fn of_text(file: &str, text: String) -> Result<Sheet, Problem> {
        let body = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
        let (line_ends, origins) = (OnceLock::new(), Origins::Itself);
        let mut sheet =
            Sheet { file: file.to_owned(), text, columns: Vec::new(), body, start: 0, line_ends, origins };
        let Some(header) = sheet.rows().next().transpose()? else { return Ok(sheet) };
        let mut columns: Vec<String> = Vec::new();
        let mut known = FxHashSet::default();
        for cell in cells(header.text) {
            let cell = cell.map_err(|at| sheet.after_quote(header, at))?;
            let name = cell.value().into_owned();
            let span = cell.start..cell.start + cell.text.len();
            if !cell.text.starts_with('"') && name.contains('\r') {
                return Err(sheet
                    .at(header, 0..1, "the lines end in a carriage return alone")
                    .help("save the file with the line ends of Unix or Windows"));
            }
            if columns.len() == MOST_COLUMNS {
                let message = format!("the file has more than {MOST_COLUMNS} columns");
                return Err(sheet.at(header, span, message).help("remove the columns that hold no deals"));
            }
            if !known.insert(name.clone()) && !name.is_empty() {
                let message = format!("the column `{name}` stands twice");
                return Err(sheet.at(header, span, message).help("rename or remove one of the two"));
            }
            columns.push(name);
        }
        if columns.len() == 1 && columns[0].contains([';', '\t']) {
            let mark = if columns[0].contains(';') { "semicolons" } else { "tabs" };
            return Err(sheet
                .at(header, 0..header.text.len(), format!("the columns are separated by {mark}, not commas"))
                .help("save the file as comma-separated CSV in UTF-8"));
        }
        let end = header.start + header.text.len();
        let body = end + line_end(&sheet.text[end..]);
        sheet.columns = columns;
        sheet.body = body;
        Ok(sheet)
    }

    /// The same sheet, put together from files in which its rows really stand.
    pub(super) fn in_files(self, origins: Origins) -> Sheet {
        Sheet { origins, ..self }
    }

    /// The text of the header, with its line end.
    pub(super) fn head(&self) -> &str {
        &self.text[..self.body]
    }

    /// Rows alone, without a header, under these columns.
    pub(super) fn of_rows(file: &str, columns: Vec<String>, text: String) -> Sheet {
        let (line_ends, origins) = (OnceLock::new(), Origins::Itself);
        Sheet { file: file.to_owned(), text, columns, body: 0, start: 0, line_ends, origins }
    }

    /// Other rows under the same columns, which start in the file at `start`.
    pub(super) fn with_rows(&self, text: String, start: usize) -> Sheet {
        Sheet { start, ..Sheet::of_rows(&self.file, self.columns.clone(), text) }
    }

    /// The sheet with rows under the same columns after its own.
    #[must_use]
    pub fn with_more(&self, rows: &Sheet) -> Sheet {
        let mut text = self.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(self.newline());
        }
        text.push_str(rows.text());
        Sheet { text, line_ends: OnceLock::new(), ..self.clone() }
    }

    /// The bytes of the text, to use their memory again.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// Where the text starts in the file: 0 but for a block of a long one.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The text after the header.
    pub(super) fn body(&self) -> &str {
        &self.text[self.body..]
    }

    /// The file of a deal that has one of its own.
    pub(super) fn deal_file(&self, line: Line<'_>) -> Option<&DealFile> {
        self.origins.deal(line.start)
    }

    /// The file's name from the folder, for problems.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the columns, in the order of the file; none of an empty file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The rows after the header; blank lines are passed over. A quote that never closes ends them with a problem.
    pub fn rows(&self) -> Rows<'_> {
        Rows::from(self, self.body)
    }

    /// Does `work` with all rows on all cores, a run of neighbours at a time: what it made of each run, in the order of
    /// the file. It must take every row of the run.
    ///
    /// A run is taken to begin after a line feed. Where that one stood in a quoted cell, the run before ends elsewhere, and
    /// the work is done again from there.
    pub fn in_runs<'a, T: Send>(
        &'a self,
        work: impl Fn(&mut Run<'a>) -> T + Sync,
    ) -> Result<Vec<T>, Problem> {
        let run = |start: usize, end: usize| {
            let mut run = Run::of(self, start, end);
            (work(&mut run), run)
        };
        let bounds = self.bounds();
        let among = |at: usize| run(bounds[at], bounds[at + 1]);
        let runs = 0..bounds.len() - 1;
        // Starting another core costs more than reading a short file.
        let done: Vec<_> = if runs.len() == 1 {
            runs.map(among).collect()
        } else {
            runs.into_par_iter().map(among).collect()
        };
        let (mut next, mut all) = (self.body, Vec::with_capacity(done.len()));
        for ((made, ran), bounds) in done.into_iter().zip(bounds.windows(2)) {
            let (made, ran) = if bounds[0] == next { (made, ran) } else { run(next, bounds[1]) };
            next = ran.end()?;
            all.push(made);
        }
        Ok(all)
    }

    /// Where runs of rows are taken to begin, and the end of the text.
    fn bounds(&self) -> Vec<usize> {
        let bytes = self.text.as_bytes();
        let (mut bounds, mut last) = (vec![self.body], self.body);
        while let Some(after) = bytes.get(last + RUN_BYTES..) {
            last = bytes.len() - after.len() + memchr(b'\n', after).map_or(after.len(), |feed| feed + 1);
            bounds.push(last);
        }
        if last < bytes.len() || bounds.len() == 1 {
            bounds.push(bytes.len());
        }
        bounds
    }

    /// The row that starts at an offset.
    pub fn row_at(&self, start: usize) -> Option<Line<'_>> {
        Rows::from(self, start).next()?.ok()
    }

    /// The first line, which names the columns; `None` of an empty file.
    pub fn header(&self) -> Option<Line<'_>> {
        if self.columns.is_empty() {
            return None;
        }
        let start = self.text.len() - self.text.trim_start_matches('\u{feff}').len();
        Rows::from(self, start).next()?.ok()
    }

    /// The line end that the file uses: that of its first line, LF when there is none yet.
    pub fn newline(&self) -> &'static str {
        match memchr(b'\n', self.text.as_bytes()) {
            Some(at) if at > 0 && self.text.as_bytes()[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        }
    }

    /// The unquoted cells of a row, one a column of the header, into `into`.
    ///
    /// Errors: a row of another number of cells, or text after a closing quote.
    pub fn split<'a>(&self, line: Line<'a>, into: &mut Vec<Cow<'a, str>>) -> Result<(), Problem> {
        let bytes = line.text.as_bytes();
        into.clear();
        if memchr(b'"', bytes).is_none() {
            let mut start = 0;
            // Every comma of the row in one sweep, since a search for each would cost more than the cells are long.
            for end in memchr_iter(b',', bytes) {
                into.push(Cow::Borrowed(&line.text[start..end]));
                start = end + 1;
            }
            into.push(Cow::Borrowed(&line.text[start..]));
        } else {
            self.split_quoted(line, into)?;
        }
        if into.len() == self.columns.len() {
            return Ok(());
        }
        if let Some(problem) = self.deal_file(line).and_then(|deal| deal.broken.clone()) {
            return Err(problem);
        }
        Err(self.ragged(line, into.len()))
    }

    /// The same of a row of which [`Run::commas`] tells the commas.
    pub fn split_at<'a>(
        &self,
        line: Line<'a>,
        commas: Option<&[usize]>,
        into: &mut Vec<Cow<'a, str>>,
    ) -> Result<(), Problem> {
        let Some(commas) = commas else { return self.split(line, into) };
        into.clear();
        let cell = |start: usize, end: usize| {
            let text = &line.text[start..end];
            // Of an empty cell this reads the comma after it, which saves a branch that processors often guess wrong.
            let quoted = line.text.as_bytes().get(start) == Some(&b'"');
            if quoted { RawCell { start, text }.value() } else { Cow::Borrowed(text) }
        };
        let mut start = 0;
        into.extend(commas.iter().map(|end| cell(std::mem::replace(&mut start, end + 1), *end)));
        into.push(cell(start, line.text.len()));
        Ok(())
    }

    fn split_quoted<'a>(&self, line: Line<'a>, into: &mut Vec<Cow<'a, str>>) -> Result<(), Problem> {
        let bytes = line.text.as_bytes();
        let ends = memchr_iter(b',', bytes).chain(std::iter::once(bytes.len()));
        let (mut start, mut closes) = (0, None);
        for end in ends {
            if bytes.get(start) == Some(&b'"') {
                // A row ends outside quotes, so every quoted cell in it closes.
                let closes = *closes.get_or_insert_with(|| after_quoted(bytes, start).unwrap_or(bytes.len()));
                if end < closes {
                    continue;
                }
                if end > closes {
                    return Err(self.after_quote(line, closes));
                }
            }
            into.push(RawCell { start, text: &line.text[start..end] }.value());
            (start, closes) = (end + 1, None);
        }
        Ok(())
    }

    /// Makes sure that a row has one cell a column, without unquoting them.
    pub fn fits(&self, line: Line<'_>) -> Result<(), Problem> {
        let bytes = line.text.as_bytes();
        let found = if memchr(b'"', bytes).is_none() {
            1 + memchr_iter(b',', bytes).count()
        } else {
            let outside = |at| self.at(line, at..at + 1, "there is text after the closing quote");
            cells(line.text).try_fold(0, |found, cell| cell.map(|_| found + 1).map_err(outside))?
        };
        if found == self.columns.len() { Ok(()) } else { Err(self.ragged(line, found)) }
    }
}

/// How long the line end is that `text` starts with.
fn line_end(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with('\n')) }
}

/// A cell without blanks around it.
pub fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// The cells of a row, as they stand. An `Err` is the offset of text after a closing quote.
pub fn cells(row: &str) -> impl Iterator<Item = Result<RawCell<'_>, usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let bytes = row.as_bytes();
        let end = if bytes.get(start) == Some(&b'"') {
            // A row ends outside quotes, so every quoted cell in it closes.
            let end = after_quoted(bytes, start).unwrap_or(bytes.len());
            if end < bytes.len() && bytes[end] != b',' {
                next = None;
                return Some(Err(end));
            }
            end
        } else {
            memchr(b',', &bytes[start..]).map_or(bytes.len(), |comma| start + comma)
        };
        next = (end < bytes.len()).then_some(end + 1);
        Some(Ok(RawCell { start, text: &row[start..end] }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        Sheet::parse("deals.csv", text.as_bytes().to_vec()).unwrap()
    }

    fn table(text: &str) -> Vec<Vec<String>> {
        let sheet = sheet(text);
        let mut into = Vec::new();
        let mut rows = Vec::new();
        for line in sheet.rows() {
            sheet.split(line.unwrap(), &mut into).unwrap();
            rows.push(into.iter().map(ToString::to_string).collect());
        }
        rows
    }

    #[test]
    fn rows_and_cells_as_rfc_4180_has_them() {
        let text = "\u{feff}id,name\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n\r\n2,5\" pipe\r\n3,";
        assert_eq!(sheet(text).columns(), ["id", "name"]);
        assert_eq!(sheet(text).newline(), "\r\n");
        assert_eq!(table(text), [["1", "a, \"b\"\r\nc"], ["2", "5\" pipe"], ["3", ""]]);
    }

    #[test]
    fn an_empty_file_has_no_columns_and_no_rows() {
        for text in ["", "\n", "\u{feff}"] {
            assert!(sheet(text).columns().is_empty(), "{text:?}");
            assert_eq!(sheet(text).rows().count(), 0);
        }
    }

    #[test]
    fn a_change_keeps_every_other_byte() {
        let text = "id,name,note,stage\n\"1\",\"x\", spaced ,needs\n";
        let sheet = sheet(text);
        let line = sheet.rows().next().unwrap().unwrap();
        assert_eq!(sheet.changed(line, &[(3, "won")]), "\"1\",\"x\", spaced ,won");
        assert_eq!(sheet.changed(line, &[(1, "a \"b\""), (2, "p,q")]), "\"1\",\"a \"\"b\"\"\",\"p,q\",needs");
    }

    #[test]
    fn columns_are_added_at_the_end_of_every_row() {
        let sheet = sheet("\u{feff}id,name\r\n1,\"a\nb\"\r\n\r\n2,c");
        let wide = sheet.with_columns(&["budget", "tags"]).unwrap();
        assert_eq!(wide.text(), "\u{feff}id,name,budget,tags\r\n1,\"a\nb\",,\r\n\r\n2,c,,");
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let first = |text: &str| match Sheet::parse("deals.csv", text.as_bytes().to_vec()) {
            Err(problem) => problem.to_string(),
            Ok(sheet) => {
                let mut into = Vec::new();
                let problem =
                    sheet.rows().find_map(|line| line.and_then(|line| sheet.split(line, &mut into)).err());
                problem.unwrap().to_string()
            }
        };
        assert_eq!(first("id,name\n1,a\n2\n"), "deals.csv:3:1: this row has 1 cell, the header has 2");
        assert_eq!(first("id,name\n1,\"a\n2,b\n"), "deals.csv:2:3: this quote is never closed");
        assert_eq!(first("id,name\n1,\"a\"b\n"), "deals.csv:2:6: there is text after the closing quote");
        assert_eq!(first("id,name,id\n"), "deals.csv:1:9: the column `id` stands twice");
        assert_eq!(
            first("id,name\n<<<<<<< HEAD\n1,a\n=======\n1,b\n>>>>>>> x\n"),
            "deals.csv:2:1: this line marks a conflict that git left when it merged"
        );
        assert_eq!(first("id;name\n"), "deals.csv:1:1: the columns are separated by semicolons, not commas");
    }

    #[test]
    fn a_line_is_found_in_a_file_of_any_length() {
        let text = "id,name\n1,\"a\nb\"\n2\n3,c\n";
        let sheet = sheet(text);
        for (offset, byte) in text.bytes().enumerate() {
            let counted = 1 + text[..offset].matches('\n').count();
            assert_eq!(sheet.line_of(offset), counted, "{offset} {byte}");
        }
        let long = format!("id,name\n{}", "x\n".repeat(200_000));
        let sheet = self::sheet(&long);
        let ragged = sheet.rows().filter_map(|line| sheet.fits(line.unwrap()).err());
        assert_eq!(ragged.filter_map(|problem| problem.place).map(|place| place.line).sum::<usize>(), {
            (2..=200_001).sum::<usize>()
        });
    }

    #[test]
    fn a_row_fits_when_it_has_a_cell_a_column() {
        let sheet = sheet("id,name\n1,a\n2\n3,\"x,y\"\n<<<<<<< HEAD\n4,\"a\"b\n");
        let found: Vec<Option<String>> =
            sheet.rows().map(|line| sheet.fits(line.unwrap()).err().map(|it| it.to_string())).collect();
        assert_eq!(found[0], None);
        assert_eq!(found[1].as_deref(), Some("deals.csv:3:1: this row has 1 cell, the header has 2"));
        assert_eq!(found[2], None);
        assert!(found[3].as_deref().unwrap().contains("conflict"), "{found:?}");
        assert_eq!(found[4].as_deref(), Some("deals.csv:6:6: there is text after the closing quote"));
    }

    #[test]
    fn a_file_with_old_line_ends_or_without_end_of_columns_is_refused() {
        let refused =
            |text: &str| Sheet::parse("deals.csv", text.as_bytes().to_vec()).unwrap_err().to_string();
        assert_eq!(
            refused("id,name,stage\r1,a,won\r"),
            "deals.csv:1:1: the lines end in a carriage return alone"
        );
        assert!(refused(&",".repeat(20_000)).contains("more than 16384 columns"));
        assert_eq!(sheet("id,\"a\rb\"\r\n").columns().len(), 2);
    }

    #[test]
    fn what_is_not_utf8_has_a_place() {
        let problem = Sheet::parse("deals.csv", b"id,name\n1,caf\xe9\n".to_vec()).unwrap_err();
        assert_eq!(problem.to_string(), "deals.csv:2:6: this is not UTF-8 text");
        let problem = Sheet::parse("deals.csv", b"\xff\xfei\0d\0".to_vec()).unwrap_err();
        assert_eq!(problem.to_string(), "deals.csv: this file is UTF-16, not UTF-8");
    }
}
