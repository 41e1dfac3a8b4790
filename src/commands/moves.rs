//! `pipeline move`, and what every command that moves deals shares.

use std::io::BufRead;

use clap::Args;

use super::context::{Clock, Context};
use super::dating::{Dating, Subject};
use super::options::Changing;
use super::stages::guide;
use super::terms::{deals_where, misstated, pasts};
use crate::change::plan::{Assignment, Author, Rules, parse_assignment};
use crate::deal::event::Event;
use crate::error::{Error, Result};
use crate::folder::door::Door;
use crate::folder::load::Unsound;
use crate::problem::nearest;
use crate::process::{Process, StageIndex};
use crate::query::Conditions;
use crate::query::sight::Sight;

/// Move deals to a stage: one or many, all or none
///
/// A stage is named by its id, or by its name in any of the process's languages. A deal that is there already stays as
/// it is. `-` reads ids from standard input; --where picks deals by terms.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline move deal-42 negotiation
  pipeline move deal-7 deal-9 proposal --on 2026-11-02 --note \"sent by post\"
  pipeline move --where 'owner=ana stage=contact' needs --dry-run
  pipeline list owner=ben -f jsonl | jq -r .id | pipeline move - needs")]
pub(super) struct Move {
    /// The deals, and last the stage
    #[arg(value_name = "DEAL… STAGE", required = true, num_args = 1..)]
    targets: Vec<String>,
    /// Move the deals that these terms find
    #[arg(long = "where", value_name = "TERMS")]
    terms: Option<String>,
    #[command(flatten)]
    how: How,
}

/// Options of every command that moves deals.
#[derive(Clone, Debug, Args)]
pub(super) struct How {
    /// The day it happened, if not now
    #[arg(long, value_name = "DAY")]
    pub(super) on: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) note: String,
    /// A field to set on the way; may be given several times
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(super) set: Vec<String>,
    /// Override the rules of the process; needs --note
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) changing: Changing,
}

/// Which deals a command is about.
#[derive(Clone, Debug)]
pub(super) enum Which {
    /// These.
    Ids(Vec<String>),
    /// Those that the terms find.
    Where(String),
}

impl Move {
    pub(super) fn run(mut self, context: &Context) -> Result<()> {
        let stage = self.targets.pop().unwrap_or_default();
        let which = match self.terms {
            Some(_) if !self.targets.is_empty() => {
                return Err(Error::usage("name deals or pick them with --where, not both"));
            }
            Some(terms) => Which::Where(terms),
            None if self.targets.is_empty() => {
                return Err(Error::usage(format!("which deal should move to {stage}?"))
                    .hint("pipeline move DEAL… STAGE, such as `pipeline move deal-42 negotiation`"));
            }
            None => Which::Ids(self.targets),
        };
        let folder = context.folder()?;
        let stage = stage_named(folder.process(), &stage)?;
        enter(context, &folder, which, stage, &self.how, Vec::new())
    }
}

/// Moves deals into a stage, all or none, and says so.
pub(super) fn enter(
    context: &Context,
    folder: &crate::folder::Folder,
    which: Which,
    stage: StageIndex,
    how: &How,
    mut fields: Vec<Assignment>,
) -> Result<()> {
    let process = folder.process();
    let clock = context.clock(process.zone)?;
    let user = Context::user(&how.changing, folder);
    if how.force && how.note.is_empty() {
        return Err(Error::usage("--force needs a --note that says why"));
    }
    fields.extend(assignments(&how.set)?);
    let rules = if how.force { Rules::Forced } else { Rules::Hold };
    let ids = ids_of(which, folder, &clock)?;
    if ids.is_empty() {
        context.note(NONE_FOUND);
    }
    let door = context.door(folder, &how.changing)?;
    let clock = context.clock(process.zone)?;
    let dating = Dating::new(how.on.as_deref(), &clock, &door)?;
    let records = door.records(&ids)?;
    let sight = Sight::new(process, door.deals().columns(), clock.today);
    let conditions = conditions(folder, &sight, stage, &door)?;
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut refused: Vec<Error> = Vec::new();
    // What is set on the way must not fall before what was set later either.
    let fields_set = fields.iter().map(|(field, _)| Subject::Field(field.clone()));
    let subjects: Vec<Subject> = std::iter::once(Subject::Stage).chain(fields_set).collect();
    let on_enter = process.stage(stage).map_or(&[][..], |stage| &stage.on_enter);
    for record in &records {
        let mut subjects = subjects.clone();
        let filled = on_enter.iter().filter(|(field, _)| record.get(field).is_empty());
        subjects.extend(filled.map(|(field, _)| Subject::Field(field.clone())));
        let at = dating.of(record, &subjects)?;
        let author = Author { process, at, today: clock.today, by: &user, note: &how.note };
        match author.enter(record, stage, &fields, rules, &conditions) {
            Ok(planned) if planned.is_empty() => {
                context.note(&format!("{} is in {} already", record.id(), process.stage_id(stage)));
            }
            Ok(planned) => events.extend(planned),
            Err(error @ Error::Refused { .. }) => refused.push(error),
            Err(error) => return Err(error),
        }
    }
    if !refused.is_empty() {
        return Err(all_refused(refused, records.len()));
    }
    door.commit(&events.clone().into())?;
    context.report_change(process, &how.changing, &events)?;
    match process.stage(stage) {
        Some(stage) if !events.is_empty() && !how.changing.dry_run => guide(context, process, stage),
        _ => Ok(()),
    }
}

/// What the gates up to a stage ask of the deals behind a door; history is read only where they ask for it.
///
/// Errors: terms of pipeline.yaml that are not understood.
pub(super) fn conditions<'s>(
    folder: &crate::folder::Folder,
    sight: &'s Sight<'s>,
    stage: StageIndex,
    door: &Door<'_>,
) -> Result<Conditions<'s>> {
    let conditions = sight.conditions(stage).map_err(|wrong| misstated(folder, wrong))?;
    if !conditions.needs_past() {
        return Ok(conditions);
    }
    let history = door.history()?;
    let pasts = pasts(folder.process(), door.deals(), &history, Unsound::Refuse)?;
    Ok(conditions.with(pasts))
}

/// One refusal as it is; several in one message, since none of the deals moved.
fn all_refused(refused: Vec<Error>, deals: usize) -> Error {
    let mut refused = refused;
    if deals == 1
        && let Some(only) = refused.pop()
    {
        return only;
    }
    let missing = refused.iter().map(|error| format!("{error}: {}", error.hints().join("; ")));
    let missing = missing.collect();
    Error::Refused {
        message: format!("none of {} was changed", crate::grammar::count(deals as u64, "deal")),
        missing,
    }
}

/// What is said where terms or standard input name no deal, which is no error: a script may ask every day.
pub(super) const NONE_FOUND: &str = "no deal was found, so nothing was changed";

/// The ids that a command is about; `-` stands for those on standard input, a line each.
pub(super) fn ids_of(which: Which, folder: &crate::folder::Folder, clock: &Clock) -> Result<Vec<String>> {
    let named = match which {
        Which::Where(terms) => return deals_where(folder, &terms, clock),
        Which::Ids(ids) => ids,
    };
    let mut ids: Vec<String> = Vec::new();
    for id in named {
        if id != "-" {
            ids.push(id);
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line =
                line.map_err(|error| Error::io("read", std::path::Path::new("standard input"), error))?;
            ids.extend(Some(line.trim().to_owned()).filter(|id| !id.is_empty()));
        }
    }
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids)
}

/// The stage that a person named.
pub(super) fn stage_named(process: &Process, name: &str) -> Result<StageIndex> {
    process.find(name).ok_or_else(|| {
        let error = Error::not_found(format!("there is no stage `{name}`"));
        let ids: Vec<&str> = process.stages.iter().map(|stage| stage.id.as_str()).collect();
        let near = nearest(name, process.stages.iter().flat_map(crate::process::Stage::called));
        let near = near.map(|near| process.find(near).map_or(near, |stage| process.stage_id(stage)));
        error.suggest(near, format!("stages are {}", ids.join(", ")))
    })
}

/// Reads `field=value` texts.
pub(super) fn assignments(texts: &[String]) -> Result<Vec<Assignment>> {
    texts.iter().map(|text| parse_assignment(text)).collect()
}
