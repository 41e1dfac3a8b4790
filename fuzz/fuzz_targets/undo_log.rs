//! Any undo log in a folder: its entries are read, and taking the last change or undo back touches nothing that is not
//! the pipeline's.
#![no_main]

use std::fs;
use std::sync::Once;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pipeline::deal::time::Instant;
use pipeline::folder::Folder;
use pipeline::folder::door::Mode;
use pipeline::folder::undo::{Role, entries, last_change, last_undo, standing};
use pipeline_fuzz::{Choices, DEALS, HISTORY, NAMES, Sandbox};
use serde_json::{Value, json};

static WITHOUT_GIT: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // Safety: this is the first thing that the only thread does. To start git for every log would take all the time.
    WITHOUT_GIT.call_once(|| unsafe { std::env::set_var("PATH", "") });
    let sandbox = Sandbox::new();
    let log = match bytes.split_first() {
        Some((first, rest)) if *first < b' ' => log(&mut Choices(rest)).into_bytes(),
        _ => bytes.to_vec(),
    };
    fs::write(sandbox.root().join(".pipeline/undo"), log).expect("a log");
    let Ok(entries) = entries(&sandbox.root()) else { return };
    assert_eq!(standing(&entries).len(), entries.len());
    let Ok(folder) = Folder::open(sandbox.root()) else { return };
    let at = Instant::parse("2026-11-24T10:00:00Z").expect("an instant");
    let undo = last_change(&entries).map(|entry| (entry, Role::Undo(entry.number)));
    let redo = last_undo(&entries).map(|entry| (entry, Role::Redo(entry.number)));
    for (entry, role) in undo.into_iter().chain(redo) {
        if let Ok(door) = folder.door(Mode::Make(Duration::ZERO)) {
            let _ = door.take_back(entry, role, at, "ana");
        }
        sandbox.check();
    }
});

/// A log of the right form that says anything.
fn log(choices: &mut Choices<'_>) -> String {
    (0..1 + choices.byte() % 4).map(|_| format!("{}\n", entry(choices))).collect()
}

fn entry(choices: &mut Choices<'_>) -> Value {
    let traces: Vec<Value> = (0..choices.byte() % 3)
        .map(|_| {
            let patches: Vec<Value> = (0..choices.byte() % 4)
                .map(|_| {
                    let (old, new) =
                        (choices.text(&[DEALS, HISTORY, "x"]), choices.text(&[DEALS, HISTORY, "precious\n"]));
                    json!({ "at": choices.number(), "old": old, "new": new })
                })
                .collect();
            json!({ "file": choices.one(NAMES), "patches": patches })
        })
        .collect();
    let mut entry =
        json!({ "number": choices.byte() % 4, "at": "", "by": "ana", "did": "it", "traces": traces });
    let kind = choices.one(&["change", "change", "undo", "redo"]);
    entry["kind"] = kind.into();
    if kind != "change" {
        entry["of"] = (choices.byte() % 4).into();
    }
    entry
}
