//! `pipeline disqualify`: it was no deal for us to begin with.

use clap::Args;

use super::context::Context;
use super::lose::reason;
use super::moves::{How, Which, enter};
use super::win::only_stage;
use crate::error::Result;
use crate::process::Outcome;

/// Disqualify deals, for a reason
///
/// Unlike a lost deal, one that is disqualified does not count in the win rate; it does in the conversion rate.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline disqualify deal-42 --reason \"no budget\"")]
pub(super) struct Disqualify {
    /// The deals; `-` reads ids from standard input
    #[arg(value_name = "DEAL", required = true)]
    deals: Vec<String>,
    /// Why: one of the process's reasons, where it lists some
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    how: How,
}

impl Disqualify {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let stage = only_stage(folder.process(), Outcome::Disqualified)?;
        enter(context, &folder, Which::Ids(self.deals), stage, &self.how, reason(self.reason))
    }
}
