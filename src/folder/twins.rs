//! Rows of one id, found among rows that were looked at apart from each other.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, BuildHasherDefault};

use rayon::slice::ParallelSliceMut as _;
use rustc_hash::{FxHashMap, FxHasher};

use super::load::twin;
use super::sheet::{Sheet, cells};
use crate::problem::Problem;

/// The ids of some rows: the hash of each beside where its row starts, which is less to keep than the ids.
#[derive(Debug, Default)]
pub struct Ids(Vec<(u64, usize)>);

impl Ids {
    /// Notes the id of a row.
    pub fn push(&mut self, id: &str, start: usize) {
        self.0.push((BuildHasherDefault::<FxHasher>::default().hash_one(id), start));
    }

    /// Adds those of other rows.
    pub fn append(&mut self, mut others: Ids) {
        self.0.append(&mut others.0);
    }

    /// The rows whose id stands on an earlier one: where each starts, and the problem, in the order of the file.
    pub fn twins(mut self, sheet: &Sheet, column: usize) -> Vec<(usize, Problem)> {
        self.0.par_sort_unstable();
        let mut twins = Vec::new();
        for same in self.0.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            let mut first: FxHashMap<Cow<str>, usize> = FxHashMap::default();
            for (_, start) in same {
                let Some(line) = sheet.row_at(*start) else { continue };
                let Some(Ok(cell)) = cells(line.text).nth(column) else { continue };
                let earlier = *first.entry(cell.value()).or_insert(*start);
                if earlier != *start {
                    twins.push((*start, twin(sheet, line, column, &cell.value(), earlier)));
                }
            }
        }
        twins.sort_unstable_by_key(|(start, _)| *start);
        twins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_but_the_first_of_an_id_is_named() {
        let text = "id,name\na,1\n\"b\",2\na,3\nb,4\nc,5\na,6\n";
        let sheet = Sheet::parse("deals.csv", text.as_bytes().to_vec()).unwrap();
        let mut ids = Ids::default();
        // Backwards: the order of the file counts, not that of looking.
        for line in sheet.rows().map(Result::unwrap).collect::<Vec<_>>().into_iter().rev() {
            ids.push(&cells(line.text).next().unwrap().unwrap().value(), line.start);
        }
        let twins = ids.twins(&sheet, 0);
        let rows: Vec<&str> = twins.iter().map(|(start, _)| sheet.row_at(*start).unwrap().text).collect();
        assert_eq!(rows, ["a,3", "b,4", "a,6"]);
        assert_eq!(twins[2].1.message, "the id `a` stands on line 2 already");
    }
}
