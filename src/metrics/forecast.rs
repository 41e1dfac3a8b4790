//! `report forecast`: what the open deals may bring, against what is to be won (metrics §6).

mod backtest;
mod chances;
mod due;
mod goals;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Note, Section, Shape};
use super::group::Grouped;
use super::question::{Question, deals};
use super::statistics::range::{Bet, DRAWS, Method, Range};
use crate::deal::money::NoRate;
use crate::deal::period::Unit;
use crate::grammar;
use crate::process::{Lang, Outcome, Whose, Words};
use chances::Chances;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[
    Chart::goal("outlook", &["won_so_far", "weighted", "target"]),
    Chart::bars("months", "month", &["value", "weighted"]),
    Chart::bars("categories", "category", &["value", "weighted"]),
    Chart::bars("calibration", "band", &["mean_probability", "share_won"]),
];
pub use due::Portion;
use due::{Category, Open, When, open_deals};

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
    let amount = |amount| question.amount(amount);
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
        let [low, median, high] = [0.1, 0.5, 0.9].map(|q| question.amount(range.quantile(q)));
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
            "到期商機沒有金額：計入件數，不計入金額",
        ),
        (
            "past_close_date",
            count(&past),
            "due in the period past the close date: in the forecast all the same",
            "本期到期的商機已過預計結案日：仍列入預測",
        ),
        (
            "not_due",
            count(&not_due),
            "due before the period, or on no day: open, but not in its forecast",
            "進行中的商機在本期之前到期，或未定日期：不列入本期預測",
        ),
        ("omitted", count(&omitted), "omitted from the forecast by hand", "商機經人工設為不計入預測"),
    ];
    let note = |(code, count, english, chinese): (&'static str, u64, &str, &str)| Note {
        code,
        text: Words::of_ours(|lang| match lang {
            Lang::En => format!("{} {english}", deals(count)),
            Lang::ZhTw => format!("{count} 件{chinese}"),
        }),
        deals: Some(count),
    };
    noted.into_iter().filter(|(_, count, ..)| *count > 0).map(note).collect()
}

/// The note on targets that are there, but for other days or other people.
fn note_on_goal(question: &Question<'_>) -> Option<Note> {
    let period = &question.period.name;
    let goal = goals::goal(question, &[]);
    let text = match (goal.amount, &goal.lacking[..]) {
        _ if question.process.targets.is_empty() => return None,
        (Some(_), []) => return None,
        (Some(_), lacking) => Words::of_ours(|lang| match lang {
            Lang::En => format!(
                "no target for {} in {period}: the target is that of the others",
                grammar::and(lacking)
            ),
            Lang::ZhTw => format!("{}在 {period} 沒有目標：此目標為其他人的目標", lacking.join("、")),
        }),
        (None, _) if question.options.whose == Whose::Picked => Words::of_ours(|lang| {
            let text = match lang {
                Lang::En => {
                    "no target: targets are for all deals of an owner or a team, and these are picked otherwise"
                }
                Lang::ZhTw => "沒有目標：目標是某負責人或團隊所有商機的目標，而這些商機是以其他條件挑選的",
            };
            text.to_owned()
        }),
        (None, _) => Words::of_ours(|lang| match lang {
            Lang::En => format!(
                "no target for {period}: there is none for it, and there are no shorter ones that fill it from its first day to its last"
            ),
            Lang::ZhTw => {
                format!("{period} 沒有目標：未設定此期間的目標，也沒有能從首日到末日填滿它的較短期間目標")
            }
        }),
    };
    Some(Note { code: "no_target", text, deals: None })
}

/// What a range takes for granted, and how it was found.
fn independence(basis: &Basis) -> Note {
    let method = Method::of(&basis.bets);
    let found = |lang| match (method, lang) {
        (Method::Exact, Lang::En) => "exact".to_owned(),
        (Method::Exact, Lang::ZhTw) => "為精確計算".to_owned(),
        (Method::Draws, Lang::En) => format!("of {DRAWS} draws, the same ones every time"),
        (Method::Draws, Lang::ZhTw) => format!("由 {DRAWS} 次抽樣求得，每次的抽樣都相同"),
    };
    let text = Words::of_ours(|lang| {
        let found = found(lang);
        match lang {
            Lang::En => format!(
                "the range is {found}, and takes each deal for independent of the others: where they hang together it is too narrow"
            ),
            Lang::ZhTw => format!("可能範圍{found}，並假設各商機互相獨立：若彼此相關，範圍會過窄"),
        }
    });
    Note { code: "independent_deals", text, deals: None }
}

/// A share for a reader of figures.
fn share(share: Decimal) -> Option<f64> {
    share.to_f64()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asked, Fixture};
    use super::super::question::{Options, Probability};
    use super::*;

    const PROCESS: &str = "\
currency: EUR
stages:
  - {id: talk, probability: 20%}
  - {id: offer}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
targets: [{period: 2026-Q3, owner: ana, amount: 25}, {period: 2026-Q3, owner: chen, amount: 20}]
rates: {USD: 0.5}
";

    const DEALS: &str = "id,name,owner,stage,value,currency,probability,created,close_date,closed,forecast\n";

    const ASKED: Asked<'_> = Asked { report: "forecast", period: "2026-Q3", as_of: "2026-07-15", by: &[] };

    fn fixture(deals: &str) -> Fixture {
        Fixture::new(PROCESS, &format!("{DEALS}{deals}"), "")
    }

    /// Won 5; 10 at 50 % and 40 USD, which are 20, at 50 %; one without a value; one due later, one on no day.
    const FEW: &str = "\
a,A,ana,won,5,,,2026-05-01,2026-07-01,2026-07-02,
b,B,ana,talk,10,,50%,2026-05-01,2026-07-20,,
c,C,ben,talk,40,USD,50%,2026-05-01,2026-07-01,,
d,D,ben,talk,,,,2026-05-01,2026-08-01,,
e,E,ben,talk,100,,,2026-05-01,2026-10-01,,
f,F,ben,talk,100,,,2026-05-01,,,
";

    #[test]
    fn what_is_due_stands_against_the_target() {
        let fixture = fixture(FEW);
        // Weighted 5 + 10 + 0; target 25 + 20; gap 45 - 5 - 15 = 25; attainment 5/45 = 0.1111; coverage 30 / 40.
        assert_eq!(
            fixture.lines(ASKED, "outlook"),
            ["5.00,1,3,30.00,2,15.00,2,45.00,25.00,0.1111111111111111,0.75"]
        );
        // 0, 10, 20 and 30 one time in four each; 45 - 5 = 40 is out of reach.
        assert_eq!(fixture.lines(ASKED, "range"), ["0.00,10.00,30.00,0,0"]);
        let months = [
            "overdue,1,20.00,1,10.00,1",
            "2026-07,1,10.00,1,5.00,1",
            "2026-08,1,0.00,0,0.00,0",
            "2026-10,1,100.00,1,20.00,1",
            "undated,1,100.00,1,20.00,1",
            "all,5,230.00,4,55.00,4",
        ];
        assert_eq!(fixture.lines(ASKED, "months"), months);
        let notes = [
            ("assumed_journeys", Some(6)),
            ("due_without_value", Some(1)),
            ("past_close_date", Some(1)),
            ("not_due", Some(1)),
            ("independent_deals", None),
        ];
        assert_eq!(fixture.notes(ASKED), notes);
    }

    #[test]
    fn an_owner_with_a_target_is_there_without_a_deal() {
        let by_owner = Asked { by: &["owner"], ..ASKED };
        let expected = [
            "ana,5.00,1,1,10.00,1,5.00,1,25.00,15.00,0.2,0.5",
            "ben,0.00,0,2,20.00,1,10.00,1,,,,",
            "chen,0.00,0,0,0.00,0,0.00,0,20.00,20.00,0,0",
            "total,5.00,1,3,30.00,2,15.00,2,45.00,25.00,0.1111111111111111,0.75",
        ];
        assert_eq!(fixture(FEW).lines(by_owner, "outlook"), expected);
    }

    #[test]
    fn a_month_has_what_was_won_and_what_is_due_in_it() {
        let by_month = Asked { by: &["month"], ..ASKED };
        let won_and_due: Vec<String> = fixture(FEW)
            .lines(by_month, "outlook")
            .iter()
            .map(|line| line.split(',').take(4).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            won_and_due,
            ["2026-07 5.00 1 2", "2026-08 0.00 0 1", "2026-09 0.00 0 0", "total 5.00 1 3"]
        );
    }

    #[test]
    fn a_deal_is_in_the_category_of_its_chance_unless_its_cell_names_one() {
        let fixture = fixture(
            "\
a,A,ana,talk,1,,75%,2026-05-01,2026-08-01,,
b,B,ana,talk,2,,74%,2026-05-01,2026-08-01,,
c,C,ana,talk,4,,40%,2026-05-01,2026-08-01,,
d,D,ana,talk,8,,39%,2026-05-01,2026-08-01,,
e,E,ana,talk,16,,90%,2026-05-01,2026-08-01,,pipeline
f,F,ana,talk,32,,90%,2026-05-01,2026-08-01,,omitted
g,G,ana,offer,64,,,2026-05-01,2026-08-01,,
",
        );
        let values: Vec<String> = fixture
            .lines(ASKED, "categories")
            .iter()
            .map(|line| line.split(',').take(3).collect::<Vec<_>>().join(" "))
            .collect();
        // An offer has no probability, and its stage none: 0.
        assert_eq!(values, ["commit 1 1.00", "best_case 2 6.00", "pipeline 3 88.00", "omitted 1 32.00"]);
        // Without the omitted one: 0.75 + 1.48 + 1.6 + 3.12 + 14.4 = 21.35 of 95.
        assert!(fixture.lines(ASKED, "outlook")[0].starts_with("0.00,0,6,95.00,6,21.35,6,"));
        let behind = |word| {
            fixture.ask(ASKED, |_, question| {
                let deals = Portion::due(word).unwrap().deals(question);
                deals.into_iter().map(|deal| question.book.id(deal).to_owned()).collect::<String>()
            })
        };
        assert_eq!(
            [None, Some("omitted"), Some("best_case"), Some("2026-08")].map(behind),
            ["abcdeg", "f", "bc", "abcdefg"]
        );
    }

    #[test]
    fn history_draws_the_share_won_towards_what_is_set() {
        // Talk: a, b and c came there and closed within 365 days of 15 July, one won: (1 + 10 · 0.2) / (3 + 10) = 3/13.
        // Offer: a and b came there; the conversion rate of the four that closed stands in for what is not set, 2/4:
        // (1 + 10 · 0.5) / (2 + 10) = 1/2. One that has no history closed too; one closed 366 days before.
        let deals = "\
a,A,ana,won,1,,,2026-01-01,,2026-03-01,
b,B,ana,lost,1,,,2026-01-01,,2026-03-01,
c,C,ana,lost,1,,,2026-01-01,,2026-03-01,
d,D,ana,won,1,,,2026-01-01,,2026-03-01,
e,E,ana,won,1,,,2025-01-01,,2025-07-15,
f,F,ana,offer,1,,90%,2026-01-01,2026-08-01,,
";
        let rows = |id: &str, end: &str, day: &str| {
            let on =
                |day: &str, from: &str, to: &str| format!("{day}T00:00:00Z,{id},stage,,{from},{to},ana,\n");
            let offered = if id == "c" { "talk" } else { "offer" };
            let talk = on("2025-01-02", "", "talk");
            let offer = if offered == "offer" { on("2025-02-01", "talk", "offer") } else { String::new() };
            let closed = if end.is_empty() { String::new() } else { on(day, offered, end) };
            talk + &offer + &closed
        };
        let history = rows("a", "won", "2026-03-01")
            + &rows("b", "lost", "2026-03-01")
            + &rows("c", "lost", "2026-03-01")
            + &rows("e", "won", "2025-07-15")
            + &rows("f", "", "");
        let fixture = Fixture::new(PROCESS, &format!("{DEALS}{deals}"), &history);
        fixture.ask(ASKED, |_, question| {
            let options = Options { probability: Probability::History, ..Options::default() };
            let question = &Question { options, ..question.clone() };
            let chances = Chances::of(question);
            let [talk, offer] = [0, 1].map(|stage| {
                let stage = question.process.open_stages().nth(stage).unwrap().0;
                chances.of_deal(question, 5, stage)
            });
            assert_eq!(
                (talk.round_dp(6).to_string(), offer.normalize().to_string()),
                ("0.230769".to_owned(), "0.5".to_owned())
            );
        });
    }
}
