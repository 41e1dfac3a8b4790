//! What needs action today: how many open deals, and the command that lists them (metrics §11).

use super::figures::{Cell, Column, Kind, Row, Section};
use super::question::Question;
use super::stalled::Limits;
use crate::deal::period::Period;
use crate::shell;

/// How many days ahead something is due soon.
const AHEAD: i64 = 7;

/// The section, of the deals that are open at `t`. `terms` are those that pick the deals, as typed.
pub fn section(question: &Question<'_>, terms: &[String]) -> Section {
    let today = question.t().day(question.zone());
    let day = Period { name: today.to_string(), first: today, last: today };
    // Stocks are taken at the end of the period, and this is about now.
    let now = &question.over(day);
    let limits = Limits::of(now);
    let date = |field: &str, deal: usize| now.zone().parse_moment_day(now.text(field, deal));
    let open: Vec<usize> = now.open_at_e().map(|(deal, _)| deal).collect();
    let count =
        |test: &dyn Fn(usize) -> bool| Cell::Count(open.iter().filter(|deal| test(**deal)).count() as u64);
    // In the words of terms: a command is good for the day on which it is printed.
    let dated = |field: &str, range: &str, within: &dyn Fn(i64) -> bool| {
        let days = |deal| date(field, deal).map(|day| (day - today).num_days());
        (count(&|deal| days(deal).is_some_and(within)), listed(terms, &format!("{field}={range}")))
    };
    let past = |days| days < 0;
    let soon = |days| (0..=AHEAD).contains(&days);
    let ahead = format!("today..today+{AHEAD}d");
    let reviewed = |rule: &str, test: &dyn Fn(usize) -> bool| {
        let words = ["pipeline", "review", "--rule", rule].map(str::to_owned);
        (count(test), shell::command(&[&words[..], terms].concat()))
    };
    let nothing_comes = |deal| now.text("next_step", deal).is_empty() && date("next_date", deal).is_none();
    let rows = [
        ("steps_overdue", dated("next_date", "..yesterday", &past)),
        ("steps_due", dated("next_date", &ahead, &soon)),
        ("past_close_date", dated("close_date", "..yesterday", &past)),
        ("closing_soon", dated("close_date", &ahead, &soon)),
        ("no_next_step", reviewed("no-next-step", &nothing_comes)),
        ("stalled", reviewed("stalled", &|deal| limits.stalled(now, deal))),
    ];
    let row = |(what, (count, command))| Row::total(vec![Cell::Key(what), count, Cell::Text(command)]);
    let columns = vec![
        Column::new("what", Kind::Text),
        Column::new("deals", Kind::Count),
        Column::new("command", Kind::Command),
    ];
    let rows = rows.into_iter().map(row).collect();
    Section::list("to_do", columns, rows)
}

/// The command that lists the open deals which the terms find and this one too.
fn listed(terms: &[String], term: &str) -> String {
    let or = |word: &str| word.eq_ignore_ascii_case("or");
    let mut words = ["pipeline", "list"].map(str::to_owned).to_vec();
    if terms.iter().flat_map(|argument| argument.split_whitespace()).any(or) {
        words.push("(".to_owned());
        words.extend(terms.iter().cloned());
        words.push(")".to_owned());
    } else {
        words.extend(terms.iter().cloned());
    }
    words.extend(["status=open".to_owned(), term.to_owned()]);
    shell::command(&words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(terms: &[&str]) -> Vec<String> {
        terms.iter().map(|term| (*term).to_owned()).collect()
    }

    #[test]
    fn commands_ask_for_the_same_deals() {
        let next = "next_date=..yesterday";
        for (terms, command) in [
            (&[][..], "pipeline list status=open next_date=..yesterday"),
            (
                &["owner=ana", "value=10k.."],
                "pipeline list owner=ana value=10k.. status=open next_date=..yesterday",
            ),
            (
                &["account=\"Acme Ltd\""],
                "pipeline list 'account=\"Acme Ltd\"' status=open next_date=..yesterday",
            ),
            (
                &["owner=ana or owner=ben"],
                "pipeline list '(' 'owner=ana or owner=ben' ')' status=open next_date=..yesterday",
            ),
            (&["a", "OR", "b"], "pipeline list '(' a OR b ')' status=open next_date=..yesterday"),
        ] {
            assert_eq!(listed(&words(terms), next), command);
        }
    }
}
