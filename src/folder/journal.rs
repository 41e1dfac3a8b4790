//! The journal: what makes several file edits one change. Once it is on disk the change is made, whatever happens next;
//! as long as it is not, nothing was.
//!
//! 1. New contents of files are written under temporary names in the tool's own folder.
//! 2. The journal is written there, under its name: this is the instant of the change.
//! 3. Text is appended and files are put in place. 4. The journal is removed.
//!
//! The next change finishes what a journal says before it does anything else; a reader sees the files as if that had
//! been done already.

use std::borrow::Cow;
use std::fs::{self, Permissions};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::undo::LOG;
use super::{ATTRIBUTES_FILE, OWN_FOLDER, disk};
use crate::error::{Error, Result};

/// The name of the journal in the tool's own folder.
pub(super) const JOURNAL: &str = "journal";

/// How the names of new contents begin.
const NEW: &str = "new-";

/// A patch of a text: where old text stands, and what comes there.
pub(super) type Patch<'a> = (Range<usize>, Cow<'a, str>);

/// A text with spans in ascending order given way to new text.
pub(super) fn spliced(original: &str, patches: &[Patch<'_>]) -> String {
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

/// A change of one file of the folder, named by its path from there.
#[derive(Clone, Debug)]
pub(super) enum Edit<'a> {
    /// Spans of `original`, in ascending order, give way to new text; all else stays.
    Splice {
        /// The file.
        file: String,
        /// What it holds now; empty where there is none.
        original: Cow<'a, str>,
        /// Where it changes, and to what.
        patches: Vec<Patch<'a>>,
    },
    /// Text goes at the end of the file, which is made where there is none.
    Append {
        /// The file.
        file: String,
        /// What comes at its end.
        text: String,
    },
    /// The file goes.
    Remove {
        /// The file.
        file: String,
    },
}

impl Edit<'_> {
    /// The file that it is about, from the folder.
    pub(super) fn file(&self) -> &str {
        match self {
            Edit::Splice { file, .. } | Edit::Append { file, .. } | Edit::Remove { file } => file,
        }
    }
}

/// One step of finishing a change. Doing it twice is the same as once.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Step<'a> {
    /// `text` is what the file holds from `at` on.
    Append { file: String, at: u64, text: Cow<'a, str> },
    /// The new contents `with` are put in the file's place, unless they are there already.
    Replace { file: String, with: String },
    /// The file goes.
    Remove { file: String },
}

/// A change that is under way.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Journal<'a> {
    steps: Vec<Step<'a>>,
}

impl Journal<'_> {
    /// The journal that a command left behind, if one did.
    pub(super) fn read(own: &Path) -> Result<Option<Journal<'static>>> {
        let path = own.join(JOURNAL);
        let Some(bytes) = disk::read(&path)? else { return Ok(None) };
        let journal: Journal<'static> = serde_json::from_slice(&bytes).map_err(|error| {
            Error::failed(format!("{} is not what we wrote: {error}", path.display()))
                .hint("compare deals.csv and history.csv with git, then remove it")
        })?;
        let strange = journal.steps.iter().find_map(|step| match step {
            _ if !is_ours(step.file()) => Some(step.file()),
            Step::Replace { with, .. } if !is_new(with) => Some(with),
            _ => None,
        });
        match strange {
            None => Ok(Some(journal)),
            Some(name) => {
                Err(Error::failed(format!("{} names a file that no change writes: {name}", path.display()))
                    .hint("it was not written here: compare the folder with git, then remove it"))
            }
        }
    }

    /// The files that the change writes.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|step| !matches!(step, Step::Remove { .. })).map(Step::file)
    }

    /// The files that go with the change.
    pub(super) fn removed(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|step| matches!(step, Step::Remove { .. })).map(Step::file)
    }

    /// What a file holds once the change is finished, for readers, who never write. `None`: the file is as it stands.
    pub(super) fn finished(&self, root: &Path, own: &Path, file: &str) -> Result<Option<Vec<u8>>> {
        let read = |path: &Path| fs::read(path).map_err(|error| Error::io("read", path, error));
        for step in &self.steps {
            match step {
                Step::Replace { file: name, with } if name == file && own.join(with).exists() => {
                    return read(&own.join(with)).map(Some);
                }
                Step::Append { file: name, at, text } if name == file => {
                    let path = root.join(name);
                    let mut bytes = if path.exists() { read(&path)? } else { Vec::new() };
                    check_tail(&path, bytes.get(*at as usize..), text)?;
                    bytes.truncate(*at as usize);
                    bytes.extend_from_slice(text.as_bytes());
                    return Ok(Some(bytes));
                }
                Step::Remove { file: name } if name == file => return Ok(Some(Vec::new())),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Makes sure that the files that grow still end where they did: what another program adds while the change is
    /// prepared must not be cut off.
    fn nothing_added(&self, root: &Path) -> Result<()> {
        for step in &self.steps {
            if let Step::Append { file, at, .. } = step {
                let path = root.join(file);
                let now = if path.exists() { length(&path)? } else { 0 };
                if now != *at {
                    return Err(changed_meanwhile(file));
                }
            }
        }
        Ok(())
    }

    /// Finishes the change and removes the journal.
    fn finish(&self, root: &Path, own: &Path) -> Result<()> {
        for step in &self.steps {
            let path = root.join(step.file());
            if !matches!(step, Step::Remove { .. }) {
                make_folder_of(&path)?;
            }
            let done = match step {
                Step::Append { at, text, .. } => disk::write_at(&path, *at, text.as_bytes()),
                Step::Replace { with, .. } if own.join(with).exists() => disk::rename(&own.join(with), &path),
                Step::Replace { .. } => Ok(()),
                Step::Remove { .. } => disk::remove(&path),
            };
            done.map_err(|error| Error::io("write", &path, error))?;
        }
        for folder in self.folders(root) {
            disk::sync_folder(&folder).map_err(|error| Error::io("sync", &folder, error))?;
        }
        for folder in self.folders_left(root) {
            // One that still holds something stays.
            let _ = disk::remove_folder(&folder);
        }
        forget(own)
    }

    /// The folders, not the pipeline's own, from which files went.
    fn folders_left(&self, root: &Path) -> Vec<PathBuf> {
        let parents = self.removed().filter_map(|file| root.join(file).parent().map(Path::to_path_buf));
        let mut folders: Vec<PathBuf> = parents.filter(|folder| folder != root).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Takes the change back, which can be done as long as no file was put in place.
    fn roll_back(&self, root: &Path, own: &Path) -> Result<()> {
        for step in &self.steps {
            if let Step::Append { file, at, .. } = step
                && root.join(file).exists()
            {
                let path = root.join(file);
                disk::cut(&path, *at).map_err(|error| Error::io("cut", &path, error))?;
            }
        }
        forget(own)?;
        sweep(own)
    }

    /// Whether every new content still waits to be put in place, and every file that goes is still there.
    fn nothing_replaced(&self, root: &Path, own: &Path) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Replace { with, .. } => own.join(with).exists(),
            Step::Remove { file } => root.join(file).exists(),
            Step::Append { .. } => true,
        })
    }

    fn folders(&self, root: &Path) -> Vec<PathBuf> {
        let parent = |step: &Step<'_>| root.join(step.file()).parent().map(Path::to_path_buf);
        let mut folders: Vec<PathBuf> = self.steps.iter().filter_map(parent).collect();
        folders.retain(|folder| folder.is_dir());
        folders.sort();
        folders.dedup();
        folders
    }
}

impl Step<'_> {
    fn file(&self) -> &str {
        match self {
            Step::Append { file, .. } | Step::Replace { file, .. } | Step::Remove { file } => file,
        }
    }
}

/// Finishes the change that a command left under way, and removes what it left behind. The caller holds the lock.
pub(super) fn recover(root: &Path, own: &Path) -> Result<()> {
    if let Some(journal) = Journal::read(own)? {
        for step in &journal.steps {
            no_link_on_the_way(root, step.file())?;
            match step {
                Step::Append { file, at, text } => {
                    let path = root.join(file);
                    let bytes = tail(&path, *at).map_err(|error| Error::io("read", &path, error))?;
                    check_tail(&path, bytes.as_deref(), text)?;
                }
                Step::Replace { with, .. } => no_link_on_the_way(own, with)?,
                Step::Remove { .. } => {}
            }
        }
        journal.finish(root, own)?;
    }
    sweep(own)
}

/// Makes the edits, all or none. The caller holds the lock and has recovered.
pub(super) fn commit(root: &Path, own: &Path, edits: &[Edit<'_>]) -> Result<()> {
    let journal = match prepare(root, own, edits) {
        Ok(journal) => journal,
        Err(error) => {
            // What could not be swept now is swept by the next change.
            let _ = sweep(own);
            return Err(error);
        }
    };
    if let Err(error) = write_journal(own, &journal).and_then(|()| journal.nothing_added(root)) {
        let _ = forget(own).and_then(|()| sweep(own));
        return Err(error);
    }
    let Err(error) = journal.finish(root, own) else { return Ok(()) };
    if journal.nothing_replaced(root, own) && journal.roll_back(root, own).is_ok() {
        return Err(error);
    }
    let hint = error.hints().first().map_or(KEPT.to_owned(), |hint| format!("{hint}; {KEPT}"));
    Err(Error::failed(error.to_string()).hint(hint))
}

/// Where a change is that failed when it was half done.
const KEPT: &str =
    "the change is kept in .pipeline/journal; the next command that changes something finishes it";

/// Checks that every file may be written, and writes new contents under temporary names.
fn prepare<'e>(root: &Path, own: &Path, edits: &'e [Edit<'_>]) -> Result<Journal<'e>> {
    let mut modes = Vec::with_capacity(edits.len());
    for edit in edits {
        modes.push(writable(root, edit.file())?);
    }
    let mut steps = Vec::with_capacity(edits.len());
    for (number, (edit, mode)) in edits.iter().zip(modes).enumerate() {
        let file = edit.file().to_owned();
        let path = root.join(&file);
        steps.push(match edit {
            Edit::Append { text, .. } => {
                let at = if mode.is_some() { length(&path)? } else { 0 };
                Step::Append { file, at, text: text.into() }
            }
            Edit::Remove { .. } => Step::Remove { file },
            Edit::Splice { original, patches, .. } => {
                let with = format!("{NEW}{number}");
                let mode = match mode {
                    Some(mode) => mode,
                    None => usual_mode(own)?,
                };
                let new = own.join(&with);
                disk::write_spliced(&new, original.as_bytes(), patches, mode)
                    .map_err(|error| Error::io("write", &path, error))?;
                Step::Replace { file, with }
            }
        });
    }
    // Appended text comes first: until a file is put in place, or gone, all can be taken back.
    steps.sort_by_key(|step| match step {
        Step::Append { .. } => 0,
        Step::Replace { .. } => 1,
        Step::Remove { .. } => 2,
    });
    Ok(Journal { steps })
}

fn write_journal(own: &Path, journal: &Journal<'_>) -> Result<()> {
    let path = own.join(JOURNAL);
    let new = own.join(format!("{NEW}{JOURNAL}"));
    let text = serde_json::to_vec(journal)
        .map_err(|error| Error::failed(format!("cannot write a journal: {error}")))?;
    let write = || {
        disk::write_new(&new, &text)?;
        disk::rename(&new, &path)?;
        disk::sync_folder(own)
    };
    write().map_err(|error| Error::io("write", &path, error))
}

/// Removes the journal.
fn forget(own: &Path) -> Result<()> {
    let path = own.join(JOURNAL);
    let remove = || {
        disk::remove(&path)?;
        disk::sync_folder(own)
    };
    remove().map_err(|error| Error::io("remove", &path, error))
}

/// Removes new contents that no journal speaks of.
fn sweep(own: &Path) -> Result<()> {
    let failed = |error| Error::io("clean up", own, error);
    for entry in fs::read_dir(own).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(NEW) {
            disk::remove(&entry.path()).map_err(|error| Error::io("remove", &entry.path(), error))?;
        }
    }
    Ok(())
}

/// Refuses files that we must not write: those that are not the pipeline's, links, which would be replaced by a file,
/// and what its owner made read-only. Gives the file's mode; `None` where there is no file.
pub(super) fn writable(root: &Path, name: &str) -> Result<Option<Permissions>> {
    if !is_ours(name) {
        let message = format!("{name} is no file that a change writes; nothing was changed");
        return Err(Error::failed(message).hint("where .pipeline/undo names it, remove that log"));
    }
    no_link_on_the_way(root, name)?;
    let path = &root.join(name);
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("look at", path, error)),
    };
    let refuse = |what: &str, hint: &str| {
        Error::failed(format!("{} is {what}; nothing was changed", path.display())).hint(hint)
    };
    if !about.is_file() {
        return Err(refuse("not a file", "move it out of the way"));
    }
    if about.permissions().readonly() {
        return Err(refuse("read-only", "allow writing with `chmod u+w`"));
    }
    Ok(Some(about.permissions()))
}

/// Makes the folder that a file is to stand in, where there is none.
fn make_folder_of(path: &Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) else { return Ok(()) };
    if let Some(parent) = folder.parent() {
        make_folder_of(folder)?;
        disk::make_folder(folder).map_err(|error| Error::io("make", folder, error))?;
        disk::sync_folder(parent).map_err(|error| Error::io("sync", parent, error))?;
    }
    Ok(())
}

/// The mode of a new file here: that of the tool's own folder, without the right to enter.
fn usual_mode(own: &Path) -> Result<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let about = fs::metadata(own).map_err(|error| Error::io("look at", own, error))?;
    Ok(Permissions::from_mode(about.permissions().mode() & 0o666))
}

fn length(path: &Path) -> Result<u64> {
    fs::metadata(path).map(|about| about.len()).map_err(|error| Error::io("look at", path, error))
}

/// The bytes of a file from an offset on; `None` where it ends before that. A file that is not there is an empty one.
fn tail(path: &Path, at: u64) -> std::io::Result<Option<Vec<u8>>> {
    use std::io::{Read, Seek};
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((at == 0).then(Vec::new));
        }
        Err(error) => return Err(error),
    };
    if file.metadata()?.len() < at {
        return Ok(None);
    }
    file.seek(std::io::SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The refusal of a change that was worked out from what is there no longer.
pub(super) fn changed_meanwhile(what: &str) -> Error {
    Error::failed(format!("another program changed {what} just now; nothing was changed"))
        .hint("run the command again")
}

/// Makes sure that what stands at the end of a file is ours: some of the text, or nothing yet.
fn check_tail(path: &Path, tail: Option<&[u8]>, text: &str) -> Result<()> {
    if tail.is_some_and(|tail| text.as_bytes().starts_with(tail)) {
        return Ok(());
    }
    let message = format!("{} was changed by another program while a change was under way", path.display());
    Err(Error::failed(message).hint("compare it with git, mend it by hand, then remove .pipeline/journal"))
}

/// Whether a name is of a file that changes write: it stays inside the folder, and nothing hidden is on its way except
/// our undo log and the `.gitattributes` of the folder. A journal or a log that came with a folder must not write into `.git`, whose files git obeys.
fn is_ours(name: &str) -> bool {
    let visible = |part: Component<'_>| matches!(part, Component::Normal(part) if !part.as_encoded_bytes().starts_with(b"."));
    let log = name.strip_prefix(OWN_FOLDER).is_some_and(|rest| rest.strip_prefix('/') == Some(LOG));
    log || name == ATTRIBUTES_FILE || (!name.is_empty() && Path::new(name).components().all(visible))
}

/// Whether a name is one that [`commit`] gives to new contents.
fn is_new(name: &str) -> bool {
    name.starts_with(NEW) && !name.contains('/')
}

/// Refuses a link anywhere between a folder and a file in it: it may lead out of the folder.
fn no_link_on_the_way(root: &Path, name: &str) -> Result<()> {
    let mut path = root.to_path_buf();
    for part in Path::new(name).components() {
        path.push(part);
        if path.is_symlink() {
            let message = format!("{} is a symbolic link; nothing was changed", path.display());
            return Err(Error::failed(message).hint("put the file itself into the folder"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::os::unix::fs::symlink;

    /// A folder `sales` with deals, beside a file and a folder that are none of its business.
    fn sales() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("sales");
        let own = root.join(OWN_FOLDER);
        fs::create_dir_all(&own).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::create_dir_all(outer.path().join("house")).unwrap();
        for path in [outer.path().join("victim"), outer.path().join("house/victim"), root.join(".git/config")]
        {
            fs::write(path, "precious").unwrap();
        }
        fs::write(root.join("deals.csv"), "id,name,stage\n").unwrap();
        fs::write(own.join("new-0"), "id,name,stage\nd1,Acme,won\n").unwrap();
        symlink("../victim", root.join("link")).unwrap();
        symlink("../house", root.join("way")).unwrap();
        symlink("../../victim", own.join("new-1")).unwrap();
        (outer, root, own)
    }

    /// What recovery says of a journal of one step, which must have changed nothing.
    fn refused(step: &serde_json::Value) -> String {
        let (outer, root, own) = sales();
        fs::write(own.join(JOURNAL), json!({ "steps": [step] }).to_string()).unwrap();
        let refused = recover(&root, &own).expect_err(&step.to_string()).to_string();
        for path in [outer.path().join("victim"), outer.path().join("house/victim"), root.join(".git/config")]
        {
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious", "{step}: {}", path.display());
        }
        assert_eq!(fs::read_to_string(root.join("deals.csv")).unwrap(), "id,name,stage\n", "{step}");
        assert!(!outer.path().join("house/new").exists() && !root.join(".git/hooks").exists(), "{step}");
        refused
    }

    #[test]
    fn a_journal_that_came_with_the_folder_writes_neither_outside_it_nor_into_git() {
        for file in [
            "../victim",
            "/etc/x",
            "",
            ".",
            "a/../../victim",
            ".git/config",
            "sub/.git/config",
            ".pipeline/lock",
        ] {
            for step in [
                json!({"append": {"file": file, "at": 8, "text": "x"}}),
                json!({"replace": {"file": file, "with": "new-0"}}),
                json!({"remove": {"file": file}}),
            ] {
                assert!(refused(&step).contains("names a file that no change writes"), "{step}");
            }
        }
        for with in ["../deals.csv", "lock", "new-0/../../deals.csv"] {
            let step = json!({"replace": {"file": "deals.csv", "with": with}});
            assert!(refused(&step).contains("names a file that no change writes"), "{step}");
        }
    }

    #[test]
    fn a_journal_is_not_followed_over_links() {
        for file in ["link", "way/victim", "way/new"] {
            for step in [
                json!({"append": {"file": file, "at": if file == "way/new" { 0 } else { 8 }, "text": "x"}}),
                json!({"replace": {"file": file, "with": "new-0"}}),
                json!({"remove": {"file": file}}),
            ] {
                assert!(refused(&step).contains("is a symbolic link"), "{step}");
            }
        }
        assert!(
            refused(&json!({"replace": {"file": "deals.csv", "with": "new-1"}})).contains("symbolic link")
        );
    }

    #[test]
    fn text_is_only_put_where_its_file_ends() {
        for at in [15, 1 << 40, u64::MAX] {
            let step = json!({"append": {"file": "deals.csv", "at": at, "text": "d1,Acme,won\n"}});
            assert!(refused(&step).contains("changed by another program"), "{step}");
        }
        let step = json!({"append": {"file": "new.csv", "at": 1, "text": "x"}});
        assert!(refused(&step).contains("changed by another program"), "{step}");
    }

    #[test]
    fn what_another_program_adds_while_a_change_is_prepared_is_not_cut_off() {
        let (_outer, root, own) = sales();
        let history = root.join("history.csv");
        fs::write(&history, "at,deal\n").unwrap();
        let edits = [Edit::Append { file: "history.csv".to_owned(), text: "ours\n".to_owned() }];
        let journal = prepare(&root, &own, &edits).unwrap();
        journal.nothing_added(&root).unwrap();
        fs::write(&history, "at,deal\ntheirs\n").unwrap();
        let refused = journal.nothing_added(&root).unwrap_err().to_string();
        assert!(refused.contains("another program changed history.csv just now"), "{refused}");
        fs::remove_file(&history).unwrap();
        journal.nothing_added(&root).unwrap_err();
    }

    #[test]
    fn what_a_change_writes_is_ours() {
        for name in [
            "deals.csv",
            "history.csv",
            ".gitattributes",
            ".pipeline/undo",
            "history/2026.csv",
            "deals/a.b.yaml",
        ] {
            assert!(is_ours(name), "{name}");
        }
        let (_outer, root, own) = sales();
        let steps = [
            json!({"append": {"file": "history.csv", "at": 0, "text": "x\n"}}),
            json!({"replace": {"file": "deals.csv", "with": "new-0"}}),
        ];
        fs::write(own.join(JOURNAL), json!({ "steps": steps }).to_string()).unwrap();
        recover(&root, &own).unwrap();
        assert_eq!(fs::read_to_string(root.join("deals.csv")).unwrap(), "id,name,stage\nd1,Acme,won\n");
        assert_eq!(fs::read_to_string(root.join("history.csv")).unwrap(), "x\n");
        assert!(!own.join(JOURNAL).exists());
    }
}
