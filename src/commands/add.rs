//! `pipeline add`: a new deal.

use clap::Args;
use rustc_hash::FxHashSet;

use super::context::Context;
use super::dating::on_day;
use super::moves::{assignments, conditions, stage_named};
use super::options::Changing;
use super::print;
use crate::change::plan::Author;
use crate::error::{Error, Result};
use crate::folder::door::Door;
use crate::process::Ids;
use crate::query::sight::Sight;

/// How often a random id is drawn before we give up; with 32⁵ of them, once is nearly always enough.
const DRAWS: usize = 1_000;

/// Letters and digits of random ids: none that are taken for one another.
const LETTERS: &[u8] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Add a deal; prints its id
///
/// The id stands alone on standard output, so that scripts can catch it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline add \"Warehouse sensors\" --value 12000
  id=$(pipeline add \"Fleet renewal\" --set account=\"Harbour & Finch\")
  pipeline add \"Old friend\" --stage proposal --on 2026-11-02")]
pub(super) struct Add {
    /// What people call the deal
    name: String,
    /// What it is worth: 12000, 10k, 1.5m
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    value: Option<String>,
    /// The stage it starts in [default: the first]
    #[arg(long)]
    stage: Option<String>,
    /// A field; may be given several times
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The day it began, if not now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    changing: Changing,
}

impl Add {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let user = Context::user(&self.changing, &folder);
        let mut fields = vec![("name".to_owned(), self.name.clone())];
        fields.extend(self.value.clone().map(|value| ("value".to_owned(), value)));
        fields.extend(assignments(&self.set)?);
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let stage = match &self.stage {
            Some(name) => stage_named(process, name)?,
            None => process
                .open_stages()
                .next()
                .map(|(stage, _)| stage)
                .ok_or_else(|| Error::failed("this process has no open stage"))?,
        };
        let id = new_id(&door)?;
        let at = match &self.on {
            Some(day) => on_day(day, &clock, process.zone)?.unwrap_or(clock.now),
            None => clock.now,
        };
        let author = Author { process, at, today: clock.today, by: &user, note: &self.note };
        let sight = Sight::new(process, door.deals().columns(), clock.today);
        let conditions = conditions(&folder, &sight, stage, &door)?;
        let events = author.create(&id, stage, &fields, &conditions)?;
        door.commit(&events.clone().into())?;
        if !context.wants_sentences() {
            return context.report_change(process, &self.changing, &events);
        }
        if self.changing.dry_run {
            return context.report_change(process, &self.changing, &events);
        }
        print(&format!("{id}\n"))
    }
}

/// An id that no deal has, nor ever had.
pub(super) fn new_id(door: &Door<'_>) -> Result<String> {
    NewIds::of(door)?.next()
}

/// Ids that no deal has, nor ever had, one after the other.
pub(super) struct NewIds {
    kind: Ids,
    last: u64,
    taken: FxHashSet<String>,
}

impl NewIds {
    /// Those of a folder.
    pub(super) fn of(door: &Door<'_>) -> Result<NewIds> {
        let mut ids = NewIds { kind: door.process().ids, last: 0, taken: FxHashSet::default() };
        door.ids()?.iter().for_each(|id| ids.pass(id));
        door.lately()?.iter().for_each(|id| ids.pass(id));
        Ok(ids)
    }

    /// Passes over an id that somebody else gives.
    pub(super) fn pass(&mut self, id: &str) {
        match self.kind {
            // A number after the last is free whatever the others are; there may be a million.
            Ids::Sequential => {
                let number = id.strip_prefix("deal-").and_then(|number| number.parse().ok());
                self.last = self.last.max(number.unwrap_or(0));
            }
            Ids::Random => {
                self.taken.insert(id.to_owned());
            }
        }
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Result<String> {
        match self.kind {
            Ids::Sequential => {
                self.last = self
                    .last
                    .checked_add(1)
                    .ok_or_else(|| Error::failed("there is no number after the last deal's"))?;
                Ok(format!("deal-{}", self.last))
            }
            Ids::Random => {
                let draw = || {
                    (0..5).map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())])).collect::<String>()
                };
                let free = std::iter::repeat_with(|| format!("deal-{}", draw()))
                    .take(DRAWS)
                    .find(|id| !self.taken.contains(id));
                let id =
                    free.ok_or_else(|| Error::failed("no random id is free").hint("use `ids: sequential`"))?;
                self.taken.insert(id.clone());
                Ok(id)
            }
        }
    }
}
