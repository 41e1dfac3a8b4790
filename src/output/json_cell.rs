//! One cell in JSON: numbers as numbers, money as decimal strings, nothing as `null`.

use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::look::Look;
use crate::deal::money::Currency;
use crate::metrics::figures::{Cell, Figures, Kind, Rate};
use crate::process::Lang;

/// Whether a plain amount names its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amounts {
    /// In a report.
    WithCurrency,
    /// In a listing, where the currency is a column.
    Alone,
}

impl Amounts {
    /// How the rows of figures have them.
    pub(super) fn of(figures: &Figures) -> Amounts {
        if figures.scope.is_some() { Amounts::WithCurrency } else { Amounts::Alone }
    }
}

/// A cell of a column.
pub(super) struct Valued<'a> {
    pub(super) cell: &'a Cell,
    pub(super) kind: Kind,
    pub(super) amounts: Amounts,
    pub(super) look: &'a Look,
}

/// Whole numbers up to here are the same in every JSON reader.
const EXACT: i64 = 1 << 53;

impl Serialize for Valued<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.cell {
            Cell::Empty => serializer.serialize_unit(),
            Cell::Text(text) | Cell::Stage(text) => serializer.serialize_str(text),
            Cell::Key(key) => serializer.serialize_str(key),
            Cell::Sentence(words) => serializer.serialize_str(words.text(Lang::En)),
            Cell::Texts(texts) => serializer.collect_seq(texts),
            Cell::Count(count) => serializer.serialize_u64(*count),
            Cell::Change(change) => serializer.serialize_i64(*change),
            Cell::Number(number) => serialize_number(*number, serializer),
            Cell::Rate(rate) => serialize_rate(*rate, serializer),
            Cell::Share(share) => share.serialize(serializer),
            Cell::Estimate { share, interval } => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("value", share)?;
                map.serialize_entry("low", &interval.map(|interval| interval.low))?;
                map.serialize_entry("high", &interval.map(|interval| interval.high))?;
                map.end()
            }
            Cell::Money { amount, currency, n } => self.serialize_money(*amount, *currency, *n, serializer),
            Cell::Days { days, .. } if self.kind == Kind::Age => days.serialize(serializer),
            Cell::Days { days, n } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("days", days)?;
                map.serialize_entry("n", n)?;
                map.end()
            }
            Cell::Average { value, .. } if self.kind == Kind::Number => value.serialize(serializer),
            Cell::Average { value, n } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("value", value)?;
                map.serialize_entry("n", n)?;
                map.end()
            }
            Cell::Date(day) => serializer.collect_str(day),
            Cell::Moment { at, .. } => serializer.collect_str(at),
            Cell::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

impl Valued<'_> {
    fn serialize_money<S: Serializer>(
        &self,
        amount: Option<Decimal>,
        currency: Currency,
        n: Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let amount = amount.map(|amount| self.look.round(amount, currency).to_string());
        if self.kind == Kind::Amount && self.amounts == Amounts::Alone {
            return amount.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("amount", &amount)?;
        map.serialize_entry("currency", currency.code())?;
        if matches!(self.kind, Kind::Money | Kind::Total) {
            map.serialize_entry("n", &n)?;
        }
        map.end()
    }
}

fn serialize_rate<S: Serializer>(rate: Rate, serializer: S) -> Result<S::Ok, S::Error> {
    let interval = rate.interval();
    let mut map = serializer.serialize_map(Some(5))?;
    map.serialize_entry("value", &rate.value())?;
    map.serialize_entry("count", &rate.count)?;
    map.serialize_entry("of", &rate.of)?;
    map.serialize_entry("low", &interval.map(|interval| interval.low))?;
    map.serialize_entry("high", &interval.map(|interval| interval.high))?;
    map.end()
}

/// A number where every reader gets exactly this number from it, else its digits in a string.
fn serialize_number<S: Serializer>(number: Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let number = number.normalize();
    if let Ok(whole) = i64::try_from(number)
        && Decimal::from(whole) == number
        && whole.abs() <= EXACT
    {
        return serializer.serialize_i64(whole);
    }
    let text = number.to_string();
    match text.parse::<f64>() {
        Ok(float) if float.to_string() == text => serializer.serialize_f64(float),
        _ => serializer.serialize_str(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_exact_or_a_string() {
        for (text, json) in [
            ("3", "3"),
            ("3.00", "3"),
            ("-0.50", "-0.5"),
            ("12345.678", "12345.678"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "\"9007199254740993\""),
            ("0.1234567890123456789012345678", "\"0.1234567890123456789012345678\""),
        ] {
            let cell = Cell::Number(text.parse().unwrap());
            let look = Look::default();
            let valued = Valued { cell: &cell, kind: Kind::Number, amounts: Amounts::Alone, look: &look };
            assert_eq!(serde_json::to_string(&valued).unwrap(), json);
        }
    }
}
