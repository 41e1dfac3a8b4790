//! A sheet changed: one row with other cells, all rows with more columns, and the edits of the files that they stand in.

use super::{Line, Sheet, cells};
use crate::deal::event::push_cell;
use crate::folder::journal::{Edit, Patch};
use crate::folder::origin::{Origins, Part};
use crate::problem::Problem;

impl Sheet {
    /// The row with some cells changed (column position, new text); every other byte as it was.
    pub fn changed(&self, line: Line<'_>, changes: &[(usize, &str)]) -> String {
        let mut row = String::with_capacity(line.text.len() + 32);
        for (column, cell) in cells(line.text).flatten().enumerate() {
            if column > 0 {
                row.push(',');
            }
            match changes.iter().find(|(changed, _)| *changed == column) {
                None => row.push_str(cell.text),
                Some((_, new)) if cell.text.starts_with('"') => {
                    row.push('"');
                    row.push_str(&new.replace('"', "\"\""));
                    row.push('"');
                }
                Some((_, new)) => push_cell(&mut row, new),
            }
        }
        row
    }

    /// The sheet with columns added at the end of every row, empty.
    pub fn with_columns(&self, names: &[&str]) -> Result<Sheet, Problem> {
        let mut text = String::with_capacity(self.text.len() + self.text.len() / 64);
        let mut from = 0;
        for line in self.header().map(Ok).into_iter().chain(self.rows()) {
            let line = line?;
            let end = line.start + line.text.len();
            text.push_str(&self.text[from..end]);
            for name in names {
                text.push(',');
                if line.start < self.body {
                    push_cell(&mut text, name);
                }
            }
            from = end;
        }
        text.push_str(&self.text[from..]);
        Sheet::of_text(&self.file, text)
    }

    /// The edits of the files that the rows really stand in, for patches of rows in ascending order.
    pub(in crate::folder) fn edits(&self, patches: Vec<Patch<'static>>) -> Vec<Edit<'static>> {
        match &self.origins {
            Origins::Parts(parts) => edits_of_parts(&self.text, parts, &patches),
            Origins::Itself | Origins::Deals(_) => {
                let original = self.text.clone().into();
                vec![Edit::Splice { file: self.file.clone(), original, patches }]
            }
        }
    }
}

/// The edits of the files of parts, given patches of the text that was put together from them.
fn edits_of_parts(text: &str, parts: &[Part], patches: &[Patch<'static>]) -> Vec<Edit<'static>> {
    let mut edits = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let end = parts.get(number + 1).map_or(text.len(), |next| next.start);
        let inside = patches.iter().filter(|(span, _)| span.start >= part.start && span.start < end);
        let body = &text[part.start..end - usize::from(!part.ends)];
        let original = format!("{}{body}", part.head);
        let at = |place: usize| (place - part.start + part.head.len()).min(original.len());
        let patches: Vec<Patch<'static>> =
            inside.map(|(span, new)| (at(span.start)..at(span.end), new.clone())).collect();
        if !patches.is_empty() {
            edits.push(Edit::Splice { file: part.file.clone(), original: original.into(), patches });
        }
    }
    edits
}
