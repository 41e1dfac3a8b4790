//! Each file operation of each change in turn: the process ends there as in a crash, the operation fails, or the disk is
//! full from there on.
//!
//! The faults are asked for by `PIPELINE_FAULT`, which only debug builds know.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::case::{Case, Left};
use crate::many;

/// Fewer operations than any change makes.
const FEW: usize = 8;

/// How a change came out that was struck at one operation.
fn strike(case: &Case, number: usize, kind: &str) -> Option<Left> {
    let folder = case.fresh();
    let output =
        case.command(&folder, &[]).env("PIPELINE_FAULT", format!("{number}:{kind}")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let context = format!("{kind} at operation {number}: {said}");
    if output.status.success() {
        // There is no such operation, or its failure did not matter, as that of the memory of how history ends.
        assert!(case.is_made(&folder), "{case}, {context}");
        return None;
    }
    assert_eq!(output.status.code(), if kind == "stop" { None } else { Some(1) }, "{case}, {context}");
    Some(case.left(&folder, &context, || ()))
}

#[test]
fn a_fault_at_any_file_operation_leaves_before_or_after() {
    let [struck, kept] = [0, 0].map(AtomicUsize::new);
    many::each(&Case::all(many::folder), |case| {
        let mut count = |left: Left| {
            struck.fetch_add(1, Ordering::Relaxed);
            kept.fetch_add(usize::from(left == Left::After), Ordering::Relaxed);
        };
        let operations = (1..).map_while(|number| strike(case, number, "stop")).map(&mut count).count();
        assert!(operations >= FEW, "{case} was stopped at only {operations} operations");
        for kind in ["eio", "full"] {
            (1..=operations).filter_map(|number| strike(case, number, kind)).for_each(&mut count);
        }
    });
    let [struck, kept] = [struck, kept].map(AtomicUsize::into_inner);
    eprintln!("{struck} operations struck: {} left the state before, {kept} the one after", struck - kept);
}
