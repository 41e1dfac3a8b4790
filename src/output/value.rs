//! One cell as people read it: rounded, with its unit, with thousands separators.

use rust_decimal::Decimal;

use super::escape::{Breaks, escape};
use super::labels::{Word, from_to, label, so_many_of};
use super::look::Look;
use crate::deal::money::Currency;
use crate::grammar::grouped;
use crate::metrics::figures::{Cell, Figures, Rate, Section};
use crate::metrics::statistics::Interval;

/// Under so many deals a figure is marked `few` (metrics §1, Small numbers).
const FEW: u64 = 30;

/// How cells are written in one section.
pub(super) struct Writer<'a> {
    /// Where they go.
    pub(super) look: &'a Look,
    /// The currency that is named elsewhere; amounts of another name their own.
    pub(super) currency: NamedCurrency,
}

/// Which currency a reader knows without being told at each amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedCurrency {
    /// That of the scope line.
    Scope(Currency),
    /// Each row has a column that says it.
    Column,
    /// None: each amount says its own.
    Nowhere,
}

impl NamedCurrency {
    /// What a reader of a section knows.
    pub(super) fn of(figures: &Figures, section: &Section) -> NamedCurrency {
        match &figures.scope {
            Some(scope) => NamedCurrency::Scope(scope.currency),
            None if section.columns.iter().any(|column| column.key == "currency") => NamedCurrency::Column,
            None => NamedCurrency::Nowhere,
        }
    }
}

impl Writer<'_> {
    /// The cell on one line, without control characters.
    pub(super) fn cell(&self, cell: &Cell) -> String {
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => self.text(text),
            Cell::Key(key) => label(key, self.look.lang).into_owned(),
            Cell::Stage(id) => self.text(self.look.stage(id)),
            Cell::Sentence(words) => self.text(words.text(self.look.lang)),
            Cell::Texts(texts) => self.joined(&texts.iter().map(|text| self.text(text)).collect::<Vec<_>>()),
            Cell::Count(count) => grouped(&count.to_string()),
            Cell::Change(change) => grouped(&change.to_string()),
            Cell::Number(number) => number.to_string(),
            Cell::Rate(rate) => self.percent(rate.value()),
            Cell::Share(share) => self.percent(*share),
            Cell::Estimate { share, interval } => match interval {
                Some(interval) => format!("{} ({})", self.percent(*share), self.interval(*interval)),
                None => self.percent(*share),
            },
            Cell::Money { amount, currency, .. } => self.money(*amount, *currency),
            Cell::Days { days, .. } => match days.filter(|days| days.is_finite()) {
                Some(days) => {
                    format!("{} {}", grouped(&format!("{days:.1}")), Word::Days.text(self.look.lang))
                }
                None => self.nothing(),
            },
            Cell::Average { value, .. } => match value.filter(|value| value.is_finite()) {
                Some(value) => grouped(&format!("{value:.1}")),
                None => self.nothing(),
            },
            Cell::Date(day) | Cell::Moment { day, .. } => day.to_string(),
            Cell::Flag(true) => Word::Yes.text(self.look.lang).to_owned(),
            Cell::Flag(false) => Word::No.text(self.look.lang).to_owned(),
        }
    }

    /// What a group is called, of what the rows are grouped by.
    pub(super) fn group(&self, by: &str, name: &str) -> String {
        match name {
            "" => Word::None.text(self.look.lang).to_owned(),
            id if by == "stage" => self.text(self.look.stage(id)),
            name => self.text(name),
        }
    }

    /// A text from the files on one line, without control characters.
    pub(super) fn text(&self, text: &str) -> String {
        let breaks = if self.look.unicode { Breaks::Symbols } else { Breaks::Ascii };
        escape(text, breaks).into_owned()
    }

    /// What the figure rests on: numerator, denominator and interval of a rate, `n` of a mean.
    pub(super) fn details(&self, cell: &Cell) -> String {
        let mut parts = Vec::new();
        match cell {
            Cell::Rate(rate) => {
                let (count, of) = (grouped(&rate.count.to_string()), grouped(&rate.of.to_string()));
                parts.push(so_many_of(&count, &of, self.look.lang));
                parts.extend(rate.interval().map(|interval| self.interval(interval)));
            }
            Cell::Money { n: Some(n), .. } | Cell::Days { n: Some(n), .. } | Cell::Average { n, .. } => {
                parts.push(format!("n = {}", grouped(&n.to_string())));
            }
            _ => {}
        }
        if rests_on_few(cell) {
            parts.push(Word::Few.text(self.look.lang).to_owned());
        }
        self.joined(&parts)
    }

    /// What a figure changed by, with its sign; a rate only where that is clear.
    pub(super) fn change(&self, cell: &Cell) -> String {
        let days = Word::Days.text(self.look.lang);
        match cell {
            Cell::Estimate { interval: Some(interval), .. } if interval.contains(0.0) => {
                Word::NoClearChange.text(self.look.lang).to_owned()
            }
            Cell::Estimate { share, .. } | Cell::Share(share) => match share {
                Some(share) => format!("{} {}", points(*share), Word::Points.text(self.look.lang)),
                None => self.nothing(),
            },
            Cell::Days { days: Some(by), .. } => format!("{} {days}", signed(&grouped(&format!("{by:.1}")))),
            _ => signed(&self.cell(cell)),
        }
    }

    /// What the change of a rate may be, where it is clear that it is one.
    pub(super) fn change_details(&self, cell: &Cell) -> String {
        let Cell::Estimate { interval: Some(interval), .. } = cell else { return String::new() };
        if interval.contains(0.0) {
            return String::new();
        }
        let lang = self.look.lang;
        from_to(&points(interval.low), &points(interval.high), Word::Points.text(lang), lang)
    }

    /// Facts on one line.
    pub(super) fn joined(&self, parts: &[String]) -> String {
        parts.join(self.look.pick(" · ", ", "))
    }

    fn nothing(&self) -> String {
        self.look.pick("–", "-").to_owned()
    }

    fn percent(&self, share: Option<f64>) -> String {
        match share.filter(|share| share.is_finite()) {
            Some(share) => format!("{} %", grouped(&format!("{:.1}", share * 100.0))),
            None => self.nothing(),
        }
    }

    fn interval(&self, interval: Interval) -> String {
        let dash = self.look.pick("–", "-");
        format!("{:.1}{dash}{:.1} %", interval.low * 100.0, interval.high * 100.0)
    }

    fn money(&self, amount: Option<Decimal>, currency: Currency) -> String {
        let Some(amount) = amount else { return self.nothing() };
        let shown = grouped(&self.look.round(amount, currency).to_string());
        let known = match self.currency {
            NamedCurrency::Scope(named) => named == currency,
            NamedCurrency::Column => true,
            NamedCurrency::Nowhere => false,
        };
        if known { shown } else { format!("{shown} {currency}") }
    }
}

/// Whether a figure is there, but rests on too few deals to be leaned on.
pub(super) fn rests_on_few(cell: &Cell) -> bool {
    match cell {
        Cell::Rate(Rate { of: n, .. })
        | Cell::Money { amount: Some(_), n: Some(n), .. }
        | Cell::Days { days: Some(_), n: Some(n) }
        | Cell::Average { value: Some(_), n } => (1..FEW).contains(n),
        _ => false,
    }
}

/// A difference of shares in percentage points, with its sign.
fn points(share: f64) -> String {
    signed(&format!("{:.1}", share * 100.0))
}

/// A number with its sign: `+3`, `-3`; one that rounds to nothing has none, and what is no number stays as it is.
fn signed(number: &str) -> String {
    let size = number.strip_prefix('-').unwrap_or(number);
    if !size.starts_with(|c: char| c.is_ascii_digit()) {
        number.to_owned()
    } else if !size.contains(|c| ('1'..='9').contains(&c)) {
        size.to_owned()
    } else if size.len() == number.len() {
        format!("+{number}")
    } else {
        number.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Lang;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn usd() -> Currency {
        Currency::named("USD").unwrap()
    }

    fn writer(look: &Look) -> Writer<'_> {
        Writer { look, currency: NamedCurrency::Scope(usd()) }
    }

    #[test]
    fn amounts_round_half_even_to_the_digits_of_their_currency() {
        let mut look = Look::default();
        let money = |currency, amount| Cell::Money { amount: Some(dec(amount)), currency, n: None };
        assert_eq!(writer(&look).cell(&money(usd(), "2360.905")), "2,360.90");
        let jpy = Currency::named("JPY").unwrap();
        assert_eq!(writer(&look).cell(&money(jpy, "2360.5")), "2,360 JPY");
        let twd = Currency::named("TWD").unwrap();
        look.digits.insert(twd, 0);
        assert_eq!(writer(&look).cell(&money(twd, "1200.7")), "1,201 TWD");
    }

    #[test]
    fn a_figure_over_nothing_is_a_dash() {
        let unicode = Look::default();
        let ascii = Look { unicode: false, ..Look::default() };
        let rate = Cell::Rate(Rate { count: 0, of: 0 });
        assert_eq!(
            (writer(&unicode).cell(&rate), writer(&ascii).cell(&rate)),
            ("–".to_owned(), "-".to_owned())
        );
        assert_eq!(writer(&unicode).cell(&Cell::Days { days: None, n: Some(0) }), "–");
        assert_eq!(writer(&unicode).cell(&Cell::Share(Some(f64::NAN))), "–");
        assert!(!rests_on_few(&rate));
    }

    #[test]
    fn details_say_what_a_figure_rests_on() {
        let rate = Cell::Rate(Rate { count: 4238, of: 6711 });
        let look = Look::default();
        assert_eq!(writer(&look).details(&rate), "4,238 of 6,711 · 62.0–64.3 %");
        let few = Cell::Days { days: Some(51.78), n: Some(29) };
        assert_eq!(writer(&look).cell(&few), "51.8 d");
        assert_eq!(writer(&look).details(&few), "n = 29 · few");
        let ascii = Look { unicode: false, ..Look::default() };
        assert_eq!(writer(&ascii).details(&rate), "4,238 of 6,711, 62.0-64.3 %");
        let chinese = Look { lang: Lang::ZhTw, ..Look::default() };
        assert_eq!(writer(&chinese).details(&few), "n = 29 · 少");
    }
}
