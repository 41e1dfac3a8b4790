//! `pipeline set`: fields of deals.

use clap::Args;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::moves::{NONE_FOUND, Which, assignments, ids_of};
use super::options::Changing;
use crate::change::plan::Author;
use crate::deal::event::Event;
use crate::error::{Error, Result};

/// Set fields of deals: one or many, all or none
///
/// An empty value empties the field. A stage changes with `move`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline set deal-42 value=14500 close_date=2026-12-18
  pipeline set deal-7 deal-9 owner=ana
  pipeline set --where 'owner=ben status=open' owner=ana --dry-run
  pipeline set deal-42 next_step=")]
pub(super) struct Set {
    /// The deals, and fields with their values
    #[arg(value_name = "DEAL… FIELD=VALUE…", required = true)]
    words: Vec<String>,
    /// Change the deals that these terms find
    #[arg(long = "where", value_name = "TERMS")]
    terms: Option<String>,
    /// The day it happened, if not now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    changing: Changing,
}

impl Set {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let (fields, ids): (Vec<String>, Vec<String>) =
            self.words.into_iter().partition(|word| word.contains('='));
        let fields = assignments(&fields)?;
        if fields.is_empty() {
            return Err(Error::usage("nothing to set").hint("name a field and its value, such as owner=ana"));
        }
        let which = match self.terms {
            Some(_) if !ids.is_empty() => {
                return Err(Error::usage("name deals or pick them with --where, not both"));
            }
            Some(terms) => Which::Where(terms),
            None if ids.is_empty() => {
                return Err(Error::usage("which deal?").hint("pipeline set DEAL… field=value"));
            }
            None => Which::Ids(ids),
        };
        let folder = context.folder()?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let user = Context::user(&self.changing, &folder);
        let ids = ids_of(which, &folder, &clock)?;
        if ids.is_empty() {
            context.note(NONE_FOUND);
        }
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let dating = Dating::new(self.on.as_deref(), &clock, &door)?;
        let subjects: Vec<Subject> = fields.iter().map(|(field, _)| Subject::Field(field.clone())).collect();
        let mut events: Vec<Event<'_>> = Vec::new();
        for record in &door.records(&ids)? {
            let at = dating.of(record, &subjects)?;
            let author = Author { process, at, today: clock.today, by: &user, note: "" };
            let planned = author.set(record, &fields)?;
            if planned.is_empty() {
                context.note(&format!("{} has these values already", record.id()));
            }
            events.extend(planned);
        }
        door.commit(&events.clone().into())?;
        context.report_change(process, &self.changing, &events)
    }
}
