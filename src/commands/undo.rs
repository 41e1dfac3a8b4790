//! `pipeline undo`: takes back the last change.

use clap::Args;

use super::context::Context;
use super::options::Changing;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::folder::undo::{Entry, Role, entries, last_change, last_undo, standing};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section};
use crate::output::escape::{Breaks, escape};
use crate::process::Process;

/// Take back the last change
///
/// Byte for byte, as long as git's HEAD does not have its rows; after that by void rows and the old cells. Again and
/// again it goes further back; --redo takes the last undo back, as long as nothing was changed after it. What something
/// else changed since is left alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline undo
  pipeline undo --list
  pipeline undo --redo")]
pub(super) struct Undo {
    /// Take back the last undo instead
    #[arg(long, conflicts_with = "list")]
    redo: bool,
    /// Show the changes that can be taken back, the last first
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    changing: Changing,
}

impl Undo {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        if self.list {
            return context.show(process, &as_figures(process, &entries(folder.root())?), None);
        }
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let log = entries(folder.root())?;
        let entry = if self.redo { last_undo(&log)? } else { last_change(&log) };
        let entry = entry.ok_or_else(|| {
            let what = if self.redo { "no undo" } else { "no change" };
            Error::failed(format!("this clone remembers {what} that stands"))
                .hint("`pipeline undo --list` shows what it knows")
        })?;
        let role = if self.redo { Role::Redo(entry.number) } else { Role::Undo(entry.number) };
        let voided = door.take_back(&log, entry, role, clock.now, &Context::user(&self.changing, &folder))?;
        if !context.wants_sentences() {
            let changed = section("changes", vec![row(process, entry, self.redo)]);
            return context.show(process, &changed, None);
        }
        let (did, would) = if self.redo { ("redid", "redo") } else { ("undid", "undo") };
        let verb = self.changing.mood().verb(did, would);
        context.say(&self.changing, &format!("{verb}: {}\n", escape(&entry.did, Breaks::Ascii)))?;
        if voided {
            context.note(
                "git's HEAD has its rows, so they stay and are voided: another branch may have them too",
            );
        }
        Ok(())
    }
}

/// The changes of a log, the last first: undos and redos show in what stands.
fn as_figures(process: &Process, log: &[Entry]) -> Figures {
    let stand = standing(log);
    let mut changes: Vec<usize> = (0..log.len()).filter(|at| log[*at].role == Role::Change).collect();
    changes.sort_by_key(|at| std::cmp::Reverse(stand[*at].unwrap_or(*at)));
    section("undo", changes.into_iter().map(|at| row(process, &log[at], stand[at].is_some())).collect())
}

fn row(process: &Process, entry: &Entry, stands: bool) -> Row {
    let at = Instant::parse(&entry.at).map(|at| Cell::Moment { at, day: process.zone.day_of(at) });
    let (by, did) = (Cell::text(&entry.by), Cell::text(&entry.did));
    Row::total(vec![at.unwrap_or(Cell::Empty), by, did, Cell::Flag(!stands)])
}

fn section(name: &'static str, rows: Vec<Row>) -> Figures {
    let columns = vec![
        Column::new("at", Kind::Date),
        Column::new("by", Kind::Text),
        Column::new("did", Kind::Text),
        Column::new("undone", Kind::Flag),
    ];
    let section = Section::list("changes", columns, rows);
    Figures::of(name, [section])
}
