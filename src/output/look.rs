//! What the place that text goes to can show. The caller finds it out; nothing here asks the environment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::iter;

use anstyle::{AnsiColor, Style};
use rust_decimal::Decimal;

use super::labels::{is_known, label};
use crate::deal::money::{self, Currency};
use crate::metrics::figures::Column;
use crate::process::{Lang, Process, Stage};

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
    /// What the process calls its stages, where that is not their ids.
    pub stages: BTreeMap<String, String>,
    /// What the process calls the fields that it declares.
    pub fields: BTreeMap<String, String>,
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
            stages: BTreeMap::new(),
            fields: BTreeMap::new(),
        }
    }
}

/// The columns of a terminal that does not say.
const USUAL_WIDTH: usize = 80;

/// Below this nothing can be read, and a wide character may not even fit.
const LEAST_WIDTH: usize = 10;

impl Look {
    /// The same place, for results of a process in a language.
    ///
    /// In English stages go by their ids, which is what one types; in another language by their names, which can be typed
    /// as well.
    #[must_use]
    pub fn of(self, process: &Process, lang: Lang) -> Look {
        let called = |stage: &Stage| {
            let ids: Vec<String> = iter::once(&stage.id).chain(&stage.was).cloned().collect();
            let title = stage.title(lang).to_owned();
            ids.into_iter().map(move |id| (id, title.clone()))
        };
        let stages = match lang {
            Lang::En => BTreeMap::new(),
            Lang::ZhTw => process.stages.iter().flat_map(called).collect(),
        };
        let named = process.fields.iter().filter(|field| !field.name.is_empty());
        let fields = named.map(|field| (field.id.clone(), field.name.text(lang).to_owned())).collect();
        Look { lang, digits: process.digits.clone(), stages, fields, ..self }
    }

    /// What people call a column, a section or a figure.
    pub(super) fn label<'a>(&'a self, key: &'a str) -> Cow<'a, str> {
        self.fields.get(key).map_or_else(|| label(key, self.lang), |name| Cow::Borrowed(name.as_str()))
    }

    /// What people call a column of a listing or a report.
    pub(super) fn heading<'a>(&'a self, column: &'a Column) -> Cow<'a, str> {
        // Tests show every table: a key of ours that nobody named would stay English in each language.
        let ours = matches!(column.key, Cow::Borrowed(_));
        debug_assert!(!ours || is_known(&column.key), "`{}` is not among the labels", column.key);
        self.label(&column.key)
    }

    /// What people call the stage of an id.
    pub(super) fn stage<'a>(&'a self, id: &'a str) -> &'a str {
        self.stages.get(id).map_or(id, String::as_str)
    }

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

/// The first and the second of what is drawn side by side: two that colour-blind people tell apart.
pub(super) const SERIES: [Style; 2] = [AnsiColor::Cyan.on_default(), AnsiColor::Yellow.on_default()];
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
