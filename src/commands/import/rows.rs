//! `pipeline import csv|jsonl|yaml`: any file with a deal a row.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;
use rustc_hash::FxHashSet;

use super::super::add::NewIds;
use super::super::context::Context;
use super::super::dating::Past;
use super::super::options::Changing;
use super::files::{mapping, pairs, read, write_mapping};
use super::known::FromSource;
use super::told;
use crate::deal::columns::WITH_MOVES;
use crate::error::{Error, Result};
use crate::exchange::crm::Taken;
use crate::exchange::csv::{Deal, Import as Reader, Source, source_of};
use crate::exchange::incoming::Incoming;
use crate::exchange::mapping::Mapping;
use crate::exchange::plan::{Fate, Here, Planner};
use crate::exchange::table::{Table, Written, separator};
use crate::folder::door::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::{and, count};
use crate::metrics::figures::Row;
use crate::output::escape::{Breaks, escape};
use crate::process::Process;

/// From any CSV file with a row per deal: all rows or none
///
/// Columns of the same name are taken as they are, others are mapped with --map or kept under their own name. Stages
/// are found by id or name, without regard to case. No date is ever made up: a deal without one keeps the cell empty.
///
/// Cells may stand between commas, semicolons or tabs, in UTF-8, UTF-16 or Latin-1; of an xlsx
/// workbook the first sheet is taken. A column mapped to `source_id` makes
/// deals known again: a second import of a newer file sets what changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import csv deals.csv --dry-run
  pipeline import csv crm.csv --map source_id=opportunity_id --map owner=sales_agent \\
      --stage Engaging=contact --dates mdy
  pipeline import csv crm.csv --mapping crm.yaml

A mapping file says the same in YAML:
  map: {source_id: opportunity_id, owner: sales_agent}
  stages: {Engaging: contact}
  dates: mdy")]
pub(super) struct Csv {
    #[command(flatten)]
    rows: Rows,
}

/// From JSON lines: an object a line, each a deal
///
/// A JSON file with a list of objects will do too. Keys are columns, as those of a CSV file are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import jsonl deals.jsonl --dry-run
  curl -s https://example.com/api/deals | pipeline import jsonl /dev/stdin --map source_id=key")]
pub(super) struct Jsonl {
    #[command(flatten)]
    rows: Rows,
}

/// From YAML: a list of maps, each a deal
///
/// Keys are columns, as those of a CSV file are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import yaml deals.yaml --dry-run
  pipeline import yaml deals.yaml --map source_id=key")]
pub(super) struct Yaml {
    #[command(flatten)]
    rows: Rows,
}

/// A file of deals, and how to read it.
#[derive(Debug, Args)]
struct Rows {
    /// The file
    file: PathBuf,
    /// Our column and the file's; may be given several times
    #[arg(long, value_name = "OURS=THEIRS")]
    map: Vec<String>,
    /// The file's word for a stage and our stage; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    stage: Vec<String>,
    /// The file's word for an owner and ours; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    owner: Vec<String>,
    /// The file's word for a currency and its ISO 4217 code; may be given several times
    #[arg(long, value_name = "THEIRS=CODE")]
    currency: Vec<String>,
    /// How the file writes dates: dmy, mdy, or a form such as %m/%d/%Y
    #[arg(long, value_name = "FORM")]
    dates: Option<String>,
    /// A YAML file that says all this
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Write what was taken for what to a new YAML file, to be changed and given back
    #[arg(long, value_name = "FILE")]
    write_mapping: Option<PathBuf>,
    /// Of a dry run, this table alone: plan or taken
    #[arg(long, value_name = "NAME", requires = "dry_run")]
    section: Option<String>,
    #[command(flatten)]
    changing: Changing,
}

impl Csv {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.rows.run(Written::Separated, context)
    }
}

impl Jsonl {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.rows.run(Written::Json, context)
    }
}

impl Yaml {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.rows.run(Written::Yaml, context)
    }
}

impl Rows {
    fn run(self, written: Written, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let mapping = self.how()?;
        let name = self.file.display().to_string();
        let sheet = sheet(&self.file, written)?;
        if sheet.columns().is_empty() {
            return Err(Error::failed(format!("{name} is empty"))
                .hint("its first line names the columns, and each line after it is a deal"));
        }
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let reader = Reader { process, mapping: &mapping, today: clock.today };
        let sources = reader.sources(&sheet)?;
        // Files without such a column have no deal that could be known again.
        let here = match source_of(&sources, "source_id") {
            Some(_) => FromSource::of(&door)?,
            None => FromSource::default(),
        };
        let past = if here.is_empty() { None } else { Some(Past::of(door.history()?)?) };
        let mut ids = NewIds::of(&door)?;
        Reader::given(&sheet, &sources).for_each(|id| ids.pass(&id));
        let taken: FxHashSet<Cow<'_, str>> = match source_of(&sources, "id") {
            Some(_) => door.ids()?.into_iter().collect(),
            None => FxHashSet::default(),
        };
        let by = Context::user(&self.changing, &folder);
        let desk = Planner { process, now: clock.now, by: &by };
        let mut arrivals = door.room(sources.iter().map(|source| source.target.as_str()));
        let of_columns: Vec<Option<usize>> =
            arrivals.columns().iter().map(|column| source_of(&sources, column)).collect();
        let [id_column, name_column] =
            ["id", "name"].map(|name| arrivals.columns().iter().position(|column| column == name));
        let [of_name, of_created, of_stage] =
            ["name", "created", "stage"].map(|target| source_of(&sources, target));
        let dry = self.changing.dry_run;
        let (mut events, mut tally) = (Vec::new(), Tally::default());
        let each = |deal: &Deal<'_>| {
            let cell = |of: Option<usize>| of.map_or("", |of| &*deal.cells[of]);
            tally.rows += 1;
            if !deal.known {
                let id = if deal.id.is_empty() { ids.next()?.into() } else { Cow::Borrowed(deal.id) };
                arrivals.push(of_columns.iter().enumerate().map(|(column, of)| match cell(*of) {
                    _ if Some(column) == id_column => &id,
                    "" if Some(column) == name_column => &id,
                    cell => cell,
                }));
                tally.undated += u64::from(cell(of_created).is_empty());
                tally.new += 1;
                if dry {
                    let did = format!("in {}", cell(of_stage));
                    tally.plan.push(told::fate(&id, deal.source_id, cell(of_name), Fate::New, &did));
                }
                return Ok(());
            }
            let Some(record) = here.record(&door, deal.source_id)? else { return Ok(()) };
            let Some(incoming) = incoming(process, &sources, deal) else { return Ok(()) };
            let of_deal = past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(record.id()))?;
            let planned = desk.meet(&Here { record, events: of_deal }, &incoming);
            tally.changed += u64::from(planned.fate == Fate::Changed);
            tally.gone += u64::from(planned.fate == Fate::GoneHere);
            if dry && planned.fate != Fate::Unchanged {
                let (id, did) = (&planned.id, told::what(&planned));
                tally.plan.push(told::fate(id, deal.source_id, cell(of_name), planned.fate, &did));
            }
            events.extend(planned.events);
            Ok(())
        };
        let read = reader.read(&sheet, &sources, |id| taken.contains(id), |id| here.has(id), each)?;
        if let Some(path) = &self.write_mapping {
            write_mapping(path, &reader.used(&sheet, &sources, &read.said))?;
        }
        if !read.problems.is_empty() {
            return Err(read.problems.into());
        }
        let columns = taken_for(&name, &sheet, &sources, tally.rows);
        // What was read is not needed while it is written.
        drop(sheet);
        let called = Some(format!("imported {} from {name}", count(tally.new + tally.changed, "deal")));
        let author = Some((clock.now, by.clone()));
        let change = Change { events, arrivals: arrivals.into_sheet(), called, author, ..Change::default() };
        door.commit(&change)?;
        if dry {
            let none = (tally.rows == 0).then_some("deal");
            let notes = told::notes(tally.notes(), tally.unchanged(), none);
            let figures = told::figures(tally.plan, &columns, &read.said, notes);
            return context.show(process, &figures, self.section.as_deref());
        }
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        context.tell(&tally.sentence(&name));
        tally.notes().iter().for_each(|note| context.note(note));
        Ok(())
    }

    fn how(&self) -> Result<Mapping> {
        let mut all = mapping(self.mapping.as_ref())?;
        let example = "id=opportunity_id";
        all.extend(Mapping {
            map: pairs(&self.map, example)?,
            stages: pairs(&self.stage, example)?,
            owners: pairs(&self.owner, "'Ana Ruiz=ana'")?,
            currencies: pairs(&self.currency, "'US Dollar=USD'")?,
            dates: self.dates.clone(),
            ..Mapping::default()
        });
        Ok(all)
    }
}

/// What becomes of the rows of a file.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    new: u64,
    /// Of the new ones, those without a date of creation.
    undated: u64,
    changed: u64,
    /// Of the known ones, those that were deleted here.
    gone: u64,
    /// The plan of a dry run.
    plan: Vec<Row>,
}

impl Tally {
    fn unchanged(&self) -> u64 {
        self.rows - self.new - self.changed - self.gone
    }

    /// What was done, in one sentence.
    fn sentence(&self, file: &str) -> String {
        let file = escape(file, Breaks::Ascii);
        let mut did = Vec::new();
        if self.new > 0 || self.rows == 0 {
            did.push(format!("imported {}", count(self.new, "deal")));
        }
        if self.changed > 0 {
            did.push(format!("changed {}", count(self.changed, "deal")));
        }
        let kept = count(self.unchanged(), "deal");
        if did.is_empty() {
            return format!("nothing to import from {file}: {kept} here as they are\n");
        }
        let rest = if self.unchanged() > 0 { format!("; {kept} unchanged") } else { String::new() };
        format!("{} from {file}{rest}\n", and(&did))
    }

    /// What is worth knowing.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.undated > 0 {
            notes.push(format!(
                "{} without a date of creation: they count where they stand, in no cohort, age or cycle",
                count(self.undated, "deal")
            ));
        }
        if self.gone > 0 {
            notes.push(format!("{} deleted here left as they are", count(self.gone, "deal")));
        }
        notes
    }
}

/// What the columns of a file were taken for.
fn taken_for(file: &str, sheet: &Sheet, sources: &[Source], rows: u64) -> Vec<Taken> {
    let taken = |source: &Source| Taken {
        file: file.to_owned(),
        theirs: sheet.columns()[source.column].clone(),
        ours: source.target.clone(),
        rows,
    };
    sources.iter().map(taken).collect()
}

/// A file as a sheet. One with commas in UTF-8 is looked at as it stands, so that a million rows are read once.
fn sheet(path: &Path, written: Written) -> Result<Sheet> {
    let name = path.display().to_string();
    let bytes = read(path)?;
    let written = if Written::of(path) == Written::Workbook { Written::Workbook } else { written };
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if written == Written::Separated && is_plain(&text) => {
            return Ok(Sheet::of_text(&name, text)?);
        }
        Ok(text) => text.into_bytes(),
        Err(other) => other.into_bytes(),
    };
    let table = Table::read(&name, written, &bytes)?;
    drop(bytes);
    Ok(table.into_sheet(written)?)
}

/// Whether the cells of a text stand between commas.
fn is_plain(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_none_or(|line| separator(line) == b',') && memchr::memchr(0, text.as_bytes()).is_none()
}

/// A row of a deal that is here, as what the source says of it now.
fn incoming(process: &Process, sources: &[Source], deal: &Deal<'_>) -> Option<Incoming> {
    let stage = process.lookup(&deal.cells[source_of(sources, "stage")?])?;
    let fixed =
        |name: &str| WITH_MOVES.contains(&name) || matches!(name, "id" | "stage" | "created" | "source_id");
    let cells = sources.iter().zip(deal.cells).filter(|(source, _)| !fixed(&source.target));
    let cells = cells.map(|(source, cell)| (source.target.clone(), cell.to_string())).collect();
    let (created, since, modified, deleted, steps) = (None, None, None, false, Vec::new());
    let source_id = deal.source_id.to_owned();
    Some(Incoming { source_id, stage, cells, created, since, modified, deleted, steps })
}
