//! Journeys to figures: one file per report, each a pure function. No files, no clock, no terminal.

pub mod figures;
pub mod statistics;
