//! Branches merged by real git, with the driver and without: never a clean merge that lost or doubled a row.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod by_hand;
#[path = "../many/mod.rs"]
mod many;
mod model;
mod random;
mod team;
