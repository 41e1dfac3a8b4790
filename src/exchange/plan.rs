//! What deals of another system come to here: new deals, changes as events, or nothing. Pure.
//!
//! A deal is known by the id that it has there. What its history says and ours does not is added with the source's own
//! dates; what has another value there than its history ends with is an event of its last change, or of now.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::dates::Moment;
use super::incoming::{Happening, Incoming, Step};
use crate::deal::book::retain_standing;
use crate::deal::columns::holds;
use crate::deal::event::{self, Event, What};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::process::{Process, SOURCE_ID, StageIndex};

/// What becomes of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new here.
    New,
    /// Something of it changes.
    Changed,
    /// All of it is here already.
    Unchanged,
    /// It was thrown away there, and is here now too.
    Deleted,
    /// It was deleted here, and stays so.
    GoneHere,
    /// It was thrown away there before it ever came here.
    GoneThere,
}

/// What a deal of another system comes to.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The id that it has here.
    pub id: String,
    /// What becomes of it.
    pub fate: Fate,
    /// What happened to it, in the order of time.
    pub events: Vec<Event<'static>>,
    /// The cells of a new deal.
    pub arrival: Option<Vec<(String, String)>>,
    /// Cells that late entries do not change.
    pub settled: Vec<(String, String)>,
    /// What is worth knowing about it.
    pub marks: Marks,
}

/// What is worth knowing about a deal that came from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is true of a deal or not, whatever the others are")]
pub struct Marks {
    /// Its history begins after it was created, or is none.
    pub begins_late: bool,
    /// It moved on after it had ended.
    pub after_close: bool,
    /// Two of its moves have the same instant.
    pub same_instant: bool,
    /// It has another value now than its history ends with.
    pub undated: bool,
}

/// A deal that is here already.
#[derive(Clone, Debug)]
pub struct Here<'a> {
    /// What its row says.
    pub record: Record<'a>,
    /// Its rows of the history.
    pub events: Vec<Event<'a>>,
}

/// Works out what deals come to.
#[derive(Clone, Copy, Debug)]
pub struct Planner<'a> {
    /// The process of the folder.
    pub process: &'a Process,
    /// The instant of what has no date of its own.
    pub now: Instant,
    /// Who imports.
    pub by: &'a str,
}

/// The stage, or a field by its name.
type Subject = Option<String>;

/// What the history of the source comes to.
#[derive(Debug, Default)]
struct Timeline {
    events: Vec<Event<'static>>,
    /// What each subject is after the last event, and since when.
    last: BTreeMap<Subject, (String, Instant)>,
    marks: Marks,
}

impl Planner<'_> {
    /// A deal that is not here yet, under its new id.
    pub fn arrive(&self, id: &str, deal: &Incoming) -> Planned {
        let mut timeline = self.timeline(id, deal);
        let mut cells = deal.cells.clone();
        for (subject, (last, _)) in &timeline.last {
            let Some(field) = subject else { continue };
            if !cells.iter().any(|(name, _)| name == field) {
                cells.push((field.clone(), last.clone()));
            }
        }
        let mut ends = Vec::new();
        let stage = self.process.stage_id(deal.stage);
        match timeline.last.get(&None) {
            None => timeline.marks.begins_late = true,
            Some((last, since)) if last != stage => {
                ends.push(self.moved(id, deal, last, stage, *since));
            }
            Some(_) => {}
        }
        for (field, cell) in &cells {
            if let Some((last, since)) = timeline.last.get(&Some(field.clone()))
                && last != cell
            {
                ends.push(self.set(id, deal, field, (last, cell), *since));
            }
        }
        timeline.marks.undated |= !ends.is_empty();
        timeline.events.extend(ends);
        event::sort_by_instant(&mut timeline.events);
        let moves = timeline.events.iter().filter(|event| matches!(event.what, What::Stage { .. })).count();
        let since = timeline.last.get(&None).map(|(_, since)| since.to_string());
        cells.push(("stage".to_owned(), stage.to_owned()));
        cells.push((SOURCE_ID.to_owned(), deal.source_id.clone()));
        cells.extend(deal.created.map(|created| ("created".to_owned(), created.cell())));
        if moves == 0 {
            let since = since.or_else(|| deal.since.map(Moment::cell)).unwrap_or_default();
            let closed = if self.process.is_open(deal.stage) { String::new() } else { since.clone() };
            cells.push(("stage_since".to_owned(), since));
            cells.push(("closed".to_owned(), closed));
        }
        cells.retain(|(_, cell)| !cell.is_empty());
        let (events, marks) = (timeline.events, timeline.marks);
        Planned {
            id: id.to_owned(),
            fate: Fate::New,
            events,
            arrival: Some(cells),
            settled: Vec::new(),
            marks,
        }
    }

    /// A deal that is here already.
    pub fn meet(&self, here: &Here<'_>, deal: &Incoming) -> Planned {
        let id = here.record.id();
        let nothing = |fate| Planned {
            id: id.to_owned(),
            fate,
            events: Vec::new(),
            arrival: None,
            settled: Vec::new(),
            marks: Marks::default(),
        };
        let stands = self.process.lookup(here.record.get("stage"));
        if stands == Some(StageIndex::DELETED) {
            return nothing(Fate::GoneHere);
        }
        // Its cell may hold a former id of the stage.
        let standing = stands.map_or("", |stage| self.process.stage_id(stage));
        let wanted = if deal.deleted { StageIndex::DELETED_ID } else { self.process.stage_id(deal.stage) };
        // What the source does not say is no reason to forget what is known here.
        let holds_already = |field: &str, cell: &str, held: &str| {
            cell.is_empty() || cell == held || holds(self.process, field).same(cell, held)
        };
        let same = |(field, cell): &(String, String)| holds_already(field, cell, here.record.get(field));
        if deal.steps.is_empty() && wanted == standing && deal.cells.iter().all(same) {
            return nothing(Fate::Unchanged);
        }
        let mut timeline = self.timeline(id, deal);
        let (known, last_here) = self.known(here);
        let begun = here
            .events
            .iter()
            .any(|event| matches!(&event.what, What::Stage { from, .. } if from.is_empty()));
        timeline.events.retain(|event| {
            let begins = matches!(&event.what, What::Stage { from, .. } if from.is_empty());
            !(known.contains(&self.key(event)) || begins && begun)
        });
        let mut planned =
            Planned { events: timeline.events, marks: timeline.marks, ..nothing(Fate::Changed) };
        planned.marks.undated = false;
        let stage = self.end(here, deal, &mut planned, &last_here, None, standing, wanted);
        if stage && wanted == standing {
            planned.settled.extend(["stage", "stage_since", "closed"].map(|name| kept(here, name)));
        }
        for (field, cell) in &deal.cells {
            let held = here.record.get(field);
            let wanted = if holds_already(field, cell, held) { held } else { cell };
            if self.end(here, deal, &mut planned, &last_here, Some(field), held, wanted) && wanted == held {
                planned.settled.push(kept(here, field));
            }
        }
        event::sort_by_instant(&mut planned.events);
        if planned.events.is_empty() {
            return nothing(if deal.deleted { Fate::GoneThere } else { Fate::Unchanged });
        }
        if deal.deleted {
            planned.fate = Fate::Deleted;
        }
        planned
    }

    /// Adds the event by which a subject becomes what it is to be; whether it stays as it was although there are new
    /// events of it, all of them before what is known here.
    #[allow(clippy::too_many_arguments, reason = "one subject of one deal, seen from both sides")]
    fn end(
        &self,
        here: &Here<'_>,
        deal: &Incoming,
        planned: &mut Planned,
        last_here: &BTreeMap<Subject, Instant>,
        field: Option<&String>,
        held: &str,
        wanted: &str,
    ) -> bool {
        let subject: Subject = field.cloned();
        let before = last_here.get(&subject).copied();
        let added = planned.events.iter().filter(|event| subject_of(event).as_ref() == Some(&subject));
        let newest = added.max_by_key(|event| event.at);
        let (after, since) = match newest {
            Some(event) if before.is_none_or(|before| event.at >= before) => {
                (to_of(event).to_owned(), Some(event.at))
            }
            _ => (held.to_owned(), before),
        };
        if after == wanted {
            return newest.is_some() && since == before;
        }
        let id = here.record.id();
        let since = since.or_else(|| self.process.zone.parse_moment(here.record.get("created")));
        let since = since.unwrap_or(Instant::ALWAYS);
        let event = match field {
            None => self.moved(id, deal, &after, wanted, since),
            Some(field) => self.set(id, deal, field, (&after, wanted), since),
        };
        planned.events.push(event);
        false
    }

    /// The move into the stage that the deal is in, after its last known one.
    fn moved(&self, id: &str, deal: &Incoming, from: &str, to: &str, after: Instant) -> Event<'static> {
        let known = deal.since.map(|since| since.start(self.process.zone));
        let what = What::Stage { from: own(from), to: own(to), forced: false };
        Planner::event(id, self.ended([known, deal.modified], after), self.by, what)
    }

    fn set(
        &self,
        id: &str,
        deal: &Incoming,
        field: &str,
        cells: (&str, &str),
        after: Instant,
    ) -> Event<'static> {
        let what = What::Set { field: own(field), from: own(cells.0), to: own(cells.1) };
        Planner::event(id, self.ended([None, deal.modified], after), self.by, what)
    }

    /// The first of these instants that is neither before what the event follows nor to come; else now.
    fn ended(&self, dates: [Option<Instant>; 2], after: Instant) -> Instant {
        let fits = |at: &Instant| *at >= after && *at <= self.now;
        dates.into_iter().flatten().find(fits).unwrap_or(self.now.max(after))
    }

    /// An event; where the source does not say whose it was, nobody claims it.
    fn event(id: &str, at: Instant, by: &str, what: What<'static>) -> Event<'static> {
        Event { at, deal: own(id), what, by: own(by), note: Cow::Borrowed("") }
    }

    /// The events that the steps of a deal come to.
    fn timeline(&self, id: &str, deal: &Incoming) -> Timeline {
        let mut timeline = Timeline::default();
        let mut steps: Vec<&Step> = deal.steps.iter().collect();
        steps.sort_by_key(|step| step.at);
        self.moves(id, deal, &steps, &mut timeline);
        for step in steps {
            let Happening::Field { field, from, to } = &step.what else { continue };
            let subject = Some(field.clone());
            let before = timeline.last.get(&subject).map(|(cell, _)| cell.clone()).or_else(|| from.clone());
            timeline.last.insert(subject, (to.clone(), step.at));
            // A first value without one before it is what the field has always been.
            if let Some(before) = before.filter(|before| before != to) {
                let what = What::Set { field: own(field), from: own(&before), to: own(to) };
                timeline.events.push(Planner::event(id, step.at, &step.by, what));
            }
        }
        timeline
    }

    fn moves(&self, id: &str, deal: &Incoming, steps: &[&Step], timeline: &mut Timeline) {
        let zone = self.process.zone;
        let mut here: Option<StageIndex> = None;
        let mut last_open: Option<StageIndex> = None;
        let mut last_at: Option<Instant> = None;
        let stage_id = |stage: StageIndex| self.process.stage_id(stage);
        let created = |at: Instant, by: &str, to: StageIndex| {
            let what = What::Stage { from: own(""), to: own(stage_id(to)), forced: false };
            Planner::event(id, at, by, what)
        };
        for step in steps {
            let (from, to) = match &step.what {
                Happening::Field { .. } => continue,
                Happening::Stage { from, to } => (*from, *to),
                Happening::Ended { from, to } => (Some(*from), *to),
                Happening::Reopened => match last_open {
                    Some(open) => (here, open),
                    None => continue,
                },
            };
            if here.is_none() {
                let begun = deal.created;
                let begins = if let Some(from) = from {
                    here = Some(from);
                    timeline.last.insert(None, (stage_id(from).to_owned(), step.at));
                    let begun = begun.map(|begun| begun.start(zone)).filter(|begun| *begun <= step.at);
                    // Where all that is told is the end, it need not have begun in the stage before.
                    let told = !matches!(step.what, Happening::Ended { .. });
                    begun.filter(|_| told).map(|begun| created(begun, "", from))
                } else {
                    here = Some(to);
                    timeline.last.insert(None, (stage_id(to).to_owned(), step.at));
                    let first = begun.is_none_or(|begun| {
                        begun.day(zone) == zone.day_of(step.at) || begun.start(zone) >= step.at
                    });
                    first.then(|| created(step.at, &step.by, to))
                };
                timeline.marks.begins_late = begins.is_none();
                timeline.events.extend(begins);
            }
            last_open = here.filter(|here| self.process.is_open(*here)).or(last_open);
            if let Some(from) = here
                && from != to
            {
                timeline.marks.same_instant |= last_at == Some(step.at);
                timeline.marks.after_close |= !self.process.is_open(from);
                let what = What::Stage { from: own(stage_id(from)), to: own(stage_id(to)), forced: false };
                timeline.events.push(Planner::event(id, step.at, &step.by, what));
                timeline.last.insert(None, (stage_id(to).to_owned(), step.at));
                here = Some(to);
                last_open = here.filter(|here| self.process.is_open(*here)).or(last_open);
            }
            last_at = Some(step.at);
        }
    }
}

fn own(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

fn kept(here: &Here<'_>, column: &str) -> (String, String) {
    (column.to_owned(), here.record.get(column).to_owned())
}

fn subject_of(event: &Event<'_>) -> Option<Subject> {
    match &event.what {
        What::Stage { .. } => Some(None),
        What::Set { field, .. } => Some(Some(field.to_string())),
        What::Touch(_) | What::Void { .. } => None,
    }
}

fn to_of<'e>(event: &'e Event<'_>) -> &'e str {
    match &event.what {
        What::Stage { to, .. } | What::Set { to, .. } => to,
        What::Touch(_) | What::Void { .. } => "",
    }
}

/// What makes an event the same as another: when, of what, and what it is after.
type Key = (Instant, Option<Subject>, String);

impl Planner<'_> {
    /// What makes an event the same as another, whatever was before it; a stage is the same under a former id.
    fn key(&self, event: &Event<'_>) -> Key {
        let to = match &event.what {
            What::Stage { to, .. } => {
                self.process.lookup(to).map_or(&**to, |stage| self.process.stage_id(stage))
            }
            _ => to_of(event),
        };
        (event.at, subject_of(event), to.to_owned())
    }

    /// What is known here of a deal's events, those taken back among it; and when each subject last changed.
    fn known(&self, here: &Here<'_>) -> (HashSet<Key>, BTreeMap<Subject, Instant>) {
        let all = here.events.iter().map(|event| self.key(event)).collect();
        let mut standing = here.events.clone();
        retain_standing(&mut standing);
        let mut last = BTreeMap::new();
        for event in &standing {
            if let Some(subject) = subject_of(event) {
                let at = last.entry(subject).or_insert(event.at);
                *at = event.at.max(*at);
            }
        }
        (all, last)
    }
}

#[cfg(test)]
mod tests;
