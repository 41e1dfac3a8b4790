//! What history tells of a deal that its cells do not.

use super::time::Instant;

/// What happened to a deal, as far as terms ask for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// How many calls, emails, meetings and notes there were.
    pub touches: u32,
    /// When the last of them was.
    pub last_touch: Option<Instant>,
    /// How often the expected close was moved to a later day.
    pub pushes: u32,
}
