//! What an import says: which columns and words it took for what, what becomes of each deal, and what is worth knowing.

use std::borrow::Cow;

use crate::deal::event::What;
use crate::exchange::crm::Taken;
use crate::exchange::incoming::Incoming;
use crate::exchange::plan::{Fate, Marks, Planned};
use crate::exchange::words::Said;
use crate::grammar::{agreeing, and, count, plural};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Note, Row, Section, Shape};
use crate::process::{SOURCE_ID, Words};

/// How many deals people are shown.
const SHOWN: usize = 20;

/// Deals of another system and what they come to, side by side.
#[derive(Debug)]
pub(super) struct Told<'a> {
    /// The deals.
    pub(super) deals: &'a [Incoming],
    /// What they come to.
    pub(super) planned: &'a [Planned],
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
            return format!("nothing to import: {} here as {}\n", count(unchanged, "deal"), as_is(unchanged));
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
            "with other values than the history ends with: dated by the last change, else now",
        );
        say(self.several(Fate::GoneThere), "deleted there left out");
        let gone = self.several(Fate::GoneHere);
        say(gone, &format!("deleted here left as {}", as_is(gone)));
        notes
    }

    /// What becomes of each deal that does not stay as it is.
    pub(super) fn plan(&self) -> Vec<Row> {
        let changing =
            self.deals.iter().zip(self.planned).filter(|(_, planned)| planned.fate != Fate::Unchanged);
        let row = |(deal, planned): (&Incoming, &Planned)| {
            let name = deal.cells.iter().find(|(field, _)| field == "name").map_or("", |(_, name)| name);
            fate(&planned.id, &deal.source_id, name, planned.fate, &what(planned))
        };
        changing.map(row).collect()
    }

    /// How many deals stay as they are.
    pub(super) fn unchanged(&self) -> u64 {
        self.several(Fate::Unchanged)
    }
}

/// How so many deals stay.
pub(super) fn as_is(deals: u64) -> &'static str {
    agreeing(deals, "it is", "they are")
}

/// What becomes of a deal, as a row of the plan.
pub(super) fn fate(id: &str, source_id: &str, name: &str, fate: Fate, did: &str) -> Row {
    Row::total(vec![
        Cell::text(id),
        Cell::text(source_id),
        Cell::text(name),
        Cell::Key(key(fate)),
        Cell::text(did),
    ])
}

/// A dry run as tables: what becomes of the deals, and which columns and words were taken for what.
pub(super) fn figures(plan: Vec<Row>, columns: &[Taken], said: &Said, notes: Vec<Note>) -> Figures {
    let taken = |of: &str, theirs: &str, ours: &str, rows: u64| {
        Row::total(vec![Cell::text(of), Cell::text(theirs), Cell::text(ours), Cell::Count(rows)])
    };
    let columns = columns.iter().map(|column| taken(&column.file, &column.theirs, &column.ours, column.rows));
    let words = [("stage", &said.stages), ("owner", &said.owners), ("currency", &said.currencies)];
    let words = words
        .into_iter()
        .flat_map(|(of, words)| words.iter().map(move |(theirs, ours, rows)| taken(of, theirs, ours, *rows)));
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
                (SOURCE_ID, Kind::Text),
                ("name", Kind::Text),
                ("fate", Kind::Text),
                ("did", Kind::Text),
            ],
            plan,
        ),
        section(
            "taken",
            Shape::List,
            &[("of", Kind::Text), ("theirs", Kind::Text), ("ours", Kind::Text), ("rows", Kind::Count)],
            columns.chain(words).collect(),
        ),
    ];
    Figures { notes, ..Figures::of("import", sections) }
}

/// What is worth knowing, with the deals that stay as they are; where there are none of `deals` at all, that.
pub(super) fn notes(texts: Vec<String>, unchanged: u64, deals: Option<&str>) -> Vec<Note> {
    let note = |code, text: String, deals| Note { code, text: Words::plain(text), deals };
    let mut notes: Vec<Note> = texts.into_iter().map(|text| note("import", text, None)).collect();
    if unchanged > 0 {
        let (is, deals) = (agreeing(unchanged, "is", "are"), count(unchanged, "deal"));
        notes.push(note("unchanged", format!("{deals} {is} here as {}", as_is(unchanged)), Some(unchanged)));
    }
    if let Some(deals) = deals {
        notes.push(note("empty", format!("there are no {} in these files", plural(deals)), None));
    }
    notes
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
pub(super) fn what(planned: &Planned) -> String {
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
