//! Everything that the files say, as flat arrays: the deals, their moves, and the changes of the fields asked for.
//!
//! A deal is a small integer here, its position in the file. Journeys of any day are cut from one book.

use std::borrow::Cow;
use std::collections::HashSet;

use super::event::{Event, Touch, What};
use super::order::{Step, arrange};
use super::past::{Forced, Past};
use super::time::{Cut, Instant};
use crate::process::{Process, StageIndex};

/// What a book's fields name where it is to keep the calls, emails, meetings and notes too.
pub const TOUCHES: &str = "touches";

/// A deal's cells, as far as every report needs them.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The deal's id.
    pub id: Cow<'a, str>,
    /// The stage it is in today.
    pub stage: StageIndex,
    /// Since when, where the cell says so.
    pub stage_since: Option<Instant>,
    /// When it was created, where the cell says so.
    pub created: Option<Instant>,
    /// When it closed, where the cell says so.
    pub closed: Option<Instant>,
    /// The cells of the book's fields, in their order.
    pub fields: Vec<Cow<'a, str>>,
}

/// A deal entered a stage.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// When.
    pub at: Instant,
    /// From which stage; `None` for a new deal.
    pub from: Option<StageIndex>,
    /// Into which.
    pub to: StageIndex,
    /// Whether a rule of the process was overridden.
    pub forced: bool,
    row: &'a str,
}

/// One of the book's fields changed.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// When.
    pub at: Instant,
    /// Which field, as a position among the book's fields.
    pub field: usize,
    /// The cell before.
    pub from: Cow<'a, str>,
    /// The cell after.
    pub to: Cow<'a, str>,
    row: &'a str,
}

impl Step for Move<'_> {
    type Point<'s>
        = Option<StageIndex>
    where
        Self: 's;

    fn at(&self) -> Instant {
        self.at
    }
    fn row(&self) -> &str {
        self.row
    }
    fn from(&self) -> Option<StageIndex> {
        self.from
    }
    fn to(&self) -> Option<StageIndex> {
        Some(self.to)
    }
}

impl Step for Change<'_> {
    type Point<'s>
        = &'s str
    where
        Self: 's;

    fn at(&self) -> Instant {
        self.at
    }
    fn row(&self) -> &str {
        self.row
    }
    fn from(&self) -> &str {
        &self.from
    }
    fn to(&self) -> &str {
        &self.to
    }
}

/// Items in one flat array, those of a deal side by side.
#[derive(Clone, Debug)]
struct ByDeal<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

impl<T> Default for ByDeal<T> {
    fn default() -> ByDeal<T> {
        ByDeal { items: Vec::new(), ends: Vec::new() }
    }
}

impl<T> ByDeal<T> {
    /// Puts each deal's items side by side and in order by `settle`, which is given the deal.
    fn new(mut loose: Vec<(u32, T)>, deals: usize, mut settle: impl FnMut(u32, &mut Vec<T>)) -> ByDeal<T> {
        // Stable, and linear where the file is already in the order of the deals.
        loose.sort_by_key(|(deal, _)| *deal);
        let mut items = Vec::with_capacity(loose.len());
        let mut ends = Vec::with_capacity(deals);
        let mut loose = loose.into_iter().peekable();
        let mut of_deal = Vec::new();
        for deal in 0..deals as u32 {
            while let Some((_, item)) = loose.next_if(|(owner, _)| *owner == deal) {
                of_deal.push(item);
            }
            if !of_deal.is_empty() {
                settle(deal, &mut of_deal);
                items.append(&mut of_deal);
            }
            ends.push(items.len() as u32);
        }
        ByDeal { items, ends }
    }

    fn of(&self, deal: usize) -> &[T] {
        let start = if deal == 0 { 0 } else { self.ends[deal - 1] as usize };
        &self.items[start..self.ends[deal] as usize]
    }
}

/// The files as flat arrays.
#[derive(Clone, Debug)]
pub struct Book<'a> {
    fields: Vec<String>,
    deals: Vec<Card<'a>>,
    /// When each deal's first event was, where its `created` cell is empty.
    first_event: Vec<Option<Instant>>,
    moves: ByDeal<Move<'a>>,
    changes: ByDeal<Change<'a>>,
    touches: ByDeal<(Instant, Touch)>,
}

impl<'a> Book<'a> {
    /// The columns of deals.csv that this book keeps, besides those of [`Card`].
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// How many deals there are, deleted ones among them.
    pub fn len(&self) -> usize {
        self.deals.len()
    }

    /// Whether there is no deal.
    pub fn is_empty(&self) -> bool {
        self.deals.is_empty()
    }

    /// A deal's cells.
    pub fn deal(&self, deal: usize) -> &Card<'a> {
        &self.deals[deal]
    }

    /// The position of a column among [`Book::fields`], where this book keeps it.
    pub fn place(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|name| name == field)
    }

    /// *Field at t*: the last `to` up to the cut, else the first `from` after it, else the present cell (metrics §1).
    pub fn field_at(&self, deal: usize, field: usize, cut: Cut) -> &str {
        let mut of_field = self.changes(deal).iter().filter(|change| change.field == field);
        let known = of_field.clone().take_while(|change| cut.sees(change.at)).last();
        match (known, of_field.next()) {
            (Some(last), _) => &last.to,
            (None, Some(first_after)) => &first_after.from,
            (None, None) => &self.deals[deal].fields[field],
        }
    }

    /// A deal's moves, in reading order, voided ones left out.
    pub fn moves(&self, deal: usize) -> &[Move<'a>] {
        self.moves.of(deal)
    }

    /// A deal's changes of the book's fields: by field, each in reading order, voided ones left out.
    pub fn changes(&self, deal: usize) -> &[Change<'a>] {
        self.changes.of(deal)
    }

    /// A deal's activities and when they were, in no order, voided ones left out, identical rows once; only where the book keeps them.
    pub fn touches(&self, deal: usize) -> &[(Instant, Touch)] {
        self.touches.of(deal)
    }

    /// What a deal's history tells up to `cut`; activities and pushes only where the book keeps them.
    pub fn past(&self, deal: usize, process: &Process, cut: Cut) -> Past {
        let zone = process.zone;
        let moves = || self.moves(deal).iter().take_while(|step| cut.sees(step.at));
        let touches = || self.touches.of(deal).iter().map(|(at, _)| *at).filter(|at| cut.sees(*at));
        let close_date = self.place("close_date");
        let later = |change: &&Change<'_>| {
            let days = zone.parse_moment_day(&change.from).zip(zone.parse_moment_day(&change.to));
            Some(change.field) == close_date
                && cut.sees(change.at)
                && days.is_some_and(|(from, to)| from < to)
        };
        Past {
            touches: touches().count() as u32,
            last_touch: touches().max(),
            pushes: self.changes(deal).iter().filter(later).count() as u32,
            stalls: stalls(process, moves()),
            forced: moves().last().filter(|last| last.forced).map(|last| Forced {
                at: last.at,
                from: last.from,
                to: last.to,
            }),
        }
    }

    /// When a deal was created: its `created` cell, else its first event, else unknown (metrics §1, Created).
    pub fn created(&self, deal: usize) -> Option<Instant> {
        self.deals[deal].created.or(self.first_event[deal])
    }
}

/// How many stays that moves began and ended were longer than their stage's `stale_after`. The stay that a history
/// without a beginning assumes may have been several, and is none of them.
fn stalls<'m>(process: &Process, moves: impl Iterator<Item = &'m Move<'m>>) -> u32 {
    let mut stalls = 0;
    let mut stay: Option<(StageIndex, Instant)> = None;
    for step in moves {
        match stay {
            Some((stage, _)) if stage == step.to => continue,
            Some((stage, entered)) => {
                let days = process.zone.elapsed(entered, step.at);
                let limit = process.stage(stage).and_then(|stage| stage.stale_after);
                stalls += u32::from(limit.is_some_and(|limit| days > f64::from(limit)));
            }
            None => {}
        }
        stay = Some((step.to, step.at));
    }
    stalls
}

/// A call, email, meeting or note.
#[derive(Debug)]
struct Touched<'a> {
    deal: u32,
    row: &'a str,
    at: Instant,
    touch: Touch,
}

/// A void row.
#[derive(Debug)]
struct Void {
    deal: u32,
    at: Instant,
    target: String,
    target_at: Instant,
}

/// Collects what the files say into a [`Book`]. Rows may come in any order, deals before their events.
#[derive(Debug)]
pub struct BookBuilder<'a> {
    fields: Vec<String>,
    deals: Vec<Card<'a>>,
    moves: Vec<(u32, Move<'a>)>,
    changes: Vec<(u32, Change<'a>)>,
    touches: Vec<Touched<'a>>,
    voids: Vec<Void>,
    /// Every event of the deals without a `created` cell: what it is called, and when.
    undated: Vec<(u32, Instant, String)>,
}

/// A stage that an event names and the process does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownStage {
    /// The position of the cell in [`super::event::COLUMNS`].
    pub column: usize,
    /// The stage it names.
    pub stage: String,
}

impl<'a> BookBuilder<'a> {
    /// A book that keeps these columns of deals.csv; activities too where [`TOUCHES`] is among them.
    pub fn new(fields: Vec<String>) -> BookBuilder<'a> {
        BookBuilder {
            fields,
            deals: Vec::new(),
            moves: Vec::new(),
            changes: Vec::new(),
            touches: Vec::new(),
            voids: Vec::new(),
            undated: Vec::new(),
        }
    }

    /// Adds a deal; its position stands for it from here on.
    pub fn add_deal(&mut self, card: Card<'a>) -> usize {
        self.deals.push(card);
        self.deals.len() - 1
    }

    /// Whether a deal's cells say when it was created, so that its first event need not be known.
    pub fn is_dated(&self, deal: usize) -> bool {
        self.deals[deal].created.is_some()
    }

    /// Adds an event of a deal, from the row `row` of history.csv.
    pub fn add_event(
        &mut self,
        process: &Process,
        deal: usize,
        event: Event<'a>,
        row: &'a str,
    ) -> Result<(), UnknownStage> {
        let owner = deal as u32;
        // A void row is no event that a deal could begin with.
        if self.deals[deal].created.is_none() && !matches!(event.what, What::Void { .. }) {
            self.undated.push((owner, event.at, event.target()));
        }
        let at = event.at;
        match event.what {
            What::Stage { from, to, forced } => {
                let stage = |column, id: &str| {
                    process.lookup(id).ok_or_else(|| UnknownStage { column, stage: id.to_owned() })
                };
                let origin = if from.is_empty() { None } else { Some(stage(4, &from)?) };
                let target = stage(5, &to)?;
                self.moves.push((owner, Move { at, from: origin, to: target, forced, row }));
            }
            What::Set { field, from, to } => {
                if let Some(field) = self.fields.iter().position(|name| *name == field) {
                    self.changes.push((owner, Change { at, field, from, to, row }));
                }
            }
            What::Void { target, at: target_at } => {
                self.voids.push(Void { deal: owner, at, target: target.into_owned(), target_at });
            }
            What::Touch(touch) => {
                if self.fields.iter().any(|name| name == TOUCHES) {
                    self.touches.push(Touched { deal: owner, row, at, touch });
                }
            }
        }
        Ok(())
    }

    /// The book: each deal's rows in reading order, without those taken back.
    pub fn finish(self) -> Book<'a> {
        let taken_back = taken_back(self.voids);
        let stands = |deal: u32, at: Instant, target: &str| {
            taken_back.is_empty() || !taken_back.contains(&(deal, at, target.to_owned()))
        };
        let deals = self.deals.len();
        let moves = ByDeal::new(self.moves, deals, |deal, moves| {
            moves.retain(|step: &Move| {
                stands(deal, step.at, if step.forced { "stage:forced" } else { "stage" })
            });
            arrange(moves);
        });
        let fields = self.fields;
        let changes = ByDeal::new(self.changes, deals, |deal, changes: &mut Vec<Change>| {
            changes.retain(|change| {
                taken_back.is_empty() || stands(deal, change.at, &format!("set:{}", fields[change.field]))
            });
            let mut loose = std::mem::take(changes);
            for field in 0..fields.len() {
                let (mut of_field, others): (Vec<_>, Vec<_>) =
                    loose.into_iter().partition(|change| change.field == field);
                arrange(&mut of_field);
                changes.append(&mut of_field);
                loose = others;
                if loose.is_empty() {
                    break;
                }
            }
        });
        let mut touches = self.touches;
        touches.sort_unstable_by_key(|touched| (touched.deal, touched.row));
        touches.dedup_by_key(|touched| (touched.deal, touched.row));
        let touches =
            touches.into_iter().map(|touched| (touched.deal, (touched.at, touched.touch))).collect();
        let touches = ByDeal::new(touches, deals, |deal, touches| {
            touches.retain(|(at, touch)| stands(deal, *at, touch.id()));
        });
        let mut first_event = vec![None; deals];
        for (deal, at, target) in self.undated {
            let first: &mut Option<Instant> = &mut first_event[deal as usize];
            if first.is_none_or(|first| at < first) && stands(deal, at, &target) {
                *first = Some(at);
            }
        }
        Book { fields, deals: self.deals, first_event, moves, changes, touches }
    }
}

/// Leaves only what no void row takes back among the events of one deal; the void rows go too.
pub fn retain_standing(events: &mut Vec<Event<'_>>) {
    let void = |event: &Event<'_>| match &event.what {
        What::Void { target, at } => {
            Some(Void { deal: 0, at: event.at, target: target.to_string(), target_at: *at })
        }
        _ => None,
    };
    let taken_back = taken_back(events.iter().filter_map(void).collect());
    events.retain(|event| {
        !matches!(event.what, What::Void { .. }) && !taken_back.contains(&(0, event.at, event.target()))
    });
}

/// The rows that voids take back, applied from the latest to the earliest, so that a void taken back does nothing.
fn taken_back(mut voids: Vec<Void>) -> HashSet<(u32, Instant, String)> {
    voids.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.target.len().cmp(&a.target.len())));
    let mut taken = HashSet::new();
    for void in voids {
        if !taken.contains(&(void.deal, void.at, format!("void:{}", void.target))) {
            taken.insert((void.deal, void.target_at, void.target));
        }
    }
    taken
}
