//! Made-up deals, as `init --sample` writes them: sound, and the same bytes every time.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn pipeline(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.env_remove("PIPELINE_DIR").env("TZ", "Europe/Berlin").arg("-C").arg(folder).args(arguments);
    command.args(["--today", "2026-11-20"]).output().unwrap()
}

/// A folder of made-up deals: its deals.csv and its history.csv.
fn made(folder: &Path, deals: &str, seed: &str) -> (String, String) {
    let output = pipeline(folder, &["init", "--sample", "--deals", deals, "--seed", seed, "-q"]);
    assert!(output.status.success(), "{output:?}");
    let text = |name| fs::read_to_string(folder.join(name)).unwrap();
    (text("deals.csv"), text("history.csv"))
}

#[test]
fn two_thousand_deals_are_sound_and_a_seed_makes_the_same_bytes() {
    let [one, again, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let files = made(one.path(), "2000", "7");
    assert!(files == made(again.path(), "2000", "7"));
    assert!(files != made(other.path(), "2000", "8"));
    let [deals, events] = [&files.0, &files.1].map(|text| text.lines().count() - 1);
    assert_eq!(deals, 2000);
    assert!((9_600..11_200).contains(&events), "{events}");
    let checked = pipeline(one.path(), &["check", "--strict"]);
    let said = String::from_utf8(checked.stderr).unwrap();
    assert!(checked.status.success(), "{said}");
    assert_eq!(said, format!("note: sound: 2000 deals, {events} events\n"));
}
