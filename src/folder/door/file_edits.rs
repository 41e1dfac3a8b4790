//! The edits of the files of deals, where each deal has one of its own.

use rustc_hash::FxHashSet;

use super::Door;
use super::find::id_of;
use super::new_deals::fields;
use crate::error::Result;
use crate::folder::deal_files;
use crate::folder::effects::Effects;
use crate::folder::journal::Edit;
use crate::folder::sheet::Sheet;

impl Door<'_> {
    /// The edits of the files of deals, one each.
    pub(super) fn file_edits<'a>(
        &'a self,
        folder: &str,
        arrivals: &Sheet,
        effects: &Effects<'_>,
    ) -> Result<Vec<Edit<'a>>> {
        let mut edits = Vec::with_capacity(effects.deals.len());
        let (mut known, mut names) = (FxHashSet::default(), FxHashSet::default());
        let mut problems = Vec::new();
        for line in self.deals.rows() {
            let line = line?;
            let id = id_of(line, 0);
            names.insert(id.to_lowercase());
            let (Some(effect), Some(deal)) = (effects.get(&id), self.deals.deal_file(line)) else { continue };
            let values: Vec<(&str, &str)> =
                effect.cells.iter().map(|(field, cell)| (*field, &**cell)).collect();
            match deal_files::changed(&deal.file, &deal.text, &values) {
                Ok(edit) => edits.extend(edit),
                Err(found) => problems.extend(found),
            }
            known.insert(id);
        }
        let columns = self.columns_with(fields(arrivals, effects));
        self.each_new(arrivals, effects, &known, |id, cell| {
            if !names.insert(id.to_lowercase()) {
                problems.push(deal_files::same_but_for_case(folder, id));
                return;
            }
            match deal_files::new(folder, id, &columns, cell) {
                Ok(edit) => edits.push(edit),
                Err(problem) => problems.push(problem),
            }
        })?;
        if problems.is_empty() { Ok(edits) } else { Err(problems.into()) }
    }
}
