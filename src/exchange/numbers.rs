//! Amounts as other systems write them: with a currency before or behind, thousands, and the decimal mark of a place.

use rust_decimal::Decimal;

use crate::deal::money::{Currency, parse_amount};

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
}

/// What was seen of the decimal mark.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    point: Option<String>,
    comma: Option<String>,
    unclear: Option<String>,
}

impl Seen {
    /// Looks at a cell of amounts.
    pub fn look(&mut self, text: &str) {
        let (number, _) = bare(text);
        let kept = match told(&number) {
            Told::Nothing => return,
            Told::By(Mark::Point) => &mut self.point,
            Told::By(Mark::Comma) => &mut self.comma,
            Told::Unclear => &mut self.unclear,
        };
        if kept.is_none() {
            *kept = Some(text.trim().to_owned());
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
enum Told {
    Nothing,
    By(Mark),
    Unclear,
}

fn told(number: &str) -> Told {
    let marks: Vec<(usize, char)> = number.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let by = |c: char| Told::By(if c == '.' { Mark::Point } else { Mark::Comma });
    let other = |c: char| by(if c == '.' { ',' } else { '.' });
    match marks[..] {
        [] => Told::Nothing,
        [(at, mark)] => match (number.len() - at - 1, mark) {
            // Few write three decimals, and many write thousands so; a point is what programs write.
            (3, ',') => Told::Nothing,
            (3, _) if (1..=3).contains(&at) && !number.starts_with('0') => Told::Unclear,
            _ => by(mark),
        },
        [.., (_, before), (_, last)] if before != last => by(last),
        [.., (_, last)] => other(last),
    }
}

/// An amount, and the currency that stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub amount: Decimal,
    /// Of what, where it says so.
    pub currency: Option<Currency>,
}

/// Reads an amount.
pub fn read(text: &str, mark: Mark) -> Option<Amount> {
    let (number, currency) = bare(text);
    let (decimal, grouping) = if mark == Mark::Point { ('.', ',') } else { (',', '.') };
    let (whole, fraction) = number.split_once(decimal).unwrap_or((&number, ""));
    if fraction.contains(grouping) {
        return None;
    }
    let groups: Vec<&str> = whole.strip_prefix('-').unwrap_or(whole).split(grouping).collect();
    let grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3));
    if !grouped {
        return None;
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let plain = format!("{sign}{}", groups.concat());
    let plain = if fraction.is_empty() { plain } else { format!("{plain}.{fraction}") };
    Some(Amount { amount: parse_amount(&plain)?.normalize(), currency })
}

/// The digits, marks and sign of an amount, and the code that stands before or behind them.
fn bare(text: &str) -> (String, Option<Currency>) {
    let text = text.trim();
    let is_letter = |c: char| c.is_ascii_uppercase();
    let before: String = text.chars().take_while(|c| is_letter(*c)).collect();
    let behind = &text[text.trim_end_matches(is_letter).len()..];
    let currency = Currency::named(&before).or_else(|| Currency::named(behind));
    let number = match currency {
        Some(currency) => text.trim_start_matches(currency.code()).trim_end_matches(currency.code()),
        None => text,
    };
    let negative = number.starts_with('(') && number.ends_with(')');
    let kept = |c: &char| !c.is_whitespace() && !"$€£¥₹'’()\u{202f}".contains(*c);
    let number: String = number.chars().filter(kept).collect();
    (if negative { format!("-{number}") } else { number }, currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_many_places_are_read() {
        let usd = Currency::named("USD");
        for (text, mark, amount, currency) in [
            ("15000", Mark::Point, "15000", None),
            ("12,500.00", Mark::Point, "12500", None),
            ("12.500,50", Mark::Comma, "12500.5", None),
            ("12 500,5", Mark::Comma, "12500.5", None),
            ("12'500.05", Mark::Point, "12500.05", None),
            ("$1,200", Mark::Point, "1200", None),
            ("USD 12,500.00", Mark::Point, "12500", usd),
            ("12,500 USD", Mark::Point, "12500", usd),
            ("(1,200)", Mark::Point, "-1200", None),
            ("-3.5", Mark::Point, "-3.5", None),
        ] {
            let read = read(text, mark).map(|read| (read.amount.to_string(), read.currency));
            assert_eq!(read, Some((amount.to_owned(), currency)), "{text}");
        }
        for text in ["", "a lot", "1,2,3", "12,50.00", "1.2.3", "QQQ 5", "--1", "1-"] {
            assert_eq!(read(text, Mark::Point), None, "{text}");
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
        assert!(mark(&["12.500"]).unwrap_err().contains("in thousands"));
        assert!(mark(&["1.5", "1,5"]).unwrap_err().contains("in one way"));
    }
}
