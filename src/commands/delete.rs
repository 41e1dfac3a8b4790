//! `pipeline delete`: a deal that never was one.

use clap::Args;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::moves::{Which, ids_of};
use super::options::Changing;
use crate::deal::plan::Author;
use crate::deal::record::Record;
use crate::error::{Error, Result};

/// Delete deals that were a mistake: they count in no figure, at no time
///
/// The row stays, hidden, so that its id is never used again; `pipeline undo` brings the deal back. A deal that was
/// real and came to nothing is lost or disqualified, not deleted. --erase also takes what the files say of a person out
/// of both files, for good; what git has of it in the past is another matter.
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
        let events = door.records(&ids)?.iter().map(delete).collect::<Result<Vec<_>>>()?;
        if self.erase {
            door.erase(&events)?;
        } else {
            door.commit(&events.clone().into())?;
        }
        context.report_change(process, &self.changing, &events)?;
        if self.erase && self.changing.dry_run {
            context.note("what both files say of it would go too, and the memory of `undo` with it");
        } else if self.erase {
            context
                .note("what git has of it in the past stays there: rewriting history is git's `filter-repo`");
        }
        Ok(())
    }
}
