//! What a crash, a failing disk or a full one leaves behind, whichever command it strikes and wherever: the state before
//! or the state after, byte for byte; never half, and nothing lying about.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a run says how much it struck")]

mod calls;
mod case;
mod change;
mod kills;
#[path = "../many/mod.rs"]
mod many;
mod operations;
