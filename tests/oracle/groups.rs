//! `--by`: the deals of a report split by a field, by team, by stage or by a unit of time (§1 Filters and groups;
//! "Groups by time").

use chrono::Days;

use crate::files::{Deal, Folder};
use crate::journey::{field_at, outcome, stage_at};
use crate::time::{Cut, Instant, Period, Unit, day_of};
use crate::view::View;

/// The deals that a row of figures is about. In a group by time, `unit` bounds the date that decides membership.
pub(crate) struct Group<'a> {
    pub(crate) name: String,
    pub(crate) deals: Vec<&'a Deal>,
    pub(crate) unit: Option<Period>,
}

impl<'a> Group<'a> {
    pub(crate) fn of_all(view: &View<'a>) -> Group<'a> {
        Group { name: String::new(), deals: view.deals.clone(), unit: None }
    }

    /// Whether what happened at an instant counts here: within the period, and within the group's unit.
    pub(crate) fn holds(&self, view: &View, instant: Instant) -> bool {
        let day = day_of(view.folder.zone, instant);
        view.in_period(instant) && self.unit.is_none_or(|unit| unit.first <= day && day <= unit.last)
    }
}

/// What a deal says under a name at `t`: a field, or `team`, `stage`, `status`.
pub(crate) fn field_of(folder: &Folder, deal: &Deal, name: &str, t: Cut) -> String {
    match name {
        "stage" => stage_at(folder, deal, t, t).unwrap_or_else(|| "unknown".to_owned()),
        "status" => outcome(folder, deal, t).unwrap_or_else(|| "open".to_owned()),
        "team" => {
            let owner = field_at(deal, "owner", t);
            let team = folder.teams.iter().find(|(_, members)| members.contains(&owner));
            team.map_or(String::new(), |(name, _)| name.clone())
        }
        field => field_at(deal, field, t),
    }
}

/// The groups in their order.
pub(crate) fn groups<'a>(view: &View<'a>, by: &str) -> Vec<Group<'a>> {
    if let Some(unit) = Unit::from_name(by) {
        return units(view, unit);
    }
    let name_of: Vec<String> =
        view.deals.iter().map(|deal| field_of(view.folder, deal, by, view.t)).collect();
    let mut names = name_of.clone();
    names.sort();
    names.dedup();
    if by == "stage" {
        let place = |name: &String| view.folder.stages.iter().position(|stage| stage.id == *name);
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    } else if names.first().is_some_and(String::is_empty) {
        names.rotate_left(1);
    }
    let mut groups = Vec::new();
    for name in names {
        let here = |place: &usize| name_of[*place] == name;
        let deals = (0..view.deals.len()).filter(here).map(|place| view.deals[place]).collect();
        groups.push(Group { name, deals, unit: None });
    }
    groups
}

/// Every unit that the period touches, also an empty one.
fn units<'a>(view: &View<'a>, unit: Unit) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    let mut day = view.period.first;
    while day <= view.period.last {
        let bounds = unit.around(day);
        groups.push(Group { name: unit.name(day), deals: view.deals.clone(), unit: Some(bounds) });
        day = bounds.last + Days::new(1);
    }
    groups
}
