//! Two deals that took the same id on two branches: the later one gets a new id, in both files.

use std::collections::BTreeMap;
use std::ops::Range;

use super::door::Door;
use super::journal::Edit;
use super::load::required;
use super::sheet::{Line, Sheet};
use super::undo::{Entry, Role};
use super::{DEALS_FILE, HISTORY_FILE};
use crate::deal::event::{Event, What};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::process::Process;

/// The rows that get another id.
#[derive(Debug)]
pub struct Plan {
    deals: Vec<(Range<usize>, String)>,
    history: Vec<(Range<usize>, String)>,
    history_text: String,
    old: String,
    new: String,
    /// How many rows of history go with the deal.
    pub events: usize,
}

/// A row of history of the id, and what it says.
struct Step<'a> {
    line: Line<'a>,
    event: Event<'a>,
}

/// Works out which rows belong to the deal that was created later.
///
/// Errors: the id does not stand for two deals, or its rows cannot be told apart.
pub fn plan(process: &Process, deals: &Sheet, history: &Sheet, id: &str, new: &str) -> Result<Plan> {
    let mut steps = steps(history, id)?;
    steps.sort_by(|a, b| a.event.at.cmp(&b.event.at).then_with(|| a.line.text.cmp(b.line.text)));
    let created: Vec<Instant> =
        steps.iter().filter(|step| creates(&step.event)).map(|step| step.event.at).collect();
    let rows = rows(deals, id)?;
    if steps.is_empty() && rows.is_empty() {
        return Err(
            Error::not_found(format!("there is no deal `{id}`")).hint("`pipeline list` shows the deals")
        );
    }
    let second = match (&created[..], &rows[..]) {
        ([_, second], _) => Some(*second),
        ([] | [_], [_, _]) => None,
        ([_] | [], _) => {
            return Err(Error::refused(format!("{id} is one deal: there is nothing to renumber"))
                .hint("`pipeline check` names ids that two deals have"));
        }
        _ => {
            return Err(Error::refused(format!("{id} was created {} times", created.len()))
                .hint("give all but two of them new ids by hand first"));
        }
    };
    let later = match second {
        Some(second) => of_second(process, &steps, second),
        None => Vec::new(),
    };
    let name = later.iter().find_map(|step| match &step.event.what {
        What::Set { field, to, .. } if field == "name" => Some(to.to_string()),
        _ => None,
    });
    let row = row_of_later(deals, &rows, second, name.as_deref())?;
    let renamed = |sheet: &Sheet, line: Line<'_>, column: usize| {
        (line.start..line.start + line.text.len(), sheet.changed(line, &[(column, new)]))
    };
    let column = deals.column("id").unwrap_or_default();
    Ok(Plan {
        deals: row.into_iter().map(|line| renamed(deals, line, column)).collect(),
        events: later.len(),
        history: later.iter().map(|step| renamed(history, step.line, 1)).collect(),
        history_text: history.text().to_owned(),
        old: id.to_owned(),
        new: new.to_owned(),
    })
}

impl Door<'_> {
    /// Gives the rows of a plan their new id.
    pub fn renumber(&self, mut plan: Plan, at: Instant, by: &str) -> Result<()> {
        self.needs_rows("renumbering")?;
        plan.history.sort_by_key(|(span, _)| span.start);
        let original = self.deals().text().into();
        let mut edits = vec![Edit::Splice { file: DEALS_FILE.to_owned(), original, patches: plan.deals }];
        if !plan.history.is_empty() {
            let original = plan.history_text.into();
            edits.push(Edit::Splice { file: HISTORY_FILE.to_owned(), original, patches: plan.history });
        }
        let did = format!("renumbered the later {} to {}", plan.old, plan.new);
        self.write(edits, &Entry::about(Role::Change, at, by, did))
    }
}

fn creates(event: &Event<'_>) -> bool {
    matches!(&event.what, What::Stage { from, .. } if from.is_empty())
}

fn steps<'a>(history: &'a Sheet, id: &str) -> Result<Vec<Step<'a>>> {
    let (mut steps, mut cells) = (Vec::new(), Vec::new());
    for line in history.rows() {
        let line = line?;
        history.split(line, &mut cells)?;
        if cells.get(1).is_none_or(|deal| deal != id) || cells.len() != 8 {
            continue;
        }
        let row = std::array::from_fn(|column| std::mem::take(&mut cells[column]));
        let event = Event::read(row).map_err(|bad| history.at_cell(line, bad.column, bad.message))?;
        steps.push(Step { line, event });
    }
    Ok(steps)
}

fn rows<'a>(deals: &'a Sheet, id: &str) -> Result<Vec<Line<'a>>> {
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    let Some(required) = required(deals)? else { return Ok(rows) };
    for line in deals.rows() {
        let line = line?;
        deals.split(line, &mut cells)?;
        if cells[required.id] == id {
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

/// The rows of the deal created at `second`: those of its own command, and later ones that continue from it and not
/// from the other; where both or neither fit, those by the same person as the last row that did.
fn of_second<'s, 'a>(process: &Process, steps: &'s [Step<'a>], second: Instant) -> Vec<&'s Step<'a>> {
    let (mut states, mut people) = ([State::default(), State::default()], [String::new(), String::new()]);
    let mut later = Vec::new();
    for step in steps {
        let fits = [0, 1].map(|deal| states[deal].continues(process, &step.event.what));
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
        if owner == 1 {
            later.push(step);
        }
    }
    later
}

/// The row of the later deal: by its instant of creation, else by its name, else the second of the file. None where
/// deals.csv kept only one of the two.
fn row_of_later<'a>(
    deals: &Sheet,
    rows: &[Line<'a>],
    second: Option<Instant>,
    name: Option<&str>,
) -> Result<Option<Line<'a>>> {
    let [first, last] = rows else {
        return Err(Error::refused("deals.csv has only one row for the two deals")
            .hint("bring the row of the other back first, from the branch that added it"));
    };
    let cell = |line: &Line<'_>, name: &str| -> String {
        let column = deals.column(name);
        let raw = column.and_then(|column| super::sheet::cells(line.text).flatten().nth(column));
        raw.map_or(String::new(), |raw| raw.value().into_owned())
    };
    let created =
        |line: &Line<'_>| Instant::parse(&cell(line, "created")).is_some_and(|at| Some(at) == second);
    let named = |line: &Line<'_>| name.is_some_and(|name| cell(line, "name") == name);
    let by = |test: &dyn Fn(&Line<'_>) -> bool| match (test(first), test(last)) {
        (true, false) => Some(*first),
        (false, true) => Some(*last),
        _ => None,
    };
    Ok(by(&created).or_else(|| by(&named)).or(Some(*last)))
}
