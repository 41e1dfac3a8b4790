//! What the reader says to files, good and bad.

use proptest::prelude::*;

use super::super::{FieldType, Lang, Outcome, RateSource, SEVEN_STAGES};
use super::*;

/// `file:line:column: message`, one for each problem.
fn said(text: &str) -> Vec<String> {
    problems(text).iter().map(ToString::to_string).collect()
}

fn problems(text: &str) -> Vec<Problem> {
    read("pipeline.yaml", text).err().unwrap_or_default()
}

/// A sound process around more lines.
fn with(more: &str) -> String {
    format!("stages: [{{id: a}}, {{id: won, outcome: won}}]\n{more}\n")
}

fn sound(text: &str) -> Process {
    read("pipeline.yaml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn the_seven_stages_read_without_a_problem() {
    let process = sound(SEVEN_STAGES);
    assert_eq!(process.find("議價協商"), process.lookup("negotiation"));
    assert_eq!(process.scores[0].rules.iter().map(|(_, points)| points).sum::<i32>(), 100);
    assert_eq!(process.fields[0].kind, FieldType::Choice(vec!["unknown".into(), "no".into(), "yes".into()]));
    assert!(process.stages.iter().all(|stage| stage.enter.require.iter().all(|column| column == "reason")));
}

#[test]
fn everything_that_a_file_may_say_is_heard() {
    let process = sound(
        "name: 2026\nlang: zh-TW\ncurrency: TWD\ndecimals: {TWD: 0}\ntimezone: Asia/Taipei\nyear_starts: Apr\nids: random
stages:
- {id: in, name: {en: Inbox, zh-TW: 收件}, probability: 0.15, stale_after: 2w, was: [Old Name], goal: g, checklist: [1.08, {en: x}]}
- {id: out, probability: 50%, enter: {require: [value, size], when: [\"bant >= 50\"]}, on_enter: {next_date: today+3d, size: L}}
- {id: won, outcome: won}
transitions: {skip: note, back: deny, reopen: allow}
fields: [{id: size, type: choice, choices: [L, no, 10], required: true}, {id: seats, type: number}]
scores: {bant: [{when: size = L, points: -5}]}
reasons: [price, no]
teams: {north: [ana, ben]}
views: {hot: value=10k..}
rates: {USD: 32.5, IDR: 0.00196}
targets: [{period: 2026-Q4, team: north, amount: 1234567.10}, {period: 2026, amount: 10k}]
review: [{id: big, when: value=1m.., say: Look, run: \"pipeline show {id}\"}]
deals: deals/
history: history/
",
    );
    assert_eq!(
        (process.name.as_str(), process.lang, process.year_starts, process.ids),
        ("2026", Lang::ZhTw, 4, Ids::Random)
    );
    assert_eq!(
        (process.currency.code(), process.digits(process.currency), process.zone.name()),
        ("TWD", 0, "Asia/Taipei")
    );
    let (first, second, won) = (&process.stages[0], &process.stages[1], &process.stages[2]);
    assert_eq!((first.probability.unwrap().to_string(), first.stale_after), ("0.15".into(), Some(14)));
    assert_eq!((first.checklist[0].text(Lang::En), first.goal.text(Lang::ZhTw)), ("1.08", "g"));
    assert_eq!(process.lookup("Old Name"), process.lookup("in"));
    assert_eq!((second.enter.require.len(), second.enter.when.len(), second.on_enter.len()), (2, 1, 2));
    assert_eq!((won.probability.unwrap().to_string(), won.outcome), ("1".into(), Some(Outcome::Won)));
    assert_eq!(
        process.transitions,
        Transitions { skip: Transition::Note, back: Transition::Deny, reopen: Transition::Allow }
    );
    assert_eq!(process.fields[0].kind, FieldType::Choice(vec!["L".into(), "no".into(), "10".into()]));
    assert!(process.fields[0].required && !process.fields[1].required);
    assert_eq!(process.scores[0].rules, [("size = L".to_owned(), -5)]);
    assert_eq!(process.reasons, ["price", "no"]);
    assert_eq!(process.team_of("ben"), Some("north"));
    assert_eq!(process.targets[0].amount.to_string(), "1234567.1");
    assert_eq!(
        (process.targets[0].team.as_deref(), process.targets[1].amount.to_string()),
        (Some("north"), "10000".into())
    );
    assert_eq!(process.views, [("hot".to_owned(), "value=10k..".to_owned())]);
    assert_eq!(process.review[0].run.as_deref(), Some("pipeline show {id}"));
    assert_eq!(
        (process.deals, process.history),
        (DealStore::Yaml("deals".into()), HistoryStore::Years("history".into()))
    );
    assert!(matches!(process.rates, RateSource::Fixed(_)));
}

#[test]
fn what_is_left_out_or_empty_has_a_default() {
    let process = sound(&with("fields:\nreasons:\ntransitions: {back: }"));
    assert_eq!((process.currency.code(), process.zone.name(), process.year_starts), ("USD", "UTC", 1));
    assert_eq!(process.transitions, Transitions::default());
    assert_eq!((process.deals, process.history), (DealStore::Csv, HistoryStore::OneFile));
    let files = sound(&with("deals: deals.csv\nhistory: history.csv\nrates: rates.csv"));
    assert_eq!((files.deals, files.history), (DealStore::Csv, HistoryStore::OneFile));
    assert_eq!(files.rates, RateSource::File("rates.csv".into()));
}

#[test]
fn each_slip_is_shown_at_its_place() {
    for (text, expected) in [
        ("", "1:1: the file is empty"),
        ("# nothing\n", "1:1: the file is empty"),
        ("- a\n", "1:1: the file must be a map of keys and values, not a list"),
        ("name: Acme\n", "1:1: the file needs `stages`"),
        ("stages: {}\n", "1:1: `stages` must be a list, not a map"),
        ("stages: [{id: won, outcome: won}]\n", "1:1: the process has no open stage"),
        ("stages: [{id: a}]\n", "1:1: the process has no stage for deals that are won"),
        ("stages: [{id: a}, {id: won, outcome: wonn}]\n", "1:38: `outcome` cannot be `wonn`"),
        (
            "stages: [{id: a}, {id: won, outcome: won}, {id: x, outcome: deleted}]\n",
            "1:61: `outcome` cannot be `deleted`",
        ),
        (
            "stages: [{id: a}, {name: 潛在, ids: b}, {id: won, outcome: won}]\n",
            "1:19: an entry of `stages` needs `id`; 1:30: an entry of `stages` has no key `ids`",
        ),
        ("stages: [{id: a}, {id: A}, {id: won, outcome: won}]\n", "1:24: `A` means another stage already"),
        (
            "stages: [{id: a, was: [b]}, {id: b}, {id: won, outcome: won}]\n",
            "1:34: `b` means another stage already",
        ),
        (
            "stages: [{id: a, name: {en: X}}, {id: b, name: {zh-TW: x}}, {id: won, outcome: won}]\n",
            "1:56: `x` means another stage already",
        ),
        (
            "stages: [{id: deleted}, {id: won, outcome: won}]\n",
            "1:15: `deleted` is reserved for deals that never were",
        ),
        (
            "stages: [{id: a b}, {id: \"x,y\"}, {id: \"t\\tz\"}, {id: won, outcome: won}]\n",
            "1:15: `a b` cannot be a name; 1:26: `x,y` cannot be a name; 1:39: `t\\tz` cannot be a name",
        ),
        (
            "stages: [{id: a, probability: 120%}, {id: won, outcome: won}]\n",
            "1:31: a probability lies between 0% and 100%, and `120%` does not",
        ),
        (
            "stages: [{id: a, probability: 40}, {id: won, outcome: won}]\n",
            "1:31: a probability lies between 0% and 100%, and `40` does not",
        ),
        (
            "stages: [{id: a, probability: high}, {id: won, outcome: won}]\n",
            "1:31: `high` is not a probability",
        ),
        (
            "stages: [{id: a}, {id: won, outcome: won, probability: 90%}]\n",
            "1:56: a stage whose outcome is `won` cannot have the probability `90%`",
        ),
        (
            "stages: [{id: a, stale_after: 2m}, {id: won, outcome: won, stale_after: 2d}]\n",
            "1:31: `2m` is not a time in days or weeks; 1:73: a deal that has ended does not grow stale",
        ),
        (
            "stages: [{id: a, enter: {require: [ownr, age]}}, {id: won, outcome: won}]\n",
            "1:36: no deal has a column `ownr`; 1:42: `age` is worked out, no deal holds it",
        ),
        (
            "stages: [{id: a, on_enter: {stage: x, nxt: y}}, {id: won, outcome: won}]\n",
            "1:29: `stage` cannot be filled on entry; 1:39: no deal has a column `nxt`",
        ),
        (
            "stages: [{id: a, on_enter: {forecast: foo, currency: dollars, reason: rain, size: L}}, {id: won, outcome: won}]\nreasons: [price]\nfields: [{id: size, type: choice, choices: [S, M]}]\n",
            "1:39: forecast: `foo` is no forecast category; 1:54: currency: `DOLLARS` is no currency; \
             1:71: reason: `rain` is no reason of this process; 1:83: size: `L` is none of its choices",
        ),
        ("stages: [{id: a}, {id: won, outcome: won}]\nstages: []\n", "2:1: `stages` stands here twice"),
        ("stages:\n  - id: a\n    name: x: y\n", "3:12: a `: ` stands where no key can"),
        ("stages:\n\t- id: a\n", "2:2: a tab stands where only spaces may"),
        ("stages:\n  - id: a\n   name: x\n", "3:4: this line is not indented like its neighbours"),
        ("stages: [{id: a}\n", "1:9: a bracket or brace is not closed"),
        ("stages: \"a\n", "1:9: a quoted text does not end"),
        ("a: 1\n---\nb: 1\n", "2:1: the file holds more than one document"),
        ("a: \u{0}b\n", "1:4: the file has a character that no text file should have (U+0000)"),
    ] {
        assert_eq!(said(text).join("; ").replace("pipeline.yaml:", ""), expected, "{text}");
    }
}

#[test]
fn each_slip_beside_the_stages_is_shown_at_its_place() {
    for (more, expected) in [
        ("stagess: []", "2:1: the file has no key `stagess`"),
        ("currency: euro", "2:11: `euro` is not a currency of ISO 4217"),
        (
            "decimals: {TWD: -1, JPY: 7, XX: 1}",
            "2:17: `TWD` must be a whole number from 0, not `-1`; 2:26: an amount has at most 6 digits after the point; 2:29: `XX` is not a currency of ISO 4217",
        ),
        ("timezone: Europe/Berln", "2:11: `Europe/Berln` is not a time zone"),
        ("year_starts: 13", "2:14: `13` is not a month"),
        ("ids: uuid", "2:6: `ids` cannot be `uuid`"),
        ("lang: zh", "2:7: `lang` cannot be `zh`"),
        ("name: {en: x}", "2:1: `name` must be a text, not a map"),
        (
            "transitions: {skip: sometimes, jump: deny}",
            "2:21: `skip` cannot be `sometimes`; 2:32: `transitions` has no key `jump`",
        ),
        (
            "fields: [{id: value}, {id: Status}, {id: x}, {id: x}]",
            "2:15: every deal has a column `value` already; 2:28: `status` is worked out by the tool; 2:51: `x` stands twice",
        ),
        (
            "fields: [{id: x, required: yes, type: txt}]",
            "2:28: `required` must be true or false, not `yes`; 2:39: `type` cannot be `txt`",
        ),
        (
            "fields: [{id: x, type: choice}, {id: y, choices: [a]}]",
            "2:24: a field of the type `choice` needs `choices`; 2:41: only a field of the type `choice` has `choices`",
        ),
        (
            "fields: [{id: x}]\nscores: {x: [], team: [{when: a, points: 2.5}], y: [{points: 1}]}",
            "3:10: `x` stands twice; 3:17: `team` is worked out by the tool; 3:42: `points` must be a whole number, not `2.5`; 3:53: an entry of `y` needs `when`",
        ),
        (
            "reasons: [price, Price, \"\", ~]",
            "2:18: `Price` stands twice; 2:25: an entry of `reasons` is empty; 2:29: an entry of `reasons` must be a text, not empty",
        ),
        ("teams: {a: [x], b: [x]}", "2:21: `x` is in the team `a` already"),
        ("teams: [a]", "2:1: `teams` must be a map of keys and values, not a list"),
        ("views: {my view: x, v: \"\"}", "2:9: `my view` cannot be a name; 2:24: `v` has no terms"),
        (
            "rates: {EUR: 0, GBP: -1, CHF: 1e3, USD: 2}",
            "2:14: `0` is not a rate; 2:22: `-1` is not a rate; 2:31: `1e3` is not a rate; 2:41: USD is the reporting currency: its rate is 1",
        ),
        ("rates: ../rates.csv", "2:8: `../rates.csv` does not name a place inside the folder"),
        ("deals: /tmp", "2:8: `/tmp` does not name a place inside the folder"),
        (
            "deals: 'C:\\x'\nhistory: .pipeline/",
            "2:8: `C:\\x` does not name a place inside the folder; 3:10: `.pipeline/` does not name a place inside the folder",
        ),
        ("deals: d\nhistory: d/h/", "3:10: deals and history cannot share a folder"),
        (
            "targets: [{period: 90d, amount: -1}, {period: last month, amount: x}]",
            "2:20: `90d` is not a period of the calendar; 2:33: `-1` is not an amount to reach; 2:47: `last month` is not a period of the calendar; 2:67: `x` is not an amount to reach",
        ),
        (
            "targets: [{period: 2026, team: n, owner: o, amount: 1}]",
            "2:32: a target is an owner's or a team's, not both; 2:32: there is no team `n`",
        ),
        (
            "targets: [{period: 2026, amount: 1}, {period: 2026, owner: \"\", amount: 2}, {period: 2026, owner: [o], amount: 2}]",
            "2:60: the owner of this target is empty; 2:91: `owner` must be a text, not a list",
        ),
        (
            "targets: [{period: 2026, amount: 1}, {period: 2026, amount: 2}]",
            "2:38: there is a target for this period already",
        ),
        (
            "review: [{id: a, when: x, say: s}, {id: a, when: x, say: {de: s}}]",
            "2:41: `a` stands twice; 2:59: `say` has no key `de`",
        ),
        (
            "review:\n- {id: a, when: x, say: s, run: \"\"}\n- {id: b, when: x, say: s, run: \"a\\nb\"}\n- {id: c, when: x, say: s, run: 'show {Id}'}",
            "3:33: `run` has no command; 4:33: a command stands on one line; 5:33: `{Id}` stands for nothing in a command",
        ),
        (
            "review: [{id: a, when: x, say: s, run: 'log \"about {id}\"'}, {id: b, when: x, say: s, run: \"a \\\\\\\" {id} 'x'\"}]",
            "2:40: `{id}` stands in quotes",
        ),
        ("reasons: &r [a]\nviews: *r", "3:8: aliases (`*name`) are not read here"),
        ("name: !!str x", "2:7: tags such as `!!str` are not read here"),
        ("? [a, b]\n: c", "2:3: a key must be a text, not a list or a map"),
    ] {
        assert_eq!(said(&with(more)).join("; ").replace("pipeline.yaml:", ""), expected, "{more}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_what_was_meant() {
    let text = "stages:\r\n  - id: a\r\n    probabilty: 20%\r\n  - {id: a, probability: 120}\r\n  - {id: won, outcome: won}\r\ncurrency: NTD\r\n";
    let said: Vec<String> = problems(&format!("\u{feff}{text}"))
        .into_iter()
        .map(|problem| {
            let place = problem.place.unwrap();
            let caret = " ".repeat(place.column - 1) + &"^".repeat(place.length);
            format!("{}|{caret}|{}", place.excerpt, problem.help.unwrap())
        })
        .collect();
    assert_eq!(
        said,
        [
            "    probabilty: 20%|    ^^^^^^^^^^|did you mean `probability`?",
            "  - {id: a, probability: 120}|         ^|see line 2: ids, former ids and names of stages must all differ",
            "  - {id: a, probability: 120}|                         ^^^|write `20%` or `0.2`",
            "currency: NTD|          ^^^|did you mean `TWD`?",
        ]
    );
}

#[test]
fn a_probability_without_its_percent_sign_is_told_what_was_meant() {
    for (typed, help) in [("40", "did you mean `40%`?"), ("400", "write `20%` or `0.2`")] {
        let text = format!("stages: [{{id: a, probability: {typed}}}, {{id: won, outcome: won}}]");
        let [problem] = &problems(&text)[..] else { panic!("one problem") };
        assert_eq!(problem.help.as_deref(), Some(help));
    }
}

#[test]
fn a_text_that_a_comma_cuts_is_told_to_be_quoted() {
    let text = "stages: [{id: a, goal: {en: Who does what, and when?}}, {id: won, outcome: won}]";
    let [problem] = &problems(text)[..] else { panic!("one problem") };
    assert_eq!(problem.message, "`goal` has no key `and when?`");
    let help = "a text with a comma in it needs quotes inside braces: {en: \"One, two\"}";
    assert_eq!(problem.help.as_deref(), Some(help));
}

fn numbered(count: u32, part: impl Fn(u32) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

#[test]
fn hostile_files_come_to_an_end_and_are_refused() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x]\n".to_owned()
        + &numbered(30, |n| format!("b{n}: &b{n} [*a, *a, *a, *a]\n"));
    let deep = |part: &str| part.repeat(100_000);
    let files = [
        bomb,
        deep("["),
        deep("{a: "),
        deep("- "),
        deep("? "),
        deep("a:\n "),
        (0..1_000).map(|n| " ".repeat(n) + "a:\n").collect(),
        "[".repeat(1 << 20),
        "x".repeat(1 << 21),
        "a: \"".to_owned() + &deep("x "),
        deep("a: b\n"),
        format!("# {}\n{}", "x".repeat(900_000), "a: b\n".repeat(20_000)),
        numbered(20_000, |n| format!("k{n}: {{}}\n")),
        with(&format!("rates: {{{}}}", numbered(20_000, |n| format!("Z{n}: 1,")))),
        with(&("reasons: [".to_owned() + &"潛,".repeat(40_000) + "]")),
        deep("&a "),
        deep("!a "),
        deep("%a\n"),
        "\u{0}".repeat(1_000),
    ];
    for text in files {
        let problems = problems(&text);
        let head: String = text.chars().take(20).collect();
        assert!(!problems.is_empty() && problems.len() <= 101, "{head}");
    }
}

#[test]
fn what_is_filled_in_on_entry_may_be_written_as_it_is_typed() {
    let text = "stages: [{id: a, on_enter: {name: New deal, value: 10k, size: l, forecast: Commit, next_date: today+3d}}, {id: won, outcome: won}]\n\
                fields: [{id: size, type: choice, choices: [S, L]}]\n";
    assert_eq!(said(text), Vec::<String>::new());
}

#[test]
fn the_schema_describes_what_editors_show() {
    let schema = &*crate::process::validate::SCHEMA;
    assert_eq!(schema["properties"]["stages"]["type"], "array");
    assert_eq!(schema["additionalProperties"], false);
    let parts = std::iter::once(schema).chain(schema["$defs"].as_object().unwrap().values());
    for part in parts.filter(|part| part["properties"].is_object()) {
        for (name, property) in part["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a slip of the hand makes of a file, there is an answer, and every problem has a place in the text.
    #[test]
    fn no_edit_of_a_file_makes_the_reader_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, "[-\\[\\]{}:,'\"#&*!|>%@ \n\tax0潛\u{0}]{0,4}"), 1..6)
    ) {
        let mut text: Vec<char> = SEVEN_STAGES.chars().collect();
        for (at, length, put) in edits {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, put.chars());
        }
        let text: String = text.into_iter().collect();
        for problem in problems(&text) {
            let place = problem.place.unwrap();
            prop_assert_eq!(text.split('\n').nth(place.line - 1).unwrap(), &*place.excerpt);
        }
    }

    #[test]
    fn no_text_at_all_makes_the_reader_panic(text in "[-\\[\\]{}:,'\"?#&*!|>%@~ \n\r\tab0潛\u{feff}\u{85}]{0,200}") {
        let _ = problems(&text);
    }
}
