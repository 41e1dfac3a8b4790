//! The files of a pipeline: finding, reading, and the one door through which they change. The only room that touches
//! the disk.

mod another;
pub mod arrivals;
pub mod audit;
mod blocks;
pub mod change;
pub mod convert;
mod deal_files;
pub mod deal_rows;
mod disk;
pub mod door;
mod effects;
mod end;
pub mod erase;
mod fault;
pub mod history;
pub mod hooks;
mod ids;
mod journal;
pub mod ledger;
pub mod load;
pub mod lost;
pub mod make;
mod marks;
mod origin;
pub mod own;
pub mod renumber;
pub mod rows;
mod schema;
pub mod sheet;
pub mod sieve;
mod store;
mod turn;
pub mod undo;
mod years;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::deal::money::{Currency, Rates, parse_rate};
use crate::deal::time::parse_day;
use crate::error::{Error, Result};
use crate::git;
use crate::problem::Problem;
use crate::process::{self, DealStore, HistoryStore, Process, RateSource};

use another::Another;
use journal::JOURNAL;
use sheet::Sheet;
use store::Reader;

/// The file that says what the process is, and that marks a folder as a pipeline.
pub const PROCESS_FILE: &str = "pipeline.yaml";
/// The file with one row per deal.
pub const DEALS_FILE: &str = "deals.csv";
/// The file with one row per event.
pub const HISTORY_FILE: &str = "history.csv";
/// The file that tells git how to merge the others.
pub const ATTRIBUTES_FILE: &str = ".gitattributes";
/// The folder with the lock; git ignores it.
pub const OWN_FOLDER: &str = ".pipeline";

/// Files of fewer bytes are read one after the other: to begin on another core costs more.
const LARGE: u64 = if cfg!(test) { 512 } else { 4 << 20 };

/// How often a reader tries for files that do not change under it, before it waits for whoever changes them.
const TRIES: usize = 3;

/// Where a folder's files are read from.
#[derive(Clone, Debug)]
enum Source {
    Disk,
    Commit(String),
}

/// A pipeline: a folder with a process, deals and history.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    source: Source,
    process: Process,
    /// What `pipeline.yaml` held when the process was read.
    text: String,
    /// Where the process was read from, if not from `pipeline.yaml`.
    another: Option<Another>,
}

/// The files of a folder, read so that they belong together.
#[derive(Clone, Debug)]
pub struct Files {
    /// The deals, wherever they are kept; an empty sheet where there is none.
    pub deals: Sheet,
    /// The history, wherever it is kept; an empty sheet where there is none, or where it was not asked for.
    pub history: Sheet,
}

impl Files {
    /// Deals, without any history.
    pub fn of_deals(deals: Sheet) -> Files {
        Files { deals, history: Sheet::default() }
    }
}

/// Which files a reader needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// deals.csv alone: the state of today.
    Deals,
    /// history.csv too.
    History,
}

impl Folder {
    /// Finds the folder as git finds a repository: `start` or the first folder above it with a `pipeline.yaml`.
    pub fn find(start: &Path) -> Result<PathBuf> {
        let full = start.canonicalize().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => {
                Error::not_found(format!("there is no folder {}", start.display()))
                    .hint("see what -C or PIPELINE_DIR says; `pipeline init DIR` makes one")
            }
            _ => Error::io("open the folder", start, source),
        })?;
        let found = full.ancestors().find(|folder| folder.join(PROCESS_FILE).is_file());
        found.map(Path::to_path_buf).ok_or_else(|| {
            Error::not_found(format!("no {PROCESS_FILE} in {} or any folder above it", start.display()))
                .hint("make a pipeline here with `pipeline init`, or name its folder with -C DIR")
        })
    }

    /// Opens the pipeline in `root` and reads its process.
    pub fn open(root: PathBuf) -> Result<Folder> {
        Folder::from(root, Source::Disk)
    }

    /// The pipeline in `root` as it was at a git revision; it can only be read.
    pub fn at_revision(root: PathBuf, revision: &str) -> Result<Folder> {
        let commit = git::commit_of(&root, revision)?;
        Folder::from(root, Source::Commit(commit))
    }

    fn from(root: PathBuf, source: Source) -> Result<Folder> {
        let finished = match source {
            Source::Disk => Reader::finished(&root, PROCESS_FILE)?,
            Source::Commit(_) => None,
        };
        let bytes = finished.map_or_else(|| read(&root, &source, PROCESS_FILE), |bytes| Ok(Some(bytes)))?;
        let bytes = bytes.ok_or_else(|| {
            Error::not_found(format!("no {PROCESS_FILE} in {} at that revision", root.display()))
        })?;
        let text = text_of(PROCESS_FILE, bytes)?;
        let process = process::read(PROCESS_FILE, &text)?;
        Ok(Folder { root, source, process, text, another: None })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tool's own folder in it, which is not there before the first change.
    fn own(&self) -> PathBuf {
        self.root.join(OWN_FOLDER)
    }

    /// What it is called where several stand side by side: the name of its process, else that of its folder.
    pub fn name(&self) -> String {
        if !self.process.name.is_empty() {
            return self.process.name.clone();
        }
        let name = self.root.file_name().unwrap_or(self.root.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// What its `pipeline.yaml` says, or the file that was named instead.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What the file is called that the process stands in.
    pub fn process_file(&self) -> &str {
        self.another.as_ref().map_or(PROCESS_FILE, |another| &another.file)
    }

    /// The text of that file, for saying where something stands in it.
    pub fn process_text(&self) -> &str {
        self.another.as_ref().map_or(&self.text, |another| &another.text)
    }

    /// Reads the files that are needed, so that they belong together: none of them changed while we read.
    pub fn read(&self, need: Need) -> Result<Files> {
        for _ in 0..TRIES {
            let before = self.stamps();
            let files = self.read_once(need);
            // What went wrong while somebody changed them may be right the next time.
            if before == self.stamps() {
                return files;
            }
        }
        // Somebody keeps changing them: wait for the change under way, and read before the next.
        let _turn = turn::Turn::watch(&self.own(), turn::WAIT)?;
        self.read_once(need)
    }

    fn read_once(&self, need: Need) -> Result<Files> {
        let reader = Reader::new(self)?;
        // Another command may have moved the deals elsewhere since.
        if matches!(self.source, Source::Disk)
            && reader.file(PROCESS_FILE)?.as_deref() != Some(self.text.as_bytes())
        {
            let message = format!("{PROCESS_FILE} was changed just now; nothing was changed by this command");
            return Err(Error::failed(message).hint("run the command again"));
        }
        let history = || match need {
            Need::Deals => Ok(Sheet::parse(HISTORY_FILE, Vec::new())?),
            Need::History => reader.history(),
        };
        let deals = || reader.deals();
        let (history, deals) = if need == Need::History && self.is_large(need) {
            rayon::join(history, deals)
        } else {
            (history(), deals())
        };
        Ok(Files { history: history?, deals: deals? })
    }

    /// Whether what is to be read is long.
    fn is_large(&self, need: Need) -> bool {
        let stamps = match need {
            Need::Deals => store::deal_stamps(self),
            Need::History => self.stamps(),
        };
        stamps.into_iter().filter_map(|(_, stamp)| Some(stamp?.length)).sum::<u64>() > LARGE
    }

    /// The stamps of files that may be read by blocks: long ones, CSV on disk, with no change under way; `None` elsewhere.
    fn long(&self, need: Need) -> Option<Stamps> {
        let plain = matches!((&self.source, &self.process.deals), (Source::Disk, DealStore::Csv))
            && (need == Need::Deals || self.process.history == HistoryStore::OneFile);
        if !plain || !self.is_large(need) {
            return None;
        }
        let stamps = self.stamps();
        Reader::new(self).is_ok_and(|reader| reader.is_settled()).then_some(stamps)
    }

    /// What tells that the files are still those that were read.
    fn stamps(&self) -> Stamps {
        match self.source {
            Source::Commit(_) => Vec::new(),
            Source::Disk => {
                let mut stamps = store::deal_stamps(self);
                stamps.extend(store::history_stamps(self));
                stamps.extend(store::stamped(vec![self.own().join(JOURNAL)]));
                stamps
            }
        }
    }

    /// The exchange rates that the process states or points to.
    pub fn rates(&self) -> Result<Rates> {
        match &self.process.rates {
            RateSource::Fixed(rates) => Ok(rates.clone()),
            RateSource::File(name) => {
                let bytes = read(&self.root, &self.source, name)?.ok_or_else(|| {
                    Problem::error(
                        self.process_file(),
                        None,
                        format!("there is no {name}, which `rates` names"),
                    )
                    .help("make the file with the columns day,currency,rate")
                })?;
                Ok(read_rates(&Sheet::parse(name, bytes)?)?)
            }
        }
    }
}

/// Files, and what they were known by.
type Stamps = Vec<(PathBuf, Option<Stamp>)>;

/// The identity, size and time of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    identity: (u64, u64),
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        let about = std::fs::metadata(path).ok()?;
        Some(Stamp {
            identity: (about.dev(), about.ino()),
            length: about.len(),
            modified: about.modified().ok(),
        })
    }
}

fn read(root: &Path, source: &Source, name: &str) -> Result<Option<Vec<u8>>> {
    match source {
        Source::Commit(commit) => git::file_at(root, commit, name),
        Source::Disk => disk::read(&root.join(name)),
    }
}

/// The text of a file of settings.
fn text_of(file: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes)
        .map_err(|_| Problem::error(file, None, "this is not UTF-8 text").help("save it as UTF-8"))
}

/// Reads `day,currency,rate`; all problems at once.
fn read_rates(sheet: &Sheet) -> Result<Rates, Vec<Problem>> {
    if sheet.columns() != ["day", "currency", "rate"] {
        let problem = Problem::error(sheet.file(), None, "the columns are not day,currency,rate");
        return Err(vec![problem.help("make day,currency,rate the first line")]);
    }
    let (mut rates, mut problems, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    for line in sheet.rows() {
        let line = line.map_err(|problem| vec![problem])?;
        if let Err(problem) = sheet.split(line, &mut cells) {
            problems.push(problem);
            continue;
        }
        let day = parse_day(&cells[0]);
        let currency = Currency::named(&cells[1]);
        let rate = parse_rate(&cells[2]);
        match (day, currency, rate) {
            (Some(day), Some(currency), Some(rate)) => rates.push((currency, Some(day), rate)),
            (None, ..) => {
                let problem = sheet.at_cell(line, 0, format!("`{}` is no day", cells[0]));
                problems.push(problem.help("write it as 2026-07-14"));
            }
            (_, None, _) => {
                let problem = sheet.at_cell(line, 1, format!("`{}` is no currency", cells[1]));
                problems.push(problem.help("write its ISO 4217 code, such as USD or EUR"));
            }
            (.., None) => {
                let problem =
                    sheet.at_cell(line, 2, format!("`{}` is no rate above 0 and up to 1000000000", cells[2]));
                problems.push(
                    problem.help("write how much of the reporting currency one of it is, such as 1.08"),
                );
            }
        }
    }
    if problems.is_empty() { Ok(Rates::new(rates)) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_no_amount_can_be_multiplied_with_is_refused() {
        let refused = |rate: &str| {
            let text = format!("day,currency,rate\n2026-01-01,EUR,{rate}\n");
            let sheet = Sheet::parse("rates.csv", text.into_bytes()).unwrap();
            read_rates(&sheet).err().map(|problems| problems[0].to_string())
        };
        assert_eq!(refused("1.08"), None);
        assert_eq!(refused("1000000000"), None);
        for rate in ["1000000000.1", "79228162514264337593543950335", "0", "-1", "1e3", "+1", ""] {
            let expected = format!("rates.csv:2:16: `{rate}` is no rate above 0 and up to 1000000000");
            assert_eq!(refused(rate).as_deref(), Some(&*expected), "{rate}");
        }
    }
}
