//! The counts of what to do in the summary are those of the commands that stand beside them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Runs a command as a person would paste it, in a folder on its day, and gives what it prints.
fn pasted(folder: &Path, today: &str, command: &str) -> String {
    let ours = Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8"), ("PIPELINE_TODAY", today)])
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// How many deals a command lists.
fn listed(folder: &Path, today: &str, command: &str) -> usize {
    let ids: BTreeSet<String> = pasted(folder, today, &format!("{command} -q -f jsonl"))
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    ids.len()
}

/// Holds every count of a summary against its command.
fn held(folder: &Path, today: &str, terms: &str) {
    let summary = pasted(folder, today, &format!("pipeline report {terms} --section to_do -q -f json"));
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let rows = summary["to_do"]["total"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let command = row["command"].as_str().unwrap();
        let counted = row["deals"].as_u64().unwrap() as usize;
        assert_eq!(listed(folder, today, command), counted, "{command}");
    }
}

#[test]
fn each_count_is_that_of_its_command() {
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    held(&acme, "2026-11-20", "");
    held(&acme, "2026-11-20", "owner=ana or owner=ben");
    held(&acme, "2026-12-24", "'team=asia or source=referral' value=1..");
}

#[test]
fn they_are_those_of_made_up_deals_too() {
    let home = tempfile::tempdir().unwrap();
    pasted(home.path(), "2026-11-20", "pipeline init sales --sample -q");
    held(&home.path().join("sales"), "2026-11-20", "");
    held(&home.path().join("sales"), "2026-11-20", "stage=proposal,negotiation");
}
