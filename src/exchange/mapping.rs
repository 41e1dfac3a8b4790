//! What a file's columns and words mean here, as flags or a mapping file say it; the file can be written too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::crm::plain as plain_word;
use super::numbers::{Mark, Unit};
use super::words::{Said, Word};
use crate::deal::money::Currency;
use crate::error::{Error, Result};
use crate::problem::{Place, Problem};
use crate::process::{COLUMNS, Process, SOURCE_ID};

/// How a file's columns and cells are to be read.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Our column, and the file's column that fills it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// The file's word for a stage, and our stage; empty where nobody has said it yet.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<String, String>,
    /// The file's word for an owner, and ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub owners: BTreeMap<String, String>,
    /// The file's word for a currency, and its ISO 4217 code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub currencies: BTreeMap<String, String>,
    /// How dates are written: `dmy`, `mdy`, or as `strftime` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    /// What stands before the decimals of amounts: `point` or `comma`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// Which of the source's pipelines to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
}

/// The columns of ours that one of a file may fill.
pub(super) fn targets(process: &Process) -> impl Iterator<Item = &str> {
    let fields = process.fields.iter().map(|field| field.id.as_str());
    COLUMNS.into_iter().chain([SOURCE_ID]).chain(fields)
}

impl Mapping {
    /// Reads a mapping from YAML.
    pub fn from_yaml(file: &str, text: &str) -> Result<Mapping, Problem> {
        serde_yaml::from_str(text).map_err(|error| {
            let place = error.location().map(|at| Place::in_text(text, at.index(), at.index() + 1));
            Problem::error(file, place, plain(&error.to_string())).help(
                "a mapping has the keys map, stages, owners, currencies, dates, decimal and pipeline, such as map: \
                 {id: opportunity_id}",
            )
        })
    }

    /// Adds what another one says; the other has the last word.
    pub fn extend(&mut self, other: Mapping) {
        self.map.extend(other.map);
        self.stages.extend(other.stages);
        self.owners.extend(other.owners);
        self.currencies.extend(other.currencies);
        self.dates = other.dates.or(self.dates.take());
        self.decimal = other.decimal.or(self.decimal.take());
        self.pipeline = other.pipeline.or(self.pipeline.take());
    }

    /// What stands before the decimals of amounts, where it is said.
    ///
    /// Errors: what is said is no such mark.
    pub(super) fn mark(&self) -> Result<Option<Mark>> {
        let Some(asked) = &self.decimal else { return Ok(None) };
        Mark::named(asked).map(Some).ok_or_else(|| {
            Error::usage(format!("`{asked}` is no decimal mark"))
                .hint("write --decimal point or --decimal comma")
        })
    }

    /// Adds what words were taken for.
    pub(super) fn take(&mut self, said: &Said) {
        let pair = |(theirs, ours, _): &Word| (theirs.clone(), ours.clone());
        self.stages.extend(said.stages.iter().map(pair));
        self.owners.extend(said.owners.iter().map(pair));
        self.currencies.extend(said.currencies.iter().map(pair));
    }

    /// What one of its lists says of a word: letters and digits count, case and marks do not.
    pub fn of<'m>(list: &'m BTreeMap<String, String>, word: &str) -> Option<&'m str> {
        let wanted = plain_word(word);
        let found = list.get(word.trim()).or_else(|| {
            let same = |theirs: &String| !wanted.is_empty() && plain_word(theirs) == wanted;
            list.iter().find(|(theirs, _)| same(theirs)).map(|(_, ours)| ours)
        });
        found.map(|ours| ours.trim()).filter(|ours| !ours.is_empty())
    }

    /// The currency that a word stands for: as mapped, else by its code in capitals or not.
    pub fn currency(&self, word: &str) -> Option<Currency> {
        let code = Mapping::of(&self.currencies, word).unwrap_or(word);
        Currency::named(&code.trim().to_ascii_uppercase())
    }

    /// What stands with an amount: its sign may be mapped to a currency, as a word for one is.
    pub fn unit<'t>(&self, unit: Unit<'t>) -> Unit<'t> {
        match unit {
            Unit::Code(_) => unit,
            Unit::Sign(sign) => self.currency(sign).map_or(unit, Unit::Code),
        }
    }
}

/// What the reader of YAML says, without the place, which is shown, and without the text, which may be all of the file.
fn plain(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    match message.split_once('"').zip(message.rsplit_once("\", expected ")) {
        Some(((before, _), (_, expected))) => {
            let expected = if expected == "struct Mapping" { "keys and their values" } else { expected };
            format!("{}, expected {expected}", before.trim_end())
        }
        None => message.to_owned(),
    }
}
