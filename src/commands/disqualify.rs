//! `pipeline disqualify`: it was no deal for us to begin with.

use clap::Args;

use super::context::Context;
use super::lose::Without;
use crate::error::Result;
use crate::process::Outcome;

/// Disqualify deals, for a reason
///
/// Unlike a lost deal, one that is disqualified does not count in the win rate; it does in the conversion rate.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline disqualify deal-42 --reason \"no budget\"")]
pub(super) struct Disqualify {
    #[command(flatten)]
    without: Without,
}

impl Disqualify {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.without.close(context, Outcome::Disqualified)
    }
}
