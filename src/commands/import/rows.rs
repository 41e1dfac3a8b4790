//! `pipeline import csv|jsonl|yaml`: any file with a deal a row.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::context::Context;
use super::super::options::Changing;
use super::arriving::{Arriving, Known, Met, Opened, from};
use super::files::{mapping, pairs, read, write_mapping};
use super::told;
use crate::error::{Error, Result};
use crate::exchange::csv::{Deal, Import as Reader, Vocabulary};
use crate::exchange::mapping::Mapping;
use crate::exchange::plan::Planner;
use crate::exchange::table::{Table, Written, separator};
use crate::folder::door::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::count;

/// From any CSV file with a row per deal: all rows or none
///
/// Columns of the same name are taken as they are, others are mapped with --map or kept under their own name. Stages
/// are found by id or name, without regard to case. No date is ever made up: a deal without one keeps the cell empty.
///
/// Cells may stand between commas, semicolons or tabs, in UTF-8, UTF-16 or Latin-1; of an xlsx
/// workbook the first sheet is taken. A column mapped to `source_id` makes
/// deals known again: a second import of a newer file sets what changed. Of several files each is
/// read by its own header.
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

/// Files of deals, and how to read them.
#[derive(Debug, Args)]
struct Rows {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
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
        let sheets = self.files.iter().map(|path| sheet(path, written)).collect::<Result<Vec<Sheet>>>()?;
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let reader = Reader { process, mapping: &mapping, today: clock.today };
        let opened = |(path, sheet): (&PathBuf, Sheet)| {
            Ok(Opened { name: path.display().to_string(), sources: reader.sources(&sheet)?, sheet })
        };
        let files = self.files.iter().zip(sheets).map(opened).collect::<Result<Vec<Opened>>>()?;
        let by = Context::user(&self.changing, &folder);
        let desk = Planner { process, now: clock.now, by: &by };
        let mut incoming = Arriving::of(&door, desk, &files, self.changing.dry_run)?;
        let mut others = Known::of(&door, &files)?;
        let (mut words, mut problems, mut columns) = (Vocabulary::default(), Vec::new(), Vec::new());
        for (nth, file) in files.iter().enumerate() {
            let Opened { sheet, sources, .. } = file;
            let (places, before) = (incoming.places(sources), incoming.tally.rows);
            incoming.met = (nth + 1 < files.len()).then(Met::default);
            let each = |deal: &Deal<'_>| incoming.take(&others, sources, &places, deal);
            problems.extend(reader.read(sheet, sources, &mut words, &others, each)?);
            columns.extend(file.taken_for(incoming.tally.rows - before));
            if let Some(met) = incoming.met.take() {
                others.pass(file, met);
            }
        }
        let said = words.said();
        if let Some(path) = &self.write_mapping {
            let files = files.iter().map(|file| (&file.sheet, &*file.sources));
            write_mapping(path, &reader.used(files, &said))?;
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        // What was read is not needed while it is written.
        let from = from(&files);
        drop(others);
        drop(files);
        let Arriving { events, arrivals, tally, .. } = incoming;
        let called = Some(format!("imported {} from {from}", count(tally.new + tally.changed, "deal")));
        let author = Some((clock.now, by.clone()));
        let change = Change { events, arrivals: arrivals.into_sheet(), called, author, ..Change::default() };
        door.commit(&change)?;
        if self.changing.dry_run {
            let none = (tally.rows == 0).then_some("deal");
            let notes = told::notes(tally.notes(), tally.unchanged(), none);
            let figures = told::figures(tally.plan, &columns, &said, notes);
            return context.show(process, &figures, self.section.as_deref());
        }
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        context.tell(&tally.sentence(&from));
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

/// A file as a sheet. One with commas in UTF-8 is looked at as it stands, so that a million rows are read once.
///
/// Errors: it cannot be read, or names no columns.
fn sheet(path: &Path, written: Written) -> Result<Sheet> {
    let name = path.display().to_string();
    let sheet = sheet_of(&name, read(path)?, path, written)?;
    if sheet.columns().is_empty() {
        return Err(Error::failed(format!("{name} is empty"))
            .hint("its first line names the columns, and each line after it is a deal"));
    }
    Ok(sheet)
}

fn sheet_of(name: &str, bytes: Vec<u8>, path: &Path, written: Written) -> Result<Sheet> {
    let written = if Written::of(path) == Written::Workbook { Written::Workbook } else { written };
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if written == Written::Separated && is_plain(&text) => {
            return Ok(Sheet::of_text(name, text)?);
        }
        Ok(text) => text.into_bytes(),
        Err(other) => other.into_bytes(),
    };
    let table = Table::read(name, written, &bytes)?;
    drop(bytes);
    Ok(table.into_sheet(written)?)
}

/// Whether the cells of a text stand between commas.
fn is_plain(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_none_or(|line| separator(line) == b',') && memchr::memchr(0, text.as_bytes()).is_none()
}
