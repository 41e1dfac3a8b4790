//! What a row of history is: a line under the header of history, and the event that it tells.
//!
//! Every reader of history goes through here. Only the plain rows of a report are read where they are counted
//! (`load.rs`), since there are so many.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::sheet::{self, Line, RawCell, Sheet};
use crate::deal::book::retain_standing;
use crate::deal::event::{self, DEAL, Event};
use crate::problem::Problem;

/// A row of history: where it stands, and what it tells.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its line in the file.
    pub line: Line<'a>,
    /// What it tells.
    pub event: Event<'a>,
}

/// A sheet that has the columns of a history, or nothing in it.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    pub(super) sheet: &'a Sheet,
}

impl<'a> History<'a> {
    /// A sheet as a history.
    ///
    /// Error: its header is another.
    pub fn of(sheet: &'a Sheet) -> Result<History<'a>, Problem> {
        if sheet.columns().is_empty() || sheet.columns() == event::COLUMNS {
            return Ok(History { sheet });
        }
        let message = format!("the first line is not {}", event::HEADER);
        Err(Problem::error(sheet.file(), None, message).help("put it back as it was"))
    }

    /// The rows whose line is `wanted`, in the order of the file; others are not split.
    pub fn rows(self, wanted: impl Fn(Line<'a>) -> bool) -> impl Iterator<Item = Result<Row<'a>, Problem>> {
        let mut cells = Vec::new();
        let rows = self.sheet.rows().filter(move |line| line.as_ref().map_or(true, |line| wanted(*line)));
        rows.map(move |line| {
            let line = line?;
            Ok(Row { line, event: self.event(line, None, &mut cells)? })
        })
    }

    /// The rows of one deal, in the order of the file.
    pub fn of_deal(self, id: &str) -> Result<Vec<Row<'a>>, Problem> {
        self.rows(|line| deal_of(line).is_some_and(|deal| deal == id)).collect()
    }

    /// The cells of a row, of which [`super::rows::Run::commas`] tells the commas where it was asked.
    #[inline]
    pub(super) fn split<'l>(
        self,
        line: Line<'l>,
        commas: Option<&[usize]>,
        cells: &mut Vec<Cow<'l, str>>,
    ) -> Result<(), Problem> {
        self.sheet.split_at(line, commas, cells)?;
        if line.text.contains('\n') {
            let message = "a row of history is one line, and this one has a line break in quotes";
            return Err(self.sheet.at(line, 0..1, message).help("write the line break as \\n"));
        }
        Ok(())
    }

    /// The event that a row tells; its cells, split as by [`History::split`], pass through `cells`.
    #[inline]
    pub(super) fn event<'l>(
        self,
        line: Line<'l>,
        commas: Option<&[usize]>,
        cells: &mut Vec<Cow<'l, str>>,
    ) -> Result<Event<'l>, Problem> {
        self.split(line, commas, cells)?;
        // There are as many cells as columns, and no row fits a sheet without columns.
        let row = std::array::from_fn(|column| std::mem::take(&mut cells[column]));
        let misplaced =
            |bad: event::BadCell| self.sheet.at_cell(line, bad.column, bad.message).help_if(bad.help);
        Event::read(row).map_err(misplaced)
    }
}

/// The id of the deal that a row is of, without splitting it: most rows are of other deals.
pub(super) fn deal_of(line: Line<'_>) -> Option<Cow<'_, str>> {
    sheet::cells(line.text).nth(DEAL)?.ok().map(RawCell::value)
}

/// What stands of the events of each deal, in the order in which they happened.
pub(super) fn standing<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> BTreeMap<String, Vec<Event<'a>>> {
    let mut standing: BTreeMap<String, Vec<Event<'a>>> = BTreeMap::new();
    for Row { event, .. } in rows {
        standing.entry(event.deal.clone().into_owned()).or_default().push(event);
    }
    for events in standing.values_mut() {
        retain_standing(events);
        event::sort_by_instant(events);
    }
    standing
}

/// What a row tells that stands in no file.
pub(super) fn told(row: &str) -> Option<Event<'_>> {
    let cells: Vec<Cow<'_, str>> = sheet::cells(row).flatten().map(RawCell::value).collect();
    Event::read(cells.try_into().ok()?).ok()
}

/// A history of its own, and where in it the rows of each deal start: many deals may be asked for.
#[derive(Debug)]
pub struct HistoryIndex {
    sheet: Sheet,
    starts: FxHashMap<String, Vec<usize>>,
}

impl HistoryIndex {
    /// Finds the rows of each deal.
    ///
    /// Errors: another header, or a quote that never closes.
    pub fn of(sheet: Sheet) -> Result<HistoryIndex, Problem> {
        History::of(&sheet)?;
        let mut starts: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for line in sheet.rows() {
            let line = line?;
            let Some(deal) = deal_of(line) else { continue };
            match starts.get_mut(&*deal) {
                Some(starts) => starts.push(line.start),
                None => {
                    starts.insert(deal.into_owned(), vec![line.start]);
                }
            }
        }
        Ok(HistoryIndex { sheet, starts })
    }

    /// The events of one deal, in the order of the file.
    pub fn events_of(&self, id: &str) -> Result<Vec<Event<'_>>, Problem> {
        let mut cells = Vec::new();
        let starts = self.starts.get(id).into_iter().flatten();
        let lines = starts.filter_map(|start| self.sheet.row_at(*start));
        lines.map(|line| History { sheet: &self.sheet }.event(line, None, &mut cells)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::event::HEADER;

    fn sheet(rows: &str) -> Sheet {
        Sheet::of_text("history.csv", format!("{HEADER}\n{rows}")).unwrap()
    }

    #[test]
    fn the_rows_of_a_deal_are_found_however_its_id_is_quoted() {
        let sheet = sheet("2026-05-20T12:00:00Z,\"q\"\"q\",note,,,,u,hello\n");
        assert_eq!(History::of(&sheet).unwrap().of_deal("q\"q").unwrap().len(), 1);
        let past = HistoryIndex::of(sheet).unwrap();
        assert_eq!(past.events_of("q\"q").unwrap().len(), 1);
        assert_eq!(past.events_of("q").unwrap().len(), 0);
    }

    #[test]
    fn what_is_no_row_of_history_has_a_place() {
        let wrong = |rows: &str| {
            let sheet = sheet(rows);
            let found = History::of(&sheet).unwrap().of_deal("d1").map(|rows| rows.len());
            found.unwrap_err().to_string()
        };
        let at = "2026-05-20T12:00:00Z";
        assert_eq!(
            wrong(&format!("{at},d2,moved\n{at},d1,moved,,,,,\n")),
            "history.csv:3:25: `moved` is no event"
        );
        assert!(wrong(&format!("{at},d1,note\n")).contains(":2:1: this row has 3 cells"));
        assert!(
            wrong(&format!("{at},d1,note,,,,u,\"a\nb\"\n")).contains(":2:1: a row of history is one line")
        );
    }

    #[test]
    fn a_history_has_its_header_or_nothing() {
        let of = |text: &str| {
            let sheet = Sheet::of_text("history.csv", text.to_owned()).unwrap();
            History::of(&sheet)
                .map(|history| history.rows(|_| true).count())
                .map_err(|wrong| wrong.to_string())
        };
        assert_eq!(of(""), Ok(0));
        assert_eq!(of(HEADER), Ok(0));
        assert_eq!(of("at,deal\n"), Err(format!("history.csv: the first line is not {HEADER}")));
    }
}
