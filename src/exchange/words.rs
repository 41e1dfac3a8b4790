//! Another system's words for stages, owners and currencies, and what they are here: as mapped, or as they say.

use std::collections::BTreeMap;

use super::crm::plain;
use super::mapping::Mapping;
use super::table::{Row, Table};
use crate::deal::money::Currency;
use crate::grammar::count;
use crate::problem::Problem;
use crate::process::{Outcome, Process, StageIndex};
use crate::shell;
use crate::yaml::in_flow;

/// Their word, ours, and how many rows have it.
pub type Word = (String, String, u64);

/// Which words were taken for what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Stages; ours is empty where there is none.
    pub stages: Vec<Word>,
    /// Owners.
    pub owners: Vec<Word>,
    /// Currencies; ours is empty where there is none.
    pub currencies: Vec<Word>,
}

/// A word that was met.
struct Met<T> {
    rows: u64,
    meaning: Option<T>,
    /// The first row that has it, as a problem to be told.
    first: Option<Problem>,
}

/// The words met so far.
pub(super) struct Words<'a> {
    process: &'a Process,
    mapping: &'a Mapping,
    stages: BTreeMap<String, Met<StageIndex>>,
    owners: BTreeMap<String, (String, u64)>,
    currencies: BTreeMap<String, Met<Currency>>,
    learnt: BTreeMap<String, StageIndex>,
}

impl<'a> Words<'a> {
    pub(super) fn new(process: &'a Process, mapping: &'a Mapping) -> Words<'a> {
        let (stages, owners, currencies, learnt) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Words { process, mapping, stages, owners, currencies, learnt }
    }

    /// The stage of a word, where it is one here; `hint` is what the row says of the end that the stage is.
    pub(super) fn stage(
        &mut self,
        table: &Table,
        row: &Row,
        word: &str,
        hint: Option<Outcome>,
    ) -> Option<StageIndex> {
        if let Some(met) = self.stages.get_mut(word) {
            met.rows += 1;
            if met.meaning.is_some() {
                return met.meaning;
            }
        }
        let meaning = self.meaning(word, hint);
        let unknown = || Some(table.problem(row, String::new()));
        let met = self.stages.entry(word.to_owned()).or_insert_with(|| Met { rows: 1, meaning, first: None });
        met.meaning = meaning;
        if meaning.is_none() && met.first.is_none() {
            met.first = unknown();
        }
        meaning
    }

    fn meaning(&self, word: &str, hint: Option<Outcome>) -> Option<StageIndex> {
        if let Some(ours) = Mapping::of(&self.mapping.stages, word) {
            return self.process.find(ours);
        }
        let squeezed = plain(word);
        let same = |name: &str| !squeezed.is_empty() && plain(name) == squeezed;
        let named = || {
            let all = self
                .process
                .open_stages()
                .chain(Outcome::ALL.into_iter().flat_map(|outcome| self.process.outcome_stages(outcome)));
            all.filter(|(_, stage)| stage.called().any(same)).map(|(at, _)| at).next()
        };
        let ended = match squeezed.as_str() {
            "closedwon" => Some(Outcome::Won),
            "closedlost" => Some(Outcome::Lost),
            _ => hint,
        };
        let end = || ended.and_then(|outcome| self.process.outcome_stages(outcome).next()).map(|(at, _)| at);
        self.process.find(word).or_else(named).or_else(|| self.learnt.get(word).copied()).or_else(end)
    }

    /// Takes what deals tell of words that say nothing by themselves, such as numbers; says what was learnt.
    pub(super) fn learn(&mut self, votes: Vec<(String, StageIndex)>) -> Vec<String> {
        let mut tallies: BTreeMap<String, BTreeMap<StageIndex, u64>> = BTreeMap::new();
        for (word, stage) in votes {
            if self.meaning(&word, None).is_none() && self.process.is_open(stage) {
                *tallies.entry(word).or_default().entry(stage).or_default() += 1;
            }
        }
        let mut notes = Vec::new();
        for (word, tally) in tallies {
            // Only where all of them say the same.
            if let Some((stage, deals)) = tally.iter().next().filter(|_| tally.len() == 1) {
                let (id, deals) = (self.process.stage_id(*stage), count(*deals, "deal"));
                notes.push(format!("`{word}` in the history is {id}, as told by {deals}"));
                self.learnt.insert(word, *stage);
            }
        }
        notes
    }

    /// An owner, as mapped or as it stands.
    pub(super) fn owner(&mut self, word: &str) -> String {
        if word.is_empty() {
            return String::new();
        }
        let ours = Mapping::of(&self.mapping.owners, word).unwrap_or(word);
        let entry = self.owners.entry(word.to_owned()).or_insert_with(|| (ours.to_owned(), 0));
        entry.1 += 1;
        entry.0.clone()
    }

    /// The code of a currency; nothing where there is none.
    pub(super) fn currency(&mut self, table: &Table, row: &Row, word: &str) -> Option<String> {
        if word.is_empty() {
            return None;
        }
        let meaning = self.mapping.currency(word);
        let first = || if meaning.is_none() { Some(table.problem(row, String::new())) } else { None };
        let met = self.currencies.entry(word.to_owned()).or_insert_with(|| Met {
            rows: 0,
            meaning,
            first: first(),
        });
        met.rows += 1;
        meaning.map(|currency| currency.code().to_owned())
    }

    /// Which words were taken for what, and a problem for each that is nothing here.
    pub(super) fn finish(&mut self, deal: &str) -> (Said, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut said = Said::default();
        for (word, met) in std::mem::take(&mut self.stages) {
            let ours = met.meaning.map_or("", |stage| self.process.stage_id(stage)).to_owned();
            if let (None, Some(first)) = (met.meaning, met.first) {
                let rows = count(met.rows, "row");
                let message = if word.is_empty() {
                    format!("this {deal} has no stage ({rows})")
                } else {
                    format!("this process has no stage `{word}` ({rows})")
                };
                let help = lacking(&word, Mapping::of(&self.mapping.stages, &word));
                problems.push(Problem { message, ..first }.help(help));
            }
            said.stages.push((word, ours, met.rows));
        }
        for (word, met) in std::mem::take(&mut self.currencies) {
            let ours = met.meaning.map_or(String::new(), |currency| currency.code().to_owned());
            if let Some(first) = met.first {
                let rows = count(met.rows, "row");
                let message = format!("`{word}` is no currency ({rows})");
                let help = format!("say which one it is: --currency {}", shell::assignment(&word, "EUR"));
                problems.push(Problem { message, ..first }.help(help));
            }
            said.currencies.push((word, ours, met.rows));
        }
        said.owners = std::mem::take(&mut self.owners)
            .into_iter()
            .map(|(word, (ours, rows))| (word, ours, rows))
            .collect();
        (said, problems)
    }
}

/// How a stage becomes known.
fn lacking(word: &str, mapped: Option<&str>) -> String {
    if let Some(ours) = mapped {
        return format!(
            "it is mapped to `{ours}`, which is no stage either: name one that `pipeline stages` lists"
        );
    }
    if word.is_empty() {
        return "fill it in, or leave the row out".to_owned();
    }
    let mapped = shell::assignment(word, "STAGE");
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("it is the number of a stage, and no deal tells of which: say --stage {mapped}");
    }
    let quoted = in_flow(word);
    format!(
        "add `was: [{quoted}]` to the stage that it is here, or the stage `- {{id: {}, name: {quoted}}}`, or say \
         --stage {mapped}",
        in_flow(&as_id(word))
    )
}

/// A name as the id of a stage: lower case, with hyphens between its words.
pub fn as_id(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            id.push(c);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.trim_end_matches('-').to_owned()
}
