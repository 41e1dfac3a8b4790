//! `report forecast`: what the open deals may bring, against what is to be won (metrics §6).

mod backtest;
mod chances;
mod goals;

use std::collections::BTreeMap;

use chrono::Datelike as _;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::figures::{Cell, Column, Figures, Kind, Note, Section, Shape};
use super::group::Grouped;
use super::question::{Question, deals};
use super::range::{Bet, DRAWS, Method, Range};
use crate::deal::columns::FORECASTS;
use crate::deal::money::NoRate;
use crate::deal::period::Unit;
use crate::deal::time::{Day, parse_day};
use crate::grammar;
use crate::process::{Outcome, Whose};
use chances::Chances;

/// How sure a deal is, in the words of sales managers (metrics §6, Categories).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Category {
    Commit,
    BestCase,
    Pipeline,
    /// Left out of the forecast by hand.
    Omitted,
}

impl Category {
    /// In the order of [`FORECASTS`].
    const ALL: [Category; FORECASTS.len()] =
        [Category::Commit, Category::BestCase, Category::Pipeline, Category::Omitted];

    fn key(self) -> &'static str {
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
struct Open {
    deal: usize,
    /// That it is won, 0 to 1.
    chance: Decimal,
    close: Option<Day>,
    category: Category,
}

impl Open {
    /// Whether it is due in the period, and in the forecast.
    fn is_due(&self, question: &Question<'_>) -> bool {
        self.falls_due(question) && self.category != Category::Omitted
    }

    fn falls_due(&self, question: &Question<'_>) -> bool {
        let period = &question.period;
        self.close.is_some_and(|close| (period.first..=period.last).contains(&close))
    }

    fn when(&self, question: &Question<'_>) -> When {
        match self.close {
            Some(close) if close < question.e().day(question.zone()) => When::Overdue,
            Some(close) => When::Month(close.with_day(1).unwrap_or(close)),
            None => When::Undated,
        }
    }

    fn bet(&self, value: Option<Decimal>) -> Bet {
        Bet { amount: value.unwrap_or_default(), chance: share(self.chance).unwrap_or_default() }
    }
}

/// The deals open at `e`.
fn open_deals<'q>(question: &'q Question<'_>, chances: &'q Chances) -> impl Iterator<Item = Open> + 'q {
    let place = |name: &str| question.book.fields().iter().position(|field| field == name);
    let (close_date, forecast) = (place("close_date"), place("forecast"));
    let cell =
        move |field: Option<usize>, deal| field.map_or("", |field| question.journeys.field(field, deal));
    question.open_at_e().map(move |(deal, stage)| {
        let chance = chances.of_deal(question, deal, stage);
        Open {
            deal,
            chance,
            close: question.zone().parse_moment_day(cell(close_date, deal)),
            category: Category::named(cell(forecast, deal)).unwrap_or_else(|| Category::of(chance)),
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

/// Some open deals: how many, and what they are worth.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    deals: u64,
    valued: u64,
    value: Decimal,
    weighted: Decimal,
}

impl Sum {
    fn add(&mut self, open: &Open, value: Option<Decimal>) {
        self.deals += 1;
        self.valued += u64::from(value.is_some());
        self.value += value.unwrap_or_default();
        self.weighted += value.unwrap_or_default() * open.chance;
    }

    fn cells(&self, question: &Question<'_>) -> [Cell; 3] {
        let money = |amount| question.money(Some(amount), self.valued as usize);
        [Cell::Count(self.deals), money(self.value), money(self.weighted)]
    }
}

/// When open deals are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// On a day before that of `e`.
    Overdue,
    /// In the month that begins on this day.
    Month(Day),
    Undated,
    All,
}

/// What a forecast is made of.
#[derive(Clone, Debug, Default)]
struct Basis {
    won_valued: u64,
    won: Decimal,
    due: Sum,
    bets: Vec<Bet>,
    months: BTreeMap<When, Sum>,
    categories: BTreeMap<Category, Sum>,
}

/// The report.
///
/// Errors: a value or a target in a currency without a rate on the day it is needed.
pub fn forecast(question: &Question<'_>) -> Result<Figures, NoRate> {
    if let Some(periods) = question.options.backtest {
        return backtest::backtest(question, periods);
    }
    let chances = Chances::of(question);
    let open: Vec<Open> = open_deals(question, &chances).collect();
    let grouped = basis(question, &open)?;
    let outlook = outlook_section(question, &grouped)?;
    let range = range_section(question, &grouped)?;
    let mut sections =
        vec![outlook, range, months_section(question, &grouped), categories_section(question, &grouped)];
    sections.extend(chances.section(question));
    let mut notes = question.notes();
    notes.extend(notes_on(question, &open, grouped.total()));
    notes.extend(note_on_goal(question));
    notes.push(independence(grouped.total()));
    Ok(Figures { name: "forecast", scope: Some(question.scope()), sections, notes })
}

/// What the period has brought so far, and what its open deals may bring, against what is to be won.
///
/// Errors: as [`forecast`].
pub fn outlook(question: &Question<'_>) -> Result<Section, NoRate> {
    let open: Vec<Open> = open_deals(question, &Chances::of(question)).collect();
    outlook_section(question, &basis(question, &open)?)
}

fn basis(question: &Question<'_>, open: &[Open]) -> Result<Grouped<Basis>, NoRate> {
    let empty = Basis::default();
    let mut grouped = Grouped::new(question, empty.clone());
    goals::stand(question, &mut grouped, &empty);
    for (deal, outcome, at) in question.closed_in_period() {
        if outcome == Outcome::Won {
            let value = question.closed_value(deal)?;
            grouped.add(question, deal, Some(at), &empty, |basis| {
                basis.won_valued += u64::from(value.is_some());
                basis.won += value.unwrap_or_default();
            });
        }
    }
    for open in open {
        // What decides membership of a unit of time is the close date, and only of one in the period.
        let value = question.open_value(open.deal)?;
        let due = open.falls_due(question);
        let day = open.close.filter(|_| due).map(|close| question.zone().start_of(close));
        let when = open.when(question);
        grouped.add(question, open.deal, day, &empty, |basis| {
            for when in [when, When::All] {
                basis.months.entry(when).or_default().add(open, value);
            }
            if due {
                basis.categories.entry(open.category).or_default().add(open, value);
            }
            if open.is_due(question) {
                basis.due.add(open, value);
                basis.bets.push(open.bet(value));
            }
        });
    }
    Ok(grouped)
}

fn outlook_section(question: &Question<'_>, grouped: &Grouped<Basis>) -> Result<Section, NoRate> {
    let amount = |amount| Cell::Money { amount, currency: question.currency(), n: None };
    let ratio = |count: Decimal, of: Option<Decimal>| {
        Cell::Share(of.filter(|of| *of > Decimal::ZERO).and_then(|of| share(count.checked_div(of)?)))
    };
    let rows = grouped.try_rows(|group, basis| {
        let target = goals::target(question, group)?;
        let missing = target.map(|target| target - basis.won);
        let [due, value, weighted] = basis.due.cells(question);
        Ok(vec![vec![
            question.money(Some(basis.won), basis.won_valued as usize),
            due,
            value,
            weighted,
            amount(target),
            amount(missing.map(|missing| missing - basis.due.weighted)),
            ratio(basis.won, target),
            ratio(basis.due.value, missing),
        ]])
    })?;
    let columns = vec![
        Column::new("won_so_far", Kind::Total),
        Column::new("due", Kind::Count),
        Column::new("due_value", Kind::Total),
        Column::new("weighted", Kind::Total),
        Column::new("target", Kind::Amount),
        Column::new("gap", Kind::Amount),
        Column::new("attainment", Kind::Share),
        Column::new("coverage", Kind::Share),
    ];
    Ok(Section { key: "outlook", shape: Shape::Record, by: question.group_columns(), columns, rows })
}

fn range_section(question: &Question<'_>, grouped: &Grouped<Basis>) -> Result<Section, NoRate> {
    let rows = grouped.try_rows(|group, basis| {
        let target = goals::target(question, group)?;
        let range = Range::of(&basis.bets);
        let [low, median, high] = percentiles(question, &range);
        let chance = target.map(|target| range.chance_of(target - basis.won));
        let draws = match range.method {
            Method::Exact => 0,
            Method::Draws => DRAWS as u64,
        };
        Ok(vec![vec![low, median, high, Cell::Share(chance), Cell::Count(draws)]])
    })?;
    let columns = vec![
        Column::new("p10", Kind::Amount),
        Column::new("p50", Kind::Amount),
        Column::new("p90", Kind::Amount),
        Column::new("chance_of_target", Kind::Share),
        Column::new("draws", Kind::Count),
    ];
    Ok(Section { key: "range", shape: Shape::Record, by: question.group_columns(), columns, rows })
}

/// The 10th, 50th and 90th percentile of a range.
fn percentiles(question: &Question<'_>, range: &Range) -> [Cell; 3] {
    [0.1, 0.5, 0.9].map(|q| Cell::Money { amount: range.quantile(q), currency: question.currency(), n: None })
}

/// All open deals by the month in which they are due.
fn months_section(question: &Question<'_>, grouped: &Grouped<Basis>) -> Section {
    let month = |when: &When| match when {
        When::Overdue => Cell::Key("overdue"),
        When::Month(first) => {
            let month = question.calendar().containing(Unit::Month, *first);
            month.map_or(Cell::Empty, |month| Cell::Text(month.name))
        }
        When::Undated => Cell::Key("undated"),
        When::All => Cell::Key("all"),
    };
    let rows = grouped.rows(|basis, _| {
        let mut months = basis.months.clone();
        for always in [When::Overdue, When::Undated, When::All] {
            months.entry(always).or_default();
        }
        let row = |(when, sum): (&When, &Sum)| [vec![month(when)], sum.cells(question).into()].concat();
        months.iter().map(row).collect()
    });
    Section {
        key: "months",
        shape: Shape::List,
        by: question.group_columns(),
        columns: summed("month"),
        rows,
    }
}

/// The deals due in the period by how sure they are.
fn categories_section(question: &Question<'_>, grouped: &Grouped<Basis>) -> Section {
    let rows = grouped.rows(|basis, _| {
        let sum = |category| basis.categories.get(&category).copied().unwrap_or_default();
        let row = |category: Category| {
            [vec![Cell::Key(category.key())], sum(category).cells(question).into()].concat()
        };
        Category::ALL.map(row).into()
    });
    Section {
        key: "categories",
        shape: Shape::List,
        by: question.group_columns(),
        columns: summed("category"),
        rows,
    }
}

/// The columns of a list of sums, headed by what each row is.
fn summed(first: &'static str) -> Vec<Column> {
    vec![
        Column::new(first, Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("value", Kind::Total),
        Column::new("weighted", Kind::Total),
    ]
}

/// What must be known of the deals that are due, and of those that are not.
fn notes_on(question: &Question<'_>, open: &[Open], basis: &Basis) -> Vec<Note> {
    let count = |test: &dyn Fn(&Open) -> bool| open.iter().filter(|open| test(open)).count() as u64;
    let past = |open: &Open| open.is_due(question) && open.when(question) == When::Overdue;
    let not_due = |open: &Open| open.close.is_none_or(|close| close < question.period.first);
    let omitted = |open: &Open| open.falls_due(question) && open.category == Category::Omitted;
    let noted = [
        (
            "due_without_value",
            basis.due.deals - basis.due.valued,
            "due without a value: counted, and nothing in the amounts",
        ),
        (
            "past_close_date",
            count(&past),
            "due in the period past the close date: in the forecast all the same",
        ),
        ("not_due", count(&not_due), "due before the period, or on no day: open, but not in its forecast"),
        ("omitted", count(&omitted), "omitted from the forecast by hand"),
    ];
    let note = |(code, count, text): (&'static str, u64, &str)| Note {
        code,
        text: format!("{} {text}", deals(count)),
        deals: Some(count),
    };
    noted.into_iter().filter(|(_, count, _)| *count > 0).map(note).collect()
}

/// The note on targets that are there, but for other days or other people.
fn note_on_goal(question: &Question<'_>) -> Option<Note> {
    let period = &question.period.name;
    let goal = goals::goal(question, &[]);
    let text = match (goal.amount, &goal.lacking[..]) {
        _ if question.process.targets.is_empty() => return None,
        (Some(_), []) => return None,
        (Some(_), lacking) => {
            format!("no target for {} in {period}: the target is that of the others", grammar::and(lacking))
        }
        (None, _) if question.options.whose == Whose::Picked => {
            "no target: targets are for all deals of an owner or a team, and these are picked otherwise"
                .to_owned()
        }
        (None, _) => format!(
            "no target for {period}: there is none for it, and there are no shorter ones that fill it from its first day to its last"
        ),
    };
    Some(Note { code: "no_target", text, deals: None })
}

/// What a range takes for granted, and how it was found.
fn independence(basis: &Basis) -> Note {
    let found = match Method::of(&basis.bets) {
        Method::Exact => "exact".to_owned(),
        Method::Draws => format!("of {DRAWS} draws, the same ones every time"),
    };
    let text = format!(
        "the range is {found}, and takes each deal for independent of the others: where they hang together it is too narrow"
    );
    Note { code: "independent_deals", text, deals: None }
}

/// A share for a reader of figures.
fn share(share: Decimal) -> Option<f64> {
    share.to_f64()
}
