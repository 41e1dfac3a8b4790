//! Rows of history of a sales system: values after a change, or a change of one field, as steps of their deals.

use std::collections::HashMap;

use super::crm::{Rows, Sorted};
use super::dates;
use super::incoming::{Happening, Step};
use super::mapping::Mapping;
use super::reader::{Reader, Status};
use super::table::Row;
use crate::deal::time::Instant;
use crate::grammar::{count, plural};
use crate::process::{Outcome, StageIndex};

impl Reader<'_> {
    /// Where history calls stages by numbers, the deals tell which is which: their last one is the stage they are in.
    pub(super) fn learn_stage_ids(&mut self, sorted: &[Sorted<'_>]) {
        let mut last: HashMap<usize, (Instant, String)> = HashMap::new();
        for file in sorted.iter().filter(|file| matches!(file.rows, Rows::After | Rows::Changes)) {
            for row in &file.table.rows {
                let is_stage =
                    file.rows == Rows::After || self.crm.ours(file.cell(row, "field")) == Some("stage");
                let word =
                    if file.rows == Rows::After { file.cell(row, "stage") } else { new_value(file, row) };
                let at = dates::read(file.cell(row, "at"), self.order, self.history_zone());
                if let (true, Some(at), Some(place)) = (is_stage, at, self.place(file, row)) {
                    let at = at.start(self.setting.process.zone);
                    let entry = last.entry(place).or_insert((at, word.to_owned()));
                    if at >= entry.0 {
                        *entry = (at, word.to_owned());
                    }
                }
            }
        }
        let mut places: Vec<(usize, String)> =
            last.into_iter().map(|(place, (_, word))| (place, word)).collect();
        places.sort_unstable();
        let votes: Vec<(String, StageIndex)> =
            places.into_iter().map(|(place, word)| (word, self.columns[place])).collect();
        self.notes.extend(self.words.learn(votes));
    }

    /// The deal of a row of history.
    fn place(&self, file: &Sorted<'_>, row: &Row) -> Option<usize> {
        let id = file.cell(row, "key");
        if !id.is_empty() {
            return self.places.get((self.crm.key)(id)).copied();
        }
        match self.by_name.get(&file.cell(row, "name").to_lowercase()).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    pub(super) fn read_history(&mut self, sorted: &[Sorted<'_>]) {
        let mut steps: HashMap<usize, Vec<(Rows, Step)>> = HashMap::new();
        let (mut strangers, mut deleted) = (0, 0);
        for file in sorted.iter().filter(|file| matches!(file.rows, Rows::After | Rows::Changes)) {
            for row in &file.table.rows {
                if self.says(file, row, "deleted") {
                    deleted += 1;
                    continue;
                }
                let Some(place) = self.place(file, row) else {
                    let (id, name) = (file.cell(row, "key"), file.cell(row, "name"));
                    if id.is_empty()
                        && self.by_name.get(&name.to_lowercase()).is_some_and(|all| all.len() > 1)
                    {
                        let message = format!("several {} are called `{name}`", plural(self.crm.deal));
                        self.problems
                            .push(file.table.problem(row, message).help("export the history with their ids"));
                    }
                    strangers += 1;
                    continue;
                };
                for step in self.steps(file, row) {
                    if step.at > self.setting.now {
                        let message = "this change lies in the future";
                        let help = "look at --dates, and at `timezone` in pipeline.yaml";
                        self.problems.push(file.table.problem(row, message).help(help));
                        break;
                    }
                    steps.entry(place).or_default().push((file.rows, step));
                }
            }
        }
        if deleted > 0 {
            self.notes.push(format!("{} of history marked as deleted left out", count(deleted, "row")));
        }
        if strangers > 0 {
            let rows = count(strangers, "row");
            self.notes.push(format!(
                "{rows} of history of {} that are in none of the files left out",
                plural(self.crm.deal)
            ));
        }
        for (place, of_deal) in steps {
            self.deals[place].steps = together(std::mem::take(&mut self.deals[place].steps), of_deal);
        }
    }

    /// What a row of history says.
    fn steps(&mut self, file: &Sorted<'_>, row: &Row) -> Vec<Step> {
        let text = file.cell(row, "at");
        if text.is_empty() {
            self.problems.push(file.table.problem(row, "this change has no date").help("leave the row out"));
            return Vec::new();
        }
        let zone = self.history_zone();
        let Some(at) = self.date_in(file.table, row, ("at", text), zone) else { return Vec::new() };
        let at = at.start(zone);
        let by = file.cell(row, "by");
        let by = self.names.get((self.crm.key)(by)).map_or(by, String::as_str).to_owned();
        let by = Mapping::of(&self.setting.mapping.owners, &by).map_or(by.clone(), str::to_owned);
        let happenings = match file.rows {
            Rows::After => self.values(file, row),
            _ => self.change(file, row).into_iter().collect(),
        };
        happenings.into_iter().map(|what| Step { at, by: by.clone(), what }).collect()
    }

    /// The values after a change.
    fn values(&mut self, file: &Sorted<'_>, row: &Row) -> Vec<Happening> {
        let mut happenings = Vec::new();
        let word = file.cell(row, "stage");
        if !word.is_empty() {
            let to = self.words.stage(file.table, row, word, None);
            let from = match file.cell(row, "from_stage") {
                "" => None,
                word => self.words.stage(file.table, row, word, None),
            };
            happenings.extend(to.map(|to| Happening::Stage { from, to }));
        }
        for field in ["value", "close_date"] {
            if let Some(column) = file.columns.get(field) {
                let text = file.table.cell(row, *column);
                happenings.extend(self.field_cell(file, row, field, text).map(|to| Happening::Field {
                    field: field.to_owned(),
                    from: None,
                    to,
                }));
            }
        }
        happenings
    }

    /// One change of one field; none where it is of no field of ours.
    fn change(&mut self, file: &Sorted<'_>, row: &Row) -> Option<Happening> {
        let field = self.crm.ours(file.cell(row, "field"))?;
        let (old, new) = (file.cell(row, "from"), file.cell(row, "to"));
        match field {
            "stage" => {
                let (old, new) = (old_value(file, row), new_value(file, row));
                let to = self.words.stage(file.table, row, new, None)?;
                let from = if old.is_empty() { None } else { self.words.stage(file.table, row, old, None) };
                Some(Happening::Stage { from, to })
            }
            "status" => match Status::named(new)? {
                Status::Open => Some(Happening::Reopened),
                status @ (Status::Won | Status::Lost) => {
                    let outcome = if status == Status::Won { Outcome::Won } else { Outcome::Lost };
                    let (to, _) = self.setting.process.outcome_stages(outcome).next()?;
                    Some(Happening::Stage { from: None, to })
                }
                _ => None,
            },
            "name" | "owner" | "value" | "currency" | "close_date" | "reason" | "next_step" | "source" => {
                // An owner stands twice in some histories: once by name, once by an id that says nothing.
                if field == "owner" && self.is_bare_id(new) {
                    return None;
                }
                let known = file.columns.contains_key("from");
                let from = if known { Some(self.field_cell(file, row, field, old)?) } else { None };
                let to = self.field_cell(file, row, field, new)?;
                Some(Happening::Field { field: field.to_owned(), from, to })
            }
            _ => None,
        }
    }

    fn is_bare_id(&self, text: &str) -> bool {
        let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = matches!(text.len(), 15 | 18) && text.starts_with("005");
        let named = self.names.contains_key((self.crm.key)(text));
        (number || code) && !named && Mapping::of(&self.setting.mapping.owners, text).is_none()
    }

    fn field_cell(&mut self, file: &Sorted<'_>, row: &Row, field: &str, text: &str) -> Option<String> {
        match field {
            _ if text.is_empty() => Some(String::new()),
            "value" => self.amount(file.table, row, text).map(|(amount, _)| amount),
            "close_date" => {
                let zone = self.setting.process.zone;
                self.date(file.table, row, field, text).map(|at| at.day(zone).to_string())
            }
            "owner" | "currency" => self.word(file.table, row, field, text),
            _ => Some(text.to_owned()),
        }
    }
}

/// The steps of a deal from all of its files. Where rows of values tell of a subject, other rows of it tell the same
/// again.
fn together(of_deals: Vec<Step>, of_history: Vec<(Rows, Step)>) -> Vec<Step> {
    let subject = |step: &Step| match &step.what {
        Happening::Stage { .. } | Happening::Ended { .. } | Happening::Reopened => String::new(),
        Happening::Field { field, .. } => field.clone(),
    };
    let by_values: Vec<String> =
        of_history.iter().filter(|(rows, _)| *rows == Rows::After).map(|(_, step)| subject(step)).collect();
    let mut steps: Vec<Step> = Vec::new();
    for (rows, step) in of_history {
        if rows == Rows::After || !by_values.contains(&subject(&step)) {
            steps.push(step);
        }
    }
    let to_end = |step: &Step| matches!(&step.what, Happening::Stage { .. });
    let moves = steps.iter().any(to_end);
    // What the columns of a deal tell of its stages is less than its history does; its end may be missing there.
    let ends: Vec<Step> = of_deals
        .into_iter()
        .filter(|step| match &step.what {
            Happening::Ended { to, .. } => {
                let told =
                    |other: &Step| matches!(&other.what, Happening::Stage { to: there, .. } if there == to);
                !steps.iter().any(told)
            }
            _ => !moves,
        })
        .collect();
    steps.extend(ends);
    steps
}

/// The stage by its name where a change has it in words too.
pub(super) fn new_value<'r>(file: &'r Sorted<'_>, row: &'r Row) -> &'r str {
    let word = file.cell(row, "to_word");
    if word.is_empty() { file.cell(row, "to") } else { word }
}

fn old_value<'r>(file: &'r Sorted<'_>, row: &'r Row) -> &'r str {
    let word = file.cell(row, "from_word");
    if word.is_empty() { file.cell(row, "from") } else { word }
}
