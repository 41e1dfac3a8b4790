//! The deals that the terms of a report pick: by what they were at its as-of instant.

use crate::deal::book::Book;
use crate::deal::journey::Journeys;
use crate::deal::past::Past;
use crate::deal::time::Instant;
use crate::process::{StageIndex, Whose};
use crate::query::sight::{Deal, Sight};
use crate::query::{Query, Value};

/// Terms, and what they are asked of: the deals as they were at the as-of instant of journeys.
pub(super) struct AsOf<'a> {
    pub(super) book: &'a Book,
    pub(super) sight: &'a Sight<'a>,
    pub(super) query: &'a Query,
}

impl AsOf<'_> {
    /// The positions among the journeys of the deals that the terms find, by their fields at `t`.
    pub(super) fn picked(&self, journeys: &Journeys<'_>) -> Vec<usize> {
        if self.query.is_everything() {
            return (0..journeys.len()).collect();
        }
        let fields = self.sight.dictionary().fields.iter();
        let places = fields
            .map(|field| match field.name.as_str() {
                "stage" => Place::Stage,
                "stage_since" => Place::Since,
                "closed" => Place::Closed,
                name => {
                    let place = self.book.fields().iter().position(|field| field == name);
                    place.map_or(Place::Nowhere, Place::Field)
                }
            })
            .collect::<Vec<_>>();
        let then = Then { as_of: self, journeys, places: &places, deal: 0 };
        let finds = |deal: &usize| self.query.matches(&self.sight.of(&Then { deal: *deal, ..then }));
        (0..journeys.len()).filter(finds).collect()
    }

    /// Whose deals the terms pick, as far as a target can be for them: terms that ask for nothing but owner and team pick
    /// all the deals of some owners.
    pub(super) fn whose(&self) -> Whose {
        if self.query.is_everything() {
            return Whose::Everyone;
        }
        let fields = &self.sight.dictionary().fields;
        let name = |field: usize| fields.get(field).map_or("", |field| field.name.as_str());
        if !self.query.fields().into_iter().all(|field| ["owner", "team"].contains(&name(field))) {
            return Whose::Picked;
        }
        let place = fields.iter().position(|field| field.name == "owner");
        let finds = |owner: &&str| self.query.matches(&self.sight.of(&AnyOf { owner, place }));
        Whose::Owners(self.sight.process().owners().into_iter().filter(finds).map(str::to_owned).collect())
    }
}

/// Any deal of an owner, as far as terms on owners see it.
struct AnyOf<'a> {
    owner: &'a str,
    /// The column of owners among the fields of the dictionary, where there is one.
    place: Option<usize>,
}

impl Deal for AnyOf<'_> {
    fn stage(&self) -> StageIndex {
        StageIndex::UNKNOWN
    }
    fn cell(&self, field: usize) -> Value<'_> {
        if Some(field) == self.place { Value::Text(self.owner.into()) } else { Value::Empty }
    }
    fn created(&self) -> Option<Instant> {
        None
    }
    fn entered(&self) -> Option<Instant> {
        None
    }
    fn closed(&self) -> Option<Instant> {
        None
    }
    fn until(&self) -> Instant {
        Instant::ALWAYS
    }
    fn past(&self) -> Past {
        Past::default()
    }
}

/// Where the field of a deal at `t` is to be had.
#[derive(Clone, Copy)]
enum Place {
    Stage,
    Since,
    Closed,
    /// Among the fields of the book.
    Field(usize),
    Nowhere,
}

/// A deal at `t`, as terms see it.
#[derive(Clone, Copy)]
struct Then<'a> {
    as_of: &'a AsOf<'a>,
    journeys: &'a Journeys<'a>,
    /// Where each field of the dictionary is.
    places: &'a [Place],
    deal: usize,
}

impl Deal for Then<'_> {
    fn stage(&self) -> StageIndex {
        self.journeys.stays(self.deal).last().map_or(StageIndex::UNKNOWN, |stay| stay.stage)
    }
    fn cell(&self, field: usize) -> Value<'_> {
        let zone = self.as_of.sight.process().zone;
        let dated = |at: Option<Instant>| at.map_or(Value::Empty, |at| Value::Day(zone.day_of(at)));
        match self.places[field] {
            Place::Stage => Value::Stage(self.stage()),
            Place::Since => dated(self.entered()),
            Place::Closed => dated(self.closed()),
            Place::Field(place) => Value::Text(self.journeys.field(place, self.deal).into()),
            Place::Nowhere => Value::Empty,
        }
    }
    fn created(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].created
    }
    fn entered(&self) -> Option<Instant> {
        let last = self.journeys.stays(self.deal).last();
        last.map(|stay| stay.entered).filter(|at| *at != Instant::ALWAYS)
    }
    fn closed(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].end.and_then(|end| end.at)
    }
    fn until(&self) -> Instant {
        self.journeys.cut.at
    }
    fn past(&self) -> Past {
        let deal = self.journeys.deals[self.deal].deal as usize;
        self.as_of.book.past(deal, self.as_of.sight.process(), self.journeys.cut)
    }
}
