//! Where the rows of a sheet stand that was put together from several files.

use std::ops::Range;

use crate::problem::{Place, Problem};
use crate::yaml::{Problems, parse};

/// Where the rows of a sheet stand.
#[derive(Clone, Debug, Default)]
pub(super) enum Origins {
    /// In the file itself.
    #[default]
    Itself,
    /// In files of the same columns, one after the other.
    Parts(Vec<Part>),
    /// Each in a YAML file of its own.
    Deals(Vec<DealFile>),
}

/// The rows of one file among several.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Where its rows begin in the text that was put together.
    pub(super) start: usize,
    /// The file, from the folder.
    pub(super) file: String,
    /// What stands above them in the file: its header.
    pub(super) head: String,
    /// Whether its last line ends, or was ended for the text that was put together.
    pub(super) ends: bool,
}

/// A deal's file, and the row that stands for it.
#[derive(Clone, Debug)]
pub(super) struct DealFile {
    /// Where the row begins.
    pub(super) start: usize,
    /// The file, from the folder.
    pub(super) file: String,
    /// Its text.
    pub(super) text: String,
    /// Why it cannot be read; its row then has the id alone.
    pub(super) broken: Option<Problem>,
}

impl DealFile {
    /// Where the value of a key stands, else the key, else the file's first line.
    fn place(&self, key: &str) -> Option<Place> {
        let mut found = Problems::new(&self.file, &self.text);
        let root = parse(&mut found, "")?;
        let (key, value) = root.entries().iter().find(|(other, _)| other.text == key)?;
        let span = if value.is_null() { &key.span } else { &value.span };
        found.error(span, "");
        found.problems().into_iter().next()?.place
    }
}

impl Origins {
    /// The file of the row that begins at `start`.
    pub(super) fn deal(&self, start: usize) -> Option<&DealFile> {
        let Origins::Deals(deals) = self else { return None };
        let at = deals.binary_search_by_key(&start, |deal| deal.start).ok()?;
        deals.get(at)
    }

    /// An error about bytes of the text that was put together, in the file where they really stand.
    ///
    /// `row` is where the row begins that they are of, `column` the column.
    pub(super) fn problem(
        &self,
        text: &str,
        row: usize,
        span: Range<usize>,
        column: Option<&str>,
    ) -> Option<(String, Option<Place>)> {
        match self {
            Origins::Itself => None,
            Origins::Deals(_) => {
                let deal = self.deal(row)?;
                Some((deal.file.clone(), column.and_then(|column| deal.place(column))))
            }
            Origins::Parts(parts) => {
                let next = parts.partition_point(|part| part.start <= span.start);
                let part = parts.get(next.checked_sub(1)?)?;
                let end = parts.get(next).map_or(text.len(), |part| part.start);
                let inside = &text[part.start..end];
                let mut place = Place::in_text(inside, span.start - part.start, span.end - part.start);
                place.line += part.head.matches('\n').count();
                Some((part.file.clone(), Some(place)))
            }
        }
    }
}
