//! Files of the pipeline itself, over which no results are written.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::folder::{ATTRIBUTES_FILE, DEALS_FILE, Folder, HISTORY_FILE, OWN_FOLDER, PROCESS_FILE};
use crate::process::{DealStore, HistoryStore, Process, RateSource};

/// Refuses to write results over the files that the pipelines in these folders are made of; none named is the one here.
pub(super) fn refuse(folders: &[PathBuf], process: &Process, path: &Path) -> Result<()> {
    let folders = if folders.is_empty() { &[PathBuf::from(".")][..] } else { folders };
    folders
        .iter()
        .filter_map(|folder| Folder::find(folder).ok())
        .try_for_each(|root| refuse_file_of(&root, process, path))
}

fn refuse_file_of(root: &Path, process: &Process, path: &Path) -> Result<()> {
    let full = path.canonicalize().or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        Ok::<_, std::io::Error>(folder.join(path.file_name().unwrap_or_default()))
    });
    let rates = match &process.rates {
        RateSource::File(name) => Some(name.as_str()),
        RateSource::Fixed(_) => None,
    };
    let own = [PROCESS_FILE, DEALS_FILE, HISTORY_FILE, ATTRIBUTES_FILE].into_iter().chain(rates);
    let deals = match &process.deals {
        DealStore::Yaml(folder) => Some(folder.as_str()),
        DealStore::Csv => None,
    };
    let history = match &process.history {
        HistoryStore::Years(folder) => Some(folder.as_str()),
        HistoryStore::OneFile => None,
    };
    let own_folders = [Some(OWN_FOLDER), deals, history].into_iter().flatten();
    // What cannot be looked at cannot be written either, and says so itself.
    let Ok(full) = full else { return Ok(()) };
    let is_own = own.map(|name| root.join(name)).any(|name| name == full)
        || own_folders.map(|name| root.join(name)).any(|folder| full.starts_with(folder));
    if is_own {
        return Err(Error::usage(format!("{} is a file of the pipeline itself", path.display()))
            .hint("write results to another file"));
    }
    Ok(())
}
