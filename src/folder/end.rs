//! How a history ends: what a change has to know before it adds rows. It is remembered from one change to the next, so
//! that a move opens the history for reading only where somebody else wrote to it since.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::history::{History, deal_of};
use super::journal::Edit;
use super::sheet::{Line, Sheet, cells};
use super::{OWN_FOLDER, Stamp, disk};
use crate::deal::event;
use crate::deal::time::Instant;
use crate::error::{Error, Result};

/// The name of the memory in the tool's own folder.
const MEMORY: &str = "end";

/// How much of the start and of the end of a history is looked at where nothing is remembered, in bytes.
const GLANCE: u64 = 1 << 16;

/// The end of a file of history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// There is no file, or nothing in it.
    #[default]
    Nothing,
    /// Its last line ends, or does not.
    Line {
        /// Whether a line break stands at its end.
        ends: bool,
        /// When its last row happened, or a later one before it as far as is remembered; `None` where it has none.
        last: Option<Instant>,
    },
}

/// What is remembered: the end of each file of history that the last change added to.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Memory(Vec<Remembered>);

/// A file as the last change left it.
#[derive(Debug, Deserialize, Serialize, PartialEq, Eq)]
struct Remembered {
    file: String,
    device: u64,
    inode: u64,
    length: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    last: Option<String>,
}

impl Remembered {
    /// A file as it stands; `None` where there is none.
    fn now(root: &Path, file: &str, last: Option<Instant>) -> Option<Remembered> {
        let Stamp { identity: (device, inode), length, modified } = Stamp::of(&root.join(file))?;
        let modified = modified?.duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64;
        let last = last.map(|last| last.to_string());
        Some(Remembered { file: file.to_owned(), device, inode, length, modified, last })
    }
}

impl End {
    /// How a file of history ends, from memory where it is as the last change left it.
    ///
    /// Errors: it is no history, or its last line is no row, so that what is added would not be read again.
    pub(super) fn of(root: &Path, file: &str) -> Result<End> {
        let memory = recall(root).0.into_iter().find(|known| known.file == file);
        if let Some(known) = memory {
            let last = known.last.as_deref().and_then(Instant::parse);
            if Remembered::now(root, file, last).is_some_and(|now| now == known) {
                return Ok(End::Line { ends: true, last });
            }
        }
        let path = root.join(file);
        let (start, end) = glance(&path).map_err(|error| Error::io("read", &path, error))?;
        End::seen(file, &start, &end)
    }

    /// The end of a history, of which these are the first and the last bytes. A change does not cost the reading of the
    /// rest.
    fn seen(file: &str, start: &[u8], end: &[u8]) -> Result<End> {
        let Some(byte) = end.last() else { return Ok(End::Nothing) };
        let header = start.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let sheet = Sheet::parse(file, header.to_vec())?;
        History::of(&sheet)?;
        let ends = *byte == b'\n';
        let text = String::from_utf8_lossy(end);
        // A line that does not start within the glance is left alone.
        let Some((_, last)) = text.trim_end_matches(['\n', '\r']).rsplit_once('\n') else {
            return Ok(End::Line { ends, last: None });
        };
        // No mark of a conflict, nor half a row that an open quote or a crash left.
        let whole = last.matches('"').count() % 2 == 0 && cells(last).count() == event::COLUMNS.len();
        if !whole {
            return Err(Error::failed(format!("the last line of {file} is no event; nothing was changed"))
                .hint("`pipeline check` says what is wrong there"));
        }
        Ok(End::Line { ends, last: first_cell(last) })
    }

    /// When the last row happened, as far as is known.
    pub(super) fn last(self) -> Option<Instant> {
        match self {
            End::Nothing => None,
            End::Line { last, .. } => last,
        }
    }
}

/// The ids that the last rows of a history name.
pub(super) fn lately(root: &Path, file: &str) -> Result<Vec<String>> {
    let path = root.join(file);
    let end =
        open(&path).and_then(|file| file.map_or_else(|| Ok(Vec::new()), |mut file| last_bytes(&mut file)));
    let end = end.map_err(|error| Error::io("read", &path, error))?;
    let text = String::from_utf8_lossy(&end);
    // The first line is the header, or not whole.
    let rows = text.lines().skip(1).map(|text| Line { start: 0, text });
    Ok(rows.filter_map(deal_of).map(Cow::into_owned).collect())
}

/// The instant at the start of a row.
fn first_cell(row: &str) -> Option<Instant> {
    cells(row).next()?.ok().and_then(|at| Instant::parse(&at.value()))
}

/// The first and the last bytes of a file; none where it is empty or not there.
fn glance(path: &Path) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let mut start = Vec::new();
    let Some(mut file) = open(path)? else { return Ok((start, Vec::new())) };
    (&mut file).take(GLANCE).read_to_end(&mut start)?;
    Ok((start, last_bytes(&mut file)?))
}

/// A file to look at; `None` where there is none.
fn open(path: &Path) -> std::io::Result<Option<File>> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => File::open(path).map(Some),
        // What is no file is refused where it would be written.
        Ok(_) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn last_bytes(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut end = Vec::new();
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(GLANCE)))?;
    file.read_to_end(&mut end)?;
    Ok(end)
}

/// The lengths of the files of history that edits add to, before they are made.
pub(super) fn lengths(root: &Path, edits: &[Edit<'_>]) -> Vec<u64> {
    appended(edits).map(|(file, _)| fs::metadata(root.join(file)).map_or(0, |about| about.len())).collect()
}

/// Remembers how the files end that edits, made just now, added rows to. What cannot be remembered is looked at the next
/// time.
pub(super) fn remember(root: &Path, edits: &[Edit<'_>], before: &[u64]) {
    let past = recall(root).0;
    let known = |((file, text), before): ((&str, &str), &u64)| {
        // A backdated row does not make the one before it later.
        let known = past.iter().find(|known| known.file == file && known.length == *before);
        let earlier = known.and_then(|known| known.last.as_deref()).and_then(Instant::parse);
        let last = text.lines().next_back().and_then(first_cell).max(earlier);
        let known = Remembered::now(root, file, last)?;
        // Somebody else was faster: what stands at the end is not ours.
        (known.length == before + text.len() as u64).then_some(known)
    };
    let memory = Memory(appended(edits).zip(before).filter_map(known).collect());
    if memory.0.is_empty() {
        return;
    }
    if let Ok(bytes) = serde_json::to_vec(&memory) {
        let _ = disk::write_over(&memory_of(root), &bytes);
    }
}

fn recall(root: &Path) -> Memory {
    let bytes = fs::symlink_metadata(memory_of(root))
        .ok()
        .filter(|about| about.is_file() && about.len() <= GLANCE)
        .and_then(|_| fs::read(memory_of(root)).ok());
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn memory_of(root: &Path) -> PathBuf {
    root.join(OWN_FOLDER).join(MEMORY)
}

/// The files of history that edits add to, with what they add: only our own files are added to beside them.
fn appended<'e>(edits: &'e [Edit<'_>]) -> impl Iterator<Item = (&'e str, &'e str)> {
    edits.iter().filter_map(|edit| match edit {
        Edit::Append { file, text } if !file.starts_with(OWN_FOLDER) => Some((file.as_str(), text.as_str())),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::event::HEADER;

    const ROW: &str = "2026-01-01T00:00:00Z,d1,note,,,,ana,\"a, b\"\n";

    #[test]
    fn a_history_grows_only_where_what_is_added_will_be_read() {
        let grows = |text: &str| End::seen("history.csv", text.as_bytes(), text.as_bytes()).is_ok();
        assert!(grows(""));
        assert!(grows(HEADER));
        assert!(grows(&format!("\u{feff}{HEADER}\r\n")));
        assert!(grows(&format!("{HEADER}\n{ROW}")));
        assert!(!grows(&ROW.repeat(2)));
        assert!(!grows(&format!("{HEADER}\n{ROW}>>>>>>> other\n")));
        assert!(!grows(&format!("{HEADER}\n2026-01-01T00:00:00Z,d1,note,,,,ana,\"open\n")));
        assert!(!grows(&format!("{HEADER}\n{ROW}2026-01-01T00:")));
    }

    #[test]
    fn what_is_remembered_is_what_would_be_seen_and_only_of_that_very_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join(OWN_FOLDER)).unwrap();
        let path = root.join("history.csv");
        fs::write(&path, format!("{HEADER}\n{ROW}")).unwrap();
        let edits = [Edit::Append { file: "history.csv".to_owned(), text: ROW.to_owned() }];
        let before = lengths(root, &edits);
        assert_eq!(before, [(HEADER.len() + 1 + ROW.len()) as u64]);
        fs::write(&path, format!("{HEADER}\n{ROW}{ROW}")).unwrap();
        remember(root, &edits, &before);
        let at = Instant::parse("2026-01-01T00:00:00Z");
        let sound = End::Line { ends: true, last: at };
        assert_eq!(recall(root).0.len(), 1);
        assert_eq!(End::of(root, "history.csv").unwrap(), sound);
        // As long as before, but another file.
        fs::remove_file(&path).unwrap();
        fs::write(&path, format!("{HEADER}\n{}", "x".repeat(ROW.len() * 2))).unwrap();
        assert!(End::of(root, "history.csv").is_err());
        // Rows of somebody else came in between.
        fs::write(&path, format!("{HEADER}\n{ROW}{ROW}{ROW}")).unwrap();
        fs::remove_file(memory_of(root)).unwrap();
        remember(root, &edits, &before);
        assert!(recall(root).0.is_empty());
        assert_eq!(End::of(root, "history.csv").unwrap(), sound);
        assert_eq!(End::of(root, "history/2026.csv").unwrap(), End::Nothing);
    }

    #[test]
    fn a_memory_that_came_with_the_folder_is_not_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join(OWN_FOLDER)).unwrap();
        let victim = root.join("victim");
        fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, memory_of(root)).unwrap();
        fs::write(root.join("history.csv"), ROW).unwrap();
        let edits = [Edit::Append { file: "history.csv".to_owned(), text: ROW.to_owned() }];
        remember(root, &edits, &[0]);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(recall(root).0.is_empty());
    }
}
