//! `pipeline.yaml` as it is written. `schema.json` beside this file is made from these types by the test below; editors
//! underline by it and the reader checks files against it. The comments here are what editors show.
#![expect(dead_code, reason = "the types are only ever looked at by the schema generator")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// After a change of the types: `UPDATE=1 cargo test --lib schema_is`, then read the diff.
#[test]
fn the_schema_is_that_of_the_types() {
    let made = format!("{:#}\n", schemars::schema_for!(File).to_value());
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/process/schema.json"), made)
            .unwrap();
    }
    assert_eq!(made, super::schema_text(), "src/process/schema.json: UPDATE=1 cargo test --lib schema_is");
}

/// A text. Words that YAML takes for something else (`no`, `2026`, `1.08`) count as what is written.
struct Text(String);

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"]})
    }
}

/// A sales process: stages, rules, fields, money and targets.
#[derive(JsonSchema)]
#[schemars(title = "pipeline.yaml", deny_unknown_fields)]
struct File {
    /// What people call this pipeline.
    name: Option<Text>,
    /// The language of headings and stage names. Default `en`.
    lang: Option<Lang>,
    /// The reporting currency, and that of a deal which names none: an ISO 4217 code such as `EUR`. Default `USD`.
    currency: Option<Text>,
    /// Digits after the point, where the process departs from ISO 4217: `{TWD: 0}`.
    decimals: Option<BTreeMap<String, u32>>,
    /// The IANA time zone that decides which day something happened on, such as `Europe/Berlin`. Default `UTC`.
    timezone: Option<Text>,
    /// The month in which the fiscal year starts: `april`, `apr` or `4`. Default `january`.
    year_starts: Option<Text>,
    /// How new deals are named. Default `sequential`.
    ids: Option<Ids>,
    /// The stages, open ones in the order that a deal goes through them, then the outcomes.
    stages: Vec<Stage>,
    /// What moves other than one step forward need.
    transitions: Option<Transitions>,
    /// Further columns of deals that have a type.
    fields: Option<Vec<Field>>,
    /// Points that deals earn by terms: the name of the score, then its rules.
    scores: Option<BTreeMap<String, Vec<Points>>>,
    /// The reasons a deal may be lost or disqualified for; without them any text will do.
    reasons: Option<Vec<Text>>,
    /// Teams and the owners in them: `{north: [ana, ben]}`.
    teams: Option<BTreeMap<String, Vec<Text>>>,
    /// Named terms: `list @hot` uses the view `hot`.
    views: Option<BTreeMap<String, Text>>,
    /// What one unit of a currency is worth in the reporting currency, `{EUR: 1.08}`; or the name of a file with
    /// the columns day, currency, rate.
    rates: Option<Rates>,
    /// What is to be won by everyone, an owner or a team. Shorter periods that fill a longer one add up to it; so do the
    /// members of a team that has no target of its own, and the teams and the other owners where everyone has none.
    targets: Option<Vec<Target>>,
    /// Rules that `pipeline review` applies beside its own checks.
    review: Option<Vec<ReviewRule>>,
    /// The folder that holds one YAML file per deal, instead of deals.csv.
    deals: Option<Text>,
    /// The folder that holds history in one file per year, instead of history.csv.
    history: Option<Text>,
}

#[derive(JsonSchema)]
enum Lang {
    #[schemars(rename = "en")]
    English,
    #[schemars(rename = "zh-TW")]
    TraditionalChinese,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Ids {
    /// `deal-1`, `deal-2` and so on.
    Sequential,
    /// `deal-k3f9q`, for teams that add deals on branches.
    Random,
}

/// One text for all languages, or one for each.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Words {
    Plain(Text),
    ByLanguage(ByLanguage),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ByLanguage {
    /// English.
    en: Option<Text>,
    /// Traditional Chinese.
    #[schemars(rename = "zh-TW")]
    zh_tw: Option<Text>,
}

/// A stage of the process, or an outcome.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Stage {
    /// What the files call the stage. To change it later, put the old one under `was`.
    id: Text,
    /// What people call it.
    name: Option<Words>,
    /// How deals end here; leave it out for an open stage.
    outcome: Option<Outcome>,
    /// The chance that a deal here is won, `20%` or `0.2`: for the weighted forecast.
    probability: Option<Text>,
    /// How long a deal may stay before it counts as stale: `14d` or `2w`.
    stale_after: Option<Text>,
    /// Former ids that now mean this stage, in history too.
    was: Option<Vec<Text>>,
    /// What a deal needs before it may come into this stage or a later one.
    enter: Option<Gate>,
    /// Columns that are filled when a deal enters and they are empty: `{next_date: today+3d}`.
    on_enter: Option<BTreeMap<String, Text>>,
    /// What this stage is there to find out.
    goal: Option<Words>,
    /// What to do in it.
    checklist: Option<Vec<Words>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Outcome {
    /// The buyer bought.
    Won,
    /// The buyer bought elsewhere, or not at all.
    Lost,
    /// It was no deal for us to begin with.
    Disqualified,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Gate {
    /// Columns that must not be empty.
    require: Option<Vec<Text>>,
    /// Terms that must hold, such as `bant >= 50`.
    when: Option<Vec<Text>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Transitions {
    /// A move over an open stage. Default `allow`.
    skip: Option<Transition>,
    /// A move to an earlier open stage. Default `allow`.
    back: Option<Transition>,
    /// A move from an outcome to an open stage. Default `allow`.
    reopen: Option<Transition>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Transition {
    /// It may be made.
    Allow,
    /// It may be made with a note that says why.
    Note,
    /// It may not be made.
    Deny,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Field {
    /// The column.
    id: Text,
    /// What people call it.
    name: Option<Words>,
    /// What its cells may hold. Default `text`.
    #[schemars(rename = "type")]
    kind: Option<FieldType>,
    /// What a field of the type `choice` may hold.
    choices: Option<Vec<Text>>,
    /// Whether every deal must have it.
    required: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum FieldType {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// An amount in the deal's currency.
    Money,
    /// A day or an instant.
    Date,
    /// One of the texts under `choices`.
    Choice,
    /// `yes` or `no`.
    #[schemars(rename = "yes/no")]
    YesNo,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Points {
    /// The terms of the deals that earn the points.
    when: Text,
    /// How many; fewer than 0 take away.
    points: i32,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum Rates {
    File(Text),
    Fixed(BTreeMap<String, Text>),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Target {
    /// The period: `2026-Q4`, `2026-07`, `2026`.
    period: Text,
    /// The owner, when it is one person's.
    owner: Option<Text>,
    /// The team, when it is a team's.
    team: Option<Text>,
    /// The amount in the reporting currency: `250000` or `250k`.
    amount: Text,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ReviewRule {
    /// Its name in the review. With the name of a check of the review itself, such as `stalled` or `no-value`, it takes
    /// that one's place.
    id: Text,
    /// The terms of the deals that it finds, such as `status=open stalls=2..`.
    when: Text,
    /// What it tells people.
    say: Words,
    /// The command that mends it, on one line, with `{id}` for the deal: `pipeline disqualify {id} --reason "no budget"`.
    run: Option<Text>,
}
