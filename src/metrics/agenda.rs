//! `agenda`: the next steps of deals by the day they are due, and the open deals without one.

use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::deal::standing::Standing;
use crate::deal::time::Day;
use crate::process::Process;

/// When a next step is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Before today.
    Overdue,
    /// Today.
    Today,
    /// Within the days ahead that were asked for.
    Coming,
    /// Nobody said: there is a step without a day.
    Undated,
    /// Never: an open deal without a next step.
    NoNextStep,
}

impl Due {
    /// What files and JSON call it.
    pub fn key(self) -> &'static str {
        match self {
            Due::Overdue => "overdue",
            Due::Today => "today",
            Due::Coming => "coming",
            Due::Undated => "undated",
            Due::NoNextStep => "no_next_step",
        }
    }
}

/// A deal and when its next step is due.
#[derive(Clone, Debug)]
pub struct FollowUp<'r> {
    /// When.
    pub due: Due,
    /// The deal.
    pub deal: Standing<'r>,
    /// What it is grouped by, where the agenda is: the place of the group among others, and its name.
    pub group: Option<(usize, String)>,
}

/// When a deal's next step is due, seen from today and so many days ahead, or as far as there is anything.
///
/// A closed deal has something to follow up when it is due after the day it closed: what was to come before is done with.
/// None for what lies further ahead, and for a closed deal without a follow-up.
pub fn due(process: &Process, today: Day, ahead: Option<u64>, deal: &Standing<'_>) -> Option<Due> {
    let open = process.is_open(deal.stage);
    let Some(day) = deal.next_date else {
        let without = if deal.has_next_step() { Due::Undated } else { Due::NoNextStep };
        return open.then_some(without);
    };
    let after_close = || deal.closed.is_some_and(|closed| day > process.zone.day_of(closed));
    if !open && !after_close() {
        return None;
    }
    // Days are counted as a whole number, so that no number of them is too large to be added to a day.
    match (day - today).num_days() {
        ..0 => Some(Due::Overdue),
        0 => Some(Due::Today),
        days if ahead.is_none_or(|ahead| days as u64 <= ahead) => Some(Due::Coming),
        _ => None,
    }
}

/// Puts follow-ups in order: by group, by when they are due, by the day and the hour, and then as in the file.
pub fn sort(agenda: &mut [FollowUp<'_>]) {
    agenda.sort_by(|a, b| {
        // What has no group comes last.
        let group =
            |one: &FollowUp<'_>| one.group.clone().map(|(place, name)| (place, name.is_empty(), name));
        let when = |one: &FollowUp<'_>| (one.due, one.deal.next_date, one.deal.next_at);
        group(a).cmp(&group(b)).then_with(|| when(a).cmp(&when(b)))
    });
}

/// Who wants to look at an agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// People, who want to know what to do.
    People,
    /// Programs, which want all that belongs to it.
    Programs,
}

/// The agenda as a table, grouped by the field `by` where there is one.
pub fn figures(process: &Process, agenda: &[FollowUp<'_>], by: Option<&str>, reader: For) -> Figures {
    let columns: &[&'static str] = match reader {
        For::People => &["due", "next_date", "id", "name", "owner", "next_step"],
        For::Programs => {
            &["due", "next_date", "id", "name", "account", "contact", "owner", "stage", "next_step"]
        }
    };
    let columns: Vec<&'static str> = columns.iter().copied().filter(|name| Some(*name) != by).collect();
    let row = |one: &FollowUp<'_>| {
        let cells = columns.iter().map(|name| cell(process, one, name)).collect();
        Row { group: one.group.iter().map(|(_, name)| name.clone()).collect(), cells }
    };
    let kind = |name| if name == "next_date" { Kind::Date } else { Kind::Text };
    let section = Section {
        key: "agenda",
        shape: Shape::List,
        by: by.map(str::to_owned).into_iter().collect(),
        columns: columns.iter().map(|name| Column::new(*name, kind(*name))).collect(),
        rows: agenda.iter().map(row).collect(),
    };
    Figures::of("agenda", [section])
}

fn cell(process: &Process, one: &FollowUp<'_>, name: &str) -> Cell {
    let deal = &one.deal;
    match name {
        "due" => Cell::Key(one.due.key()),
        "next_date" => match (deal.next_at, deal.next_date) {
            (Some(at), _) => Cell::Moment { at, day: process.zone.day_of(at) },
            (None, Some(day)) => Cell::Date(day),
            (None, None) => Cell::Empty,
        },
        "stage" => Cell::Stage(process.stage_id(deal.stage).to_owned()),
        column => Cell::text(deal.text(column)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::past::Past;
    use crate::deal::record::Record;
    use crate::deal::time::parse_day;
    use crate::process;

    const PROCESS: &str = "\
timezone: Europe/Berlin
stages:
  - {id: needs}
  - {id: won, outcome: won}
";

    /// When the next step of `id | stage | closed | next_step | next_date` is due, seven days ahead of 15 July.
    fn seen(stage: &str, closed: &str, step: &str, date: &str, ahead: Option<u64>) -> Option<Due> {
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let columns = ["id", "stage", "closed", "next_step", "next_date"].map(str::to_owned);
        let record = Record::new(&columns, ["d1", stage, closed, step, date].map(Into::into).into());
        let stage = process.lookup(stage).unwrap();
        let deal = Standing::of(&process, &record, stage, Past::default());
        due(&process, parse_day("2026-07-15").unwrap(), ahead, &deal)
    }

    #[test]
    fn a_step_is_late_today_or_to_come() {
        let open = |step, date| seen("needs", "", step, date, Some(7));
        assert_eq!(open("Call", "2026-07-14"), Some(Due::Overdue));
        assert_eq!(open("Call", "2026-07-15"), Some(Due::Today));
        // Half past midnight on the 16th in Berlin.
        assert_eq!(open("Call", "2026-07-15T22:30:00Z"), Some(Due::Coming));
        assert_eq!(open("Call", "2026-07-22"), Some(Due::Coming));
        assert_eq!(open("Call", "2026-07-23"), None);
        assert_eq!(open("", "2026-07-15"), Some(Due::Today));
        assert_eq!(open("Call", ""), Some(Due::Undated));
        assert_eq!(open("", ""), Some(Due::NoNextStep));
        assert_eq!(seen("needs", "", "Call", "9999-12-31", Some(u64::MAX)), Some(Due::Coming));
        assert_eq!(seen("needs", "", "Call", "9999-12-31", None), Some(Due::Coming));
        assert_eq!(seen("needs", "", "Call", "2026-07-16", Some(0)), None);
    }

    #[test]
    fn a_closed_deal_is_followed_up_after_the_day_it_closed() {
        let closed = |closed, date| seen("won", closed, "Ask how it works", date, Some(7));
        assert_eq!(closed("2026-07-10", "2026-07-14"), Some(Due::Overdue));
        assert_eq!(closed("2026-07-14T10:00:00Z", "2026-07-14"), None);
        assert_eq!(closed("", "2026-07-16"), None);
        assert_eq!(closed("2026-07-10", ""), None);
    }
}
