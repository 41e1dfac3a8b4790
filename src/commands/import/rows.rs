//! `pipeline import csv|jsonl|yaml`: any file with a deal a row.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::context::Context;
use super::super::dating::Past;
use super::super::options::Changing;
use super::crm::from_source;
use super::files::{mapping, pairs, read};
use crate::deal::columns::WITH_MOVES;
use crate::error::{Error, Result};
use crate::exchange::csv::{Import as Reader, Read};
use crate::exchange::incoming::Incoming;
use crate::exchange::mapping::Mapping;
use crate::exchange::plan::{Fate, Here, Planner};
use crate::exchange::table::{Table, Written, separator};
use crate::folder::door::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::{and, count};
use crate::output::escape::{Breaks, escape};

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
        let taken = door.ids()?.into_iter().map(std::borrow::Cow::into_owned).collect();
        // Files without such a column have no deal that could be known again.
        let knows = sheet.column("source_id").is_some() || mapping.map.contains_key("source_id");
        let records = if knows { from_source(&door)? } else { HashMap::new() };
        let here = records.iter().map(|(source, record)| (source.clone(), record.id().to_owned())).collect();
        let Read { arrivals, known } =
            Reader { process, mapping: &mapping, today: clock.today, taken, here }.read(&sheet)?;
        let by = Context::user(&self.changing, &folder);
        let desk = Planner { process, now: clock.now, by: &by };
        let past = if known.is_empty() { None } else { Some(Past::of(door.history()?)?) };
        let (mut events, mut changed, mut gone) = (Vec::new(), 0, 0);
        let same = known.len() as u64;
        for (id, cells) in known {
            let Some(deal) = incoming(process, &cells) else { continue };
            let Some(record) = records.get(&deal.source_id) else { continue };
            let of_deal = past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(&id))?;
            let planned = desk.meet(&Here { record: record.clone(), events: of_deal }, &deal);
            changed += u64::from(planned.fate == Fate::Changed);
            gone += u64::from(planned.fate == Fate::GoneHere);
            events.extend(planned.events);
        }
        let undated = arrivals.iter().filter(|(_, cells)| is_empty(cells, "created")).count() as u64;
        let new = arrivals.len() as u64;
        let called = Some(format!("imported {} from {name}", count(new + changed, "deal")));
        let author = Some((clock.now, by.clone()));
        let change = Change { events, arrivals, called, author, ..Change::default() };
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
    if written == Written::Separated && is_plain(&bytes) {
        return Ok(Sheet::parse(&name, bytes)?);
    }
    Ok(Table::read(&name, written, &bytes)?.into_sheet(written)?)
}

/// Whether a file is UTF-8 with commas.
fn is_plain(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let commas =
        first.and_then(|line| std::str::from_utf8(line).ok()).is_none_or(|line| separator(line) == b',');
    commas && std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0)
}

/// A row of a deal that is here, as what the source says of it now.
fn incoming(process: &crate::process::Process, cells: &[(String, String)]) -> Option<Incoming> {
    let get = |name: &str| cells.iter().find(|(column, _)| column == name).map(|(_, cell)| cell.as_str());
    let stage = process.find(get("stage")?)?;
    let source_id = get("source_id")?.to_owned();
    let fixed =
        |name: &str| WITH_MOVES.contains(&name) || matches!(name, "id" | "stage" | "created" | "source_id");
    let cells = cells.iter().filter(|(name, _)| !fixed(name)).cloned().collect();
    let (created, since, modified, deleted, steps) = (None, None, None, false, Vec::new());
    Some(Incoming { source_id, stage, cells, created, since, modified, deleted, steps })
}

fn is_empty(cells: &[(String, String)], column: &str) -> bool {
    cells.iter().find(|(name, _)| name == column).is_none_or(|(_, cell)| cell.is_empty())
}
