//! `pipeline show`: one deal with its timeline.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clap::Args;

use super::columns::{Shown, kind};
use super::context::Context;
use super::events;
use super::options::Reading;
use super::terms::{Asked, Row as Deal};
use crate::deal::event::{self, Event, What};
use crate::deal::order::{Subject, arrange};
use crate::deal::record::Record;
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::folder::deal_rows::required;
use crate::folder::history::{self, History};
use crate::folder::load::Unsound;
use crate::folder::sheet::Sheet;
use crate::folder::{Folder, Need};
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::problem::nearest_id;
use crate::process::{Process, StageIndex};

/// Show one deal with its timeline
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline show deal-42
  pipeline show deal-42 --section history -f csv
  pipeline show deal-42 -f json | jq '.history[-1]'")]
pub(super) struct Show {
    /// The deal
    deal: String,
    /// Only this table: deal, scores or history
    #[arg(long, value_name = "TABLE")]
    section: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let scored: Vec<String> = process.scores.iter().map(|score| score.id.clone()).collect();
        let files = folder.read(Need::History)?;
        let sheet = &files.deals;
        let unsound = self.reading.unsound();
        let asked = Asked::of(&folder, sheet, &[], &scored, &clock)?;
        let record = find(&folder, sheet, &self.deal, unsound)?;
        let stage = process.lookup(record.get("stage"));
        let past = asked.past_of(&files, &self.deal, unsound)?;
        let found = Deal { stage: stage.unwrap_or(StageIndex::UNKNOWN), record, past };
        let filled = |name: &&String| !found.record.get(name).is_empty();
        // People look at what there is; programs rely on every key.
        let all = !context.table_wanted()?;
        let columns: Vec<String> =
            sheet.columns().iter().filter(|name| all || filled(name)).cloned().collect();
        let deal = Section {
            key: "deal",
            shape: Shape::Record,
            by: Vec::new(),
            columns: columns.iter().map(|name| Column::new(name.clone(), kind(process, name))).collect(),
            rows: vec![Row::total(Shown::of(&asked, columns.iter().map(String::as_str)).row(&found))],
        };
        let events = in_reading_order(process, History::of(&files.history)?.of_deal(&self.deal)?);
        let mut sections = vec![deal];
        if !process.scores.is_empty() {
            sections.push(scores(&asked, &found));
        }
        sections.push(events::section(process, "history", &["deal"], events.iter().map(Event::cells)));
        let figures = Figures::of("show", sections);
        context.show(process, &figures, self.section.as_deref())
    }
}

/// The row of a deal.
///
/// Errors: there is no such deal, or its row is unsound.
fn find<'a>(folder: &Folder, sheet: &'a Sheet, id: &str, unsound: Unsound) -> Result<Record<'a>> {
    let mut ids: Vec<String> = Vec::new();
    if let Some(required) = required(sheet)? {
        let mut cells = Vec::new();
        for line in sheet.rows() {
            match sheet.split(line?, &mut cells) {
                Err(_) if unsound == Unsound::Skip => continue,
                split => split?,
            }
            if cells[required.id] == id {
                return Ok(Record::new(sheet.columns(), cells));
            }
            ids.push(cells[required.id].to_string());
        }
    }
    let error = Error::not_found(format!("there is no deal `{id}` in {}", folder.root().display()));
    Err(error.suggest(nearest_id(id, ids.iter().map(String::as_str)), "`pipeline list` shows the deals"))
}

/// How each score came about: its rules, and which of them hold.
fn scores(asked: &Asked<'_>, deal: &Deal<'_>) -> Section {
    let today = asked.seen(deal);
    let mut rows = Vec::new();
    for score in &asked.sight.process().scores {
        let field = asked.sight.field(&score.id).unwrap_or(usize::MAX);
        for rule in asked.sight.earned(field, &today) {
            rows.push(Row::total(vec![
                Cell::Text(score.id.clone()),
                Cell::Text(rule.terms.to_owned()),
                Cell::Number(rule.points.into()),
                Cell::Flag(rule.holds),
            ]));
        }
    }
    let columns = vec![
        Column::new("score", Kind::Text),
        Column::new("rule", Kind::Text),
        Column::new("points", Kind::Number),
        Column::new("holds", Kind::Flag),
    ];
    Section::list("scores", columns, rows)
}

/// A change of the stage or of one field, as far as its order is concerned.
struct Recorded<'a> {
    event: Event<'a>,
    row: &'a str,
    from: String,
    to: String,
}

/// The changes of a deal as its rows tell them.
struct Changes;

impl<'a> Subject<Recorded<'a>> for Changes {
    type Point<'s>
        = &'s str
    where
        'a: 's;

    fn at(&self, recorded: &Recorded<'a>) -> Instant {
        recorded.event.at
    }

    fn row<'s>(&'s self, recorded: &'s Recorded<'a>) -> Cow<'s, str> {
        Cow::Borrowed(recorded.row)
    }

    fn from<'s>(&'s self, recorded: &'s Recorded<'a>) -> &'s str {
        &recorded.from
    }

    fn to<'s>(&'s self, recorded: &'s Recorded<'a>) -> &'s str {
        &recorded.to
    }
}

/// The events of a deal as reports read them: by instant; at one instant moves before fields before what happened, each
/// so that it continues what was before it; rows identical to the byte once.
fn in_reading_order<'a>(process: &Process, rows: Vec<history::Row<'a>>) -> Vec<Event<'a>> {
    let stage = |id: &str| process.lookup(id).map_or(id, |stage| process.stage_id(stage)).to_owned();
    // Moves, then each field, then activities, then what is taken back.
    let mut subjects: BTreeMap<(u8, String), Vec<Recorded<'a>>> = BTreeMap::new();
    for history::Row { line, event } in rows {
        let (subject, from, to) = match &event.what {
            What::Stage { from, to, .. } => ((0, String::new()), stage(from), stage(to)),
            What::Set { field, from, to } => ((1, field.to_string()), from.to_string(), to.to_string()),
            What::Touch(_) => ((2, String::new()), String::new(), String::new()),
            What::Void { .. } => ((3, String::new()), String::new(), String::new()),
        };
        subjects.entry(subject).or_default().push(Recorded { event, row: line.text, from, to });
    }
    let arranged = subjects.into_values().flat_map(|mut steps| {
        arrange(&Changes, &mut steps);
        steps
    });
    let mut events: Vec<Event<'a>> = arranged.map(|recorded| recorded.event).collect();
    event::sort_by_instant(&mut events);
    events
}
