//! `pipeline`: a scriptable sales pipeline over plain files.
//!
//! The rooms, and what each may know:
//!
//! | room | what is in it | may touch |
//! |---|---|---|
//! | [`process`] | `pipeline.yaml`: stages, gates, fields, money | nothing: pure |
//! | `yaml` | YAML as nodes that know their place, and edits that keep the rest of a file | nothing: pure |
//! | [`deal`] | deals, events, journeys, money, periods | nothing: pure |
//! | [`query`] | terms: read, checked against the fields, matched; what is worked out of a deal | nothing: pure |
//! | [`change`] | what a change comes to: events, or why the process refuses it | nothing: pure |
//! | [`metrics`] | journeys to figures, a file for each report | nothing: pure |
//! | [`output`] | figures to tables, CSV, JSON, markdown; errors drawn for people | the writer it is given |
//! | [`folder`] | the files: find, read, lock, change | the disk, and the user's hooks; the only room that writes a folder |
//! | [`exchange`] | other systems' files | nothing: it is given them |
//! | [`git`] | past revisions, the user's name | the `git` program |
//! | [`commands`] | a file for each command: its arguments and its run | the environment, the clock, the terminal |
//!
//! Beside them stand [`error`] (who must act, and the exit code), [`problem`] (what is wrong where in a file),
//! [`grammar`] (numbers and lists in sentences), [`natural`] (the order of names), `fold` (texts compared without case and width),
//! [`chance`] (repeatable numbers) and [`shell`] (commands to paste). `docs/code.md` follows one command through all of this.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod chance;
pub mod change;
pub mod commands;
pub mod deal;
pub mod error;
pub mod exchange;
mod fold;
pub mod folder;
pub mod git;
pub mod grammar;
pub mod metrics;
pub mod natural;
pub mod output;
pub mod problem;
pub mod process;
pub mod query;
pub mod shell;
mod yaml;
