//! The oracle: every figure of the reports, computed slowly and plainly from `docs/metrics.md` alone.
//!
//! It shares no code with the program. Each function names the section of the page that it follows, so that it can
//! be checked with the page beside it. `by_hand` holds a folder whose figures are worked out on paper; `random`
//! makes folders full of odd histories and asks the program and the oracle the same questions.
//!
//! `cargo test --test oracle` runs everything; `cargo test --test oracle -- --skip program` leaves the program out.
//! See `random.rs` for the seeds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::format_push_string)]

mod by_hand;
mod compare;
mod figures;
mod files;
mod groups;
mod journey;
mod money;
mod program;
mod random;
mod report;
mod rows;
mod statistics;
mod time;
mod view;
