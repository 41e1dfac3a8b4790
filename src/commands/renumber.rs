//! `pipeline renumber`: a new id for one of two deals that took the same.

use clap::Args;

use super::add::new_id;
use super::context::Context;
use super::options::Changing;
use crate::deal::event::cells_without;
use crate::error::Result;
use crate::folder::renumber::plan;

/// Give one of two deals with the same id a new one, in deals and history
///
/// Two branches that each add a deal may take the same id. The deal that was created later gets a new one: its row of
/// deals.csv, and the rows of history that continue from its creation. Where a merge kept only one of the two, the lost
/// one is brought back from its history under a new id. No row says which of the two a call, an email, a meeting or a
/// note is of: each that either could own is named, with where it went, for you to put right. `ids: random` in
/// pipeline.yaml prevents it all.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline renumber deal-151 --dry-run
  pipeline renumber deal-151")]
pub(super) struct Renumber {
    /// The id that two deals have
    deal: String,
    #[command(flatten)]
    changing: Changing,
}

impl Renumber {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let user = Context::user(&self.changing, &folder);
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let history = door.history()?;
        let new = new_id(&door)?;
        let plan = plan(process, door.deals(), &history, &self.deal, &new)?;
        let mood = self.changing.mood();
        let (told, doubts) = (plan.told(mood), plan.doubts(mood).collect::<Vec<_>>());
        door.renumber(plan, clock.now, &user)?;
        if context.wants_sentences() {
            context.say(&self.changing, &format!("{told}\n"))?;
        } else {
            let row = cells_without(&self.deal, "id", &self.deal, &new);
            context.report_rows(process, std::iter::once(row))?;
        }
        for doubt in doubts {
            context.note(&doubt);
        }
        Ok(())
    }
}
