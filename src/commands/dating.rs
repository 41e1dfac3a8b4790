//! When the events of a command are dated: now, or on a day before; never before what they follow.

use super::context::Clock;
use crate::deal::event::What;
use crate::deal::record::Record;
use crate::deal::time::{Day, Instant, Zone};
use crate::error::{Error, Result};
use crate::folder::door::Door;
use crate::folder::history::HistoryIndex;

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
    Now { now: Instant, zone: Zone, past: Option<HistoryIndex> },
    /// A day before today: its start, or just after the deal's last event of that day.
    Day { day: Day, zone: Zone, past: HistoryIndex },
}

impl Dating {
    pub(super) fn new(on: Option<&str>, clock: &Clock, door: &Door<'_>) -> Result<Dating> {
        let zone = door.process().zone;
        let day = on.map(|text| on_day(text, clock, zone)).transpose()?.flatten();
        if let Some(start) = day {
            return Ok(Dating::Day {
                day: zone.day_of(start),
                zone,
                past: HistoryIndex::of(door.history()?)?,
            });
        }
        // Only a clock that runs behind costs the reading of the history.
        let behind = door.last_event()?.is_some_and(|last| last >= clock.now);
        let past = if behind { Some(HistoryIndex::of(door.history()?)?) } else { None };
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
                if let Some(created) = zone.parse_moment(record.get("created")) {
                    // A move before it would make a stay, and a cycle, of less than nothing.
                    if subjects.contains(&Subject::Stage) && created >= end {
                        let then = zone.day_of(created);
                        return Err(Error::refused(format!("{id} was created on {then}, after {day}")).hint(
                            format!("date the change on {then} or later, or put its `created` right first"),
                        ));
                    }
                    if (at..end).contains(&created) {
                        at = created;
                    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::event::HEADER;
    use crate::folder::sheet::Sheet;

    fn past(rows: &str) -> HistoryIndex {
        HistoryIndex::of(Sheet::parse("history.csv", format!("{HEADER}\n{rows}").into_bytes()).unwrap())
            .unwrap()
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
}
