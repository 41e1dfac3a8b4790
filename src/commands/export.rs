//! `pipeline export`: deals for other programs.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::agenda::Agenda;
use super::as_of::AsOf;
use super::context::Context;
use super::list::List;
use super::options::Reading;
use super::terms::{Asked, no_rate, parse};
use crate::deal::book::TOUCHES;
use crate::deal::journey::Journeys;
use crate::error::{Error, Result};
use crate::exchange::sql;
use crate::folder::Need;
use crate::output::Format;
use crate::query::sight::Sight;
use crate::yaml;

/// Write deals for other programs: spreadsheets, scripts, calendars, databases
///
/// csv is safe to open in a spreadsheet; ics has the next steps of open deals; sql is one script with tables of deals,
/// stays, reached stages and events, and views that work the main figures out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline export --to csv -o for-the-board.csv
  pipeline export --to sql | sqlite3 pipeline.db
  pipeline export --to sql -o pipeline.sql && duckdb pipeline.duckdb < pipeline.sql
  pipeline export status=open --to yaml
  pipeline export owner=ana --to ics -o ana.ics")]
pub(super) struct Export {
    /// Which deals [default: all]
    terms: Vec<String>,
    /// For what
    #[arg(long, value_name = "KIND")]
    to: To,
    #[command(flatten)]
    reading: Reading,
}

/// What deals are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// For spreadsheets: a row per deal, with all its columns
    Csv,
    /// For scripts: an object per deal and line
    Jsonl,
    /// For people and programs: a list of deals, what is empty left out
    Yaml,
    /// For calendars: the next step of each open deal
    Ics,
    /// For SQLite, DuckDB and PostgreSQL: tables and views
    Sql,
}

impl Export {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        if context.format_named() {
            return Err(Error::usage("--format means nothing to export").hint("say what for with --to"));
        }
        match self.to {
            To::Csv => List::all(self.terms, self.reading).run(&context.in_format(Format::Csv)),
            To::Jsonl => List::all(self.terms, self.reading).run(&context.in_format(Format::Jsonl)),
            To::Ics => Agenda::all(self.terms, self.reading).run(&context.in_format(Format::Ics)),
            To::Yaml => self.yaml(context),
            To::Sql => self.sql(context),
        }
    }

    fn yaml(&self, context: &Context) -> Result<()> {
        context.begin("exporting");
        let folder = context.folder_at(&self.reading)?;
        let clock = context.clock(folder.process().zone)?;
        let (asked, files) = Asked::read(&folder, Need::Deals, &self.terms, &[], &clock)?;
        let hits = asked.hits(&files, self.reading.unsound())?;
        context.note_skipped(hits.skipped);
        let columns = files.deals.columns();
        context.stream(folder.process(), |out| {
            if hits.rows.is_empty() {
                out.write_all(b"[]\n").map_err(unwritten)?;
            }
            for hit in &hits.rows {
                let row = hit.read(&files);
                let cells: Vec<(&str, &str)> = columns
                    .iter()
                    .zip(row.record.row())
                    .map(|(name, cell)| (name.as_str(), &**cell))
                    .collect();
                let deal = yaml::written(files.deals.file(), &cells)?;
                for (nth, line) in deal.lines().enumerate() {
                    let lead = if nth == 0 { "- " } else { "  " };
                    // A blank line of a longer text stays blank.
                    let lead = if line.is_empty() { "" } else { lead };
                    writeln!(out, "{lead}{line}").map_err(unwritten)?;
                }
            }
            Ok(())
        })
    }

    fn sql(&self, context: &Context) -> Result<()> {
        context.begin("exporting");
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let ledger = folder.ledger()?;
        let columns = ledger.columns().to_vec();
        let sight = Sight::new(process, &columns, clock.today);
        let query = parse(&folder, &self.terms, &sight)?;
        let mut fields = columns.clone();
        for asked in sight.columns(&query.fields()).into_iter().chain(["value", "currency", TOUCHES]) {
            if !fields.iter().any(|field| field == asked) {
                fields.push(asked.to_owned());
            }
        }
        let loaded = ledger.load(&fields, self.reading.unsound())?;
        context.note_skipped(loaded.skipped);
        let journeys = Journeys::at(process, &loaded.book, clock.cut(None)?);
        let picked = AsOf { book: &loaded.book, sight: &sight, query: &query }.picked(&journeys);
        let rates = folder.rates()?;
        let export = sql::Export::new(process, &loaded.book, &columns, &journeys, &picked, &rates)
            .map_err(|missing| no_rate(&folder, &missing))?;
        context.stream(process, |out| export.write(out).map_err(unwritten))
    }
}

fn unwritten(error: std::io::Error) -> Error {
    Error::io("write", Path::new("the output"), error)
}
