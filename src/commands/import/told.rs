//! What an import says: which columns and words it took for what, what becomes of each deal, and what is worth knowing.

use std::borrow::Cow;

use crate::deal::event::What;
use crate::exchange::crm::Harvest;
use crate::exchange::incoming::Incoming;
use crate::exchange::plan::{Fate, Marks, Planned};
use crate::grammar::{and, count, plural};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Note, Row, Section, Shape};

/// How many deals people are shown.
const SHOWN: usize = 20;

/// Deals of another system and what they come to, side by side.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The deals.
    pub(super) deals: &'a [Incoming],
    /// What they come to.
    pub(super) planned: &'a [Planned],
    /// What the system calls a deal.
    pub(super) deal: &'a str,
}

impl Told<'_> {
    fn several(&self, fate: Fate) -> u64 {
        self.planned.iter().filter(|deal| deal.fate == fate).count() as u64
    }

    fn marked(&self, mark: impl Fn(&Marks) -> bool) -> u64 {
        self.planned.iter().filter(|deal| mark(&deal.marks)).count() as u64
    }

    /// What was done, in one sentence.
    pub(super) fn sentence(&self) -> String {
        let events: usize = self.planned.iter().map(|deal| deal.events.len()).sum();
        let mut parts = Vec::new();
        for (fate, did) in [(Fate::New, "imported"), (Fate::Changed, "changed"), (Fate::Deleted, "deleted")] {
            let several = self.several(fate);
            if several > 0 {
                parts.push(format!("{did} {}", count(several, "deal")));
            }
        }
        let unchanged = self.several(Fate::Unchanged);
        if parts.is_empty() {
            return format!("nothing to import: {} here as they are\n", count(unchanged, "deal"));
        }
        let events =
            if events > 0 { format!(" with {}", count(events as u64, "event")) } else { String::new() };
        let rest =
            if unchanged > 0 { format!("; {} unchanged", count(unchanged, "deal")) } else { String::new() };
        format!("{}{events}{rest}\n", and(&parts))
    }

    /// What is worth knowing about the deals.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut say = |several: u64, text: &str| {
            if several > 0 {
                notes.push(format!("{} {text}", count(several, "deal")));
            }
        };
        say(
            self.marked(|marks| marks.begins_late),
            "without a history from the beginning: counted in win rate, size and cycle, not in how stages convert",
        );
        say(self.marked(|marks| marks.after_close), "moved on after the end; the last outcome counts");
        say(self.marked(|marks| marks.same_instant), "moved twice at one instant: in the order of the file");
        say(
            self.marked(|marks| marks.undated),
            "with other values than their history ends with: dated by their last change, else now",
        );
        say(self.several(Fate::GoneThere), "deleted there left out");
        say(self.several(Fate::GoneHere), "deleted here left as they are");
        notes
    }

    /// All of it as tables.
    pub(super) fn figures(&self, harvest: &Harvest, notes: Vec<String>) -> Figures {
        let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
        let plan = self.deals.iter().zip(self.planned).filter(|(_, planned)| planned.fate != Fate::Unchanged);
        let plan = plan.map(|(deal, planned)| {
            let name = deal.cells.iter().find(|(field, _)| field == "name").map_or("", |(_, name)| name);
            let (id, source) = (text(&planned.id), text(&deal.source_id));
            Row::total(vec![id, source, text(name), Cell::Key(key(planned.fate)), text(&what(planned))])
        });
        let mut taken = Vec::new();
        for column in &harvest.columns {
            taken.push((column.file.clone(), column.theirs.clone(), column.ours.clone(), column.rows));
        }
        let words = [
            ("stage", &harvest.words.stages),
            ("owner", &harvest.words.owners),
            ("currency", &harvest.words.currencies),
        ];
        for (kind, words) in words {
            for (theirs, ours, rows) in words {
                taken.push((kind.to_owned(), theirs.clone(), ours.clone(), *rows));
            }
        }
        let taken = taken.into_iter().map(|(of, theirs, ours, rows)| {
            Row::total(vec![text(&of), text(&theirs), text(&ours), Cell::Count(rows)])
        });
        let section = |key, shape, columns: &[(&'static str, Kind)], rows: Vec<Row>| Section {
            key,
            shape,
            by: Vec::new(),
            columns: columns.iter().map(|(key, kind)| Column::new(Cow::Borrowed(*key), *kind)).collect(),
            rows,
        };
        let sections = vec![
            section(
                "plan",
                Shape::Top(SHOWN),
                &[
                    ("deal", Kind::Text),
                    ("source_id", Kind::Text),
                    ("name", Kind::Text),
                    ("fate", Kind::Text),
                    ("did", Kind::Text),
                ],
                plan.collect(),
            ),
            section(
                "taken",
                Shape::List,
                &[("of", Kind::Text), ("theirs", Kind::Text), ("ours", Kind::Text), ("rows", Kind::Count)],
                taken.collect(),
            ),
        ];
        let mut notes: Vec<Note> =
            notes.into_iter().map(|text| Note { code: "import", text, deals: None }).collect();
        let unchanged = self.several(Fate::Unchanged);
        if unchanged > 0 {
            let (is, deals) = (if unchanged == 1 { "is" } else { "are" }, count(unchanged, "deal"));
            notes.push(Note {
                code: "unchanged",
                text: format!("{deals} {is} here as they are"),
                deals: Some(unchanged),
            });
        }
        if self.deals.is_empty() {
            let text = format!("there are no {} in these files", plural(self.deal));
            notes.push(Note { code: "empty", text, deals: None });
        }
        Figures { name: "import", scope: None, sections, notes }
    }
}

fn key(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "new_deal",
        Fate::Changed => "changed_deal",
        Fate::Unchanged => "unchanged",
        Fate::Deleted => "deleted_there",
        Fate::GoneHere | Fate::GoneThere => "left_out",
    }
}

/// What happens to a deal, in few words: its way through the stages, and which fields change.
fn what(planned: &Planned) -> String {
    let mut way: Vec<&str> = Vec::new();
    let mut fields: Vec<&str> = Vec::new();
    for event in &planned.events {
        match &event.what {
            What::Stage { from, to, .. } => {
                if way.is_empty() && !from.is_empty() {
                    way.push(from);
                }
                way.push(to);
            }
            What::Set { field, .. } if !fields.contains(&&**field) => fields.push(field),
            What::Set { .. } | What::Touch(_) | What::Void { .. } => {}
        }
    }
    let stage = planned.arrival.iter().flatten().find(|(field, _)| field == "stage");
    let way = match (way.is_empty(), stage) {
        (true, Some((_, stage))) => format!("in {stage}"),
        _ => way.join(" > "),
    };
    let fields = fields.join(", ");
    [way, fields].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}
