//! `board`: the open deals under their stages, with what stands in each.

use std::cmp::Reverse;

use rust_decimal::Decimal;

use super::ages::{self, Ages};
use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use super::ground::Ground;
use crate::deal::money::{Currency, NoRate};
use crate::deal::standing::Standing;

/// What its figures are called.
pub(super) const NAME: &str = "board";

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::heat("ages", None, ages::KEYS)];

/// The open stages side by side.
#[derive(Clone, Debug)]
pub struct Board {
    /// A column for each open stage, in the order of the process.
    pub columns: Vec<Lane>,
    /// The reporting currency.
    pub currency: Currency,
}

/// The deals in one stage.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The stage's id.
    pub stage: String,
    /// How many deals are in it.
    pub deals: u64,
    /// How many of them have a value.
    pub valued: u64,
    /// What they are worth together, in the reporting currency.
    pub value: Decimal,
    /// How many of them are stalled.
    pub stalled: u64,
    /// How long they have been in it.
    pub ages: Ages,
    /// The deals of the highest value, the highest first; the oldest is always among them.
    pub cards: Vec<Card>,
}

/// One deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whose it is; may be empty.
    pub owner: String,
    /// What it is worth, and in which currency.
    pub value: Option<(Decimal, Currency)>,
    /// Days in its stage.
    pub days: Option<f64>,
    /// Whether those are too many.
    pub stalled: bool,
    /// Whether it has been in the stage for longer than every other deal of the board.
    pub oldest: bool,
}

/// The board of the open ones among these deals, with at most `most` cards in a column.
///
/// Errors: a value in a currency without a rate.
pub fn board(ground: &Ground<'_>, deals: &[Standing<'_>], most: usize) -> Result<Board, NoRate> {
    let process = ground.process;
    let mut columns = Vec::new();
    for (stage, described) in process.open_stages() {
        let mut lane = Lane {
            stage: described.id.clone(),
            deals: 0,
            valued: 0,
            value: Decimal::ZERO,
            stalled: 0,
            ages: Ages::default(),
            cards: Vec::new(),
        };
        let mut worths: Vec<(Option<Decimal>, Card)> = Vec::new();
        for deal in deals.iter().filter(|deal| deal.stage == stage) {
            let worth = ground.worth(deal)?;
            let stalled = ground.is_stalled(deal);
            lane.deals += 1;
            lane.valued += u64::from(worth.is_some());
            lane.value += worth.unwrap_or_default();
            lane.stalled += u64::from(stalled);
            let days = ground.days_in_stage(deal);
            lane.ages.add(days);
            let card = Card {
                id: deal.text("id").to_owned(),
                name: deal.text("name").to_owned(),
                owner: deal.text("owner").to_owned(),
                value: deal.value,
                days,
                stalled,
                oldest: false,
            };
            worths.push((worth, card));
        }
        worths.sort_by_key(|(worth, _)| Reverse(*worth));
        lane.cards = worths.into_iter().map(|(_, card)| card).collect();
        mark_oldest(&mut lane.cards, most);
        columns.push(lane);
    }
    Ok(Board { columns, currency: process.currency })
}

/// Marks the one that has been there for longest, where others have been there for less, and keeps it among the first
/// `most`, which are all that stay.
fn mark_oldest(cards: &mut Vec<Card>, most: usize) {
    let days = |card: &Card| card.days.unwrap_or(-1.0);
    let longest = cards.iter().map(days).fold(-1.0, f64::max);
    let mut oldest = (0..cards.len()).filter(|at| days(&cards[*at]) >= longest);
    let (first, second) = (oldest.next(), oldest.next());
    if let (Some(at), None, true) = (first, second, cards.len() > 1) {
        cards[at].oldest = true;
        if let Some(last) = most.checked_sub(1).filter(|last| at > *last) {
            let card = cards.remove(at);
            cards.insert(last, card);
        }
    }
    cards.truncate(most);
}

impl Board {
    /// The board as tables: a row a deal, and a row a stage.
    pub fn figures(&self) -> Figures {
        let card = |lane: &Lane, card: &Card| {
            let value =
                card.value.map(|(amount, currency)| Cell::Money { amount: Some(amount), currency, n: None });
            let currency = card.value.map(|(_, currency)| Cell::Text(currency.code().to_owned()));
            let cells = vec![
                Cell::text(&card.id),
                Cell::text(&card.name),
                Cell::text(&card.owner),
                value.unwrap_or(Cell::Empty),
                currency.unwrap_or(Cell::Empty),
                card.days.map_or(Cell::Empty, |days| Cell::Days { days: Some(days), n: None }),
                Cell::Flag(card.stalled),
                Cell::Flag(card.oldest),
            ];
            Row { group: vec![lane.stage.clone()], cells }
        };
        let cards = self.columns.iter().flat_map(|lane| lane.cards.iter().map(move |one| card(lane, one)));
        let stage = |lane: &Lane| Row { group: vec![lane.stage.clone()], cells: self.sums(&[lane]) };
        let all: Vec<&Lane> = self.columns.iter().collect();
        let total = Row::total(self.sums(&all));
        let board = Section {
            key: "board",
            shape: Shape::List,
            by: vec!["stage".to_owned()],
            columns: vec![
                Column::new("id", Kind::Text),
                Column::new("name", Kind::Text),
                Column::new("owner", Kind::Text),
                Column::new("value", Kind::Amount),
                Column::new("currency", Kind::Text),
                Column::new("stage_age", Kind::Age),
                Column::new("stalled", Kind::Flag),
                Column::new("oldest", Kind::Flag),
            ],
            rows: cards.collect(),
        };
        let stages = Section {
            key: "stages",
            shape: Shape::List,
            by: vec!["stage".to_owned()],
            columns: vec![
                Column::new("deals", Kind::Count),
                Column::new("value", Kind::Total),
                Column::new("stalled", Kind::Count),
            ],
            rows: self.columns.iter().map(stage).chain([total]).collect(),
        };
        let ages = |lane: &Lane| Row { group: vec![lane.stage.clone()], cells: lane.ages.cells().collect() };
        let all_ages = self.columns.iter().fold(Ages::default(), |all, lane| all.with(&lane.ages));
        let ages = Section {
            key: "ages",
            shape: Shape::List,
            by: vec!["stage".to_owned()],
            columns: ages::columns().collect(),
            rows: self.columns.iter().map(ages).chain([Row::total(all_ages.cells().collect())]).collect(),
        };
        Figures::of(NAME, [board, stages, ages])
    }

    fn sums(&self, lanes: &[&Lane]) -> Vec<Cell> {
        let sum = |count: fn(&Lane) -> u64| lanes.iter().map(|lane| count(lane)).sum();
        let value: Decimal = lanes.iter().map(|lane| lane.value).sum();
        let n = Some(sum(|lane| lane.valued));
        vec![
            Cell::Count(sum(|lane| lane.deals)),
            Cell::Money { amount: Some(value), currency: self.currency, n },
            Cell::Count(sum(|lane| lane.stalled)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::past::Past;
    use crate::deal::record::Record;
    use crate::deal::time::Instant;
    use crate::metrics::stalled::Limits;
    use crate::process;

    const COLUMNS: [&str; 6] = ["id", "name", "stage", "stage_since", "value", "currency"];

    fn of(most: usize, rows: &[[&str; 6]]) -> Board {
        let text = "\
currency: USD
rates: {EUR: 1.1}
stages:
  - {id: needs, name: Needs, stale_after: 14d}
  - {id: proposal}
  - {id: won, outcome: won}
";
        let process = process::read("pipeline.yaml", text).unwrap();
        let columns = COLUMNS.map(str::to_owned);
        let records: Vec<Record<'_>> =
            rows.iter().map(|row| Record::new(&columns, row.map(Into::into).into())).collect();
        let standing = |record| {
            let stage = process.lookup(Record::get(record, "stage")).unwrap();
            Standing::of(&process, record, stage, Past::default())
        };
        let deals: Vec<Standing<'_>> = records.iter().map(standing).collect();
        let process::RateSource::Fixed(rates) = process.rates.clone() else { panic!("rates are stated") };
        let now = Instant::parse("2026-07-15T00:00:00Z").unwrap();
        let today = process.zone.day_of(now);
        let ground = Ground {
            process: &process,
            lang: process.lang,
            limits: Limits::stated(&process),
            rates,
            now,
            today,
        };
        board(&ground, &deals, most).unwrap()
    }

    const ROWS: [[&str; 6]; 5] = [
        ["d1", "One", "needs", "2026-07-14", "100", ""],
        ["d2", "Two", "needs", "2026-07-01", "100", "EUR"],
        // 15 days are more than 14.
        ["d3", "Three", "needs", "2026-06-30", "", ""],
        ["d4", "Four", "won", "2026-01-01", "5", ""],
        ["d5", "Five", "proposal", "2026-01-01", "7", ""],
    ];

    #[test]
    fn the_largest_come_first_and_the_oldest_is_marked() {
        let board = of(9, &ROWS);
        // 100 EUR are 110 USD: more than 100 USD.
        let cards: Vec<(&str, bool, bool)> =
            board.columns[0].cards.iter().map(|card| (&*card.id, card.stalled, card.oldest)).collect();
        assert_eq!(cards, [("d2", false, false), ("d1", false, false), ("d3", true, true)]);
        let lane = &board.columns[0];
        assert_eq!((lane.stage.as_str(), lane.deals, lane.valued, lane.stalled), ("needs", 3, 2, 1));
        assert_eq!(lane.value, Decimal::from(210));
        // One deal alone is not the oldest of any, and a stage without a limit has none that is stalled.
        let alone = &board.columns[1].cards[0];
        assert_eq!((alone.days, alone.stalled, alone.oldest), (Some(195.0), false, false));
    }

    #[test]
    fn the_oldest_stays_among_the_few_that_are_shown() {
        let ids =
            |most| of(most, &ROWS).columns[0].cards.iter().map(|card| card.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(2), ["d2", "d3"]);
        assert_eq!(ids(1), ["d3"]);
        assert!(ids(0).is_empty());
        assert_eq!(of(1, &ROWS).columns[0].deals, 3);
    }
}
