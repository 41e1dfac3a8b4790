//! `pipeline git`: merges that understand deals.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, Subcommand};

use super::context::Context;
use super::print;
use crate::change::plan::Mood;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::own::furnish;
use crate::git::merge::merge;
use crate::git::setup::{Commits, Setup, attributes};
use crate::output::escape::{Breaks, escape};
use crate::problem::Problem;

/// Let git merge branches by deal and field
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  pipeline git setup                       once in each clone
  pipeline git setup --pre-commit"
)]
pub(super) struct Git {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Setup(SetUp),
    MergeDriver(MergeDriver),
}

/// Tell this clone's git how to merge deals
///
/// Sets the merge driver `pipeline` in the clone's own configuration, and adds to the folder's .gitattributes what is
/// missing there. Git runs `pipeline` from the path where that is this program, else this very file. Twice is the same
/// as once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline git setup
  pipeline git setup --pre-commit          also check the files before a commit
  pipeline git setup --remove              take all of it back")]
struct SetUp {
    /// Also write a hook that runs `pipeline check` before a commit
    #[arg(long, conflicts_with = "remove")]
    pre_commit: bool,
    /// Take back what earlier set-ups did in this clone
    #[arg(long)]
    remove: bool,
    /// Show what would change, and touch nothing
    #[arg(long)]
    dry_run: bool,
}

/// Merge three versions of deals.csv; git runs this
///
/// By deal and field: what one side changed is taken, and where both moved a deal the later move. Where both changed
/// the same field, both rows stand between marks and the exit code is 1. The result is written over OURS.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline git merge-driver base.csv ours.csv theirs.csv
  pipeline git merge-driver %O %A %B %P    as git's configuration has it")]
struct MergeDriver {
    /// The version that both sides started from
    base: PathBuf,
    /// The version that is merged into; the result goes here
    ours: PathBuf,
    /// The version that is merged
    theirs: PathBuf,
    /// What the file is called in messages
    #[arg(default_value = "deals.csv", allow_hyphen_values = true)]
    path: String,
}

impl Git {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        match self.action {
            Action::Setup(setup) => setup.run(context),
            Action::MergeDriver(driver) => driver.run(),
        }
    }
}

impl SetUp {
    fn run(self, context: &Context) -> Result<()> {
        let root = Folder::find(context.named_folder()?)?;
        let setup = Setup::new(&root, &program()?)?;
        let commits = if self.pre_commit { Commits::Checked } else { Commits::AsTheyAre };
        let steps = if self.remove {
            setup.steps_back()?
        } else {
            let folder = Folder::open(root.clone())?;
            let process = folder.process();
            setup.steps(commits, &attributes(&process.deals, &process.history))?
        };
        if !self.dry_run && !self.remove {
            furnish(&root)?;
        }
        let mood = if self.dry_run { Mood::Would } else { Mood::Did };
        let mut lines = String::new();
        for step in &steps {
            if !self.dry_run {
                setup.make(step)?;
            }
            if let Some(line) = step.told(mood) {
                lines.push_str(&escape(&line, Breaks::Ascii));
                lines.push('\n');
            }
        }
        if lines.is_empty() {
            context.note(if self.remove { "nothing is set up here" } else { "all is set up already" });
        }
        if self.dry_run {
            return print(&lines);
        }
        context.tell(&lines);
        Ok(())
    }
}

/// What git is to run: `pipeline` where the path leads to this program, which outlives an upgrade, else its file.
fn program() -> Result<String> {
    let this =
        std::env::current_exe().map_err(|error| Error::io("find", Path::new("this program"), error))?;
    let real = |path: &Path| path.canonicalize().ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first =
        std::env::split_paths(&path).map(|folder| folder.join("pipeline")).find(|file| file.is_file());
    if first.is_some_and(|first| real(&first).is_some() && real(&first) == real(&this)) {
        return Ok("pipeline".to_owned());
    }
    let name = this.to_str().map(str::to_owned);
    name.ok_or_else(|| {
        Error::failed(format!("{} has a name that is not UTF-8", this.display()))
            .hint("put the program on the path as `pipeline`")
    })
}

impl MergeDriver {
    fn run(self) -> Result<()> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| Error::io("read", path, error));
        let (base, ours, theirs) = (read(&self.base)?, read(&self.ours)?, read(&self.theirs)?);
        match merge(&self.path, &base, &ours, &theirs) {
            Err(problems) => Err(self.by_line(problems)?),
            Ok(merged) => {
                replace(&self.ours, merged.text.as_bytes())?;
                let problem =
                    |conflict: &crate::git::merge::Conflict| conflict.problem(&self.path, &merged.text);
                let problems: Vec<Problem> = merged.conflicts.iter().map(problem).collect();
                if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
            }
        }
    }

    /// Lets git merge the lines. It is a conflict even where the lines merge: nobody knows which row is which deal's.
    fn by_line(&self, mut problems: Vec<Problem>) -> Result<Error> {
        let mut command = Command::new("git");
        command.args(["merge-file", "-q", "-L", "ours", "-L", "base", "-L", "theirs", "--"]);
        command.args([&self.ours, &self.base, &self.theirs]);
        let output =
            command.output().map_err(|error| Error::io("run git merge-file on", &self.ours, error))?;
        // Above 127 git could not merge at all and left ours as it was.
        let merged = output.status.code().is_some_and(|code| code <= 127);
        let what = if merged { "was merged line by line" } else { "was left as it is on our side" };
        let message = format!("{} {what}, because one of its versions is unsound", self.path);
        problems.push(
            Problem::error(&self.path, None, message)
                .help("mend it until `pipeline check` finds nothing, then `git add` it"),
        );
        Ok(problems.into())
    }
}

/// Puts new contents in the place of a file, all or none.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let replace = || {
        let mode = std::fs::metadata(path)?.permissions();
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut new, bytes)?;
        new.as_file().set_permissions(mode)?;
        new.persist(path)?;
        Ok(())
    };
    replace().map_err(|error: std::io::Error| Error::io("write", path, error))
}
