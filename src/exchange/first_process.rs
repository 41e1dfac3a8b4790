//! A first pipeline.yaml for those who come from another system: its stages, in the order that its deals went through
//! them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use super::crm::{Crm, Rows, Setting, Sorted, pipeline_of, plain, yes};
use super::incoming::{Happening, Incoming};
use super::steps::new_value;
use super::table::Table;
use super::words::as_id;
use crate::deal::money::Currency;
use crate::deal::time::Zone;
use crate::error::Result;
use crate::folder::PROCESS_FILE;
use crate::process::{self, Outcome, StageIndex};
use crate::yaml::in_flow;

/// What a new process is called, and where it is.
#[derive(Clone, Debug)]
pub struct Heading {
    /// What people call it.
    pub name: String,
    /// Its time zone.
    pub zone: Zone,
}

/// A stage that was found.
#[derive(Clone, Debug, Default)]
struct FoundStage {
    name: String,
    id: String,
    outcome: Option<Outcome>,
    rows: u64,
    /// How often each probability stands with it.
    probabilities: BTreeMap<String, u64>,
}

/// The text of pipeline.yaml, and how many stages are in it; `setting` has a process that counts for nothing.
///
/// Errors: those of [`Crm::read`], of which stages are none.
pub fn first_process(
    crm: &Crm,
    tables: &[Table],
    setting: &Setting<'_>,
    heading: &Heading,
) -> Result<(String, usize)> {
    let sorted = crm.sort(tables, setting)?;
    let mut stages = found(crm, &sorted, pipeline_of(&sorted, setting.mapping).as_deref());
    for outcome in [Outcome::Won, Outcome::Lost] {
        if !stages.iter().any(|stage| stage.outcome == Some(outcome)) {
            let name = if outcome == Outcome::Won { "Won" } else { "Lost" };
            stages.push(FoundStage {
                name: name.to_owned(),
                outcome: Some(outcome),
                ..FoundStage::default()
            });
        }
    }
    if !stages.iter().any(|stage| stage.outcome.is_none()) {
        let name = "Qualification".to_owned();
        stages.insert(0, FoundStage { name, ..FoundStage::default() });
    }
    name_them(&mut stages);
    let currency = currency(&sorted);
    let text = written(&stages, heading, &currency);
    let process = process::read(PROCESS_FILE, &text)?;
    // The order of the day and the month is looked for in the same files, and so is what numbers stand for.
    let harvest = crm.read(tables, &Setting { process: &process, ..*setting })?;
    let before = precedence(&harvest.deals);
    let at = |stage: &FoundStage| process.lookup(&stage.id).unwrap_or(StageIndex::UNKNOWN);
    let several = |a, b| before.get(&(a, b)).copied().unwrap_or(0);
    // How many stages it comes before, more often than after.
    let open: Vec<StageIndex> = process.open_stages().map(|(at, _)| at).collect();
    let leads = |stage: &FoundStage| {
        let here = at(stage);
        let leads = |other: &&StageIndex| several(here, **other) > several(**other, here);
        open.iter().filter(leads).count()
    };
    let chance = |stage: &FoundStage| usual(stage).and_then(|text| text.parse::<f64>().ok());
    let all_have_chances =
        stages.iter().filter(|stage| stage.outcome.is_none()).all(|stage| chance(stage).is_some());
    stages.sort_by(|a, b| {
        let by_chance = if all_have_chances {
            chance(a).unwrap_or(0.0).total_cmp(&chance(b).unwrap_or(0.0))
        } else {
            std::cmp::Ordering::Equal
        };
        // A funnel narrows: where nothing else tells, the stage that more deals were in comes first.
        let order =
            by_chance.then(leads(b).cmp(&leads(a))).then(b.rows.cmp(&a.rows)).then(a.name.cmp(&b.name));
        a.outcome.map(Outcome::id).cmp(&b.outcome.map(Outcome::id)).then(order)
    });
    // Won before lost, which the alphabet has otherwise.
    stages
        .sort_by_key(|stage| stage.outcome.map_or(0, |outcome| if outcome == Outcome::Won { 1 } else { 2 }));
    Ok((written(&stages, heading, &currency), stages.len()))
}

/// How many deals were in one stage before they were in another.
fn precedence(deals: &[Incoming]) -> HashMap<(StageIndex, StageIndex), u64> {
    let mut before: HashMap<(StageIndex, StageIndex), u64> = HashMap::new();
    for deal in deals {
        let mut steps: Vec<_> = deal.steps.iter().collect();
        steps.sort_by_key(|step| step.at);
        let mut path = Vec::new();
        for step in steps {
            match step.what {
                Happening::Stage { from, to } => path.extend(from.into_iter().chain([to])),
                Happening::Ended { from, to } => path.extend([from, to]),
                Happening::Reopened | Happening::Field { .. } => {}
            }
        }
        path.push(deal.stage);
        path.dedup();
        for (at, first) in path.iter().enumerate() {
            for then in &path[at + 1..] {
                *before.entry((*first, *then)).or_default() += 1;
            }
        }
    }
    before
}

/// The stages that the rows name, in the order in which they do.
fn found(crm: &Crm, sorted: &[Sorted<'_>], pipeline: Option<&str>) -> Vec<FoundStage> {
    let mut stages: Vec<FoundStage> = Vec::new();
    let mut add = |word: &str, outcome: Option<Outcome>, probability: &str| {
        // A number is the id of a stage, whose name stands elsewhere.
        if plain(word).is_empty() || word.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let outcome = match plain(word).as_str() {
            "closedwon" | "won" => Some(Outcome::Won),
            "closedlost" | "lost" => Some(Outcome::Lost),
            _ => outcome,
        };
        let place = stages.iter().position(|stage| plain(&stage.name) == plain(word));
        let place = place.unwrap_or_else(|| {
            stages.push(FoundStage { name: word.to_owned(), ..FoundStage::default() });
            stages.len() - 1
        });
        let stage = &mut stages[place];
        stage.rows += 1;
        stage.outcome = stage.outcome.or(outcome);
        if !probability.is_empty() {
            *stage.probabilities.entry(probability.trim_end_matches('%').to_owned()).or_default() += 1;
        }
    };
    let ours = |name: &str| pipeline.is_none_or(|asked| name.is_empty() || plain(name) == plain(asked));
    for rows in [Rows::Deals, Rows::After, Rows::Changes] {
        for file in sorted.iter().filter(|file| file.rows == rows) {
            for row in file.table.rows.iter().filter(|row| ours(file.cell(row, "pipeline"))) {
                let says = |ours: &str| yes(file.cell(row, ours)) == Some(true);
                let outcome = match (says("is_closed"), says("is_won")) {
                    (_, true) => Some(Outcome::Won),
                    (true, false) => Some(Outcome::Lost),
                    (false, false) => None,
                };
                match rows {
                    Rows::Changes if crm.ours(file.cell(row, "field")) == Some("stage") => {
                        add(new_value(file, row), None, "");
                    }
                    Rows::Changes | Rows::Names => {}
                    Rows::Deals | Rows::After => {
                        add(file.cell(row, "stage"), outcome, file.cell(row, "probability_there"));
                    }
                }
            }
            for column in file.table.columns.iter().filter(|_| rows == Rows::Deals) {
                if let Some((stage, _)) =
                    (crm.entered)(column).filter(|(_, name)| ours(name.as_deref().unwrap_or("")))
                {
                    add(&stage, None, "");
                }
            }
        }
    }
    stages
}

/// Gives each stage an id that no other has.
fn name_them(stages: &mut [FoundStage]) {
    let mut taken: Vec<String> = vec![String::new(), StageIndex::DELETED_ID.to_owned()];
    for stage in stages {
        let id = as_id(&stage.name);
        let several = (2..).map(|number| format!("{}-{number}", if id.is_empty() { "stage" } else { &id }));
        stage.id =
            std::iter::once(id.clone()).chain(several).find(|id| !taken.contains(id)).unwrap_or_default();
        taken.push(stage.id.clone());
    }
}

/// The probability that stands with a stage most often.
fn usual(stage: &FoundStage) -> Option<&str> {
    stage.probabilities.iter().max_by_key(|(_, several)| **several).map(|(text, _)| text.as_str())
}

/// The currency that most deals are in.
fn currency(sorted: &[Sorted<'_>]) -> String {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for file in sorted.iter().filter(|file| file.rows == Rows::Deals) {
        for row in &file.table.rows {
            if let Some(currency) = Currency::named(&file.cell(row, "currency").to_ascii_uppercase()) {
                *all.entry(currency.code().to_owned()).or_default() += 1;
            }
        }
    }
    all.into_iter().max_by_key(|(_, several)| *several).map_or_else(|| "USD".to_owned(), |(code, _)| code)
}

fn written(stages: &[FoundStage], heading: &Heading, currency: &str) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema=.pipeline/schema.json\n\
         # Stages as they were found, in the order that deals went through them. Put right what is wrong;\n\
         # docs/formats.md says all that can stand here.\n\
         name: {}\ncurrency: {currency}\ntimezone: {}\nstages:\n",
        in_flow(&heading.name),
        heading.zone.name(),
    );
    for stage in stages {
        let (id, name) = (in_flow(&stage.id), in_flow(&stage.name));
        let chance = usual(stage)
            .filter(|text| text.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number)));
        let rest = match (stage.outcome, chance) {
            (Some(outcome), _) => format!(", outcome: {}", outcome.id()),
            (None, Some(chance)) => format!(", probability: {chance}%"),
            (None, None) => String::new(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  - {{id: {id}, name: {name}{rest}}}");
    }
    text
}
