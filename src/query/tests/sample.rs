//! A process, its dictionary and deals for the tests of this room.

use std::collections::BTreeMap;

use crate::deal::money::{Currency, Rates};
use crate::deal::time::{Zone, parse_day};
use crate::process::{
    DealStore, Gate, HistoryStore, Ids, Lang, Outcome, Process, RateSource, Stage, Transitions, Words,
};
use crate::query::{Dictionary, FieldDef, Kind, Subject, Value};

fn stage(id: &str, name: &[(&str, &str)], was: &[&str], outcome: Option<Outcome>) -> Stage {
    let texts = name.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
    Stage {
        id: id.to_owned(),
        name: Words { texts },
        outcome,
        probability: None,
        stale_after: None,
        was: was.iter().map(|id| (*id).to_owned()).collect(),
        enter: Gate::default(),
        on_enter: Vec::new(),
        goal: Words::default(),
        checklist: Vec::new(),
    }
}

/// A process of four open stages and three outcomes, with these views.
pub(super) fn process(views: &[(&str, &str)]) -> Process {
    Process {
        name: "Test".to_owned(),
        lang: Lang::En,
        currency: Currency::named("USD").unwrap(),
        digits: BTreeMap::new(),
        zone: Zone::named("Europe/Berlin").unwrap(),
        year_starts: 1,
        ids: Ids::Sequential,
        stages: vec![
            stage("contact", &[("en", "First contact"), ("zh-TW", "初步接觸")], &["screening"], None),
            stage("needs", &[("en", "Needs analysis"), ("zh-TW", "需求分析")], &[], None),
            stage("proposal", &[("en", "Proposal"), ("zh-TW", "提案")], &[], None),
            stage("negotiation", &[("en", "Negotiation"), ("zh-TW", "協商")], &[], None),
            stage("won", &[], &[], Some(Outcome::Won)),
            stage("lost", &[], &[], Some(Outcome::Lost)),
            stage("disqualified", &[], &[], Some(Outcome::Disqualified)),
        ],
        transitions: Transitions::default(),
        fields: Vec::new(),
        scores: Vec::new(),
        reasons: Vec::new(),
        teams: Vec::new(),
        views: views.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        rates: RateSource::Fixed(Rates::default()),
        targets: Vec::new(),
        review: Vec::new(),
        deals: DealStore::Csv,
        history: HistoryStore::OneFile,
    }
}

/// The fields of the tests, on Tuesday 24 November 2026.
pub(super) fn dictionary(process: &Process) -> Dictionary<'_> {
    let choices = |texts: &[&str]| Kind::Choice(texts.iter().map(|text| (*text).to_owned()).collect());
    let fields = [
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("account", Kind::Text),
        ("owner", Kind::Text),
        ("stage", Kind::Stage),
        ("status", Kind::Status),
        ("value", Kind::Money),
        ("bant", Kind::Number),
        ("probability", Kind::Percent),
        ("close_date", Kind::Date),
        ("age", Kind::Days),
        ("reason", choices(&["price", "no decision", "no budget"])),
        ("budget", choices(&["unknown", "no", "yes"])),
        ("renewal", Kind::YesNo),
        ("tags", Kind::Tags),
        ("Deal size", Kind::Text),
    ];
    let fields = fields.into_iter().map(|(name, kind)| FieldDef::new(name, kind)).collect();
    let today = parse_day("2026-11-24").unwrap();
    Dictionary { process, fields, calendar: process.calendar(today), zone: process.zone }
}

/// A deal by the values of its fields; those not named are empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Deal(pub(super) BTreeMap<usize, Value<'static>>);

impl Deal {
    pub(super) fn with(dictionary: &Dictionary, values: &[(&str, Value<'static>)]) -> Deal {
        let index = |name: &str| dictionary.fields.iter().position(|field| field.name == name).unwrap();
        Deal(values.iter().map(|(name, value)| (index(name), value.clone())).collect())
    }
}

impl Subject for Deal {
    fn value(&self, field: usize) -> Value<'_> {
        self.0.get(&field).cloned().unwrap_or(Value::Empty)
    }
}
