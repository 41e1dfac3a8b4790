//! `pipeline board`: the open deals under their stages.

use clap::Args;
use rust_decimal::Decimal;

use super::context::Context;
use super::list::{kind, row};
use super::options::Reading;
use super::terms::Asked;
use crate::deal::money::parse_amount;
use crate::error::Result;
use crate::metrics::figures::{Column, Figures, Row, Section, Shape};
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

/// What is shown of a deal.
const SHOWN: [&str; 5] = ["id", "name", "owner", "value", "stage_age"];

impl Board {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder_at(&self.reading)?;
        let process = folder.process();
        let clock = context.clock(process.zone)?;
        let (asked, files) = Asked::read(&folder, &self.terms, &[], &clock)?;
        let sheet = &files.deals;
        let all = asked.found(&files, Context::unsound(&self.reading))?;
        context.note_skipped(all.skipped);
        let names = SHOWN.map(str::to_owned);
        let mut found: Vec<(StageIndex, Option<Decimal>, Row)> = Vec::new();
        for deal in all.deals {
            if !process.is_open(deal.stage) {
                continue;
            }
            let value = sheet.column("value").and_then(|at| parse_amount(&deal.cells[at]));
            let cells = row(&asked, sheet, &names, &deal);
            let group = vec![process.stage_id(deal.stage).to_owned()];
            found.push((deal.stage, value, Row { group, cells }));
        }
        found.sort_by(|(a, a_value, _), (b, b_value, _)| a.cmp(b).then_with(|| b_value.cmp(a_value)));
        let columns = names.iter().map(|name| Column::new(name.clone(), kind(process, name))).collect();
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
