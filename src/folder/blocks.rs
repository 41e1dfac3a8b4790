//! A long CSV file, read a block at a time, the next while one is looked at. It never is in memory as a whole: half of the
//! time of reading hundreds of megabytes goes into getting memory for them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::mpsc::{channel, sync_channel};

use super::sheet::Sheet;

/// How much is read at once.
const BLOCK: u64 = if cfg!(test) { 256 } else { 8 << 20 };

/// A long file, of which the first block is read.
#[derive(Debug)]
pub(super) struct Blocks {
    file: File,
    first: Sheet,
    /// What was read after the last line feed of the first block.
    begun: Vec<u8>,
}

impl Blocks {
    /// The blocks of the file at `path`, which problems call `name`; `None` where it must be read as a whole, to say what is
    /// wrong with it.
    pub(super) fn open(path: &Path, name: &str) -> Option<Blocks> {
        let mut file = File::open(path).ok()?;
        let (mut block, mut begun) = (Vec::new(), Vec::new());
        read(&mut file, &mut begun, &mut block)?;
        Some(Blocks { first: Sheet::parse(name, block).ok()?, file, begun })
    }

    /// A sheet with the columns of the file.
    pub(super) fn head(&self) -> &Sheet {
        &self.first
    }

    /// How many bytes the file has.
    pub(super) fn length(&self) -> Option<u64> {
        Some(self.file.metadata().ok()?.len())
    }

    /// The file, to read some of its rows once more.
    pub(super) fn file(&self) -> Option<File> {
        self.file.try_clone().ok()
    }

    /// Does `work` with each block, in the order of the file; `None` as soon as it does not want any more, or where the file
    /// must be read as a whole.
    pub(super) fn each(self, mut work: impl FnMut(&Sheet) -> Option<()>) -> Option<()> {
        let Blocks { mut file, first, mut begun } = self;
        work(&first)?;
        let mut start = first.text().len();
        std::thread::scope(|scope| {
            // One block waits while another is looked at; their memory is used again.
            let (give, blocks) = sync_channel(1);
            let (give_back, used) = channel::<Vec<u8>>();
            scope.spawn(move || {
                loop {
                    let mut block = used.try_recv().unwrap_or_default();
                    block.clear();
                    let text =
                        read(&mut file, &mut begun, &mut block).and_then(|()| String::from_utf8(block).ok());
                    match text {
                        Some(text) if text.is_empty() => return Ok(()),
                        Some(text) => give.send(Some(text))?,
                        None => return give.send(None),
                    }
                }
            });
            blocks.into_iter().try_for_each(|text| {
                let text = text?;
                let length = text.len();
                let sheet = first.with_rows(text, start);
                work(&sheet)?;
                start += length;
                // Nobody waits for it after the last block.
                let _ = give_back.send(sheet.into_bytes());
                Some(())
            })
        })
    }
}

/// Reads the next whole lines of a file, after those that were begun, into an empty `block`; what is begun by its end stays
/// in `begun`.
fn read(file: &mut File, begun: &mut Vec<u8>, block: &mut Vec<u8>) -> Option<()> {
    block.reserve(begun.len() + BLOCK as usize);
    block.append(begun);
    let read = file.take(BLOCK).read_to_end(block).ok()?;
    let end = match memchr::memrchr(b'\n', block) {
        Some(feed) if read as u64 == BLOCK => feed + 1,
        _ => block.len(),
    };
    begun.extend_from_slice(&block[end..]);
    block.truncate(end);
    Some(())
}
