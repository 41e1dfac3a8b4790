//! `pipeline reconcile`: hand edits become events.

use clap::Args;

use super::context::{Clock, Context};
use super::dating::{Dating, Subject};
use super::options::Changing;
use crate::deal::event::{Event, What};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::error::Result;
use crate::folder::audit::{Mend, audit};
use crate::folder::door::{Change, Door};
use crate::folder::load::{Unsound, load};
use crate::grammar::count;

/// Turn edits made by hand or in a spreadsheet into events
///
/// Where deals.csv says something else than history, the cell is taken at its word and the change is written down, now
/// or on the day named. Cells that follow from moves, such as the day that a deal closed on, are put right. All or none.
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
        let mends: Vec<Mend> =
            audit(process, deals, &history, &loaded).into_iter().filter_map(|finding| finding.mend).collect();
        let dates = self.dates(&mends, &clock, &door)?;
        let mut change = Change::default();
        for mend in mends {
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
            let at = dates.get(&deal).copied().unwrap_or(clock.now);
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
            change.author = Some((clock.now, user));
        }
        door.commit(&change)?;
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        if mended > 0 {
            let verb = self.changing.mood().verb("put", "put");
            let cells = count(mended, "cell");
            context.say(&self.changing, &format!("{verb} {cells} right that follow from moves\n"))?;
        }
        context.report_change(process, &self.changing, &change.events)
    }

    /// When the edits of each deal were made: now or on the day named, after what they change was last changed.
    fn dates(
        &self,
        mends: &[Mend],
        clock: &Clock,
        door: &Door<'_>,
    ) -> Result<std::collections::BTreeMap<String, Instant>> {
        let mut subjects: std::collections::BTreeMap<&str, Vec<Subject>> = std::collections::BTreeMap::new();
        for mend in mends {
            let (deal, subject) = match mend {
                Mend::Cell { .. } => continue,
                Mend::Move { deal, .. } => (deal, Subject::Stage),
                Mend::Set { deal, field, .. } => (deal, Subject::Field(field.clone())),
            };
            subjects.entry(deal).or_default().push(subject);
        }
        let dating = Dating::new(self.on.as_deref(), clock, door)?;
        let ids: Vec<&str> = subjects.keys().copied().collect();
        let date =
            |record: &Record<'_>| Ok((record.id().to_owned(), dating.of(record, &subjects[record.id()])?));
        door.rows_of(&ids)?.iter().map(date).collect()
    }
}
