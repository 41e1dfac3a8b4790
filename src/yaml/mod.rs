//! YAML that people write: read as a tree with places, and changed so that every other byte stays. Pure.

mod edit;
mod problems;
mod scalar;
mod tree;

pub(crate) use edit::{in_flow, line, set, written};
pub(crate) use problems::{Problems, Span};
pub(crate) use tree::{Data, Key, Node, Style, parse};
