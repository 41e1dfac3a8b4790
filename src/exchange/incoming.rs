//! What another system knows of a deal, in our words: what it is now, and what happened to it.

use super::dates::Moment;
use crate::deal::time::Instant;
use crate::process::StageIndex;

/// A deal of another system.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The id that it has there.
    pub source_id: String,
    /// The stage it is in.
    pub stage: StageIndex,
    /// Our columns and their cells, as far as the source has them; without stages and instants.
    pub cells: Vec<(String, String)>,
    /// When it was created there.
    pub created: Option<Moment>,
    /// When it entered the stage it is in, where the source says so.
    pub since: Option<Moment>,
    /// When it was last changed there.
    pub modified: Option<Instant>,
    /// Whether it was thrown away there.
    pub deleted: bool,
    /// What happened to it, in the order of the source.
    pub steps: Vec<Step>,
}

/// One thing that happened to a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Who did it; empty where the source does not say.
    pub by: String,
    /// What.
    pub what: Happening,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It entered a stage.
    Stage {
        /// The stage before, where the source says so.
        from: Option<StageIndex>,
        /// The stage entered.
        to: StageIndex,
    },
    /// It ended, from a stage that need not be the one it began in.
    Ended {
        /// The stage before.
        from: StageIndex,
        /// The end.
        to: StageIndex,
    },
    /// It was reopened: it is in the open stage that it was in before it closed.
    Reopened,
    /// A field has another cell.
    Field {
        /// Our column.
        field: String,
        /// The cell before, where the source says so.
        from: Option<String>,
        /// The cell after.
        to: String,
    },
}
