//! The columns of a listing of deals: which there are, what they hold, and the cells of a deal under them.

use super::terms::{Asked, Row as Deal};
use crate::deal::columns::{Holds, holds, parse_probability};
use crate::deal::money::{Currency, parse_amount};
use crate::deal::time::{Instant, parse_day};
use crate::error::{Error, Result};
use crate::folder::sheet::Sheet;
use crate::metrics::figures::{Cell, Kind};
use crate::problem::nearest;
use crate::process::{COLUMNS, DERIVED, FieldType, Outcome, Process};
use crate::query::{Kind as Asks, Subject, Value};

/// The columns asked for, as long as there are such.
pub(super) fn known(process: &Process, sheet: &Sheet, columns: &[String]) -> Result<Vec<String>> {
    let declared = process.fields.iter().map(|field| field.id.as_str());
    let scores = process.scores.iter().map(|score| score.id.as_str());
    let of_file = sheet.columns().iter().map(String::as_str);
    let known: Vec<&str> = of_file.chain(COLUMNS).chain(declared).chain(DERIVED).chain(scores).collect();
    for name in columns {
        if !known.contains(&name.as_str()) {
            let error = Error::usage(format!("there is no column `{name}`"));
            let otherwise = format!("columns are {}", sheet.columns().join(", "));
            return Err(error.suggest(nearest(name, known.iter().copied()), otherwise));
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

/// Columns, and where the cells of each come from: settled once for all deals.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    asked: &'a Asked<'a>,
    columns: Vec<Source>,
    currency: Option<usize>,
    value: Option<usize>,
}

#[derive(Debug)]
enum Source {
    /// A field that is worked out, by its place in the dictionary, shown as a kind.
    WorkedOut(usize, Kind),
    /// The currency, which a deal with a value always has.
    Currency,
    /// A column of the file, where it has it.
    File(Option<usize>, Holds),
}

impl<'a> Shown<'a> {
    pub(super) fn of<'n>(asked: &'a Asked<'a>, names: impl Iterator<Item = &'n str>) -> Shown<'a> {
        let (sight, process) = (&asked.sight, asked.sight.process());
        let source = |name: &'n str| match sight.derived(name) {
            Some(field) => Source::WorkedOut(field, kind(process, name)),
            None if name == "currency" => Source::Currency,
            None => Source::File(sight.field(name), holds(process, name)),
        };
        let columns = names.map(source).collect();
        Shown { asked, columns, currency: sight.field("currency"), value: sight.field("value") }
    }

    /// The cells of a deal.
    pub(super) fn row(&self, deal: &Deal<'_>) -> Vec<Cell> {
        let sight = &self.asked.sight;
        let process = sight.process();
        // The columns of the file are the first fields of its dictionary.
        let text =
            |place: Option<usize>| place.and_then(|at| deal.record.row().get(at)).map_or("", |cell| cell);
        let currency = match text(self.currency) {
            "" => process.currency,
            code => Currency::named(code).unwrap_or(process.currency),
        };
        let cell = |source: &Source| match source {
            Source::WorkedOut(field, shown) => {
                let today = self.asked.seen(deal);
                let asks = &sight.dictionary().fields[*field].kind;
                worked_out(process, *shown, asks, currency, sight.of(&today).value(*field))
            }
            Source::Currency if text(self.value).is_empty() => {
                cell(process, &Holds::Currency, currency, text(self.currency))
            }
            Source::Currency => Cell::Text(currency.code().to_owned()),
            Source::File(place, holds) => cell(process, holds, currency, text(*place)),
        };
        self.columns.iter().map(cell).collect()
    }
}

/// What was worked out, as a cell.
fn worked_out(process: &Process, shown: Kind, asks: &Asks, currency: Currency, value: Value<'_>) -> Cell {
    match value {
        Value::Empty => Cell::Empty,
        Value::Text(text) => Cell::Text(text.into_owned()),
        Value::Stage(stage) => Cell::Text(process.outcome(stage).map_or("open", Outcome::id).to_owned()),
        Value::Number(amount) if *asks == Asks::Money => {
            Cell::Money { amount: Some(amount), currency, n: None }
        }
        Value::Number(number) => match (shown, u64::try_from(number)) {
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
