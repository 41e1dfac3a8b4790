//! Made-up deals: the same every time, sound, and believable.

use std::collections::BTreeMap;

use super::life::Life;
use super::*;
use crate::deal::event::What;
use crate::deal::money::{Currency, Rates};
use crate::deal::time::Zone;
use crate::process::{
    DealStore, Gate, HistoryStore, Ids, Lang, Outcome, RateSource, Stage, Transition, Transitions, Words,
};

impl Sample {
    /// The deals as values.
    fn deals<'p>(&self, process: &'p Process) -> impl Iterator<Item = SampleDeal> + use<'p> {
        let plan = Plan::new(self, process);
        self.arrivals(&plan).map(move |(number, day, clock)| Life::new(&plan, number, day, clock).lived())
    }
}

fn process(open: &[&str], outcomes: &[Outcome]) -> Process {
    let stage = |id: &str, outcome, require: &[&str]| Stage {
        id: id.to_owned(),
        name: Words::default(),
        outcome,
        probability: None,
        stale_after: None,
        was: Vec::new(),
        enter: Gate { require: require.iter().map(ToString::to_string).collect(), when: Vec::new() },
        on_enter: Vec::new(),
        goal: Words::default(),
        checklist: Vec::new(),
    };
    let needs = |id: &str| if id == "proposal" { vec!["value", "close_date"] } else { Vec::new() };
    let open = open.iter().map(|id| stage(id, None, &needs(id)));
    let ends = outcomes.iter().map(|outcome| stage(outcome.id(), Some(*outcome), &[]));
    Process {
        name: String::new(),
        lang: Lang::En,
        currency: Currency::named("USD").unwrap(),
        digits: BTreeMap::new(),
        zone: Zone::named("Europe/Berlin").unwrap(),
        year_starts: 1,
        ids: Ids::Sequential,
        stages: open.chain(ends).collect(),
        transitions: Transitions::default(),
        fields: Vec::new(),
        scores: Vec::new(),
        reasons: Vec::new(),
        teams: Vec::new(),
        views: Vec::new(),
        rates: RateSource::Fixed(Rates::default()),
        targets: Vec::new(),
        review: Vec::new(),
        deals: DealStore::Csv,
        history: HistoryStore::OneFile,
    }
}

const SEVEN: [&str; 7] =
    ["prospecting", "qualification", "contact", "needs", "proposal", "negotiation", "closing"];

fn seven() -> Process {
    process(&SEVEN, &Outcome::ALL)
}

fn sample(deals: usize) -> Sample {
    Sample { deals, seed: 42, until: Instant::parse("2026-11-20T11:00:00Z").unwrap(), years: 2 }
}

fn bytes(deals: impl Iterator<Item = SampleDeal>) -> String {
    deals.fold(String::new(), |mut text, deal| {
        text.push_str(&deal.to_line());
        deal.events.iter().for_each(|event| text.push_str(&event.to_line()));
        text
    })
}

/// The cells that the rows add up to, worked out anew from those the deal came with; breaks where a row does not
/// continue the one before.
fn replayed(deal: &SampleDeal, process: &Process) -> BTreeMap<String, String> {
    let mut cells: BTreeMap<String, String> =
        COLUMNS.into_iter().map(str::to_owned).zip(deal.cells.iter().cloned()).collect();
    for event in deal.events.iter().rev() {
        if let What::Set { field, from, .. } = &event.what {
            cells.insert(field.to_string(), from.to_string());
        }
    }
    cells.insert("stage".into(), String::new());
    let mut last = None;
    for event in &deal.events {
        assert!(last.is_none_or(|last| last <= event.at), "{event:?}");
        assert!(
            last.is_some() || matches!(&event.what, What::Stage { from, .. } if from.is_empty()),
            "{event:?}"
        );
        if last.is_none() {
            assert_eq!((&*event.deal, event.at.to_string()), (&*cells["id"], cells["created"].clone()));
        }
        last = Some(event.at);
        let (field, from, to) = match &event.what {
            What::Stage { from, to, forced: false } => ("stage", from, to),
            What::Set { field, from, to } => (&**field, from, to),
            What::Touch(_) => {
                assert!(!event.note.is_empty());
                continue;
            }
            other => panic!("{other:?}"),
        };
        assert_ne!(from, to, "{event:?}");
        assert_eq!(cells.insert(field.into(), to.to_string()).unwrap_or_default(), **from, "{event:?}");
        if field == "stage" {
            let closed = process.outcome(process.lookup(to).unwrap()).is_some();
            cells.insert("stage_since".into(), event.at.to_string());
            cells.insert("closed".into(), if closed { event.at.to_string() } else { String::new() });
        }
    }
    cells
}

#[test]
fn the_bytes_of_a_seed_never_change() {
    let text = bytes(sample(500).deals(&seven()));
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, 0x5ce0_8222_9905_0ed4, "{hash:#x}");
    assert_ne!(text, bytes(Sample { seed: 43, ..sample(500) }.deals(&seven())));
}

#[test]
fn rows_add_up_to_cells_and_nothing_happens_after_now() {
    let process = seven();
    let sample = sample(3000);
    let mut before = String::new();
    for (number, deal) in (1..).zip(sample.deals(&process)) {
        let cells = replayed(&deal, &process);
        for (name, cell) in COLUMNS.into_iter().zip(&deal.cells) {
            assert_eq!(cells.get(name).map_or("", String::as_str), cell, "{name} of {}", deal.cells[ID]);
        }
        assert_eq!(deal.cells[ID], format!("deal-{number}"));
        assert!(before <= deal.cells[CREATED], "{} is older than the one before", deal.cells[ID]);
        before.clone_from(&deal.cells[CREATED]);
        assert!(deal.events.iter().all(|event| event.at <= sample.until));
    }
}

#[test]
fn pieces_are_the_rows_of_both_files_in_order() {
    let process = seven();
    // More than are worked out at once.
    let sample = sample(20_000);
    let (mut deals, mut events) = (String::new(), Vec::new());
    for deal in sample.deals(&process) {
        deals.push_str(&deal.to_line());
        events.extend(deal.events.iter().map(|event| (event.at, event.to_line())));
    }
    events.sort_by_key(|(at, _)| *at);
    let history: String = events.into_iter().map(|(_, line)| line).collect();
    let pieces: Vec<Piece> = sample.pieces(&process).collect();
    assert!(pieces.len() > 2 && pieces[0].history.len() * 2 > pieces[1].history.len(), "{}", pieces.len());
    let together = |text: fn(&Piece) -> &str| pieces.iter().map(text).collect::<String>();
    assert!(together(|piece| &piece.deals) == deals);
    assert!(together(|piece| &piece.history) == history);
}

#[test]
fn one_command_changes_a_field_once_and_the_stage_first() {
    for deal in sample(2000).deals(&seven()) {
        for command in deal.events.chunk_by(|a, b| a.at == b.at) {
            let targets: std::collections::BTreeSet<String> = command.iter().map(Event::target).collect();
            assert_eq!(targets.len(), command.len(), "{command:?}");
            let moved = command.iter().position(|event| matches!(event.what, What::Stage { .. }));
            assert!(matches!(moved, None | Some(0)), "{command:?}");
        }
    }
}

#[test]
fn gates_and_reasons_hold() {
    let late = &SEVEN[4..];
    for deal in sample(2000).deals(&seven()) {
        let stage = deal.cells[STAGE].as_str();
        let [value, close, reason] = ["value", "close_date", "reason"].map(|name| &deal.cells[column(name)]);
        assert!(!late.contains(&stage) || !value.is_empty() && !close.is_empty(), "{:?}", deal.cells);
        assert_eq!(["lost", "disqualified"].contains(&stage), !reason.is_empty(), "{:?}", deal.cells);
    }
}

#[test]
fn shares_are_believable() {
    let deals: Vec<SampleDeal> = sample(5000).deals(&seven()).collect();
    let share = |part: usize, all: usize| part as f64 / all as f64;
    let count = |test: &dyn Fn(&SampleDeal) -> bool| deals.iter().filter(|deal| test(deal)).count();
    let [won, lost, out] = Outcome::ALL.map(|end| count(&|deal| deal.cells[STAGE] == end.id()));
    let events: usize = deals.iter().map(|deal| deal.events.len()).sum();
    let open = count(&|deal| deal.cells[CLOSED].is_empty());
    let planned = count(&|deal| deal.cells[CLOSED].is_empty() && !deal.cells[column("next_step")].is_empty());
    let moves = |deal: &SampleDeal, test: &dyn Fn(&str, &str) -> bool| {
        deal.events.iter().any(|event| matches!(&event.what, What::Stage { from, to, .. } if test(from, to)))
    };
    let place = |id: &str| SEVEN.iter().position(|stage| *stage == id);
    let back = count(&|deal| moves(deal, &|from, to| place(to).is_some() && place(from) > place(to)));
    let reopened = count(&|deal| {
        moves(deal, &|from, to| !from.is_empty() && place(from).is_none() && place(to).is_some())
    });
    let puts_off = |event: &Event<'_>| matches!(&event.what, What::Set { field, from, .. } if field == "close_date" && !from.is_empty());
    let often = count(&|deal| deal.events.iter().filter(|event| puts_off(event)).count() >= 3);
    let pushes = deals.iter().flat_map(|deal| &deal.events).filter(|event| puts_off(event)).count();
    let skipped = count(&|deal| {
        moves(deal, &|from, to| place(from).zip(place(to)).is_some_and(|(from, to)| to > from + 1))
    });
    let noted = count(&|deal| deal.events.iter().any(|event| event.note.contains(',')));
    let chinese = count(&|deal| deal.cells[column("account")].chars().any(|c| ('一'..='龥').contains(&c)));
    let young = |deal: &SampleDeal| deal.cells[CREATED].as_str() > "2026-09";
    let young_open = share(count(&|deal| young(deal) && deal.cells[CLOSED].is_empty()), count(&young));
    let facts = format!(
        "won {won} lost {lost} out {out} open {open} planned {planned} events {events} back {back} skipped {skipped} \
         reopened {reopened} pushes {pushes} often {often} young open {young_open} noted {noted} chinese {chinese}"
    );
    assert!((0.26..0.34).contains(&share(won, won + lost)), "{facts}");
    assert!((0.09..0.16).contains(&share(out, won + lost + out)), "{facts}");
    assert!((0.05..0.20).contains(&share(open, deals.len())), "{facts}");
    assert!((0.4..0.9).contains(&young_open), "{facts}");
    assert!((0.7..0.95).contains(&share(planned, open)), "{facts}");
    assert!((4.8..5.6).contains(&share(events, deals.len())), "{facts}");
    assert!((0.03..0.10).contains(&share(back, deals.len())), "{facts}");
    assert!((0.2..0.5).contains(&share(skipped, deals.len())), "{facts}");
    assert!((0.2..0.6).contains(&share(pushes, deals.len())), "{facts}");
    assert!((0.1..0.4).contains(&share(noted, deals.len())), "{facts}");
    assert!((0.2..0.3).contains(&share(chinese, deals.len())), "{facts}");
    assert!(reopened > 20 && often > 20, "{facts}");
}

#[test]
fn any_process_with_a_way_to_go_will_do() {
    let short = process(&["talking"], &[Outcome::Won]);
    let deals: Vec<SampleDeal> = sample(300).deals(&short).collect();
    assert!(deals.iter().any(|deal| deal.cells[STAGE] == "won"));
    assert!(deals.iter().all(|deal| ["talking", "won"].contains(&deal.cells[STAGE].as_str())));
    let mut strict = process(&["a", "b", "c", "d"], &[Outcome::Won, Outcome::Lost]);
    let deny = Transition::Deny;
    strict.transitions = Transitions { skip: deny, back: deny, reopen: deny };
    for deal in sample(1000).deals(&strict) {
        for event in &deal.events {
            if let What::Stage { from, to, .. } = &event.what {
                let next = ["a", "b", "c", "d", "won"].windows(2).any(|pair| pair == [&**from, &**to]);
                assert!(next || from.is_empty() && to == "a" || to == "lost", "{event:?}");
            }
        }
    }
    assert_eq!(sample(10).deals(&process(&[], &[Outcome::Won])).count(), 0);
    assert_eq!(sample(0).deals(&seven()).count(), 0);
    let early = Sample { until: Instant::from_millis(-62_135_596_800_000).unwrap(), ..sample(10) };
    assert!(early.deals(&seven()).count() <= 10);
}
