//! A deal, its events and its journey; money and periods. Pure.

pub mod event;
pub mod money;
pub mod order;
pub mod period;
pub mod time;
