//! `report slippage`: how often and how far close dates are moved, and whether deals close when they should (metrics §8).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Rate, Row, Section, Shape};
use super::group::Grouped;
use super::question::Question;
use super::statistics;
use crate::deal::book::FieldChange;
use crate::deal::money::NoRate;
use crate::deal::time::{Cut, Day, Instant};
use crate::process::{Outcome, StageIndex};

/// Its pictures.
pub(super) const CHARTS: &[Chart] =
    &[Chart::groups("stages", &["pushes"]), Chart::groups("owners", &["pushes"])];

/// From how many pushes on a deal is named.
const OFTEN: usize = 3;

/// How many deals people are shown of a list.
const NAMED: usize = 10;

/// The close date of an open deal was moved to another day.
#[derive(Clone, Copy, Debug)]
pub struct Slip {
    /// When.
    pub at: Instant,
    /// The stage it was in then.
    pub stage: StageIndex,
    /// By how many days: pushed above 0, pulled in below.
    pub days: i64,
}

/// Close dates moved in one direction: of how many deals, and how many days each time.
#[derive(Clone, Debug, Default)]
struct Moves {
    deals: u64,
    /// The deal counted last; a deal's moves come one after the other.
    last: Option<usize>,
    days: Vec<i64>,
}

impl Moves {
    fn add(&mut self, deal: usize, days: i64) {
        self.deals += u64::from(self.last != Some(deal));
        self.last = Some(deal);
        self.days.push(days);
    }

    /// How many deals, how often, and by how many days in all.
    fn cells(&self) -> [Cell; 3] {
        let days = Some(self.days.iter().sum::<i64>() as f64);
        [Cell::Count(self.deals), Cell::Count(self.days.len() as u64), Cell::Days { days, n: None }]
    }

    fn median(&self) -> Cell {
        let mut days: Vec<f64> = self.days.iter().map(|days| *days as f64).collect();
        days.sort_by(f64::total_cmp);
        Cell::Days { days: statistics::quantile(&days, 0.5), n: Some(days.len() as u64) }
    }
}

/// Pushes and pull-ins.
#[derive(Clone, Debug, Default)]
struct Slips {
    pushed: Moves,
    pulled: Moves,
}

impl Slips {
    fn add(&mut self, deal: usize, slip: Slip) {
        let moves = if slip.days > 0 { &mut self.pushed } else { &mut self.pulled };
        moves.add(deal, slip.days.abs());
    }

    fn cells(&self) -> Vec<Cell> {
        [&self.pushed.cells()[..], &[self.pushed.median()], &self.pulled.cells()].concat()
    }
}

/// What became of the deals that were due in the period.
#[derive(Clone, Debug, Default)]
struct Due {
    all: u64,
    on_time: u64,
    later: u64,
    lost: u64,
    disqualified: u64,
    open: u64,
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day it is needed.
pub fn slippage(question: &Question<'_>) -> Result<Figures, NoRate> {
    let empty = Slips::default();
    let mut grouped = Grouped::new(question, empty.clone());
    let (mut stages, mut owners) = (BTreeMap::new(), BTreeMap::new());
    for &deal in &question.picked {
        for slip in slips_in_period(question, deal) {
            grouped.add(question, deal, Some(slip.at), &empty, |slips| slips.add(deal, slip));
            let stage = (slip.stage.position(), question.process.stage_id(slip.stage));
            let owner = question.text("owner", deal);
            for (split, key) in [(&mut stages, stage), (&mut owners, (usize::from(owner.is_empty()), owner))]
            {
                split.entry(key).or_insert_with(Slips::default).add(deal, slip);
            }
        }
    }
    let columns = || {
        vec![
            Column::new("pushed_deals", Kind::Count),
            Column::new("pushes", Kind::Count),
            Column::new("days_pushed", Kind::Age),
            Column::new("median_push", Kind::Days),
            Column::new("pulled_in_deals", Kind::Count),
            Column::new("pull_ins", Kind::Count),
            Column::new("days_pulled_in", Kind::Age),
        ]
    };
    let split = |key, by: &str, groups: BTreeMap<(usize, &str), Slips>| {
        let row = |((_, name), slips): (&(usize, &str), &Slips)| Row {
            group: vec![(*name).to_owned()],
            cells: slips.cells(),
        };
        let mut rows: Vec<Row> = groups.iter().map(row).collect();
        rows.push(Row::total(grouped.total().cells()));
        Section { key, shape: Shape::Record, by: vec![by.to_owned()], columns: columns(), rows }
    };
    let sections = vec![
        Section {
            key: "slippage",
            shape: Shape::Record,
            by: question.group_columns(),
            columns: columns(),
            rows: grouped.rows(|slips, _| vec![slips.cells()]),
        },
        split("stages", "stage", stages),
        split("owners", "owner", owners),
        on_time(question),
        pushed_often(question)?,
        overdue(question)?,
    ];
    let notes = question.notes();
    Ok(Figures { name: "slippage", scope: Some(question.scope()), sections, notes })
}

/// The moves of a deal's close date in the period, as [`slips`].
pub fn slips_in_period<'q>(question: &'q Question<'_>, deal: usize) -> impl Iterator<Item = Slip> + 'q {
    slips_at(question, deal, |at| question.in_period(at))
}

/// The moves of a deal's close date up to `e`, while it was open; first settings and removals left out (metrics §8).
fn slips<'q>(question: &'q Question<'_>, deal: usize) -> impl Iterator<Item = Slip> + 'q {
    slips_at(question, deal, |at| question.e().sees(at))
}

/// Those of the instants that are wanted; what happened then is looked at only where it is.
fn slips_at<'q>(
    question: &'q Question<'_>,
    deal: usize,
    wanted: impl Fn(Instant) -> bool + 'q,
) -> impl Iterator<Item = Slip> + 'q {
    let (book, zone) = (question.book, question.zone());
    let field = book.place("close_date");
    let changes = book.changes(question.journeys.deals[deal].deal as usize);
    let wanted = move |change: &FieldChange<'_>| Some(change.field) == field && wanted(change.at);
    changes.filter(wanted).filter_map(move |change| {
        let days = zone.parse_moment_day(change.to())? - zone.parse_moment_day(change.from())?;
        // An edit comes before the moves of its instant: the deal was open where it was until then.
        let stay = question.journeys.standing(deal, Cut::before(change.at))?;
        let counts = !days.is_zero() && question.process.is_open(stay.stage);
        counts.then_some(Slip { at: change.at, stage: stay.stage, days: days.num_days() })
    })
}

/// *On time*: of the deals whose first close date falls in the period, what became of them by `t` (metrics §8).
fn on_time(question: &Question<'_>) -> Section {
    let empty = Due::default();
    let mut grouped = Grouped::new(question, empty.clone());
    let zone = question.zone();
    for &deal in &question.picked {
        let Some(first) = due_in_period(question, deal) else { continue };
        let end = question.end(deal);
        let in_time = end.and_then(|end| end.at).is_some_and(|at| zone.day_of(at) <= first);
        grouped.add(question, deal, Some(zone.start_of(first)), &empty, |due| {
            due.all += 1;
            let count = match end.map(|end| end.outcome) {
                Some(Outcome::Won) if in_time => &mut due.on_time,
                Some(Outcome::Won) => &mut due.later,
                Some(Outcome::Lost) => &mut due.lost,
                Some(Outcome::Disqualified) => &mut due.disqualified,
                None => &mut due.open,
            };
            *count += 1;
        });
    }
    let rows = grouped.rows(|due, _| {
        vec![vec![
            Cell::Count(due.all),
            Cell::Rate(Rate { count: due.on_time, of: due.all }),
            Cell::Count(due.later),
            Cell::Count(due.lost),
            Cell::Count(due.disqualified),
            Cell::Count(due.open),
        ]]
    });
    let columns = vec![
        Column::new("came_due", Kind::Count),
        Column::new("won_on_time", Kind::Rate),
        Column::new("won_later", Kind::Count),
        Column::new("lost", Kind::Count),
        Column::new("disqualified", Kind::Count),
        Column::new("still_open", Kind::Count),
    ];
    Section { key: "on_time", shape: Shape::Record, by: question.group_columns(), columns, rows }
}

/// The first close date of a deal, where it falls in the period; none of one that closed at an unknown time.
pub fn due_in_period(question: &Question<'_>, deal: usize) -> Option<Day> {
    let dated = question.end(deal).is_none_or(|end| end.at.is_some());
    let first = first_close_date(question, deal).filter(|_| dated)?;
    question.in_period(question.zone().start_of(first)).then_some(first)
}

/// The first close date that a deal is known at `t` to have had.
fn first_close_date(question: &Question<'_>, deal: usize) -> Option<Day> {
    let (book, zone) = (question.book, question.zone());
    let (field, deal) = (book.place("close_date")?, question.journeys.deals[deal].deal as usize);
    let changes = book.changes(deal).filter(|change| change.field == field);
    let before = changes.clone().next().map_or(book.cell(deal, field), |first| first.from());
    let after = changes.filter(|change| question.t().sees(change.at)).map(|change| change.to());
    std::iter::once(before).chain(after).find_map(|cell| zone.parse_moment_day(cell))
}

/// The open deals that were pushed three times or more, ever; most pushes first.
fn pushed_often(question: &Question<'_>) -> Result<Section, NoRate> {
    let mut rows = Vec::new();
    for (deal, stage) in question.open_at_e() {
        let pushes: Vec<i64> = slips(question, deal).map(|slip| slip.days).filter(|days| *days > 0).collect();
        if pushes.len() >= OFTEN {
            let value = question.open_value(deal)?;
            let mut cells = named(question, deal, stage);
            cells.extend([
                question.amount(value),
                Cell::Count(pushes.len() as u64),
                Cell::Days { days: Some(pushes.iter().sum::<i64>() as f64), n: None },
            ]);
            rows.push(((Reverse(pushes.len()), Reverse(value)), cells));
        }
    }
    let columns = [("value", Kind::Amount), ("pushes", Kind::Count), ("days_pushed", Kind::Age)];
    Ok(list("pushed_often", columns, rows))
}

/// The open deals whose close date lies before the day of `e`; the most valuable first.
fn overdue(question: &Question<'_>) -> Result<Section, NoRate> {
    let mut rows = Vec::new();
    for (deal, stage) in question.open_at_e() {
        let Some(date) = past_close_date(question, deal) else { continue };
        let value = question.open_value(deal)?;
        let past = (question.e().day(question.zone()) - date).num_days() as f64;
        let mut cells = named(question, deal, stage);
        cells.extend([question.amount(value), Cell::Date(date), Cell::Days { days: Some(past), n: None }]);
        rows.push(((Reverse(value), date), cells));
    }
    let columns = [("value", Kind::Amount), ("close_date", Kind::Date), ("days_past", Kind::Age)];
    Ok(list("past_close_date", columns, rows))
}

/// The close date that a deal had at `e`, where its day was over then.
pub fn past_close_date(question: &Question<'_>, deal: usize) -> Option<Day> {
    let (book, zone, e) = (question.book, question.zone(), question.e());
    let cell = book.field_at(question.journeys.deals[deal].deal as usize, book.place("close_date")?, e);
    zone.parse_moment_day(cell).filter(|date| *date < e.day(zone))
}

/// What names an open deal.
fn named(question: &Question<'_>, deal: usize, stage: StageIndex) -> Vec<Cell> {
    let id = question.journeys.id(deal);
    let texts = [id, question.text("name", deal), question.text("owner", deal)];
    let stage = Cell::Stage(question.process.stage_id(stage).to_owned());
    texts.map(|text| Cell::Text(text.to_owned())).into_iter().chain([stage]).collect()
}

/// A section that names deals, in the order of their keys; equal ones stay in the order of the file.
fn list<K: Ord>(
    key: &'static str,
    figures: [(&'static str, Kind); 3],
    mut rows: Vec<(K, Vec<Cell>)>,
) -> Section {
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    let names = ["id", "name", "owner", "stage"].map(|name| (name, Kind::Text));
    let columns = names.into_iter().chain(figures).map(|(key, kind)| Column::new(key, kind)).collect();
    let rows = rows.into_iter().map(|(_, cells)| Row::total(cells)).collect();
    Section { key, shape: Shape::Top(NAMED), by: Vec::new(), columns, rows }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asked, Fixture};

    const PROCESS: &str = "\
stages:
  - {id: lead}
  - {id: offer}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
rates: {EUR: 1.5}
";

    const ASKED: Asked<'static> =
        Asked { report: "slippage", period: "2026-03", as_of: "2026-03-31", by: &[] };

    fn fixture(deals: &str, history: &str) -> Fixture {
        let header = "id,name,owner,stage,value,currency,created,closed,close_date\n";
        Fixture::new(PROCESS, &format!("{header}{deals}"), history)
    }

    #[test]
    fn pushes_and_pull_ins_of_open_deals_are_counted_apart() {
        // Of a: its first close date is no push; 10 days in lead and 5 in offer are, 2 days earlier and, at the
        // instant of the win, 11 days earlier are pull-ins; the edit after the win is nothing.
        // Of b: one push before March, one of 7 days in it; taking the date away and giving one anew is nothing.
        let deals = "\
a,A,ana,won,,,2026-02-01,2026-03-12T09:00:00Z,2026-04-30
b,B,,lead,,,2026-02-01,,2026-05-01
";
        let history = "\
2026-02-01T09:00:00Z,a,stage,,,lead,,
2026-02-01T09:00:00Z,a,set,close_date,,2026-03-10,,
2026-03-02T09:00:00Z,a,set,close_date,2026-03-10,2026-03-20,,
2026-03-05T09:00:00Z,a,stage,,lead,offer,,
2026-03-08T09:00:00Z,a,set,close_date,2026-03-20,2026-03-25,,
2026-03-09T09:00:00Z,a,set,close_date,2026-03-25,2026-03-23,,
2026-03-12T09:00:00Z,a,stage,,offer,won,,
2026-03-12T09:00:00Z,a,set,close_date,2026-03-23,2026-03-12,,
2026-03-15T09:00:00Z,a,set,close_date,2026-03-12,2026-04-30,,
2026-02-01T09:00:00Z,b,stage,,,lead,,
2026-02-01T09:00:00Z,b,set,close_date,,2026-03-01,,
2026-02-10T09:00:00Z,b,set,close_date,2026-03-01,2026-03-02,,
2026-03-03T09:00:00Z,b,set,close_date,2026-03-02,2026-03-09,,
2026-03-04T09:00:00Z,b,set,close_date,2026-03-09,,,
2026-03-05T09:00:00Z,b,set,close_date,,2026-05-01,,
";
        let fixture = fixture(deals, history);
        // Pushes 10, 5 and 7, with a median of 7; pull-ins 2 and 11.
        assert_eq!(fixture.lines(ASKED, "slippage"), ["2,3,22,7,3,1,2,13"]);
        assert_eq!(
            fixture.lines(ASKED, "stages"),
            ["lead,2,2,17,8.5,2,0,0,0", "offer,1,1,5,5,1,1,2,13", "total,2,3,22,7,3,1,2,13"]
        );
        assert_eq!(
            fixture.lines(ASKED, "owners"),
            ["ana,1,2,15,7.5,2,1,2,13", ",1,1,7,7,1,0,0,0", "total,2,3,22,7,3,1,2,13"]
        );
        // By week, of the date of the push: all pushes lie in the one from Monday 2 to Sunday 8 March.
        let weeks = fixture.lines(Asked { by: &["week"], ..ASKED }, "slippage");
        assert_eq!(weeks[1], "2026-W10,2,3,22,7,3,0,0,0");
        assert_eq!(weeks[2], "2026-W11,0,0,0,,0,1,2,13");
    }

    #[test]
    fn open_deals_are_named_that_were_pushed_often_or_are_past_their_date() {
        // a was pushed three times, once before March, and is two days late; b is one day late; c is due on the last
        // day, which is not over when it begins; d is closed. A deal without a value comes last.
        let deals = "\
a,A,ana,offer,100,EUR,2026-02-01,,2026-03-29
b,B,ben,lead,200,,2026-02-01,,2026-03-30
c,C,ben,lead,300,,2026-02-01,,2026-03-31
d,D,ben,won,400,,2026-02-01,2026-03-01,2026-02-01
e,E,ben,lead,,,2026-02-01,,2026-03-01
";
        let history = "\
2026-02-01T00:00:00Z,a,stage,,,offer,,
2026-02-20T09:00:00Z,a,set,close_date,2026-02-25,2026-03-01,,
2026-03-01T09:00:00Z,a,set,close_date,2026-03-01,2026-03-15,,
2026-03-15T09:00:00Z,a,set,close_date,2026-03-15,2026-03-29,,
";
        let fixture = fixture(deals, history);
        // 4 + 14 + 14 days.
        assert_eq!(fixture.lines(ASKED, "pushed_often"), ["a,A,ana,offer,150.00,3,32"]);
        assert_eq!(
            fixture.lines(ASKED, "past_close_date"),
            [
                "b,B,ben,lead,200.00,2026-03-30,1",
                "a,A,ana,offer,150.00,2026-03-29,2",
                "e,E,ben,lead,,2026-03-01,30"
            ]
        );
        // As the close date stood on 14 March: a had been moved on the 1st, and was not late.
        let earlier = Asked { as_of: "2026-03-14", ..ASKED };
        assert_eq!(fixture.lines(earlier, "past_close_date"), ["e,E,ben,lead,,2026-03-01,13"]);
    }

    #[test]
    fn what_became_of_the_deals_due_is_told_by_their_first_close_date() {
        // a was won on the very day, b a day later though its date had been moved, c lost, d disqualified, e is open,
        // f is due in April, g closed at an unknown time.
        let deals = "\
a,A,ana,won,,,2026-02-01,2026-03-10T22:00:00Z,2026-03-10
b,B,ana,won,,,2026-02-01,2026-03-11T01:00:00Z,2026-03-20
c,C,ben,lost,,,2026-02-01,2026-02-20,2026-03-01
d,D,ben,disqualified,,,2026-02-01,2026-03-02,2026-03-01
e,E,ben,lead,,,2026-02-01,,2026-03-31
f,F,ben,lead,,,2026-02-01,,2026-04-01
g,G,ben,won,,,2026-02-01,,2026-03-01
";
        let history = "2026-03-09T09:00:00Z,b,set,close_date,2026-03-10,2026-03-20,,\n";
        let lines = fixture(deals, history).lines(Asked { by: &["owner"], ..ASKED }, "on_time");
        // Due 5: the rate is 1 of 5, with its interval.
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("ana,2,0.5,1,2,") && lines[0].ends_with(",1,0,0,0"), "{}", lines[0]);
        assert!(lines[1].starts_with("ben,3,0,0,3,") && lines[1].ends_with(",0,1,1,1"), "{}", lines[1]);
        assert!(lines[2].starts_with("total,5,0.2,1,5,") && lines[2].ends_with(",1,1,1,1"), "{}", lines[2]);
    }
}
