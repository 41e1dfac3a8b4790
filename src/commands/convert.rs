//! `pipeline convert`: the deals or the history in another kind of files.

use clap::{Args, ValueEnum};

use super::context::Context;
use super::options::Changing;
use crate::error::{Error, Result};
use crate::folder::convert::Stores;
use crate::process::{DealStore, HistoryStore};

/// Keep deals in one file each, or history in one file a year; and back
///
/// Nothing is lost: every cell, every column and every row of history comes along, and reports stay what they were.
/// pipeline.yaml says where the files are; it keeps its comments. All or none, and `pipeline undo` takes it back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline convert --deals yaml
  pipeline convert --history years --dry-run
  pipeline convert --deals csv --history file")]
pub(super) struct Convert {
    /// deals.csv, or deals/ with a YAML file for each deal
    #[arg(long, value_name = "STORE")]
    deals: Option<Deals>,
    /// history.csv, or history/ with a file for each year
    #[arg(long, value_name = "STORE")]
    history: Option<History>,
    #[command(flatten)]
    changing: Changing,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deals {
    Csv,
    Yaml,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum History {
    File,
    Years,
}

impl Convert {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        if self.deals.is_none() && self.history.is_none() {
            return Err(
                Error::usage("convert what?").hint("name --deals csv or yaml, or --history file or years")
            );
        }
        context.begin("converting");
        let folder = context.folder()?;
        let process = folder.process();
        // Files that are kept so already stay in the folder that they are in.
        let deals = self.deals.map(|deals| match (deals, &process.deals) {
            (Deals::Csv, _) => DealStore::Csv,
            (Deals::Yaml, DealStore::Yaml(folder)) => DealStore::Yaml(folder.clone()),
            (Deals::Yaml, DealStore::Csv) => DealStore::Yaml("deals".to_owned()),
        });
        let history = self.history.map(|history| match (history, &process.history) {
            (History::File, _) => HistoryStore::OneFile,
            (History::Years, HistoryStore::Years(folder)) => HistoryStore::Years(folder.clone()),
            (History::Years, HistoryStore::OneFile) => HistoryStore::Years("history".to_owned()),
        });
        let door = context.door(&folder, &self.changing)?;
        let now = context.clock(process.zone)?.now;
        let user = Context::user(&self.changing, &folder);
        let converted = door.convert(&Stores { deals, history }, now, &user)?;
        if converted.moved.is_empty() {
            context.note("the files are kept so already");
        }
        let mood = self.changing.mood();
        context.say(&self.changing, &converted.told(mood).map(|line| line + "\n").collect::<String>())?;
        for note in &converted.notes {
            context.note(note);
        }
        Ok(())
    }
}
