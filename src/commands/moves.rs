//! `pipeline move`, and what every command that moves deals shares.

use std::borrow::Cow;
use std::io::BufRead;
use std::ops::Range;

use clap::Args;
use rustc_hash::FxHashMap;

use super::context::{Clock, Context};
use super::options::Changing;
use super::terms::{deals_where, misstated, pasts};
use crate::deal::event::{Event, What};
use crate::deal::plan::{Assignment, Author, Rules, parse_assignment};
use crate::deal::record::Record;
use crate::deal::time::{Day, Instant, Zone};
use crate::error::{Error, Result};
use crate::folder::door::Door;
use crate::folder::load::{self, Unsound};
use crate::folder::sheet::{Line, Sheet, cells};
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
    context.report_change(process, &how.changing, &events)
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
    /// Now; with the past where history knows later events than the clock does.
    Now { now: Instant, zone: Zone, past: Option<Past> },
    /// A day before today: its start, or just after the deal's last event of that day.
    Day { day: Day, zone: Zone, past: Past },
}

impl Dating {
    pub(super) fn new(on: Option<&str>, clock: &Clock, door: &Door<'_>) -> Result<Dating> {
        let zone = door.process().zone;
        let day = on.map(|text| on_day(text, clock, zone)).transpose()?.flatten();
        if let Some(start) = day {
            return Ok(Dating::Day { day: zone.day_of(start), zone, past: Past::of(door.history()?)? });
        }
        // Only a clock that runs behind costs the reading of the history.
        let behind = door.last_event()?.is_some_and(|last| last >= clock.now);
        let past = if behind { Some(Past::of(door.history()?)?) } else { None };
        Ok(Dating::Now { now: clock.now, zone, past })
    }

    /// When the events of a deal are dated.
    ///
    /// Errors: an event of the same subject stands later, so that a change before it would not be the last.
    pub(super) fn of(&self, record: &Record<'_>, subjects: &[Subject]) -> Result<Instant> {
        let since = |zone: Zone| zone.parse_moment(record.get("stage_since"));
        match self {
            // A clock that runs behind must not put this event before the one that it follows.
            Dating::Now { now, zone, past } => {
                let entered = Instant::parse(record.get("stage_since"));
                let since = since(*zone).filter(|since| *since > later_by_a_day(*now));
                if let Some(since) = since {
                    let (id, day) = (record.id(), zone.day_of(since));
                    let message = format!("{id} entered its stage on {day}, which is in the future");
                    return Err(Error::failed(message)
                        .hint("put its stage_since right in deals.csv, or the clock; nothing was changed"));
                }
                let mut last = entered.filter(|_| subjects.contains(&Subject::Stage));
                let events = past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(record.id()));
                for event in events? {
                    if subject(&event.what).is_some_and(|(_, subject)| subjects.contains(&subject)) {
                        last = last.max(Some(event.at));
                    }
                }
                let at = last.filter(|last| last >= now).map_or(*now, Instant::next);
                // What is set or logged in a stage comes after its entry.
                Ok(entered.map_or(at, |entered| at.max(entered)))
            }
            Dating::Day { day, zone, past } => {
                let mut at = zone.start_of(*day);
                let end = zone.end_of(*day);
                let id = record.id();
                if subjects.contains(&Subject::Stage)
                    && let Some(entered) = since(*zone).filter(|entered| *entered >= end)
                {
                    return Err(later(id, "entered its stage", zone.day_of(entered), *day));
                }
                for event in past.events_of(id)? {
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

/// A history and where in it each deal's rows are: many deals may be changed at once.
#[derive(Debug)]
pub(super) struct Past {
    history: Sheet,
    rows: FxHashMap<String, Vec<Range<usize>>>,
}

impl Past {
    fn of(history: Sheet) -> Result<Past> {
        let mut rows: FxHashMap<String, Vec<Range<usize>>> = FxHashMap::default();
        for line in history.rows() {
            let line = line?;
            let Some(Ok(deal)) = cells(line.text).nth(1) else { continue };
            let span = line.start..line.start + line.text.len();
            match rows.get_mut(&*deal.value()) {
                Some(spans) => spans.push(span),
                None => {
                    rows.insert(deal.value().into_owned(), vec![span]);
                }
            }
        }
        Ok(Past { history, rows })
    }

    /// The events of one deal, in the order of the file.
    fn events_of(&self, id: &str) -> Result<Vec<Event<'_>>> {
        let mut split = Vec::new();
        let spans = self.rows.get(id).into_iter().flatten();
        let event = |span: &Range<usize>| {
            let line = Line { start: span.start, text: &self.history.text()[span.clone()] };
            event_of(&self.history, line, &mut split)
        };
        spans.map(event).collect()
    }
}

/// How far a clock may run behind before what it dates makes no sense.
fn later_by_a_day(now: Instant) -> Instant {
    Instant::from_millis(now.millis() + 86_400_000).unwrap_or(now)
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
    Ok(rows_of(history, id)?.into_iter().map(|(event, _)| event).collect())
}

/// The events of one deal and the rows that tell them, in the order of the file.
pub(super) fn rows_of<'a>(history: &'a Sheet, id: &str) -> Result<Vec<(Event<'a>, &'a str)>> {
    let mut events = Vec::new();
    if history.columns().is_empty() {
        return Ok(events);
    }
    let mut split = Vec::new();
    for line in history.rows() {
        let line = line?;
        // Most rows are of other deals, and need not be split to be passed over.
        if matches!(cells(line.text).nth(1), Some(Ok(deal)) if deal.value() == id) {
            events.push((event_of(history, line, &mut split)?, line.text));
        }
    }
    Ok(events)
}

/// The event that a row tells.
fn event_of<'a>(history: &Sheet, line: Line<'a>, split: &mut Vec<Cow<'a, str>>) -> Result<Event<'a>> {
    load::history_header(history)?;
    history.split(line, split)?;
    let row = std::array::from_fn(|column| std::mem::take(&mut split[column]));
    Ok(Event::read(row).map_err(|bad| history.at_cell(line, bad.column, bad.message))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::event::HEADER;

    fn past(rows: &str) -> Past {
        Past::of(Sheet::parse("history.csv", format!("{HEADER}\n{rows}").into_bytes()).unwrap()).unwrap()
    }

    fn record<'a>(columns: &'a [String], since: &'a str) -> Record<'a> {
        Record::new(columns, vec!["d1".into(), since.into()])
    }

    #[test]
    fn a_clock_that_runs_behind_puts_nothing_before_what_it_follows() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let now = at("2026-05-18T02:00:00Z");
        let past =
            past("2026-05-20T12:00:00Z,d1,set,owner,,ana,u,\n2026-05-21T12:00:00Z,d2,set,owner,,ben,u,\n");
        let zone = Zone::default();
        let dating = Dating::Now { now, zone, past: Some(past) };
        let columns = ["id".to_owned(), "stage_since".to_owned()];
        let record = record(&columns, "2026-05-18T12:00:00Z");
        let of = |subjects: &[Subject]| dating.of(&record, subjects).unwrap().to_string();
        assert_eq!(of(&[Subject::Field("owner".to_owned())]), "2026-05-20T12:00:00.001Z");
        assert_eq!(of(&[Subject::Stage]), "2026-05-18T12:00:00.001Z");
        // Nothing later of its own, but it is told of in the stage that the deal entered before.
        assert_eq!(of(&[Subject::Field("value".to_owned())]), "2026-05-18T12:00:00.000Z");
        // More than a day is no clock that runs a little behind.
        let early = Dating::Now { now: at("2026-05-17T11:00:00Z"), zone, past: None };
        let refused = early.of(&record, &[Subject::Stage]).unwrap_err();
        assert_eq!((refused.exit_code(), refused.hints().len()), (1, 1));
    }

    #[test]
    fn the_past_of_a_deal_is_found_however_its_id_is_quoted() {
        let past = past("2026-05-20T12:00:00Z,\"q\"\"q\",note,,,,u,hello\n");
        assert_eq!(past.events_of("q\"q").unwrap().len(), 1);
        assert_eq!(past.events_of("q").unwrap().len(), 0);
        assert_eq!(events_of(&past.history, "q\"q").unwrap().len(), 1);
    }
}
