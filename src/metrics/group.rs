//! What figures are split by, and how they are collected by group and over all deals.

use std::collections::BTreeMap;
use std::convert::Infallible;

use rust_decimal::Decimal;

use super::figures::{Cell, Row};
use super::question::Question;
use crate::deal::period::{Calendar, Period, Unit};
use crate::deal::time::Instant;
use crate::process::StageIndex;

/// What figures are split by (metrics §1, Filters and groups).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The value of a field at `t`: its name, and its position among the book's fields.
    Field(String, usize),
    /// The stage at `t`, in the order of the process.
    Stage,
    /// The team of the owner at `t`; the position of `owner` among the book's fields.
    Team(usize),
    /// A unit of time, of the date that decides membership.
    Time(Unit),
    /// The band that a deal's value falls in, between these bounds (metrics §3); `report size` finds them.
    Size(Vec<Decimal>),
}

impl By {
    /// The name of the group column.
    pub fn name(&self) -> &str {
        match self {
            By::Field(name, _) => name,
            By::Stage => "stage",
            By::Team(_) => "team",
            By::Time(unit) => unit.name(),
            By::Size(_) => "size",
        }
    }
}

/// A group's place in the order of groups, with its name.
pub type Key = Vec<(usize, String)>;

impl Question<'_> {
    /// The names of the group columns.
    pub fn group_columns(&self) -> Vec<String> {
        self.by.iter().map(|by| by.name().to_owned()).collect()
    }

    /// Whether the groups are by time, where a stock has no place.
    pub fn by_time(&self) -> bool {
        self.by.iter().any(|by| matches!(by, By::Time(_)))
    }

    /// The calendar that units of time are read by.
    pub fn calendar(&self) -> Calendar {
        self.process.calendar(self.period.last)
    }

    /// The group of a deal whose membership is decided at `when`; none for a stock in groups by time.
    fn key(&self, deal: usize, when: Option<Instant>) -> Option<Key> {
        self.by.iter().map(|by| self.key_part(by, deal, when)).collect()
    }

    fn key_part(&self, by: &By, deal: usize, when: Option<Instant>) -> Option<(usize, String)> {
        match by {
            By::Field(_, field) => Some(named(self.journeys.field(*field, deal))),
            By::Team(owner) => {
                Some(named(self.process.team_of(self.journeys.field(*owner, deal)).unwrap_or_default()))
            }
            By::Stage => {
                let stage = self.journeys.stays(deal).last().map_or(StageIndex::UNKNOWN, |stay| stay.stage);
                Some((stage.position(), self.process.stage_id(stage).to_owned()))
            }
            By::Size(bounds) => Some(self.band(bounds, deal)),
            By::Time(unit) => {
                let part = self.calendar().containing(*unit, self.zone().day_of(when?))?;
                Some((0, part.name))
            }
        }
    }

    /// The band of a deal's value, written as a range that terms understand; the last is of deals without a value.
    fn band(&self, bounds: &[Decimal], deal: usize) -> (usize, String) {
        let value = if self.end(deal).is_some() { self.closed_value(deal) } else { self.open_value(deal) };
        // A value without a rate has stopped the report before it came here.
        let Some(value) = value.ok().flatten() else { return (usize::MAX, String::new()) };
        let band = bounds.partition_point(|bound| *bound < value);
        let bound =
            |at: Option<&Decimal>| at.map(|amount| amount.normalize().to_string()).unwrap_or_default();
        let low = band.checked_sub(1).and_then(|at| bounds.get(at));
        (band, format!("{}..{}", bound(low), bound(bounds.get(band))))
    }

    /// The units of time that the figures are split by: each that the period touches; none where they are not.
    pub fn units(&self) -> Option<Vec<Period>> {
        self.by.iter().find_map(|by| match by {
            By::Time(unit) => Some(self.calendar().split(&self.period, *unit)),
            _ => None,
        })
    }

    /// The groups that are there although nothing may be in them: every unit of time that the period touches.
    fn standing_keys(&self) -> Vec<Key> {
        let alone = self.by.len() == 1;
        let units = self.units().filter(|_| alone).unwrap_or_default();
        units.into_iter().map(|unit| vec![(0, unit.name)]).collect()
    }
}

fn named(text: &str) -> (usize, String) {
    (usize::from(text.is_empty()), text.to_owned())
}

/// The names of a group, as the rows of a section carry them.
pub fn named_by(key: &Key) -> Vec<String> {
    key.iter().map(|(_, name)| name.clone()).collect()
}

/// Something collected over all deals, and over each group apart.
///
/// The total is collected from the deals, never from the groups (metrics §1, Filters and groups).
#[derive(Debug)]
pub struct Grouped<T> {
    total: T,
    /// Where among the groups that of a key is: a map of places is one type whatever is collected, and compiled once.
    places: BTreeMap<Key, usize>,
    groups: Vec<T>,
}

impl<T: Clone> Grouped<T> {
    /// Groups that all start with `empty`.
    pub fn new(question: &Question<'_>, empty: T) -> Grouped<T> {
        let mut grouped = Grouped { total: empty.clone(), places: BTreeMap::new(), groups: Vec::new() };
        for key in question.standing_keys() {
            grouped.group(key, &empty);
        }
        grouped
    }

    /// The group of a key, which starts with `empty`.
    fn group(&mut self, key: Key, empty: &T) -> &mut T {
        let place = *self.places.entry(key).or_insert(self.groups.len());
        if place == self.groups.len() {
            self.groups.push(empty.clone());
        }
        &mut self.groups[place]
    }

    /// Adds a deal, whose membership was decided at `when`, to the total and to its group.
    pub fn add(
        &mut self,
        question: &Question<'_>,
        deal: usize,
        when: Option<Instant>,
        empty: &T,
        add: impl Fn(&mut T),
    ) {
        add(&mut self.total);
        self.add_to_group(question, deal, when, empty, add);
    }

    /// Adds a deal to its group alone, where what is in the groups is no part of the total: a stock in a unit of time.
    pub fn add_to_group(
        &mut self,
        question: &Question<'_>,
        deal: usize,
        when: Option<Instant>,
        empty: &T,
        add: impl Fn(&mut T),
    ) {
        if !question.by.is_empty()
            && let Some(key) = question.key(deal, when)
        {
            add(self.group(key, empty));
        }
    }

    /// What was collected over all deals.
    pub fn total(&self) -> &T {
        &self.total
    }

    /// What is collected over all deals, where it is no sum of what is in the groups.
    pub fn total_mut(&mut self) -> &mut T {
        &mut self.total
    }

    /// Has a group of one field that is there although nothing may be in it.
    pub fn stand(&mut self, name: &str, empty: &T) {
        self.group(vec![named(name)], empty);
    }

    /// What follows from what was collected, for each group and over all deals.
    #[must_use]
    pub fn map<U>(self, mut follows: impl FnMut(T) -> U) -> Grouped<U> {
        let groups = self.groups.into_iter().map(&mut follows).collect();
        Grouped { total: follows(self.total), places: self.places, groups }
    }

    /// What was collected over each group in order, and then over all deals, which have no key.
    pub fn parts(&self) -> impl Iterator<Item = (Option<&Key>, &T)> {
        self.in_order().map(|(key, group)| (Some(key), group)).chain([(None, &self.total)])
    }

    /// What was collected over the group of a key, or over all deals.
    pub fn part(&self, key: Option<&Key>) -> Option<&T> {
        key.map_or(Some(&self.total), |key| self.groups.get(*self.places.get(key)?))
    }

    fn in_order(&self) -> impl Iterator<Item = (&Key, &T)> {
        self.places.iter().filter_map(|(key, place)| Some((key, self.groups.get(*place)?)))
    }

    /// The rows of a section: of each group in order, then of all deals.
    pub fn rows(&self, rows: impl Fn(&T, Part) -> Vec<Vec<Cell>>) -> Vec<Row> {
        let part = |name: &[String]| if name.is_empty() { Part::Total } else { Part::Group };
        let Ok(rows) = self.try_rows(|name, group| Ok::<_, Infallible>(rows(group, part(name))));
        rows
    }

    /// [`Grouped::rows`] that may fail, and that are told the name of their group: one text for each of what it is split
    /// by, none over all deals.
    ///
    /// Errors: the first that there is.
    pub fn try_rows<E>(
        &self,
        rows: impl Fn(&[String], &T) -> Result<Vec<Vec<Cell>>, E>,
    ) -> Result<Vec<Row>, E> {
        let mut all = Vec::new();
        for (key, group) in self.in_order() {
            let name = named_by(key);
            all.extend(rows(&name, group)?.into_iter().map(|cells| Row { group: name.clone(), cells }));
        }
        all.extend(rows(&[], &self.total)?.into_iter().map(Row::total));
        Ok(all)
    }
}

/// Whether rows are of a group or of all deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of one group.
    Group,
    /// Of all deals.
    Total,
}
