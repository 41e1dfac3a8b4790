//! A deal, its events and its journey; money and periods. Pure.

pub mod money;
pub mod period;
pub mod time;
