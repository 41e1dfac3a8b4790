//! Two deals that took the same id on two branches: one of them gets a new id, in the deals and in history.

use std::collections::BTreeMap;

use super::change::Change;
use super::deal_rows::{SAME_ROW, required};
use super::door::{Door, UndoLog};
use super::history::{History, Row};
use super::journal::{Edit, Patch};
use super::sheet::{Line, Sheet};
use super::undo::{Entry, Role};
use crate::change::plan::Mood;
use crate::deal::book::retain_standing;
use crate::deal::event::{self, DEAL, Event, Touch, What};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::grammar::count;
use crate::process::Process;

/// What gives one of two deals another id.
#[derive(Debug)]
pub struct Plan {
    state: StateFrom,
    history: Vec<Edit<'static>>,
    old: String,
    new: String,
    /// How many rows of history go with the deal.
    events: usize,
    /// The activities that either of the two could own.
    doubtful: Vec<Doubt>,
}

/// An activity that either of two deals could own: its row names the id that both had, and nothing else of the deal.
#[derive(Debug)]
struct Doubt {
    /// The file of its row, and the line.
    row: String,
    /// What it was, when, by whom.
    told: String,
    goes: bool,
}

impl Doubt {
    fn of(process: &Process, history: &Sheet, step: &Row<'_>, touch: Touch, goes: bool) -> Doubt {
        let Event { at, by, note, .. } = &step.event;
        let problem = history.at_cell(step.line, DEAL, "");
        let line = problem.place.map_or_else(String::new, |place| format!(":{}", place.line));
        let mut told = format!("the {} of {}", touch.id(), process.zone.day_of(*at));
        if !by.is_empty() {
            told = format!("{told} by {by}");
        }
        if !note.is_empty() {
            told = format!("{told} (\"{}\")", shortened(note));
        }
        Doubt { row: problem.file + &line, told, goes }
    }
}

/// The start of a text, which is enough to know it again.
fn shortened(text: &str) -> String {
    const ENOUGH: usize = 40;
    let mut start: String = text.chars().take(ENOUGH).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

/// Where the state of the deal with the new id comes from.
#[derive(Debug)]
enum StateFrom {
    /// Its row, which gets the new id.
    Row(Vec<Patch<'static>>),
    /// Its history: a merge kept the row of the other deal alone.
    History(Vec<Event<'static>>),
}

impl Plan {
    /// What is done, in a sentence.
    pub fn told(&self, mood: Mood) -> String {
        let (old, new, rows) = (&self.old, &self.new, count(self.events as u64, "row"));
        match self.state {
            StateFrom::Row(_) => {
                let verb = mood.verb("renumbered", "renumber");
                format!("{verb} the later {old} to {new}, with {rows} of history")
            }
            StateFrom::History(_) => {
                let verb = mood.verb("brought", "bring");
                format!("{verb} back the lost {old} as {new}, from {rows} of history")
            }
        }
    }
}

impl Plan {
    /// The activities that either of the two deals could own, a sentence each: where it went, and how to move it.
    pub fn doubts(&self, mood: Mood) -> impl Iterator<Item = String> {
        self.doubtful.iter().map(move |Doubt { row, told, goes }| {
            let (its, other) = if *goes { (&self.new, &self.old) } else { (&self.old, &self.new) };
            let verb =
                if *goes { mood.verb("went to", "go to") } else { mood.verb("stayed with", "stay with") };
            format!("{told} {verb} {its}: if it was with {other}, write that id into {row}")
        })
    }
}

/// Works out which rows belong to the deal that gets another id: the one that was created later, or, where the deals
/// kept only one of the two, the lost one.
///
/// Errors: the id does not stand for two deals, or its rows cannot be told apart.
pub fn plan(process: &Process, deals: &Sheet, history: &Sheet, id: &str, new: &str) -> Result<Plan> {
    let mut steps = History::of(history)?.of_deal(id)?;
    steps.sort_by(|a, b| a.event.at.cmp(&b.event.at).then_with(|| a.line.text.cmp(b.line.text)));
    // A row that stands twice counts once: in the order above it is beside its twin.
    let mut creations: Vec<_> = steps.iter().filter(|step| creates(&step.event)).collect();
    creations.dedup_by_key(|step| step.line.text);
    let created: Vec<Instant> = creations.iter().map(|step| step.event.at).collect();
    let required = required(deals)?;
    let rows = required.as_ref().map_or(Ok(Vec::new()), |required| rows(deals, required.id, id))?;
    if steps.is_empty() && rows.is_empty() {
        return Err(
            Error::not_found(format!("there is no deal `{id}`")).hint("`pipeline list` shows the deals")
        );
    }
    if let [first, last] = &rows[..]
        && first.text == last.text
    {
        return Err(Error::failed(format!("{id} is one deal, on two rows of the deals")).hint(SAME_ROW));
    }
    let second = match (&created[..], &rows[..]) {
        ([_, second], _) => Some(*second),
        ([] | [_], [_, _]) => None,
        ([_] | [], _) => {
            return Err(Error::failed(format!("{id} is one deal: there is nothing to renumber"))
                .hint("`pipeline check` names ids that two deals have"));
        }
        _ => {
            return Err(Error::failed(format!("{id} was created {} times", created.len()))
                .hint("give all but two of them new ids by hand first"));
        }
    };
    let activities: Vec<(Touch, Row<'_>)> = steps
        .iter()
        .filter(|step| second.is_none_or(|second| step.event.at >= second))
        .filter_map(|step| match step.event.what {
            What::Touch(touch) => Some((touch, step.clone())),
            _ => None,
        })
        .collect();
    let [earlier, later] = match second {
        Some(second) => dealt_out(process, steps, second),
        None => [steps, Vec::new()],
    };
    let renamed = |sheet: &Sheet, line: Line<'_>, column: usize| -> Patch<'static> {
        (line.start..line.start + line.text.len(), sheet.changed(line, &[(column, new)]).into())
    };
    let (state, mut moved) = match (&rows[..], &created[..], required) {
        ([only], [first, second], _) => {
            let kept_later = is_later(deals, *only, [(*first, &earlier), (*second, &later)])?;
            let lost = if kept_later { earlier } else { later };
            let mut events: Vec<Event<'static>> =
                lost.iter().map(|step| step.event.clone().of_deal(new)).collect();
            retain_standing(&mut events);
            (StateFrom::History(events), lost)
        }
        ([first, last], _, Some(required)) => {
            let row = row_of_later(deals, [*first, *last], second, name_of(&later));
            (StateFrom::Row(vec![renamed(deals, row, required.id)]), later)
        }
        (rows, ..) => {
            let message = format!("{} stand under {id} in the deals", count(rows.len() as u64, "row"));
            return Err(Error::failed(message).hint("leave one or two of them and run the command again"));
        }
    };
    moved.sort_by_key(|step| step.line.start);
    let doubtful = activities.iter().map(|(touch, step)| {
        let goes = moved.binary_search_by_key(&step.line.start, |step| step.line.start).is_ok();
        Doubt::of(process, history, step, *touch, goes)
    });
    let doubtful = doubtful.collect();
    let patches: Vec<_> = moved.iter().map(|step| renamed(history, step.line, DEAL)).collect();
    Ok(Plan {
        state,
        events: moved.len(),
        doubtful,
        history: if patches.is_empty() { Vec::new() } else { history.edits(patches) },
        old: id.to_owned(),
        new: new.to_owned(),
    })
}

impl Door<'_> {
    /// Gives a deal its new id as planned.
    pub fn renumber(&self, plan: Plan, at: Instant, by: &str) -> Result<()> {
        let entry = Entry::about(Role::Change, at, by, plan.told(Mood::Did));
        let change;
        let mut edits = match plan.state {
            StateFrom::Row(patches) => self.deals().edits(patches),
            StateFrom::History(events) => {
                change = Change::from(events);
                self.state_edits(&change)?
            }
        };
        edits.extend(plan.history);
        let row = event::cells_without(&plan.old, "id", &plan.old, &plan.new);
        self.write(edits, &entry, UndoLog::Kept, || event::as_json(std::iter::once(row)))
    }
}

fn creates(event: &Event<'_>) -> bool {
    matches!(&event.what, What::Stage { from, .. } if from.is_empty())
}

/// The rows whose cell in `column` is `id`.
fn rows<'a>(deals: &'a Sheet, column: usize, id: &str) -> Result<Vec<Line<'a>>> {
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    for line in deals.rows() {
        let line = line?;
        deals.split(line, &mut cells)?;
        if cells[column] == id {
            rows.push(line);
        }
    }
    Ok(rows)
}

/// What one of the two deals holds, while their rows are dealt out.
#[derive(Default)]
struct State {
    stage: String,
    fields: BTreeMap<String, String>,
}

impl State {
    /// Whether a change continues from what this deal holds.
    fn continues(&self, process: &Process, what: &What<'_>) -> bool {
        match what {
            What::Stage { from, .. } => {
                process.lookup(from).is_some() && process.lookup(from) == process.lookup(&self.stage)
            }
            What::Set { field, from, .. } => self.fields.get(&**field).map_or("", String::as_str) == from,
            What::Touch(_) | What::Void { .. } => false,
        }
    }

    fn take(&mut self, what: &What<'_>) {
        match what {
            What::Stage { to, .. } => self.stage = to.to_string(),
            What::Set { field, to, .. } => {
                self.fields.insert(field.to_string(), to.to_string());
            }
            What::Touch(_) | What::Void { .. } => {}
        }
    }
}

/// The rows of two deals, of which one was created at `second`, dealt out. To that one go those of its own command, and
/// later ones that continue from it and not from the other, or take back a row of it; where both or neither fit, those by
/// the same person as the last row that did.
fn dealt_out<'a>(process: &Process, steps: Vec<Row<'a>>, second: Instant) -> [Vec<Row<'a>>; 2] {
    let (mut states, mut people) = ([State::default(), State::default()], [String::new(), String::new()]);
    let mut dealt: [Vec<Row<'a>>; 2] = [Vec::new(), Vec::new()];
    for step in steps {
        let fits = match &step.event.what {
            What::Void { target, at } => {
                let takes_back = |other: &Row<'_>| other.event.at == *at && other.event.target() == *target;
                [0, 1].map(|deal: usize| dealt[deal].iter().any(takes_back))
            }
            what => [0, 1].map(|deal| states[deal].continues(process, what)),
        };
        let owner = if step.event.at == second {
            1
        } else if step.event.at < second {
            0
        } else if fits[0] != fits[1] {
            usize::from(fits[1])
        } else {
            usize::from(people[1] == step.event.by && people[0] != step.event.by)
        };
        states[owner].take(&step.event.what);
        people[owner] = step.event.by.to_string();
        dealt[owner].push(step);
    }
    dealt
}

/// The name that these rows gave their deal.
fn name_of<'s>(steps: &'s [Row<'_>]) -> Option<&'s str> {
    steps.iter().find_map(|step| match &step.event.what {
        What::Set { field, to, .. } if field == "name" => Some(&**to),
        _ => None,
    })
}

/// A cell of a row; empty where the file has no such column.
fn cell<'a>(deals: &Sheet, line: Line<'a>, name: &str) -> std::borrow::Cow<'a, str> {
    let column = deals.column(name);
    let raw = column.and_then(|column| super::sheet::cells(line.text).flatten().nth(column));
    raw.map(super::sheet::RawCell::value).unwrap_or_default()
}

/// Whether the only row of two deals is of the later one: by its instant of creation, else by its name.
fn is_later(deals: &Sheet, row: Line<'_>, two: [(Instant, &Vec<Row<'_>>); 2]) -> Result<bool> {
    let created = Instant::parse(&cell(deals, row, "created"));
    let name = cell(deals, row, "name");
    for fits in [
        two.each_ref().map(|(at, _)| created == Some(*at)),
        two.map(|(_, steps)| name_of(steps) == Some(&*name)),
    ] {
        if fits[0] != fits[1] {
            return Ok(fits[1]);
        }
    }
    Err(Error::failed("it cannot be told which of the two deals the row in the deals is")
        .hint("bring the row of the other back first, from the branch that added it"))
}

/// The row of the later of two deals: by its instant of creation, else by its name, else the second of the file.
fn row_of_later<'a>(
    deals: &Sheet,
    rows: [Line<'a>; 2],
    second: Option<Instant>,
    name: Option<&str>,
) -> Line<'a> {
    let created =
        |line: Line<'_>| Instant::parse(&cell(deals, line, "created")).is_some_and(|at| Some(at) == second);
    let named = |line: Line<'_>| name.is_some_and(|name| cell(deals, line, "name") == name);
    for fits in [rows.map(created), rows.map(named)] {
        if fits[0] != fits[1] {
            return rows[usize::from(fits[1])];
        }
    }
    rows[1]
}
