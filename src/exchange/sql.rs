//! A pipeline as SQL: tables of deals, stays and events, cleaned and typed, and views that work the main figures out.
//!
//! One script that SQLite, DuckDB and PostgreSQL read. What an engine would have to know of us (which zone a day is of,
//! which stay is assumed, at which rate a value counts) is worked out here; what is left to it are sums.

use std::collections::BTreeSet;
use std::io::{self, Write};

use rust_decimal::Decimal;

use crate::deal::book::{Book, TOUCHES};
use crate::deal::columns::{Holds, holds, parse_probability};
use crate::deal::journey::Journeys;
use crate::deal::money::{NoRate, Rates, parse_amount};
use crate::deal::time::{Day, Instant};
use crate::process::{FieldType, Lang, Outcome, Process};

/// How many rows an `INSERT` has: enough that its words do not count, few enough for every engine.
const ROWS_AT_ONCE: usize = 200;

/// Digits after the point that amounts have.
const DIGITS: u32 = 6;

const AMOUNT: &str = "DECIMAL(24,6)";
const TEXT: &str = "VARCHAR";

/// What is worked out of each deal, behind the columns of the file.
const WORKED_OUT: [(&str, &str); 9] = [
    ("status", TEXT),
    ("amount", AMOUNT),
    ("weighted", AMOUNT),
    ("created_day", "DATE"),
    ("created_month", TEXT),
    ("closed_day", "DATE"),
    ("closed_month", TEXT),
    ("cycle_days", "DOUBLE PRECISION"),
    ("whole", "INTEGER"),
];

/// The figures as views.
const FIGURES: &str = include_str!("sql/figures.sql");
const VIEWS: [&str; 4] = ["closed_by_month", "open_by_stage", "stays_by_stage", "funnel_by_month"];
const TABLES: [&str; 6] = ["events", "reached", "stays", "deals", "stages", "pipeline"];

/// What is written: deals as they are at the cut of the journeys.
#[derive(Debug)]
pub struct Export<'a> {
    process: &'a Process,
    book: &'a Book,
    /// The columns of the file.
    columns: &'a [String],
    journeys: &'a Journeys<'a>,
    /// The journeys of the deals that were asked for.
    picked: &'a [usize],
    /// The value of each of them in the reporting currency.
    amounts: Vec<Option<Decimal>>,
}

impl<'a> Export<'a> {
    /// An export of deals, whose book keeps these columns of theirs.
    ///
    /// Errors: a value in a currency without a rate on its day, before a byte is written.
    pub fn new(
        process: &'a Process,
        book: &'a Book,
        columns: &'a [String],
        journeys: &'a Journeys<'a>,
        picked: &'a [usize],
        rates: &Rates,
    ) -> Result<Export<'a>, NoRate> {
        let today = journeys.cut.day(process.zone);
        let amount = |deal: &usize| {
            let Some((value, currency)) = journeys.value(*deal) else { return Ok(None) };
            let closed = journeys.deals[*deal].end.and_then(|end| end.at);
            let day = closed.map_or(today, |at| process.zone.day_of(at));
            rates.convert(value, currency, process.currency, process.currency, day).map(Some)
        };
        let amounts = picked.iter().map(amount).collect::<Result<_, _>>()?;
        Ok(Export { process, book, columns, journeys, picked, amounts })
    }

    /// Writes the whole script.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "-- {}, written by pipeline {}.",
            one_line(&self.process.name),
            env!("CARGO_PKG_VERSION")
        )?;
        writeln!(out, "-- Instants are in UTC; days and months are those of {}.", self.process.zone.name())?;
        writeln!(out, "BEGIN;")?;
        for view in VIEWS {
            writeln!(out, "DROP VIEW IF EXISTS {view};")?;
        }
        for table in TABLES {
            writeln!(out, "DROP TABLE IF EXISTS {table};")?;
        }
        self.about(out)?;
        self.stages(out)?;
        self.deals(out)?;
        self.stays(out)?;
        self.reached(out)?;
        self.events(out)?;
        writeln!(out, "\n{FIGURES}\nCOMMIT;")
    }

    fn about(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [("name", TEXT), ("currency", TEXT), ("timezone", TEXT), ("as_of", "DATE")];
        let mut table = Table::new("pipeline", &columns, out)?;
        let row = [
            text(&self.process.name),
            text(self.process.currency.code()),
            text(self.process.zone.name()),
            day(Some(self.journeys.cut.day(self.process.zone))),
        ];
        table.row(&row)?;
        table.end()
    }

    fn stages(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            ("position", "INTEGER"),
            ("stage", "VARCHAR PRIMARY KEY"),
            ("name", TEXT),
            ("outcome", TEXT),
            ("probability", "DECIMAL(9,6)"),
            ("stale_after", "INTEGER"),
        ];
        let mut table = Table::new("stages", &columns, out)?;
        for (nth, stage) in self.process.stages.iter().enumerate() {
            table.row(&[
                (nth + 1).to_string(),
                text(&stage.id),
                text(stage.title(Lang::En)),
                stage.outcome.map_or_else(null, |outcome| text(outcome.id())),
                amount(stage.probability),
                stage.stale_after.map_or_else(null, |days| days.to_string()),
            ])?;
        }
        table.end()
    }

    fn deals(&self, out: &mut dyn Write) -> io::Result<()> {
        let (process, journeys, zone) = (self.process, self.journeys, self.process.zone);
        let field = |name: &'a String| Some((self.book.place(name)?, name.as_str(), holds(process, name)));
        // A book keeps what happened, not the cells, under that name.
        let columns = self.columns.iter().filter(|name| *name != TOUCHES);
        let fields: Vec<(usize, &str, Holds)> = columns.filter_map(field).collect();
        let kind = |name: &str, holds: &Holds| match (name, holds) {
            ("id", _) => "VARCHAR PRIMARY KEY",
            ("stage_since" | "created" | "closed", _) => "TIMESTAMP",
            (_, Holds::Probability | Holds::Field(FieldType::Money | FieldType::Number)) => AMOUNT,
            (_, Holds::Field(FieldType::Date)) => "DATE",
            _ => TEXT,
        };
        let named: Vec<(&str, &str)> =
            fields.iter().map(|(_, name, holds)| (*name, kind(name, holds))).chain(WORKED_OUT).collect();
        let mut table = Table::new("deals", &named, out)?;
        for (deal, value) in self.picked.iter().zip(&self.amounts) {
            let journey = &journeys.deals[*deal];
            let last = journeys.stays(*deal).last();
            let closed = journey.end.and_then(|end| end.at);
            let stage = last.map(|stay| stay.stage);
            let cell = |place: usize, name: &str, holds: &Holds| {
                let cell = journeys.field(place, *deal);
                match (name, holds) {
                    ("stage", _) => stage.map_or_else(null, |stage| text(process.stage_id(stage))),
                    ("stage_since", _) => instant(last.map(|stay| stay.entered)),
                    ("created", _) => instant(journey.created),
                    ("closed", _) => instant(closed),
                    ("currency", _) if cell.is_empty() => text(process.currency.code()),
                    (_, Holds::Probability) => amount(parse_probability(cell)),
                    (_, Holds::Field(FieldType::Money | FieldType::Number)) => amount(parse_amount(cell)),
                    (_, Holds::Field(FieldType::Date)) => day(zone.parse_moment_day(cell)),
                    _ => text(cell),
                }
            };
            let mut row: Vec<String> =
                fields.iter().map(|(place, name, holds)| cell(*place, name, holds)).collect();
            let weighted = || {
                let own = self.book.place("probability").map(|place| journeys.field(place, *deal));
                let of_stage = || process.stage(stage?)?.probability;
                let chance = own.and_then(parse_probability).or_else(of_stage).unwrap_or_default();
                value.and_then(|value| value.checked_mul(chance))
            };
            let (created_day, closed_day) =
                (journey.created.map(|at| zone.day_of(at)), closed.map(|at| zone.day_of(at)));
            let cycle = journey.created.zip(closed).map(|(created, closed)| zone.elapsed(created, closed));
            row.extend([
                text(journey.end.map_or("open", |end| end.outcome.id())),
                amount(*value),
                if journey.end.is_none() { amount(weighted()) } else { null() },
                day(created_day),
                month(created_day),
                day(closed_day),
                month(closed_day),
                number(cycle),
                u8::from(!journey.assumed).to_string(),
            ]);
            table.row(&row)?;
        }
        table.end()
    }

    fn stays(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            ("deal", TEXT),
            ("number", "INTEGER"),
            ("stage", TEXT),
            ("entered_at", "TIMESTAMP"),
            ("left_at", "TIMESTAMP"),
            ("left_day", "DATE"),
            ("days", "DOUBLE PRECISION"),
            ("whole", "INTEGER"),
        ];
        let (journeys, zone) = (self.journeys, self.process.zone);
        let mut table = Table::new("stays", &columns, out)?;
        for deal in self.picked {
            for (nth, (stay, left)) in journeys.stays_until(*deal).enumerate() {
                let open = self.process.outcome(stay.stage).is_none();
                let until = left.unwrap_or(journeys.cut.at.max(stay.entered));
                let known = stay.entered != Instant::ALWAYS && open;
                table.row(&[
                    text(self.id(*deal)),
                    (nth + 1).to_string(),
                    text(self.process.stage_id(stay.stage)),
                    instant(Some(stay.entered)),
                    instant(left),
                    day(left.map(|at| zone.day_of(at))),
                    number(known.then(|| zone.elapsed(stay.entered, until))),
                    u8::from(!journeys.deals[*deal].assumed).to_string(),
                ])?;
            }
        }
        table.end()
    }

    fn reached(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [("deal", TEXT), ("stage", TEXT), ("reached_at", "TIMESTAMP"), ("reached_day", "DATE")];
        let (journeys, zone) = (self.journeys, self.process.zone);
        let won: Vec<&str> =
            self.process.outcome_stages(Outcome::Won).map(|(_, stage)| stage.id.as_str()).take(1).collect();
        let open: Vec<&str> = self.process.open_stages().map(|(_, stage)| stage.id.as_str()).collect();
        let mut table = Table::new("reached", &columns, out)?;
        let mut reached = Vec::new();
        for deal in self.picked {
            journeys.reached(*deal, &mut reached);
            let end = journeys.deals[*deal].end.filter(|end| end.outcome == Outcome::Won);
            let stages = open.iter().zip(&reached).filter_map(|(stage, at)| at.map(|at| (*stage, at)));
            let last = end.and_then(|end| end.at).and_then(|at| Some((*won.first()?, at)));
            for (stage, at) in stages.chain(last) {
                let known = Some(at).filter(|at| *at != Instant::ALWAYS);
                let of_day = day(known.map(|at| zone.day_of(at)));
                table.row(&[text(self.id(*deal)), text(stage), instant(known), of_day])?;
            }
        }
        table.end()
    }

    fn events(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            ("deal", TEXT),
            ("at", "TIMESTAMP"),
            ("event", TEXT),
            ("field", TEXT),
            ("from_value", TEXT),
            ("to_value", TEXT),
        ];
        let (book, process) = (self.book, self.process);
        let mut table = Table::new("events", &columns, out)?;
        for picked in self.picked {
            let deal = self.journeys.deals[*picked].deal as usize;
            let id = text(self.id(*picked));
            let cut = self.journeys.cut;
            for step in book.moves(deal).iter().filter(|step| cut.sees(step.at)) {
                let from = step.from.map_or_else(null, |from| text(process.stage_id(from)));
                let row = [
                    id.clone(),
                    instant(Some(step.at)),
                    text("stage"),
                    null(),
                    from,
                    text(process.stage_id(step.to)),
                ];
                table.row(&row)?;
            }
            for change in book.changes(deal).filter(|change| cut.sees(change.at)) {
                let field = text(&book.fields()[change.field]);
                let row = [
                    id.clone(),
                    instant(Some(change.at)),
                    text("set"),
                    field,
                    text(change.from()),
                    text(change.to()),
                ];
                table.row(&row)?;
            }
            for (at, touch) in book.touches(deal).iter().filter(|(at, _)| cut.sees(*at)) {
                table.row(&[id.clone(), instant(Some(*at)), text(touch.id()), null(), null(), null()])?;
            }
        }
        table.end()
    }

    fn id(&self, deal: usize) -> &str {
        self.journeys.id(deal)
    }
}

/// A table being written.
struct Table<'o> {
    name: &'static str,
    rows: usize,
    out: &'o mut dyn Write,
}

impl<'o> Table<'o> {
    /// Makes a table of columns and their types. SQL takes names that differ in case alone for one.
    fn new(name: &'static str, columns: &[(&str, &str)], out: &'o mut dyn Write) -> io::Result<Table<'o>> {
        let mut taken = BTreeSet::new();
        writeln!(out, "\nCREATE TABLE {name} (")?;
        // What is worked out, at the end, keeps its name: the views ask for it.
        let fixed = WORKED_OUT.map(|(name, _)| name);
        for (nth, (column, kind)) in columns.iter().enumerate() {
            let ours = name != "deals" || nth + WORKED_OUT.len() >= columns.len();
            let mut unique = one_line(column);
            let free = |name: &str| ours || !fixed.contains(&name.to_lowercase().as_str());
            while !free(&unique) || !taken.insert(unique.to_lowercase()) {
                unique.push('_');
            }
            let comma = if nth + 1 < columns.len() { "," } else { "" };
            writeln!(out, "  \"{}\" {kind}{comma}", unique.replace('"', "\"\""))?;
        }
        writeln!(out, ");")?;
        Ok(Table { name, rows: 0, out })
    }

    fn row(&mut self, cells: &[String]) -> io::Result<()> {
        if self.rows.is_multiple_of(ROWS_AT_ONCE) {
            let before = if self.rows == 0 { "" } else { ";\n" };
            writeln!(self.out, "{before}INSERT INTO {} VALUES", self.name)?;
        } else {
            writeln!(self.out, ",")?;
        }
        self.rows += 1;
        write!(self.out, "({})", cells.join(", "))
    }

    fn end(self) -> io::Result<()> {
        if self.rows > 0 { writeln!(self.out, ";") } else { Ok(()) }
    }
}

fn null() -> String {
    "NULL".to_owned()
}

/// A text; none where it is empty. No engine takes the character that ends a text in C.
fn text(plain: &str) -> String {
    if plain.is_empty() { null() } else { format!("'{}'", plain.replace('\0', "").replace('\'', "''")) }
}

/// A text in which no line ends, for a comment or a name.
fn one_line(plain: &str) -> String {
    plain.replace(char::is_control, " ")
}

fn amount(amount: Option<Decimal>) -> String {
    amount.map_or_else(null, |amount| amount.round_dp(DIGITS).to_string())
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(null, |number| format!("{number:?}"))
}

fn day(day: Option<Day>) -> String {
    day.map_or_else(null, |day| format!("'{day}'"))
}

fn month(day: Option<Day>) -> String {
    day.map_or_else(null, |day| format!("'{}'", day.format("%Y-%m")))
}

/// An instant in UTC, as every engine reads it.
fn instant(at: Option<Instant>) -> String {
    let at = at.filter(|at| *at != Instant::ALWAYS);
    at.map_or_else(null, |at| format!("'{}'", at.to_string().replace('T', " ").trim_end_matches('Z')))
}
