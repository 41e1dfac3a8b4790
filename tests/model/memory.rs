//! The folder in memory: what every command should leave behind, as simple as can be.

use std::collections::BTreeMap;

/// The stages in which a deal is open.
pub(crate) const OPEN: [&str; 3] = ["needs", "proposal", "closing"];

/// The process of the folder.
pub(crate) const PROCESS: &str = "\
stages:
  - {id: needs}
  - {id: proposal, enter: {require: [value]}}
  - {id: closing}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost, enter: {require: [reason]}}
transitions: {reopen: note}
";

/// The cells of a deal that are compared.
pub(crate) const FIELDS: [&str; 5] = ["name", "stage", "value", "owner", "reason"];

/// A deal: those of its cells that are not empty, and how many rows of history it has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Deal {
    pub(crate) cells: BTreeMap<&'static str, String>,
    pub(crate) rows: usize,
}

impl Deal {
    fn cell(&self, field: &str) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }

    /// A new cell is a row of history.
    fn put(&mut self, field: &'static str, cell: &str) {
        self.rows += usize::from(self.cell(field) != cell);
        self.cells.remove(field);
        if !cell.is_empty() {
            self.cells.insert(field, cell.to_owned());
        }
    }
}

/// The deals by number, those deleted among them.
pub(crate) type Folder = BTreeMap<usize, Deal>;

/// A folder with the changes that can be taken back and made again.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) now: Folder,
    done: Vec<Folder>,
    undone: Vec<Folder>,
}

/// What a command may come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Refused = 3,
    NotFound = 4,
}

impl Model {
    fn find(&self, id: usize) -> Option<&Deal> {
        self.now.get(&id).filter(|deal| deal.cell("stage") != "deleted")
    }

    fn change(&mut self, id: usize, deal: Deal) -> Exit {
        if self.now.get(&id) != Some(&deal) {
            self.done.push(self.now.clone());
            self.now.insert(id, deal);
            self.undone.clear();
        }
        Exit::Done
    }

    /// The number of the next deal: one that no deal has.
    pub(crate) fn next(&self) -> usize {
        self.now.keys().last().copied().unwrap_or(0) + 1
    }

    pub(crate) fn add(&mut self, value: &str) -> Exit {
        let (id, mut deal) = (self.next(), Deal::default());
        for (field, cell) in [("name", &*format!("Deal {id}")), ("stage", "needs"), ("value", value)] {
            deal.put(field, cell);
        }
        self.change(id, deal)
    }

    /// A move to a stage, with a reason or a note; all gates up to an open stage must hold.
    pub(crate) fn enter(&mut self, id: usize, stage: &str, reason: &str, note: bool) -> Exit {
        let Some(mut deal) = self.find(id).cloned() else { return Exit::NotFound };
        let place = |stage: &str| OPEN.iter().position(|open| *open == stage);
        let reopens = place(deal.cell("stage")).is_none() && place(stage).is_some();
        if reopens || !reason.is_empty() {
            deal.put("reason", reason);
        }
        let lacks_value = place(stage).is_some_and(|at| at >= 1) && deal.cell("value").is_empty();
        let lacks_reason = stage == "lost" && deal.cell("reason").is_empty();
        if deal.cell("stage") != stage && (lacks_value || lacks_reason || (reopens && !note)) {
            return Exit::Refused;
        }
        deal.put("stage", stage);
        self.change(id, deal)
    }

    pub(crate) fn set(&mut self, id: usize, field: &'static str, cell: &str) -> Exit {
        let Some(mut deal) = self.find(id).cloned() else { return Exit::NotFound };
        deal.put(field, cell);
        self.change(id, deal)
    }

    pub(crate) fn log(&mut self, id: usize) -> Exit {
        let Some(mut deal) = self.find(id).cloned() else { return Exit::NotFound };
        deal.rows += 1;
        self.change(id, deal)
    }

    pub(crate) fn delete(&mut self, id: usize) -> Exit {
        self.set(id, "stage", "deleted")
    }

    pub(crate) fn undo(&mut self) -> Exit {
        let Some(before) = self.done.pop() else { return Exit::Failed };
        self.undone.push(std::mem::replace(&mut self.now, before));
        Exit::Done
    }

    /// The last undo is taken back, where nothing was changed after it.
    pub(crate) fn redo(&mut self) -> Exit {
        let Some(after) = self.undone.pop() else { return Exit::Failed };
        self.done.push(std::mem::replace(&mut self.now, after));
        Exit::Done
    }
}
