//! The one door for changes: a turn at the lock, the events of one command, and the file edits that they come to.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Timer};

use rustc_hash::{FxHashMap, FxHashSet};

use super::arrivals::Arrivals;
use super::deal_rows::{DealRows, required};
use super::end::{self, End};
use super::hooks::{Hooks, Told};
use super::journal::{self, Edit, Patch, changed_meanwhile};
use super::sheet::{Line, Sheet};
use super::undo::Entry;
use super::{
    DEALS_FILE, Folder, HISTORY_FILE, Need, OWN_FOLDER, Source, Stamps, deal_files, schema, store, years,
};
use crate::deal::columns::WITH_MOVES;
use crate::deal::event::{self, Cells, Event, HEADER, MERGED_INTO, What, push_row};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::problem::nearest_id;
use crate::process::{COLUMNS, DealStore, HistoryStore, Process, StageIndex};
use crate::shell;

/// How long a command waits for its turn unless it is told otherwise.
pub const WAIT: Duration = Duration::from_secs(10);

/// How long between two looks at a lock that somebody else holds.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to change a folder, held until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits for the lock of a folder, which is made where there is none.
    pub fn take(root: &Path, wait: Duration) -> Result<Turn> {
        let own = own_folder(root)?;
        let path = own.join("lock");
        no_link(&path)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("open", &path, error))?;
        wait_for(&mut lock, &path, wait, File::try_lock)?;
        // Who holds it, for those who wait in vain; a lock without it is a lock all the same.
        let holder = format!("process {}\n", std::process::id());
        let _ = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(holder.as_bytes()));
        schema::refresh(&own);
        Ok(Turn { _lock: lock })
    }

    /// Waits until nobody changes the folder, and keeps everybody from it; writes nothing. `None` where nobody ever
    /// changed it.
    pub(super) fn watch(own: &Path, wait: Duration) -> Result<Option<Turn>> {
        let path = own.join("lock");
        let mut lock = match File::open(&path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        wait_for(&mut lock, &path, wait, File::try_lock_shared)?;
        Ok(Some(Turn { _lock: lock }))
    }
}

/// Tries a lock until it is had.
///
/// Errors: it is not had in time (exit 5).
fn wait_for(
    lock: &mut File,
    path: &Path,
    wait: Duration,
    try_lock: fn(&File) -> std::result::Result<(), TryLockError>,
) -> Result<()> {
    let started = Timer::now();
    loop {
        match try_lock(lock) {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path, error)),
            Err(TryLockError::WouldBlock) if started.elapsed() < wait => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(busy(lock, wait)),
        }
    }
}

fn busy(lock: &mut File, wait: Duration) -> Error {
    let mut holder = String::new();
    let named = lock.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let holder = if named { holder.trim() } else { "another command" };
    Error::Busy { message: format!("{holder} holds the folder; waited {} s", wait.as_secs_f64()) }
}

/// Makes what a clone does not bring: the tool's own folder, with the schema that editors read pipeline.yaml by.
pub fn furnish(root: &Path) -> Result<()> {
    schema::refresh(&own_folder(root)?);
    Ok(())
}

/// The tool's own folder, made where there is none; it ignores itself in git.
fn own_folder(root: &Path) -> Result<PathBuf> {
    let own = root.join(OWN_FOLDER);
    no_link(&own)?;
    fs::create_dir_all(&own).map_err(|error| Error::io("make", &own, error))?;
    let ignore = own.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => file.write_all(b"*\n").map_err(|error| Error::io("write", &ignore, error))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io("write", &ignore, error)),
    }
    Ok(own)
}

/// Refuses a link where our own files stand: a folder that comes from elsewhere must not make us write outside it.
fn no_link(path: &Path) -> Result<()> {
    if path.is_symlink() {
        let message = format!("{} is a symbolic link; nothing was changed", path.display());
        return Err(Error::failed(message).hint("remove it; the folder makes its own"));
    }
    Ok(())
}

/// Whether a change is made or only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is made, after waiting so long for the folder.
    Make(Duration),
    /// Nothing is touched, not even the lock.
    Show,
}

/// Whether `undo` is to remember a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// It notes how to take the change back.
    Kept,
    /// It forgets everything.
    Dropped,
}

/// What one command changes.
#[derive(Clone, Debug, Default)]
pub struct Change<'a> {
    /// What happened, each a row of history.csv.
    pub events: Vec<Event<'a>>,
    /// Deals that come from elsewhere, without a history here: rows as [`Door::room`] has them.
    pub arrivals: Sheet,
    /// Cells that follow from history and are put right without an event: the id, and columns with their cells.
    pub mended: Vec<(String, Vec<(String, String)>)>,
    /// Cells that hold although an event of an earlier day comes in late: the id, and columns with their cells.
    pub settled: Vec<(String, Vec<(String, String)>)>,
    /// What it is called in the undo log, where the events do not tell.
    pub called: Option<String>,
    /// When and by whom, where there is no event that tells.
    pub author: Option<(Instant, String)>,
}

impl Change<'_> {
    /// What it does, a row each under [`event::COLUMNS`]: the events, then the cells that are written without one.
    pub fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        let events = self.events.iter().map(Event::cells);
        let arrivals = records(&self.arrivals).flat_map(|record| {
            let id: Cow<'_, str> = Cow::Owned(record.id().to_owned());
            let filled = record.into_cells().filter(|(field, cell)| *field != "id" && !cell.is_empty());
            filled.map(move |(field, cell)| {
                let mut row = event::cells_without("", field, "", "");
                (row[1], row[5]) = (id.clone(), cell);
                row
            })
        });
        let mended = self.mended.iter().flat_map(|(id, cells)| {
            cells.iter().map(move |(field, cell)| event::cells_without(id, field, "", cell))
        });
        events.chain(arrivals).chain(mended)
    }
}

impl<'a> From<Vec<Event<'a>>> for Change<'a> {
    fn from(events: Vec<Event<'a>>) -> Change<'a> {
        Change { events, ..Change::default() }
    }
}

/// The folder, open for one change.
#[derive(Debug)]
pub struct Door<'f> {
    folder: &'f Folder,
    deals: Sheet,
    stamps: Stamps,
    turn: Option<Turn>,
    /// Where the rows start that were looked for: a change goes over a large file once, not twice.
    located: RefCell<FxHashMap<String, usize>>,
    hooks: Option<&'f Hooks>,
}

impl Folder {
    /// Waits for its turn and reads the deals, so that a change can be worked out from what is there now.
    pub fn door(&self, mode: Mode) -> Result<Door<'_>> {
        if let Source::Commit(commit) = &self.source {
            return Err(Error::usage(format!("the files of revision {commit} cannot be changed"))
                .hint("leave out --rev"));
        }
        let turn = match mode {
            Mode::Make(wait) => {
                let turn = Turn::take(&self.root, wait)?;
                journal::recover(&self.root, &self.own())?;
                Some(turn)
            }
            Mode::Show => None,
        };
        let stamps = self.stamps();
        let deals = match turn {
            Some(_) => self.read_once(Need::Deals)?.deals,
            None => self.read(Need::Deals)?.deals,
        };
        Ok(Door { folder: self, deals, stamps, turn, located: RefCell::default(), hooks: None })
    }
}

impl<'f> Door<'f> {
    /// The same door, behind which these hooks are asked before a change, and remember it.
    #[must_use]
    pub fn with(self, hooks: &'f Hooks) -> Door<'f> {
        Door { hooks: Some(hooks), ..self }
    }
}

impl Door<'_> {
    /// The process of the folder.
    pub fn process(&self) -> &Process {
        &self.folder.process
    }

    /// Where the folder is.
    pub fn root(&self) -> &Path {
        &self.folder.root
    }

    /// The deals as they are.
    pub fn deals(&self) -> &Sheet {
        &self.deals
    }

    /// The history, for the changes that depend on the past.
    pub fn history(&self) -> Result<Sheet> {
        Ok(self.folder.read_once(Need::History)?.history)
    }

    /// When the last row of the history happened, as far as its end tells.
    pub fn last_event(&self) -> Result<Option<Instant>> {
        match store::last_history_file(self.folder)? {
            Some(file) => Ok(End::of(&self.folder.root, &file)?.last()),
            None => Ok(None),
        }
    }

    /// What the files say of these deals, in their order.
    ///
    /// Errors: a deal that is not there (exit 4, with a near one), or whose row is unsound.
    pub fn records(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Record<'_>>> {
        let records = self.records_of_any(ids)?;
        match records.iter().find(|record| record.get("stage") == StageIndex::DELETED_ID) {
            Some(deleted) => Err(self.no_such_deal(deleted.id())),
            None => Ok(records),
        }
    }

    /// The same of deals that may be deleted.
    ///
    /// Errors: a deal that never was there; a row that is unsound.
    pub fn records_of_any(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Record<'_>>> {
        let wanted: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        let found = self.find(&wanted)?;
        let one = |id: &&str| found.get(*id).cloned().ok_or_else(|| self.no_such_deal(id));
        wanted.iter().map(one).collect()
    }

    /// What deals.csv says of these deals, deleted ones among them.
    pub fn rows_of(&self, ids: &[&str]) -> Result<Vec<Record<'_>>> {
        Ok(self.find(ids)?.into_values().collect())
    }

    fn no_such_deal(&self, id: &str) -> Error {
        let known = self.ids().unwrap_or_default();
        if known.iter().any(|known| known == id) {
            let error = Error::not_found(format!("the deal `{id}` is deleted"));
            return error.hint(format!("`{}` shows what it was", shell::command(&["pipeline", "show", id])));
        }
        let error = Error::not_found(format!("there is no deal `{id}`"));
        error.suggest(nearest_id(id, known.iter().map(|id| &**id)), "`pipeline list` shows the deals")
    }

    /// The ids of all deals, deleted ones among them.
    pub fn ids(&self) -> Result<Vec<Cow<'_, str>>> {
        let Some(required) = required(&self.deals)? else { return Ok(Vec::new()) };
        self.deals.rows().map(|line| Ok(id_of(line?, required.id))).collect()
    }

    fn find<'a>(&'a self, ids: &[&str]) -> Result<BTreeMap<String, Record<'a>>> {
        let mut found: BTreeMap<String, Record<'a>> = BTreeMap::new();
        for (id, line) in self.sound_rows(&ids.iter().copied().collect())? {
            self.located.borrow_mut().insert(id.clone().into_owned(), line.start);
            found.insert(id.into_owned(), self.record(line)?);
        }
        Ok(found)
    }

    /// A row as a record.
    pub fn record<'a>(&'a self, line: Line<'a>) -> Result<Record<'a>> {
        let mut cells = Vec::with_capacity(self.deals.columns().len());
        self.deals.split(line, &mut cells)?;
        Ok(Record::new(self.deals.columns(), cells))
    }

    /// The rows of these deals, deleted ones among them, with their ids.
    ///
    /// Errors: one of them is unsound; a row of the file is not understood.
    pub fn sound_rows<'a>(&'a self, wanted: &FxHashSet<&str>) -> Result<Vec<(Cow<'a, str>, Line<'a>)>> {
        let (mut found, mut cells) = (Vec::new(), Vec::new());
        let Some(required) = required(&self.deals)? else { return Ok(found) };
        let mut rows = DealRows::new(self.process(), &self.deals);
        let of_rows = self.process().deals == DealStore::Csv;
        for line in self.deals.rows() {
            let line = line?;
            if of_rows {
                // A file that is not understood is never rewritten, also where the row is another deal's.
                self.deals.fits(line)?;
            }
            let id = id_of(line, required.id);
            if !wanted.contains(&*id) {
                continue;
            }
            self.deals.split(line, &mut cells)?;
            // What is wrong in a row would go into history as the cell before, and history stays.
            let problems = rows.check(line, &cells, required.id);
            if !problems.is_empty() {
                return Err(problems.into());
            }
            found.push((id, line));
        }
        Ok(found)
    }

    /// Writes what a change comes to: the values of its deals, and a row an event in the history.
    ///
    /// Once it returns, both are on disk. A door that only shows does everything but the writing.
    pub fn commit(&self, change: &Change<'_>) -> Result<()> {
        if change.events.is_empty() && change.arrivals.text().is_empty() && change.mended.is_empty() {
            return Ok(());
        }
        let mut edits = self.state_edits(change)?;
        edits.extend(self.appending(&change.events)?);
        self.write(edits, &Entry::of(self.process(), change), Memory::Kept, || event::as_json(change.rows()))
    }

    /// The edits of the deals that a change comes to.
    pub(super) fn state_edits<'a>(&'a self, change: &'a Change<'_>) -> Result<Vec<Edit<'a>>> {
        let effects = effects(self.process(), change);
        match &self.process().deals {
            DealStore::Csv => self.row_edits(&change.arrivals, &effects),
            DealStore::Yaml(folder) => self.file_edits(folder, &change.arrivals, &effects),
        }
    }

    /// The edits of deals.csv.
    fn row_edits<'a>(&'a self, arrivals: &'a Sheet, effects: &Effects<'_>) -> Result<Vec<Edit<'a>>> {
        let widened = self.widened(arrivals, effects)?;
        let sheet = widened.as_ref().unwrap_or(&self.deals);
        let located = widened.is_none() && arrivals.text().is_empty();
        let lines = match self.located_rows(effects).filter(|_| located) {
            Some(lines) => lines,
            None => sheet.rows().collect::<Result<_, _>>()?,
        };
        let mut patches = self.patches(sheet, lines, arrivals, effects)?;
        patches.sort_by_key(|(span, _)| span.start);
        Ok(match widened {
            // What only happened, such as a call, changes no cell.
            None if patches.is_empty() => Vec::new(),
            None => {
                let original = self.deals.text().into();
                vec![Edit::Splice { file: DEALS_FILE.to_owned(), original, patches }]
            }
            Some(ref wide) => {
                // What is added to the file stays as it came, since it may be most of it.
                let added = patches.pop_if(|(span, _)| span.start == wide.text().len());
                vec![self.whole(spliced(wide.text(), &patches), added.map(|(_, added)| added))]
            }
        })
    }

    /// The edits of the files of deals, one each.
    fn file_edits<'a>(
        &'a self,
        folder: &str,
        arrivals: &Sheet,
        effects: &Effects<'_>,
    ) -> Result<Vec<Edit<'a>>> {
        let mut edits = Vec::with_capacity(effects.deals.len());
        let (mut known, mut names) = (FxHashSet::default(), FxHashSet::default());
        let mut problems = Vec::new();
        for line in self.deals.rows() {
            let line = line?;
            let id = id_of(line, 0);
            names.insert(id.to_lowercase());
            let (Some(effect), Some(deal)) = (effects.get(&id), self.deals.deal_file(line)) else { continue };
            let values: Vec<(&str, &str)> =
                effect.cells.iter().map(|(field, cell)| (*field, &**cell)).collect();
            match deal_files::changed(&deal.file, &deal.text, &values) {
                Ok(edit) => edits.extend(edit),
                Err(found) => problems.extend(found),
            }
            known.insert(id);
        }
        let columns = self.columns_with(fields(arrivals, effects));
        self.each_new(arrivals, effects, &known, |id, cell| {
            if !names.insert(id.to_lowercase()) {
                problems.push(deal_files::same_but_for_case(folder, id));
                return;
            }
            match deal_files::new(folder, id, &columns, cell) {
                Ok(edit) => edits.push(edit),
                Err(problem) => problems.push(problem),
            }
        })?;
        if problems.is_empty() { Ok(edits) } else { Err(problems.into()) }
    }

    /// Makes the edits of a change, `rows` being what `-f json` prints of it. A door that only shows makes none.
    ///
    /// Errors: a hook refuses it; something else changed the deals meanwhile; a file cannot be written.
    pub(super) fn write(
        &self,
        mut edits: Vec<Edit<'_>>,
        entry: &Entry,
        memory: Memory,
        rows: impl FnOnce() -> serde_json::Value,
    ) -> Result<()> {
        if self.turn.is_none() {
            return Ok(());
        }
        let root = &self.folder.root;
        if let Some(hooks) = self.hooks {
            hooks.ask(root, || Told { did: entry.said(), by: entry.by.clone(), rows: rows() })?;
        }
        edits.push(match memory {
            Memory::Kept => entry.recording(root, &edits)?,
            Memory::Dropped => Edit::Remove { file: format!("{OWN_FOLDER}/{}", super::undo::LOG) },
        });
        let made = self.make(&edits);
        if let (Err(_), Some(hooks)) = (&made, self.hooks) {
            hooks.not_made();
        }
        made
    }

    fn make(&self, edits: &[Edit<'_>]) -> Result<()> {
        if self.folder.stamps() != self.stamps {
            return Err(changed_meanwhile("the deals or their history"));
        }
        let root = &self.folder.root;
        let before = end::lengths(root, edits);
        journal::commit(root, &self.folder.own(), edits)?;
        end::remember(root, edits, &before);
        Ok(())
    }

    /// deals.csv as a whole given way to new text, and text added to that.
    fn whole<'a>(&'a self, text: String, added: Option<Cow<'a, str>>) -> Edit<'a> {
        let original = self.deals.text();
        Edit::Splice {
            file: DEALS_FILE.to_owned(),
            original: original.into(),
            patches: std::iter::once(text.into())
                .map(|text| (0..original.len(), text))
                .chain(added.map(|added| (original.len()..original.len(), added)))
                .collect(),
        }
    }

    /// Room for new deals that come in with these fields.
    pub fn room<'c>(&self, fields: impl Iterator<Item = &'c str>) -> Arrivals {
        Arrivals::under(self.columns_with(fields), self.deals.newline())
    }

    /// The columns of the deals, and after them those that these fields need.
    fn columns_with<'c>(&self, fields: impl Iterator<Item = &'c str>) -> Vec<String> {
        let mut columns = self.deals.columns().to_vec();
        if columns.is_empty() {
            let declared = self.process().fields.iter().map(|field| field.id.as_str());
            columns = COLUMNS.into_iter().chain(declared).map(str::to_owned).collect();
        }
        for field in fields {
            let derived = WITH_MOVES.contains(&field) || field == "created";
            if !derived && !columns.iter().any(|column| column == field) {
                columns.push(field.to_owned());
            }
        }
        columns
    }

    /// The sheet with the columns that a change needs and the file has not, or with a header where it is empty.
    fn widened(&self, arrivals: &Sheet, effects: &Effects<'_>) -> Result<Option<Sheet>> {
        let columns = self.columns_with(fields(arrivals, effects));
        let had = self.deals.columns().len();
        if had == 0 {
            let mut header = String::new();
            push_row(&mut header, columns.iter().map(String::as_str), "\n");
            return Ok(Some(Sheet::of_text(DEALS_FILE, header)?));
        }
        let missing: Vec<&str> = columns[had..].iter().map(String::as_str).collect();
        if missing.is_empty() { Ok(None) } else { Ok(Some(self.deals.with_columns(&missing)?)) }
    }

    /// The rows that effects are about, where each was looked for before.
    fn located_rows(&self, effects: &Effects<'_>) -> Option<Vec<Line<'_>>> {
        let located = self.located.borrow();
        let row = |(id, effect): &(&str, Effect<'_>)| {
            let start = located.get(*id).filter(|_| !effect.is_new)?;
            self.deals.row_at(*start)
        };
        effects.deals.iter().map(row).collect()
    }

    /// What the effects do to these rows of a sheet, and the rows that come in.
    fn patches<'a>(
        &self,
        sheet: &Sheet,
        lines: Vec<Line<'_>>,
        arrivals: &'a Sheet,
        effects: &Effects<'_>,
    ) -> Result<Vec<Patch<'a>>> {
        let Some(required) = required(sheet)? else { return Ok(Vec::new()) };
        let (mut patches, mut cells) = (Vec::new(), Vec::new());
        let mut known = FxHashSet::default();
        for line in lines {
            sheet.fits(line)?;
            let id = id_of(line, required.id);
            let Some(effect) = effects.get(&id) else { continue };
            sheet.split(line, &mut cells)?;
            let changes: Vec<(usize, &str)> = effect
                .cells
                .iter()
                .filter_map(|(field, cell)| Some((sheet.column(field)?, &**cell)))
                .collect();
            let row = sheet.changed(line, &changes);
            if row != line.text {
                patches.push((line.start..line.start + line.text.len(), row.into()));
            }
            known.insert(id);
        }
        let end = sheet.text().len();
        let ends = sheet.text().is_empty() || sheet.text().ends_with('\n');
        let as_they_are = known.len() == effects.deals.len() && arrivals.columns() == sheet.columns();
        let added = if ends && as_they_are {
            Cow::Borrowed(arrivals.text())
        } else {
            let (newline, mut added) = (sheet.newline(), String::new());
            self.each_new(arrivals, effects, &known, |_, cell| {
                push_row(&mut added, sheet.columns().iter().map(|column| cell(column)), newline);
            })?;
            if !ends && !added.is_empty() {
                // The file keeps its habit of an end without a line break.
                added.truncate(added.len() - newline.len());
                added.insert_str(0, newline);
            }
            Cow::Owned(added)
        };
        if !added.is_empty() {
            patches.push((end..end, added));
        }
        Ok(patches)
    }

    /// Gives each deal that is not known yet to `each`, by its id and a way to its cells: those that arrive, and those that
    /// events make.
    fn each_new(
        &self,
        arrivals: &Sheet,
        effects: &Effects<'_>,
        known: &FxHashSet<Cow<'_, str>>,
        mut each: impl for<'r> FnMut(&'r str, &'r dyn Fn(&str) -> &'r str),
    ) -> Result<()> {
        let mut arrived: FxHashSet<String> = FxHashSet::default();
        for record in records(arrivals) {
            let effect = effects.get(record.id());
            if effect.is_some() {
                arrived.insert(record.id().to_owned());
            }
            each(record.id(), &|column| match effect.and_then(|effect| effect.cells.get(column)) {
                Some(cell) => cell,
                None => record.get(column),
            });
        }
        for (id, effect) in &effects.deals {
            if known.contains(*id) || arrived.contains(*id) {
                continue;
            }
            if !effect.is_new {
                return Err(self.no_such_deal(id));
            }
            let cell = |column: &str| effect.cells.get(column).map_or("", |cell| cell);
            each(id, &|column| if column == "id" { id } else { cell(column) });
        }
        Ok(())
    }

    /// The edits that add events to the history.
    pub(super) fn appending(&self, events: &[Event<'_>]) -> Result<Vec<Edit<'static>>> {
        let files = match &self.process().history {
            HistoryStore::Years(folder) => years::lines_by_year(folder, events),
            HistoryStore::OneFile if events.is_empty() => Vec::new(),
            HistoryStore::OneFile => {
                vec![(HISTORY_FILE.to_owned(), events.iter().map(Event::to_line).collect())]
            }
        };
        let append = |(file, lines): (String, String)| {
            let mut text = match End::of(&self.folder.root, &file)? {
                End::Nothing => format!("{HEADER}\n"),
                End::Line { ends: true, .. } => String::new(),
                End::Line { ends: false, .. } => "\n".to_owned(),
            };
            text.push_str(&lines);
            Ok(Edit::Append { file, text })
        };
        files.into_iter().map(append).collect()
    }

    /// The folder that it is the door of.
    pub(super) fn folder(&self) -> &Folder {
        self.folder
    }
}

/// The id of a row, as it stands in the file.
fn id_of(line: Line<'_>, column: usize) -> Cow<'_, str> {
    let cell = super::sheet::cells(line.text).nth(column).and_then(Result::ok);
    cell.map_or(Cow::Borrowed(""), super::sheet::RawCell::value)
}

/// A text with spans in ascending order given way to new text.
fn spliced(original: &str, patches: &[Patch<'_>]) -> String {
    let added: usize = patches.iter().map(|(_, new)| new.len()).sum();
    let mut text = String::with_capacity(original.len() + added);
    let mut from = 0;
    for (span, new) in patches {
        text.push_str(&original[from..span.start]);
        text.push_str(new);
        from = span.end;
    }
    text.push_str(&original[from..]);
    text
}

/// The rows of a sheet as records, of which those that nobody else wrote are whole.
fn records(sheet: &Sheet) -> impl Iterator<Item = Record<'_>> {
    sheet.rows().flatten().filter_map(|line| {
        let mut cells = Vec::with_capacity(sheet.columns().len());
        sheet.split(line, &mut cells).ok()?;
        Some(Record::new(sheet.columns(), cells))
    })
}

/// The fields that a change writes.
fn fields<'c>(arrivals: &'c Sheet, effects: &'c Effects<'_>) -> impl Iterator<Item = &'c str> {
    let of_effects = effects.deals.iter().flat_map(|(_, effect)| effect.cells.keys().copied());
    arrivals.columns().iter().map(String::as_str).chain(of_effects)
}

/// What the events of a deal do to its row.
#[derive(Debug, Default)]
struct Effect<'a> {
    is_new: bool,
    cells: BTreeMap<&'a str, Cow<'a, str>>,
}

/// The effects on each deal, in the order in which the deals are first named.
#[derive(Debug, Default)]
struct Effects<'a> {
    deals: Vec<(&'a str, Effect<'a>)>,
    places: FxHashMap<&'a str, usize>,
}

impl<'a> Effects<'a> {
    fn of(&mut self, deal: &'a str) -> &mut Effect<'a> {
        let place = *self.places.entry(deal).or_insert(self.deals.len());
        if place == self.deals.len() {
            self.deals.push((deal, Effect::default()));
        }
        &mut self.deals[place].1
    }

    fn get(&self, deal: &str) -> Option<&Effect<'a>> {
        self.places.get(deal).map(|place| &self.deals[*place].1)
    }
}

/// The cells that events leave behind, those that follow from a move among them (design §2, deals.csv).
fn effects<'a>(process: &Process, change: &'a Change<'_>) -> Effects<'a> {
    let mut effects = Effects::default();
    for (id, cells) in &change.mended {
        let cells = cells.iter().map(|(column, cell)| (column.as_str(), Cow::Borrowed(cell.as_str())));
        effects.of(id).cells.extend(cells);
    }
    for event in &change.events {
        let effect = effects.of(&event.deal);
        match &event.what {
            What::Stage { from, to, .. } => {
                let at = event.at.to_string();
                if from.is_empty() {
                    effect.is_new = true;
                    effect.cells.insert("created", Cow::Owned(at.clone()));
                }
                let ended = process.lookup(to).is_some_and(|stage| !process.is_open(stage));
                effect.cells.insert("stage", Cow::Borrowed(to));
                effect.cells.insert("closed", Cow::Owned(if ended { at.clone() } else { String::new() }));
                effect.cells.insert("stage_since", Cow::Owned(at));
            }
            // A merge is told by history alone.
            What::Set { field, .. } if field == MERGED_INTO => {}
            What::Set { field, to, .. } => {
                effect.cells.insert(field, Cow::Borrowed(to));
            }
            What::Touch(_) | What::Void { .. } => {}
        }
    }
    for (id, cells) in &change.settled {
        let cells = cells.iter().map(|(column, cell)| (column.as_str(), Cow::Borrowed(cell.as_str())));
        effects.of(id).cells.extend(cells);
    }
    effects
}

/// The cells that the events of one deal leave behind, in the order in which they happened.
pub(super) fn left_by(process: &Process, events: Vec<Event<'_>>) -> BTreeMap<String, String> {
    let change = Change::from(events);
    let cells = effects(process, &change).deals.into_iter().flat_map(|(_, effect)| effect.cells);
    cells.map(|(column, cell)| (column.to_owned(), cell.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_where_the_lock_stands_is_never_followed() {
        let root = tempfile::tempdir().unwrap();
        let victim = root.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let own = root.path().join("deals").join(OWN_FOLDER);
        fs::create_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(&victim, own.join("lock")).unwrap();
        std::os::unix::fs::symlink(root.path().join("made"), own.join(".gitignore")).unwrap();
        let refused = Turn::take(&root.path().join("deals"), WAIT).unwrap_err().to_string();
        assert!(refused.contains("lock is a symbolic link"), "{refused}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(!root.path().join("made").exists());
        fs::remove_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(root.path(), &own).unwrap();
        assert!(Turn::take(&root.path().join("deals"), WAIT).is_err());
    }
}
