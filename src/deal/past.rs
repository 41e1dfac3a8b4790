//! What history tells of a deal that its cells do not.

use super::time::Instant;
use crate::process::StageIndex;

/// What happened to a deal, as far as terms ask for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// How many calls, emails, meetings and notes there were.
    pub touches: u32,
    /// When the last of them was.
    pub last_touch: Option<Instant>,
    /// How often the expected close was moved to a later day.
    pub pushes: u32,
    /// How many stays in a stage have ended that were longer than the stage's `stale_after`.
    pub stalls: u32,
    /// Its last move, where that one overrode a rule of the process.
    pub forced: Option<Forced>,
}

/// A move that overrode a rule of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forced {
    /// When.
    pub at: Instant,
    /// From which stage; `None` for a new deal.
    pub from: Option<StageIndex>,
    /// Into which.
    pub to: StageIndex,
}
