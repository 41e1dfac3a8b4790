//! A sales system's files, whichever they are: told apart by their columns, and read into deals by one set of rules. What
//! is special about a system is data (`salesforce.rs`, `hubspot.rs`, `pipedrive.rs`).

use std::collections::{BTreeMap, HashMap};

use super::dates::{self, Order};
use super::incoming::Incoming;
use super::mapping::{Mapping, targets};
use super::numbers::{self, Mark, SAY_WHICH};
use super::reader::Reader;
use super::table::{Row, Table};
use super::words::{Said, Words};
use crate::deal::columns::holds;
use crate::deal::time::{Day, Instant};
use crate::error::{Error, Result};
use crate::grammar::plural;
use crate::problem::{Problem, nearest};
use crate::process::{COLUMNS, FieldType, Process};

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// A deal each.
    Deals,
    /// The values of a deal after a change.
    After,
    /// A change of one field of a deal.
    Changes,
    /// What ids of people or companies stand for.
    Names,
}

/// What a column is to us, and what the system calls it, in any of its exports.
pub type ColumnNames = (&'static str, &'static [&'static str]);

/// A stage, and the pipeline that it is of where that is said.
pub type Entered = (String, Option<String>);

/// What is special about a system.
#[derive(Debug)]
pub struct Crm {
    /// Its name.
    pub name: &'static str,
    /// What it calls a deal.
    pub deal: &'static str,
    /// Columns of deals; changes of fields name them too.
    pub deals: &'static [ColumnNames],
    /// Columns of both kinds of history.
    pub history: &'static [ColumnNames],
    /// Columns of names.
    pub names: &'static [ColumnNames],
    /// What a file's rows are, as far as its columns tell.
    pub recognise: fn(&Table) -> Option<Rows>,
    /// What two ids that mean the same have in common.
    pub key: fn(&str) -> &str,
    /// The stage whose first day a column of deals holds, and its pipeline where it names one.
    pub entered: fn(&str) -> Option<Entered>,
    /// Whose clock the times of its history are on, where they do not say: that of Greenwich, or the folder's.
    pub history_clock: Clock,
    /// What to export, for whoever gave none of it.
    pub wanted: &'static str,
}

/// Whose clock times are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// UTC.
    Utc,
    /// That of the folder's time zone.
    Folder,
}

/// What is read once for all rows.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The process of the folder.
    pub process: &'a Process,
    /// What flags and files say.
    pub mapping: &'a Mapping,
    /// The day it is today.
    pub today: Day,
    /// Now: nothing happened later.
    pub now: Instant,
}

/// What a column was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The file.
    pub file: String,
    /// What it calls it.
    pub theirs: String,
    /// What it is to us.
    pub ours: String,
    /// How many rows it is of.
    pub rows: u64,
}

/// What files come to.
#[derive(Debug, Default)]
pub struct Harvest {
    /// The deals.
    pub deals: Vec<Incoming>,
    /// Which columns were taken for what.
    pub columns: Vec<Taken>,
    /// Which words were taken for what.
    pub words: Said,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The mapping that says all this; stages that are none here stand in it without one of ours.
    pub mapping: Mapping,
    /// What is wrong; where there is anything, nothing of this may come in.
    pub problems: Vec<Problem>,
}

/// A file, and what its columns are.
pub(super) struct Sorted<'t> {
    pub(super) table: &'t Table,
    pub(super) rows: Rows,
    pub(super) columns: BTreeMap<String, usize>,
}

impl Sorted<'_> {
    pub(super) fn cell<'r>(&'r self, row: &'r Row, ours: &str) -> &'r str {
        self.columns.get(ours).map_or("", |column| self.table.cell(row, *column))
    }
}

/// Columns of ours that hold dates; so do declared fields of that type.
const DATES: [&str; 9] =
    ["created", "closed", "close_date", "since", "modified", "won_at", "lost_at", "at", "next_date"];

impl Crm {
    /// Reads files.
    ///
    /// Errors: a file that is none of the system's; dates and amounts that can be read in two ways. What is wrong with
    /// rows, and which stages and currencies are not known here, is in the harvest.
    pub fn read(&self, tables: &[Table], setting: &Setting<'_>) -> Result<Harvest> {
        let sorted = self.sort(tables, setting)?;
        if !sorted.iter().any(|sorted| sorted.rows == Rows::Deals) {
            return Err(Error::usage(format!(
                "none of the files holds {} of {}",
                plural(self.deal),
                self.name
            ))
            .hint(self.wanted));
        }
        let mut reader = Reader {
            crm: self,
            setting,
            order: self.order(&sorted, setting)?,
            mark: Crm::mark(&sorted, setting)?,
            words: Words::new(setting.process, setting.mapping),
            names: HashMap::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            deals: Vec::new(),
            columns: Vec::new(),
            places: HashMap::new(),
            by_name: HashMap::new(),
            pipeline: pipeline_of(&sorted, setting.mapping),
        };
        reader.read_names(&sorted);
        reader.read_deals(&sorted)?;
        reader.learn_stage_ids(&sorted);
        reader.read_history(&sorted);
        Ok(reader.finish(&sorted))
    }

    /// What each file is, and its columns.
    pub(super) fn sort<'t>(&self, tables: &'t [Table], setting: &Setting<'_>) -> Result<Vec<Sorted<'t>>> {
        let mut sorted = Vec::new();
        for table in tables {
            let rows = (self.recognise)(table).ok_or_else(|| {
                let columns = table.columns.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
                Error::usage(format!(
                    "{} is no export of {} that is known here: it has {columns}",
                    table.file, self.name
                ))
                .hint(self.wanted)
            })?;
            let known = match rows {
                Rows::Deals => self.deals,
                Rows::After | Rows::Changes => self.history,
                Rows::Names => self.names,
            };
            let mut columns: BTreeMap<String, usize> = BTreeMap::new();
            for (ours, theirs) in known {
                if let Some(column) = theirs.iter().find_map(|name| table.column(name)) {
                    columns.insert((*ours).to_owned(), column);
                }
            }
            if rows == Rows::Deals {
                for field in &setting.process.fields {
                    let same = |name: &String| plain(name) == plain(&field.id);
                    if let Some(column) = table.columns.iter().position(same) {
                        columns.entry(field.id.clone()).or_insert(column);
                    }
                }
            }
            sorted.push(Sorted { table, rows, columns });
        }
        map_columns(&mut sorted, setting)?;
        Ok(sorted)
    }

    fn order(&self, sorted: &[Sorted<'_>], setting: &Setting<'_>) -> Result<Option<Order>> {
        if let Some(asked) = &setting.mapping.dates {
            return Order::named(asked).map(Some).ok_or_else(|| {
                Error::usage(format!("`{asked}` is no order of day and month"))
                    .hint("write --dates dmy where the day comes first, --dates mdy where the month does")
            });
        }
        let mut seen = dates::Seen::default();
        for file in sorted {
            let declared = setting.process.fields.iter().filter(|field| field.kind == FieldType::Date);
            let dates = DATES.into_iter().chain(declared.map(|field| field.id.as_str()));
            let named = dates.filter_map(|name| file.columns.get(name).copied());
            let entered =
                file.table.columns.iter().enumerate().filter(|(_, name)| (self.entered)(name).is_some());
            let columns: Vec<usize> = named.chain(entered.map(|(at, _)| at)).collect();
            for row in &file.table.rows {
                for column in &columns {
                    seen.look(file.table.cell(row, *column));
                }
            }
        }
        seen.order().map_err(|why| {
            Error::usage(why).hint("say which comes first: --dates dmy (the day) or --dates mdy (the month)")
        })
    }

    fn mark(sorted: &[Sorted<'_>], setting: &Setting<'_>) -> Result<Mark> {
        if let Some(mark) = setting.mapping.mark()? {
            return Ok(mark);
        }
        let mut seen = numbers::Seen::default();
        for file in sorted {
            let amounts = file.columns.iter().filter(|(ours, _)| holds(setting.process, ours).is_amount());
            let columns: Vec<usize> = amounts.map(|(_, column)| *column).collect();
            for row in &file.table.rows {
                for column in &columns {
                    seen.look(file.table.cell(row, *column));
                }
            }
        }
        seen.mark().map_err(|why| Error::usage(why).hint(SAY_WHICH))
    }

    /// The name that we have for a field of theirs.
    pub(super) fn ours(&self, field: &str) -> Option<&'static str> {
        let same = |theirs: &&&str| plain(theirs) == plain(field);
        self.deals.iter().find(|(_, theirs)| theirs.iter().any(|name| same(&name))).map(|(ours, _)| *ours)
    }
}

/// Whether a column is one that a mapping may name: a deal's id is given here, and its stages say since when it is in one.
pub(super) fn can_map(process: &Process, ours: &str) -> bool {
    !matches!(ours, "id" | "stage_since") && targets(process).any(|known| known == ours)
}

/// Puts the columns that the user mapped in the place of those that were recognised.
fn map_columns(sorted: &mut [Sorted<'_>], setting: &Setting<'_>) -> Result<()> {
    for (ours, theirs) in &setting.mapping.map {
        if !can_map(setting.process, ours) {
            let error = Error::usage(format!("there is no column `{ours}` to map `{theirs}` to"));
            let otherwise = format!("columns are {}; declare others under `fields:`", COLUMNS.join(", "));
            return Err(error.suggest(nearest(ours, COLUMNS), otherwise));
        }
        let mut found = false;
        for file in sorted.iter_mut().filter(|file| file.rows == Rows::Deals) {
            if let Some(column) = file.table.column(theirs) {
                file.columns.insert(ours.clone(), column);
                found = true;
            }
        }
        if !found {
            let columns: Vec<&str> = sorted
                .iter()
                .filter(|file| file.rows == Rows::Deals)
                .flat_map(|file| file.table.columns.iter().map(String::as_str))
                .collect();
            let error = Error::usage(format!("no file of deals has a column `{theirs}`"));
            let near = nearest(theirs, columns.iter().copied());
            return Err(error.suggest(near, format!("columns are {}", columns.join(", "))));
        }
    }
    Ok(())
}

/// The pipeline whose deals are taken: as asked, else the only one that they are in.
pub(super) fn pipeline_of(sorted: &[Sorted<'_>], mapping: &Mapping) -> Option<String> {
    if mapping.pipeline.is_some() {
        return mapping.pipeline.clone();
    }
    let deals = sorted.iter().filter(|file| file.rows == Rows::Deals);
    let mut names = deals.flat_map(|file| file.table.rows.iter().map(|row| file.cell(row, "pipeline")));
    let only = names.find(|name| !name.is_empty())?;
    names.all(|name| name.is_empty() || name == only).then(|| only.to_owned())
}

/// Letters and digits alone, in lower case, without the mark of a custom field.
pub(super) fn plain(name: &str) -> String {
    let name = name.strip_suffix("__c").unwrap_or(name);
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a cell says yes; nothing where it says neither, such as `WAHR`.
pub(super) fn yes(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "" | "false" | "0" | "no" => Some(false),
        _ => None,
    }
}
