//! `pipeline board`: the open deals under their stages.

use clap::Args;
use rust_decimal::Decimal;

use super::context::Context;
use super::list::row;
use super::options::Reading;
use super::terms::found;
use crate::deal::money::parse_amount;
use crate::error::Result;
use crate::folder::Need;
use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};
use crate::process::StageIndex;

/// Show the open deals under their stages, the largest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline board
  pipeline board owner=ana value=10k..")]
pub(super) struct Board {
    /// Which deals
    terms: Vec<String>,
    #[command(flatten)]
    reading: Reading,
}

/// The columns that are cells of the file.
const CELLS: [&str; 4] = ["id", "name", "owner", "value"];

impl Board {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let files = folder.read(Need::Deals)?;
        let sheet = &files.deals;
        let all = found(process, sheet, &self.terms, &clock, Context::unsound(&self.reading))?;
        context.note_skipped(all.skipped);
        let names = CELLS.map(str::to_owned);
        let mut found: Vec<(StageIndex, Option<Decimal>, Row)> = Vec::new();
        for (stage, cells) in all.deals {
            if !process.is_open(stage) {
                continue;
            }
            let text = |name: &str| sheet.column(name).map_or("", |at| &*cells[at]);
            let since = process.zone.parse_moment(text("stage_since"));
            let days = since.map(|since| process.zone.elapsed(since, clock.now));
            let mut row = row(process, sheet, &names, &cells);
            row.push(days.map_or(Cell::Empty, |days| Cell::Days { days: Some(days), n: None }));
            let group = vec![process.stage_id(stage).to_owned()];
            found.push((stage, parse_amount(text("value")), Row { group, cells: row }));
        }
        found.sort_by(|(a, a_value, _), (b, b_value, _)| a.cmp(b).then_with(|| b_value.cmp(a_value)));
        let columns = vec![
            Column::new("id", Kind::Text),
            Column::new("name", Kind::Text),
            Column::new("owner", Kind::Text),
            Column::new("value", Kind::Amount),
            Column::new("stage_age", Kind::Age),
        ];
        let section = Section {
            key: "board",
            shape: Shape::List,
            by: vec!["stage".to_owned()],
            columns,
            rows: found.into_iter().map(|(_, _, row)| row).collect(),
        };
        let figures = Figures { name: "board", scope: None, sections: vec![section], notes: Vec::new() };
        context.show(process, &figures, None)
    }
}
