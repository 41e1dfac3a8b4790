//! `--by`: the deals of a report split by fields, by team, by stage, by size or by a unit of time (§1 Filters and groups;
//! "Groups by time"; "Bands of size").

use chrono::Days;
use rust_decimal::Decimal;

use crate::cohorts::{closed_as, value_of};
use crate::files::{Deal, Folder};
use crate::journey::{field_at, outcome, stage_at};
use crate::statistics::quantile_of_money;
use crate::time::{Cut, Instant, Period, Unit, day_of};
use crate::view::View;

/// The deals that a row of figures is about. In a group by time, `unit` bounds the date that decides membership.
#[derive(Clone)]
pub(crate) struct Group<'a> {
    /// What it is called, a name for each field of `--by`.
    pub(crate) names: Vec<String>,
    pub(crate) deals: Vec<&'a Deal>,
    pub(crate) unit: Option<Period>,
}

impl<'a> Group<'a> {
    pub(crate) fn of_all(view: &View<'a>) -> Group<'a> {
        Group { names: Vec::new(), deals: view.deals.clone(), unit: None }
    }

    /// Whether what happened at an instant counts here: within the period, and within the group's unit.
    pub(crate) fn holds(&self, view: &View, instant: Instant) -> bool {
        let in_unit = |unit: Period| {
            let day = day_of(view.folder.zone, instant);
            unit.first <= day && day <= unit.last
        };
        view.in_period(instant) && self.unit.is_none_or(in_unit)
    }

    /// This group with one more name, and only those of its deals that are picked.
    fn narrowed(&self, name: &str, picked: impl Fn(&Deal) -> bool) -> Group<'a> {
        Group {
            names: [self.names.clone(), vec![name.to_owned()]].concat(),
            deals: self.deals.iter().copied().filter(|deal| picked(deal)).collect(),
            unit: self.unit,
        }
    }
}

/// The team of an owner: the first that has them.
pub(crate) fn team_of(folder: &Folder, owner: &str) -> String {
    let team = folder.teams.iter().find(|(_, members)| members.iter().any(|member| member == owner));
    team.map_or(String::new(), |(name, _)| name.clone())
}

/// What a deal says under a name at `t`: a field, or `team`, `stage`, `status`.
pub(crate) fn field_of(folder: &Folder, deal: &Deal, name: &str, t: Cut) -> String {
    match name {
        "stage" => stage_at(folder, deal, t, t).unwrap_or_else(|| "unknown".to_owned()),
        "status" => outcome(folder, deal, t).unwrap_or_else(|| "open".to_owned()),
        "team" => team_of(folder, &field_at(deal, "owner", t)),
        field => field_at(deal, field, t),
    }
}

/// The groups in their order; none where nothing is split.
pub(crate) fn groups<'a>(view: &View<'a>, by: &[String]) -> Vec<Group<'a>> {
    if by.is_empty() {
        return Vec::new();
    }
    let mut groups = vec![Group::of_all(view)];
    for field in by {
        groups = groups.iter().flat_map(|group| split(view, group, field)).collect();
    }
    groups
}

fn split<'a>(view: &View<'a>, group: &Group<'a>, by: &str) -> Vec<Group<'a>> {
    if let Some(unit) = Unit::from_name(by) {
        return units(view, group, unit);
    }
    if by == "size" {
        return bands(view, group);
    }
    let name_of = |deal: &Deal| field_of(view.folder, deal, by, view.t);
    let mut names: Vec<String> = group.deals.iter().map(|deal| name_of(deal)).collect();
    names.sort();
    names.dedup();
    if by == "stage" {
        let place = |name: &String| view.folder.stages.iter().position(|stage| stage.id == *name);
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    } else if names.first().is_some_and(String::is_empty) {
        names.rotate_left(1);
    }
    names.iter().map(|name| group.narrowed(name, |deal| name_of(deal) == *name)).collect()
}

/// Every unit that the period touches, also an empty one.
fn units<'a>(view: &View<'a>, group: &Group<'a>, unit: Unit) -> Vec<Group<'a>> {
    let year_starts = view.folder.year_starts;
    let mut groups = Vec::new();
    let mut day = view.period.first;
    while day <= view.period.last {
        let bounds = unit.around(day, year_starts);
        let mut in_unit = group.narrowed(&unit.name(day, year_starts), |_| true);
        in_unit.unit = Some(bounds);
        groups.push(in_unit);
        day = bounds.last + Days::new(1);
    }
    groups
}

/// §3 bands: the fifths of the values of all won deals of the report; an upper bound belongs to the band below it. Deals
/// without a value come last. A band is named by its place here, `1` to `5`.
fn bands<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<Group<'a>> {
    let won = closed_as(view, &Group::of_all(view), "won");
    let values: Vec<Decimal> = won.iter().filter_map(|deal| value_of(view, deal)).collect();
    let bounds: Vec<Decimal> =
        ["0.2", "0.4", "0.6", "0.8"].iter().filter_map(|q| quantile_of_money(&values, q)).collect();
    if bounds.is_empty() {
        return Vec::new();
    }
    let band_of = |deal: &Deal| -> Option<usize> {
        let value = value_of(view, deal)?;
        Some(bounds.iter().filter(|bound| value > **bound).count())
    };
    let mut groups: Vec<Group> = (0..5)
        .map(|band| group.narrowed(&(band + 1).to_string(), |deal| band_of(deal) == Some(band)))
        .collect();
    groups.push(group.narrowed("", |deal| band_of(deal).is_none()));
    groups
}
