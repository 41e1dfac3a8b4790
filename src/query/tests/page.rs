//! `docs/terms.md`, held to what it says: its examples are terms, and it names what is worked out.

use super::*;
use crate::process::{COLUMNS, DERIVED, read};
use crate::query::sight::Sight;

const PAGE: &str = include_str!("../../../docs/terms.md");

/// The lines between fences of this kind.
fn fenced(kind: &str) -> Vec<&'static str> {
    let blocks = PAGE.split("\n```").filter_map(|block| block.strip_prefix(kind));
    blocks.flat_map(|block| block.trim_start_matches('\n').lines()).collect()
}

#[test]
fn every_example_is_understood() {
    let process = read("pipeline.yaml", include_str!("../../../examples/acme/pipeline.yaml")).unwrap();
    let columns = COLUMNS.map(str::to_owned);
    let sight = Sight::new(&process, &columns, parse_day("2026-11-20").unwrap());
    let examples = fenced("terms");
    assert!(examples.len() > 30, "{examples:?}");
    for line in examples {
        let (terms, meaning) = line.split_once("  ").unwrap_or_else(|| panic!("{line}"));
        assert!(!meaning.trim().is_empty(), "{line}");
        if let Err(flaw) = parse(&[terms], sight.dictionary()) {
            panic!("{}", flaw.render());
        }
    }
}

#[test]
fn what_is_worked_out_is_named() {
    let lines = fenced("text");
    let named: Vec<&str> = lines.iter().filter_map(|line| line.split_whitespace().next()).collect();
    let mut derived = DERIVED.to_vec();
    derived.sort_unstable();
    let mut sorted = named.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, derived);
}
