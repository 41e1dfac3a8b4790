//! `pipeline import csv|jsonl|yaml`: any file with a deal a row.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;
use rustc_hash::FxHashSet;

use super::super::add::NewIds;
use super::super::context::Context;
use super::super::dating::Past;
use super::super::options::Changing;
use super::files::{mapping, pairs, read};
use super::known::FromSource;
use crate::deal::columns::WITH_MOVES;
use crate::error::{Error, Result};
use crate::exchange::csv::{Deal, Import as Reader, Source, source_of};
use crate::exchange::incoming::Incoming;
use crate::exchange::mapping::Mapping;
use crate::exchange::plan::{Fate, Here, Planner};
use crate::exchange::table::{Table, Written, separator};
use crate::folder::door::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::{and, count};
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
    /// How the file writes dates: dmy, mdy, or a form such as %m/%d/%Y
    #[arg(long, value_name = "FORM")]
    dates: Option<String>,
    /// A YAML file that says all this
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
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
        let of_created = source_of(&sources, "created");
        let (mut events, mut new, mut undated) = (Vec::new(), 0, 0);
        let (mut same, mut changed, mut gone) = (0, 0, 0);
        reader.read(
            &sheet,
            &sources,
            |id| taken.contains(id),
            |source_id| here.has(source_id),
            |deal| {
                let cell = |of: Option<usize>| of.map_or("", |of| &*deal.cells[of]);
                if !deal.known {
                    let id = if deal.id.is_empty() { ids.next()?.into() } else { Cow::Borrowed(deal.id) };
                    arrivals.push(of_columns.iter().enumerate().map(|(column, of)| match cell(*of) {
                        _ if Some(column) == id_column => &id,
                        "" if Some(column) == name_column => &id,
                        cell => cell,
                    }));
                    new += 1;
                    undated += u64::from(cell(of_created).is_empty());
                    return Ok(());
                }
                same += 1;
                let Some(record) = here.record(&door, deal.source_id)? else { return Ok(()) };
                let Some(deal) = incoming(process, &sources, deal) else { return Ok(()) };
                let of_deal =
                    past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(record.id()))?;
                let planned = desk.meet(&Here { record, events: of_deal }, &deal);
                changed += u64::from(planned.fate == Fate::Changed);
                gone += u64::from(planned.fate == Fate::GoneHere);
                events.extend(planned.events);
                Ok(())
            },
        )?;
        // What was read is not needed while it is written.
        drop(sheet);
        let called = Some(format!("imported {} from {name}", count(new + changed, "deal")));
        let author = Some((clock.now, by.clone()));
        let change = Change { events, arrivals: arrivals.into_sheet(), called, author, ..Change::default() };
        door.commit(&change)?;
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        let dry = self.changing.dry_run;
        let mut did = Vec::new();
        if new > 0 || same == 0 {
            did.push(format!("{} {}", if dry { "would import" } else { "imported" }, count(new, "deal")));
        }
        if changed > 0 {
            did.push(format!("{} {}", if dry { "would change" } else { "changed" }, count(changed, "deal")));
        }
        let kept = same - changed;
        let rest = if kept > 0 { format!("; {} unchanged", count(kept, "deal")) } else { String::new() };
        let name = escape(&name, Breaks::Ascii);
        let said = if did.is_empty() {
            format!("nothing to import from {name}: {} here as they are", count(kept, "deal"))
        } else {
            format!("{} from {name}{rest}", and(&did))
        };
        context.say(&self.changing, &format!("{said}\n"))?;
        if undated > 0 {
            context.note(&format!(
                "{} without a date of creation: they count where they stand, in no cohort, age or cycle",
                count(undated, "deal")
            ));
        }
        if gone > 0 {
            context.note(&format!("{} deleted here left as they are", count(gone, "deal")));
        }
        Ok(())
    }

    fn how(&self) -> Result<Mapping> {
        let mut all = mapping(self.mapping.as_ref())?;
        let example = "id=opportunity_id";
        all.extend(Mapping {
            map: pairs(&self.map, example)?,
            stages: pairs(&self.stage, example)?,
            dates: self.dates.clone(),
            ..Mapping::default()
        });
        Ok(all)
    }
}

/// A file as a sheet. One with commas in UTF-8 is looked at as it stands, so that a million rows are read once.
fn sheet(path: &Path, written: Written) -> Result<Sheet> {
    let name = path.display().to_string();
    let bytes = read(path)?;
    let written = if Written::of(path) == Written::Workbook { Written::Workbook } else { written };
    if written != Written::Separated {
        return Ok(Table::read(&name, written, &bytes)?.into_sheet(written)?);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if is_plain(&text) => return Ok(Sheet::of_text(&name, text)?),
        Ok(text) => text.into_bytes(),
        Err(other) => other.into_bytes(),
    };
    Ok(Table::read(&name, written, &bytes)?.into_sheet(written)?)
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
