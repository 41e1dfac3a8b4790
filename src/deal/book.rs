//! Everything that the files say, as flat arrays: the deals, their moves, and the changes of the fields asked for.
//!
//! A deal is a small integer here, its position in the file. Journeys of any day are cut from one book.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::event::{Event, FROM, TO, Touch, What};
use super::order::{Subject, arrange};
use super::past::{Forced, Past};
use super::runs::{self, DEALS_A_RUN};
use super::texts::Texts;
use super::time::{Cut, Instant};
use crate::process::{Process, StageIndex};

/// What a book's fields name where it is to keep the calls, emails, meetings and notes too.
pub const TOUCHES: &str = "touches";

/// A deal's cells, as far as every report needs them.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// The stage it is in today.
    pub stage: StageIndex,
    /// Since when, where the cell says so.
    pub stage_since: Option<Instant>,
    /// When it was created, where the cell says so.
    pub created: Option<Instant>,
    /// When it closed, where the cell says so.
    pub closed: Option<Instant>,
}

/// A deal entered a stage.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// When.
    pub at: Instant,
    /// From which stage; `None` for a new deal.
    pub from: Option<StageIndex>,
    /// Into which.
    pub to: StageIndex,
    /// Whether a rule of the process was overridden.
    pub forced: bool,
}

/// One of the book's fields changed.
#[derive(Clone, Copy, Debug)]
pub struct FieldChange<'b> {
    /// When.
    pub at: Instant,
    /// Which field, as a position among the book's fields.
    pub field: usize,
    texts: &'b Texts,
    /// Where the cell before stands among the texts; the one after comes next.
    from: usize,
}

impl<'b> FieldChange<'b> {
    /// The cell before.
    pub fn from(&self) -> &'b str {
        self.texts.get(self.from)
    }

    /// The cell after.
    pub fn to(&self) -> &'b str {
        self.texts.get(self.from + 1)
    }
}

/// A change as a book keeps it.
#[derive(Clone, Copy, Debug)]
struct KeptChange {
    at: Instant,
    field: u32,
    /// Where the cell before stands among the texts of all changes; the one after comes next.
    from: u32,
}

/// Something that happened to a deal, and where in the history the row starts that tells it.
#[derive(Clone, Copy, Debug)]
struct Recorded<T> {
    deal: u32,
    what: T,
    row: u64,
}

impl<T> Recorded<T> {
    /// The run of deals that its deal is in.
    #[inline]
    fn run(&self) -> usize {
        self.deal as usize / DEALS_A_RUN
    }
}

/// How to get at the bytes of a row of history, given where it starts: asked for where several have one instant.
pub type RowAt<'r> = &'r (dyn Fn(u64) -> String + Sync);

/// The moves of a deal.
struct Moves<'r>(RowAt<'r>);

impl Subject<Recorded<Move>> for Moves<'_> {
    type Point<'s>
        = Option<StageIndex>
    where
        Self: 's;

    fn at(&self, recorded: &Recorded<Move>) -> Instant {
        recorded.what.at
    }
    fn row(&self, recorded: &Recorded<Move>) -> Cow<'_, str> {
        self.0(recorded.row).into()
    }
    fn from(&self, recorded: &Recorded<Move>) -> Option<StageIndex> {
        recorded.what.from
    }
    fn to(&self, recorded: &Recorded<Move>) -> Option<StageIndex> {
        Some(recorded.what.to)
    }
}

/// The changes of one field of a deal.
struct FieldChanges<'r>(RowAt<'r>, &'r Texts);

impl Subject<Recorded<KeptChange>> for FieldChanges<'_> {
    type Point<'s>
        = &'s str
    where
        Self: 's;

    fn at(&self, recorded: &Recorded<KeptChange>) -> Instant {
        recorded.what.at
    }
    fn row(&self, recorded: &Recorded<KeptChange>) -> Cow<'_, str> {
        self.0(recorded.row).into()
    }
    fn from(&self, recorded: &Recorded<KeptChange>) -> &str {
        self.1.get(recorded.what.from as usize)
    }
    fn to(&self, recorded: &Recorded<KeptChange>) -> &str {
        self.1.get(recorded.what.from as usize + 1)
    }
}

/// Puts items that are told under keys less than `keys` side by side by key, each key's in their order, and says where
/// those of each key start, with one more for the end.
///
/// The places are counted first: a sort would compare millions of them.
fn side_by_side<'t, T: Copy + 't>(
    all: impl Iterator<Item = &'t Recorded<T>> + Clone,
    keys: usize,
    key: impl Fn(&Recorded<T>) -> usize,
) -> (Vec<Recorded<T>>, Vec<u32>) {
    // The start of a key stands one further until its last item has moved it to where the next key starts.
    let mut starts = vec![0_u32; keys + 2];
    for recorded in all.clone() {
        starts[key(recorded) + 2] += 1;
    }
    for at in 2..starts.len() {
        starts[at] += starts[at - 1];
    }
    let Some(any) = all.clone().next() else { return (Vec::new(), starts) };
    let mut sorted = vec![*any; starts[keys + 1] as usize];
    for recorded in all {
        let place = &mut starts[key(recorded) + 1];
        sorted[*place as usize] = *recorded;
        *place += 1;
    }
    (sorted, starts)
}

/// What a part of the history tells, by runs of deals.
#[derive(Debug)]
struct Part<T> {
    recorded: Vec<Recorded<T>>,
    /// Where each run of deals starts.
    starts: Vec<u32>,
}

impl<T: Copy> Part<T> {
    fn of(recorded: &[Recorded<T>]) -> Part<T> {
        let runs = recorded.iter().map(|recorded| recorded.run() + 1).max().unwrap_or(0);
        let (recorded, starts) = side_by_side(recorded.iter(), runs, Recorded::run);
        Part { recorded, starts }
    }

    fn of_run(&self, run: usize) -> &[Recorded<T>] {
        match self.starts.get(run..run + 2) {
            Some(&[start, end]) => &self.recorded[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// Items in flat arrays, one for each run of deals; those of a deal side by side.
#[derive(Clone, Debug)]
struct ByDeal<T> {
    runs: Vec<Run<T>>,
}

/// The items of a run of deals, and where those of each deal end.
#[derive(Clone, Debug)]
struct Run<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

impl<T: Copy + Send + Sync> ByDeal<T> {
    /// Puts what sorted parts tell of each deal side by side and in order by `settle`, which is given the deal.
    fn new(
        parts: Vec<Part<T>>,
        deals: usize,
        settle: impl Fn(u32, &mut Vec<Recorded<T>>) + Sync,
    ) -> ByDeal<T> {
        if parts.iter().all(|part| part.recorded.is_empty()) {
            return ByDeal { runs: Vec::new() };
        }
        let settled = |Range { start: first, end }: Range<usize>| {
            let spans: Vec<&[Recorded<T>]> =
                parts.iter().map(|part| part.of_run(first / DEALS_A_RUN)).collect();
            let all = spans.iter().copied().flatten();
            let (recorded, starts) =
                side_by_side(all, end - first, |recorded| recorded.deal as usize - first);
            let (mut items, mut ends) = (Vec::with_capacity(recorded.len()), Vec::with_capacity(end - first));
            let mut of_deal = Vec::new();
            for (deal, span) in (first..end).zip(starts.windows(2)) {
                let these = &recorded[span[0] as usize..span[1] as usize];
                if !these.is_empty() {
                    of_deal.extend_from_slice(these);
                    settle(deal as u32, &mut of_deal);
                    items.extend(of_deal.drain(..).map(|recorded| recorded.what));
                }
                ends.push(items.len() as u32);
            }
            Run { items, ends }
        };
        let runs = runs::each(deals, settled);
        // The next items need their room.
        drop(parts);
        ByDeal { runs }
    }
}

impl<T> ByDeal<T> {
    #[inline]
    fn of(&self, deal: usize) -> &[T] {
        let Some(Run { items, ends }) = self.runs.get(deal / DEALS_A_RUN) else { return &[] };
        let deal = deal % DEALS_A_RUN;
        let start = if deal == 0 { 0 } else { ends[deal - 1] as usize };
        &items[start..ends[deal] as usize]
    }
}

/// The files as flat arrays.
#[derive(Clone, Debug)]
pub struct Book {
    fields: Vec<String>,
    ids: Texts,
    deals: Vec<State>,
    /// The cells of the fields, those of a deal side by side.
    cells: Texts,
    /// When each deal's first event was, where its `created` cell is empty.
    first_event: Vec<Option<Instant>>,
    moves: ByDeal<Move>,
    changes: ByDeal<KeptChange>,
    /// The cells before and after each change.
    texts: Texts,
    touches: ByDeal<(Instant, Touch)>,
}

impl Book {
    /// The columns of deals.csv that this book keeps, besides those of [`State`].
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

    /// A deal's id.
    pub fn id(&self, deal: usize) -> &str {
        self.ids.get(deal)
    }

    /// A deal's cells.
    pub fn deal(&self, deal: usize) -> State {
        self.deals[deal]
    }

    /// A deal's cell of today, by the position of its column among [`Book::fields`].
    pub fn cell(&self, deal: usize, field: usize) -> &str {
        self.cells.get(deal * self.fields.len() + field)
    }

    /// The position of a column among [`Book::fields`], where this book keeps it.
    pub fn place(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|name| name == field)
    }

    /// *Field at t*: the last `to` up to the cut, else the first `from` after it, else the present cell (metrics §1).
    pub fn field_at(&self, deal: usize, field: usize, cut: Cut) -> &str {
        let mut of_field = self.changes(deal).filter(|change| change.field == field);
        let known = of_field.clone().take_while(|change| cut.sees(change.at)).last();
        match (known, of_field.next()) {
            (Some(last), _) => last.to(),
            (None, Some(first_after)) => first_after.from(),
            (None, None) => self.cell(deal, field),
        }
    }

    /// A deal's moves, in reading order, voided ones left out.
    pub fn moves(&self, deal: usize) -> &[Move] {
        self.moves.of(deal)
    }

    /// A deal's changes of the book's fields: by field, each in reading order, voided ones left out.
    pub fn changes(&self, deal: usize) -> impl Iterator<Item = FieldChange<'_>> + Clone {
        self.changes.of(deal).iter().map(|kept| {
            let (field, from) = (kept.field as usize, kept.from as usize);
            FieldChange { at: kept.at, field, texts: &self.texts, from }
        })
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
        let later = |change: &FieldChange<'_>| {
            Some(change.field) == close_date && cut.sees(change.at) && {
                let days = zone.parse_moment_day(change.from()).zip(zone.parse_moment_day(change.to()));
                days.is_some_and(|(from, to)| from < to)
            }
        };
        Past {
            touches: touches().count() as u32,
            last_touch: touches().max(),
            pushes: self.changes(deal).filter(later).count() as u32,
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
fn stalls<'m>(process: &Process, moves: impl Iterator<Item = &'m Move>) -> u32 {
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

/// A void row.
#[derive(Debug)]
struct Void {
    deal: u32,
    at: Instant,
    target: String,
    target_at: Instant,
}

/// Deals that go into a book: for each its id, its state, and the cells of the book's fields side by side.
#[derive(Clone, Debug, Default)]
pub struct Deals {
    /// Their ids.
    pub ids: Texts,
    /// Their states.
    pub states: Vec<State>,
    /// Their cells.
    pub cells: Texts,
}

/// What rows of history tell, as far as a book keeps it, in no order.
#[derive(Debug, Default)]
pub struct Events {
    moves: Vec<Recorded<Move>>,
    changes: Vec<Recorded<KeptChange>>,
    texts: Texts,
    touches: Vec<Recorded<(Instant, Touch)>>,
    voids: Vec<Void>,
    /// Every event of the deals without a `created` cell: what it is called, and when.
    undated: Vec<(u32, Instant, String)>,
}

impl Events {
    /// None yet, with room for so many moves.
    pub fn about(moves: usize) -> Events {
        Events { moves: Vec::with_capacity(moves), ..Events::default() }
    }

    /// Adds a move of a deal whose cells say when it was created; its row starts at `row` in the history.
    #[inline]
    pub fn moved(&mut self, deal: usize, step: Move, row: u64) {
        self.moves.push(Recorded { deal: deal as u32, what: step, row });
    }

    /// No more are to come: puts those of each run of deals side by side, while they are few enough to do so quickly.
    pub fn sort(self) -> Sorted {
        let Events { moves, changes, texts, touches, voids, undated } = self;
        let (moves, changes, touches) = (Part::of(&moves), Part::of(&changes), Part::of(&touches));
        Sorted { moves, changes, texts, touches, voids, undated }
    }
}

/// [`Events`] by runs of deals.
#[derive(Debug)]
pub struct Sorted {
    moves: Part<Move>,
    changes: Part<KeptChange>,
    texts: Texts,
    touches: Part<(Instant, Touch)>,
    voids: Vec<Void>,
    undated: Vec<(u32, Instant, String)>,
}

/// Collects what the files say into a [`Book`]. Rows may come in any order, deals before their events.
#[derive(Debug)]
pub struct BookBuilder {
    fields: Vec<String>,
    deals: Deals,
    /// The deals whose cells do not say when they were created: few, and looked for at every event.
    undated: FxHashSet<u32>,
}

/// A stage that an event names and the process does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownStage {
    /// The position of the cell in [`super::event::COLUMNS`].
    pub column: usize,
    /// The stage it names.
    pub stage: String,
}

impl BookBuilder {
    /// A book that keeps these columns of deals.csv; activities too where [`TOUCHES`] is among them.
    pub fn new(fields: Vec<String>) -> BookBuilder {
        BookBuilder { fields, deals: Deals::default(), undated: FxHashSet::default() }
    }

    /// The columns of deals.csv that the book keeps.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Makes room for so many deals.
    pub fn reserve(&mut self, deals: usize) {
        self.deals.ids.reserve(deals);
        self.deals.states.reserve(deals);
        self.deals.cells.reserve(deals * self.fields.len());
    }

    /// Adds deals; their positions stand for them from here on.
    pub fn add(&mut self, more: &Deals) {
        let numbered = (self.deals.states.len() as u32..).zip(&more.states);
        self.undated.extend(numbered.filter(|(_, state)| state.created.is_none()).map(|(deal, _)| deal));
        self.deals.ids.append(&more.ids);
        self.deals.states.extend_from_slice(&more.states);
        self.deals.cells.append(&more.cells);
    }

    /// Whether a deal's cells say when it was created, so that its first event need not be known.
    #[inline]
    pub fn is_dated(&self, deal: usize) -> bool {
        !self.undated.contains(&(deal as u32))
    }

    /// Adds an event of a deal, whose row starts at `row` in the history, to others.
    pub fn note(
        &self,
        process: &Process,
        deal: usize,
        event: Event<'_>,
        row: u64,
        into: &mut Events,
    ) -> Result<(), UnknownStage> {
        let owner = deal as u32;
        // A void row is no event that a deal could begin with.
        if !self.is_dated(deal) && !matches!(event.what, What::Void { .. }) {
            into.undated.push((owner, event.at, event.target()));
        }
        let at = event.at;
        match event.what {
            What::Stage { from, to, forced } => {
                let stage = |column, id: &str| {
                    process.lookup(id).ok_or_else(|| UnknownStage { column, stage: id.to_owned() })
                };
                let origin = if from.is_empty() { None } else { Some(stage(FROM, &from)?) };
                let target = stage(TO, &to)?;
                into.moved(deal, Move { at, from: origin, to: target, forced }, row);
            }
            What::Set { field, from, to } => {
                if let Some(field) = self.fields.iter().position(|name| *name == field) {
                    let change = KeptChange { at, field: field as u32, from: into.texts.len() as u32 };
                    into.texts.push(&from);
                    into.texts.push(&to);
                    into.changes.push(Recorded { deal: owner, what: change, row });
                }
            }
            What::Void { target, at: target_at } => {
                into.voids.push(Void { deal: owner, at, target: target.into_owned(), target_at });
            }
            What::Touch(touch) => {
                if self.fields.iter().any(|name| name == TOUCHES) {
                    into.touches.push(Recorded { deal: owner, what: (at, touch), row });
                }
            }
        }
        Ok(())
    }

    /// The book, given the events of parts of the history in their order: each deal's rows in reading order, without those
    /// taken back.
    pub fn finish(self, parts: Vec<Sorted>, row_at: RowAt<'_>) -> Book {
        let BookBuilder { fields, deals: Deals { ids, states: deals, cells }, undated: _ } = self;
        let (mut moves, mut changes, mut touches) = (Vec::new(), Vec::new(), Vec::new());
        let (mut texts, mut voids, mut undated) = (Texts::default(), Vec::new(), Vec::new());
        for mut part in parts {
            let before = texts.len() as u32;
            part.changes.recorded.iter_mut().for_each(|recorded| recorded.what.from += before);
            texts.append(&part.texts);
            moves.push(part.moves);
            changes.push(part.changes);
            touches.push(part.touches);
            voids.append(&mut part.voids);
            undated.append(&mut part.undated);
        }
        let taken_back = taken_back(voids);
        let stands = |deal: u32, at: Instant, target: &str| {
            taken_back.is_empty() || !taken_back.contains(&(deal, at, target.to_owned()))
        };
        let moves = ByDeal::new(moves, deals.len(), |deal, moves| {
            if !taken_back.is_empty() {
                moves.retain(|Recorded { what, .. }| {
                    stands(deal, what.at, if what.forced { "stage:forced" } else { "stage" })
                });
            }
            arrange(&Moves(row_at), moves);
        });
        let changes = ByDeal::new(changes, deals.len(), |deal, changes| {
            changes.retain(|Recorded { what, .. }| {
                taken_back.is_empty()
                    || stands(deal, what.at, &format!("set:{}", fields[what.field as usize]))
            });
            let mut loose = std::mem::take(changes);
            for field in 0..fields.len() as u32 {
                let (mut of_field, others): (Vec<_>, Vec<_>) =
                    loose.into_iter().partition(|recorded| recorded.what.field == field);
                arrange(&FieldChanges(row_at, &texts), &mut of_field);
                changes.append(&mut of_field);
                loose = others;
                if loose.is_empty() {
                    break;
                }
            }
        });
        let touches = ByDeal::new(touches, deals.len(), |deal, touches| {
            once_each(touches, row_at);
            touches.retain(|Recorded { what: (at, touch), .. }| stands(deal, *at, touch.id()));
        });
        let mut first_event = vec![None; deals.len()];
        for (deal, at, target) in undated {
            let first: &mut Option<Instant> = &mut first_event[deal as usize];
            if first.is_none_or(|first| at < first) && stands(deal, at, &target) {
                *first = Some(at);
            }
        }
        Book { fields, ids, deals, cells, first_event, moves, changes, texts, touches }
    }
}

/// Leaves each of the rows of a deal's activities that are the same to the byte once.
fn once_each(touches: &mut Vec<Recorded<(Instant, Touch)>>, row_at: RowAt<'_>) {
    touches.sort_by_key(|recorded| recorded.what);
    if touches.windows(2).any(|pair| pair[0].what == pair[1].what) {
        let mut seen = HashSet::new();
        touches.retain(|recorded| seen.insert(row_at(recorded.row)));
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
