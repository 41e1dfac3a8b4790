//! Options that several commands share, as they are typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{ArgAction, Args, ValueEnum};

use crate::change::plan::Mood;
use crate::folder::load::Unsound;
use crate::output::Format;
use crate::process::Lang;

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// The pipeline's folder, or one inside it; `list` and `report` take several
    #[arg(short = 'C', value_name = "DIR", global = true, env = "PIPELINE_DIR", hide_env_values = true, action = ArgAction::Append)]
    pub(super) folders: Vec<PathBuf>,
    /// Take this day for today, so that a result can be had again
    #[arg(long, value_name = "DAY", global = true, env = "PIPELINE_TODAY", hide_env_values = true)]
    pub(super) today: Option<String>,
    /// How results are written
    #[arg(short = 'f', long, value_name = "FORMAT", global = true)]
    pub(super) format: Option<Format>,
    /// Write results to a file; its ending names the format
    #[arg(short = 'o', long, value_name = "FILE", global = true)]
    pub(super) output: Option<PathBuf>,
    /// The language of headings and stages in tables, en or zh-TW [default: that of pipeline.yaml]
    #[arg(long, value_name = "LANG", global = true, ignore_case = true, hide_possible_values = true)]
    pub(super) lang: Option<Lang>,
    /// When to use colour
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub(super) color: When,
    /// Print results that are longer than the screen, rather than show them in PAGER
    #[arg(long, global = true)]
    pub(super) no_pager: bool,
    /// No notes, only results and errors
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

impl ValueEnum for Lang {
    fn value_variants<'a>() -> &'a [Lang] {
        &Lang::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.tag()))
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of the commands that read.
#[derive(Clone, Debug, Args)]
pub(super) struct Reading {
    /// Read all files as they were at this git revision
    #[arg(long, value_name = "REV")]
    pub(super) rev: Option<String>,
    /// Leave out rows that are unsound instead of refusing the files
    #[arg(long)]
    pub(super) lenient: bool,
}

impl Reading {
    /// What becomes of rows that cannot be trusted: they are refused, or left out.
    pub(super) fn unsound(&self) -> Unsound {
        if self.lenient { Unsound::Skip } else { Unsound::Refuse }
    }
}

/// Options of the commands that change the folder.
#[derive(Clone, Debug, Args)]
pub(super) struct Changing {
    /// Show what would change, and touch nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Who does it [default: git's user.name, else the login]
    #[arg(long, value_name = "NAME", env = "PIPELINE_USER", hide_env_values = true)]
    pub(super) user: Option<String>,
    /// How long to wait for the folder, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) wait: Duration,
}

impl Changing {
    /// How what it does is told: a dry run would do it.
    pub(super) fn mood(&self) -> Mood {
        if self.dry_run { Mood::Would } else { Mood::Did }
    }
}

/// Reads how many things to show.
pub(super) fn so_many(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write a whole number, such as 20".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(number).map_err(|_| "not a time to wait".to_owned())
}
