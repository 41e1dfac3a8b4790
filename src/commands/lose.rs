//! `pipeline lose`: the buyer did not buy.

use clap::Args;

use super::context::Context;
use super::moves::{How, Which, enter};
use super::win::only_stage;
use crate::error::Result;
use crate::process::Outcome;

/// Lose deals, for a reason
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline lose deal-42 --reason price
  pipeline lose deal-7 deal-9 --reason timing --note \"asks again in spring\"")]
pub(super) struct Lose {
    #[command(flatten)]
    without: Without,
}

/// What it takes to close deals without a win: which, and why.
#[derive(Debug, Args)]
pub(super) struct Without {
    /// The deals; `-` reads ids from standard input
    #[arg(value_name = "DEAL", required = true)]
    deals: Vec<String>,
    /// Why: one of the process's reasons, where it lists some
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    how: How,
}

impl Lose {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.without.close(context, Outcome::Lost)
    }
}

impl Without {
    /// Moves the deals to the stage of an outcome, with the reason as a field to set.
    pub(super) fn close(self, context: &Context, outcome: Outcome) -> Result<()> {
        let folder = context.folder()?;
        let stage = only_stage(folder.process(), outcome)?;
        let reason = self.reason.map(|reason| ("reason".to_owned(), reason));
        enter(context, &folder, Which::Ids(self.deals), stage, &self.how, reason.into_iter().collect())
    }
}
