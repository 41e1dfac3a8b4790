//! `pipeline agenda`: what comes next, and what is late.

use clap::Args;

use super::columns::{Shown, kind, known};
use super::context::{Clock, Context};
use super::options::Reading;
use super::terms::{Asked, Row};
use crate::deal::money::round;
use crate::deal::standing::Standing;
use crate::error::{Error, Result};
use crate::exchange::ics::{self, Entry, When};
use crate::folder::{Files, Folder, Need};
use crate::grammar::count;
use crate::metrics::agenda::{FollowUp, For, due, figures, sort};
use crate::metrics::figures::{Cell, Kind};
use crate::output::label;
use crate::process::{Lang, Process};

/// How many days ahead people look where they do not say.
const AHEAD: u64 = 7;

/// Show next steps that are overdue, due today or in the next days, and open deals without one
///
/// An agenda is of open deals; --closed adds what is to be followed up with closed ones. A calendar holds all next steps
/// that have a day, each under the same name every time, so that it can be imported or subscribed to again and again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline agenda owner=ana
  pipeline agenda --by owner --days 14
  pipeline agenda owner=ana -o ana.ics
  pipeline agenda -f jsonl | jq -r 'select(.due == \"overdue\") | .id'")]
pub(super) struct Agenda {
    /// Which deals
    terms: Vec<String>,
    /// How many days to look ahead [default: 7, in a calendar all]
    #[arg(long, value_name = "N", value_parser = days)]
    days: Option<u64>,
    /// Closed deals too, where the next step is due after the day they closed
    #[arg(long)]
    closed: bool,
    /// Group by owner, team, stage or another text
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

fn days(text: &str) -> Result<u64, String> {
    text.strip_suffix('d')
        .unwrap_or(text)
        .parse()
        .map_err(|_| "write a number of days, such as 14".to_owned())
}

impl Agenda {
    /// The next steps of the open deals that terms find, however far ahead.
    pub(super) fn all(terms: Vec<String>, reading: Reading) -> Agenda {
        Agenda { terms, days: None, closed: false, by: None, reading }
    }

    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folders = context.folders_at(&self.reading)?;
        let calendar = context.calendar_wanted()?;
        let reader = if context.table_wanted()? { For::People } else { For::Programs };
        let (mut tables, mut entries) = (Vec::new(), Vec::new());
        let mut undated = 0;
        for folder in &folders {
            let process = folder.process();
            let clock = context.clock(process.zone)?;
            let named: Vec<String> = self.by.iter().cloned().collect();
            let (asked, files) = Asked::read(folder, Need::Deals, &self.terms, &named, &clock)?;
            self.groups(process, &files)?;
            let unsound = self.reading.unsound();
            let found = if self.closed {
                asked.found(&files, unsound)?
            } else {
                asked.found_open(&files, unsound)?
            };
            context.note_skipped(found.skipped);
            let agenda = self.agenda(&asked, &found.deals, &clock, calendar);
            if calendar {
                undated += agenda.iter().filter(|one| one.deal.next_date.is_none()).count() as u64;
                entries.extend(agenda.iter().filter_map(|one| entry(folder, context.lang(process), one)));
            } else {
                tables.push(figures(process, &agenda, self.by.as_deref(), reader));
            }
        }
        if !calendar {
            return context.show_each(&folders, tables, None);
        }
        if undated > 0 {
            context.note(&format!(
                "{} without a day for a next step: in no calendar",
                count(undated, "open deal")
            ));
        }
        let names: Vec<String> = folders.iter().map(Folder::name).collect();
        let now = context.clock(folders.first().map(|folder| folder.process().zone).unwrap_or_default())?.now;
        let calendar = ics::calendar(&names.join(", "), now, &entries);
        context.write(folders.first().map(Folder::process), &calendar)
    }

    /// Makes sure that an agenda can be grouped as asked.
    fn groups(&self, process: &Process, files: &Files) -> Result<()> {
        let Some(by) = &self.by else { return Ok(()) };
        known(process, &files.deals, std::slice::from_ref(by))?;
        if kind(process, by) == Kind::Text {
            return Ok(());
        }
        Err(Error::usage(format!("an agenda cannot be grouped by `{by}`, which is no text"))
            .hint("group by owner, team, stage, account or another text"))
    }

    fn agenda<'r>(
        &self,
        asked: &Asked<'_>,
        deals: &'r [Row<'_>],
        clock: &Clock,
        calendar: bool,
    ) -> Vec<FollowUp<'r>> {
        let process = asked.sight.process();
        let ahead = if calendar { self.days } else { Some(self.days.unwrap_or(AHEAD)) };
        let mut agenda: Vec<FollowUp<'r>> = deals
            .iter()
            .filter_map(|found| {
                let deal: Standing<'r> = asked.standing(found);
                let due = due(process, clock.today, ahead, &deal)?;
                let group = self.by.as_ref().map(|by| group(asked, found, by));
                Some(FollowUp { due, deal, group })
            })
            .collect();
        sort(&mut agenda);
        agenda
    }
}

/// What a deal is grouped by: stages in the order of the process, all else by the alphabet.
fn group(asked: &Asked<'_>, found: &Row<'_>, by: &str) -> (usize, String) {
    let place = if by == "stage" { found.stage.position() } else { 0 };
    match Shown::of(asked, std::iter::once(by)).row(found).pop() {
        Some(Cell::Text(name) | Cell::Stage(name)) => (place, name),
        _ => (place, String::new()),
    }
}

/// A next step as an entry of a calendar; none without a day.
fn entry(folder: &Folder, lang: Lang, one: &FollowUp<'_>) -> Option<Entry> {
    let (process, deal) = (folder.process(), &one.deal);
    let when = match deal.next_at {
        Some(at) => When::At(at),
        None => When::Day(deal.next_date?),
    };
    let step = deal.text("next_step");
    let summary =
        if step.is_empty() { deal.text("name").to_owned() } else { format!("{step}: {}", deal.text("name")) };
    let stage = process.stage(deal.stage).map_or("", |stage| stage.title(lang));
    let value = deal
        .value
        .map(|(amount, currency)| format!("{} {currency}", round(amount, process.digits(currency))));
    let facts = [
        ("id", deal.text("id")),
        ("account", deal.text("account")),
        ("contact", deal.text("contact")),
        ("owner", deal.text("owner")),
        ("stage", stage),
        ("value", value.as_deref().unwrap_or_default()),
    ];
    let facts = facts.iter().filter(|(_, text)| !text.is_empty());
    let lines = facts.map(|(key, text)| format!("{}: {text}", label(key, lang)));
    Some(Entry {
        uid: format!("{}@{}", deal.text("id"), folder.name()),
        when,
        summary,
        description: lines.collect::<Vec<_>>().join("\n"),
    })
}
