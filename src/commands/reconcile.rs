//! `pipeline reconcile`: hand edits become events.

use std::collections::BTreeMap;

use clap::Args;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::options::Changing;
use crate::deal::event::{Event, What};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::folder::audit::{Mend, audit};
use crate::folder::change::Change;
use crate::folder::door::Door;
use crate::folder::load::{Unsound, load};
use crate::folder::lost::{Lost, give_back, lost, respelled};
use crate::folder::sheet::Sheet;
use crate::grammar::{agreeing, count};
use crate::output::escape::{Breaks, escape};
use crate::process::{Process, StageIndex};

/// Turn edits made by hand or in a spreadsheet into events
///
/// Where deals.csv says something else than history, the cell is taken at its word and the change is written down, now
/// or on the day named. A deal whose row is gone was deleted: that is written down, and the row comes back as `delete`
/// leaves it. Cells that follow from moves, such as the day that a deal closed on, are put right. All or none.
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
        let mut lost = lost(process, deals, &history)?;
        refuse_respelled(&lost, deals, &history)?;
        let as_they_were = rows_of(&lost, &door);
        let whole = deals.with_more(&as_they_were);
        let loaded = load(process, &whole, &history, deals.columns(), Unsound::Refuse)?;
        let is_lost = |mend: &Mend| lost.iter().any(|lost| lost.id == mend.deal());
        let findings = audit(process, &whole, &history, &loaded).into_iter();
        let mends: Vec<Mend> =
            findings.filter_map(|finding| finding.mend).filter(|mend| !is_lost(mend)).collect();
        let dating = Dating::new(self.on.as_deref(), &clock, &door)?;
        let dates = dates(&mends, &dating, &door)?;
        let events = self.deletions(&mut lost, &dating, &as_they_were, process, &user)?;
        let mut change = Change { events, arrivals: rows_of(&lost, &door), ..Change::default() };
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
        if change.events.is_empty() && change.mended.is_empty() && lost.is_empty() {
            context.note("the deals and the history agree: nothing to do");
            return Ok(());
        }
        change.events.sort_by(|a, b| a.deal.cmp(&b.deal).then_with(|| a.at.cmp(&b.at)));
        let mended = change.mended.len() as u64;
        if change.events.is_empty() {
            let back = (!lost.is_empty())
                .then(|| format!("brought back {}", count(lost.len() as u64, "deleted deal")));
            let right = (mended > 0).then(|| format!("put {} right", count(mended, "cell")));
            change.called = Some([back, right].into_iter().flatten().collect::<Vec<_>>().join("; "));
            change.author = Some((clock.now, user));
        }
        door.commit(&change)?;
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        for lost in &lost {
            let verb = self.changing.mood().verb("brought", "bring");
            let was = if self.changing.dry_run { "is" } else { "was" };
            let (id, file) = (escape(&lost.id, Breaks::Ascii), deals.file());
            let line = format!("{verb} back {id} as a deleted deal: it {was} gone from {file}\n");
            context.say(&self.changing, &line)?;
        }
        if mended > 0 {
            let verb = self.changing.mood().verb("put", "put");
            let (cells, follow) = (count(mended, "cell"), agreeing(mended, "follows", "follow"));
            context.say(&self.changing, &format!("{verb} {cells} right that {follow} from moves\n"))?;
        }
        change.events.retain(|event| !lost.iter().any(|lost| lost.id == event.deal));
        context.report_change(process, &self.changing, &change.events)
    }

    /// Deletes the deals whose rows are gone, as far as history does not say that they were.
    fn deletions(
        &self,
        lost: &mut [Lost],
        dating: &Dating,
        rows: &Sheet,
        process: &Process,
        user: &str,
    ) -> Result<Vec<Event<'static>>> {
        let mut deletions = Vec::new();
        let mut cells = Vec::new();
        for (lost, line) in lost.iter_mut().zip(rows.rows()) {
            rows.split(line?, &mut cells)?;
            if lost.was_deleted(process) {
                continue;
            }
            let at = dating.of(&Record::new(rows.columns(), cells.clone()), &[Subject::Stage])?;
            let what = What::Stage {
                from: lost.cell("stage").to_owned().into(),
                to: process.stage_id(StageIndex::DELETED).to_owned().into(),
                forced: false,
            };
            let (by, note) = (user.to_owned().into(), self.note.clone().into());
            deletions.push(Event { at, deal: lost.id.clone().into(), what, by, note });
            lost.delete(process, at);
        }
        Ok(deletions)
    }
}

/// Error: what looks lost is there under an id in another case, and would be recorded as deleted.
fn refuse_respelled(lost: &[Lost], deals: &Sheet, history: &Sheet) -> Result<()> {
    let found = respelled(deals, history, lost.iter().map(|lost| lost.id.as_str()));
    let Some((lost, now)) = found.first_key_value() else { return Ok(()) };
    let message = format!("it cannot be told whether the deal `{lost}` was deleted or is now called `{now}`");
    let other = format!("if `{now}` is another deal, give it an id that differs in more than case");
    Err(Error::failed(message).hint(format!("{}; {other}", give_back(lost, now, deals.file()))))
}

/// The rows of deals of which only history is left, under the columns that there are.
fn rows_of(lost: &[Lost], door: &Door<'_>) -> Sheet {
    let mut rows = door.room(std::iter::empty());
    let columns = rows.columns().to_vec();
    for lost in lost {
        rows.push(columns.iter().map(|column| lost.cell(column)));
    }
    rows.into_sheet()
}

/// When the edits of each deal were made: now or on the day named, after what they change was last changed.
fn dates(mends: &[Mend], dating: &Dating, door: &Door<'_>) -> Result<BTreeMap<String, Instant>> {
    let mut subjects: BTreeMap<&str, Vec<Subject>> = BTreeMap::new();
    for mend in mends {
        let (deal, subject) = match mend {
            Mend::Cell { .. } => continue,
            Mend::Move { deal, .. } => (deal, Subject::Stage),
            Mend::Set { deal, field, .. } => (deal, Subject::Field(field.clone())),
        };
        subjects.entry(deal).or_default().push(subject);
    }
    let ids: Vec<&str> = subjects.keys().copied().collect();
    let date = |record: &Record<'_>| Ok((record.id().to_owned(), dating.of(record, &subjects[record.id()])?));
    door.rows_of(&ids)?.iter().map(date).collect()
}
