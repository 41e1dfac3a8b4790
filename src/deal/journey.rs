//! Journeys: the path of each deal through the stages, as seen from one day (metrics §1, Journey).

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::book::{Book, Move};
use super::money::{Currency, parse_amount};
use super::runs::{self, DEALS_A_RUN};
use super::time::{Cut, Instant};
use crate::process::{Outcome, Process, StageIndex};

/// A deal was in a stage from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The stage; [`StageIndex::UNKNOWN`] where the deal was open and the files do not tell where.
    pub stage: StageIndex,
    /// When it entered; [`Instant::ALWAYS`] for a deal of unknown creation.
    pub entered: Instant,
}

/// How a deal ended, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Won, lost or disqualified.
    pub outcome: Outcome,
    /// *Closed at*; unknown for a closed deal that no file dates.
    pub at: Option<Instant>,
}

/// One deal's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// The deal's position in the book.
    pub deal: u32,
    /// *Created*; unknown for some.
    pub created: Option<Instant>,
    /// Whether it has an assumed stay, because its history starts in the middle or there is none.
    pub assumed: bool,
    /// How it ended, when it is closed at `t`.
    pub end: Option<End>,
    /// Among those of its run.
    stays: Range<u32>,
}

/// The journeys of all deals that exist at `t`, in flat arrays: a deal is a range of stays.
#[derive(Clone, Debug)]
pub struct Journeys<'b> {
    /// `t`: events after it do not exist.
    pub cut: Cut,
    /// One entry a deal, in the order of the file.
    pub deals: Vec<Journey>,
    /// The stays of each run of deals of the book, those of a deal side by side; of journeys seen from an earlier day, too.
    stays: Arc<[Vec<Stay>]>,
    book: &'b Book,
    /// The open stages, in the order of the process.
    open: Vec<StageIndex>,
    /// Where the book keeps the value and the currency.
    value: Option<(usize, usize)>,
    /// The currency of a deal that names none.
    currency: Currency,
}

impl<'b> Journeys<'b> {
    /// The journeys of a book as of `cut`.
    pub fn at(process: &Process, book: &'b Book, cut: Cut) -> Journeys<'b> {
        let runs = runs::each(book.len(), |deals| {
            let mut paths = Paths {
                cut,
                deals: Vec::with_capacity(DEALS_A_RUN),
                stays: Vec::with_capacity(3 * DEALS_A_RUN),
            };
            for deal in deals {
                paths.add(process, book, deal);
            }
            paths
        });
        let mut deals = Vec::with_capacity(runs.iter().map(|run| run.deals.len()).sum());
        let mut stays = Vec::with_capacity(runs.len());
        for mut run in runs {
            deals.append(&mut run.deals);
            stays.push(run.stays);
        }
        Journeys {
            cut,
            deals,
            stays: stays.into(),
            book,
            open: process.open_stages().map(|(index, _)| index).collect(),
            value: book.place("value").zip(book.place("currency")),
            currency: process.currency,
        }
    }

    /// The same as of another cut. To an earlier one the stays are known already: they are those that had begun.
    #[must_use]
    pub fn seen_from(&self, process: &Process, cut: Cut) -> Journeys<'b> {
        if self.cut.min(cut) != cut {
            return Journeys::at(process, self.book, cut);
        }
        let runs = runs::each(self.deals.len(), |deals| {
            let existed =
                deals.filter(|deal| self.deals[*deal].created.is_none_or(|created| cut.sees(created)));
            existed.map(|deal| self.earlier(process, deal, cut)).collect::<Vec<_>>()
        });
        let (stays, open) = (Arc::clone(&self.stays), self.open.clone());
        Journeys { cut, deals: runs.concat(), stays, open, ..*self }
    }

    /// A journey up to an earlier cut.
    fn earlier(&self, process: &Process, deal: usize, cut: Cut) -> Journey {
        let journey = &self.deals[deal];
        let stays = self.stays(deal);
        let begun = stays.iter().take_while(|stay| cut.sees(stay.entered)).count();
        if begun == stays.len() {
            return journey.clone();
        }
        let range = journey.stays.start..journey.stays.start + begun as u32;
        Journey { end: end(process, &stays[..begun]), stays: range, ..*journey }
    }
}

/// How a deal of these stays has ended.
fn end(process: &Process, stays: &[Stay]) -> Option<End> {
    let last = stays.last()?;
    let outcome = process.outcome(last.stage)?;
    Some(End { outcome, at: (last.entered != Instant::ALWAYS).then_some(last.entered) })
}

/// The journeys of some deals.
struct Paths {
    cut: Cut,
    deals: Vec<Journey>,
    stays: Vec<Stay>,
}

impl Paths {
    fn add(&mut self, process: &Process, book: &Book, deal: usize) {
        let state = book.deal(deal);
        let (created, moves) = (book.created(deal), book.moves(deal));
        let stands = moves.last().map_or(state.stage, |last| last.to);
        if stands == StageIndex::DELETED || created.is_some_and(|created| !self.cut.sees(created)) {
            return;
        }
        let start = self.stays.len();
        let seen = moves.iter().take_while(|step| self.cut.sees(step.at)).count();
        let assumed = match moves.first() {
            Some(first) => self.walk(first, &moves[..seen], created),
            None => self.without_moves(process, book, deal, created),
        };
        let last = self.stays.len();
        let end = end(process, &self.stays[start..]);
        let stays = start as u32..last as u32;
        self.deals.push(Journey { deal: deal as u32, created, assumed, end, stays });
    }

    /// The stays of moves up to `t`, after what the first move of all tells. Gives whether one is assumed.
    fn walk(&mut self, first: &Move, seen: &[Move], created: Option<Instant>) -> bool {
        let start = self.stays.len();
        let since = created.unwrap_or(first.at).min(first.at);
        match first.from {
            Some(from) if from != StageIndex::DELETED => self.enter(start, from, since),
            _ if since < first.at => self.enter(start, StageIndex::UNKNOWN, since),
            _ => {}
        }
        // A deal that came back from where the deleted are was never deleted.
        for step in seen.iter().filter(|step| step.to != StageIndex::DELETED) {
            self.enter(start, step.to, step.at);
        }
        first.from.is_some()
    }

    /// No move at all: the cells tell.
    fn without_moves(
        &mut self,
        process: &Process,
        book: &Book,
        deal: usize,
        created: Option<Instant>,
    ) -> bool {
        let start = self.stays.len();
        let state = book.deal(deal);
        let existed = created.unwrap_or(Instant::ALWAYS);
        let since =
            if process.is_open(state.stage) { state.stage_since } else { state.closed.or(state.stage_since) };
        match since {
            None if process.is_open(state.stage) => self.enter(start, state.stage, existed),
            None => self.enter(start, state.stage, Instant::ALWAYS),
            Some(since) => {
                if existed < since {
                    self.enter(start, StageIndex::UNKNOWN, existed);
                }
                if self.cut.sees(since) {
                    self.enter(start, state.stage, since);
                }
            }
        }
        true
    }

    #[inline]
    fn enter(&mut self, start: usize, stage: StageIndex, entered: Instant) {
        let same = self.stays[start..].last().is_some_and(|last| last.stage == stage);
        if !same {
            self.stays.push(Stay { stage, entered });
        }
    }
}

impl Journeys<'_> {
    /// How many deals exist at `t`.
    pub fn len(&self) -> usize {
        self.deals.len()
    }

    /// Whether no deal exists at `t`.
    pub fn is_empty(&self) -> bool {
        self.deals.is_empty()
    }

    /// The id of a deal.
    pub fn id(&self, deal: usize) -> &str {
        self.book.id(self.deals[deal].deal as usize)
    }

    /// The stays of a deal, in order.
    #[inline]
    pub fn stays(&self, deal: usize) -> &[Stay] {
        let Journey { deal, stays: range, .. } = &self.deals[deal];
        &self.stays[*deal as usize / DEALS_A_RUN][range.start as usize..range.end as usize]
    }

    /// The stays of a deal, in order, each with when it left; `None` for one that it is still in.
    pub fn stays_until(&self, deal: usize) -> impl Iterator<Item = (Stay, Option<Instant>)> {
        let stays = self.stays(deal);
        let left = stays.iter().skip(1).map(|next| Some(next.entered)).chain([None]);
        stays.iter().copied().zip(left)
    }

    /// A field of a deal at `t`, by its position among the book's fields.
    #[inline]
    pub fn field(&self, field: usize, deal: usize) -> &str {
        self.book.field_at(self.deals[deal].deal as usize, field, self.cut)
    }

    /// The value of a deal at `t` and its currency; none for a deal without a value, or of a book that does not keep both.
    pub fn value(&self, deal: usize) -> Option<(Decimal, Currency)> {
        let (value, currency) = self.value?;
        let amount = parse_amount(self.field(value, deal))?;
        let code = self.field(currency, deal);
        let stated = if code == self.currency.code() { None } else { Currency::named(code) };
        Some((amount, stated.unwrap_or(self.currency)))
    }

    /// The stay that a deal is in at a cut no later than `t`; none before it was created.
    #[inline]
    pub fn standing(&self, deal: usize, cut: Cut) -> Option<&Stay> {
        if self.deals[deal].created.is_some_and(|created| !cut.sees(created)) {
            return None;
        }
        self.stays(deal).iter().rev().find(|stay| cut.sees(stay.entered))
    }

    /// When a deal reached each open stage of the process, in their order (metrics §1, *Reached*).
    pub fn reached(&self, deal: usize, into: &mut Vec<Option<Instant>>) {
        into.clear();
        for stay in self.stays(deal) {
            if let Some(order) = self.open.iter().position(|stage| *stage == stay.stage) {
                into.resize(into.len().max(order + 1), Some(stay.entered));
            }
        }
        let won = self.deals[deal].end.filter(|end| end.outcome == Outcome::Won).map(|end| end.at);
        into.resize(self.open.len(), won.flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::book::{BookBuilder, Deals, Events, State};
    use crate::deal::event::Event;
    use crate::process;

    const PROCESS: &str = "\
timezone: Europe/Berlin
stages:
  - {id: qualify, was: [screening]}
  - {id: needs}
  - {id: proposal}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

    fn process() -> Process {
        process::read("pipeline.yaml", PROCESS).unwrap()
    }

    fn at(text: &str) -> Instant {
        process().zone.parse_moment(text).unwrap()
    }

    /// A deal with `stage | stage_since | created | closed` and rows `at,deal,event,field,from,to,by,note`.
    fn book(process: &Process, cells: [&str; 4], rows: &[&str]) -> Book {
        let moment = |text: &str| process.zone.parse_moment(text);
        let mut builder = BookBuilder::new(vec!["value".to_owned(), "currency".to_owned()]);
        let state = State {
            stage: process.lookup(cells[0]).unwrap(),
            stage_since: moment(cells[1]),
            created: moment(cells[2]),
            closed: moment(cells[3]),
        };
        let (ids, cells) = (["deal-1"].into_iter().collect(), ["100", ""].into_iter().collect());
        builder.add(&Deals { ids, states: vec![state], cells });
        let mut events = Events::default();
        for (place, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = row.split(',').collect();
            let event = Event::read(std::array::from_fn(|column| cells[column].into())).unwrap();
            builder.note(process, 0, event, place as u64, &mut events).unwrap();
        }
        builder.finish(vec![events.sort()], &|place| rows[place as usize].to_owned())
    }

    /// The stays as of the end of a day: `stage entered`, the day in Berlin; and whether one is assumed.
    fn path(cells: [&str; 4], rows: &[&str], as_of: &str) -> (Vec<String>, bool) {
        let process = process();
        let book = book(&process, cells, rows);
        let day = crate::deal::time::parse_day(as_of).unwrap();
        let journeys = Journeys::at(&process, &book, Cut::before(process.zone.end_of(day)));
        let Some(journey) = journeys.deals.first() else { return (Vec::new(), false) };
        let entered = |stay: &Stay| match stay.entered {
            Instant::ALWAYS => "always".to_owned(),
            entered => process.zone.day_of(entered).to_string(),
        };
        let stay = |stay: &Stay| format!("{} {}", process.stage_id(stay.stage), entered(stay));
        (journeys.stays(0).iter().map(stay).collect(), journey.assumed)
    }

    const ROWS: [&str; 3] = [
        "2026-01-10T09:00:00Z,deal-1,stage,,,screening,ana,",
        "2026-02-01T09:00:00Z,deal-1,stage,,qualify,proposal,ana,",
        "2026-03-01T09:00:00Z,deal-1,stage,,proposal,won,ana,",
    ];

    #[test]
    fn a_full_history_is_walked_up_to_the_day() {
        let cells = ["won", "", "2026-01-10", ""];
        let (whole, assumed) = path(cells, &ROWS, "2026-12-31");
        assert_eq!(
            whole,
            ["unknown 2026-01-10", "qualify 2026-01-10", "proposal 2026-02-01", "won 2026-03-01"]
        );
        assert!(!assumed);
        assert_eq!(path(cells, &ROWS, "2026-02-15").0.last().unwrap(), "proposal 2026-02-01");
        assert!(path(cells, &ROWS, "2026-01-09").0.is_empty(), "a deal does not exist before it was created");
    }

    #[test]
    fn a_history_that_starts_in_the_middle_has_an_assumed_stay() {
        let (stays, assumed) = path(["won", "", "2026-01-05", ""], &ROWS[1..], "2026-12-31");
        assert_eq!(stays, ["qualify 2026-01-05", "proposal 2026-02-01", "won 2026-03-01"]);
        assert!(assumed);
    }

    #[test]
    fn without_a_history_the_cells_tell() {
        let told = |cells, as_of| path(cells, &[], as_of);
        let open = ["needs", "2026-02-01", "2026-01-05", ""];
        assert_eq!(
            told(open, "2026-12-31"),
            (vec!["unknown 2026-01-05".into(), "needs 2026-02-01".into()], true)
        );
        assert_eq!(told(open, "2026-01-20").0, ["unknown 2026-01-05"]);
        let closed = ["lost", "", "2026-01-05", "2026-03-01"];
        assert_eq!(told(closed, "2026-12-31").0, ["unknown 2026-01-05", "lost 2026-03-01"]);
        assert_eq!(told(["needs", "", "", ""], "2020-01-01").0, ["needs always"]);
        assert_eq!(told(["lost", "", "", ""], "2020-01-01").0, ["lost always"]);
    }

    #[test]
    fn deleted_deals_and_voided_rows_never_were() {
        let deleted = "2026-04-01T09:00:00Z,deal-1,stage,,won,deleted,ana,";
        let rows = [ROWS[0], ROWS[1], ROWS[2], deleted];
        let cells = ["deleted", "", "2026-01-10T09:00:00Z", ""];
        assert!(path(cells, &rows, "2026-03-15").0.is_empty(), "at no day");
        let void = "2026-04-02T09:00:00Z,deal-1,void,stage,2026-03-01T09:00:00Z,,ana,";
        let again = "2026-04-03T09:00:00Z,deal-1,void,void:stage,2026-04-02T09:00:00Z,,ana,";
        let cells = ["won", "", "2026-01-10T09:00:00Z", ""];
        let stays = |rows: &[&str]| path(cells, rows, "2026-12-31").0;
        assert_eq!(stays(&[ROWS[0], ROWS[1], ROWS[2], void]), ["qualify 2026-01-10", "proposal 2026-02-01"]);
        assert_eq!(stays(&[ROWS[0], ROWS[1], ROWS[2], void, again]).last().unwrap(), "won 2026-03-01");
    }

    #[test]
    fn a_deal_that_came_back_was_never_deleted() {
        let rows = [
            ROWS[0],
            "2026-01-20T09:00:00Z,deal-1,stage,,screening,deleted,ana,",
            "2026-01-25T09:00:00Z,deal-1,stage,,deleted,needs,ana,",
        ];
        let cells = ["needs", "", "2026-01-10T09:00:00Z", ""];
        assert_eq!(path(cells, &rows, "2026-01-22").0, ["qualify 2026-01-10"]);
        assert_eq!(path(cells, &rows, "2026-12-31").0, ["qualify 2026-01-10", "needs 2026-01-25"]);
        assert_eq!(path(cells, &rows[2..], "2026-12-31").0, ["unknown 2026-01-10", "needs 2026-01-25"]);
    }

    #[test]
    fn a_void_row_is_not_what_a_deal_begins_with() {
        let process = process();
        let rows = [
            "2026-01-10T09:00:00Z,deal-1,stage,,,qualify,ana,",
            "2026-01-20T09:00:00Z,deal-1,void,stage,2026-01-10T09:00:00Z,,ana,",
            "2026-02-05T09:00:00Z,deal-1,stage,,,needs,ana,",
        ];
        let book = book(&process, ["needs", "", "", ""], &rows);
        assert_eq!(book.created(0), Some(at("2026-02-05T09:00:00Z")));
    }

    #[test]
    fn a_win_reaches_every_stage_and_a_step_back_unreaches_none() {
        let process = process();
        let rows = [
            "2026-01-10T09:00:00Z,deal-1,stage,,,needs,ana,",
            "2026-01-20T09:00:00Z,deal-1,stage,,needs,qualify,ana,",
            ROWS[2],
        ];
        let book = book(&process, ["won", "", "2026-01-10T09:00:00Z", ""], &rows);
        let reached = |until: &str| {
            let journeys = Journeys::at(&process, &book, Cut::now(at(until)));
            let mut reached = Vec::new();
            journeys.reached(0, &mut reached);
            reached
        };
        let (first, won) = (Some(at("2026-01-10T09:00:00Z")), Some(at("2026-03-01T09:00:00Z")));
        assert_eq!(reached("2026-02-01"), [first, first, None]);
        assert_eq!(reached("2026-03-02"), [first, first, won]);
    }

    #[test]
    fn a_field_is_what_it_was_on_the_day() {
        let process = process();
        let rows = [
            "2026-02-01T09:00:00Z,deal-1,set,value,50,70,ana,",
            "2026-03-01T09:00:00Z,deal-1,set,value,70,100,ana,",
        ];
        let book = book(&process, ["needs", "", "2026-01-10", ""], &rows);
        for (day, value) in [("2026-01-15", "50"), ("2026-02-15", "70"), ("2026-03-15", "100")] {
            let journeys = Journeys::at(&process, &book, Cut::now(at(day)));
            assert_eq!(journeys.value(0).unwrap().0.to_string(), value, "{day}");
        }
    }
}
