//! What a change comes to: the events of it, or why the process refuses it; a deal as a text to edit. Pure.

pub mod draft;
pub mod plan;
