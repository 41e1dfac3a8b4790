//! What the fuzz targets share is built with the other tests, so that it does not go stale between two runs of them.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, unreachable_pub, clippy::expect_used, reason = "there it is a library")]
#[path = "../fuzz/src/lib.rs"]
mod shared;

use pipeline::metrics::REPORTS;

#[test]
fn every_report_answers_in_every_way() {
    // Three periods, and at least one way.
    let answered = shared::reports(shared::DEALS.as_bytes(), shared::HISTORY.as_bytes());
    assert!(answered >= 3 * REPORTS.len(), "{answered}");
}

#[test]
fn a_change_outside_the_folder_is_seen() {
    let sandbox = shared::Sandbox::new();
    sandbox.check();
    std::fs::write(sandbox.root().join("../victim"), "worthless\n").unwrap();
    assert!(std::panic::catch_unwind(|| sandbox.check()).is_err());
}
