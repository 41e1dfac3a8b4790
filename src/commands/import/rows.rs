//! `pipeline import csv|jsonl|yaml`: any file with a deal a row.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::context::Context;
use super::super::options::Changing;
use super::arriving::{Arriving, KnownDeals, Met, Opened, from};
use super::files::{mapping, pairs, read, write_mapping};
use super::told;
use crate::error::{Error, Result};
use crate::exchange::csv::{Amounts, Deal, Import as Reader, Vocabulary, is_ours};
use crate::exchange::mapping::Mapping;
use crate::exchange::numbers::Mark;
use crate::exchange::plan::Planner;
use crate::exchange::table::{Table, Written, separator};
use crate::folder::change::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::count;

/// From any CSV file with a row per deal: all rows or none
///
/// Columns of the same name are taken as they are, in capitals or not, others are mapped with --map or kept under their
/// own name. Stages are found by id or name, without regard to case. No date is ever made up: a deal without one keeps
/// the cell empty.
///
/// Cells may stand between commas, semicolons or tabs, in UTF-8, UTF-16 or Latin-1; of an xlsx
/// workbook the first sheet is taken. A column mapped to `source_id` makes
/// deals known again: a second import of a newer file sets what changed. Of several files each is
/// read by its own header, and its amounts as they tell together: `1.234,56` or `1,234.56`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import csv deals.csv --dry-run
  pipeline import csv crm.csv --map source_id=opportunity_id --map owner=sales_agent \\
      --stage Engaging=contact --dates mdy
  pipeline import csv crm.csv --mapping crm.yaml
  pipeline import csv umsatz.csv --dates dmy --decimal comma

A mapping file says the same in YAML:
  map: {source_id: opportunity_id, owner: sales_agent}
  stages: {Engaging: contact}
  dates: mdy")]
pub(super) struct Csv {
    #[command(flatten)]
    rows: Rows,
    /// What stands before decimals: point or comma [default: told from all amounts of a file]
    #[arg(long, value_name = "MARK")]
    decimal: Option<String>,
    #[command(flatten)]
    doing: Doing,
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
    #[command(flatten)]
    doing: Doing,
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
    #[command(flatten)]
    doing: Doing,
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
}

/// What is done with them.
#[derive(Debug, Args)]
struct Doing {
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
        self.doing.run(&self.rows, Written::Separated, self.decimal, context)
    }
}

impl Jsonl {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.doing.run(&self.rows, Written::Json, None, context)
    }
}

impl Yaml {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        self.doing.run(&self.rows, Written::Yaml, None, context)
    }
}

impl Doing {
    fn run(self, rows: &Rows, written: Written, decimal: Option<String>, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let mapping = self.how(rows, decimal)?;
        let sheets = rows.files.iter().map(|path| sheet(path, written)).collect::<Result<Vec<Found>>>()?;
        let mut notes: Vec<String> = sheets.iter().flat_map(|found| found.notes.clone()).collect();
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let reader = Reader { process, mapping: &mapping, today: clock.today };
        let opened = |(path, Found { sheet, form, .. }): (&PathBuf, Found)| {
            let (name, sources) = (path.display().to_string(), reader.sources(&sheet)?);
            let amounts = match form {
                Form::Objects => Amounts::Plain,
                Form::Commas if mapping.decimal.is_none() && is_ours(&sheet) => Amounts::With(Mark::Point),
                Form::Commas | Form::Rows => Amounts::With(reader.mark(&name, &sheet, &sources)?),
            };
            Ok(Opened { name, sheet, sources, amounts })
        };
        let files = rows.files.iter().zip(sheets).map(opened).collect::<Result<Vec<Opened>>>()?;
        let by = Context::user(&self.changing, &folder);
        let desk = Planner { process, now: clock.now, by: &by };
        let mut incoming = Arriving::of(&door, desk, &files, self.changing.dry_run)?;
        let mut others = KnownDeals::of(&door, &files)?;
        let (mut words, mut problems, mut columns) = (Vocabulary::default(), Vec::new(), Vec::new());
        for (nth, file) in files.iter().enumerate() {
            let Opened { sheet, sources, amounts, .. } = file;
            let (places, before) = (incoming.places(sources), incoming.tally.rows);
            incoming.met = (nth + 1 < files.len()).then(Met::default);
            let each = |deal: &Deal<'_>| incoming.take(&others, sources, &places, deal);
            problems.extend(reader.read(sheet, (sources, *amounts), &mut words, &others, each)?);
            columns.extend(file.taken_for(incoming.tally.rows - before));
            if let Some(met) = incoming.met.take() {
                others.pass(file, met);
            }
        }
        let said = words.said();
        if let Some(path) = &self.write_mapping {
            let of_file = |file: &Opened| match file.amounts {
                Amounts::Plain => None,
                Amounts::With(mark) => Some(mark.word().to_owned()),
            };
            let decimal = files.first().and_then(of_file);
            // Where files differ, each is to be told by its own amounts again.
            let decimal =
                decimal.filter(|mark| files.iter().all(|file| of_file(file).as_ref() == Some(mark)));
            let used = reader.used(files.iter().map(|file| &*file.sources), &said);
            write_mapping(path, &Mapping { decimal, ..used })?;
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
        notes.extend(tally.notes());
        if self.changing.dry_run {
            let none = (tally.rows == 0).then_some("deal");
            let notes = told::notes(notes, tally.unchanged(), none);
            let figures = told::figures(tally.plan, &columns, &said, notes);
            return context.show(process, &figures, self.section.as_deref());
        }
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        context.tell(&tally.sentence(&from));
        for note in &notes {
            context.note(note);
        }
        Ok(())
    }

    fn how(&self, rows: &Rows, decimal: Option<String>) -> Result<Mapping> {
        let mut all = mapping(self.mapping.as_ref())?;
        let example = "id=opportunity_id";
        all.extend(Mapping {
            map: pairs(&rows.map, example)?,
            stages: pairs(&rows.stage, example)?,
            owners: pairs(&rows.owner, "'Ana Ruiz=ana'")?,
            currencies: pairs(&rows.currency, "'US Dollar=USD'")?,
            dates: rows.dates.clone(),
            decimal,
            ..Mapping::default()
        });
        Ok(all)
    }
}

/// A file as a sheet, the form that it had, and what of that is worth a word.
struct Found {
    sheet: Sheet,
    form: Form,
    notes: Vec<String>,
}

/// What a file is, as far as that says how its amounts are written.
#[derive(Clone, Copy)]
enum Form {
    /// UTF-8 with commas, as ours are.
    Commas,
    /// What a spreadsheet or another system wrote.
    Rows,
    /// JSON or YAML, which have one way to write a number.
    Objects,
}

/// A file as a sheet. One with commas in UTF-8 is looked at as it stands, so that a million rows are read once.
///
/// Errors: it cannot be read, or names no columns.
fn sheet(path: &Path, written: Written) -> Result<Found> {
    let name = path.display().to_string();
    let found = sheet_of(&name, read(path)?, path, written)?;
    if found.sheet.columns().is_empty() {
        return Err(Error::failed(format!("{name} is empty"))
            .hint("its first line names the columns, and each line after it is a deal"));
    }
    Ok(found)
}

fn sheet_of(name: &str, bytes: Vec<u8>, path: &Path, written: Written) -> Result<Found> {
    let written = if Written::of(path) == Written::Workbook { Written::Workbook } else { written };
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if written == Written::Separated && is_plain(&text) => {
            return Ok(Found { sheet: Sheet::of_text(name, text)?, form: Form::Commas, notes: Vec::new() });
        }
        Ok(text) => text.into_bytes(),
        Err(other) => other.into_bytes(),
    };
    let table = Table::read(name, written, &bytes)?;
    drop(bytes);
    let form = match written {
        Written::Json | Written::Yaml => Form::Objects,
        Written::Separated | Written::Workbook => Form::Rows,
    };
    let notes = table.notes();
    Ok(Found { sheet: table.into_sheet(written)?, form, notes })
}

/// Whether the cells of a text stand between commas.
fn is_plain(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_none_or(|line| separator(line) == b',') && memchr::memchr(0, text.as_bytes()).is_none()
}
