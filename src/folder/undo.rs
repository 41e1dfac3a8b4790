//! The undo log: what each change did to the files, and how to take it back byte for byte.
//!
//! It stands in the tool's own folder, which git does not carry: it is the memory of one clone. An entry is written in
//! the same commit as its change.

mod in_head;
mod take_back;
mod trace;

use std::fs;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::change::Change;
use super::journal::Edit;
use super::{OWN_FOLDER, disk};
use crate::change::plan::{Mood, told};
use crate::deal::event::Event;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::git;
use crate::grammar::count;
use crate::process::Process;

use in_head::Telling;
use trace::{Trace, size};

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
        let mut traces = kept.iter().map(|edit| Trace::of(root, edit)).collect::<Result<Vec<_>>>()?;
        // How large a file is that goes is known once it was read.
        if traces
            .iter()
            .flat_map(|trace| &trace.replaced)
            .map(|span| span.old.len() + span.new.len())
            .sum::<usize>()
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
}

#[cfg(test)]
mod tests {
    use super::trace::{Fate, Replaced};
    use super::*;
    use crate::deal::event::HEADER;
    use crate::folder::door::Mode;
    use crate::folder::journal;
    use crate::folder::make::create;
    use crate::folder::{DEALS_FILE, Folder};
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    fn entry(number: u64, role: Role, file: &str, replaced: Replaced) -> Entry {
        let traces = vec![Trace { file: file.to_owned(), fate: Fate::Kept, replaced: vec![replaced] }];
        let (by, did) = ("ana".to_owned(), "it".to_owned());
        Entry { number, role, at: String::new(), by, did, traces, made_on: None }
    }

    #[test]
    fn a_full_log_loses_its_oldest_entries_with_the_change_that_finds_it_full() {
        use std::io::{Seek, SeekFrom, Write};
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join(OWN_FOLDER);
        fs::create_dir(&own).unwrap();
        let replaced = Replaced { at: 0, old: String::new(), new: String::new() };
        let known = entry(1, Role::Change, DEALS_FILE, replaced.clone());
        let mut log = fs::File::create(own.join(LOG)).unwrap();
        log.seek(SeekFrom::Start(FULL)).unwrap();
        writeln!(log, "\n{}", serde_json::to_string(&known).unwrap()).unwrap();
        let new = entry(2, Role::Change, DEALS_FILE, replaced);
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
                let replaced = Replaced { at: 0, old: "worthless\n".to_owned(), new: new.to_owned() };
                let entry = entry(1, Role::Change, name, replaced);
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
        let replaced = Replaced { at: 0, old: String::new(), new: "x".to_owned() };
        let one = entry(1, Role::Change, DEALS_FILE, replaced);
        let mut log = b"\xff\xfe\nnull\n{}\n".to_vec();
        log.extend(serde_json::to_vec(&one).unwrap());
        fs::write(own.join(LOG), log).unwrap();
        assert_eq!(entries(root.path()).unwrap(), [one]);
    }

    #[test]
    fn a_change_that_was_made_again_is_the_last() {
        let replaced = Replaced { at: 0, old: String::new(), new: String::new() };
        let roles = [Role::Change, Role::Undo(0), Role::Change, Role::Redo(1), Role::Undo(0)];
        let log: Vec<Entry> = (0..)
            .zip(roles)
            .map(|(number, role)| entry(number, role, DEALS_FILE, replaced.clone()))
            .collect();
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
        let replaced = Replaced { at: 0, old: String::new(), new: String::new() };
        let log: Vec<Entry> = (0..200_000)
            .map(|number| entry(number, Role::Undo(number.saturating_sub(1)), DEALS_FILE, replaced.clone()))
            .collect();
        assert_eq!(standing(&log).iter().flatten().count(), 1);
    }
}
