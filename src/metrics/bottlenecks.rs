//! `report bottlenecks`: the stages where deals get stuck, by the number of their signs; each sign with its numbers, and
//! the deals to act on (metrics §5). A sign is a reason to look, not a test.

use std::cmp::Reverse;

use super::chart::Chart;
use super::compare::section_beside;
use super::figures::{Cell, Column, Figures, Kind, Note, Row, Section, Shape};
use super::group::{Grouped, named_by};
use super::question::{Question, days, deals};
use super::sign::{Median, Queue, Sign};
use super::stages::{Here, Traffic, passing, traffic};
use super::stalled::Limits;
use crate::deal::money::{NoRate, round};
use crate::grammar::grouped;
use crate::process::{Lang, Stage, Words};

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::bars("bottlenecks", "stage", &["value"])];

/// How many deals of a stage a table names.
const NAMED: usize = 5;

/// One open stage, as one period shows it beside another.
struct Looked<'a> {
    stage: &'a Stage,
    now: &'a Traffic,
    /// After how many days a deal is stalled here; none where nobody can say.
    limit: Option<f64>,
    signs: Vec<Sign>,
}

/// What is known of all open stages, over all deals or over a group.
type Stages = Vec<Traffic>;

/// The open stages, those with most signs first, then those whose deals are worth most.
fn ranked<'a>(
    question: &Question<'a>,
    limits: &Limits,
    now: &'a [Traffic],
    before: Option<&[Traffic]>,
) -> Vec<Looked<'a>> {
    let elapsed = question.elapsed_days();
    let open = || question.process.open_stages().enumerate();
    let queues = open().filter_map(|(place, _)| now.get(place)?.queue_days(elapsed));
    let longest = queues.max_by(f64::total_cmp);
    let looked = open().zip(now).map(|((place, (index, stage)), now)| {
        let before = before.and_then(|stages| stages.get(place));
        let median = |traffic: &Traffic| Median { days: traffic.median_stay(), stays: traffic.stays() };
        let queue = || {
            let (days, elapsed) = (now.queue_days(elapsed)?, elapsed?);
            let queue = Queue { deals: now.deals(), exits: now.exits, elapsed, days };
            Sign::queue(queue, longest?, stage.stale_after?)
        };
        let limit = limits.days(index);
        let signs = [
            Sign::stalled(now.share_stalled(), limit),
            before.and_then(|before| Sign::slower(median(now), median(before))),
            before.and_then(|before| {
                Sign::fewer_advance(now.cohort.rate_of_decided(), before.cohort.rate_of_decided())
            }),
            queue(),
        ];
        Looked { stage, now, limit, signs: signs.into_iter().flatten().collect() }
    });
    let mut looked: Vec<Looked> = looked.collect();
    looked.sort_by_key(|looked| Reverse((looked.signs.len(), looked.now.value())));
    looked
}

/// The worst bottleneck in one sentence; none where no stage has a sign. `before` is the period that it is held against.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn worst(question: &Question<'_>, before: Option<&Question<'_>>) -> Result<Option<Words>, NoRate> {
    let limits = Limits::of(question);
    let (now, then) = question.both(|| traffic(question, &limits), || before.map(passing));
    let now = now?;
    let looked = ranked(question, &limits, now.total(), then.as_ref().map(|then| &then.total()[..]));
    let period = before.map_or("", |before| &before.period.name);
    Ok(looked.first().filter(|worst| !worst.signs.is_empty()).map(|worst| {
        let currency = question.currency;
        let value = grouped(&round(worst.now.value(), question.process.digits(currency)).to_string());
        let (stage, number) = (worst.stage, worst.now.deals());
        Words::of_ours(|lang| {
            let signs: Vec<String> = worst.signs.iter().map(|sign| sign.says(period, lang)).collect();
            let (stage, deals) = (stage.called_in(lang), deals(number));
            match lang {
                Lang::En => format!("{stage}, with {value} {currency} in {deals}: {}", signs.join("; ")),
                Lang::ZhTw => format!("{stage}，{number} 件商機共 {value} {currency}：{}", signs.join("；")),
            }
        })
    }))
}

/// The report.
///
/// Errors: a value in a currency without a rate on the day of `e`.
pub fn bottlenecks(question: &Question<'_>) -> Result<Figures, NoRate> {
    let limits = Limits::of(question);
    let before = question.before();
    let (now, then) = question.both(|| traffic(question, &limits), || before.as_ref().map(passing));
    let now = now?;
    let period = before.as_ref().map_or("", |before| &before.period.name);
    let (mut stages, mut signs, mut act_on) = (Vec::new(), Vec::new(), Vec::new());
    for (key, part) in now.parts() {
        let then = then.as_ref().and_then(|then| then.part(key)).map(Vec::as_slice);
        let group = key.map(named_by).unwrap_or_default();
        let row = |cells| Row { group: group.clone(), cells };
        for looked in ranked(question, &limits, part, then) {
            stages.push(row(stage_cells(question, &looked)));
            signs.extend(looked.signs.iter().map(|sign| {
                let says = Cell::Sentence(Words::of_ours(|lang| sign.says(period, lang)));
                row(vec![Cell::Stage(looked.stage.id.clone()), Cell::Key(sign.key()), says])
            }));
            act_on
                .extend(to_act_on(&looked).into_iter().map(|here| row(deal_cells(question, &looked, here))));
        }
    }
    let mut notes = question.notes();
    notes.extend(limits.notes(question));
    if signs.is_empty() {
        let text = Words::of_ours(|lang| match lang {
            Lang::En => "no stage has a sign of a bottleneck".to_owned(),
            Lang::ZhTw => "沒有任何階段有瓶頸的徵兆".to_owned(),
        });
        notes.push(Note { code: "no_bottleneck", text, deals: None });
    }
    let mut measures = measures_section(question, &now);
    let mut scope = question.scope();
    if let (Some(before), Some(then)) = (&before, &then) {
        measures = section_beside(measures, &measures_section(before, then));
        scope.before = Some(Box::new(before.scope()));
    }
    let section =
        |key, shape, columns, rows| Section { key, shape, by: question.group_columns(), columns, rows };
    let sections = vec![
        section("bottlenecks", Shape::List, stage_columns(), stages),
        section("signs", Shape::List, sign_columns(), signs),
        section("act_on", Shape::Top(NAMED), deal_columns(), act_on),
        measures,
    ];
    Ok(Figures { name: "bottlenecks", scope: Some(scope), sections, notes })
}

fn stage_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("signs", Kind::Count),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("share_stalled", Kind::Rate),
        Column::new("queue_days", Kind::Days),
    ]
}

fn stage_cells(question: &Question<'_>, looked: &Looked<'_>) -> Vec<Cell> {
    vec![
        Cell::Stage(looked.stage.id.clone()),
        Cell::Count(looked.signs.len() as u64),
        Cell::Count(looked.now.deals()),
        question.money(Some(looked.now.value()), looked.now.valued()),
        looked.limit.map_or(Cell::Empty, |_| Cell::Rate(looked.now.share_stalled())),
        looked.now.queue_cell(question.elapsed_days()),
    ]
}

fn sign_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("sign", Kind::Text),
        Column::new("says", Kind::Sentence),
    ]
}

/// The deals to act on in a stage with a sign: the stalled ones, and where none is, all that stand there. The most valuable
/// first, then the longest there.
fn to_act_on<'a>(looked: &Looked<'a>) -> Vec<&'a Here> {
    if looked.signs.is_empty() {
        return Vec::new();
    }
    let stalled: Vec<&Here> = looked.now.here.iter().filter(|here| here.stalled).collect();
    let mut named = if stalled.is_empty() { looked.now.here.iter().collect() } else { stalled };
    named.sort_by_key(|here| Reverse((here.value, here.age)));
    named
}

fn deal_columns() -> Vec<Column> {
    vec![
        Column::new("stage", Kind::Text),
        Column::new("id", Kind::Text),
        Column::new("name", Kind::Text),
        Column::new("owner", Kind::Text),
        Column::new("value", Kind::Amount),
        Column::new("stage_age", Kind::Age),
        Column::new("stalled", Kind::Flag),
    ]
}

fn deal_cells(question: &Question<'_>, looked: &Looked<'_>, here: &Here) -> Vec<Cell> {
    let journey = &question.journeys.deals[here.deal];
    let text = |text: &str| Cell::Text(text.to_owned());
    vec![
        Cell::Stage(looked.stage.id.clone()),
        text(question.book.id(journey.deal as usize)),
        text(question.text("name", here.deal)),
        text(question.text("owner", here.deal)),
        here.value.map_or(Cell::Empty, |value| question.amount(Some(value))),
        here.age.map_or(Cell::Empty, |age| Cell::Days { days: Some(days(age)), n: None }),
        Cell::Flag(here.stalled),
    ]
}

/// What signs compare with the other period.
fn measures_section(question: &Question<'_>, grouped: &Grouped<Stages>) -> Section {
    let row = |(stage, traffic): (&str, &Traffic)| {
        vec![
            Cell::Stage(stage.to_owned()),
            Cell::Days { days: traffic.median_stay(), n: Some(traffic.stays()) },
            Cell::Rate(traffic.cohort.rate_of_decided()),
        ]
    };
    let open = || question.process.open_stages().map(|(_, stage)| stage.id.as_str());
    let rows = grouped.rows(|traffic, _| open().zip(traffic).map(row).collect());
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("median_stay", Kind::Days),
        Column::new("rate_of_decided", Kind::Rate),
    ];
    Section { key: "measures", shape: Shape::List, by: question.group_columns(), columns, rows }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::fixture::{Asked, Fixture};
    use super::*;

    const PROCESS: &str = "\
currency: USD
stages:
  - {id: contact, stale_after: 30d}
  - {id: needs, stale_after: 10d}
  - {id: proposal, stale_after: 20d}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

    /// Deals of one stage that entered it on a day, and what history tells of that.
    fn standing(stage: &str, deals: &[(&str, &str, &str)]) -> (String, String) {
        let (mut rows, mut events) = (String::new(), String::new());
        for (id, value, day) in deals {
            let _ = writeln!(rows, "{id},{id},{stage},{value},ana,{day}");
            let _ = writeln!(events, "{day}T00:00:00Z,{id},stage,,,{stage},ana,");
        }
        (rows, events)
    }

    fn fixture(parts: &[(String, String)]) -> Fixture {
        let deals: String = parts.iter().map(|(deals, _)| deals.as_str()).collect();
        let history: String = parts.iter().map(|(_, history)| history.as_str()).collect();
        Fixture::new(PROCESS, &format!("id,name,stage,value,owner,created\n{deals}"), &history)
    }

    const MARCH: Asked<'_> = Asked { report: "bottlenecks", period: "2026-03", as_of: "2026-03-31", by: &[] };

    /// Needs: four deals, three of them there for more than 10 days. Proposal: two, none for long. Contact: one of 900.
    fn stalled() -> Fixture {
        fixture(&[
            standing(
                "needs",
                &[
                    ("n1", "100", "2026-03-01"),
                    ("n2", "300", "2026-03-05"),
                    ("n3", "", "2026-03-02"),
                    ("n4", "800", "2026-03-30"),
                ],
            ),
            standing("proposal", &[("p1", "50", "2026-03-28"), ("p2", "60", "2026-03-29")]),
            standing("contact", &[("c1", "900", "2026-03-20")]),
        ])
    }

    #[test]
    fn stages_are_listed_by_signs_then_by_value() {
        // No stage had an exit, so there are no queue days.
        let lines = stalled().lines(MARCH, "bottlenecks");
        let start =
            ["needs,1,4,1200.00,3,0.75,3,4,", "contact,0,1,900.00,1,0,0,1,", "proposal,0,2,110.00,2,0,0,2,"];
        for (line, start) in lines.iter().zip(start) {
            assert!(line.starts_with(start) && line.ends_with(",,0"), "{line}");
        }
        let says = ["needs,many_stalled,3 of 4 deals (75.0 %) have been there for more than 10 days"];
        assert_eq!(stalled().lines(MARCH, "signs"), says);
    }

    #[test]
    fn the_stalled_deals_are_to_act_on_the_most_valuable_first() {
        // On 1 April: n2 for 27 days, n1 for 31, n3 without a value for 30; n4 for two is not stalled.
        let act_on =
            ["needs,n2,n2,ana,300.00,27,yes", "needs,n1,n1,ana,100.00,31,yes", "needs,n3,n3,ana,,30,yes"];
        assert_eq!(stalled().lines(MARCH, "act_on"), act_on);
    }

    #[test]
    fn the_worst_is_told_in_one_sentence() {
        let said = stalled().ask(MARCH, |_, question| worst(question, question.before().as_ref()).unwrap());
        let expected = "needs, with 1,200.00 USD in 4 deals: 3 of 4 deals (75.0 %) have been there for more than 10 days";
        assert_eq!(said.map(|words| words.text(Lang::En).to_owned()).as_deref(), Some(expected));
        let calm = fixture(&[standing("needs", &[("n1", "1", "2026-03-30")])]);
        assert_eq!(calm.ask(MARCH, |_, question| worst(question, None).unwrap()), None);
        assert!(calm.notes(MARCH).contains(&("no_bottleneck", None)));
        assert_eq!(calm.lines(MARCH, "act_on"), Vec::<String>::new());
    }

    /// Deals that enter needs on the first of a month, and leave it after so many days, for a stage.
    fn passing_through(name: &str, month: &str, days: u32, to: &str, deals: u32) -> (String, String) {
        let (mut rows, mut events) = (String::new(), String::new());
        for deal in 1..=deals {
            let (id, day) = (format!("{name}{deal}"), days + 1);
            let _ = writeln!(rows, "{id},{id},{to},10,ana,{month}-01");
            let _ = writeln!(events, "{month}-01T00:00:00Z,{id},stage,,,needs,ana,");
            let _ = writeln!(events, "{month}-{day:02}T00:00:00Z,{id},stage,,needs,{to},ana,");
        }
        (rows, events)
    }

    #[test]
    fn a_stage_that_got_slower_and_loses_more_says_so() {
        // February: 20 deals leave needs after 4 days, 18 for proposal and 2 lost. March: 20 after 6 days, 8 and 12.
        // Wilson for 8/20: 0.2188 to 0.6134, for 18/20: 0.6990 to 0.9721. Newcombe for the difference of -0.5: less
        // √(0.1812² + 0.0721²) = 0.1950, and plus √(0.2134² + 0.2010²) = 0.2932. On 31 March those of February stand in
        // proposal for 55 days, those of March for 25, and its limit is 20: all are stalled.
        let fixture = fixture(&[
            passing_through("f", "2026-02", 4, "proposal", 18),
            passing_through("fl", "2026-02", 4, "lost", 2),
            passing_through("m", "2026-03", 6, "proposal", 8),
            passing_through("ml", "2026-03", 6, "lost", 12),
        ]);
        let february = "2026-01-29..2026-02-28";
        let says = [
            "proposal,many_stalled,26 of 26 deals (100.0 %) have been there for more than 20 days".to_owned(),
            format!(
                "needs,slower,\"the median stay took 6 days (20 stays), against 4 days in {february} (20 stays)\""
            ),
            format!(
                "needs,fewer_advance,\"8 of 20 decided deals went on (40.0 %), against 18 of 20 in {february} (90.0 %): a fall of 20.7 to 69.5 points\""
            ),
        ];
        let signs = fixture.lines(MARCH, "signs");
        // Needs has two signs and comes first.
        assert_eq!(signs, [says[1].clone(), says[2].clone(), says[0].clone()]);
        // Nobody stands in needs, so there is nobody to act on but in proposal: all 26, whatever a table shows.
        assert_eq!(fixture.lines(MARCH, "act_on").len(), 26);
        let measures = fixture.lines(MARCH, "measures");
        assert!(measures[1].starts_with("needs,6,20,4,20,2,0.4,8,20,"), "{measures:?}");
    }

    #[test]
    fn a_queue_is_long_for_its_stage_and_longest_of_all() {
        // Needs: 5 deals, 3 exits in 31 days: 51.7 queue days, more than 15. Proposal: 3 and no exit: none. The five are
        // there for 8 days at most, so none is stalled, and all are to act on.
        let fixture = fixture(&[
            standing(
                "needs",
                &["24", "25", "26", "27", "28"].map(|day| match day {
                    "24" => ("q24", "1", "2026-03-24"),
                    "25" => ("q25", "2", "2026-03-25"),
                    "26" => ("q26", "2", "2026-03-26"),
                    "27" => ("q27", "4", "2026-03-27"),
                    _ => ("q28", "5", "2026-03-28"),
                }),
            ),
            passing_through("x", "2026-03", 20, "proposal", 3),
        ]);
        let signs = fixture.lines(MARCH, "signs");
        let queue = "needs,long_queue,\"5 deals are there and 3 left in 31 days: a queue of 51.7 days, the longest of all and at least 1.5 times its limit of 10 days\"";
        assert_eq!(signs, [queue]);
        let ids: Vec<String> = fixture
            .lines(MARCH, "act_on")
            .iter()
            .map(|line| line.split(',').nth(1).unwrap().to_owned())
            .collect();
        // By value, and of the two of 2 the one that is there longer.
        assert_eq!(ids, ["q28", "q27", "q25", "q26", "q24"]);
    }

    #[test]
    fn each_group_has_signs_of_its_own() {
        let (rows, events) = standing(
            "needs",
            &[("a1", "1", "2026-03-01"), ("a2", "1", "2026-03-01"), ("b1", "1", "2026-03-01")],
        );
        let fixture = fixture(&[(rows.replace("b1,b1,needs,1,ana", "b1,b1,needs,1,ben"), events)]);
        // Three stalled deals are a sign of the stage, but neither Ana's two nor Ben's one are.
        let by_owner = Asked { by: &["owner"], ..MARCH };
        let says = ["total,needs,many_stalled,3 of 3 deals (100.0 %) have been there for more than 10 days"];
        assert_eq!(fixture.lines(by_owner, "signs"), says);
        let ben = "ben,needs,0,1,1.00,1,1,1,1,";
        assert!(fixture.lines(by_owner, "bottlenecks").iter().any(|line| line.starts_with(ben)));
    }
}
