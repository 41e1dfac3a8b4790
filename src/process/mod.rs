//! The sales process: stages in order, outcomes, and the rules that `pipeline.yaml` states. Pure.

mod columns;
mod read;
#[cfg(test)]
mod source;
mod stage;
mod target;
mod template;
mod validate;

use std::collections::BTreeMap;

use crate::deal::money::{Currency, Rates};
use crate::deal::time::{Day, Zone};
use crate::shell;

pub use columns::{COLUMNS, DERIVED, SOURCE_ID, Written};
pub use read::{Stated, place_of_terms, read};
pub use stage::{Gate, Lang, Outcome, Stage, StageIndex, Words};
pub use target::{Goal, Target, Whose};
pub use template::{SEVEN_STAGES, Template};
pub use validate::schema_text;

/// What `pipeline.yaml` says.
#[derive(Clone, Debug)]
pub struct Process {
    /// What people call this pipeline.
    pub name: String,
    /// The language of headings and of stage names in tables.
    pub lang: Lang,
    /// The reporting currency, and that of a deal which names none.
    pub currency: Currency,
    /// Digits after the point, where the process departs from ISO 4217 (a Taiwan dollar without cents).
    pub digits: BTreeMap<Currency, u32>,
    /// The zone that decides which day an instant belongs to.
    pub zone: Zone,
    /// The month in which the fiscal year starts, 1 to 12.
    pub year_starts: u32,
    /// How new deals are named.
    pub ids: Ids,
    /// The stages as written; the open ones stand in the order of the process.
    pub stages: Vec<Stage>,
    /// What moves other than one step forward need.
    pub transitions: Transitions,
    /// Columns of deals.csv that have a type of their own.
    pub fields: Vec<Field>,
    /// Points given by terms.
    pub scores: Vec<Score>,
    /// The reasons a deal may be lost or disqualified for; empty when any text will do.
    pub reasons: Vec<String>,
    /// Teams and the owners in them.
    pub teams: Vec<(String, Vec<String>)>,
    /// Named terms, for `@name`.
    pub views: Vec<(String, String)>,
    /// Where exchange rates come from.
    pub rates: RateSource,
    /// What is to be won.
    pub targets: Vec<Target>,
    /// Rules of `pipeline review`.
    pub review: Vec<ReviewRule>,
    /// Where deals are kept.
    pub deals: DealStore,
    /// Where history is kept.
    pub history: HistoryStore,
}

/// How new deals are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ids {
    /// `deal-1`, `deal-2`, …
    #[default]
    Sequential,
    /// `deal-k3f9q`, for teams that add deals on branches.
    Random,
}

/// What the process says to a kind of move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transition {
    /// It may be made.
    #[default]
    Allow,
    /// It may be made with a note that says why.
    Note,
    /// It may not be made.
    Deny,
}

/// What the process says to the moves that are not one step forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transitions {
    /// Over an open stage.
    pub skip: Transition,
    /// To an earlier open stage.
    pub back: Transition,
    /// From an outcome to an open stage.
    pub reopen: Transition,
}

/// The type of a declared field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// An amount in the deal's currency.
    Money,
    /// A day or an instant.
    Date,
    /// One of the texts listed.
    Choice(Vec<String>),
    /// `yes` or `no`.
    YesNo,
}

/// A column of deals.csv that the process declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column.
    pub id: String,
    /// What people call it.
    pub name: Words,
    /// What its cells may hold.
    pub kind: FieldType,
    /// Whether every deal must have it.
    pub required: bool,
}

/// Points that a deal earns by terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The name that terms and columns use.
    pub id: String,
    /// Terms and the points that each is worth.
    pub rules: Vec<(String, i32)>,
}

/// Where exchange rates come from.
#[derive(Clone, Debug, PartialEq)]
pub enum RateSource {
    /// Stated in `pipeline.yaml`, for all days.
    Fixed(Rates),
    /// A file of the folder: `day,currency,rate`.
    File(String),
}

/// A rule that `pipeline review` applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRule {
    /// Its name in the review.
    pub id: String,
    /// The terms of the deals that it finds.
    pub when: String,
    /// What it tells people.
    pub say: Words,
    /// The command that mends it, with [`ReviewRule::PLACE`] for the deal.
    pub run: Option<String>,
}

impl ReviewRule {
    /// What stands for the deal in a command.
    pub const PLACE: &'static str = "{id}";

    /// The command that mends a deal, ready for a shell.
    pub fn command(&self, deal: &str) -> Option<String> {
        self.run.as_ref().map(|run| run.replace(ReviewRule::PLACE, &shell::quote(deal)))
    }
}

/// Where deals are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DealStore {
    /// One file, `deals.csv`.
    #[default]
    Csv,
    /// A folder with one YAML file per deal.
    Yaml(String),
}

/// Where history is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HistoryStore {
    /// One file, `history.csv`.
    #[default]
    OneFile,
    /// A folder with one file per year.
    Years(String),
}

impl Process {
    /// The stage at an index that this process gave out.
    ///
    /// [`StageIndex::DELETED`] and [`StageIndex::UNKNOWN`] have no stage.
    #[inline]
    pub fn stage(&self, index: StageIndex) -> Option<&Stage> {
        self.stages.get(index.position())
    }

    /// The stage that the files call `id`: a stage's id, a former id, or the reserved `deleted`.
    #[inline]
    pub fn lookup(&self, id: &str) -> Option<StageIndex> {
        if id == StageIndex::DELETED_ID {
            return Some(StageIndex::DELETED);
        }
        let named = |stage: &Stage| stage.id == id || stage.was.iter().any(|was| was == id);
        self.stages.iter().position(named).map(StageIndex::at)
    }

    /// The stage that a person calls `text`: its id, a former id, or its name in any language, without regard to case.
    pub fn find(&self, text: &str) -> Option<StageIndex> {
        let wanted = text.trim().to_lowercase();
        let named = |stage: &Stage| stage.called().any(|name| name.to_lowercase() == wanted);
        self.stages.iter().position(named).map(StageIndex::at)
    }

    /// The id that the files use for a stage.
    pub fn stage_id(&self, index: StageIndex) -> &str {
        match self.stage(index) {
            Some(stage) => &stage.id,
            None if index == StageIndex::DELETED => StageIndex::DELETED_ID,
            None => "unknown",
        }
    }

    /// What a deal in this stage is: open (`None`), won, lost or disqualified.
    #[inline]
    pub fn outcome(&self, index: StageIndex) -> Option<Outcome> {
        self.stage(index).and_then(|stage| stage.outcome)
    }

    /// Whether a deal in this stage is open; a deal of unknown stage is, a deleted one is not.
    #[inline]
    pub fn is_open(&self, index: StageIndex) -> bool {
        index != StageIndex::DELETED && self.outcome(index).is_none()
    }

    /// The open stages, in the order of the process.
    pub fn open_stages(&self) -> impl Iterator<Item = (StageIndex, &Stage)> + Clone {
        let numbered = self.stages.iter().enumerate();
        numbered.filter(|(_, stage)| stage.outcome.is_none()).map(|(at, stage)| (StageIndex::at(at), stage))
    }

    /// The stages of an outcome, as written.
    pub fn outcome_stages(&self, outcome: Outcome) -> impl Iterator<Item = (StageIndex, &Stage)> {
        let numbered = self.stages.iter().enumerate();
        numbered
            .filter(move |(_, stage)| stage.outcome == Some(outcome))
            .map(|(at, stage)| (StageIndex::at(at), stage))
    }

    /// The gates that a deal passes on its way into a stage: those of every open stage before an open one, and its own.
    ///
    /// A gate holds for its stage and for every open stage after it, so that a skip is no way round.
    pub fn gates_to(&self, stage: StageIndex) -> impl Iterator<Item = (StageIndex, &Gate)> {
        let open = self.is_open(stage);
        let before = self.open_stages().filter(move |(index, _)| open && *index < stage);
        let own = self.stage(stage).map(|own| (stage, own));
        before.chain(own).map(|(index, stage)| (index, &stage.enter))
    }

    /// How many digits after the point amounts of a currency are shown with.
    pub fn digits(&self, currency: Currency) -> u32 {
        self.digits.get(&currency).copied().unwrap_or_else(|| currency.digits())
    }

    /// The team of an owner, when one claims them.
    pub fn team_of(&self, owner: &str) -> Option<&str> {
        let team = self.teams.iter().find(|(_, owners)| owners.iter().any(|other| other == owner));
        team.map(|(name, _)| name.as_str())
    }

    /// The declared field of a column.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The calendar that periods are read by, on a day.
    pub fn calendar(&self, today: Day) -> crate::deal::period::Calendar {
        crate::deal::period::Calendar { today, year_starts: self.year_starts }
    }
}
