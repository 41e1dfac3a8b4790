//! `report stages`: what stands in each stage, how long deals wait there, and how long their stays took (metrics §5).

use rust_decimal::Decimal;

use super::ages::{self, Ages};
use super::chart::Chart;
use super::cohorts;
use super::conversion::Cohort;
use super::figures::{Cell, Column, Figures, Kind, Rate, Row, Section, Shape};
use super::group::{Grouped, Part, named_by};
use super::question::{Question, days};
use super::stalled::Limits;
use super::statistics::{LEAST_AT_RISK, Spell, kaplan_meier_median, quantile};
use super::velocity::{mean_days, sorted_days};
use crate::deal::money::NoRate;
use crate::deal::time::Instant;
use crate::process::StageIndex;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[
    Chart::bars("now", "stage", &["value", "weighted"]),
    Chart::heat("ages", Some("stage"), ages::KEYS),
    Chart::bars("waiting", "stage", &["share_stalled"]),
    Chart::bars("stays", "stage", &["median_stay"]),
];

/// A deal that stands in a stage at `e`.
#[derive(Clone, Debug)]
pub struct Here {
    /// The deal, among the journeys.
    pub deal: usize,
    /// What it is worth, in the currency of the figures.
    pub value: Option<Decimal>,
    /// The same times its probability.
    weighted: Decimal,
    /// How long it has been here, in milliseconds; none for a deal of unknown creation.
    pub age: Option<i64>,
    /// Whether that is too long.
    pub stalled: bool,
}

/// What stands in one stage at `e`, and what passed through it in the period.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The deals in it, in the order of the file.
    pub here: Vec<Here>,
    /// How long the stays that ended in the period took, in milliseconds; without assumed journeys.
    stays: Vec<i64>,
    /// Deals that left it in the period, assumed journeys among them.
    pub exits: u64,
    /// The deals that reached it in the period.
    pub cohort: Cohort,
}

impl Traffic {
    /// How many deals are in it.
    pub fn deals(&self) -> u64 {
        self.here.len() as u64
    }

    /// What its deals are worth.
    pub fn value(&self) -> Decimal {
        self.here.iter().filter_map(|here| here.value).sum()
    }

    /// How many of its deals have a value.
    pub fn valued(&self) -> usize {
        self.here.iter().filter(|here| here.value.is_some()).count()
    }

    /// What its deals are worth by their probability.
    pub fn weighted(&self) -> Decimal {
        self.here.iter().map(|here| here.weighted).sum()
    }

    /// How many of its deals are stalled.
    pub fn stalled(&self) -> u64 {
        self.here.iter().filter(|here| here.stalled).count() as u64
    }

    /// The share of its deals that are stalled.
    pub fn share_stalled(&self) -> Rate {
        Rate { count: self.stalled(), of: self.deals() }
    }

    /// How long its deals of known creation have been in it: days in ascending order.
    fn ages(&self) -> Vec<f64> {
        sorted_days(&self.here.iter().filter_map(|here| here.age).collect::<Vec<_>>())
    }

    /// How many stays ended in the period.
    pub fn stays(&self) -> u64 {
        self.stays.len() as u64
    }

    /// The median of the stays that ended in the period, in days.
    pub fn median_stay(&self) -> Option<f64> {
        quantile(&sorted_days(&self.stays), 0.5)
    }

    /// *Queue days* (Little's law) = deals now / (exits in the period / elapsed days); none without an exit (metrics §5).
    pub fn queue_days(&self, elapsed: Option<f64>) -> Option<f64> {
        let elapsed = elapsed.filter(|_| self.exits > 0)?;
        Some(self.deals() as f64 * elapsed / self.exits as f64)
    }

    /// The queue days as a cell.
    pub fn queue_cell(&self, elapsed: Option<f64>) -> Cell {
        Cell::Days { days: self.queue_days(elapsed), n: Some(self.exits) }
    }
}

/// The traffic of each open stage in the order of the process, and last of the stage that files do not tell; over all and
/// by group.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn traffic(question: &Question<'_>, limits: &Limits) -> Result<Grouped<Vec<Traffic>>, NoRate> {
    let here = || standing(question, limits).collect::<Result<Vec<_>, _>>();
    let (mut grouped, here) = question.both(|| passing(question), here);
    let (open, empty) = no_traffic(question);
    for (stage, here) in here? {
        let place = open.iter().position(|other| *other == stage).unwrap_or(open.len());
        grouped.add(question, here.deal, None, &empty, |stages| stages[place].here.push(here.clone()));
    }
    Ok(grouped)
}

/// The deals that stand in an open stage at `e`, each with its stage.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn standing(
    question: &Question<'_>,
    limits: &Limits,
) -> impl Iterator<Item = Result<(StageIndex, Here), NoRate>> {
    question.open_at_e().map(|(deal, stage)| {
        let value = question.open_value(deal)?;
        let weighted = value.unwrap_or_default() * question.probability(deal, stage);
        let (age, stalled) = (question.stage_age(deal), limits.stalled(question, deal));
        Ok((stage, Here { deal, value, weighted, age, stalled }))
    })
}

/// As [`traffic`], without the deals that stand there, and so without values.
pub fn passing(question: &Question<'_>) -> Grouped<Vec<Traffic>> {
    let (open, empty) = no_traffic(question);
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, place, entered, left) in in_open_stages(question, &open) {
        let Some(left) = left.filter(|left| question.in_period(*left)) else { continue };
        grouped.add(question, deal, None, &empty, |stages| stages[place].exits += 1);
        if !question.journeys.deals[deal].assumed {
            let took = question.zone().elapsed_millis(entered, left);
            grouped.add(question, deal, Some(left), &empty, |stages| stages[place].stays.push(took));
        }
    }
    cohorts::of_period(question, |member| {
        grouped.add(question, member.deal, None, &empty, |stages| stages[member.stage].cohort.add(&member));
    });
    grouped
}

/// The stays in each open stage that were running at some time in the period; without assumed journeys.
fn running(question: &Question<'_>) -> Grouped<Vec<Vec<Spell>>> {
    let (open, _) = no_traffic(question);
    let empty = vec![Vec::new(); open.len()];
    let mut grouped = Grouped::new(question, empty.clone());
    for (deal, place, entered, left) in in_open_stages(question, &open) {
        let known = !question.journeys.deals[deal].assumed;
        if let Some(spell) = question.spell(entered, left).filter(|_| known) {
            grouped.add(question, deal, None, &empty, |stages| stages[place].push(spell));
        }
    }
    grouped
}

/// The stays in open stages of the deals that were not over before the period: the deal, the place of the stage among the
/// open ones, when it entered and when it left.
fn in_open_stages<'q>(
    question: &'q Question<'_>,
    open: &'q [StageIndex],
) -> impl Iterator<Item = (usize, usize, Instant, Option<Instant>)> {
    let deals = question.picked.iter().copied().filter(|deal| !question.was_over(*deal));
    deals.flat_map(move |deal| {
        question.journeys.stays_until(deal).filter_map(move |(stay, left)| {
            let place = open.iter().position(|stage| *stage == stay.stage)?;
            Some((deal, place, stay.entered, left))
        })
    })
}

/// The open stages, and what is known of them before anything is counted.
fn no_traffic(question: &Question<'_>) -> (Vec<StageIndex>, Vec<Traffic>) {
    let open: Vec<StageIndex> = question.process.open_stages().map(|(stage, _)| stage).collect();
    let empty = vec![Traffic::default(); open.len() + 1];
    (open, empty)
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn stages(question: &Question<'_>) -> Result<Figures, NoRate> {
    let limits = Limits::of(question);
    let (grouped, running) = question.both(|| traffic(question, &limits), || running(question));
    let grouped = grouped?;
    // What was passed is sorted in the time that all the rest takes.
    let (stays, (stock, mut notes)) = question.both(
        || stays_section(question, &grouped, &running),
        || {
            let stock = [
                now_section(question, &grouped),
                ages_section(question, &grouped),
                waiting_section(question, &grouped, &limits),
            ];
            (stock, question.notes())
        },
    );
    let sections = stock.into_iter().chain([stays]).collect();
    notes.extend(limits.notes(question));
    Ok(Figures { name: "stages", scope: Some(question.scope()), sections, notes })
}

/// A row for each stage of each part. Of stocks there are none in groups by time, which have no date to go by.
fn stock_rows(
    question: &Question<'_>,
    grouped: &Grouped<Vec<Traffic>>,
    rows: impl Fn(&[Traffic]) -> Vec<Vec<Cell>>,
) -> (Vec<String>, Vec<Row>) {
    if question.by_time() {
        let rows = grouped.rows(|stages, part| if part == Part::Total { rows(stages) } else { Vec::new() });
        return (Vec::new(), rows);
    }
    (question.group_columns(), grouped.rows(|stages, _| rows(stages)))
}

/// A row for each open stage of each part, and one for the deals in a stage that files do not tell, where there are any.
fn rows_of_here(
    question: &Question<'_>,
    grouped: &Grouped<Vec<Traffic>>,
    cells: impl Fn(&Traffic) -> Vec<Cell>,
) -> (Vec<String>, Vec<Row>) {
    let known = question.process.open_stages().map(|(stage, _)| stage);
    let stages: Vec<StageIndex> = known.chain([StageIndex::UNKNOWN]).collect();
    let row = |(stage, traffic): (&StageIndex, &Traffic)| {
        if *stage == StageIndex::UNKNOWN && traffic.here.is_empty() {
            return None;
        }
        let name = Cell::Stage(question.process.stage_id(*stage).to_owned());
        Some([name].into_iter().chain(cells(traffic)).collect())
    };
    stock_rows(question, grouped, |traffic| stages.iter().zip(traffic).filter_map(row).collect())
}

/// *Deals now* (metrics §5).
fn now_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>) -> Section {
    let (by, rows) = rows_of_here(question, grouped, |traffic| {
        let money = |amount| question.money(Some(amount), traffic.valued());
        let ages = traffic.ages();
        vec![
            Cell::Count(traffic.deals()),
            money(traffic.value()),
            money(traffic.weighted()),
            Cell::Days { days: quantile(&ages, 0.5), n: Some(ages.len() as u64) },
            Cell::Days { days: ages.last().copied(), n: None },
        ]
    });
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("weighted", Kind::Total),
        Column::new("median_stage_age", Kind::Days),
        Column::new("longest_stage_age", Kind::Age),
    ];
    Section { key: "now", shape: Shape::List, by, columns, rows }
}

/// *Ages* (metrics, "Where the page leaves room").
fn ages_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>) -> Section {
    let (by, rows) = rows_of_here(question, grouped, |traffic| {
        let mut ages = Ages::default();
        traffic.here.iter().for_each(|here| ages.add(here.age.map(days)));
        ages.cells().collect()
    });
    let columns = [Column::new("stage", Kind::Text)].into_iter().chain(ages::columns()).collect();
    Section { key: "ages", shape: Shape::List, by, columns, rows }
}

/// *Stalled* and *queue days* (metrics §5).
fn waiting_section(question: &Question<'_>, grouped: &Grouped<Vec<Traffic>>, limits: &Limits) -> Section {
    let elapsed = question.elapsed_days();
    let row = |(stage, traffic): (StageIndex, &Traffic)| {
        let (limit, share) = (limits.days(stage), traffic.share_stalled());
        vec![
            Cell::Stage(question.process.stage_id(stage).to_owned()),
            limit.map_or(Cell::Empty, |days| Cell::Days { days: Some(days), n: None }),
            limit.map_or(Cell::Empty, |_| Cell::Count(share.count)),
            limit.map_or(Cell::Empty, |_| Cell::Rate(share)),
            traffic.queue_cell(elapsed),
        ]
    };
    let open = || question.process.open_stages().map(|(stage, _)| stage);
    let (by, rows) = stock_rows(question, grouped, |traffic| open().zip(traffic).map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("limit", Kind::Age),
        Column::new("stalled", Kind::Count),
        Column::new("share_stalled", Kind::Rate),
        Column::new("queue_days", Kind::Days),
    ];
    Section { key: "waiting", shape: Shape::List, by, columns, rows }
}

/// *Stays* and the *median with those still there* (metrics §5).
fn stays_section(
    question: &Question<'_>,
    grouped: &Grouped<Vec<Traffic>>,
    running: &Grouped<Vec<Vec<Spell>>>,
) -> Section {
    let cells = |stage: &str, traffic: &Traffic, spells: &[Spell]| {
        let stays = sorted_days(&traffic.stays);
        let at = |q| Cell::Days { days: quantile(&stays, q), n: Some(traffic.stays()) };
        vec![
            Cell::Stage(stage.to_owned()),
            Cell::Count(traffic.stays()),
            mean_days(&traffic.stays),
            at(0.5),
            at(0.9),
            Cell::Days { days: kaplan_meier_median(spells, LEAST_AT_RISK), n: Some(spells.len() as u64) },
        ]
    };
    let open: Vec<&str> = question.process.open_stages().map(|(_, stage)| stage.id.as_str()).collect();
    let mut rows = Vec::new();
    for (key, stages) in grouped.parts() {
        let group = key.map(named_by).unwrap_or_default();
        let running = running.part(key);
        for (place, (stage, traffic)) in open.iter().zip(stages).enumerate() {
            let spells = running.map_or(&[][..], |running| &running[place]);
            rows.push(Row { group: group.clone(), cells: cells(stage, traffic, spells) });
        }
    }
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("stays", Kind::Count),
        Column::new("mean_stay", Kind::Days),
        Column::new("median_stay", Kind::Days),
        Column::new("p90_stay", Kind::Days),
        Column::new("median_with_open", Kind::Days),
    ];
    Section { key: "stays", shape: Shape::List, by: question.group_columns(), columns, rows }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::fixture::{Asked, Fixture};

    const PROCESS: &str = "\
currency: USD
stages:
  - {id: needs, probability: 10%, stale_after: 10d}
  - {id: proposal, probability: 50%}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

    /// Seven deals of every kind; see what is asked of them below.
    const DEALS: &str = "\
id,name,stage,stage_since,value,owner,created,closed
a,,proposal,2026-03-06,1000,ana,2026-02-20,
b,,won,2026-03-15,400,ana,2026-03-01,2026-03-15
c,,needs,2026-03-10,300,ben,2026-03-10,
d,,proposal,2026-03-11,,ben,2026-01-01,
e,,needs,2026-03-29,50,ana,2026-03-20,
f,,needs,,,ben,,
g,,lost,,7,ben,2026-03-25,2026-04-10
";
    const HISTORY: &str = "\
2026-02-20T00:00:00Z,a,stage,,,needs,ana,
2026-03-06T00:00:00Z,a,stage,,needs,proposal,ana,
2026-03-01T00:00:00Z,b,stage,,,needs,ana,
2026-03-05T00:00:00Z,b,stage,,needs,proposal,ana,
2026-03-15T00:00:00Z,b,stage,,proposal,won,ana,
2026-03-10T00:00:00Z,c,stage,,,needs,ben,
2026-03-11T00:00:00Z,d,stage,,needs,proposal,ben,
";

    fn march(by: &'static [&'static str]) -> Asked<'static> {
        Asked { report: "stages", period: "2026-03", as_of: "2026-03-31", by }
    }

    #[test]
    fn what_stands_in_each_stage() {
        let fixture = Fixture::new(PROCESS, DEALS, HISTORY);
        // In needs: c for 22 days and e for 3, median 12.5; f, of unknown creation, has no age. Values 300 and 50, at 10 %.
        // In proposal: a for 26 days and d for 21. g has no history: open in a stage that nobody knows, since 25 March.
        let now = [
            "needs,3,350.00,2,35.00,2,12.5,2,22",
            "proposal,2,1000.00,1,500.00,1,23.5,2,26",
            "unknown,1,7.00,1,0.00,1,7,1,7",
        ];
        assert_eq!(fixture.lines(march(&[]), "now"), now);
        let noted = fixture.notes(march(&[]));
        assert!(
            noted.contains(&("assumed_journeys", Some(4))) && noted.contains(&("no_limit", None)),
            "{noted:?}"
        );
    }

    #[test]
    fn how_old_they_are_there() {
        let fixture = Fixture::new(PROCESS, DEALS, HISTORY);
        // As above: 22 and 3 days and none in needs, 26 and 21 in proposal, 7 in a stage that nobody knows.
        let ages = ["needs,1,0,1,0,0,0,1", "proposal,0,0,2,0,0,0,0", "unknown,1,0,0,0,0,0,0"];
        assert_eq!(fixture.lines(march(&[]), "ages"), ages);
    }

    #[test]
    fn how_long_they_wait() {
        let fixture = Fixture::new(PROCESS, DEALS, HISTORY);
        // Of three in needs c is there for more than 10 days; a, b and d left: 3 / (3 / 31 days) = 31 days.
        // proposal sets no limit, and fewer than 20 stays tell what is usual; only b left: 2 / (1 / 31) = 62 days.
        let waiting = ["needs,10,1,0.3333333333333333,1,3,0.06149", "proposal,,,,,,,,62,1"];
        let lines = fixture.lines(march(&[]), "waiting");
        assert!(lines[0].starts_with(waiting[0]) && lines[0].ends_with(",31,3"), "{lines:?}");
        assert_eq!(lines[1], waiting[1]);
    }

    #[test]
    fn how_long_their_stays_took() {
        let fixture = Fixture::new(PROCESS, DEALS, HISTORY);
        // Ended in needs: 14 days of a and 4 of b; d's began before its history does. Ninth decile: 4 + 0.9 * 10 = 13.
        // Running at some time in March: those two and c's; ten are not at risk. In proposal: a's and b's of 10 days.
        let stays = ["needs,2,9,2,9,2,13,2,,3", "proposal,1,10,1,10,1,10,1,,2"];
        assert_eq!(fixture.lines(march(&[]), "stays"), stays);
    }

    #[test]
    fn groups_by_a_field_split_all_of_it_and_groups_by_time_only_what_has_a_date() {
        let fixture = Fixture::new(PROCESS, DEALS, HISTORY);
        let now = fixture.lines(march(&["owner"]), "now");
        assert_eq!(
            now[..2],
            ["ana,needs,1,50.00,1,5.00,1,3,1,3", "ana,proposal,1,1000.00,1,500.00,1,26,1,26"]
        );
        assert_eq!(now[2], "ben,needs,2,300.00,1,30.00,1,22,1,22");
        assert_eq!(now.len(), 2 + 3 + 3);
        // b left needs on 5 March, a on the 6th: ISO week 10. b left proposal on the 15th: week 11.
        let stays = fixture.lines(march(&["week"]), "stays");
        let ended = ["2026-W10,needs,2,9,2,9,2,13,2,,0", "2026-W11,proposal,1,10,1,10,1,10,1,,0"];
        for line in ended {
            assert!(stays.iter().any(|found| found == line), "{stays:?}");
        }
        assert_eq!(fixture.lines(march(&["week"]), "now"), fixture.lines(march(&[]), "now"));
    }

    #[test]
    fn stays_that_still_run_count_in_the_median_with_those_still_there() {
        // Twenty deals enter on 1 March. At noon of each day from the 2nd to the 11th one leaves, ten stay: at the tenth
        // departure 11 are at risk, and after it 10/20 have not left, at 10.5 days. The ended stays alone, of 1.5 to 10.5
        // days, have a mean and a median of 6 and a ninth decile of 1.5 + 0.9 * 9 = 9.6.
        let mut deals = "id,name,stage,created\n".to_owned();
        let mut history = String::new();
        for deal in 1..=20 {
            let stands = if deal <= 10 { "proposal" } else { "needs" };
            let _ = writeln!(deals, "d{deal},,{stands},2026-03-01");
            let _ = writeln!(history, "2026-03-01T00:00:00Z,d{deal},stage,,,needs,ana,");
            if deal <= 10 {
                let day = deal + 1;
                let _ = writeln!(history, "2026-03-{day:02}T12:00:00Z,d{deal},stage,,needs,proposal,ana,");
            }
        }
        let fixture = Fixture::new(PROCESS, &deals, &history);
        assert_eq!(fixture.lines(march(&[]), "stays")[0], "needs,10,6,10,6,10,9.6,10,10.5,20");
        // Seen from the 6th on, deals come under observation at an age of 5 days, and the four that left before do not. Of
        // 16 six leave, after 5.5 to 10.5 days: 10/16 are left, more than half.
        let later = Asked { period: "2026-03-06..2026-03-31", ..march(&[]) };
        assert_eq!(fixture.lines(later, "stays")[0], "needs,6,8,6,8,6,10,6,,16");
    }
}
