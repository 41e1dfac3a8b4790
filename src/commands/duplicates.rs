//! `pipeline duplicates`: deals that are likely one.

use clap::Args;

use super::context::Context;
use super::options::Reading;
use crate::deal::likeness::{Candidate, pairs};
use crate::error::Result;
use crate::folder::Need;
use crate::folder::deal_rows::required;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section};
use crate::process::StageIndex;
use crate::shell;

/// Find deals that are likely one, with the command that merges them
///
/// Names, accounts and contacts are compared without regard to case, width, punctuation and company forms.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline duplicates
  pipeline duplicates -f tsv --quiet | cut -f 6")]
pub(super) struct Duplicates {
    #[command(flatten)]
    reading: Reading,
}

impl Duplicates {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let files = folder.read(Need::Deals)?;
        let sheet = &files.deals;
        let (mut candidates, mut cells) = (Vec::new(), Vec::new());
        if let Some(required) = required(sheet)? {
            for line in sheet.rows() {
                sheet.split(line?, &mut cells)?;
                if &*cells[required.stage] == StageIndex::DELETED_ID {
                    continue;
                }
                let text = |name: &str| sheet.column(name).map_or(String::new(), |at| cells[at].to_string());
                let (account, contact) = (text("account"), text("contact"));
                let (id, name) = (cells[required.id].to_string(), cells[required.name].to_string());
                candidates.push(Candidate { id, name, account, contact });
            }
        }
        let row = |pair: &crate::deal::likeness::Pair| {
            let (first, second) = (&candidates[pair.first], &candidates[pair.second]);
            let merge = shell::about("merge", &second.id, &[], &[("--into", &first.id)]);
            Row::total(vec![
                Cell::text(&second.id),
                Cell::text(&second.name),
                Cell::text(&second.account),
                Cell::text(&first.id),
                Cell::text(pair.why),
                Cell::Text(context.pasted(0, &merge)),
            ])
        };
        let columns = ["id", "name", "account", "like", "why", "command"];
        let columns = columns.into_iter().map(|key| Column::new(key, Kind::Text)).collect();
        let section = Section::list("duplicates", columns, pairs(&candidates).iter().map(row).collect());
        let figures = Figures::of("duplicates", [section]);
        context.show(folder.process(), &figures, None)
    }
}
