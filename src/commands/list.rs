//! `pipeline list`: the deals that terms find.

use std::cmp::Ordering;

use clap::Args;

use super::context::{Context, so_many};
use super::options::Reading;
use super::terms::{Asked, Row as Deal};
use crate::deal::columns::{Holds, holds, parse_probability};
use crate::deal::money::{Currency, parse_amount};
use crate::deal::time::{Instant, parse_day};
use crate::error::{Error, Result};
use crate::folder::sheet::Sheet;
use crate::folder::{Folder, Need};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::problem::nearest;
use crate::process::{COLUMNS, DERIVED, FieldType, Process};
use crate::query::{Kind as Asks, Subject, Value};

/// The columns of a table for people, where none are asked for.
const TABLE_COLUMNS: [&str; 6] = ["id", "name", "stage", "owner", "value", "close_date"];

/// List the deals that terms find
///
/// Terms must all hold: `stage=proposal,negotiation value=10k.. owner!=ana name~acme close_date=..today+30d`.
/// A bare word searches id, name and account.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline list stage=proposal value=10k..
  pipeline list status=open close_date=..today --sort -value
  pipeline list owner=ana -f csv -o ana.csv
  pipeline list acme --columns id,name,next_step,next_date")]
pub(super) struct List {
    /// What to look for
    terms: Vec<String>,
    /// Sort by these columns; a minus before one turns it round
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true, value_delimiter = ',')]
    sort: Vec<String>,
    /// Show these columns [default: six in a table, all elsewhere]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show no more than so many
    #[arg(long, value_name = "N", value_parser = so_many)]
    limit: Option<usize>,
    #[command(flatten)]
    reading: Reading,
}

impl List {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folders = context.folders_at(&self.reading)?;
        let found = folders.iter().map(|folder| self.found(context, folder)).collect::<Result<_>>()?;
        context.show_each(&folders, found, None)
    }

    /// The deals of one folder.
    fn found(&self, context: &Context, folder: &Folder) -> Result<Figures> {
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let sort = self.sort.iter().map(|name| SortKey::parse(name)).collect::<Vec<_>>();
        let keys: Vec<String> = sort.iter().map(|key| key.column.clone()).collect();
        let named: Vec<String> = self.columns.iter().chain(&keys).cloned().collect();
        let (asked, files) = Asked::read(folder, Need::Deals, &self.terms, &named, &clock)?;
        let sheet = &files.deals;
        let columns = if self.columns.is_empty() {
            default_columns(process, sheet, context.table_wanted()?)
        } else {
            self.columns.clone()
        };
        let columns = known(process, sheet, &columns)?;
        known(process, sheet, &keys)?;
        let found = asked.found(&files, Context::unsound(&self.reading))?;
        context.note_skipped(found.skipped);
        let mut found = found.deals;
        sort_by(&asked, &sort, &mut found);
        found.truncate(self.limit.unwrap_or(usize::MAX));
        let rows = found.iter().map(|deal| Row::total(row(&asked, &columns, deal))).collect();
        let typed = columns.iter().map(|name| Column::new(name.clone(), kind(process, name))).collect();
        let section = Section { key: "deals", shape: Shape::List, by: Vec::new(), columns: typed, rows };
        Ok(Figures { name: "list", scope: None, sections: vec![section], notes: Vec::new() })
    }
}

/// The columns shown where none are asked for: few for people, all that the file has for programs.
fn default_columns(process: &Process, sheet: &Sheet, table: bool) -> Vec<String> {
    if sheet.columns().is_empty() {
        return TABLE_COLUMNS.map(str::to_owned).into();
    }
    if !table {
        return sheet.columns().to_vec();
    }
    let foreign = |name: &str| name == "currency" && other_currency(process, sheet);
    let shown = |name: &&str| sheet.column(name).is_some();
    let mut columns: Vec<String> = Vec::new();
    for name in TABLE_COLUMNS.iter().filter(|name| shown(name)) {
        columns.push((*name).to_owned());
        if *name == "value" && foreign("currency") {
            columns.push("currency".to_owned());
        }
    }
    columns
}

/// Whether some deal is in another currency than the reporting one.
fn other_currency(process: &Process, sheet: &Sheet) -> bool {
    let Some(column) = sheet.column("currency") else { return false };
    let code = process.currency.code();
    sheet.rows().flatten().any(|line| {
        let cell = crate::folder::sheet::cells(line.text).nth(column).and_then(Result::ok);
        cell.is_some_and(|cell| !cell.text.is_empty() && cell.value() != code)
    })
}

/// The columns asked for, as long as there are such.
pub(super) fn known(process: &Process, sheet: &Sheet, columns: &[String]) -> Result<Vec<String>> {
    let declared = process.fields.iter().map(|field| field.id.as_str());
    let scores = process.scores.iter().map(|score| score.id.as_str());
    let of_file = sheet.columns().iter().map(String::as_str);
    let known: Vec<&str> = of_file.chain(COLUMNS).chain(declared).chain(DERIVED).chain(scores).collect();
    for name in columns {
        if !known.contains(&name.as_str()) {
            let error = Error::usage(format!("there is no column `{name}`"));
            return Err(match nearest(name, known.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("columns are {}", sheet.columns().join(", "))),
            });
        }
    }
    Ok(columns.to_vec())
}

/// What the cells of a column are in a listing.
pub(super) fn kind(process: &Process, name: &str) -> Kind {
    match name {
        "age" | "stage_age" | "idle" => return Kind::Age,
        "weighted" => return Kind::Amount,
        "pushes" | "stalls" | "touches" => return Kind::Count,
        _ if process.scores.iter().any(|score| score.id == name) => return Kind::Number,
        _ => {}
    }
    match holds(process, name) {
        Holds::Probability => Kind::Share,
        Holds::Field(FieldType::Money) => Kind::Amount,
        Holds::Field(FieldType::Number) => Kind::Number,
        Holds::Field(FieldType::Date) => Kind::Date,
        Holds::Id
        | Holds::Stage
        | Holds::Currency
        | Holds::Forecast
        | Holds::Tags
        | Holds::Field(FieldType::Text | FieldType::Choice(_) | FieldType::YesNo) => Kind::Text,
    }
}

/// The cells of a deal under columns, those that are worked out among them.
pub(super) fn row(asked: &Asked<'_>, columns: &[String], deal: &Deal<'_>) -> Vec<Cell> {
    let process = asked.sight.process();
    let text = |name: &str| deal.record.get(name);
    let currency = Currency::named(text("currency")).unwrap_or(process.currency);
    let today = asked.seen(deal);
    let cell = |name: &String| match asked.sight.derived(name) {
        Some(field) => {
            let kind = &asked.sight.dictionary().fields[field].kind;
            worked_out(process, name, kind, currency, asked.sight.of(&today).value(field))
        }
        None if name == "currency" && !text("value").is_empty() => Cell::Text(currency.code().to_owned()),
        None => cell(process, &holds(process, name), currency, text(name)),
    };
    columns.iter().map(cell).collect()
}

/// What was worked out, as a cell.
fn worked_out(process: &Process, name: &str, kind: &Asks, currency: Currency, value: Value<'_>) -> Cell {
    match value {
        Value::Empty => Cell::Empty,
        Value::Text(text) => Cell::Text(text.into_owned()),
        Value::Stage(stage) => {
            let outcome = process.outcome(stage);
            Cell::Text(outcome.map_or("open", crate::process::Outcome::id).to_owned())
        }
        Value::Number(amount) if *kind == Asks::Money => {
            Cell::Money { amount: Some(amount), currency, n: None }
        }
        Value::Number(number) => match (self::kind(process, name), u64::try_from(number)) {
            (Kind::Count, Ok(count)) => Cell::Count(count),
            _ => Cell::Number(number),
        },
        Value::Days(days) => Cell::Days { days: Some(days), n: None },
        Value::Day(day) => Cell::Date(day),
    }
}

/// A cell of deals.csv as what it holds; text where it cannot be read so.
fn cell(process: &Process, holds: &Holds, currency: Currency, text: &str) -> Cell {
    let typed = match holds {
        _ if text.is_empty() => return Cell::Empty,
        Holds::Stage => Some(Cell::Stage(text.to_owned())),
        Holds::Probability => {
            use rust_decimal::prelude::ToPrimitive;
            parse_probability(text).map(|share| Cell::Share(share.to_f64()))
        }
        Holds::Field(FieldType::Money) => {
            parse_amount(text).map(|amount| Cell::Money { amount: Some(amount), currency, n: None })
        }
        Holds::Field(FieldType::Number) => parse_amount(text).map(Cell::Number),
        Holds::Field(FieldType::Date) => match parse_day(text) {
            Some(day) => Some(Cell::Date(day)),
            None => Instant::parse(text).map(|at| Cell::Moment { at, day: process.zone.day_of(at) }),
        },
        _ => None,
    };
    typed.unwrap_or_else(|| Cell::Text(text.to_owned()))
}

/// A column to sort by.
#[derive(Debug)]
struct SortKey {
    column: String,
    descending: bool,
}

impl SortKey {
    fn parse(text: &str) -> SortKey {
        let column = text.strip_prefix('-').unwrap_or(text);
        SortKey { column: column.to_owned(), descending: column.len() < text.len() }
    }
}

/// Sorts deals by columns; a deal without a cell comes last either way.
fn sort_by(asked: &Asked<'_>, keys: &[SortKey], deals: &mut Vec<Deal<'_>>) {
    if keys.is_empty() {
        return;
    }
    let columns: Vec<String> = keys.iter().map(|key| key.column.clone()).collect();
    let mut keyed: Vec<(Vec<Cell>, Deal<'_>)> =
        std::mem::take(deals).into_iter().map(|deal| (sort_cells(asked, &columns, &deal), deal)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let by_key = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| compare(a, b, key.descending));
        by_key.fold(Ordering::Equal, Ordering::then)
    });
    deals.extend(keyed.into_iter().map(|(_, deal)| deal));
}

/// What a deal is sorted by: its cells, a stage by its place in the process.
fn sort_cells(asked: &Asked<'_>, columns: &[String], deal: &Deal<'_>) -> Vec<Cell> {
    let mut sorted = row(asked, columns, deal);
    for cell in &mut sorted {
        if let Cell::Stage(id) = cell
            && let Some(stage) = asked.sight.process().lookup(id)
        {
            *cell = Cell::Count(stage.position() as u64);
        }
    }
    sorted
}

fn compare(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Cell::Empty, Cell::Empty) => return Ordering::Equal,
        (Cell::Empty, _) => return Ordering::Greater,
        (_, Cell::Empty) => return Ordering::Less,
        (Cell::Count(a), Cell::Count(b)) => a.cmp(b),
        (Cell::Number(a), Cell::Number(b)) => a.cmp(b),
        (Cell::Money { amount: a, .. }, Cell::Money { amount: b, .. }) => a.cmp(b),
        (Cell::Share(Some(a)), Cell::Share(Some(b)))
        | (Cell::Days { days: Some(a), .. }, Cell::Days { days: Some(b), .. }) => a.total_cmp(b),
        (Cell::Moment { at: a, .. }, Cell::Moment { at: b, .. }) => a.cmp(b),
        (Cell::Date(a) | Cell::Moment { day: a, .. }, Cell::Date(b) | Cell::Moment { day: b, .. }) => {
            a.cmp(b)
        }
        (Cell::Text(a), Cell::Text(b)) => natural(a, b),
        _ => Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}

/// Texts as people sort them: without regard to case, and `deal-9` before `deal-10`.
fn natural(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let digits = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (stem, number) = text.split_at(text.len() - digits);
        (stem.to_lowercase(), number.parse::<u64>().unwrap_or(0))
    };
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}
