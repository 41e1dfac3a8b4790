//! Moves the deals or the history of a folder from one store to another, all or none.

use std::borrow::Cow;
use std::collections::HashSet;

use super::deal_rows::{DealRows, required};
use super::door::{Door, UndoLog};
use super::history::History;
use super::journal::Edit;
use super::store::Reader;
use super::undo::{Entry, Role};
use super::{ATTRIBUTES_FILE, DEALS_FILE, Folder, HISTORY_FILE, PROCESS_FILE, deal_files, text_of, years};
use crate::change::plan::Mood;
use crate::deal::event::{AT, HEADER};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::git::setup::attributes;
use crate::grammar::count;
use crate::process::{self, DealStore, HistoryStore};
use crate::yaml;

/// Where the deals and the history are to be kept; `None` leaves them where they are.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// The deals.
    pub deals: Option<DealStore>,
    /// The history.
    pub history: Option<HistoryStore>,
}

/// What a conversion comes to.
#[derive(Debug, Default)]
struct Plan {
    edits: Vec<Edit<'static>>,
    /// Keys of pipeline.yaml and their new values.
    keys: Vec<(&'static str, String)>,
    /// Lines of .gitattributes: the old one and the new one.
    attributes: Vec<(String, String)>,
    converted: Converted,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Converted {
    /// What was moved, from where and to where; nothing where all is as it was asked for.
    pub moved: Vec<String>,
    /// What could not come along.
    pub notes: Vec<String>,
}

impl Converted {
    /// What was done, a sentence each.
    pub fn told(&self, mood: Mood) -> impl Iterator<Item = String> {
        self.moved.iter().map(move |what| format!("{} {what}", mood.verb("moved", "move")))
    }
}

impl Door<'_> {
    /// Moves the deals and the history, changes pipeline.yaml and .gitattributes to match, and removes the old files.
    ///
    /// Errors: the files are unsound, or something stands already where a new file would.
    pub fn convert(&self, to: &Stores, at: Instant, by: &str) -> Result<Converted> {
        let folder = self.folder();
        let reader = Reader::new(folder)?;
        let mut plan = Plan::default();
        let process = self.process();
        if let Some(deals) = to.deals.as_ref().filter(|deals| **deals != process.deals) {
            self.move_deals(deals, &mut plan)?;
        }
        if let Some(history) = to.history.as_ref().filter(|history| **history != process.history) {
            self.move_history(&reader, history, &mut plan)?;
        }
        if plan.converted.moved.is_empty() {
            return Ok(plan.converted);
        }
        for edit in &plan.edits {
            let is_new = matches!(edit, Edit::Splice { .. });
            if is_new && std::fs::symlink_metadata(folder.root().join(edit.file())).is_ok() {
                let message = format!("there is a {} already; nothing was changed", edit.file());
                return Err(Error::failed(message).hint("move it out of the way, or remove it"));
            }
        }
        let values: Vec<(&str, &str)> = plan.keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
        plan.edits.push(process_edit(folder, &values, to)?);
        if let Some(bytes) = reader.file(ATTRIBUTES_FILE)? {
            plan.edits.extend(attributes_edit(bytes, &plan.attributes)?);
        }
        let entry =
            Entry::about(Role::Change, at, by, plan.converted.told(Mood::Did).collect::<Vec<_>>().join("; "));
        // Neither a deal nor its history says anything else than before.
        self.write(plan.edits, &entry, UndoLog::Kept, || serde_json::Value::Array(Vec::new()))?;
        Ok(plan.converted)
    }

    fn move_deals(&self, to: &DealStore, plan: &mut Plan) -> Result<()> {
        let number = self.sound_deals()?;
        let (from, name) = (place_of_deals(&self.process().deals), place_of_deals(to));
        match to {
            DealStore::Yaml(folder) => self.part_deals(folder, plan)?,
            DealStore::Csv => {
                let deals = self.deals();
                plan.edits.push(new_file(DEALS_FILE.to_owned(), deals.text().to_owned()));
                let files = deals.rows().flatten().filter_map(|line| deals.deal_file(line));
                plan.edits.extend(files.map(|deal| Edit::Remove { file: deal.file.clone() }));
                plan.converted.notes.push("comments in the files of deals stay behind, in git".to_owned());
            }
        }
        plan.keys.push(("deals", name.clone()));
        let [_, old] = attributes(&self.process().deals, &HistoryStore::OneFile);
        let [_, new] = attributes(to, &HistoryStore::OneFile);
        plan.attributes.push((old, new));
        plan.converted.moved.push(format!("{} from {from} to {name}", count(number, "deal")));
        Ok(())
    }

    /// How many deals there are. Error: one of them is unsound.
    fn sound_deals(&self) -> Result<u64> {
        let deals = self.deals();
        let Some(required) = required(deals)? else { return Ok(0) };
        let mut rows = DealRows::new(self.process(), deals);
        let (mut cells, mut problems, mut number) = (Vec::new(), Vec::new(), 0);
        for line in deals.rows() {
            let line = line?;
            match deals.split(line, &mut cells) {
                Ok(()) => problems.extend(rows.check(line, &cells, required.id)),
                Err(problem) => problems.push(problem),
            }
            number += 1;
        }
        if problems.is_empty() { Ok(number) } else { Err(problems.into()) }
    }

    /// A file for each row of deals.csv.
    fn part_deals(&self, folder: &str, plan: &mut Plan) -> Result<()> {
        let deals = self.deals();
        if self.folder().root().join(DEALS_FILE).exists() {
            plan.edits.push(Edit::Remove { file: DEALS_FILE.to_owned() });
        }
        let Some(required) = required(deals)? else { return Ok(()) };
        let (mut cells, mut problems) = (Vec::new(), Vec::new());
        let mut names = HashSet::new();
        for line in deals.rows() {
            let line = line?;
            deals.split(line, &mut cells)?;
            let id = &*cells[required.id];
            let nameless = deals
                .columns()
                .iter()
                .zip(&cells)
                .position(|(name, cell)| name.is_empty() && !cell.is_empty());
            if let Some(column) = nameless {
                problems.push(
                    deals
                        .at_cell(line, column, "the column of this cell has no name")
                        .help("name the column"),
                );
                continue;
            }
            if !names.insert(id.to_lowercase()) {
                problems.push(deal_files::same_but_for_case(folder, id));
                continue;
            }
            let get = |name: &str| deals.column(name).map_or("", |at| &*cells[at]);
            match deal_files::new(folder, id, deals.columns(), get) {
                Ok(edit) => plan.edits.push(edit),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
    }

    fn move_history(&self, reader: &Reader<'_>, to: &HistoryStore, plan: &mut Plan) -> Result<()> {
        let sheet = reader.history()?;
        let history = History::of(&sheet)?;
        let (mut problems, mut number) = (Vec::new(), 0);
        let mut files: Vec<(String, String)> = Vec::new();
        let mut cells: Vec<Cow<'_, str>> = Vec::new();
        for line in sheet.rows() {
            let line = line?;
            number += 1;
            if let Err(problem) = history.split(line, None, &mut cells) {
                problems.push(problem);
                continue;
            }
            let Some(at) = Instant::parse(&cells[AT]) else {
                problems.push(sheet.at_cell(line, AT, format!("`{}` is no instant", cells[AT])));
                continue;
            };
            let file = match to {
                HistoryStore::OneFile => HISTORY_FILE.to_owned(),
                HistoryStore::Years(folder) => years::file_of(folder, at),
            };
            let place = files.iter().position(|(other, _)| *other == file).unwrap_or_else(|| {
                files.push((file, format!("{HEADER}\n")));
                files.len() - 1
            });
            files[place].1.push_str(line.text);
            files[place].1.push('\n');
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        if files.is_empty() && *to == HistoryStore::OneFile {
            files.push((HISTORY_FILE.to_owned(), format!("{HEADER}\n")));
        }
        let from = &self.process().history;
        let old = match from {
            HistoryStore::OneFile => {
                reader.file(HISTORY_FILE)?.map(|_| HISTORY_FILE.to_owned()).into_iter().collect()
            }
            HistoryStore::Years(folder) => {
                let files = reader.all(folder, &[years::ENDING])?;
                files.into_iter().map(|(file, _)| file).collect::<Vec<_>>()
            }
        };
        plan.edits.extend(files.into_iter().map(|(file, text)| new_file(file, text)));
        plan.edits.extend(old.into_iter().map(|file| Edit::Remove { file }));
        plan.keys.push(("history", place_of_history(to)));
        let [old, _] = attributes(&DealStore::Csv, from);
        let [new, _] = attributes(&DealStore::Csv, to);
        plan.attributes.push((old, new));
        plan.converted.moved.push(format!(
            "{} from {} to {}",
            count(number, "event"),
            place_of_history(from),
            place_of_history(to)
        ));
        Ok(())
    }
}

fn new_file(file: String, text: String) -> Edit<'static> {
    Edit::Splice { file, original: Cow::Borrowed(""), patches: vec![(0..0, text.into())] }
}

fn place_of_deals(store: &DealStore) -> String {
    match store {
        DealStore::Csv => DEALS_FILE.to_owned(),
        DealStore::Yaml(folder) => format!("{folder}/"),
    }
}

fn place_of_history(store: &HistoryStore) -> String {
    match store {
        HistoryStore::OneFile => HISTORY_FILE.to_owned(),
        HistoryStore::Years(folder) => format!("{folder}/"),
    }
}

/// The edit of pipeline.yaml, made sure of by reading the result.
fn process_edit(folder: &Folder, values: &[(&str, &str)], to: &Stores) -> Result<Edit<'static>> {
    let new = yaml::set(PROCESS_FILE, &folder.text, values)?;
    let process = process::read(PROCESS_FILE, &new)?;
    let is_meant = to.deals.as_ref().is_none_or(|deals| *deals == process.deals)
        && to.history.as_ref().is_none_or(|history| *history == process.history);
    if !is_meant {
        let message = format!("{PROCESS_FILE} cannot be changed surely; nothing was changed");
        return Err(Error::failed(message).hint("write `deals` and `history` as lines of `key: value`"));
    }
    let patches = deal_files::patch(&folder.text, &new).into_iter().collect();
    Ok(Edit::Splice { file: PROCESS_FILE.to_owned(), original: Cow::Owned(folder.text.clone()), patches })
}

/// The edit of .gitattributes: a line takes the place of the one about the old files, else it comes at the end.
fn attributes_edit(bytes: Vec<u8>, replaced: &[(String, String)]) -> Result<Option<Edit<'static>>> {
    let text = text_of(ATTRIBUTES_FILE, bytes)?;
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for (old, line) in replaced {
        let pattern_of = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
        if lines.iter().any(|other| pattern_of(other) == pattern_of(line)) {
            lines.retain(|other| pattern_of(other) != pattern_of(old));
        } else if let Some(place) = lines.iter().position(|other| pattern_of(other) == pattern_of(old)) {
            lines[place] = format!("{line}\n");
        } else {
            if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
                last.push('\n');
            }
            lines.push(format!("{line}\n"));
        }
    }
    let new = lines.concat();
    let patch = deal_files::patch(&text, &new);
    Ok(patch.map(|patch| Edit::Splice {
        file: ATTRIBUTES_FILE.to_owned(),
        original: Cow::Owned(text),
        patches: vec![patch],
    }))
}
