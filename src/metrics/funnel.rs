//! `report funnel`: the buyer's funnel, of the deals created in the period (metrics §2, Funnel).

use super::chart::Chart;
use super::figures::{Cell, Column, Figures, Kind, Rate, Section, Shape};
use super::group::Grouped;
use super::question::Question;
use crate::deal::money::NoRate;
use crate::process::Outcome;

/// Its pictures.
pub(super) const CHARTS: &[Chart] = &[Chart::funnel("funnel", "stage", &["reached"])];

/// Deals created in the period, and how far they came by `t`.
#[derive(Clone, Debug)]
struct Depth {
    /// All of them, and those won.
    all: u64,
    won: u64,
    /// Those without an assumed journey: how many, how many won, and how many reached each stage.
    told: u64,
    told_won: u64,
    reached: Vec<u64>,
}

/// The report. It needs no values, so it cannot fail.
pub fn funnel(question: &Question<'_>) -> Result<Figures, NoRate> {
    let stages: Vec<&str> = question.process.open_stages().map(|(_, stage)| stage.id.as_str()).collect();
    let empty = Depth { all: 0, won: 0, told: 0, told_won: 0, reached: vec![0; stages.len()] };
    let mut grouped = Grouped::new(question, empty.clone());
    let mut reached = Vec::new();
    for &deal in &question.picked {
        let journey = &question.journeys.deals[deal];
        let Some(at) = journey.created.filter(|at| question.in_period(*at)) else { continue };
        let won = u64::from(question.ended(deal, Outcome::Won));
        question.journeys.reached(deal, &mut reached);
        grouped.add(question, deal, Some(at), &empty, |depth| {
            depth.all += 1;
            depth.won += won;
            if !journey.assumed {
                depth.told += 1;
                depth.told_won += won;
                for (count, at) in depth.reached.iter_mut().zip(&reached) {
                    *count += u64::from(at.is_some());
                }
            }
        });
    }
    let rows = grouped.rows(|depth, _| rows(&stages, depth));
    let columns = vec![
        Column::new("stage", Kind::Text),
        Column::new("reached", Kind::Count),
        Column::new("share_of_first", Kind::Rate),
        Column::new("share_of_previous", Kind::Rate),
    ];
    let section = Section { key: "funnel", shape: Shape::List, by: question.group_columns(), columns, rows };
    Ok(Figures {
        name: "funnel",
        scope: Some(question.scope()),
        sections: vec![section],
        notes: question.notes(),
    })
}

/// A row a stage and one for won. The first and the last count all deals, those between leave assumed journeys out;
/// shares compare like with like.
fn rows(stages: &[&str], depth: &Depth) -> Vec<Vec<Cell>> {
    let row = |stage: &str, reached: u64, of_first: Rate, of_previous: Rate| {
        vec![
            Cell::Stage(stage.to_owned()),
            Cell::Count(reached),
            Cell::Rate(of_first),
            Cell::Rate(of_previous),
        ]
    };
    let none = Rate { count: 0, of: 0 };
    let mut rows = Vec::with_capacity(stages.len() + 1);
    for (order, (stage, reached)) in stages.iter().zip(&depth.reached).enumerate() {
        if order == 0 {
            rows.push(row(stage, depth.all, Rate { count: depth.all, of: depth.all }, none));
        } else {
            let previous = if order == 1 { depth.told } else { depth.reached[order - 1] };
            let of_first = Rate { count: *reached, of: depth.told };
            rows.push(row(stage, *reached, of_first, Rate { count: *reached, of: previous }));
        }
    }
    let last = if stages.len() > 1 { depth.reached.last().copied() } else { None };
    let of_previous = Rate { count: depth.told_won, of: last.unwrap_or(depth.told) };
    rows.push(row("won", depth.won, Rate { count: depth.won, of: depth.all }, of_previous));
    rows
}
