//! `pipeline undo`: takes back the last change.

use clap::Args;

use super::context::Context;
use super::options::Changing;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::folder::undo::{Entry, Role, entries, last_change, last_undo, standing};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::process::Process;

/// Take back the last change
///
/// Byte for byte, as long as git's HEAD does not have its rows; after that by void rows and the old cells. Again and
/// again it goes further back; --redo takes the last undo back. What something else changed since is left alone.
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
        let entry = if self.redo { last_undo(&log) } else { last_change(&log) };
        let entry = entry.ok_or_else(|| {
            let what = if self.redo { "no undo to take back" } else { "nothing to undo" };
            Error::refused(format!("{what}: this clone remembers none"))
                .hint("`pipeline undo --list` shows what it knows")
        })?;
        let role = if self.redo { Role::Redo(entry.number) } else { Role::Undo(entry.number) };
        door.take_back(entry, role, clock.now, &Context::user(&self.changing, &folder))?;
        let verb = match (self.redo, self.changing.dry_run) {
            (false, false) => "undid",
            (false, true) => "would undo",
            (true, false) => "redid",
            (true, true) => "would redo",
        };
        context.say(&self.changing, &format!("{verb}: {}\n", entry.did))
    }
}

/// The changes of a log, the last first: undos and redos show in what stands.
fn as_figures(process: &Process, log: &[Entry]) -> Figures {
    let row = |(entry, stands): (&Entry, bool)| {
        let at = Instant::parse(&entry.at).map(|at| Cell::Moment { at, day: process.zone.day_of(at) });
        Row::total(vec![
            at.unwrap_or(Cell::Empty),
            Cell::Text(entry.by.clone()),
            Cell::Text(entry.did.clone()),
            Cell::Flag(!stands),
        ])
    };
    let changes = log.iter().zip(standing(log)).rev().filter(|(entry, _)| entry.role == Role::Change);
    let columns = vec![
        Column::new("at", Kind::Date),
        Column::new("by", Kind::Text),
        Column::new("did", Kind::Text),
        Column::new("undone", Kind::Flag),
    ];
    let rows = changes.map(row).collect();
    let section = Section { key: "changes", shape: Shape::List, by: Vec::new(), columns, rows };
    Figures { name: "undo", scope: None, sections: vec![section], notes: Vec::new() }
}
