//! A deal, its events and its journey; money and periods. Pure.

pub mod book;
pub mod columns;
pub mod event;
pub mod formula;
pub mod journey;
pub mod likeness;
pub mod money;
pub mod order;
pub mod past;
pub mod period;
pub mod record;
pub mod runs;
pub mod sample;
pub mod standing;
pub mod texts;
pub mod time;
