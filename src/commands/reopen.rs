//! `pipeline reopen`: a closed deal is open again.

use clap::Args;

use super::context::Context;
use super::moves::{How, Which, enter, stage_named};
use crate::deal::event::What;
use crate::error::{Error, Result};
use crate::folder::door::Mode;
use crate::folder::history::History;
use crate::folder::{Folder, Need};
use crate::process::StageIndex;
use crate::shell;

/// Reopen a closed deal
///
/// It goes back to the stage it was closed from, or to the one named. Its closing date and reason are emptied; its old
/// outcome counts nowhere any more, except in a report as of a day before.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline reopen deal-42 --note \"budget approved after all\"
  pipeline reopen deal-42 --stage needs --note \"a new sponsor\"")]
pub(super) struct Reopen {
    /// The deal
    deal: String,
    /// The stage it comes back to [default: the one it was closed from]
    #[arg(long)]
    stage: Option<String>,
    #[command(flatten)]
    how: How,
}

impl Reopen {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        closed(&folder, &self.deal)?;
        let stage = match &self.stage {
            Some(name) => stage_named(folder.process(), name)?,
            None => closed_from(&folder, &self.deal)?,
        };
        if !folder.process().is_open(stage) {
            return Err(Error::usage(format!("{} is no open stage", folder.process().stage_id(stage))));
        }
        enter(context, &folder, Which::Ids(vec![self.deal]), stage, &self.how, Vec::new())
    }
}

/// Makes sure that a deal is closed.
///
/// Errors: there is no such deal; it is open.
fn closed(folder: &Folder, id: &str) -> Result<()> {
    let door = folder.door(Mode::Show)?;
    for record in door.records(&[id])? {
        let stage = record.get("stage");
        if folder.process().lookup(stage).is_some_and(|stage| folder.process().is_open(stage)) {
            return Err(Error::refused(format!("{id} is not closed: it is in {stage}"))
                .hint(format!("an open deal is moved: `{}`", shell::about("move", id, &["STAGE"], &[]))));
        }
    }
    Ok(())
}

/// The open stage that a deal was closed from, as its history tells.
fn closed_from(folder: &Folder, id: &str) -> Result<StageIndex> {
    let files = folder.read(Need::History)?;
    let process = folder.process();
    let rows = History::of(&files.history)?.of_deal(id)?;
    let moves = rows.into_iter().filter_map(|row| match row.event.what {
        What::Stage { from, .. } => {
            process.lookup(&from).filter(|stage| process.is_open(*stage)).map(|s| (row.event.at, s))
        }
        _ => None,
    });
    let last = moves.max_by_key(|(at, _)| *at).map(|(_, stage)| stage);
    last.ok_or_else(|| {
        Error::usage(format!("history does not tell which stage {id} was closed from"))
            .hint("name it with --stage STAGE")
    })
}
