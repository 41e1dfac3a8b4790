//! What terms may speak of in a pipeline, and how a deal answers: its cells, and what is worked out from them. Pure.
//!
//! The one place that knows derived fields and scores. A command says how to look at a deal ([`Deal`]): as its row
//! stands today, as it stood on a past day, or as a change would leave it.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::gate::Conditions;
use super::{Dictionary, FieldDef, Flaw, Kind, Query, Subject, Value, parse};
use crate::deal::columns::{FORECASTS, Holds, holds, parse_probability};
use crate::deal::money::parse_amount;
use crate::deal::past::Past;
use crate::deal::time::{Day, Instant};
use crate::process::{COLUMNS, DERIVED, Process, StageIndex, Stated};

/// How one deal is looked at.
pub trait Deal {
    /// The stage it is in.
    fn stage(&self) -> StageIndex;
    /// What it holds in a column, named by the column's index in the dictionary.
    fn cell(&self, field: usize) -> Value<'_>;
    /// When it was created, as far as that is known.
    fn created(&self) -> Option<Instant>;
    /// When it entered its stage, as far as that is known.
    fn entered(&self) -> Option<Instant>;
    /// When it closed, as far as that is known.
    fn closed(&self) -> Option<Instant>;
    /// The instant that its ages are counted to.
    fn until(&self) -> Instant;
    /// What its history tells; only asked where [`Sight::needs_past`] said so.
    fn past(&self) -> Past;
}

/// What a field is to a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Cell,
    Status,
    Team,
    Age,
    StageAge,
    Idle,
    Weighted,
    Pushes,
    Stalls,
    Touches,
    Score(usize),
}

impl Answer {
    fn named(process: &Process, name: &str) -> Answer {
        match name {
            "status" => Answer::Status,
            "team" => Answer::Team,
            "age" => Answer::Age,
            "stage_age" => Answer::StageAge,
            "idle" => Answer::Idle,
            "weighted" => Answer::Weighted,
            "pushes" => Answer::Pushes,
            "stalls" => Answer::Stalls,
            "touches" => Answer::Touches,
            _ => {
                let score = process.scores.iter().position(|score| score.id == name);
                score.map_or(Answer::Cell, Answer::Score)
            }
        }
    }

    /// The columns that it is worked out from.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Answer::Cell | Answer::Score(_) => &[],
            Answer::Status => &["stage"],
            Answer::Team => &["owner"],
            Answer::Age => &["created", "closed"],
            Answer::StageAge | Answer::Stalls => &["stage_since"],
            Answer::Idle | Answer::Touches => &["created", crate::deal::book::TOUCHES],
            Answer::Weighted => &["value", "probability", "stage"],
            Answer::Pushes => &["close_date"],
        }
    }
}

/// Terms of `pipeline.yaml` that were not understood, and where they stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misstated {
    /// Where.
    pub stated: Stated,
    /// The terms as written.
    pub terms: String,
    /// What is wrong with them.
    pub flaw: Flaw,
}

/// One rule of a score.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) points: i32,
    pub(super) query: Query,
}

/// What a rule of a score comes to for a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned<'p> {
    /// The terms, as written.
    pub terms: &'p str,
    /// The points that they are worth.
    pub points: i32,
    /// Whether they hold.
    pub holds: bool,
}

/// What terms may speak of: the columns of the files, those they could have, and what is worked out from them.
#[derive(Clone, Debug)]
pub struct Sight<'p> {
    dictionary: Dictionary<'p>,
    answers: Vec<Answer>,
    /// The rules of each score of the process; what is wrong with them, where something is.
    scores: Vec<Result<Vec<Rule>, Vec<Misstated>>>,
    owner: usize,
    value: usize,
    probability: usize,
}

impl<'p> Sight<'p> {
    /// What terms may speak of on a day, in a folder whose deals have these columns: the first fields of the dictionary.
    pub fn new(process: &'p Process, columns: &[String], today: Day) -> Sight<'p> {
        let mut names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let declared = process.fields.iter().map(|field| field.id.as_str());
        let scores = process.scores.iter().map(|score| score.id.as_str());
        for name in COLUMNS.into_iter().chain(declared).chain(DERIVED).chain(scores) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let answers: Vec<Answer> = names.iter().map(|name| Answer::named(process, name)).collect();
        let kinds = names.iter().zip(&answers);
        let fields = kinds.map(|(name, answer)| FieldDef::new(*name, kind(process, name, *answer))).collect();
        let dictionary =
            Dictionary { process, fields, calendar: process.calendar(today), zone: process.zone };
        let place = |name: &str| names.iter().position(|known| *known == name).unwrap_or(usize::MAX);
        let (owner, value, probability) = (place("owner"), place("value"), place("probability"));
        let mut sight = Sight { dictionary, answers, scores: Vec::new(), owner, value, probability };
        sight.scores = (0..process.scores.len()).map(|score| sight.rules(score)).collect();
        sight
    }

    fn rules(&self, score: usize) -> Result<Vec<Rule>, Vec<Misstated>> {
        let (mut rules, mut wrong) = (Vec::new(), Vec::new());
        for (nth, (terms, points)) in self.process().scores[score].rules.iter().enumerate() {
            let misstated =
                |flaw| Misstated { stated: Stated::Score { score, nth }, terms: terms.clone(), flaw };
            match parse(&[terms], &self.dictionary) {
                Err(flaw) => wrong.push(misstated(flaw)),
                Ok(query) => match self.score_in(&query) {
                    None => rules.push(Rule { points: *points, query }),
                    Some(other) => {
                        let message = format!("a score cannot ask for a score, and `{other}` is one");
                        let flaw = Flaw::at(0..terms.len(), message).within(terms);
                        wrong.push(misstated(flaw.help("ask for the fields that it counts")));
                    }
                },
            }
        }
        if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
    }

    fn score_in(&self, query: &Query) -> Option<&str> {
        let score = |field: &usize| matches!(self.answers[*field], Answer::Score(_));
        query.fields().into_iter().find(score).map(|field| self.dictionary.fields[field].name.as_str())
    }

    /// The process whose words these are.
    pub fn process(&self) -> &'p Process {
        self.dictionary.process
    }

    /// The fields that terms may speak of.
    pub fn dictionary(&self) -> &Dictionary<'p> {
        &self.dictionary
    }

    /// The position of a field among the dictionary's.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.dictionary.fields.iter().position(|field| field.name == name)
    }

    /// Whether a field is worked out, so that no file holds it.
    pub fn is_derived(&self, field: usize) -> bool {
        self.answers.get(field).is_some_and(|answer| *answer != Answer::Cell)
    }

    /// The position of a field that is worked out; `None` for a column.
    pub fn derived(&self, name: &str) -> Option<usize> {
        // Asked for every cell of a listing: most names are told apart without a look at the dictionary.
        (Answer::named(self.process(), name) != Answer::Cell).then(|| self.field(name)).flatten()
    }

    /// Makes sure that the scores among these fields are understood.
    pub fn understood(&self, fields: &[usize]) -> Result<(), Vec<Misstated>> {
        let wrong: Vec<Misstated> = fields
            .iter()
            .filter_map(|field| match self.answers.get(*field) {
                Some(Answer::Score(score)) => self.scores[*score].as_ref().err(),
                _ => None,
            })
            .flatten()
            .cloned()
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// These fields and those that the scores among them ask for.
    fn asked(&self, fields: &[usize]) -> Vec<usize> {
        let mut asked = fields.to_vec();
        for field in fields {
            if let Some(Answer::Score(score)) = self.answers.get(*field)
                && let Ok(rules) = &self.scores[*score]
            {
                asked.extend(rules.iter().flat_map(|rule| rule.query.fields()));
            }
        }
        asked
    }

    /// Whether these fields ask for what only history tells.
    pub fn needs_past(&self, fields: &[usize]) -> bool {
        let past = [Answer::Idle, Answer::Pushes, Answer::Stalls, Answer::Touches];
        self.asked(fields)
            .iter()
            .any(|field| self.answers.get(*field).is_some_and(|answer| past.contains(answer)))
    }

    /// The columns that these fields are, or are worked out from; [`TOUCHES`](crate::deal::book::TOUCHES) for activities.
    pub fn columns(&self, fields: &[usize]) -> Vec<&str> {
        let mut columns = Vec::new();
        for field in self.asked(fields) {
            match self.answers.get(field) {
                None => {}
                Some(Answer::Cell) => columns.push(self.dictionary.fields[field].name.as_str()),
                Some(answer) => columns.extend(answer.columns()),
            }
        }
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// A deal as terms see it.
    pub fn of<'a, D: Deal>(&'a self, deal: &'a D) -> Seen<'a, D> {
        Seen { sight: self, deal }
    }

    /// How each rule of a score does for a deal; none for what is no score.
    pub fn earned(&self, field: usize, deal: &impl Deal) -> Vec<Earned<'p>> {
        let Some(Answer::Score(score)) = self.answers.get(field) else { return Vec::new() };
        let Ok(rules) = &self.scores[*score] else { return Vec::new() };
        let written = self.process().scores[*score].rules.iter().map(|(terms, _)| terms.as_str());
        let seen = self.of(deal);
        let earned = |(rule, terms): (&Rule, &'p str)| {
            let holds = rule.query.matches(&seen);
            Earned { terms, points: rule.points, holds }
        };
        rules.iter().zip(written).map(earned).collect()
    }

    /// The terms that the gates up to a stage ask for.
    ///
    /// Errors: those that were not understood, with those of the scores that they ask for.
    pub fn conditions(&self, stage: StageIndex) -> Result<Conditions<'_>, Vec<Misstated>> {
        let (mut terms, mut wrong) = (Vec::new(), Vec::new());
        for (index, gate) in self.process().gates_to(stage) {
            for (nth, text) in gate.when.iter().enumerate() {
                let stated = Stated::Gate { stage: index.position(), nth };
                match parse(&[text], &self.dictionary) {
                    Err(flaw) => wrong.push(Misstated { stated, terms: text.clone(), flaw }),
                    Ok(query) => {
                        wrong.extend(self.understood(&query.fields()).err().into_iter().flatten());
                        terms.push((text.clone(), query));
                    }
                }
            }
        }
        if wrong.is_empty() { Ok(Conditions::new(self, terms)) } else { Err(wrong) }
    }

    /// The terms of the rules of the review, in their order.
    ///
    /// Errors: those that were not understood, with those of the scores that they ask for.
    pub fn review(&self) -> Result<Vec<Query>, Vec<Misstated>> {
        let (mut rules, mut wrong) = (Vec::new(), Vec::new());
        for (nth, rule) in self.process().review.iter().enumerate() {
            match parse(&[&rule.when], &self.dictionary) {
                Err(flaw) => {
                    wrong.push(Misstated { stated: Stated::Review(nth), terms: rule.when.clone(), flaw });
                }
                Ok(query) => {
                    wrong.extend(self.understood(&query.fields()).err().into_iter().flatten());
                    rules.push(query);
                }
            }
        }
        if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
    }

    /// All terms of the process that are not understood.
    pub fn misstated(&self) -> Vec<Misstated> {
        let process = self.process();
        let mut wrong: Vec<Misstated> =
            self.scores.iter().filter_map(|rules| rules.as_ref().err()).flatten().cloned().collect();
        let mut look = |stated, terms: &str| {
            if let Err(flaw) = parse(&[terms], &self.dictionary) {
                wrong.push(Misstated { stated, terms: terms.to_owned(), flaw });
            }
        };
        for (stage, gate) in process.stages.iter().map(|stage| &stage.enter).enumerate() {
            for (nth, terms) in gate.when.iter().enumerate() {
                look(Stated::Gate { stage, nth }, terms);
            }
        }
        for (nth, (_, terms)) in process.views.iter().enumerate() {
            look(Stated::View(nth), terms);
        }
        for (nth, rule) in process.review.iter().enumerate() {
            look(Stated::Review(nth), &rule.when);
        }
        wrong
    }
}

fn kind(process: &Process, name: &str, answer: Answer) -> Kind {
    match answer {
        Answer::Cell => {}
        Answer::Status => return Kind::Status,
        Answer::Team => return Kind::Text,
        Answer::Age | Answer::StageAge | Answer::Idle => return Kind::Days,
        Answer::Weighted => return Kind::Money,
        Answer::Pushes | Answer::Stalls | Answer::Touches | Answer::Score(_) => return Kind::Number,
    }
    match holds(process, name) {
        _ if name == "reason" => Kind::Choice(process.reasons.clone()),
        Holds::Id | Holds::Currency => Kind::Text,
        Holds::Stage => Kind::Stage,
        Holds::Probability => Kind::Percent,
        Holds::Forecast => Kind::Choice(FORECASTS.map(str::to_owned).into()),
        Holds::Tags => Kind::Tags,
        Holds::Field(field) => Kind::from(&field),
    }
}

/// A deal as terms see it.
#[derive(Debug)]
pub struct Seen<'a, D> {
    sight: &'a Sight<'a>,
    deal: &'a D,
}

impl<D: Deal> Seen<'_, D> {
    fn text(&self, field: usize) -> Cow<'_, str> {
        match self.deal.cell(field) {
            Value::Text(text) => text,
            _ => Cow::Borrowed(""),
        }
    }

    fn days_since(&self, from: Option<Instant>, to: Option<Instant>) -> Value<'_> {
        let zone = self.sight.dictionary.zone;
        // What is dated a moment after now, because several changes share the moment, is not younger than new.
        from.zip(to).map_or(Value::Empty, |(from, to)| Value::Days(zone.elapsed(from, to).max(0.0)))
    }

    /// Whether it has been in its stage for longer than that stage's `stale_after`.
    fn stalls_now(&self) -> bool {
        let stage = self.sight.process().stage(self.deal.stage());
        let limit = stage.and_then(|stage| stage.stale_after);
        let stay = self.days_since(self.deal.entered(), Some(self.deal.until()));
        limit.is_some_and(|limit| matches!(stay, Value::Days(days) if days > f64::from(limit)))
    }

    /// Its value times its probability: its own, else its stage's. How a closed deal ended is certain.
    fn weighted(&self) -> Option<Decimal> {
        let stage = self.deal.stage();
        let process = self.sight.process();
        let own = parse_probability(&self.text(self.sight.probability)).filter(|_| process.is_open(stage));
        let share = own.or_else(|| process.stage(stage)?.probability)?;
        parse_amount(&self.text(self.sight.value))?.checked_mul(share)
    }
}

impl<D: Deal> Subject for Seen<'_, D> {
    fn value(&self, field: usize) -> Value<'_> {
        let (deal, now) = (self.deal, Some(self.deal.until()));
        match self.sight.answers.get(field) {
            None => Value::Empty,
            Some(Answer::Cell) => deal.cell(field),
            Some(Answer::Status) => Value::Stage(deal.stage()),
            Some(Answer::Team) => {
                let team = self.sight.process().team_of(&self.text(self.sight.owner));
                team.map_or(Value::Empty, |team| Value::Text(Cow::Borrowed(team)))
            }
            Some(Answer::Age) => {
                let open = self.sight.process().is_open(deal.stage());
                self.days_since(deal.created(), if open { now } else { deal.closed() })
            }
            Some(Answer::StageAge) => self.days_since(deal.entered(), now),
            Some(Answer::Idle) => self.days_since(deal.past().last_touch.or(deal.created()), now),
            Some(Answer::Weighted) => self.weighted().map_or(Value::Empty, Value::Number),
            Some(Answer::Pushes) => Value::Number(deal.past().pushes.into()),
            Some(Answer::Stalls) => Value::Number((deal.past().stalls + u32::from(self.stalls_now())).into()),
            Some(Answer::Touches) => Value::Number(deal.past().touches.into()),
            Some(Answer::Score(score)) => match &self.sight.scores[*score] {
                Err(_) => Value::Empty,
                Ok(rules) => {
                    let held = rules.iter().filter(|rule| rule.query.matches(self));
                    let points: i64 = held.map(|rule| i64::from(rule.points)).sum();
                    Value::Number(points.into())
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;

    const PROCESS: &str = "\
stages:
  - {id: lead, probability: 20%, stale_after: 9d}
  - {id: talk}
  - {id: won, outcome: won}
fields:
  - {id: budget, type: choice, choices: [no, yes]}
scores:
  fit:
    - {when: budget = yes, points: 25}
    - {when: age = ..10d, points: -5}
  warmth:
    - {when: touches = 2.., points: 3}
  wrong:
    - {when: fit = 5.., points: 1}
teams: {north: [ana]}
";

    const COLUMNS: [&str; 6] = ["id", "owner", "value", "probability", "budget", "idle"];

    struct Sample {
        stage: StageIndex,
        cells: [&'static str; 6],
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    impl Deal for Sample {
        fn stage(&self) -> StageIndex {
            self.stage
        }
        fn cell(&self, field: usize) -> Value<'_> {
            self.cells.get(field).map_or(Value::Empty, |cell| Value::Text(Cow::Borrowed(cell)))
        }
        fn created(&self) -> Option<Instant> {
            Some(at("2026-11-01T12:00:00Z"))
        }
        fn entered(&self) -> Option<Instant> {
            Some(at("2026-11-11T12:00:00Z"))
        }
        fn closed(&self) -> Option<Instant> {
            Some(at("2026-11-11T12:00:00Z"))
        }
        fn until(&self) -> Instant {
            at("2026-11-21T12:00:00Z")
        }
        fn past(&self) -> Past {
            let last_touch = Some(at("2026-11-20T12:00:00Z"));
            Past { touches: 2, last_touch, pushes: 1, stalls: 1, forced: None }
        }
    }

    #[test]
    fn what_is_worked_out_is_worked_out_here() {
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let today = crate::deal::time::parse_day("2026-11-21").unwrap();
        let sight = Sight::new(&process, &COLUMNS.map(str::to_owned), today);
        let finds = |stage: &str, cells, terms: &str| {
            let deal = Sample { stage: process.lookup(stage).unwrap(), cells };
            parse(&[terms], sight.dictionary()).unwrap().matches(&sight.of(&deal))
        };
        let open = ["d1", "ana", "1000", "", "yes", "text that a column of the same name holds"];
        for terms in [
            "status=open team=north",
            "age=20d stage_age=10d idle=1d",
            "touches=2 pushes=1",
            // One stay that has ended, and the ten days in a stage of nine.
            "stalls=2",
            "weighted=200",
            "fit=25 warmth=3",
        ] {
            assert!(finds("lead", open, terms), "{terms}");
        }
        let own = ["d1", "ben", "1000", "60%", "", ""];
        for terms in ["team=", "weighted=600", "fit=0"] {
            assert!(finds("lead", own, terms), "{terms}");
        }
        assert!(finds("won", own, "weighted=1000 age=10d fit=-5 status=won"));
    }

    #[test]
    fn history_is_only_needed_for_what_it_alone_tells() {
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let today = crate::deal::time::parse_day("2026-11-21").unwrap();
        let sight = Sight::new(&process, &COLUMNS.map(str::to_owned), today);
        let needs = |name: &str| sight.needs_past(&[sight.field(name).unwrap()]);
        assert!(needs("idle") && needs("pushes") && needs("stalls") && needs("warmth"));
        assert!(!needs("age") && !needs("weighted") && !needs("fit"));
    }

    #[test]
    fn the_past_is_that_of_the_day_without_what_was_taken_back() {
        use crate::deal::book::{BookBuilder, Deals, Events, State, TOUCHES};
        use crate::deal::event::Event;
        use crate::deal::past::Forced;
        use crate::deal::time::Cut;
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let mut builder = BookBuilder::new(vec!["close_date".to_owned(), TOUCHES.to_owned()]);
        let lead = process.lookup("lead").unwrap();
        let states = vec![State { stage: lead, stage_since: None, created: None, closed: None }];
        let (ids, cells) = (["d1"].into_iter().collect(), ["2026-12-24", ""].into_iter().collect());
        builder.add(&Deals { ids, states, cells });
        let (deal, mut events) = (0, Events::default());
        let rows = [
            ["2026-11-02T09:00:00Z", "d1", "set", "close_date", "", "2026-12-01", "ana", ""],
            ["2026-11-03T09:00:00Z", "d1", "set", "close_date", "2026-12-01", "2026-12-31", "ana", ""],
            ["2026-11-04T09:00:00Z", "d1", "set", "close_date", "2026-12-31", "2026-12-24", "ana", ""],
            ["2026-11-05T09:00:00Z", "d1", "call", "", "", "", "ana", "Hello"],
            ["2026-11-06T09:00:00Z", "d1", "email", "", "", "", "ana", "Hello again"],
            ["2026-11-07T09:00:00Z", "d1", "void", "email", "2026-11-06T09:00:00Z", "", "ana", ""],
            // Ten days, one day, nine days: only the first stay is longer than nine.
            ["2026-11-01T09:00:00Z", "d1", "stage", "", "", "lead", "ana", ""],
            ["2026-11-11T09:00:00Z", "d1", "stage", "", "lead", "talk", "ana", ""],
            ["2026-11-12T09:00:00Z", "d1", "stage", "", "talk", "lead", "ana", ""],
            ["2026-11-21T09:00:00Z", "d1", "stage", "forced", "lead", "talk", "ana", "They insist"],
        ];
        for (place, row) in rows.iter().enumerate() {
            let event = Event::read(row.map(Cow::Borrowed)).unwrap();
            builder.note(&process, deal, event, place as u64, &mut events).unwrap();
        }
        let book = builder.finish(vec![events.sort()], &|place| rows[place as usize].concat());
        let past = |day: &str| book.past(deal, &process, Cut::now(at(day)));
        let stage = |id: &str| process.lookup(id).unwrap();
        let last_touch = Some(at("2026-11-05T09:00:00Z"));
        let called = Past { touches: 1, last_touch, pushes: 1, stalls: 1, forced: None };
        let forced = Forced { at: at("2026-11-21T09:00:00Z"), from: Some(stage("lead")), to: stage("talk") };
        assert_eq!(past("2026-11-21T12:00:00Z"), Past { forced: Some(forced), ..called });
        assert_eq!(past("2026-11-20T12:00:00Z"), called);
        assert_eq!(past("2026-11-04T12:00:00Z"), Past { pushes: 1, ..Past::default() });
        assert_eq!(past("2026-11-02T12:00:00Z"), Past::default());
    }

    #[test]
    fn a_score_asks_for_no_score() {
        let process = process::read("pipeline.yaml", PROCESS).unwrap();
        let today = crate::deal::time::parse_day("2026-11-21").unwrap();
        let sight = Sight::new(&process, &COLUMNS.map(str::to_owned), today);
        let wrong = sight.misstated();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].flaw.message, "a score cannot ask for a score, and `fit` is one");
        let place = process::place_of_terms(PROCESS, wrong[0].stated, &wrong[0].terms, 0..3).unwrap();
        assert_eq!((place.line, place.column, place.length), (14, 14, 3));
        assert!(sight.understood(&[sight.field("wrong").unwrap()]).is_err());
        assert!(sight.understood(&[sight.field("fit").unwrap()]).is_ok());
    }
}
