//! What one command changes, worked out before any file is.

use std::borrow::Cow;

use super::arrivals;
use super::sheet::Sheet;
use crate::deal::event::{self, Cells, DEAL, Event, TO};
use crate::deal::time::Instant;

/// What one command changes.
#[derive(Clone, Debug, Default)]
pub struct Change<'a> {
    /// What happened, each a row of history.csv.
    pub events: Vec<Event<'a>>,
    /// Deals that come from elsewhere, without a history here: rows as [`super::door::Door::room`] has them.
    pub arrivals: Sheet,
    /// Cells that follow from history and are put right without an event: the id, and columns with their cells.
    pub mended: Vec<(String, Vec<(String, String)>)>,
    /// Cells that hold although an event of an earlier day comes in late: the id, and columns with their cells.
    pub settled: Vec<(String, Vec<(String, String)>)>,
    /// What it is called in the undo log, where the events do not tell.
    pub called: Option<String>,
    /// When and by whom, where there is no event that tells.
    pub author: Option<(Instant, String)>,
}

impl Change<'_> {
    /// What it does, a row each under [`event::COLUMNS`]: the events, then the cells that are written without one.
    pub fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        let events = self.events.iter().map(Event::cells);
        let arrivals = arrivals::records(&self.arrivals).flat_map(|record| {
            let id: Cow<'_, str> = Cow::Owned(record.id().to_owned());
            let filled = record.into_cells().filter(|(field, cell)| *field != "id" && !cell.is_empty());
            filled.map(move |(field, cell)| {
                let mut row = event::cells_without("", field, "", "");
                (row[DEAL], row[TO]) = (id.clone(), cell);
                row
            })
        });
        let mended = self.mended.iter().flat_map(|(id, cells)| {
            cells.iter().map(move |(field, cell)| event::cells_without(id, field, "", cell))
        });
        events.chain(arrivals).chain(mended)
    }
}

impl<'a> From<Vec<Event<'a>>> for Change<'a> {
    fn from(events: Vec<Event<'a>>) -> Change<'a> {
        Change { events, ..Change::default() }
    }
}
