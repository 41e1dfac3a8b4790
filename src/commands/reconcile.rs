//! `pipeline reconcile`: hand edits become events.

use clap::Args;

use super::context::Context;
use super::moves::on_day;
use super::options::Changing;
use crate::deal::event::{Event, What};
use crate::error::Result;
use crate::folder::audit::{Mend, audit};
use crate::folder::door::Change;
use crate::folder::load::{Unsound, load};
use crate::grammar::count;

/// Turn edits made by hand or in a spreadsheet into events
///
/// Where deals.csv says something else than history, the cell is taken at its word and the change is written down, now
/// or on the day named. Cells that follow from moves (when it entered its stage, when it closed) are put right. All or none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline reconcile --dry-run
  pipeline reconcile --on 2026-11-20 --note \"edited in a spreadsheet\"")]
pub(super) struct Reconcile {
    /// The day the edits were made, if not now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "reconciled", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    changing: Changing,
}

impl Reconcile {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let user = Context::user(&self.changing, &folder);
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let (deals, history) = (door.deals(), door.history()?);
        let loaded = load(process, deals, &history, deals.columns(), Unsound::Refuse)?;
        let at = match &self.on {
            Some(day) => on_day(day, &clock, process.zone)?.unwrap_or(clock.now),
            None => clock.now,
        };
        let mut change = Change::default();
        for mend in audit(process, deals, &history, &loaded).into_iter().filter_map(|finding| finding.mend) {
            let (deal, what) = match mend {
                Mend::Cell { deal, field, to } => {
                    change.mended.push((deal, vec![(field, to)]));
                    continue;
                }
                Mend::Move { deal, from, to } => {
                    (deal, What::Stage { from: from.into(), to: to.into(), forced: false })
                }
                Mend::Set { deal, field, from, to } => {
                    (deal, What::Set { field: field.into(), from: from.into(), to: to.into() })
                }
            };
            // A hand edit is later than everything that history knows of the deal.
            let last = super::moves::events_of(&history, &deal)?.into_iter().map(|event| event.at).max();
            let at = last.filter(|last| *last >= at).map_or(at, crate::deal::time::Instant::next);
            let (by, note) = (user.clone().into(), self.note.clone().into());
            change.events.push(Event { at, deal: deal.into(), what, by, note });
        }
        if change.events.is_empty() && change.mended.is_empty() {
            context.note("the deals and the history agree: nothing to do");
            return Ok(());
        }
        change.events.sort_by(|a, b| a.deal.cmp(&b.deal).then_with(|| a.at.cmp(&b.at)));
        let mended = change.mended.len() as u64;
        if change.events.is_empty() {
            change.called = Some(format!("put {} right", count(mended, "cell")));
        }
        door.commit(&change)?;
        if mended > 0 && context.wants_sentences() {
            let verb = if self.changing.dry_run { "would put" } else { "put" };
            let cells = count(mended, "cell");
            context.say(&self.changing, &format!("{verb} {cells} right that follow from moves\n"))?;
        }
        context.report_change(process, &self.changing, &change.events)
    }
}
