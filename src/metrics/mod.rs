//! Journeys to figures: one file per report, each a pure function. No files, no clock, no terminal.

pub mod conversion;
pub mod figures;
pub mod funnel;
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
    /// Whether it can be split into groups.
    pub splits: bool,
    /// Whether it wants the period before too.
    pub compares: bool,
    /// The figures that answer a question.
    pub run: fn(&Question<'_>) -> Result<Figures, NoRate>,
}

/// Every report; the first is the one without a name.
pub const REPORTS: &[Report] = &[
    Report { name: "summary", splits: false, compares: true, run: summary::summary },
    Report { name: "conversion", splits: true, compares: false, run: conversion::conversion },
    Report { name: "funnel", splits: true, compares: false, run: funnel::funnel },
    Report { name: "size", splits: true, compares: false, run: size::size },
    Report { name: "velocity", splits: true, compares: false, run: velocity::velocity },
];
