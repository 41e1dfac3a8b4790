//! The deals open at `e`: when they are due, how sure they are, and which of them are in the forecast (metrics §6).

use chrono::Datelike as _;
use rust_decimal::Decimal;

use super::chances::Chances;
use super::share;
use crate::deal::columns::FORECASTS;
use crate::deal::time::{Day, parse_day};
use crate::metrics::question::Question;
use crate::metrics::statistics::range::Bet;

/// When open deals are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// On a day before that of `e`.
    Overdue,
    /// In the month that begins on this day.
    Month(Day),
    /// On no day that anybody has said.
    Undated,
    /// At any time, or none.
    All,
}

/// How sure a deal is, in the words of sales managers (metrics §6, Categories).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Category {
    Commit,
    BestCase,
    Pipeline,
    /// Left out of the forecast by hand.
    Omitted,
}

impl Category {
    /// In the order of [`FORECASTS`].
    pub(super) const ALL: [Category; FORECASTS.len()] =
        [Category::Commit, Category::BestCase, Category::Pipeline, Category::Omitted];

    pub(super) fn key(self) -> &'static str {
        match self {
            Category::Commit => "commit",
            Category::BestCase => "best_case",
            Category::Pipeline => "pipeline",
            Category::Omitted => "omitted",
        }
    }

    /// The category that a `forecast` cell names.
    fn named(cell: &str) -> Option<Category> {
        FORECASTS.iter().zip(Category::ALL).find(|(name, _)| **name == cell).map(|(_, category)| category)
    }

    /// That of a chance, where nobody has named one.
    fn of(chance: Decimal) -> Category {
        if chance >= Decimal::new(75, 2) {
            Category::Commit
        } else if chance >= Decimal::new(40, 2) {
            Category::BestCase
        } else {
            Category::Pipeline
        }
    }
}

/// A deal that is open at `e`.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) deal: usize,
    /// That it is won, 0 to 1.
    pub(super) chance: Decimal,
    pub(super) close: Option<Day>,
    pub(super) category: Category,
}

impl Open {
    /// Whether it is due in the period, and in the forecast.
    pub(super) fn is_due(&self, question: &Question<'_>) -> bool {
        self.falls_due(question) && self.category != Category::Omitted
    }

    /// Whether its close date is one of the period's days.
    pub(super) fn falls_due(&self, question: &Question<'_>) -> bool {
        let period = &question.period;
        self.close.is_some_and(|close| (period.first..=period.last).contains(&close))
    }

    /// When it is due, seen from `e`.
    pub(super) fn when(&self, question: &Question<'_>) -> When {
        match self.close {
            Some(close) if close < question.e().day(question.zone()) => When::Overdue,
            Some(close) => When::Month(close.with_day(1).unwrap_or(close)),
            None => When::Undated,
        }
    }

    /// What it may bring, given its value.
    pub(super) fn bet(&self, value: Option<Decimal>) -> Bet {
        Bet { amount: value.unwrap_or_default(), chance: share(self.chance).unwrap_or_default() }
    }
}

/// The deals open at `e`.
pub(super) fn open_deals<'q>(
    question: &'q Question<'_>,
    chances: &'q Chances,
) -> impl Iterator<Item = Open> + 'q {
    question.open_at_e().map(move |(deal, stage)| {
        let chance = chances.of_deal(question, deal, stage);
        Open {
            deal,
            chance,
            close: question.zone().parse_moment_day(question.text("close_date", deal)),
            category: Category::named(question.text("forecast", deal))
                .unwrap_or_else(|| Category::of(chance)),
        }
    })
}

/// Some of the deals open at `e`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion(Part);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Those due in the period and in the forecast.
    Due,
    /// Those due then.
    When(When),
    /// Those due in the period of this category.
    Category(Category),
}

impl Portion {
    /// The deals due in the period; with a word, those that are `overdue`, `undated`, due in a month such as `2026-12`, or
    /// of a category such as `commit`. None for another word.
    pub fn due(word: Option<&str>) -> Option<Portion> {
        let Some(word) = word else { return Some(Portion(Part::Due)) };
        let category = Category::ALL.into_iter().find(|category| category.key() == word);
        let part = match (word, category) {
            (_, Some(category)) => Part::Category(category),
            ("overdue", _) => Part::When(When::Overdue),
            ("undated", _) => Part::When(When::Undated),
            ("all", _) => Part::When(When::All),
            _ => Part::When(When::Month(parse_day(&format!("{word}-01"))?)),
        };
        Some(Portion(part))
    }

    /// Its deals, in the order of the file.
    pub fn deals(self, question: &Question<'_>) -> Vec<usize> {
        let chances = Chances::of(question);
        let is_in = |open: &Open| match self.0 {
            Part::Due => open.is_due(question),
            Part::When(When::All) => true,
            Part::When(when) => open.when(question) == when,
            Part::Category(category) => open.falls_due(question) && open.category == category,
        };
        open_deals(question, &chances).filter(is_in).map(|open| open.deal).collect()
    }
}
