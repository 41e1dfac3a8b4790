//! `pipeline merge`: two deals that are one.

use std::fmt::Write as _;

use clap::Args;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::options::Changing;
use crate::change::plan::Author;
use crate::deal::event::{Event, MERGED_INTO, What};
use crate::error::{Error, Result};
use crate::folder::change::Change;
use crate::folder::history::History;
use crate::grammar::{and, count};
use crate::process::Written;

/// Merge a duplicate into the deal that stays
///
/// What is empty there is filled from the duplicate, its calls, emails, meetings and notes come along with their dates,
/// and the duplicate is deleted: it counts in no figure, at no time.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline merge deal-57 --into deal-42 --dry-run
  pipeline merge deal-57 --into deal-42")]
pub(super) struct Merge {
    /// The duplicate
    #[arg(value_name = "DUPLICATE")]
    duplicate: String,
    /// The deal that stays
    #[arg(long, value_name = "DEAL")]
    into: String,
    #[command(flatten)]
    changing: Changing,
}

impl Merge {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        if self.duplicate == self.into {
            return Err(Error::usage(format!("{} cannot be merged into itself", self.into)));
        }
        let folder = context.folder()?;
        let process = folder.process();
        let user = Context::user(&self.changing, &folder);
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let history = door.history()?;
        let records = door.records(&[&self.duplicate, &self.into])?;
        let (duplicate, kept) = (&records[0], &records[1]);
        let note = format!("merged into {}", self.into);
        let dating = Dating::new(None, &clock, &door)?;
        let at = dating.of(duplicate, &[Subject::Stage])?.max(dating.of(kept, &[])?);
        let author = Author { process, at, today: clock.today, by: &user, note: &note };

        let fills = |(column, cell): &(&str, &str)| {
            Written::of(column) == Written::ByHand && !cell.is_empty() && kept.get(column).is_empty()
        };
        let filled: Vec<(&str, &str)> = duplicate.cells().filter(fills).collect();
        let mut events: Vec<Event<'static>> = filled
            .iter()
            .filter_map(|(column, cell)| author.set_event(&self.into, column, "", cell))
            .collect();
        let rows = History::of(&history)?.of_deal(&self.duplicate)?.into_iter();
        let touches = rows.filter(|row| matches!(row.event.what, What::Touch(_)));
        let touches: Vec<Event<'static>> = touches.map(|row| row.event.of_deal(&self.into)).collect();
        let moved = touches.len() as u64;
        events.extend(touches);
        events.push(author.delete(duplicate));
        events.extend(author.set_event(&self.duplicate, MERGED_INTO, "", &self.into));

        let mut did = format!("{} into {}", self.duplicate, self.into);
        if !filled.is_empty() {
            let columns: Vec<&str> = filled.iter().map(|(column, _)| *column).collect();
            let _ = write!(did, ", filling {}", and(&columns));
        }
        if moved > 0 {
            let _ = write!(did, ", with {}", count(moved, "activity"));
        }
        let mut change = Change::from(events);
        change.called = Some(format!("merged {did}"));
        door.commit(&change)?;
        if !context.wants_sentences() {
            return context.report_change(process, &self.changing, &change.events);
        }
        let verb = self.changing.mood().verb("merged", "merge");
        context.say(&self.changing, &format!("{verb} {did}\n"))
    }
}
