//! A few rows of a long deals.csv: only those that are wanted are kept.

use std::borrow::Cow;

use super::blocks::Blocks;
use super::deal_rows::{Looked, required};
use super::sheet::Sheet;
use super::{DEALS_FILE, Folder, Need, Stamps};

/// A long deals.csv that may be read by blocks.
#[derive(Debug)]
pub struct Sieve<'f> {
    folder: &'f Folder,
    stamps: Stamps,
    blocks: Blocks,
}

impl Folder {
    /// A sieve for the deals of this folder; `None` where they are few or kept otherwise, or a change is under way.
    pub fn sieve(&self) -> Option<Sieve<'_>> {
        let stamps = self.long(Need::Deals)?;
        let blocks = Blocks::open(&self.root.join(DEALS_FILE), DEALS_FILE)?;
        Some(Sieve { folder: self, stamps, blocks })
    }
}

impl Sieve<'_> {
    /// A sheet with the columns of the file.
    pub fn head(&self) -> &Sheet {
        self.blocks.head()
    }

    /// The rows that are wanted, as a sheet of their own; `None` where the file must be read as a whole, to say what is wrong
    /// with it, or because it was changed meanwhile.
    pub fn keep(self, wanted: impl Fn(&[Cow<'_, str>]) -> bool + Sync) -> Option<Sheet> {
        let Sieve { folder, stamps, blocks } = self;
        let required = required(blocks.head()).ok()??;
        let mut looked = Looked::of(blocks.head(), required.id, blocks.length()?);
        let mut all = blocks.head().head().to_owned();
        blocks.each(|sheet| {
            let kept = looked.look(
                &folder.process,
                sheet,
                required,
                |_| String::new(),
                |line, cells, kept: &mut String| {
                    if wanted(cells) {
                        kept.push_str(line.text);
                        kept.push('\n');
                    }
                },
            );
            all.extend(kept.ok()?);
            looked.wrong.is_empty().then_some(())
        })?;
        (folder.stamps() == stamps).then(|| Sheet::parse(DEALS_FILE, all.into_bytes()).ok()).flatten()
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
