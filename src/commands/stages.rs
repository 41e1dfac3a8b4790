//! `pipeline stages`: the process, what to do in each stage, and how many deals stand where.

use clap::Args;
use rust_decimal::prelude::ToPrimitive;

use super::context::Context;
use super::options::Reading;
use super::terms::Asked;
use crate::error::Result;
use crate::folder::Need;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::process::{Lang, Process, Stage};

/// Show the process: its stages, what they ask for, and how many deals stand where
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline stages
  pipeline stages --guide
  pipeline stages --guide --lang zh-TW -o playbook.md
  pipeline stages -f json | jq -r '.[].stage'")]
pub(super) struct Stages {
    /// The whole playbook: what each stage is there to find out, what to do in it, and what it asks for
    #[arg(long)]
    guide: bool,
    #[command(flatten)]
    reading: Reading,
}

impl Stages {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let lang = context.lang(process);
        if self.guide {
            return context.show(process, &playbook(process, lang), None);
        }
        let mut deals = vec![0; process.stages.len()];
        let clock = context.clock(process.zone)?;
        let (asked, files) = Asked::read(&folder, Need::Deals, &[], &[], &clock)?;
        let found = asked.found(&files, self.reading.unsound())?;
        context.note_skipped(found.skipped);
        for deal in found.deals {
            if let Some(count) = deals.get_mut(deal.stage.position()) {
                *count += 1;
            }
        }
        let columns = vec![
            Column::new("stage", Kind::Text),
            Column::new("name", Kind::Text),
            Column::new("outcome", Kind::Text),
            Column::new("probability", Kind::Share),
            Column::new("stale_after", Kind::Age),
            Column::new("requires", Kind::Text),
            Column::new("deals", Kind::Count),
        ];
        let row = |(stage, deals): (&Stage, u64)| {
            Row::total(vec![
                Cell::Text(stage.id.clone()),
                Cell::Text(stage.title(lang).to_owned()),
                outcome(stage),
                probability(stage),
                stale_after(stage),
                Cell::text(&requires(stage).join(", ")),
                Cell::Count(deals),
            ])
        };
        let rows = process.stages.iter().zip(deals).map(row).collect();
        let section = Section::list("stages", columns, rows);
        let figures = Figures::of("stages", [section]);
        context.show(process, &figures, None)
    }
}

/// All that the process says about its stages, a page each.
fn playbook(process: &Process, lang: Lang) -> Figures {
    let columns = vec![
        Column::new("name", Kind::Text),
        Column::new("stage", Kind::Text),
        Column::new("outcome", Kind::Text),
        Column::new("probability", Kind::Share),
        Column::new("stale_after", Kind::Age),
        Column::new("requires", Kind::Text),
        Column::new("on_enter", Kind::Text),
        Column::new("goal", Kind::Text),
        Column::new("checklist", Kind::Text),
    ];
    let row = |stage: &Stage| {
        let filled = stage.on_enter.iter().map(|(field, value)| format!("{field} = {value}"));
        Row::total(vec![
            Cell::Text(stage.title(lang).to_owned()),
            Cell::Text(stage.id.clone()),
            outcome(stage),
            probability(stage),
            stale_after(stage),
            Cell::Texts(requires(stage)),
            Cell::Texts(filled.collect()),
            Cell::text(stage.goal.text(lang)),
            checklist(stage, lang),
        ])
    };
    pages("guide", columns, process.stages.iter().map(row).collect())
}

/// Tells whoever sits at a terminal what the stage that deals have come to is about.
pub(super) fn guide(context: &Context, process: &Process, stage: &Stage) -> Result<()> {
    if stage.goal.is_empty() && stage.checklist.is_empty() {
        return Ok(());
    }
    let lang = context.lang(process);
    let columns = ["name", "goal", "checklist"].map(|key| Column::new(key, Kind::Text)).into();
    let title = Cell::Text(stage.title(lang).to_owned());
    let row = Row::total(vec![title, Cell::text(stage.goal.text(lang)), checklist(stage, lang)]);
    context.show_beside(process, &pages("guide", columns, vec![row]))
}

fn pages(name: &'static str, columns: Vec<Column>, rows: Vec<Row>) -> Figures {
    let section = Section { key: name, shape: Shape::Pages, by: Vec::new(), columns, rows };
    Figures::of(name, [section])
}

fn outcome(stage: &Stage) -> Cell {
    stage.outcome.map_or(Cell::Empty, |outcome| Cell::Text(outcome.id().to_owned()))
}

fn probability(stage: &Stage) -> Cell {
    stage.probability.map_or(Cell::Empty, |share| Cell::Share(share.to_f64()))
}

fn stale_after(stage: &Stage) -> Cell {
    stage.stale_after.map_or(Cell::Empty, |days| Cell::Days { days: Some(f64::from(days)), n: None })
}

/// What its own gate asks for: fields, then terms.
fn requires(stage: &Stage) -> Vec<String> {
    stage.enter.require.iter().chain(&stage.enter.when).cloned().collect()
}

fn checklist(stage: &Stage, lang: Lang) -> Cell {
    Cell::Texts(stage.checklist.iter().map(|item| item.text(lang).to_owned()).collect())
}
