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

/// A deal: those of its cells that are not empty.
pub(crate) type Deal = BTreeMap<&'static str, String>;

/// What the files hold: deals by number, those deleted among them, and how many rows of history there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Folder {
    pub(crate) deals: BTreeMap<usize, Deal>,
    pub(crate) rows: usize,
}

/// A folder with the changes that can be taken back and made again.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) now: Folder,
    done: Vec<Folder>,
    undone: Vec<(Folder, Folder)>,
}

/// What a command may come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Exit {
    Done = 0,
    Refused = 3,
    NotFound = 4,
}

impl Model {
    fn change(&mut self, next: Folder) -> Exit {
        if next != self.now {
            self.done.push(std::mem::replace(&mut self.now, next));
        }
        Exit::Done
    }

    /// The number of the next deal: one that no deal ever had.
    pub(crate) fn next(&self) -> usize {
        self.now.deals.keys().last().copied().unwrap_or(0) + 1
    }

    pub(crate) fn add(&mut self, value: &str) -> Exit {
        let (id, mut next) = (self.next(), self.now.clone());
        let named = [("name", format!("Deal {id}")), ("stage", "needs".into()), ("value", value.into())];
        next.deals.insert(id, named.into_iter().filter(|(_, cell)| !cell.is_empty()).collect());
        next.rows += 2 + usize::from(!value.is_empty());
        self.change(next)
    }

    fn find(&self, id: usize) -> Option<&Deal> {
        self.now.deals.get(&id).filter(|deal| deal["stage"] != "deleted")
    }

    /// A move to a stage, with a reason or a note; all gates up to an open stage must hold.
    pub(crate) fn enter(&mut self, id: usize, stage: &'static str, reason: &str, note: bool) -> Exit {
        let Some(deal) = self.find(id) else { return Exit::NotFound };
        let place = |stage: &str| OPEN.iter().position(|open| *open == stage);
        let reopens = place(&deal["stage"]).is_none() && place(stage).is_some();
        let mut next = self.now.clone();
        let mut moved = deal.clone();
        let mut set = |field: &'static str, cell: &str| {
            let old = moved.get(field).cloned().unwrap_or_default();
            moved.remove(field);
            if !cell.is_empty() {
                moved.insert(field, cell.to_owned());
            }
            usize::from(old != cell)
        };
        let mut rows = if reason.is_empty() && !reopens { 0 } else { set("reason", reason) };
        let gate = place(stage).is_some_and(|at| at >= 1) && !moved.contains_key("value");
        let same = moved["stage"] == stage;
        if !same && (gate || (stage == "lost" && !moved.contains_key("reason")) || (reopens && !note)) {
            return Exit::Refused;
        }
        rows += usize::from(!same);
        moved.insert("stage", stage.to_owned());
        next.deals.insert(id, moved);
        next.rows += rows;
        self.change(next)
    }

    pub(crate) fn set(&mut self, id: usize, field: &'static str, cell: &str) -> Exit {
        let Some(deal) = self.find(id) else { return Exit::NotFound };
        let mut next = self.now.clone();
        next.rows += usize::from(deal.get(field).map_or("", String::as_str) != cell);
        let deal = next.deals.get_mut(&id).unwrap();
        deal.remove(field);
        if !cell.is_empty() {
            deal.insert(field, cell.to_owned());
        }
        self.change(next)
    }

    pub(crate) fn log(&mut self, id: usize) -> Exit {
        if self.find(id).is_none() {
            return Exit::NotFound;
        }
        let next = Folder { rows: self.now.rows + 1, ..self.now.clone() };
        self.change(next)
    }

    pub(crate) fn delete(&mut self, id: usize) -> Exit {
        if self.find(id).is_none() {
            return Exit::NotFound;
        }
        let mut next = self.now.clone();
        next.rows += 1;
        next.deals.get_mut(&id).unwrap().insert("stage", "deleted".to_owned());
        self.change(next)
    }

    pub(crate) fn undo(&mut self) -> Exit {
        let Some(before) = self.done.pop() else { return Exit::Refused };
        self.undone.push((before.clone(), std::mem::replace(&mut self.now, before)));
        Exit::Done
    }

    /// The last undo is taken back where nothing came after it; what else it may do is not modelled.
    pub(crate) fn redo(&mut self) -> Option<Exit> {
        match self.undone.pop() {
            None => Some(Exit::Refused),
            Some((before, after)) if before == self.now => {
                self.done.push(std::mem::replace(&mut self.now, after));
                Some(Exit::Done)
            }
            Some(_) => None,
        }
    }
}
