//! `pipeline win`: the buyer bought.

use clap::Args;

use super::context::Context;
use super::moves::{How, Which, enter};
use crate::error::{Error, Result};
use crate::process::{Outcome, Process, StageIndex};

/// Win deals
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline win deal-42
  pipeline win deal-42 --on 2026-11-02 --set value=14500")]
pub(super) struct Win {
    /// The deals; `-` reads ids from standard input
    #[arg(value_name = "DEAL", required = true)]
    deals: Vec<String>,
    #[command(flatten)]
    how: How,
}

impl Win {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let stage = only_stage(folder.process(), Outcome::Won)?;
        enter(context, &folder, Which::Ids(self.deals), stage, &self.how, Vec::new())
    }
}

/// The stage of an outcome.
///
/// Errors: the process has none, or several to choose from.
pub(super) fn only_stage(process: &Process, outcome: Outcome) -> Result<StageIndex> {
    let stages: Vec<(StageIndex, &str)> =
        process.outcome_stages(outcome).map(|(index, stage)| (index, stage.id.as_str())).collect();
    match stages[..] {
        [(only, _)] => Ok(only),
        [] => Err(Error::failed(format!("this process has no stage with the outcome {outcome}"))
            .hint(format!("add one to pipeline.yaml: - {{id: {outcome}, outcome: {outcome}}}"))),
        _ => {
            let ids: Vec<&str> = stages.iter().map(|(_, id)| *id).collect();
            Err(Error::usage(format!("several stages are {outcome}: {}", ids.join(", ")))
                .hint("name one with `pipeline move DEAL STAGE`"))
        }
    }
}
