//! The files of a folder as a reader finds them: those on disk, with the change under way finished, or those of a commit.

use std::path::{Path, PathBuf};

use super::journal::Journal;
use super::sheet::Sheet;
use super::{DEALS_FILE, Folder, HISTORY_FILE, OWN_FOLDER, Source, Stamp, deal_files, read, years};
use crate::error::{Error, Result};
use crate::git;
use crate::process::{DealStore, HistoryStore};

/// A file: its path from the folder, and what it holds.
pub(super) type Named = (String, Vec<u8>);

/// Reads the files of a folder.
#[derive(Debug)]
pub(super) struct Reader<'f> {
    folder: &'f Folder,
    journal: Option<Journal<'static>>,
}

impl<'f> Reader<'f> {
    /// A reader of the folder as it is now.
    pub(super) fn new(folder: &'f Folder) -> Result<Reader<'f>> {
        let journal = match folder.source {
            Source::Disk => Journal::read(&folder.own())?,
            Source::Commit(_) => None,
        };
        Ok(Reader { folder, journal })
    }

    /// Whether no change is under way.
    pub(super) fn is_settled(&self) -> bool {
        self.journal.is_none()
    }

    /// A file that the change under way leaves otherwise than it stands, for whoever has no process yet.
    pub(super) fn finished(root: &Path, name: &str) -> Result<Option<Vec<u8>>> {
        let own = root.join(OWN_FOLDER);
        match Journal::read(&own)? {
            Some(journal) => journal.finished(root, &own, name),
            None => Ok(None),
        }
    }

    /// The deals, wherever the process keeps them.
    pub(super) fn deals(&self) -> Result<Sheet> {
        match &self.folder.process.deals {
            DealStore::Csv => self.sheet(DEALS_FILE),
            DealStore::Yaml(folder) => {
                let files = self.all(folder, deal_files::ENDINGS)?;
                Ok(deal_files::sheet(&self.folder.process, folder, files)?)
            }
        }
    }

    /// The history, wherever the process keeps it.
    pub(super) fn history(&self) -> Result<Sheet> {
        match &self.folder.process.history {
            HistoryStore::OneFile => self.sheet(HISTORY_FILE),
            HistoryStore::Years(folder) => Ok(years::sheet(folder, self.all(folder, &[years::ENDING])?)?),
        }
    }

    fn sheet(&self, name: &str) -> Result<Sheet> {
        Ok(Sheet::parse(name, self.file(name)?.unwrap_or_default())?)
    }

    /// What a file holds; `None` where there is none.
    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>> {
        if let Some(journal) = &self.journal
            && let Some(finished) = journal.finished(&self.folder.root, &self.folder.own(), name)?
        {
            return Ok(Some(finished));
        }
        read(&self.folder.root, &self.folder.source, name)
    }

    /// The files of a folder with one of these endings, by name.
    pub(super) fn all(&self, folder: &str, endings: &[&str]) -> Result<Vec<Named>> {
        if let Source::Commit(commit) = &self.folder.source {
            let mut files = git::files_in(&self.folder.root, commit, folder)?;
            files.retain(|(path, _)| is_named(path, endings));
            files.sort();
            return Ok(files);
        }
        let mut names = names(self.folder, folder, endings)?;
        if let Some(journal) = &self.journal {
            let inside = |file: &&str| {
                file.rsplit_once('/').is_some_and(|(parent, _)| parent == folder) && is_named(file, endings)
            };
            names.extend(journal.written().filter(inside).map(str::to_owned));
            names.sort();
            names.dedup();
            names.retain(|name| !journal.removed().any(|gone| gone == name));
        }
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            files.extend(self.file(&name)?.map(|bytes| (name, bytes)));
        }
        Ok(files)
    }
}

/// What tells that the files of the deals are still those that were read.
pub(super) fn deal_stamps(folder: &Folder) -> Vec<(PathBuf, Option<Stamp>)> {
    match &folder.process.deals {
        DealStore::Csv => stamped(vec![folder.root.join(DEALS_FILE)]),
        DealStore::Yaml(name) => in_folder(folder, name, deal_files::ENDINGS),
    }
}

/// What tells that the files of history are still those that were read.
pub(super) fn history_stamps(folder: &Folder) -> Vec<(PathBuf, Option<Stamp>)> {
    match &folder.process.history {
        HistoryStore::OneFile => stamped(vec![folder.root.join(HISTORY_FILE)]),
        HistoryStore::Years(name) => in_folder(folder, name, &[years::ENDING]),
    }
}

/// The file that the latest rows of history are in, from the folder; none where there is no history.
pub(super) fn last_history_file(folder: &Folder) -> Result<Option<String>> {
    match &folder.process.history {
        HistoryStore::OneFile => Ok(Some(HISTORY_FILE.to_owned())),
        HistoryStore::Years(name) => Ok(names(folder, name, &[years::ENDING])?.pop()),
    }
}

/// The stamps of files.
pub(super) fn stamped(paths: Vec<PathBuf>) -> Vec<(PathBuf, Option<Stamp>)> {
    let stamp = |path: PathBuf| {
        let stamp = Stamp::of(&path);
        (path, stamp)
    };
    paths.into_iter().map(stamp).collect()
}

fn in_folder(folder: &Folder, name: &str, endings: &[&str]) -> Vec<(PathBuf, Option<Stamp>)> {
    // A folder that cannot be read says so when its files are.
    let names = names(folder, name, endings).unwrap_or_default();
    stamped(names.into_iter().map(|name| folder.root.join(name)).collect())
}

/// The names of the files on disk in a folder with one of these endings, sorted; none where there is no folder.
fn names(root: &Folder, folder: &str, endings: &[&str]) -> Result<Vec<String>> {
    let path = root.root.join(folder);
    let failed = |error| Error::io("read", &path, error);
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_str().map(|name| format!("{folder}/{name}")).ok_or_else(|| {
            Error::failed(format!("{} holds a file whose name is not UTF-8", path.display()))
                .hint("rename it")
        })?;
        names.extend(Some(name).filter(|name| is_named(name, endings)));
    }
    names.sort();
    Ok(names)
}

/// Whether a file has one of these endings. Hidden ones are left to the programs that made them.
fn is_named(path: &str, endings: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('.') && endings.iter().any(|ending| name.ends_with(ending))
}
