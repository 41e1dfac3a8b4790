//! Any bytes as the YAML file of a deal, and a cell to give it: it is refused, or it then holds that cell and every other
//! as it was, and taking the change back puts every byte back.
#![no_main]

use std::fs;
use std::sync::Once;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pipeline::deal::event::{Event, What};
use pipeline::deal::time::Instant;
use pipeline::folder::Folder;
use pipeline::folder::door::{Door, Mode};
use pipeline::folder::undo::{Role, entries, last_change};

static WITHOUT_GIT: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // Safety: this is the first thing that the only thread does. To start git for every file would take all the time.
    WITHOUT_GIT.call_once(|| unsafe { std::env::set_var("PATH", "") });
    let (cell, file) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(at) => (String::from_utf8_lossy(&bytes[..at]).into_owned(), &bytes[at + 1..]),
        None => ("x".to_owned(), bytes),
    };
    let scratch = tempfile::tempdir().expect("a folder");
    let root = scratch.path();
    let process = format!("{}deals: deals/\n", pipeline_fuzz::PROCESS);
    fs::write(root.join("pipeline.yaml"), process).expect("a process");
    fs::create_dir(root.join("deals")).expect("a folder");
    let path = root.join("deals/d1.yaml");
    fs::write(&path, file).expect("a deal");

    let folder = Folder::open(root.to_path_buf()).expect("a pipeline");
    let Ok(door) = folder.door(Mode::Make(Duration::ZERO)) else { return };
    let Some(before) = cells(&door) else { return };
    let old = before.iter().find(|(name, _)| name == "next_step").map_or("", |(_, cell)| cell).to_owned();
    if old == cell {
        return;
    }
    let what = What::Set { field: "next_step".into(), from: old.into(), to: cell.as_str().into() };
    let at = Instant::parse("2026-11-24T10:00:00Z").expect("an instant");
    let event = Event { at, deal: "d1".into(), what, by: "ana".into(), note: "".into() };
    let made = door.commit(&vec![event].into()).is_ok();
    drop(door);
    if !made {
        assert_eq!(fs::read(&path).expect("a deal"), file, "what was refused was changed");
        return;
    }
    let door = folder.door(Mode::Make(Duration::ZERO)).expect("a door");
    let after = cells(&door).expect("the deal");
    let others = |cells: &[(String, String)]| {
        cells
            .iter()
            .filter(|(name, cell)| name != "next_step" && !cell.is_empty())
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&before), others(&after));
    assert!(
        after.contains(&("next_step".to_owned(), cell.clone())) || cell.is_empty(),
        "{cell:?}: {after:?}"
    );
    let log = entries(root).expect("a log");
    let entry = last_change(&log).expect("a change");
    door.take_back(entry, Role::Undo(entry.number), at, "ana").expect("taken back");
    assert_eq!(fs::read(&path).expect("a deal"), file);
});

/// What the only deal holds; nothing where its file makes no sense.
fn cells(door: &Door<'_>) -> Option<Vec<(String, String)>> {
    let records = door.records(&["d1"]).ok()?;
    Some(records[0].cells().map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect())
}
