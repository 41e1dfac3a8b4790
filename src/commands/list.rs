//! `pipeline list`: the deals that terms find.

use std::cmp::Ordering;
use std::ops::Range;

use clap::Args;

use super::columns::{Shown, kind, known};
use super::context::Context;
use super::options::{Reading, so_many};
use super::terms::{Asked, Hit, Row as Deal};
use crate::deal::time::{Day, Instant};
use crate::error::Result;
use crate::folder::sheet::Sheet;
use crate::folder::{Files, Folder, Need};
use crate::metrics::figures::{Cell, Column, Figures, Row, Section, Shape};
use crate::natural::natural;
use crate::process::Process;

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
    /// All columns of the deals that terms find, in the order of the file.
    pub(super) fn all(terms: Vec<String>, reading: Reading) -> List {
        List { terms, sort: Vec::new(), columns: Vec::new(), limit: None, reading }
    }

    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folders = context.folders_at(&self.reading)?;
        if let [folder] = &folders[..]
            && context.rows_wanted()?
        {
            // A million deals are written a part at a time, and taken apart only then.
            return self.find(context, folder, |found| {
                context.show_rows(folder.process(), found.rows.len(), |part| found.section(part))
            });
        }
        let figures = folders.iter().map(|folder| self.find(context, folder, |found| Ok(found.figures())));
        context.show_each(&folders, figures.collect::<Result<_>>()?, None)
    }

    /// Finds the deals of one folder, and hands them on.
    fn find<T>(
        &self,
        context: &Context,
        folder: &Folder,
        then: impl FnOnce(&Listing<'_>) -> Result<T>,
    ) -> Result<T> {
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let sort = self.sort.iter().map(|name| SortKey::parse(name)).collect::<Vec<_>>();
        let keys: Vec<String> = sort.iter().map(|key| key.column.clone()).collect();
        let named: Vec<String> = self.columns.iter().chain(&keys).cloned().collect();
        // What a table shows may depend on deals that it does not show.
        let sifted =
            if context.rows_wanted()? { Asked::sifted(folder, &self.terms, &named, &clock)? } else { None };
        let (asked, files) = match sifted {
            Some(sifted) => sifted,
            None => Asked::read(folder, Need::Deals, &self.terms, &named, &clock)?,
        };
        let sheet = &files.deals;
        let columns = if self.columns.is_empty() {
            default_columns(process, sheet, context.table_wanted()?)
        } else {
            self.columns.clone()
        };
        let columns = known(process, sheet, &columns)?;
        known(process, sheet, &keys)?;
        let hits = asked.hits(&files, self.reading.unsound())?;
        context.note_skipped(hits.skipped);
        let mut listing = Listing { asked: &asked, files: &files, columns, rows: hits.rows };
        listing.sort_by(&sort);
        listing.rows.truncate(self.limit.unwrap_or(usize::MAX));
        then(&listing)
    }
}

/// The rows that were found, in the order in which they are shown.
struct Listing<'a> {
    asked: &'a Asked<'a>,
    files: &'a Files,
    columns: Vec<String>,
    rows: Vec<Hit<'a>>,
}

impl Listing<'_> {
    /// Some of the rows as a table.
    fn section(&self, part: Range<usize>) -> Section {
        let process = self.asked.sight.process();
        let shown = Shown::of(self.asked, self.columns.iter().map(String::as_str));
        let row = |hit: &Hit<'_>| Row::total(shown.row(&hit.read(self.files)));
        Section {
            key: "deals",
            shape: Shape::List,
            by: Vec::new(),
            columns: self.columns.iter().map(|name| Column::new(name.clone(), kind(process, name))).collect(),
            rows: self.rows.get(part).unwrap_or_default().iter().map(row).collect(),
        }
    }

    fn figures(&self) -> Figures {
        let all = self.section(0..self.rows.len());
        Figures::of("list", [all])
    }

    /// Sorts by columns; a deal without a cell comes last either way.
    fn sort_by(&mut self, keys: &[SortKey]) {
        if keys.is_empty() {
            return;
        }
        let process = self.asked.sight.process();
        let shown = Shown::of(self.asked, keys.iter().map(|key| key.column.as_str()));
        let cells = |hit: &Hit<'_>| sort_cells(process, &shown, &hit.read(self.files));
        let mut keyed: Vec<(Vec<Cell>, Hit<'_>)> = self.rows.iter().map(|hit| (cells(hit), *hit)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let by_key = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| compare(a, b, key.descending));
            by_key.fold(Ordering::Equal, Ordering::then)
        });
        self.rows = keyed.into_iter().map(|(_, hit)| hit).collect();
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

/// What a deal is sorted by: its cells, a stage by its place in the process.
fn sort_cells(process: &Process, shown: &Shown<'_>, deal: &Deal<'_>) -> Vec<Cell> {
    let mut sorted = shown.row(deal);
    for cell in &mut sorted {
        if let Cell::Stage(id) = cell
            && let Some(stage) = process.lookup(id)
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
        (Cell::Text(a), Cell::Text(b)) | (Cell::Stage(a), Cell::Stage(b)) => natural(a, b),
        _ => match (instant(a), instant(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => rank(a).cmp(&rank(b)),
        },
    };
    if descending { order.reverse() } else { order }
}

/// What dates are sorted by: a plain day comes before the instants of that day.
fn instant(cell: &Cell) -> Option<(Day, Option<Instant>)> {
    match cell {
        Cell::Date(day) => Some((*day, None)),
        Cell::Moment { at, day } => Some((*day, Some(*at))),
        _ => None,
    }
}

/// The place of a kind among others in one column: what could be read comes before what is shown as text.
///
/// Cells of one rank are all compared by value, or are all equal: so the order holds for any mix.
fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Count(_) => 0,
        Cell::Number(_) => 1,
        Cell::Money { .. } => 2,
        Cell::Share(None) => 3,
        Cell::Share(Some(_)) => 4,
        Cell::Days { days: None, .. } => 5,
        Cell::Days { days: Some(_), .. } => 6,
        Cell::Date(_) | Cell::Moment { .. } => 7,
        Cell::Stage(_) => 8,
        Cell::Text(_) => 9,
        // No column of a listing holds any of these.
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::deal::money::Currency;
    use crate::deal::time::{Zone, parse_day};

    fn day(text: &str) -> Cell {
        Cell::Date(parse_day(text).unwrap())
    }

    fn moment(text: &str) -> Cell {
        let at = Instant::parse(text).unwrap();
        Cell::Moment { at, day: Zone::default().day_of(at) }
    }

    #[test]
    fn a_plain_day_comes_before_the_instants_of_that_day() {
        let early = moment("2026-07-14T08:00:00Z");
        let late = moment("2026-07-14T09:00:00Z");
        let mut cells =
            vec![late.clone(), day("2026-07-15"), early.clone(), day("2026-07-14"), day("2026-07-13")];
        cells.sort_by(|a, b| compare(a, b, false));
        assert_eq!(cells, [day("2026-07-13"), day("2026-07-14"), early, late, day("2026-07-15")]);
    }

    #[test]
    fn the_order_of_any_mix_of_cells_is_total() {
        let money = |amount| Cell::Money { amount, currency: Currency::named("USD").unwrap(), n: None };
        let text = |text: &str| Cell::Text(text.to_owned());
        let mut bag = vec![
            Cell::Empty,
            Cell::Count(1),
            Cell::Count(2),
            Cell::Number(Decimal::ONE),
            Cell::Number(Decimal::TWO),
            money(None),
            money(Some(Decimal::ONE)),
            Cell::Share(None),
            Cell::Share(Some(0.2)),
            Cell::Share(Some(f64::NAN)),
            Cell::Days { days: None, n: None },
            Cell::Days { days: Some(3.5), n: None },
            day("2026-07-14"),
            day("2026-07-15"),
            Cell::Stage("proposal".to_owned()),
            Cell::Stage("needs".to_owned()),
            text("deal-9"),
            text("deal-10"),
            text("DEAL-10"),
            Cell::Key("win_rate"),
            Cell::Change(-1),
        ];
        bag.extend(["T08:00:00Z", "T09:00:00Z"].map(|hour| moment(&format!("2026-07-14{hour}"))));
        for descending in [false, true] {
            let order = |a: &Cell, b: &Cell| compare(a, b, descending);
            for a in &bag {
                for b in &bag {
                    assert_eq!(order(a, b), order(b, a).reverse(), "{a:?} {b:?}");
                    for c in &bag {
                        let (ab, bc, ac) = (order(a, b), order(b, c), order(a, c));
                        if ab != Ordering::Greater && bc != Ordering::Greater {
                            assert_eq!(ac, ab.then(bc), "{a:?} {b:?} {c:?}");
                        }
                    }
                }
            }
        }
    }
}
