//! The columns of deals.csv: which are known, and what their cells may hold.

use super::{money, time};
use crate::problem::{meant, nearest};
use crate::process::{FieldType, Process};
use crate::yaml::{Data, Node, Problems};

/// The columns without which a file holds no deals.
pub const REQUIRED: [&str; 3] = ["id", "name", "stage"];

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A deal's id.
    Id,
    /// A stage's id.
    Stage,
    /// A currency code.
    Currency,
    /// A probability: `60%` or `0.6`.
    Probability,
    /// A forecast category.
    Forecast,
    /// Several words.
    Tags,
    /// What a declared field of this type does; known columns are of these types too.
    Field(FieldType),
}

/// The forecast categories that a deal's cell may name (metrics §6).
pub const FORECASTS: [&str; 4] = ["commit", "best case", "pipeline", "omitted"];

/// What the cells of the column `name` hold in a process; text where neither knows it.
pub fn holds(process: &Process, name: &str) -> Holds {
    match name {
        "id" => Holds::Id,
        "stage" => Holds::Stage,
        "currency" => Holds::Currency,
        "probability" => Holds::Probability,
        "forecast" => Holds::Forecast,
        "tags" => Holds::Tags,
        "value" => Holds::Field(FieldType::Money),
        "stage_since" | "created" | "close_date" | "closed" | "next_date" => Holds::Field(FieldType::Date),
        _ => Holds::Field(process.field(name).map_or(FieldType::Text, |field| field.kind.clone())),
    }
}

/// What is wrong with a cell, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Unfit {
    fn new(message: String, help: impl Into<String>) -> Unfit {
        Unfit { message, help: Some(help.into()) }
    }
}

impl Holds {
    /// Whether every cell will do.
    pub fn is_anything(&self) -> bool {
        matches!(self, Holds::Tags | Holds::Field(FieldType::Text))
    }

    /// Whether it is an amount: money or a plain number.
    pub fn is_amount(&self) -> bool {
        matches!(self, Holds::Field(FieldType::Money | FieldType::Number))
    }

    /// Whether two cells say the same: `5` and `5.00` are one amount.
    pub fn same(&self, a: &str, b: &str) -> bool {
        a == b
            || (self.is_amount() && money::parse_amount(a).is_some_and(|a| money::parse_amount(b) == Some(a)))
    }

    /// Checks a cell. An empty one holds nothing, which only an id and a stage may not.
    pub fn check(&self, process: &Process, text: &str) -> Result<(), Unfit> {
        match self {
            Holds::Id => check_id(text),
            Holds::Stage => check_stage(process, text),
            _ if text.is_empty() => Ok(()),
            Holds::Currency if text == process.currency.code() => Ok(()),
            Holds::Currency => match money::Currency::named(text) {
                Some(_) => Ok(()),
                None => Err(Unfit::new(
                    format!("`{text}` is no currency"),
                    "write its ISO 4217 code, such as USD or EUR",
                )),
            },
            Holds::Probability => match parse_probability(text) {
                Some(_) => Ok(()),
                None => Err(Unfit::new(format!("`{text}` is no probability"), "write it as 60% or 0.6")),
            },
            Holds::Forecast if FORECASTS.contains(&text) => Ok(()),
            Holds::Forecast => Err(Unfit::new(
                format!("`{text}` is no forecast category"),
                format!("write {}", one_of(&FORECASTS)),
            )),
            Holds::Tags => Ok(()),
            Holds::Field(kind) => check_field(kind, text),
        }
    }
}

#[inline]
fn check_id(text: &str) -> Result<(), Unfit> {
    // Nearly all ids; the rest of the alphabets is looked at letter by letter.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    if text.is_empty() {
        return Err(Unfit::new("this deal has no id".to_owned(), "give it one that no other deal has"));
    }
    if text.trim() != text || text.contains(char::is_control) {
        return Err(Unfit::new(
            format!("the id `{}` has blanks around it or a control character in it", text.escape_debug()),
            "write it without",
        ));
    }
    Ok(())
}

fn check_stage(process: &Process, text: &str) -> Result<(), Unfit> {
    if process.lookup(text).is_some() {
        return Ok(());
    }
    let ids = process.stages.iter().map(|stage| stage.id.as_str());
    if text.is_empty() {
        return Err(Unfit::new("this deal has no stage".to_owned(), format!("stages are {}", join(ids))));
    }
    let help = meant(nearest(text, ids.clone()), format!("stages are {}", join(ids)));
    Err(Unfit::new(format!("`{text}` is no stage of this process"), help))
}

fn check_field(kind: &FieldType, text: &str) -> Result<(), Unfit> {
    match kind {
        FieldType::Text => Ok(()),
        FieldType::Money | FieldType::Number => {
            if money::parse_amount(text).is_some() {
                return Ok(());
            }
            if money::is_too_large(text) {
                let help = "an amount is below 1000000000000000 (10^15)";
                return Err(Unfit::new(format!("`{text}` is too large"), help));
            }
            let what = if *kind == FieldType::Money { "amount" } else { "number" };
            let help = match money::parse_typed_amount(text) {
                Some(amount) => format!("write {amount}"),
                None => "write digits with a point, without a currency sign or separators".to_owned(),
            };
            Err(Unfit::new(format!("`{text}` is no {what}"), help))
        }
        FieldType::Date if time::is_moment(text) => Ok(()),
        FieldType::Date => {
            Err(Unfit::new(format!("`{text}` is no date"), "write it as 2026-07-14 or 2026-07-14T09:30:00Z"))
        }
        FieldType::Choice(choices) if choices.iter().any(|choice| choice == text) => Ok(()),
        FieldType::Choice(choices) => {
            Err(Unfit::new(format!("`{text}` is none of its choices"), format!("write {}", one_of(choices))))
        }
        FieldType::YesNo if matches!(text, "yes" | "no") => Ok(()),
        FieldType::YesNo => Err(Unfit::new(format!("`{text}` is neither yes nor no"), "write yes or no")),
    }
}

/// Reads a probability, `60%` or `0.6`, as a share from 0 to 1.
pub fn parse_probability(text: &str) -> Option<rust_decimal::Decimal> {
    let share = match text.strip_suffix('%') {
        Some(percent) => {
            money::parse_amount(percent.trim_end())?.checked_div(rust_decimal::Decimal::ONE_HUNDRED)?
        }
        None => money::parse_amount(text)?,
    };
    (share >= rust_decimal::Decimal::ZERO && share <= rust_decimal::Decimal::ONE).then_some(share)
}

/// What is typed for a column of a process, as its cell.
///
/// Errors: the column does not hold such a thing.
pub fn typed(process: &Process, column: &str, today: time::Day, text: &str) -> Result<String, Unfit> {
    let kind = holds(process, column);
    let cell = as_cell(process, &kind, today, text);
    kind.check(process, &cell).map_err(|unfit| match kind {
        Holds::Field(FieldType::Date) => {
            Unfit::new(unfit.message, "write it as 2026-07-14, today, today+3d or today-2w")
        }
        _ => unfit,
    })?;
    let reasons = &process.reasons;
    if column == "reason" && !cell.is_empty() && !reasons.is_empty() && !reasons.contains(&cell) {
        let near = nearest(&cell, reasons.iter().map(String::as_str));
        let help = meant(near, format!("reasons are {}", reasons.join(", ")));
        return Err(Unfit::new(format!("`{cell}` is no reason of this process"), help));
    }
    Ok(cell)
}

/// Turns what a person types for a column into what its cell holds: thousands, relative dates, stages by name.
///
/// Text that fits no such form comes back as it is, for [`Holds::check`] to judge.
pub fn as_cell(process: &Process, holds: &Holds, today: time::Day, typed: &str) -> String {
    let typed = typed.trim();
    match holds {
        Holds::Field(FieldType::Money | FieldType::Number) => {
            money::parse_typed_amount(typed).map_or_else(|| typed.to_owned(), |amount| amount.to_string())
        }
        Holds::Field(FieldType::Date) => {
            time::parse_typed_day(typed, today).map_or_else(|| typed.to_owned(), |day| day.to_string())
        }
        Holds::Stage => {
            process.find(typed).map_or_else(|| typed.to_owned(), |at| process.stage_id(at).to_owned())
        }
        Holds::Currency => typed.to_ascii_uppercase(),
        Holds::Field(FieldType::Choice(choices)) => {
            let same = |choice: &&String| choice.to_lowercase() == typed.to_lowercase();
            choices.iter().find(same).cloned().unwrap_or_else(|| typed.to_owned())
        }
        Holds::Field(FieldType::YesNo) | Holds::Forecast => typed.to_lowercase(),
        Holds::Id | Holds::Probability | Holds::Tags | Holds::Field(FieldType::Text) => typed.to_owned(),
    }
}

/// What stands under a key of a deal in YAML, as the cell of that column; noted where it is none.
pub(crate) fn yaml_cell(found: &mut Problems<'_>, key: &str, value: &Node) -> Option<String> {
    match &value.data {
        Data::List(_) if key != "tags" => {
            found
                .error(&value.span, format!("`{key}` is one text, not a list"))
                .help("only `tags` may be a list; write a text");
        }
        Data::Broken => {}
        _ => match value.as_cell() {
            Some(cell) => return Some(cell),
            None => found
                .error(&value.span, format!("`{key}` is one text, not a map or a list of lists"))
                .help("write a text"),
        },
    }
    None
}

fn one_of(choices: &[impl AsRef<str>]) -> String {
    format!("one of: {}", join(choices.iter().map(AsRef::as_ref)))
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
