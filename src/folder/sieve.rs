//! A few rows of a large deals.csv: it is read a block at a time, the next while one is looked at, and only the rows that are
//! wanted are kept. Half of the time of reading hundreds of megabytes goes into getting memory for them.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use super::deal_rows::{Looked, look, required};
use super::ids::{Ids, Place};
use super::sheet::Sheet;
use super::store::Reader;
use super::{DEALS_FILE, Folder, Need, Source, Stamp};
use crate::process::DealStore;

/// How much is read at once.
const BLOCK: u64 = if cfg!(test) { 256 } else { 4 << 20 };

/// About how many bytes the shortest rows have.
const SHORT: u64 = 64;

/// A large deals.csv, of which the first block is read.
#[derive(Debug)]
pub struct Sieve<'f> {
    folder: &'f Folder,
    stamps: Vec<(PathBuf, Option<Stamp>)>,
    file: File,
    first: Sheet,
    /// What was read after the last line feed of the first block.
    begun: Vec<u8>,
}

/// What was seen of some rows.
#[derive(Default)]
struct Seen<'a> {
    ids: Vec<Cow<'a, str>>,
    /// The rows that are wanted, each with a line feed.
    kept: String,
}

impl Folder {
    /// A sieve for the deals of this folder; `None` where they are few or kept otherwise, or a change is under way.
    pub fn sieve(&self) -> Option<Sieve<'_>> {
        let plain = matches!((&self.source, &self.process.deals), (Source::Disk, DealStore::Csv));
        let stamps = self.stamps();
        if !plain || !self.is_large(Need::Deals) || !Reader::new(self).is_ok_and(|reader| reader.is_settled())
        {
            return None;
        }
        let mut file = File::open(self.root.join(DEALS_FILE)).ok()?;
        let (block, begun) = block(&mut file, Vec::new())?;
        let first = Sheet::parse(DEALS_FILE, block).ok()?;
        Some(Sieve { folder: self, stamps, file, first, begun })
    }
}

/// The next whole lines of a file, after those that were begun; and those that are begun by its end.
fn block(file: &mut File, mut begun: Vec<u8>) -> Option<(Vec<u8>, Vec<u8>)> {
    let read = file.take(BLOCK).read_to_end(&mut begun).ok()?;
    let end = match memchr::memrchr(b'\n', &begun) {
        Some(feed) if read as u64 == BLOCK => feed + 1,
        _ => begun.len(),
    };
    let rest = begun.split_off(end);
    Some((begun, rest))
}

impl Sieve<'_> {
    /// A sheet with the columns of the file.
    pub fn head(&self) -> &Sheet {
        &self.first
    }

    /// The rows that are wanted, as a sheet of their own; `None` where the file must be read as a whole, to say what is wrong
    /// with it, or because it was changed meanwhile.
    pub fn keep(self, wanted: impl Fn(&[Cow<'_, str>]) -> bool + Sync) -> Option<Sheet> {
        let Sieve { folder, stamps, mut file, first, mut begun } = self;
        let required = required(&first).ok()??;
        let rows = file.metadata().ok()?.len() / SHORT;
        let mut ids: Option<Ids<'static>> = None;
        let mut kept = first.head().to_owned();
        let mut sift = |sheet: &Sheet| {
            let Looked { made, wrong, .. } = look(
                &folder.process,
                sheet,
                required,
                |_| Seen::default(),
                |line, cells, seen| {
                    if wanted(cells) {
                        seen.kept.push_str(line.text);
                        seen.kept.push('\n');
                    }
                    seen.ids.push(std::mem::take(&mut cells[required.id]));
                },
            )
            .ok()?;
            if !wrong.is_empty() {
                return None;
            }
            for Seen { ids: more, kept: rows_kept } in made {
                kept.push_str(&rows_kept);
                for id in more {
                    let ids = ids.get_or_insert_with(|| Ids::like(&id, rows as usize));
                    if ids.place(&id).is_some() {
                        return None;
                    }
                    ids.set(Cow::Owned(id.into_owned()), Place::LeftOut);
                }
            }
            Some(())
        };
        sift(&first)?;
        std::thread::scope(|scope| {
            // One block waits while another is looked at.
            let (give, blocks) = sync_channel(1);
            scope.spawn(move || {
                loop {
                    let Some((whole, rest)) = block(&mut file, std::mem::take(&mut begun)) else {
                        return give.send(None);
                    };
                    if whole.is_empty() {
                        return Ok(());
                    }
                    begun = rest;
                    give.send(Some(whole))?;
                }
            });
            blocks.into_iter().try_for_each(|block| sift(&first.with_rows(String::from_utf8(block?).ok()?)))
        })?;
        (folder.stamps() == stamps).then(|| Sheet::parse(DEALS_FILE, kept.into_bytes()).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: &str = "stages:\n  - {id: talk}\n  - {id: won, outcome: won}\n";

    fn folder(deals: &str) -> (tempfile::TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(super::super::PROCESS_FILE), PROCESS).unwrap();
        std::fs::write(root.path().join(DEALS_FILE), deals).unwrap();
        let folder = Folder::open(root.path().to_owned()).unwrap();
        (root, folder)
    }

    fn kept(deals: &str) -> Option<String> {
        let (_root, folder) = folder(deals);
        let sheet = folder.sieve()?.keep(|cells| &*cells[2] == "won")?;
        Some(sheet.rows().map(|line| line.unwrap().text.to_owned() + "\n").collect())
    }

    #[test]
    fn the_rows_that_are_wanted_are_those_of_the_whole_file() {
        let mut dice = fastrand::Rng::with_seed(5);
        let mut long = 0;
        for _ in 0..300 {
            let feed = if dice.bool() { "\n" } else { "\r\n" };
            let mut deals = format!("id,name,stage{feed}");
            for nth in 0..dice.usize(..120) {
                let name = ["Acme", "\"Acme, \"\"the\"\" first\"", "潛力股份有限公司", "5\" pipe", ""]
                    [dice.usize(..5)];
                deals +=
                    &[&format!("d{nth},{name},"), ["won", "talk", "\"won\""][dice.usize(..3)], feed].concat();
            }
            let sheet = Sheet::parse(DEALS_FILE, deals.clone().into_bytes()).unwrap();
            let lines = sheet.rows().map(|line| line.unwrap().text);
            let expected: String = lines
                .filter(|row| row.ends_with("won") || row.ends_with("\"won\""))
                .map(|row| row.to_owned() + "\n")
                .collect();
            match kept(&deals) {
                Some(kept) => assert_eq!(kept, expected, "{deals}"),
                None => assert!(deals.len() <= 512, "{deals}"),
            }
            long += usize::from(deals.len() > 1024);
        }
        assert!(long > 100);
    }

    #[test]
    fn a_file_with_anything_wrong_is_read_as_a_whole() {
        let row = |id: &str, cells: &str| format!("{id},{cells}\n");
        let sound: String = (0..80).map(|nth| row(&format!("deal-{nth}"), "Acme,won")).collect();
        let with = |row: &str| format!("id,name,stage\n{sound}{row}");
        assert!(kept(&with("")).is_some());
        for wrong in [
            "deal-3,Acme,won\n",
            "new,Acme,nowhere\n",
            "new,Acme\n",
            "new,\"Acme,won\n",
            "new,A\"c\"me,won\n,x,won\n",
        ] {
            assert_eq!(kept(&with(wrong)), None, "{wrong}");
        }
        let (root, folder) = folder(&with(""));
        let sieve = folder.sieve().unwrap();
        std::fs::write(root.path().join(DEALS_FILE), with("new,Acme,won\n")).unwrap();
        assert!(sieve.keep(|_| true).is_none(), "it was changed meanwhile");
    }
}
