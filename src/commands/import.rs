//! `pipeline import`: deals from elsewhere.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::context::Context;
use super::options::Changing;
use crate::error::{Error, Result};
use crate::exchange::csv::{Import as Reader, Mapping};
use crate::folder::door::Change;
use crate::folder::sheet::Sheet;
use crate::grammar::count;
use crate::output::escape::{Breaks, escape};

/// Bring deals in from another system's file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import csv deals.csv --dry-run
  pipeline import csv crm.csv --map id=opportunity_id --map owner=sales_agent \\
      --stage Engaging=contact --dates %m/%d/%Y")]
pub(super) struct Import {
    #[command(subcommand)]
    source: Source,
}

/// Where the file comes from.
#[derive(Debug, Subcommand)]
enum Source {
    Csv(Csv),
}

/// From any CSV file with a row per deal: all rows or none
///
/// Columns of the same name are taken as they are, others are mapped with --map or kept under their own name. Stages
/// are found by id or name, without regard to case. No date is ever made up: a deal without one keeps the cell empty.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import csv deals.csv --dry-run
  pipeline import csv crm.csv --map id=opportunity_id --map owner=sales_agent \\
      --stage Engaging=contact --dates %m/%d/%Y
  pipeline import csv crm.csv --mapping crm.yaml

A mapping file says the same in YAML:
  map: {id: opportunity_id, owner: sales_agent}
  stages: {Engaging: contact}
  dates: \"%m/%d/%Y\"")]
struct Csv {
    /// The file
    file: PathBuf,
    /// Our column and the file's; may be given several times
    #[arg(long, value_name = "OURS=THEIRS")]
    map: Vec<String>,
    /// The file's word for a stage and our stage; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    stage: Vec<String>,
    /// How the file writes dates, such as %m/%d/%Y
    #[arg(long, value_name = "FORM")]
    dates: Option<String>,
    /// A YAML file that says all this
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    changing: Changing,
}

impl Import {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        context.begin("importing");
        let Source::Csv(csv) = self.source;
        csv.run(context)
    }
}

impl Csv {
    fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        let mapping = self.mapping()?;
        let name = self.file.display().to_string();
        let sheet = Sheet::parse(&name, read(&self.file)?)?;
        if sheet.columns().is_empty() {
            return Err(Error::failed(format!("{name} is empty"))
                .hint("its first line names the columns, and each line after it is a deal"));
        }
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let taken = door.ids()?.into_iter().map(std::borrow::Cow::into_owned).collect();
        let arrivals = Reader { process, mapping: &mapping, today: clock.today, taken }.read(&sheet)?;
        let undated = arrivals.iter().filter(|(_, cells)| is_empty(cells, "created")).count() as u64;
        let deals = count(arrivals.len() as u64, "deal");
        let called = Some(format!("imported {deals} from {name}"));
        let author = Some((clock.now, Context::user(&self.changing, &folder)));
        let change = Change { arrivals, called, author, ..Change::default() };
        door.commit(&change)?;
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        let verb = if self.changing.dry_run { "would import" } else { "imported" };
        context.say(&self.changing, &format!("{verb} {deals} from {}\n", escape(&name, Breaks::Ascii)))?;
        if undated > 0 {
            context.note(&format!(
                "{} without a date of creation: they count where they stand, in no cohort, age or cycle",
                count(undated, "deal")
            ));
        }
        Ok(())
    }

    fn mapping(&self) -> Result<Mapping> {
        let mut mapping = match &self.mapping {
            None => Mapping::default(),
            Some(path) => {
                let text = String::from_utf8(read(path)?)
                    .map_err(|_| Error::failed(format!("{} is not UTF-8 text", path.display())))?;
                Mapping::from_yaml(&path.display().to_string(), &text)?
            }
        };
        let flags =
            Mapping { map: pairs(&self.map)?, stages: pairs(&self.stage)?, dates: self.dates.clone() };
        mapping.extend(flags);
        Ok(mapping)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::io("read", path, error))
}

fn is_empty(cells: &[(String, String)], column: &str) -> bool {
    cells.iter().find(|(name, _)| name == column).is_none_or(|(_, cell)| cell.is_empty())
}

fn pairs(texts: &[String]) -> Result<std::collections::BTreeMap<String, String>> {
    let pair = |text: &String| match text.split_once('=') {
        Some((left, right)) if !left.trim().is_empty() && !right.trim().is_empty() => {
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        }
        _ => Err(Error::usage(format!("`{text}` is no pair")).hint("write it as id=opportunity_id")),
    };
    let mut all = std::collections::BTreeMap::new();
    for text in texts {
        let (left, right) = pair(text)?;
        if let Some(other) = all.insert(left.clone(), right.clone()).filter(|other| *other != right) {
            return Err(Error::usage(format!("`{left}` is mapped twice: to `{other}` and to `{right}`")));
        }
    }
    Ok(all)
}
