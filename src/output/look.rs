//! What the place that text goes to can show. The caller finds it out; nothing here asks the environment.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use rust_decimal::Decimal;

use crate::deal::money::{self, Currency};
use crate::process::Lang;

/// What a destination can show, and how amounts are rounded for it.
#[derive(Clone, Debug)]
pub struct Look {
    /// Columns of the terminal; unknown is 80. Only a terminal has a width that text must fit.
    pub width: Option<usize>,
    /// Whether colour may be used.
    pub color: bool,
    /// Whether it is a terminal, where tables are ruled and fitted and files' control characters must not arrive.
    pub terminal: bool,
    /// Whether it can show more than ASCII.
    pub unicode: bool,
    /// The language of headings.
    pub lang: Lang,
    /// Digits after the point, where the process departs from ISO 4217.
    pub digits: BTreeMap<Currency, u32>,
}

impl Default for Look {
    /// A file or a pipe: plain UTF-8 text in English.
    fn default() -> Look {
        Look {
            width: None,
            color: false,
            terminal: false,
            unicode: true,
            lang: Lang::En,
            digits: BTreeMap::new(),
        }
    }
}

/// The columns of a terminal that does not say.
const USUAL_WIDTH: usize = 80;

/// Below this nothing can be read, and a wide character may not even fit.
const LEAST_WIDTH: usize = 10;

impl Look {
    /// The width that every line must fit, where there is one.
    pub(super) fn limit(&self) -> Option<usize> {
        self.terminal.then(|| self.width.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH))
    }

    /// An amount rounded half-even to the digits of its currency.
    pub(super) fn round(&self, amount: Decimal, currency: Currency) -> Decimal {
        let digits = self.digits.get(&currency).copied().unwrap_or_else(|| currency.digits());
        money::round(amount, digits)
    }

    /// The first text where more than ASCII can be shown, else the second.
    pub(super) fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// A text in a style, where there is colour.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Titles and column headings.
pub(super) const HEADING: Style = Style::new().bold();
/// What is only context.
pub(super) const QUIET: Style = Style::new().dimmed();
/// The word `error`.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word `warning`.
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The word `hint`.
pub(super) const HINT: Style = AnsiColor::Cyan.on_default().bold();
