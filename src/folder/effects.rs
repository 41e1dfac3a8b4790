//! What the events of a change do to the cells of their deals.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::change::Change;
use crate::deal::event::{Event, MERGED_INTO, What};
use crate::process::Process;

/// What the events of a deal do to its row.
#[derive(Debug, Default)]
pub(super) struct Effect<'a> {
    pub(super) is_new: bool,
    pub(super) cells: BTreeMap<&'a str, Cow<'a, str>>,
}

/// The effects on each deal, in the order in which the deals are first named.
#[derive(Debug, Default)]
pub(super) struct Effects<'a> {
    pub(super) deals: Vec<(&'a str, Effect<'a>)>,
    /// The fields that are set. What follows from moves is not: it is written where there is a column for it.
    pub(super) set: BTreeSet<&'a str>,
    places: FxHashMap<&'a str, usize>,
}

impl<'a> Effects<'a> {
    fn of(&mut self, deal: &'a str) -> &mut Effect<'a> {
        let place = *self.places.entry(deal).or_insert(self.deals.len());
        if place == self.deals.len() {
            self.deals.push((deal, Effect::default()));
        }
        &mut self.deals[place].1
    }

    /// Puts cells into deals as they are given: the id, and columns with their cells.
    fn put(&mut self, all: &'a [(String, Vec<(String, String)>)]) {
        for (id, cells) in all {
            let cells = cells.iter().map(|(column, cell)| (column.as_str(), Cow::Borrowed(cell.as_str())));
            self.of(id).cells.extend(cells);
        }
    }

    pub(super) fn get(&self, deal: &str) -> Option<&Effect<'a>> {
        self.places.get(deal).map(|place| &self.deals[*place].1)
    }
}

/// The cells that events leave behind, those that follow from a move among them (design §2, deals.csv).
pub(super) fn effects<'a>(process: &Process, change: &'a Change<'_>) -> Effects<'a> {
    let mut effects = Effects::default();
    effects.put(&change.mended);
    for event in &change.events {
        let effect = effects.of(&event.deal);
        match &event.what {
            What::Stage { from, to, .. } => {
                let at = event.at.to_string();
                if from.is_empty() {
                    effect.is_new = true;
                    effect.cells.insert("created", Cow::Owned(at.clone()));
                }
                let ended = process.lookup(to).is_some_and(|stage| !process.is_open(stage));
                effect.cells.insert("stage", Cow::Borrowed(to));
                effect.cells.insert("closed", Cow::Owned(if ended { at.clone() } else { String::new() }));
                effect.cells.insert("stage_since", Cow::Owned(at));
            }
            // A merge is told by history alone.
            What::Set { field, .. } if field == MERGED_INTO => {}
            What::Set { field, to, .. } => {
                effect.cells.insert(field, Cow::Borrowed(to));
                effects.set.insert(field);
            }
            What::Touch(_) | What::Void { .. } => {}
        }
    }
    effects.put(&change.settled);
    effects
}

/// The cells that the events of one deal leave behind, in the order in which they happened.
pub(super) fn left_by(process: &Process, events: Vec<Event<'_>>) -> BTreeMap<String, String> {
    let change = Change::from(events);
    let cells = effects(process, &change).deals.into_iter().flat_map(|(_, effect)| effect.cells);
    cells.map(|(column, cell)| (column.to_owned(), cell.into_owned())).collect()
}
