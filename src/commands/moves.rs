//! `pipeline move`, and what every command that moves deals shares.

use std::io::BufRead;

use clap::Args;

use super::context::{Clock, Context};
use super::options::Changing;
use super::terms::deals_where;
use crate::deal::event::{self, Event, What};
use crate::deal::plan::{Assignment, Author, Rules, parse_assignment};
use crate::deal::record::Record;
use crate::deal::time::{Day, Instant, Zone};
use crate::error::{Error, Result};
use crate::folder::door::Door;
use crate::folder::sheet::Sheet;
use crate::problem::nearest;
use crate::process::{Process, StageIndex};

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
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut refused: Vec<Error> = Vec::new();
    for record in &records {
        let at = dating.of(record, &[Subject::Stage])?;
        let author = Author { process, at, today: clock.today, by: &user, note: &how.note };
        match author.enter(record, stage, &fields, rules) {
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
    context.report_change(process, &how.changing, &events)
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
        let ids = || process.stages.iter().map(|stage| stage.id.as_str());
        match nearest(name, process.stages.iter().flat_map(crate::process::Stage::called)) {
            Some(near) => {
                let id = process.find(near).map_or(near, |stage| process.stage_id(stage));
                error.hint(format!("did you mean `{id}`?"))
            }
            None => error.hint(format!("stages are {}", ids().collect::<Vec<_>>().join(", "))),
        }
    })
}

/// Reads `field=value` texts.
pub(super) fn assignments(texts: &[String]) -> Result<Vec<Assignment>> {
    texts.iter().map(|text| parse_assignment(text)).collect()
}

/// The first instant of a day that is not today; `None` for today, which means now.
///
/// Errors: a day in the future.
pub(super) fn on_day(text: &str, clock: &Clock, zone: Zone) -> Result<Option<Instant>> {
    let day = clock.day(text)?;
    if day > clock.today {
        return Err(Error::usage(format!("{day} is in the future")).hint("name today or a day before it"));
    }
    Ok((day != clock.today).then(|| zone.start_of(day)))
}

/// What an event changes, for telling whether a later one stands in its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The stage.
    Stage,
    /// A field.
    Field(String),
}

/// When the events of a command are dated.
#[derive(Debug)]
pub(super) enum Dating {
    /// Now.
    Now(Instant),
    /// A day before today: its start, or just after the deal's last event of that day.
    Day { day: Day, zone: Zone, history: Sheet },
}

impl Dating {
    pub(super) fn new(on: Option<&str>, clock: &Clock, door: &Door<'_>) -> Result<Dating> {
        let zone = door.process().zone;
        let Some(text) = on else { return Ok(Dating::Now(clock.now)) };
        match on_day(text, clock, zone)? {
            None => Ok(Dating::Now(clock.now)),
            Some(start) => Ok(Dating::Day { day: zone.day_of(start), zone, history: door.history()? }),
        }
    }

    /// When the events of a deal are dated.
    ///
    /// Errors: an event of the same subject stands later, so that a change before it would not be the last.
    pub(super) fn of(&self, record: &Record<'_>, subjects: &[Subject]) -> Result<Instant> {
        let since = |zone: Zone| zone.parse_moment(record.get("stage_since"));
        match self {
            // A clock that runs behind must not put this event before the one that it follows.
            Dating::Now(now) => Ok(match Instant::parse(record.get("stage_since")) {
                Some(last) if subjects.contains(&Subject::Stage) => last.next().max(*now),
                Some(last) => last.max(*now),
                None => *now,
            }),
            Dating::Day { day, zone, history } => {
                let mut at = zone.start_of(*day);
                let end = zone.end_of(*day);
                let id = record.id();
                if subjects.contains(&Subject::Stage)
                    && let Some(entered) = since(*zone).filter(|entered| *entered >= end)
                {
                    return Err(later(id, "entered its stage", zone.day_of(entered), *day));
                }
                for event in events_of(history, id)? {
                    if event.at >= end {
                        if let Some((what, _)) =
                            subject(&event.what).filter(|(_, subject)| subjects.contains(subject))
                        {
                            return Err(later(id, &what, zone.day_of(event.at), *day));
                        }
                    } else if event.at >= at {
                        at = event.at.next();
                    }
                }
                Ok(at.min(end.previous()))
            }
        }
    }
}

fn later(id: &str, what: &str, then: Day, day: Day) -> Error {
    Error::refused(format!("{id} {what} on {then}, after {day}"))
        .hint(format!("date the change on {then} or later, or take back the later one first"))
}

fn subject(what: &What<'_>) -> Option<(String, Subject)> {
    match what {
        What::Stage { to, .. } => Some((format!("moved to {to}"), Subject::Stage)),
        What::Set { field, .. } => {
            Some((format!("had its {field} changed"), Subject::Field(field.clone().into_owned())))
        }
        What::Touch(_) | What::Void { .. } => None,
    }
}

/// The events of one deal, in the order of the file.
pub(super) fn events_of<'a>(history: &'a Sheet, id: &str) -> Result<Vec<Event<'a>>> {
    let mut events = Vec::new();
    if history.columns().is_empty() {
        return Ok(events);
    }
    let mut cells = Vec::new();
    for line in history.rows() {
        let line = line?;
        // Most rows are of other deals, and need not be split to be passed over.
        if !line.text.contains(id) {
            continue;
        }
        history.split(line, &mut cells)?;
        if cells.get(1).is_none_or(|deal| deal != id) || cells.len() != event::COLUMNS.len() {
            continue;
        }
        let row = std::array::from_fn(|column| std::mem::take(&mut cells[column]));
        events.push(Event::read(row).map_err(|bad| history.at_cell(line, bad.column, bad.message))?);
    }
    Ok(events)
}
