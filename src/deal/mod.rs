//! A deal, its events and its journey; money and periods. Pure.

pub mod columns;
pub mod event;
pub mod money;
pub mod order;
pub mod period;
pub mod sample;
pub mod time;
