//! The first files of a new folder.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::own::furnish;
use super::{ATTRIBUTES_FILE, DEALS_FILE, HISTORY_FILE, PROCESS_FILE};
use crate::error::{Error, Result};
use crate::git::setup::attributes;
use crate::process::{DealStore, HistoryStore};

/// A file of a new folder, while it is written.
pub struct NewFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl NewFile {
    fn make(path: PathBuf) -> Result<NewFile> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.map_err(|error| Error::io("write", &path, error))?;
        Ok(NewFile { path, file: BufWriter::new(file) })
    }

    /// Appends a text.
    pub fn push(&mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).map_err(|error| Error::io("write", &self.path, error))
    }

    fn finish(mut self) -> Result<()> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        written.map_err(|error| Error::io("write", &self.path, error))
    }
}

/// Writes the first files of a new folder; `rows` fills deals.csv and history.csv. Nothing that is there is overwritten.
pub fn create(
    root: &Path,
    process: &str,
    rows: impl FnOnce(&mut NewFile, &mut NewFile) -> Result<()>,
) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("make", root, error))?;
    for name in [PROCESS_FILE, DEALS_FILE, HISTORY_FILE, ATTRIBUTES_FILE] {
        if fs::symlink_metadata(root.join(name)).is_ok() {
            let message = format!("there is a {name} in {} already; nothing was changed", root.display());
            return Err(Error::failed(message).hint("name another folder: `pipeline init DIR`"));
        }
    }
    furnish(root)?;
    let mut deals = NewFile::make(root.join(DEALS_FILE))?;
    let mut history = NewFile::make(root.join(HISTORY_FILE))?;
    rows(&mut deals, &mut history)?;
    deals.finish()?;
    history.finish()?;
    let lines = attributes(&DealStore::Csv, &HistoryStore::OneFile);
    // The process last: without it, it is no folder of ours.
    for (name, text) in [
        (ATTRIBUTES_FILE, lines.map(|line| format!("{line}\n")).concat()),
        (PROCESS_FILE, process.to_owned()),
    ] {
        let mut file = NewFile::make(root.join(name))?;
        file.push(&text)?;
        file.finish()?;
    }
    Ok(())
}
