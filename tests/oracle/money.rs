//! Values in the reporting currency (§1 Money; "Values"). Nothing is rounded here.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::files::{Deal, Folder};
use crate::journey::field_at;
use crate::time::Cut;

/// The rate of a currency on a day: the fixed one, or the last on or before that day.
fn rate(folder: &Folder, currency: &str, day: NaiveDate) -> Decimal {
    if currency == folder.currency {
        return Decimal::ONE;
    }
    for (name, rate) in &folder.fixed_rates {
        if name == currency {
            return *rate;
        }
    }
    let known = folder.daily_rates.iter().filter(|(from, name, _)| name == currency && *from <= day);
    known.max_by_key(|(from, _, _)| *from).map_or_else(|| panic!("no rate: {currency} {day}"), |row| row.2)
}

/// The value of a deal at `t` at the rate of a day; none where it has none.
pub(crate) fn value(folder: &Folder, deal: &Deal, t: Cut, day: NaiveDate) -> Option<Decimal> {
    let amount = field_at(deal, "value", t);
    if amount.is_empty() {
        return None;
    }
    let mut currency = field_at(deal, "currency", t);
    if currency.is_empty() {
        currency.clone_from(&folder.currency);
    }
    Some(amount.parse::<Decimal>().unwrap() * rate(folder, &currency, day))
}

pub(crate) fn total(values: &[Decimal]) -> Decimal {
    values.iter().copied().fold(Decimal::ZERO, |sum, value| sum + value)
}

pub(crate) fn mean(values: &[Decimal]) -> Option<Decimal> {
    if values.is_empty() { None } else { Some(total(values) / Decimal::from(values.len())) }
}
