//! Exact amounts, currencies, and the rates that turn one currency into another (metrics §1, Money).

use std::fmt;
use std::sync::LazyLock;

use rust_decimal::{Decimal, RoundingStrategy};

use super::time::Day;

/// The largest amount a cell may hold, just below 10^15: sums of a million of them stay exact in 28 digits.
pub const LARGEST: Decimal = Decimal::from_parts(2_764_472_319, 232_830, 0, false, 0);

/// How many digits after the point an amount may have.
pub const FINEST: u32 = 6;

/// A currency of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency of a code such as `EUR`; `None` when ISO 4217 has no such code.
    pub fn named(code: &str) -> Option<Currency> {
        iso_currency::Currency::from_code(code).map(Currency)
    }

    /// Its three letters.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// What is written before or behind its amounts, such as `€` or `NT$`; several currencies have the same.
    pub fn symbol(&self) -> String {
        self.0.symbol().symbol
    }

    /// Digits after the point that ISO 4217 gives it.
    pub fn digits(&self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Finer digits come of quotients that do not end, such as a probability of 13 in 24.
const NOISE: u32 = 18;

/// Rounds half-even to `digits` after the point, as every shown amount is. A tie is one although a quotient in it was
/// cut at its 28th digit.
pub fn round(amount: Decimal, digits: u32) -> Decimal {
    let amount = if amount.scale() > NOISE { amount.round_dp(NOISE) } else { amount };
    let mut rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven);
    rounded.rescale(digits);
    // Zero has no sign, but rounding -0.001 leaves -0.00.
    if rounded.is_zero() { rounded.abs() } else { rounded }
}

/// Reads an amount as the files hold it: digits, a point, an optional sign; at most [`LARGEST`] and [`FINEST`].
pub fn parse_amount(text: &str) -> Option<Decimal> {
    parse_plain(text.as_bytes()).or_else(|| parse_any(text))
}

/// The amounts of most cells, digits and perhaps two more after a point, without going through a general parser: a file has
/// millions.
fn parse_plain(text: &[u8]) -> Option<Decimal> {
    let (whole, cents) = match text {
        [whole @ .., b'.', tens, ones] => (whole, Some([*tens, *ones])),
        whole => (whole, None),
    };
    // Fourteen digits are below the largest amount, whatever they are.
    if whole.is_empty() || whole.len() > 14 {
        return None;
    }
    let digits = whole.iter().copied().chain(cents.into_iter().flatten());
    let number = digits
        .into_iter()
        .try_fold(0, |sum: i64, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))?;
    Some(Decimal::new(number, if cents.is_some() { 2 } else { 0 }))
}

fn parse_any(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole)
        || !digits(fraction)
        || whole.len() > 18
        || fraction.trim_end_matches('0').len() > FINEST as usize
    {
        return None;
    }
    text.parse::<Decimal>().ok().filter(|amount| amount.abs() <= LARGEST)
}

/// Reads an amount as a person types it: also `10k`, `1.5m` and `12,000` or `12_000`.
pub fn parse_typed_amount(text: &str) -> Option<Decimal> {
    let lower = text.trim().to_ascii_lowercase();
    let (number, factor) = match lower.strip_suffix(['k', 'm']) {
        Some(number) => (number, if lower.ends_with('k') { 1_000 } else { 1_000_000 }),
        None => (lower.as_str(), 1),
    };
    let amount = parse_amount(&without_grouping(number)?)?.checked_mul(Decimal::from(factor))?;
    (amount.abs() <= LARGEST).then(|| amount.normalize())
}

/// Whether a text is an amount as a person types it, but one above [`LARGEST`].
pub fn is_too_large(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let number = without_grouping(lower.trim_end_matches(['k', 'm'])).unwrap_or_default();
    let number = number.trim_start_matches('-');
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = 3 * (lower.matches('k').count() + 2 * lower.matches('m').count());
    digits(whole)
        && digits(fraction)
        && whole.trim_start_matches('0').len() + thousands > 15
        && parse_typed_amount(text).is_none()
}

/// `12,000` and `12_000` without the marks; `None` when they do not stand at thousands.
fn without_grouping(number: &str) -> Option<String> {
    let marks = [',', '_'];
    if !number.contains(marks) {
        return Some(number.to_owned());
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut groups = whole.trim_start_matches('-').split(marks);
    let first = groups.next()?;
    // `0,500` is a half with a decimal comma: nobody writes five hundred so.
    let sound = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let sound = sound && groups.all(|group| group.len() == 3);
    // `1.250,50` is how half the world writes it, and would be read as 1.2505.
    let sound = sound && !fraction.contains(marks);
    sound.then(|| number.replace(marks, ""))
}

/// The largest rate, 10^9: one beyond it is a slip, and amounts times rates must stay within 28 digits.
const HIGHEST_RATE: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Millions of amounts of this size have a sum within 28 digits.
static LARGEST_CONVERTED: LazyLock<Decimal> = LazyLock::new(|| LARGEST * Decimal::from(10_000_000));

/// Reads a rate: digits and a point, above 0. Finer than an amount may be: a rupiah is 0.0000613 dollars.
pub fn parse_rate(text: &str) -> Option<Decimal> {
    let plain = text.len() <= 28 && text.starts_with(|c: char| c.is_ascii_digit());
    let plain = plain && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let rate = if plain { text.parse::<Decimal>().ok() } else { None };
    rate.filter(|rate| *rate > Decimal::ZERO && *rate <= HIGHEST_RATE)
}

/// Exchange rates into the reporting currency, by day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// In the order of (currency, day); a rate without a day of its own has held always.
    rates: Vec<(Currency, Option<Day>, Decimal)>,
}

/// A rate that is needed and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRate {
    /// The currency without a rate.
    pub currency: Currency,
    /// The day for which it is needed.
    pub day: Day,
}

impl NoRate {
    /// From when on there are rates, where there are later ones; else nothing.
    pub fn but_later(&self, rates: &Rates) -> String {
        let first = rates.first_day(self.currency);
        first.map_or_else(String::new, |first| format!(": the first one is of {first}"))
    }
}

impl Rates {
    /// Rates from `(currency, first day it holds, rate)`: 1 of the currency is `rate` of the reporting currency.
    pub fn new(mut rates: Vec<(Currency, Option<Day>, Decimal)>) -> Rates {
        rates.sort_by_key(|(currency, day, _)| (*currency, *day));
        Rates { rates }
    }

    /// The last rate on or before a day.
    pub fn on(&self, currency: Currency, day: Day) -> Option<Decimal> {
        let until = self.rates.partition_point(|(other, from, _)| (*other, *from) <= (currency, Some(day)));
        let (found, _, rate) = self.rates[..until].last()?;
        (*found == currency).then_some(*rate)
    }

    /// The first day of a currency's rates, where those have days.
    pub fn first_day(&self, currency: Currency) -> Option<Day> {
        let before = self.rates.partition_point(|(other, from, _)| (*other, *from) <= (currency, None));
        self.rates.get(before).filter(|(found, ..)| *found == currency).and_then(|(_, day, _)| *day)
    }

    /// `amount` of `from` in `to`, at the rates of `day`, which are into `base`.
    ///
    /// Errors: a currency without a rate that day.
    pub fn convert(
        &self,
        amount: Decimal,
        from: Currency,
        to: Currency,
        base: Currency,
        day: Day,
    ) -> Result<Decimal, NoRate> {
        if from == to {
            return Ok(amount);
        }
        let rate = |currency: Currency| match self.on(currency, day) {
            _ if currency == base => Ok(Decimal::ONE),
            Some(rate) => Ok(rate),
            None => Err(NoRate { currency, day }),
        };
        let converted = (amount * rate(from)?).checked_div(rate(to)?);
        // Rates so far apart are as good as none: sums of such amounts could not be told.
        converted.filter(|amount| amount.abs() <= *LARGEST_CONVERTED).ok_or(NoRate { currency: to, day })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_amount_is_read_as_any_other() {
        let mut dice = fastrand::Rng::with_seed(6);
        let pieces =
            ["0", "1", "9", "42", "007", ".", ".5", ".50", "-", "+", "a", "999999999999999", " ", "1e3", "_"];
        for _ in 0..20_000 {
            let text: String = (0..dice.usize(..4)).map(|_| pieces[dice.usize(..pieces.len())]).collect();
            if let Some(plain) = parse_plain(text.as_bytes()) {
                let any = parse_any(&text);
                assert_eq!(any.map(|any| any.serialize()), Some(plain.serialize()), "{text}");
            }
        }
        assert!(parse_plain(b"1234.50").is_some() && parse_plain(b"1234").is_some());
    }
    use crate::deal::time::parse_day;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_largest_amount_is_a_million_times_a_thousand_million() {
        assert_eq!(LARGEST, dec("999999999999999"));
    }

    #[test]
    fn amounts_in_files_are_plain() {
        assert_eq!(parse_amount("12000.50"), Some(dec("12000.50")));
        assert_eq!(parse_amount("-3"), Some(dec("-3")));
        for text in [
            "",
            "12,000",
            "$12",
            "1e3",
            ".5",
            "5.",
            "0.1234567",
            "1000000000000000",
            "12k",
            "NaN",
            "+1",
            "１２",
        ] {
            assert_eq!(parse_amount(text), None, "{text}");
        }
    }

    #[test]
    fn people_may_type_thousands() {
        assert_eq!(parse_typed_amount("10k"), Some(dec("10000")));
        assert_eq!(parse_typed_amount("1.5M"), Some(dec("1500000")));
        assert_eq!(parse_typed_amount("12,000.5"), Some(dec("12000.5")));
        assert_eq!(parse_typed_amount("12,00"), None);
        assert_eq!(parse_typed_amount("1,5"), None);
        assert_eq!(parse_typed_amount("1.250,50"), None);
        for text in ["0,500", "-0,500", "0_500", "012,000", "0,500k"] {
            assert_eq!(parse_typed_amount(text), None, "{text}");
        }
        assert_eq!(parse_typed_amount("-1,250"), Some(dec("-1250")));
    }

    #[test]
    fn shown_amounts_round_half_even() {
        assert_eq!(round(dec("2.345"), 2).to_string(), "2.34");
        assert_eq!(round(dec("2.355"), 2).to_string(), "2.36");
        assert_eq!(round(dec("7"), 2).to_string(), "7.00");
        assert_eq!(round(dec("-0.004"), 2).to_string(), "0.00");
        let probability = Decimal::from(13).checked_div(Decimal::from(24)).unwrap();
        assert_eq!(round(Decimal::from(3) * probability, 2).to_string(), "1.62");
    }

    #[test]
    fn a_rate_holds_from_its_day_until_the_next() {
        let (eur, usd) = (Currency::named("EUR").unwrap(), Currency::named("USD").unwrap());
        let day = |text| parse_day(text).unwrap();
        let rates = Rates::new(vec![
            (eur, Some(day("2026-02-01")), dec("1.10")),
            (eur, Some(day("2026-01-01")), dec("1.08")),
        ]);
        let convert = |on| rates.convert(dec("100"), eur, usd, usd, day(on));
        assert_eq!(convert("2026-01-31"), Ok(dec("108.00")));
        assert_eq!(convert("2026-02-01"), Ok(dec("110.00")));
        assert_eq!(convert("2025-12-31"), Err(NoRate { currency: eur, day: day("2025-12-31") }));
        assert_eq!((rates.first_day(eur), rates.first_day(usd)), (Some(day("2026-01-01")), None));
    }

    #[test]
    fn amounts_go_from_one_currency_to_another_over_that_of_the_rates() {
        let [eur, usd, twd] = ["EUR", "USD", "TWD"].map(|code| Currency::named(code).unwrap());
        let day = parse_day("2026-02-01").unwrap();
        let rates = Rates::new(vec![(eur, None, dec("1.25")), (twd, None, dec("0.03125"))]);
        let convert = |from, to| rates.convert(dec("100"), from, to, usd, day);
        assert_eq!(convert(usd, eur), Ok(dec("80")));
        // 100 EUR are 125 USD, and those are 4,000 TWD.
        assert_eq!(convert(eur, twd), Ok(dec("4000")));
        assert_eq!(convert(twd, twd), Ok(dec("100")));
        let jpy = Currency::named("JPY").unwrap();
        assert_eq!(convert(usd, jpy), Err(NoRate { currency: jpy, day }));
        let tiny = Rates::new(vec![(eur, None, dec("0.0000000000000000000000000001"))]);
        assert!(tiny.convert(LARGEST, usd, eur, usd, day).is_err());
    }

    #[test]
    fn only_iso_codes_are_currencies() {
        assert_eq!(Currency::named("usd").map(|c| c.code().to_owned()), None);
        assert_eq!(Currency::named("ZZZ"), None);
        assert_eq!(Currency::named("JPY").map(|c| c.digits()), Some(0));
    }
}
