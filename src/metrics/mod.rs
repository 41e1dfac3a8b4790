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
