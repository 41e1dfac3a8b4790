//! The undo log: what each change did to the files, and how to take it back byte for byte.
//!
//! It stands in the tool's own folder, which git does not carry: it is the memory of one clone. An entry is written in
//! the same commit as its change.

use std::borrow::Cow;
use std::fs;
use std::ops::Range;
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::change::Change;
use super::door::{Door, Memory};
use super::journal::{self, Edit};
use super::{DEALS_FILE, OWN_FOLDER, PROCESS_FILE, disk, history, store};
use crate::change::plan::{Mood, told};
use crate::deal::event::{Event, HEADER, What};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::git;
use crate::grammar::count;
use crate::process::Process;
use crate::shell;

/// The name of the log in the tool's own folder.
pub(super) const LOG: &str = "undo";

/// The size at which the log is cut back, in bytes, and to what.
const FULL: u64 = 64 << 20;
const KEPT: usize = 16 << 20;

/// A change larger than this, in bytes, is not kept: git has it.
const LARGEST: usize = 64 << 20;

/// How many deals a summary names before it only counts.
const NAMED: usize = 3;

/// What kind of change an entry is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Role {
    /// A command's own.
    Change,
    /// It takes back the change of that number.
    Undo(u64),
    /// It takes back the undo of that number, and so makes its change again.
    Redo(u64),
}

/// A span of a file that changed: where it stands now, what it held, what it holds.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Patch {
    /// The offset of the new text.
    pub at: usize,
    /// The text before.
    pub old: String,
    /// The text after.
    pub new: String,
}

/// What a change did to one file.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Trace {
    /// The file, from the folder.
    pub file: String,
    /// Its spans, in ascending order.
    pub patches: Vec<Patch>,
    /// Whether the file came or went with the change.
    #[serde(default, skip_serializing_if = "Fate::is_kept")]
    pub fate: Fate,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was there before and after.
    #[default]
    Kept,
    /// It came.
    Made,
    /// It went.
    Removed,
}

impl Fate {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_kept(&self) -> bool {
        *self == Fate::Kept
    }
}

impl Trace {
    /// Whether the file holds rows of history, in any store.
    fn is_history(&self) -> bool {
        is_table(&self.file) && self.file != DEALS_FILE
    }

    /// Whether the file holds deals, in any store.
    fn is_deals(&self) -> bool {
        let is_yaml = Path::new(&self.file).extension().is_some_and(|end| end == "yaml");
        self.file == DEALS_FILE || is_yaml && self.file != PROCESS_FILE
    }

    /// The lines that came into the file.
    fn lines(&self) -> impl Iterator<Item = &str> {
        self.patches.iter().flat_map(|patch| patch.new.lines())
    }
}

/// A change, as the log holds it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Entry {
    /// What other entries call it by: drawn at random, so that no log has to be read to write one.
    pub number: u64,
    /// What kind of change it is.
    #[serde(flatten)]
    pub role: Role,
    /// When, as RFC 3339.
    pub at: String,
    /// Who did it: a claim.
    pub by: String,
    /// What it did, in a sentence.
    pub did: String,
    /// What it did to the files; nothing where that was too much to keep.
    pub traces: Vec<Trace>,
    /// The commit that it was made on, where no row of history tells whether a later one has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_on: Option<String>,
}

impl Entry {
    /// The entry of a command's own change, before it is known what it does to the files.
    pub(super) fn of(process: &Process, change: &Change<'_>) -> Entry {
        let told = change.events.first().map(|event| (event.at, event.by.clone().into_owned()));
        let told = change.author.clone().or(told).map(|(at, by)| (at.to_string(), by));
        let (at, by) = told.unwrap_or_default();
        let did = change.called.clone().unwrap_or_else(|| summary(process, &change.events));
        Entry { number: number(), role: Role::Change, at, by, did, traces: Vec::new(), made_on: None }
    }

    /// The entry of a change that takes back another, or makes it again.
    pub(super) fn about(role: Role, at: Instant, by: &str, did: String) -> Entry {
        let (at, by) = (at.to_string(), by.to_owned());
        Entry { number: number(), role, at, by, did, traces: Vec::new(), made_on: None }
    }

    /// The edit of the log that goes with the other edits of the change.
    pub(super) fn recording<'e>(&self, root: &Path, edits: &[Edit<'_>]) -> Result<Edit<'e>> {
        let small = edits.iter().map(size).sum::<usize>() <= LARGEST;
        let kept = if small { edits } else { &[] };
        let mut traces = kept.iter().map(|edit| trace(root, edit)).collect::<Result<Vec<_>>>()?;
        // How large a file is that goes is known once it was read.
        if traces.iter().flat_map(|trace| &trace.patches).map(|p| p.old.len() + p.new.len()).sum::<usize>()
            > LARGEST
        {
            traces.clear();
        }
        let mut entry = Entry { traces, ..self.clone() };
        if entry.telling() == Telling::Lines {
            entry.made_on = git::commit_of(root, "HEAD").ok();
        }
        let mut text = serde_json::to_string(&entry)
            .map_err(|error| Error::failed(format!("cannot write the undo log: {error}")))?;
        text.push('\n');
        let file = format!("{OWN_FOLDER}/{LOG}");
        Ok(match full(&root.join(&file))? {
            None => Edit::Append { file, text },
            Some(original) => {
                let patches =
                    vec![(0..oldest(&original), "".into()), (original.len()..original.len(), text.into())];
                Edit::Splice { file, original: original.into(), patches }
            }
        })
    }
}

/// The log where it is so large that its oldest entries must go: it is not to grow for ever.
fn full(path: &Path) -> Result<Option<String>> {
    // Not through a link, which the edit of the log is going to refuse.
    let is_full = fs::symlink_metadata(path).is_ok_and(|about| about.is_file() && about.len() > FULL);
    if !is_full {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|error| Error::io("read", path, error))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Where the entries end that go from a full log.
fn oldest(log: &str) -> usize {
    let from = log.len().saturating_sub(KEPT);
    let end = log.as_bytes()[from..].iter().position(|byte| *byte == b'\n');
    end.map_or(log.len(), |at| from + at + 1)
}

/// Whether a file is rows.
fn is_table(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "csv")
}

/// How much an edit would leave in the log, as far as it tells without its file.
fn size(edit: &Edit<'_>) -> usize {
    match edit {
        Edit::Append { text, .. } => text.len(),
        Edit::Splice { patches, .. } => patches.iter().map(|(span, new)| span.len() + new.len()).sum(),
        Edit::Remove { .. } => 0,
    }
}

fn trace(root: &Path, edit: &Edit<'_>) -> Result<Trace> {
    let path = root.join(edit.file());
    let length = match fs::symlink_metadata(&path) {
        Ok(about) => Some(about.len() as usize),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::io("look at", &path, error)),
    };
    let fate = if length.is_none() { Fate::Made } else { Fate::Kept };
    Ok(match edit {
        Edit::Append { file, text } => {
            let added = Patch { at: length.unwrap_or(0), old: String::new(), new: text.clone() };
            Trace { file: file.clone(), patches: vec![added], fate }
        }
        Edit::Remove { file } => {
            let old = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
            let gone = Patch { at: 0, old, new: String::new() };
            Trace { file: file.clone(), patches: vec![gone], fate: Fate::Removed }
        }
        Edit::Splice { file, original, patches } => {
            let (mut at, mut from) = (0, 0);
            let mut traced: Vec<Patch> = Vec::with_capacity(patches.len());
            for (span, new) in patches {
                at += span.start - from;
                let old = &original[span.clone()];
                match traced.last_mut() {
                    // Neighbours are one place, which is to be found again as one.
                    Some(last) if span.start == from => {
                        last.old.push_str(old);
                        last.new.push_str(new);
                    }
                    _ => traced.push(Patch { at, old: old.to_owned(), new: new.clone().into_owned() }),
                }
                at += new.len();
                from = span.end;
            }
            // Rows may stand anywhere; lines of other files are put back where they were, or not at all.
            if let ([(span, _)], [patch]) = (&patches[..], &mut traced[..])
                && patch.new.is_empty()
                && !is_table(file)
            {
                *patch = beside_a_neighbour(original, span);
            }
            Trace { file: file.clone(), patches: traced, fate }
        }
    })
}

/// The patch of lines that go, with the line before them, or the one after at the start of a file: so that their place
/// is found again.
fn beside_a_neighbour(text: &str, lines: &Range<usize>) -> Patch {
    let before = text[..lines.start].split_inclusive('\n').next_back().unwrap_or_default();
    let after = text[lines.end..].split_inclusive('\n').next().unwrap_or_default();
    let after = if before.is_empty() { after } else { "" };
    let span = lines.start - before.len()..lines.end + after.len();
    Patch { at: span.start, old: text[span].to_owned(), new: format!("{before}{after}") }
}

/// What events do, in a sentence: each deal apart while they are few.
fn summary(process: &Process, events: &[Event<'_>]) -> String {
    let mut deals: Vec<&str> = Vec::new();
    for event in events {
        if deals.last() != Some(&&*event.deal) {
            deals.push(&event.deal);
        }
    }
    deals.dedup();
    in_short(deals.len(), deals.iter().filter_map(|deal| told(process, events, deal, Mood::Did)))
}

/// What was done to so many deals, a sentence each: each apart while they are few.
pub fn in_short(deals: usize, told: impl Iterator<Item = String>) -> String {
    let mut short = told.take(NAMED).collect::<Vec<_>>().join("; ");
    if deals > NAMED {
        short = format!("{short}; and {} more", count((deals - NAMED) as u64, "deal"));
    }
    short
}

/// The entries of the log, the oldest first; a line that is not ours is passed over.
pub fn entries(root: &Path) -> Result<Vec<Entry>> {
    let path = root.join(OWN_FOLDER).join(LOG);
    let bytes = disk::read(&path)?.unwrap_or_default();
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// A number that no other entry has. JSON's numbers are sure up to 2⁵³.
fn number() -> u64 {
    fastrand::u64(1..1 << 53)
}

/// The entry by which the effect of each stands: itself, or the last redo that brought it back. `None`: it was taken back.
pub fn standing(entries: &[Entry]) -> Vec<Option<usize>> {
    let mut standing: Vec<Option<usize>> = (0..entries.len()).map(Some).collect();
    let mut places: FxHashMap<u64, usize> = FxHashMap::default();
    for (at, entry) in entries.iter().enumerate() {
        places.entry(entry.number).or_insert(at);
    }
    let place = |number: u64| places.get(&number).copied();
    for (at, entry) in entries.iter().enumerate() {
        let (undone, redone) = match entry.role {
            Role::Change => continue,
            Role::Undo(change) => (place(change), None),
            Role::Redo(undo) => {
                standing[at] = None;
                let of = place(undo);
                let change = of.and_then(|of| match entries[of].role {
                    Role::Undo(change) => place(change),
                    Role::Change | Role::Redo(_) => None,
                });
                (of, change)
            }
        };
        if let Some(undone) = undone {
            standing[undone] = None;
        }
        if let Some(redone) = redone {
            standing[redone] = Some(at);
        }
    }
    standing
}

/// The change that `undo` takes back: the last that stands.
pub fn last_change(entries: &[Entry]) -> Option<&Entry> {
    last(entries, |role| role == Role::Change)
}

/// The undo that `undo --redo` takes back: the last that stands.
///
/// Errors: something was changed since. What is made again comes to stand on what was there when it was taken back: an id
/// may have another owner by now, and a store other deals.
pub fn last_undo(entries: &[Entry]) -> Result<Option<&Entry>> {
    let undo = last(entries, |role| matches!(role, Role::Undo(_)));
    let Some(undo) = undo else { return Ok(None) };
    let since = entries.iter().skip_while(|entry| entry.number != undo.number);
    match since.filter(|entry| entry.role == Role::Change).last() {
        None => Ok(Some(undo)),
        Some(change) => {
            let message = format!("this cannot be made again: {}, since there is a newer change", undo.did);
            Err(Error::failed(message).hint(format!("make it anew: after the undo came `{}`", change.did)))
        }
    }
}

fn last(entries: &[Entry], wanted: impl Fn(Role) -> bool) -> Option<&Entry> {
    let stand = entries.iter().zip(standing(entries)).filter(|(entry, _)| wanted(entry.role));
    stand.filter_map(|(entry, by)| Some((by?, entry))).max_by_key(|(by, _)| *by).map(|(_, entry)| entry)
}

impl Entry {
    /// What it did, in a sentence that says whether it took something back.
    pub fn said(&self) -> String {
        match self.role {
            Role::Change => self.did.clone(),
            Role::Undo(_) => format!("undid: {}", self.did),
            Role::Redo(_) => format!("redid: {}", self.did),
        }
    }

    /// The row that `-f json` prints once it was taken back, or made again.
    fn as_json(&self, role: Role) -> serde_json::Value {
        let text = |text: &str| if text.is_empty() { None } else { Some(text.to_owned()) };
        let undone = matches!(role, Role::Undo(_));
        serde_json::json!([{"at": text(&self.at), "by": text(&self.by), "did": text(&self.did), "undone": undone}])
    }

    /// The rows that it put into the history.
    fn rows(&self) -> impl Iterator<Item = &str> {
        let lines = self.traces.iter().filter(|trace| trace.is_history()).flat_map(Trace::lines);
        lines.filter(|line| is_row(line))
    }

    /// Whether it moved the deals or the history to another store.
    fn is_conversion(&self) -> bool {
        self.traces.iter().any(|trace| trace.file == PROCESS_FILE)
    }

    /// What tells whether git's HEAD has it.
    fn telling(&self) -> Telling {
        let is_undo = matches!(self.role, Role::Undo(_));
        let has_rows = self.rows().next().is_some() && !self.is_conversion();
        if is_undo || has_rows { Telling::Rows } else { Telling::Lines }
    }
}

/// What tells whether git's HEAD has a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// The rows that it added to history: each has an instant, and so is no other's.
    Rows,
    /// The lines that it left in other files. They may say what they said before, as where a store is converted there
    /// and back: those that the commit had on which it was made tell nothing.
    Lines,
}

/// Whether a line of a file is a row.
fn is_row(line: &str) -> bool {
    !line.is_empty() && line != HEADER
}

/// The commit on which the effect of an entry came to stand: a change that was made again counts from there.
fn made_on<'l>(log: &'l [Entry], entry: &'l Entry) -> Option<&'l str> {
    let at = log.iter().position(|other| other.number == entry.number);
    let by = at.and_then(|at| standing(log)[at]).map_or(entry, |by| &log[by]);
    by.made_on.as_deref()
}

/// The rows of history that an entry added: what an undo only put back, as it stood before the change, is not among them.
fn own_rows<'e>(log: &[Entry], entry: &'e Entry) -> Vec<&'e str> {
    let undone = match entry.role {
        Role::Undo(change) => log.iter().find(|other| other.number == change),
        Role::Change | Role::Redo(_) => None,
    };
    let taken = undone.into_iter().flat_map(|undone| &undone.traces).flat_map(|trace| &trace.patches);
    let taken: FxHashSet<&str> = taken.flat_map(|patch| patch.old.lines()).collect();
    entry.rows().filter(|row| !taken.contains(row)).collect()
}

impl Door<'_> {
    /// Takes back what an entry of the log did: byte for byte, or, where git's HEAD has its rows already, by void rows and
    /// the old cells, because another branch may have them too.
    ///
    /// Gives whether it was by void rows. Errors: something else changed what it changed.
    pub fn take_back(&self, log: &[Entry], entry: &Entry, role: Role, at: Instant, by: &str) -> Result<bool> {
        if entry.traces.is_empty() {
            return Err(Error::failed(format!("this change was too large to keep: {}", entry.did))
                .hint("take it back with git"));
        }
        if entry.is_conversion() {
            self.nothing_came_since(entry)?;
        }
        let about = Entry::about(role, at, by, entry.did.clone());
        let rows = own_rows(log, entry);
        let voided = match entry.telling() {
            Telling::Rows => self.head_has_any(entry, &rows)?,
            Telling::Lines if self.head_has_left(entry, made_on(log, entry))? => {
                let hint = if entry.is_conversion() {
                    "`pipeline convert` moves them back"
                } else {
                    "it left no events to take back; use `git revert`"
                };
                return Err(in_head(entry, hint));
            }
            Telling::Lines => false,
        };
        if !voided {
            self.write(self.reversal(&entry.traces)?, &about, Memory::Kept, || entry.as_json(role))?;
            return Ok(false);
        }
        let events = voids(&rows, at, by)?;
        let of_deals: Vec<Trace> = entry.traces.iter().filter(|trace| trace.is_deals()).cloned().collect();
        if of_deals.iter().any(adds_a_deal) {
            return Err(in_head(entry, "it added deals, which no void takes away; use `git revert`"));
        }
        let mut edits = self.reversal(&of_deals)?;
        edits.extend(self.appending(&events)?);
        self.write(edits, &about, Memory::Kept, || entry.as_json(role))?;
        Ok(true)
    }

    /// Makes sure that the stores which a conversion made hold only what it put there: nothing would read the rest.
    fn nothing_came_since(&self, conversion: &Entry) -> Result<()> {
        let made = |file: &str| {
            let of_file = |trace: &&Trace| trace.fate == Fate::Made && trace.file == file;
            conversion.traces.iter().find(of_file).and_then(|trace| trace.patches.first())
        };
        let has_made = |of_store: fn(&Trace) -> bool| {
            conversion.traces.iter().any(|trace| trace.fate == Fate::Made && of_store(trace))
        };
        let mut files = Vec::new();
        if has_made(Trace::is_deals) {
            files.extend(store::deal_stamps(self.folder()));
        }
        if has_made(Trace::is_history) {
            files.extend(store::history_stamps(self.folder()));
        }
        for (path, _) in files.iter().filter(|(path, _)| path.exists()) {
            let file = path.strip_prefix(self.root()).unwrap_or(path).to_string_lossy();
            let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
            if made(&file).is_none_or(|patch| patch.new != text) {
                let message = format!("{file} holds what came after this: {}", conversion.did);
                return Err(Error::failed(message).hint("`pipeline convert` moves all of it back"));
            }
        }
        Ok(())
    }

    /// Whether git's HEAD has one of these rows of history, which an entry added.
    fn head_has_any(&self, entry: &Entry, rows: &[&str]) -> Result<bool> {
        if rows.is_empty() {
            return Ok(false);
        }
        let root = self.root();
        let Ok(head) = git::commit_of(root, "HEAD") else { return Ok(false) };
        for trace in entry.traces.iter().filter(|trace| trace.is_history()) {
            let Some(bytes) = git::file_at(root, &head, &trace.file)? else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let known: FxHashSet<&str> = text.lines().collect();
            if rows.iter().any(|row| known.contains(row)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether git's HEAD has a line that an entry left, which the commit had not on which it was made.
    fn head_has_left(&self, entry: &Entry, made_on: Option<&str>) -> Result<bool> {
        let root = self.root();
        let Ok(head) = git::commit_of(root, "HEAD") else { return Ok(false) };
        // Most changes are taken back before anything is committed: no file needs to be read for them.
        if made_on == Some(&*head) {
            return Ok(false);
        }
        // A commit that is gone, as after a rebase, tells nothing; and a log may hold what is no commit.
        let made_on = made_on.and_then(|commit| git::commit_of(root, commit).ok());
        let is_conversion = entry.is_conversion();
        let left = |trace: &&Trace| if is_conversion { trace.fate == Fate::Made } else { trace.is_deals() };
        for trace in entry.traces.iter().filter(left) {
            let Some(bytes) = git::file_at(root, &head, &trace.file)? else { continue };
            let before = made_on.as_deref().map(|commit| git::file_at(root, commit, &trace.file));
            let before = before.transpose()?.flatten();
            let (now, before) = (
                String::from_utf8_lossy(&bytes),
                String::from_utf8_lossy(before.as_deref().unwrap_or_default()),
            );
            let (now, before): (FxHashSet<&str>, FxHashSet<&str>) =
                (now.lines().collect(), before.lines().collect());
            if trace.lines().any(|line| is_row(line) && now.contains(line) && !before.contains(line)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The edits that put old text back where new text stands.
    fn reversal(&self, traces: &[Trace]) -> Result<Vec<Edit<'static>>> {
        traces.iter().filter_map(|trace| self.reverse(trace).transpose()).collect()
    }

    fn reverse(&self, trace: &Trace) -> Result<Option<Edit<'static>>> {
        // A log that came with the folder must not make us read a device, or write elsewhere.
        journal::writable(self.root(), &trace.file)?;
        let path = self.root().join(&trace.file);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", &path, error)),
        };
        let file = trace.file.clone();
        let (text, first) = match (text, trace.patches.first()) {
            (_, None) => return Ok(None),
            (None, Some(first)) if trace.fate == Fate::Removed => {
                let patches = vec![(0..0, first.old.clone().into())];
                return Ok(Some(Edit::Splice { file, original: Cow::Borrowed(""), patches }));
            }
            (Some(text), Some(first)) if trace.fate != Fate::Removed => (text, first),
            (_, Some(first)) => return Err(changed_since(trace, first)),
        };
        if trace.fate == Fate::Made && text == first.new {
            return Ok(Some(Edit::Remove { file }));
        }
        let mut patches: Vec<journal::Patch<'static>> = Vec::with_capacity(trace.patches.len());
        for patch in &trace.patches {
            let ours = without_header(trace, patch);
            let at = place(&text, &ours).ok_or_else(|| changed_since(trace, &ours))?;
            patches.push((at..at + ours.new.len(), ours.old.clone().into()));
        }
        patches.sort_by_key(|(span, _)| span.start);
        if patches.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
            return Err(changed_since(trace, first));
        }
        Ok(Some(Edit::Splice { file, original: Cow::Owned(text), patches }))
    }
}

/// What a patch put into a file that others have added to since: its rows, and not the header that theirs need too.
fn without_header<'p>(trace: &Trace, patch: &'p Patch) -> Cow<'p, Patch> {
    let rows = patch.new.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
    match rows {
        Some(rows) if trace.fate == Fate::Made && trace.is_history() => {
            let at = patch.at + patch.new.len() - rows.len();
            Cow::Owned(Patch { at, old: String::new(), new: rows.to_owned() })
        }
        _ => Cow::Borrowed(patch),
    }
}

/// Void rows for those that an entry added to history.
///
/// Errors: one of them added a deal, which other branches may have by now: that one is to be deleted instead.
fn voids(rows: &[&str], at: Instant, by: &str) -> Result<Vec<Event<'static>>> {
    let mut voids: Vec<Event<'static>> = Vec::new();
    for event in rows.iter().filter_map(|row| history::told(row)) {
        if let What::Stage { from, .. } = &event.what
            && from.is_empty()
        {
            return Err(Error::failed(format!("git's HEAD has {} already", event.deal)).hint(format!(
                "`{}` takes it out of every figure",
                shell::about("delete", &event.deal, &[], &[("--reason", "TEXT")])
            )));
        }
        let what = What::Void { target: event.target().into(), at: event.at };
        let deal = Cow::Owned(event.deal.into_owned());
        let void = Event { at, deal, what, by: Cow::Owned(by.to_owned()), note: Cow::Borrowed("") };
        if !voids.contains(&void) {
            voids.push(void);
        }
    }
    Ok(voids)
}

/// Where the new text of a patch stands: where it was put, else the one place where whole lines say the same. Rows that
/// went come back at the end of their file: what stands where they were may have moved.
fn place(text: &str, patch: &Patch) -> Option<usize> {
    let starts_line = |at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
    if patch.new.is_empty() {
        return Some(text.len()).filter(|at| starts_line(*at) || patch.old.starts_with(['\n', '\r']));
    }
    let ends_line = |at: usize| {
        matches!(text.as_bytes().get(at), None | Some(b'\n' | b'\r')) || text[..at].ends_with('\n')
    };
    let is_whole = |at: usize| {
        (starts_line(at) || patch.new.starts_with(['\n', '\r'])) && ends_line(at + patch.new.len())
    };
    if text.get(patch.at..).is_some_and(|rest| rest.starts_with(&*patch.new)) && is_whole(patch.at) {
        return Some(patch.at);
    }
    let mut found = text.match_indices(&*patch.new).map(|(at, _)| at).filter(|at| is_whole(*at));
    found.next().filter(|_| found.next().is_none())
}

/// Whether a change brought a deal that the file, or the folder, did not have.
fn adds_a_deal(trace: &Trace) -> bool {
    let is_new = |patch: &Patch| patch.old.is_empty() && !patch.new.is_empty();
    if trace.file == DEALS_FILE { trace.patches.iter().any(is_new) } else { trace.fate == Fate::Made }
}

fn in_head(entry: &Entry, hint: &str) -> Error {
    Error::failed(format!("git's HEAD has this change already: {}", entry.did)).hint(hint)
}

fn changed_since(trace: &Trace, patch: &Patch) -> Error {
    let line = patch.new.trim().lines().next().unwrap_or_default();
    let mut row: String = line.chars().take(60).collect();
    if row.len() < line.len() {
        row.push('…');
    }
    Error::failed(format!("something else changed {} since, where this was written: {row}", trace.file))
        .hint("put it back by hand, or change what is there now")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;
    use crate::folder::door::Mode;
    use crate::folder::make::create;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    fn entry(number: u64, role: Role, file: &str, patch: Patch) -> Entry {
        let traces = vec![Trace { file: file.to_owned(), fate: Fate::Kept, patches: vec![patch] }];
        let (by, did) = ("ana".to_owned(), "it".to_owned());
        Entry { number, role, at: String::new(), by, did, traces, made_on: None }
    }

    #[test]
    fn a_full_log_loses_its_oldest_entries_with_the_change_that_finds_it_full() {
        use std::io::{Seek, SeekFrom, Write};
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(OWN_FOLDER);
        fs::create_dir(&own).unwrap();
        let patch = Patch { at: 0, old: String::new(), new: String::new() };
        let known = entry(1, Role::Change, DEALS_FILE, patch.clone());
        let mut log = fs::File::create(own.join(LOG)).unwrap();
        log.seek(SeekFrom::Start(FULL)).unwrap();
        writeln!(log, "\n{}", serde_json::to_string(&known).unwrap()).unwrap();
        let new = entry(2, Role::Change, DEALS_FILE, patch);
        let edit = new.recording(folder.path(), &[]).unwrap();
        // Nothing happens to the log before the change is made.
        assert!(fs::metadata(own.join(LOG)).unwrap().len() > FULL);
        journal::commit(folder.path(), &own, &[edit]).unwrap();
        assert!(fs::metadata(own.join(LOG)).unwrap().len() < KEPT as u64);
        let numbers: Vec<u64> = entries(folder.path()).unwrap().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, [1, 2]);
    }

    #[test]
    fn a_log_that_came_with_the_folder_takes_back_nothing_outside_it() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("sales");
        create(&root, "stages: [{id: contact}, {id: won, outcome: won}]\n", |deals, history| {
            deals.push("id,name,stage\n")?;
            history.push(HEADER)
        })
        .unwrap();
        let victims = [outer.path().join("victim"), root.join(".git/config")];
        fs::create_dir(root.join(".git")).unwrap();
        for path in &victims {
            fs::write(path, "precious\n").unwrap();
        }
        symlink("..", root.join("way")).unwrap();
        symlink("../victim", root.join("link")).unwrap();
        symlink("/dev/zero", root.join("zero")).unwrap();
        let folder = Folder::open(root.clone()).unwrap();
        let at = Instant::parse("2026-11-24T10:00:00Z").unwrap();
        let absolute = victims[0].display().to_string();
        let names =
            ["../victim", &absolute, ".git/config", "way/victim", "way/new", "link", "zero", "/dev/zero", ""];
        for name in names {
            for new in ["precious\n", ""] {
                let patch = Patch { at: 0, old: "worthless\n".to_owned(), new: new.to_owned() };
                let entry = entry(1, Role::Change, name, patch);
                let door = folder.door(Mode::Make(Duration::ZERO)).unwrap();
                let refused =
                    door.take_back(&[], &entry, Role::Undo(1), at, "ana").expect_err(name).to_string();
                assert!(refused.contains("nothing was changed"), "{name}: {refused}");
            }
        }
        for path in victims {
            assert_eq!(fs::read_to_string(path).unwrap(), "precious\n");
        }
        assert!(!outer.path().join("new").exists());
    }

    #[test]
    fn a_log_that_is_a_device_or_no_text_is_not_read_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join(OWN_FOLDER);
        fs::create_dir(&own).unwrap();
        symlink("/dev/zero", own.join(LOG)).unwrap();
        assert!(entries(root.path()).unwrap_err().to_string().contains("is not a file"));
        fs::remove_file(own.join(LOG)).unwrap();
        let patch = Patch { at: 0, old: String::new(), new: "x".to_owned() };
        let one = entry(1, Role::Change, DEALS_FILE, patch);
        let mut log = b"\xff\xfe\nnull\n{}\n".to_vec();
        log.extend(serde_json::to_vec(&one).unwrap());
        fs::write(own.join(LOG), log).unwrap();
        assert_eq!(entries(root.path()).unwrap(), [one]);
    }

    #[test]
    fn a_change_that_was_made_again_is_the_last() {
        let patch = Patch { at: 0, old: String::new(), new: String::new() };
        let roles = [Role::Change, Role::Undo(0), Role::Change, Role::Redo(1), Role::Undo(0)];
        let log: Vec<Entry> =
            (0..).zip(roles).map(|(number, role)| entry(number, role, DEALS_FILE, patch.clone())).collect();
        let last = |log| {
            (last_change(log).map(|entry| entry.number), last_undo(log).unwrap().map(|entry| entry.number))
        };
        assert_eq!(last(&log[..2]), (None, Some(1)));
        assert!(last_undo(&log[..3]).unwrap_err().to_string().contains("a newer change"));
        assert_eq!(last(&log[..4]), (Some(0), None));
        assert_eq!(last(&log), (Some(2), Some(4)));
    }

    #[test]
    fn what_stands_in_a_long_log_is_found() {
        let patch = Patch { at: 0, old: String::new(), new: String::new() };
        let log: Vec<Entry> = (0..200_000)
            .map(|number| entry(number, Role::Undo(number.saturating_sub(1)), DEALS_FILE, patch.clone()))
            .collect();
        assert_eq!(standing(&log).iter().flatten().count(), 1);
    }
}
