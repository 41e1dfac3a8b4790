//! Reviews of rows written out here, each finding worked out by hand.

use std::borrow::Cow;

use super::*;
use crate::deal::past::{Forced, Past};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::metrics::stalled::Limits;
use crate::process::{self, Outcome, RateSource};
use crate::query::Value;

const PROCESS: &str = "\
currency: USD
rates: {EUR: 1.1}
stages:
  - {id: lead, name: Lead, stale_after: 14d}
  - {id: talk, name: First talk, enter: {require: [owner], when: [budget = yes]}}
  - {id: offer, name: Offer, stale_after: 1d, enter: {require: [value, owner], when: [\"fit >= 5\"]}}
  - {id: won, outcome: won}
fields: [{id: budget, type: choice, choices: [no, yes]}]
scores: {fit: [{when: budget = yes, points: 4}, {when: source=*, points: 1}]}
review:
  - {id: pushed, when: status=open pushes=3.., say: {en: Pushed, zh-TW: 延期}, run: \"pipeline lose {id} --reason late\"}
  - {id: unpaid, when: status=won value=, say: Won for nothing}
";

const COLUMNS: [&str; 10] =
    ["id", "name", "contact", "owner", "stage", "stage_since", "value", "close_date", "next_step", "budget"];

/// It is noon on this day.
const NOW: &str = "2026-07-15T12:00:00Z";

/// A row as terms see it.
struct Seen<'r> {
    record: &'r Record<'r>,
    stage: StageIndex,
    past: Past,
}

impl Deal for Seen<'_> {
    fn stage(&self) -> StageIndex {
        self.stage
    }
    fn cell(&self, field: usize) -> Value<'_> {
        self.record.row().get(field).map_or(Value::Empty, |cell| Value::Text(Cow::Borrowed(cell)))
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
        Instant::parse(NOW).unwrap()
    }
    fn past(&self) -> Past {
        self.past
    }
}

/// A review of rows under [`COLUMNS`], each with what history tells of it.
fn reviewed(process: &str, wanted: &str, rows: &[([&str; 10], Past)]) -> Review {
    let process = process::read("pipeline.yaml", process).unwrap();
    let now = Instant::parse(NOW).unwrap();
    let columns = COLUMNS.map(str::to_owned);
    let RateSource::Fixed(rates) = process.rates.clone() else { panic!("the rates are stated") };
    let today = process.zone.day_of(now);
    let sight = Sight::new(&process, &columns, today);
    let stages = process.open_stages().chain(process.outcome_stages(Outcome::Won));
    let gates = stages.map(|(stage, _)| (stage, sight.conditions(stage).unwrap())).collect();
    let wanted = |id: &str| wanted.is_empty() || wanted == id;
    let rules = Rules::new(&sight, sight.review().unwrap(), gates, wanted);
    let ground =
        Ground { process: &process, lang: process.lang, limits: Limits::stated(&process), rates, now, today };
    let records: Vec<(Record<'_>, Past)> = rows
        .iter()
        .map(|(cells, past)| (Record::new(&columns, cells.map(Cow::Borrowed).into()), *past))
        .collect();
    let deals = records.iter().map(|(record, past)| {
        let stage = process.lookup(record.get("stage")).unwrap();
        (Standing::of(&process, record, stage, *past), Seen { record, stage, past: *past })
    });
    review(&ground, &rules, deals).unwrap()
}

/// What is found of one deal: the rule, what it says and the facts, and the command.
fn found(process: &str, wanted: &str, row: [&str; 10], past: Past) -> Vec<(String, String, String)> {
    let review = reviewed(process, wanted, &[(row, past)]);
    let findings = review.deals.into_iter().flat_map(|deal| deal.findings);
    findings
        .map(|finding| {
            let said = format!("{} [{}]", finding.say, finding.facts.join(" "));
            (finding.rule, said, finding.command.unwrap_or_default())
        })
        .collect()
}

/// A deal with which nothing is amiss.
const SOUND: [&str; 10] =
    ["d1", "One", "Ana", "ben", "lead", "2026-07-14", "100", "2026-08-01", "Call", "yes"];

fn with(changes: &[(&str, &'static str)]) -> [&'static str; 10] {
    let mut row = SOUND;
    for (column, cell) in changes {
        row[COLUMNS.iter().position(|name| name == column).unwrap()] = cell;
    }
    row
}

fn triple(rule: &str, said: &str, command: &str) -> (String, String, String) {
    (rule.to_owned(), said.to_owned(), command.to_owned())
}

#[test]
fn nothing_is_amiss_with_a_sound_deal_or_a_closed_one() {
    assert_eq!(found(PROCESS, "", SOUND, Past::default()), []);
    let closed = with(&[("stage", "won"), ("stage_since", "2025-01-01"), ("next_step", ""), ("owner", "")]);
    assert_eq!(found(PROCESS, "", closed, Past::default()), []);
}

#[test]
fn what_is_amiss_is_said_with_what_mends_it() {
    let row = with(&[
        // Fifteen and a half days are more than fourteen.
        ("stage_since", "2026-06-30"),
        ("value", ""),
        ("close_date", "2026-07-14"),
        ("next_step", ""),
    ]);
    let findings = [
        triple("stalled", "In lead for longer than 14 days [stage_age=15d]", "pipeline move d1 talk"),
        triple(
            "past-close-date",
            "Its expected close date has passed [close_date=2026-07-14]",
            "pipeline set d1 close_date=today+30d",
        ),
        triple(
            "no-next-step",
            "There is no next step []",
            "pipeline set d1 next_step='Call Ana' next_date=today+3d",
        ),
        triple("no-value", "It has no value []", "pipeline set d1 value=…"),
    ];
    assert_eq!(found(PROCESS, "", row, Past::default()), findings);
    assert_eq!(found(PROCESS, "no-value", row, Past::default()), findings[3..]);
}

#[test]
fn a_day_or_a_limit_that_has_just_come_is_not_over() {
    // Fourteen days to the minute, and today.
    let row = with(&[("stage_since", "2026-07-01T12:00:00Z"), ("close_date", "2026-07-15")]);
    assert_eq!(found(PROCESS, "", row, Past::default()), []);
}

#[test]
fn gates_add_up_and_what_they_ask_for_is_said_once() {
    let row = with(&[("stage", "offer"), ("value", ""), ("owner", ""), ("budget", "no"), ("next_step", "")]);
    let gate = triple(
        "gate-not-met",
        "It lacks what offer asks for: owner, value, budget = yes and fit >= 5 \
         [owner= value= budget=no fit=0]",
        // A budget is worth 4 of the 5: the source is what makes it whole.
        "pipeline set d1 owner=… value=… budget=yes source=…",
    );
    let findings = found(PROCESS, "", row, Past::default());
    assert_eq!(findings[0], gate);
    // A day and a half in a stage of one, the last of them.
    assert_eq!(findings[1].1, "In offer for longer than 1 day [stage_age=1d]");
    assert_eq!(findings[1].2, "pipeline win d1");
    let rules: Vec<&str> = findings.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules, ["gate-not-met", "stalled", "no-next-step"]);
    // Without that check, the value is asked for by its own.
    assert_eq!(found(PROCESS, "no-value", row, Past::default()).len(), 1);
    // A score cannot be set, but what its rules lack can: here the source; and a call is not set either.
    let scored = with(&[("stage", "offer"), ("stage_since", "2026-07-15")]);
    let lacks = |command| triple("gate-not-met", "It lacks what offer asks for: fit >= 5 [fit=4]", command);
    assert_eq!(found(PROCESS, "", scored, Past::default()), [lacks("pipeline set d1 source=…")]);
    let called = PROCESS.replace("source=*", "touches=1..");
    assert_eq!(found(&called, "", scored, Past::default()), [lacks("pipeline show d1")]);
}

#[test]
fn a_field_that_a_gate_compares_is_to_be_set_to_what_only_a_person_knows() {
    let compared = PROCESS.replace("\"fit >= 5\"", "value >= 500");
    let row = with(&[("stage", "offer"), ("stage_since", "2026-07-15")]);
    let said = "It lacks what offer asks for: value >= 500 [value=100]";
    assert_eq!(
        found(&compared, "", row, Past::default()),
        [triple("gate-not-met", said, "pipeline set d1 value=…")]
    );
}

#[test]
fn a_move_against_the_rules_is_taken_back_where_that_may_be() {
    let process = process::read("pipeline.yaml", PROCESS).unwrap();
    let stage = |id: &str| process.lookup(id).unwrap();
    let at = Instant::parse("2026-07-14T10:00:00Z").unwrap();
    let forced = |from: &str| Past {
        forced: Some(Forced { at, from: Some(stage(from)), to: stage("talk") }),
        ..Past::default()
    };
    let row = with(&[("stage", "talk")]);
    let said = "Forced from lead to talk on 2026-07-14 []";
    assert_eq!(
        found(PROCESS, "", row, forced("lead")),
        [triple("forced-move", said, "pipeline move d1 lead --note 'not ready yet'")]
    );
    let look = "pipeline show d1 --section history";
    let strict = PROCESS.replace("stale_after: 14d}", "enter: {require: [contact]}}");
    let back = "pipeline move d1 lead --note 'not ready yet' --set contact=…";
    assert_eq!(
        found(&strict, "forced-move", with(&[("stage", "talk"), ("contact", "")]), forced("lead"))[0].2,
        back
    );
    assert_eq!(found(PROCESS, "", row, forced("offer"))[0].2, look);
    let denied = format!("transitions: {{back: deny}}\n{PROCESS}");
    assert_eq!(found(&denied, "", row, forced("lead"))[0].2, look);
    // It has left the stage that it was forced into.
    assert_eq!(found(PROCESS, "", SOUND, forced("lead")), []);
}

#[test]
fn a_move_is_proposed_with_what_the_gates_on_the_way_ask_for() {
    let late = |changes: &[(&str, &'static str)]| with(&[changes, &[("stage_since", "2026-06-01")]].concat());
    let stalled = |process: &str, changes: &[(&str, &'static str)]| {
        let (_, said, command) = found(process, "stalled", late(changes), Past::default()).remove(0);
        (said.split(" [").next().unwrap().to_owned(), command)
    };
    let (said, command) = stalled(PROCESS, &[("owner", ""), ("budget", "no")]);
    assert_eq!(said, "In lead for longer than 14 days; talk asks for owner and budget = yes");
    assert_eq!(command, "pipeline move d1 talk --set owner=… --set budget=yes");
    let won = PROCESS.replace("outcome: won}", "outcome: won, enter: {require: [contact]}}");
    let (said, command) = stalled(&won, &[("stage", "offer"), ("contact", "")]);
    assert_eq!(said, "In offer for longer than 1 day; won asks for contact");
    assert_eq!(command, "pipeline win d1 --set contact=…");
    // No field is a call: first the call, then the move.
    let called = PROCESS.replace("budget = yes]", "touches=1..]");
    assert_eq!(stalled(&called, &[]).1, "pipeline show d1");
    assert_eq!(stalled(&called, &[("owner", "")]).1, "pipeline set d1 owner=…");
    let several = PROCESS.replace("- {id: won, ", "- {id: renewed, outcome: won}\n  - {id: won, ");
    assert_eq!(stalled(&several, &[("stage", "offer")]).1, "pipeline show d1");
}

#[test]
fn rules_of_the_process_find_deals_of_any_stage_and_may_replace_a_check() {
    let pushed = Past { pushes: 3, ..Past::default() };
    let odd = with(&[("id", "x; y")]);
    assert_eq!(
        found(PROCESS, "", odd, pushed),
        [triple("pushed", "Pushed [pushes=3]", "pipeline lose 'x; y' --reason late")]
    );
    let unpaid = with(&[("stage", "won"), ("value", "")]);
    assert_eq!(
        found(PROCESS, "", unpaid, Past::default()),
        [triple("unpaid", "Won for nothing [value=]", "")]
    );
    let replaced = format!("{PROCESS}  - {{id: no-value, when: value=..99, say: Small}}\n");
    assert_eq!(found(&replaced, "", with(&[("value", "")]), Past::default()), []);
    let small = with(&[("value", "99")]);
    assert_eq!(found(&replaced, "", small, Past::default()), [triple("no-value", "Small [value=99]", "")]);
}

#[test]
fn the_most_at_stake_comes_first() {
    let pushed = Past { pushes: 4, ..Past::default() };
    let row = |id, value| (with(&[("id", id), ("value", value)]), pushed);
    let review = reviewed(PROCESS, "pushed", &[row("a", ""), row("b", "9"), row("c", "50"), row("d", "9")]);
    let ids: Vec<&str> = review.deals.iter().map(|deal| deal.id.as_str()).collect();
    assert_eq!(ids, ["c", "b", "d", "a"]);
    assert_eq!(review.findings(), 4);
}

#[test]
fn a_review_speaks_the_language_of_the_process() {
    let chinese = format!("lang: zh-TW\n{PROCESS}");
    let row = with(&[("stage", "talk"), ("owner", ""), ("next_step", "")]);
    assert_eq!(
        found(&chinese, "", row, Past { pushes: 3, ..Past::default() }),
        [
            triple("gate-not-met", "不符合「First talk」的條件：owner [owner=]", "pipeline set d1 owner=…"),
            triple(
                "no-next-step",
                "沒有下一步 []",
                "pipeline set d1 next_step='致電 Ana' next_date=today+3d"
            ),
            triple("pushed", "延期 [pushes=3]", "pipeline lose d1 --reason late"),
        ]
    );
}
