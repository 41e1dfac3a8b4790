//! `pipeline stages`: the process, and how many deals stand where.

use clap::Args;
use rust_decimal::prelude::ToPrimitive;

use super::context::Context;
use super::options::Reading;
use super::terms::Asked;
use crate::error::Result;
use crate::folder::Need;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::process::{Process, Stage};

/// Show the process: its stages, what they ask for, and how many deals stand where
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline stages
  pipeline stages -f json | jq -r '.[].stage'")]
pub(super) struct Stages {
    #[command(flatten)]
    reading: Reading,
}

impl Stages {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let mut deals = vec![0; process.stages.len()];
        let clock = context.clock(process.zone)?;
        let (asked, files) = Asked::read(&folder, Need::Deals, &[], &[], &clock)?;
        let found = asked.found(&files, Context::unsound(&self.reading))?;
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
        let rows =
            process.stages.iter().zip(deals).map(|(stage, deals)| row(process, stage, deals)).collect();
        let section = Section { key: "stages", shape: Shape::List, by: Vec::new(), columns, rows };
        let figures = Figures { name: "stages", scope: None, sections: vec![section], notes: Vec::new() };
        context.show(process, &figures, None)
    }
}

fn row(process: &Process, stage: &Stage, deals: u64) -> Row {
    let text = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
    let limit = stage.stale_after.map(|days| Cell::Days { days: Some(f64::from(days)), n: None });
    Row::total(vec![
        Cell::Text(stage.id.clone()),
        Cell::Text(stage.title(process.lang).to_owned()),
        stage.outcome.map_or(Cell::Empty, |outcome| Cell::Text(outcome.id().to_owned())),
        Cell::Share(stage.probability.and_then(|share| share.to_f64())),
        limit.unwrap_or(Cell::Empty),
        text(stage.enter.require.iter().chain(&stage.enter.when).cloned().collect::<Vec<_>>().join(", ")),
        Cell::Count(deals),
    ])
}
