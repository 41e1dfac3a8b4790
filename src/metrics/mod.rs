//! Journeys to figures: one file per report, each a pure function. No files, no clock, no terminal.

pub mod activity;
pub mod agenda;
pub mod ages;
pub mod behind;
pub mod board;
pub mod bottlenecks;
pub mod changes;
pub mod chart;
pub mod cohorts;
pub mod compare;
pub mod conversion;
pub mod explain;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod forecast;
pub mod funnel;
pub mod ground;
pub mod group;
#[cfg(test)]
mod laws;
pub mod losses;
pub mod meanings;
pub mod outline;
pub mod question;
pub mod review;
pub mod several;
pub mod sign;
pub mod size;
pub mod slippage;
pub mod stages;
pub mod stalled;
pub mod statistics;
pub mod summary;
pub mod to_do;
pub mod velocity;

use crate::deal::book::TOUCHES;
use crate::deal::money::NoRate;
use chart::Chart;
use figures::Figures;
use question::Question;

/// A report: its name on the command line, and the function that computes it.
#[derive(Debug)]
pub struct Report {
    /// What it is called by.
    pub name: &'static str,
    /// The question it answers, in a few words.
    pub about: &'static str,
    /// The period where none is asked for.
    pub period: &'static str,
    /// The options that mean something to it, beside those that every report takes.
    pub takes: &'static [Takes],
    /// What it has to know of each deal beside [`NEEDS`]: columns of deals.csv, whose changes are then known too, and
    /// [`TOUCHES`].
    pub needs: &'static [&'static str],
    /// The pictures that say more than their tables.
    pub charts: &'static [Chart],
    /// The figures that answer a question.
    pub run: fn(&Question<'_>) -> Result<Figures, NoRate>,
}

/// An option that means something to some reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `--by`: split by fields, team, stage or a unit of time.
    By,
    /// `--by`, but by no unit of time: it is about what stands at one instant.
    ByField,
    /// `--by size`: split by bands of value.
    BySize,
    /// `--curve` and `--days`: the win curve.
    Curve,
    /// `--probability`: where the chance of a deal comes from.
    Probability,
    /// `--backtest` and `--periods`: the forecast against what came.
    Backtest,
    /// `--idle`: when an open deal is idle.
    Idle,
    /// `--vs`: each figure beside that of another period.
    Vs,
    /// `--vs`: it stands beside another period anyway, and this says which.
    VsAlways,
}

impl Report {
    /// The report of a name.
    pub fn named(name: &str) -> Option<&'static Report> {
        REPORTS.iter().find(|report| report.name == name)
    }

    /// Whether an option means something to it.
    pub fn takes(&self, option: Takes) -> bool {
        self.takes.contains(&option)
    }

    /// The figures that answer a question, beside those of the period that they are to be compared with.
    ///
    /// Errors: as the report's own.
    pub fn answer(&self, question: &Question<'_>) -> Result<Figures, NoRate> {
        let figures = (self.run)(question)?;
        match &question.options.vs {
            Some(period) if self.takes(Takes::Vs) => {
                Ok(compare::beside(figures, (self.run)(&question.of(period.clone()))?))
            }
            _ => Ok(figures),
        }
    }
}

/// The pictures of the figures of a report, or of the board.
pub fn charts(name: &str) -> &'static [Chart] {
    if name == board::NAME {
        return board::CHARTS;
    }
    Report::named(name).map_or(&[], |report| report.charts)
}

/// The period of a report that looks back, where none is asked for (metrics §1, Time).
const LAST_DAYS: &str = "90d";

/// The columns whose value at the as-of day every report needs.
pub const NEEDS: [&str; 4] = ["value", "currency", "probability", "owner"];

/// The report where none is named.
pub const SUMMARY: Report = Report {
    name: "summary",
    about: "where deals stand, what happened, where the quarter stands, what to do today",
    period: LAST_DAYS,
    takes: &[Takes::VsAlways],
    needs: &["close_date", "forecast", "next_step", "next_date"],
    charts: summary::CHARTS,
    run: summary::summary,
};

/// Every report.
pub const REPORTS: &[Report] = &[
    SUMMARY,
    Report {
        name: "conversion",
        about: "what becomes of deals, by each denominator in use",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Curve, Takes::Vs],
        needs: &[],
        charts: conversion::CHARTS,
        run: conversion::conversion,
    },
    Report {
        name: "funnel",
        about: "how far the deals created in the period came",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        charts: funnel::CHARTS,
        run: funnel::funnel,
    },
    Report {
        name: "size",
        about: "how large the deals won are",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::BySize, Takes::Vs],
        needs: &[],
        charts: size::CHARTS,
        run: size::size,
    },
    Report {
        name: "velocity",
        about: "how fast money comes in, and how long deals take",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        charts: velocity::CHARTS,
        run: velocity::velocity,
    },
    Report {
        name: "changes",
        about: "how the open pipeline came from what it was to what it is",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        charts: changes::CHARTS,
        run: changes::changes,
    },
    Report {
        name: "slippage",
        about: "how often and how far close dates are moved, and what closes on time",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &["close_date", "name"],
        charts: slippage::CHARTS,
        run: slippage::slippage,
    },
    Report {
        name: "losses",
        about: "why deals are lost, and where",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &["reason"],
        charts: losses::CHARTS,
        run: losses::losses,
    },
    Report {
        name: "activity",
        about: "what is done with buyers, and which deals are left alone",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Idle, Takes::Vs],
        needs: &[TOUCHES],
        charts: activity::CHARTS,
        run: activity::activity,
    },
    Report {
        name: "forecast",
        about: "what open deals may bring, against the targets",
        period: "this quarter",
        takes: &[Takes::By, Takes::Probability, Takes::Backtest, Takes::Vs],
        needs: &["close_date", "forecast"],
        charts: forecast::CHARTS,
        run: forecast::forecast,
    },
    Report {
        name: "stages",
        about: "what stands in each stage, how long deals wait there, and how long stays took",
        period: LAST_DAYS,
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        charts: stages::CHARTS,
        run: stages::stages,
    },
    Report {
        name: "bottlenecks",
        about: "in which stages deals get stuck, by which signs, and which deals to act on",
        period: LAST_DAYS,
        takes: &[Takes::ByField, Takes::VsAlways],
        needs: &["name"],
        charts: bottlenecks::CHARTS,
        run: bottlenecks::bottlenecks,
    },
];

#[cfg(test)]
mod tests {
    use super::explain::meaning;
    use super::figures::{Column, Kind, Role, Section, Shape};
    use super::outline::outlines;
    use super::*;
    use crate::process::Lang;

    #[test]
    fn every_figure_says_what_it_means_in_keys_that_are_there() {
        let is_figure = |column: &Column| {
            let told =
                matches!(column.kind, Kind::Text | Kind::Sentence | Kind::Command | Kind::Date | Kind::Flag);
            !told && !matches!(column.role, Role::Before | Role::Change)
        };
        for figures in REPORTS.iter().flat_map(outlines) {
            let of_figures = |section: &&Section| !matches!(section.shape, Shape::Top(_));
            for section in figures.sections.iter().filter(of_figures) {
                for column in section.columns.iter().filter(|column| is_figure(column)) {
                    let place = format!("{}.{}.{}", figures.name, section.key, column.key);
                    let meaning = meaning(figures.name, section.key, &column.key);
                    let meaning = meaning.unwrap_or_else(|| panic!("{place} has no meaning"));
                    for named in [meaning.worked(Lang::En), meaning.behind]
                        .iter()
                        .flat_map(|text| text.split('{').skip(1))
                    {
                        let key = named.split(['.', '}']).next().unwrap();
                        assert!(
                            section.columns.iter().any(|column| column.key == key),
                            "{place} names {key}"
                        );
                    }
                }
            }
        }
    }
}
