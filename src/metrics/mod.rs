//! Journeys to figures: one file per report, each a pure function. No files, no clock, no terminal.

pub mod compare;
pub mod conversion;
pub mod figures;
pub mod funnel;
pub mod group;
pub mod incidence;
pub mod question;
pub mod size;
pub mod stalled;
pub mod statistics;
pub mod summary;
pub mod velocity;

use crate::deal::money::NoRate;
use figures::Figures;
use question::Question;

/// A report: its name on the command line, and the function that computes it.
#[derive(Debug)]
pub struct Report {
    /// What it is called by.
    pub name: &'static str,
    /// The question it answers, in a few words.
    pub about: &'static str,
    /// The options that mean something to it, beside those that every report takes.
    pub takes: &'static [Takes],
    /// What it has to know of each deal beside what every report needs: columns of deals.csv, whose changes are then
    /// known too, and [`crate::deal::book::TOUCHES`].
    pub needs: &'static [&'static str],
    /// The figures that answer a question.
    pub run: fn(&Question<'_>) -> Result<Figures, NoRate>,
}

/// An option that means something to some reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `--by`: split by fields, team, stage or a unit of time.
    By,
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

/// Every report; the first is the one without a name.
pub const REPORTS: &[Report] = &[
    Report {
        name: "summary",
        about: "where deals stand, and the main figures beside those of the period before",
        takes: &[Takes::VsAlways],
        needs: &[],
        run: summary::summary,
    },
    Report {
        name: "conversion",
        about: "what becomes of deals, by each denominator in use",
        takes: &[Takes::By, Takes::Curve, Takes::Vs],
        needs: &[],
        run: conversion::conversion,
    },
    Report {
        name: "funnel",
        about: "how far the deals created in the period came",
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        run: funnel::funnel,
    },
    Report {
        name: "size",
        about: "how large the deals won are",
        takes: &[Takes::By, Takes::BySize, Takes::Vs],
        needs: &[],
        run: size::size,
    },
    Report {
        name: "velocity",
        about: "how fast money comes in, and how long deals take",
        takes: &[Takes::By, Takes::Vs],
        needs: &[],
        run: velocity::velocity,
    },
];
