//! `pipeline delete`: a deal that never was one.

use std::collections::BTreeMap;

use clap::Args;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::moves::{Which, ids_of};
use super::options::Changing;
use crate::change::plan::Author;
use crate::deal::record::Record;
use crate::error::{Error, Result};
use crate::folder::change::Change;
use crate::folder::erase::ERASED;
use crate::folder::undo::in_short;
use crate::output::escape::{Breaks, escape};
use crate::process::StageIndex;

/// Delete deals that were a mistake: they count in no figure, at no time
///
/// The row stays, hidden, so that its id is never used again; `pipeline undo` brings the deal back. A deal that was
/// real and came to nothing is lost or disqualified, not deleted. --erase also takes what the files say of a person out
/// of both files, for good: of deals that are deleted already, too, and of duplicates that were merged into these. What
/// git has of it in the past is another matter.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline delete deal-57 --reason \"entered twice\"
  pipeline delete deal-9 --erase --reason \"asked to be forgotten\"")]
pub(super) struct Delete {
    /// The deals; `-` reads ids from standard input
    #[arg(value_name = "DEAL", required = true)]
    deals: Vec<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Also take names, values, notes and activities out of both files; cannot be undone
    #[arg(long)]
    erase: bool,
    #[command(flatten)]
    changing: Changing,
}

impl Delete {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let reason = self.reason.filter(|reason| !reason.trim().is_empty()).ok_or_else(|| {
            Error::usage("a deal is deleted for a reason").hint("say why with --reason TEXT")
        })?;
        let folder = context.folder()?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let user = Context::user(&self.changing, &folder);
        let ids = ids_of(Which::Ids(self.deals), &folder, &clock)?;
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let dating = Dating::new(None, &clock, &door)?;
        let delete = |record: &Record<'_>| {
            let at = dating.of(record, &[Subject::Stage])?;
            Ok(Author { process, at, today: clock.today, by: &user, note: &reason }.delete(record))
        };
        if !self.erase {
            let events = door.records(&ids)?.iter().map(delete).collect::<Result<Vec<_>>>()?;
            door.commit(&events.clone().into())?;
            return context.report_change(process, &self.changing, &events);
        }
        let merges = door.merges()?;
        let all = with_duplicates(&ids, &merges);
        let records = door.records_of_any(&all)?;
        let (gone, there): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| record.get("stage") == StageIndex::DELETED_ID);
        let events = there.into_iter().map(delete).collect::<Result<Vec<_>>>()?;
        let erased = |id: &str| match merges.get(id) {
            Some(into) if all.contains(into) => format!("{id} as a duplicate of {into}"),
            _ => id.to_owned(),
        };
        let gone: Vec<&str> = gone.into_iter().map(Record::id).collect();
        let did = events.iter().map(|event| format!("deleted {}", event.deal));
        let did = did.chain(gone.iter().map(|id| format!("erased {}", erased(id))));
        let did = in_short(all.len(), did);
        let change = Change {
            events,
            mended: gone
                .iter()
                .map(|id| ((*id).to_owned(), vec![("name".to_owned(), ERASED.to_owned())]))
                .collect(),
            called: Some(did),
            author: Some((clock.now, user.clone())),
            ..Change::default()
        };
        door.erase(&change, &reason)?;
        if context.wants_sentences() {
            context.report_change(process, &self.changing, &change.events)?;
            let verb = self.changing.mood().verb("erased", "erase");
            let line = |id: &&str| format!("{verb} {}\n", escape(&erased(id), Breaks::Ascii));
            context.say(&self.changing, &gone.iter().map(line).collect::<String>())?;
        } else {
            context.report_rows(process, change.rows())?;
        }
        for id in &all {
            if let Some(into) = merges.get(id).filter(|into| !all.contains(*into)) {
                context.note(&format!("{into} keeps what it took over when {id} was merged into it"));
            }
        }
        context.note(if self.changing.dry_run {
            "what both files say of it would go too, and the memory of `undo` with it"
        } else {
            "what git has of it in the past stays there: rewriting history is git's `filter-repo`"
        });
        Ok(())
    }
}

/// These deals, those that were merged into them, and so on: a duplicate says the same of a person.
fn with_duplicates(ids: &[String], merges: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = ids.to_vec();
    let mut next = 0;
    while let Some(deal) = all.get(next).cloned() {
        let its = merges.iter().filter(|(_, into)| **into == deal).map(|(duplicate, _)| duplicate);
        let new: Vec<String> = its.filter(|duplicate| !all.contains(duplicate)).cloned().collect();
        all.extend(new);
        next += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_of_duplicates_come_along_once() {
        let merges = [("a", "b"), ("b", "c"), ("c", "a"), ("x", "y")];
        let merges = merges.map(|(duplicate, into)| (duplicate.to_owned(), into.to_owned())).into();
        assert_eq!(with_duplicates(&["b".to_owned()], &merges), ["b", "a", "c"]);
        assert_eq!(with_duplicates(&["x".to_owned()], &merges), ["x"]);
    }
}
