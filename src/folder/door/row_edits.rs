//! The edits of deals.csv: the rows that a change is about with other cells, and rows at its end.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::Door;
use super::find::id_of;
use super::new_deals::fields;
use crate::deal::event::push_row;
use crate::error::Result;
use crate::folder::DEALS_FILE;
use crate::folder::deal_rows::required;
use crate::folder::effects::{Effect, Effects};
use crate::folder::journal::{Edit, Patch, spliced};
use crate::folder::sheet::{Line, Sheet};

impl Door<'_> {
    /// The edits of deals.csv.
    pub(super) fn row_edits<'a>(
        &'a self,
        arrivals: &'a Sheet,
        effects: &Effects<'_>,
    ) -> Result<Vec<Edit<'a>>> {
        let widened = self.widened(arrivals, effects)?;
        let sheet = widened.as_ref().unwrap_or(&self.deals);
        let located = widened.is_none() && arrivals.text().is_empty();
        let lines = match self.located_rows(effects).filter(|_| located) {
            Some(lines) => lines,
            None => sheet.rows().collect::<Result<_, _>>()?,
        };
        let mut patches = self.patches(sheet, lines, arrivals, effects)?;
        patches.sort_by_key(|(span, _)| span.start);
        Ok(match widened {
            // What only happened, such as a call, changes no cell.
            None if patches.is_empty() => Vec::new(),
            None => {
                let original = self.deals.text().into();
                vec![Edit::Splice { file: DEALS_FILE.to_owned(), original, patches }]
            }
            Some(ref wide) => {
                // What is added to the file stays as it came, since it may be most of it.
                let added = patches.pop_if(|(span, _)| span.start == wide.text().len());
                vec![self.whole(spliced(wide.text(), &patches), added.map(|(_, added)| added))]
            }
        })
    }

    /// deals.csv as a whole given way to new text, and text added to that.
    fn whole<'a>(&'a self, text: String, added: Option<Cow<'a, str>>) -> Edit<'a> {
        let original = self.deals.text();
        Edit::Splice {
            file: DEALS_FILE.to_owned(),
            original: original.into(),
            patches: std::iter::once(text.into())
                .map(|text| (0..original.len(), text))
                .chain(added.map(|added| (original.len()..original.len(), added)))
                .collect(),
        }
    }

    /// The sheet with the columns that a change needs and the file has not, or with a header where it is empty.
    fn widened(&self, arrivals: &Sheet, effects: &Effects<'_>) -> Result<Option<Sheet>> {
        let columns = self.columns_with(fields(arrivals, effects));
        let had = self.deals.columns().len();
        if had == 0 {
            let mut header = String::new();
            push_row(&mut header, columns.iter().map(String::as_str), "\n");
            return Ok(Some(Sheet::of_text(DEALS_FILE, header)?));
        }
        let missing: Vec<&str> = columns[had..].iter().map(String::as_str).collect();
        if missing.is_empty() { Ok(None) } else { Ok(Some(self.deals.with_columns(&missing)?)) }
    }

    /// The rows that effects are about, where each was looked for before.
    fn located_rows(&self, effects: &Effects<'_>) -> Option<Vec<Line<'_>>> {
        let located = self.located.borrow();
        let row = |(id, effect): &(&str, Effect<'_>)| {
            let start = located.get(*id).filter(|_| !effect.is_new)?;
            self.deals.row_at(*start)
        };
        effects.deals.iter().map(row).collect()
    }

    /// What the effects do to these rows of a sheet, and the rows that come in.
    fn patches<'a>(
        &self,
        sheet: &Sheet,
        lines: Vec<Line<'_>>,
        arrivals: &'a Sheet,
        effects: &Effects<'_>,
    ) -> Result<Vec<Patch<'a>>> {
        let Some(required) = required(sheet)? else { return Ok(Vec::new()) };
        let (mut patches, mut cells) = (Vec::new(), Vec::new());
        let mut known = FxHashSet::default();
        for line in lines {
            sheet.fits(line)?;
            let id = id_of(line, required.id);
            let Some(effect) = effects.get(&id) else { continue };
            sheet.split(line, &mut cells)?;
            let changes: Vec<(usize, &str)> = effect
                .cells
                .iter()
                .filter_map(|(field, cell)| Some((sheet.column(field)?, &**cell)))
                .collect();
            let row = sheet.changed(line, &changes);
            if row != line.text {
                patches.push((line.start..line.start + line.text.len(), row.into()));
            }
            known.insert(id);
        }
        let end = sheet.text().len();
        let ends = sheet.text().is_empty() || sheet.text().ends_with('\n');
        let as_they_are = known.len() == effects.deals.len() && arrivals.columns() == sheet.columns();
        let added = if ends && as_they_are {
            Cow::Borrowed(arrivals.text())
        } else {
            let (newline, mut added) = (sheet.newline(), String::new());
            self.each_new(arrivals, effects, &known, |_, cell| {
                push_row(&mut added, sheet.columns().iter().map(|column| cell(column)), newline);
            })?;
            if !ends && !added.is_empty() {
                // The file keeps its habit of an end without a line break.
                added.truncate(added.len() - newline.len());
                added.insert_str(0, newline);
            }
            Cow::Owned(added)
        };
        if !added.is_empty() {
            patches.push((end..end, added));
        }
        Ok(patches)
    }
}
