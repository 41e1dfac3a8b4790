//! Any journal in a folder: readers and the next change refuse it or finish it, and neither touches what is not the
//! pipeline's.
#![no_main]

use std::fs;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pipeline::folder::door::Mode;
use pipeline::folder::{Folder, Need};
use pipeline_fuzz::{Choices, DEALS, HISTORY, NAMES, Sandbox};
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let sandbox = Sandbox::new();
    let journal = match bytes.split_first() {
        Some((first, rest)) if *first < b' ' => {
            serde_json::to_vec(&journal(&mut Choices(rest))).expect("a journal")
        }
        _ => bytes.to_vec(),
    };
    fs::write(sandbox.root().join(".pipeline/journal"), journal).expect("a journal");
    let Ok(folder) = Folder::open(sandbox.root()) else { return };
    let _ = folder.read(Need::History);
    drop(folder.door(Mode::Make(Duration::ZERO)));
    let _ = folder.read(Need::History);
    sandbox.check();
});

/// A journal of the right form that says anything.
fn journal(choices: &mut Choices<'_>) -> Value {
    let steps = (0..choices.byte() % 5).map(|_| step(choices));
    json!({ "steps": steps.collect::<Vec<_>>() })
}

fn step(choices: &mut Choices<'_>) -> Value {
    let file = choices.one(NAMES);
    match choices.byte() % 3 {
        0 => {
            let at = match choices.byte() % 3 {
                0 => HISTORY.len() as u64,
                1 => DEALS.len() as u64,
                _ => choices.number(),
            };
            json!({ "append": { "file": file, "at": at, "text": choices.text(&[HISTORY, "x\n", "[core]\n"]) } })
        }
        1 => {
            let with = [
                "new-0",
                "new-1",
                "new-journal",
                "../deals.csv",
                ".gitignore",
                "lock",
                "journal",
                "../../victim",
            ];
            json!({ "replace": { "file": file, "with": choices.one(&with) } })
        }
        _ => json!({ "remove": { "file": file } }),
    }
}
