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
use crate::deal::money::NoRate;
use crate::deal::period::Unit;
use crate::deal::time::Day;
use crate::grammar;
use crate::process::Outcome;
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
    const ALL: [Category; 4] = [Category::Commit, Category::BestCase, Category::Pipeline, Category::Omitted];

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
        let cell = cell.trim();
        Category::ALL.into_iter().find(|category| category.key().replace('_', " ").eq_ignore_ascii_case(cell))
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
    value: Option<Decimal>,
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

    fn is_overdue(&self, question: &Question<'_>) -> bool {
        self.close.is_some_and(|close| close < question.e().day(question.zone()))
    }

    fn bet(&self) -> Bet {
        Bet { amount: self.value.unwrap_or_default(), chance: share(self.chance).unwrap_or_default() }
    }
}

/// The deals open at `e`, and how many of them have a `forecast` cell that names no category.
fn open_deals(question: &Question<'_>, chances: &Chances) -> Result<(Vec<Open>, u64), NoRate> {
    let place = |name: &str| question.book.fields().iter().position(|field| field == name);
    let (close_date, forecast) = (place("close_date"), place("forecast"));
    let cell = |field: Option<usize>, deal| field.map_or("", |field| question.journeys.field(field, deal));
    let mut all = Vec::new();
    let mut unknown = 0;
    for (deal, stage) in question.open_at_e() {
        let chance = chances.of_deal(question, deal, stage);
        let named = Category::named(cell(forecast, deal));
        unknown += u64::from(named.is_none() && !cell(forecast, deal).trim().is_empty());
        all.push(Open {
            deal,
            value: question.open_value(deal)?,
            chance,
            close: question.zone().parse_moment_day(cell(close_date, deal)),
            category: named.unwrap_or_else(|| Category::of(chance)),
        });
    }
    Ok((all, unknown))
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
    fn add(&mut self, open: &Open) {
        let value = open.value.unwrap_or_default();
        self.deals += 1;
        self.valued += u64::from(open.value.is_some());
        self.value += value;
        self.weighted += value * open.chance;
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
    let (open, unknown) = open_deals(question, &chances)?;
    let grouped = basis(question, &open)?;
    let outlook = outlook_section(question, &grouped)?;
    let range = range_section(question, &grouped)?;
    let mut sections =
        vec![outlook, range, months_section(question, &grouped), categories_section(question, &grouped)];
    sections.extend(chances.section(question));
    let mut notes = question.notes();
    notes.extend(notes_on(question, &open, unknown));
    notes.extend(note_on_goal(question));
    notes.push(independence(grouped.total()));
    Ok(Figures { name: "forecast", scope: Some(question.scope()), sections, notes })
}

/// What the period has brought so far, and what its open deals may bring, against what is to be won.
///
/// Errors: as [`forecast`].
pub fn outlook(question: &Question<'_>) -> Result<Section, NoRate> {
    let (open, _) = open_deals(question, &Chances::of(question))?;
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
        let due = open.falls_due(question);
        let day = open.close.filter(|_| due).map(|close| question.zone().start_of(close));
        let when = when(question, open);
        grouped.add(question, open.deal, day, &empty, |basis| {
            for when in [when, When::All] {
                basis.months.entry(when).or_default().add(open);
            }
            if due {
                basis.categories.entry(open.category).or_default().add(open);
            }
            if open.is_due(question) {
                basis.due.add(open);
                basis.bets.push(open.bet());
            }
        });
    }
    Ok(grouped)
}

fn when(question: &Question<'_>, open: &Open) -> When {
    match open.close {
        _ if open.is_overdue(question) => When::Overdue,
        Some(close) => When::Month(close.with_day(1).unwrap_or(close)),
        None => When::Undated,
    }
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
        Ok(vec![vec![low, median, high, Cell::Share(chance), Cell::Key(method(&range))]])
    })?;
    let columns = vec![
        Column::new("p10", Kind::Amount),
        Column::new("p50", Kind::Amount),
        Column::new("p90", Kind::Amount),
        Column::new("chance_of_target", Kind::Share),
        Column::new("method", Kind::Text),
    ];
    Ok(Section { key: "range", shape: Shape::Record, by: question.group_columns(), columns, rows })
}

/// The 10th, 50th and 90th percentile of a range.
fn percentiles(question: &Question<'_>, range: &Range) -> [Cell; 3] {
    [0.1, 0.5, 0.9].map(|q| Cell::Money { amount: range.quantile(q), currency: question.currency(), n: None })
}

fn method(range: &Range) -> &'static str {
    match range.method {
        Method::Exact => "exact",
        Method::Draws => "draws",
    }
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
fn notes_on(question: &Question<'_>, open: &[Open], unknown: u64) -> Vec<Note> {
    let count = |test: &dyn Fn(&Open) -> bool| open.iter().filter(|open| test(open)).count() as u64;
    let due = |open: &Open| open.is_due(question);
    let mut notes = Vec::new();
    let mut note = |code: &'static str, count: u64, text: &str| {
        if count > 0 {
            notes.push(Note { code, text: format!("{} {text}", deals(count)), deals: Some(count) });
        }
    };
    note(
        "due_without_value",
        count(&|open| due(open) && open.value.is_none()),
        "due without a value: counted, and nothing in the amounts",
    );
    note(
        "past_close_date",
        count(&|open| due(open) && open.is_overdue(question)),
        "due in the period past the close date: in the forecast all the same",
    );
    note(
        "not_due",
        count(&|open| open.close.is_none_or(|close| close < question.period.first)),
        "due before the period, or on no day: open, but not in its forecast",
    );
    note(
        "omitted",
        count(&|open| open.falls_due(question) && open.category == Category::Omitted),
        "omitted from the forecast by hand",
    );
    note("unknown_forecast", unknown, "with a forecast that is no category: by probability");
    notes
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
        (None, _) if question.options.whose == crate::process::Whose::Picked => {
            "no target: targets are for all deals of an owner or a team, and these are picked otherwise"
                .to_owned()
        }
        (None, _) => format!(
            "no target for {period}: none is for these days, and none follow one another from its first day to its last"
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
