//! The files that a book is made from: long ones are read by blocks, and are never in memory as a whole.

use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use super::blocks::Blocks;
use super::load::{Loaded, Loading, Unsound, load};
use super::{DEALS_FILE, Files, Folder, HISTORY_FILE, Need, Stamps};
use crate::error::{Error, Result};

/// The files of a folder before a book is made from them.
#[derive(Debug)]
pub struct Ledger<'f> {
    folder: &'f Folder,
    files: Kept,
}

#[derive(Debug)]
enum Kept {
    Whole(Files),
    Long(Long),
}

/// Long files.
#[derive(Debug)]
pub(super) struct Long {
    stamps: Stamps,
    deals: Blocks,
    history: Blocks,
}

impl Folder {
    /// The files that a book is made from.
    pub fn ledger(&self) -> Result<Ledger<'_>> {
        let files = match self.by_blocks() {
            Some(long) => Kept::Long(long),
            None => Kept::Whole(self.read(Need::History)?),
        };
        Ok(Ledger { folder: self, files })
    }

    /// Both files, where they are long and no change is under way.
    pub(super) fn by_blocks(&self) -> Option<Long> {
        let stamps = self.long(Need::History)?;
        let open = |name: &str| Blocks::open(&self.root.join(name), name);
        Some(Long { stamps, deals: open(DEALS_FILE)?, history: open(HISTORY_FILE)? })
    }
}

impl Ledger<'_> {
    /// The columns of the deals.
    pub fn columns(&self) -> &[String] {
        match &self.files {
            Kept::Whole(files) => files.deals.columns(),
            Kept::Long(long) => long.deals.head().columns(),
        }
    }

    /// The book, as [`load`] makes it.
    pub fn load(self, fields: &[String], unsound: Unsound) -> Result<Loaded> {
        let (folder, columns) = (self.folder, self.columns().to_vec());
        let files = match self.files {
            Kept::Whole(files) => files,
            Kept::Long(long) => match long.load(folder, fields) {
                Some(loaded) => return Ok(loaded),
                None => folder.read(Need::History)?,
            },
        };
        if files.deals.columns() != columns {
            let message = format!("the columns of {DEALS_FILE} were changed just now");
            return Err(Error::failed(message).hint("run the command again"));
        }
        Ok(load(&folder.process, &files.deals, &files.history, fields, unsound)?)
    }
}

impl Long {
    /// The book; `None` where a file must be read as a whole, to say what is wrong with it or how much is left out, or because
    /// it was changed meanwhile.
    pub(super) fn load(self, folder: &Folder, fields: &[String]) -> Option<Loaded> {
        let Long { stamps, deals, history } = self;
        let mut loading = Loading::of(&folder.process, fields, deals.head(), deals.length()?).ok()?;
        let file = history.file()?;
        deals.each(|sheet| {
            loading.deals(sheet).ok()?;
            loading.is_sound().then_some(())
        })?;
        history.each(|sheet| {
            loading.history(sheet).ok()?;
            loading.is_sound().then_some(())
        })?;
        let failed = AtomicBool::new(false);
        let row_at = |start: u64| {
            row_at(&file, start).unwrap_or_else(|| {
                failed.store(true, Ordering::Relaxed);
                String::new()
            })
        };
        let loaded = loading.finish(Unsound::Refuse, &row_at).ok()?;
        (!failed.into_inner() && folder.stamps() == stamps).then_some(loaded)
    }
}

/// The row that starts at a byte of a file of one row a line.
fn row_at(file: &std::fs::File, start: u64) -> Option<String> {
    let (mut row, mut part) = (Vec::new(), [0; 512]);
    loop {
        let read = file.read_at(&mut part, start + row.len() as u64).ok()?;
        row.extend_from_slice(&part[..read]);
        if let Some(feed) = memchr::memchr(b'\n', &row) {
            row.truncate(feed - usize::from(row[..feed].ends_with(b"\r")));
            break;
        }
        if read == 0 {
            break;
        }
    }
    String::from_utf8(row).ok()
}
