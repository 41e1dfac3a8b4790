//! Amounts as other systems write them: with a currency before or behind, thousands, and the decimal mark of a place.

use memchr::memchr2;
use rust_decimal::Decimal;

use crate::deal::money::{Currency, LARGEST, parse_amount};

/// Which character stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A point, as in `12,500.00`.
    Point,
    /// A comma, as in `12.500,00`.
    Comma,
}

impl Mark {
    /// The mark of a word.
    pub fn named(word: &str) -> Option<Mark> {
        match word {
            "point" => Some(Mark::Point),
            "comma" => Some(Mark::Comma),
            _ => None,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Point => "point",
            Mark::Comma => "comma",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Mark {
        match self {
            Mark::Point => Mark::Comma,
            Mark::Comma => Mark::Point,
        }
    }
}

/// What was seen of the decimal mark.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    point: Option<String>,
    comma: Option<String>,
    unclear: Option<String>,
}

/// How the mark is told where the amounts do not tell it.
pub(super) const SAY_WHICH: &str = "say what stands before the decimals: --decimal point or --decimal comma";

impl Seen {
    /// Looks at a cell of amounts.
    pub fn look(&mut self, text: &str) {
        // Digits alone say nothing, and are what most cells hold.
        if memchr2(b'.', b',', text.as_bytes()).is_none() {
            return;
        }
        let text = text.trim();
        let evidence = if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-'))
        {
            evidence(text)
        } else {
            evidence(&bare(text).number)
        };
        let (kept, mark) = match evidence {
            Evidence::Nothing => return,
            Evidence::By(mark @ Mark::Point) => (&mut self.point, mark),
            Evidence::By(mark @ Mark::Comma) => (&mut self.comma, mark),
            Evidence::Unclear => (&mut self.unclear, Mark::Point),
        };
        // Marks of a date or a version are those of no amount.
        if kept.is_none() && read(text, mark).is_some() {
            *kept = Some(text.to_owned());
        }
    }

    /// What was seen in all, where `later` was seen after this.
    #[must_use]
    pub fn and(self, later: Seen) -> Seen {
        Seen {
            point: self.point.or(later.point),
            comma: self.comma.or(later.comma),
            unclear: self.unclear.or(later.unclear),
        }
    }

    /// The mark that all amounts agree on.
    ///
    /// Errors: they do not agree, or one might be a thousand times another.
    pub fn mark(&self) -> Result<Mark, String> {
        match (&self.point, &self.comma, &self.unclear) {
            (Some(point), Some(comma), _) => Err(format!(
                "`{point}` has a point before its decimals and `{comma}` a comma: amounts have to be written in one way"
            )),
            (None, Some(_), _) => Ok(Mark::Comma),
            (None, None, Some(unclear)) => Err(format!(
                "`{unclear}` may be in thousands or have three decimals, and no other amount tells"
            )),
            _ => Ok(Mark::Point),
        }
    }
}

/// What an amount says of the decimal mark.
enum Evidence {
    Nothing,
    By(Mark),
    Unclear,
}

fn evidence(number: &str) -> Evidence {
    let number = number.strip_prefix('-').unwrap_or(number);
    let is_mark = |byte: &u8| matches!(byte, b'.' | b',');
    if !number.bytes().all(|byte| byte.is_ascii_digit() || is_mark(&byte)) {
        return Evidence::Nothing;
    }
    let bytes = number.as_bytes();
    let marks = (bytes.iter().position(is_mark), bytes.iter().rposition(is_mark));
    let (Some(first), Some(last)) = marks else { return Evidence::Nothing };
    let mark = if bytes[last] == b'.' { Mark::Point } else { Mark::Comma };
    if first == last {
        let thousands = number.len() - last == 4 && leads(&number[..last]);
        return match mark {
            _ if !thousands => Evidence::By(mark),
            // Few write three decimals, and many write thousands so; a point is what programs write.
            Mark::Comma => Evidence::Nothing,
            Mark::Point => Evidence::Unclear,
        };
    }
    // The same mark twice stands at thousands.
    let before = bytes[..last].iter().rev().find(|byte| is_mark(byte));
    Evidence::By(if before == Some(&bytes[last]) { mark.other() } else { mark })
}

/// Whether digits may stand before a mark of thousands: nobody writes `0.500` for five hundred.
fn leads(digits: &str) -> bool {
    (1..=3).contains(&digits.len()) && !digits.starts_with('0')
}

/// An amount, and what stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount<'t> {
    /// How much.
    pub amount: Decimal,
    /// Of what, where it says so.
    pub unit: Option<Unit<'t>>,
}

/// What an amount says of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit<'t> {
    /// Its code.
    Code(Currency),
    /// A sign such as `$` or `NT$`, which may be that of several.
    Sign(&'t str),
}

impl Unit<'_> {
    /// Whether amounts in a currency are written so: `$`, `US$` and `USD` for US dollars, and `$` for many others too.
    pub fn fits(self, currency: Currency) -> bool {
        match self {
            Unit::Code(code) => code == currency,
            Unit::Sign(sign) => {
                let (letters, sign_alone) = sign.split_at(sign.trim_end_matches(SIGNS).len());
                let symbol = currency.symbol();
                symbol == sign || (symbol.ends_with(sign_alone) && currency.code().starts_with(letters))
            }
        }
    }

    /// What to do where it does not fit.
    pub fn help(self) -> String {
        let alone = "write the amount alone, and its currency into a column of its own";
        match self {
            Unit::Code(_) => alone.to_owned(),
            Unit::Sign(sign) => format!("{alone}, or say what the sign stands for: --currency '{sign}=CODE'"),
        }
    }

    /// The currency, where it can be no other.
    pub fn currency(self) -> Option<Currency> {
        match self {
            Unit::Code(code) => Some(code),
            Unit::Sign("€") => Currency::named("EUR"),
            Unit::Sign("£") => Currency::named("GBP"),
            Unit::Sign("₹") => Currency::named("INR"),
            Unit::Sign(_) => None,
        }
    }
}

/// The signs that amounts are written with.
const SIGNS: [char; 5] = ['$', '€', '£', '¥', '₹'];

/// Reads an amount.
pub fn read(text: &str, mark: Mark) -> Option<Amount<'_>> {
    let Bare { number, factor, unit } = bare(text);
    let (decimal, grouping) = match mark {
        Mark::Point => ('.', [',', '_']),
        Mark::Comma => (',', ['.', '_']),
    };
    let (whole, fraction) = number.split_once(decimal).unwrap_or((&number, ""));
    if fraction.contains(grouping) {
        return None;
    }
    let groups: Vec<&str> = whole.strip_prefix('-').unwrap_or(whole).split(grouping).collect();
    let grouped = groups.len() == 1 || (leads(groups[0]) && groups[1..].iter().all(|group| group.len() == 3));
    if !grouped {
        return None;
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let plain = format!("{sign}{}", groups.concat());
    let plain = if fraction.is_empty() { plain } else { format!("{plain}.{fraction}") };
    let amount = parse_amount(&plain)?.checked_mul(factor).filter(|amount| amount.abs() <= LARGEST)?;
    Some(Amount { amount: amount.normalize(), unit })
}

/// What an amount is made of.
struct Bare<'t> {
    /// Its digits, marks and sign.
    number: String,
    /// What the `k` or `m` behind them multiplies by.
    factor: Decimal,
    /// The code or the sign before or behind them.
    unit: Option<Unit<'t>>,
}

fn bare(text: &str) -> Bare<'_> {
    let text = text.trim();
    let is_letter = |c: char| c.is_ascii_uppercase();
    let before = &text[..text.len() - text.trim_start_matches(is_letter).len()];
    let behind = &text[text.trim_end_matches(is_letter).len()..];
    let code = Currency::named(before).or_else(|| Currency::named(behind));
    let rest = match code {
        Some(currency) => text.trim_start_matches(currency.code()).trim_end_matches(currency.code()),
        None => text,
    };
    // Beside a code stands no sign of another currency.
    let sign = sign(rest).filter(|sign| code.is_none_or(|code| Unit::Sign(sign).fits(code)));
    let unit = code.map(Unit::Code).or(sign.map(Unit::Sign));
    let number = sign.map_or_else(|| rest.to_owned(), |sign| rest.replacen(sign, "", 1));
    let number = number.trim();
    let negative = number.starts_with('(') && number.ends_with(')');
    let kept = |c: &char| !c.is_whitespace() && !"'’()\u{202f}".contains(*c);
    let mut number: String = number.chars().filter(kept).collect();
    let factor = match number.chars().last() {
        Some('k' | 'K') => Decimal::ONE_THOUSAND,
        Some('m' | 'M') => Decimal::from(1_000_000),
        _ => Decimal::ONE,
    };
    if factor != Decimal::ONE {
        number.pop();
    }
    Bare { number: if negative { format!("-{number}") } else { number }, factor, unit }
}

/// The first sign of a currency in a text, with the capital letters before it.
fn sign(text: &str) -> Option<&str> {
    let at = text.find(SIGNS)?;
    let letters = text[..at].trim_end_matches(|c: char| c.is_ascii_uppercase()).len();
    Some(&text[letters..at + text[at..].chars().next()?.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_of_every_currency_that_is_written_so() {
        for (sign, code, fits) in [
            ("$", "USD", true),
            ("$", "TWD", true),
            ("NT$", "TWD", true),
            ("NT$", "USD", false),
            ("US$", "USD", true),
            ("US$", "TWD", false),
            ("$", "EUR", false),
            ("€", "EUR", true),
            ("¥", "JPY", true),
            ("¥", "CNY", true),
            ("¥", "USD", false),
        ] {
            let currency = Currency::named(code).unwrap();
            assert_eq!(Unit::Sign(sign).fits(currency), fits, "{sign} {code}");
            assert!(Unit::Code(currency).fits(currency));
        }
        for (unit, code) in [("€", Some("EUR")), ("$", None), ("¥", None), ("NT$", None)] {
            assert_eq!(Unit::Sign(unit).currency(), code.and_then(Currency::named), "{unit}");
        }
    }

    #[test]
    fn amounts_of_many_places_are_read() {
        let usd = Currency::named("USD").map(Unit::Code);
        for (text, mark, amount, unit) in [
            ("15000", Mark::Point, "15000", None),
            ("12,500.00", Mark::Point, "12500", None),
            ("12.500,50", Mark::Comma, "12500.5", None),
            ("12 500,5", Mark::Comma, "12500.5", None),
            ("12'500.05", Mark::Point, "12500.05", None),
            ("$1,200", Mark::Point, "1200", Some(Unit::Sign("$"))),
            ("-NT$1,200", Mark::Point, "-1200", Some(Unit::Sign("NT$"))),
            ("(1.200,5 €)", Mark::Comma, "-1200.5", Some(Unit::Sign("€"))),
            ("USD 12,500.00", Mark::Point, "12500", usd),
            ("12,500 USD", Mark::Point, "12500", usd),
            ("$1,200 USD", Mark::Point, "1200", usd),
            ("USD (500)", Mark::Point, "-500", usd),
            ("€1.5k", Mark::Point, "1500", Some(Unit::Sign("€"))),
            ("(1,200)", Mark::Point, "-1200", None),
            ("-3.5", Mark::Point, "-3.5", None),
            ("1.234,56", Mark::Comma, "1234.56", None),
            ("0,500", Mark::Comma, "0.5", None),
            ("10k", Mark::Comma, "10000", None),
            ("1.5M", Mark::Point, "1500000", None),
            ("12_000", Mark::Comma, "12000", None),
        ] {
            let read = read(text, mark).map(|read| (read.amount.to_string(), read.unit));
            assert_eq!(read, Some((amount.to_owned(), unit)), "{text}");
        }
        for text in [
            "",
            "a lot",
            "1,2,3",
            "12,50.00",
            "1.2.3",
            "QQQ 5",
            "$5 €",
            "€5 USD",
            "USD 5 USD 6",
            "--1",
            "1-",
            "0,500",
            "-0,500",
            "999999999999m",
        ] {
            assert_eq!(read(text, Mark::Point), None, "{text}");
        }
        for text in ["12.50", "0.500", "1.2", "1,234.5", "1,234,567"] {
            assert_eq!(read(text, Mark::Comma), None, "{text}");
        }
    }

    #[test]
    fn the_mark_is_told_by_all_amounts_together() {
        let mark = |texts: &[&str]| {
            let mut seen = Seen::default();
            for text in texts {
                seen.look(text);
            }
            seen.mark()
        };
        assert_eq!(mark(&["12.500", "3,5"]), Ok(Mark::Comma));
        assert_eq!(mark(&["12.500", "3.5"]), Ok(Mark::Point));
        assert_eq!(mark(&["12,500", "15000"]), Ok(Mark::Point));
        assert_eq!(mark(&["1.250.000"]), Ok(Mark::Comma));
        assert_eq!(mark(&["12.500,00"]), Ok(Mark::Comma));
        assert_eq!(mark(&["0.125", "1250.125"]), Ok(Mark::Point));
        assert_eq!(mark(&["12.000", "7.500", "1234,56"]), Ok(Mark::Comma));
        assert_eq!(mark(&["234.500", "1234.500"]), Ok(Mark::Point));
        assert_eq!(mark(&["0,500", "12,500"]), Ok(Mark::Comma));
        assert_eq!(mark(&["1234,500"]), Ok(Mark::Comma));
        assert_eq!(mark(&["-12.50 €"]), Ok(Mark::Point));
        // What is no amount tells nothing of those that are.
        assert_eq!(mark(&["n.a.", "3,5", "approx. 5", "1.2.3", "1.5.", "13.04.2026"]), Ok(Mark::Comma));
        assert_eq!(mark(&["13.04.2026", "3.5"]), Ok(Mark::Point));
        for unclear in ["12.500", "-123.500", "€12.500", "1.500k", "12.500 EUR"] {
            assert!(mark(&[unclear, "15000"]).unwrap_err().contains("in thousands"), "{unclear}");
        }
        assert!(mark(&["1.5", "1,5"]).unwrap_err().contains("in one way"));
    }

    #[test]
    fn what_tells_one_mark_is_no_amount_with_the_other() {
        let mut dice = fastrand::Rng::with_seed(11);
        let pieces = ["0", "1", "12", "123", "500", ".", ",", "-"];
        for _ in 0..50_000 {
            let text: String = (0..dice.usize(1..7)).map(|_| pieces[dice.usize(..pieces.len())]).collect();
            if let Evidence::By(mark) = evidence(&text) {
                assert_eq!(read(&text, mark.other()), None, "{text}");
            }
        }
    }
}
