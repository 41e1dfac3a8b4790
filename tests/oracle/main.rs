//! The oracle: every figure of the reports, computed slowly and plainly from `docs/metrics.md` alone.
//!
//! It shares no code with the program. Each function names the section of the page that it follows, so that it can
//! be checked with the page beside it. README.md in this folder says how to run it and what is where.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_push_string)]

mod activity;
mod backtest;
mod bottlenecks;
mod by_hand;
mod cells;
mod chances;
mod changes;
mod cohorts;
mod compare;
mod conversion;
mod curve;
mod examples;
mod files;
mod folders;
mod forecast;
mod funnel;
mod groups;
mod journey;
mod landed;
mod laws;
mod losses;
mod money;
mod program;
mod questions;
mod random;
mod report;
mod rows;
mod size;
mod slippage;
mod stalled;
mod statistics;
mod summary;
mod survival;
mod targets;
mod terms;
mod time;
mod time_in_stage;
mod velocity;
mod versus;
mod view;
