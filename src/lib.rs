//! `pipeline`: a scriptable sales pipeline over plain files.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod commands;
pub mod deal;
pub mod error;
pub mod exchange;
pub mod folder;
pub mod git;
pub mod grammar;
pub mod metrics;
pub mod output;
pub mod problem;
pub mod process;
pub mod query;
mod yaml;
