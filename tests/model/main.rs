//! Random commands on a folder in every store, which must hold after each what a folder in memory holds, as simple as can
//! be.
//!
//! A case that fails prints its seed: `MODEL_SEED=17 cargo test --test model` puts it to every store.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a run says what it has tried")]

mod disk;
#[path = "../many/mod.rs"]
mod many;
mod memory;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use disk::STORES;
use memory::{Model, OPEN, PROCESS};

fn run(folder: &Path, words: &[impl AsRef<std::ffi::OsStr>]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.arg("-C").arg(folder).args(words).env("PIPELINE_USER", "ana");
    let output = command.env("PIPELINE_TODAY", "2026-11-24").output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

/// Runs up to so many random commands on a fresh folder and on the model; how many.
fn case(seed: u64, store: &str, most: usize) -> usize {
    let scratch = many::folder();
    let folder = scratch.path();
    std::fs::write(folder.join("pipeline.yaml"), format!("{PROCESS}{store}")).unwrap();
    let (mut draw, mut model) = (fastrand::Rng::with_seed(seed), Model::default());
    let commands = draw.usize(1..=most);
    let mut said = Vec::new();
    for _ in 0..commands {
        let id = draw.usize(1..6);
        let deal = format!("deal-{id}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let (words, exit) = match draw.usize(..10) {
            0 | 1 => {
                let value = ["", "5", "700"][draw.usize(..3)];
                let name = format!("Deal {}", model.next());
                let typed = words(&["add", &name, "--value", value]);
                (typed[..if value.is_empty() { 2 } else { 4 }].to_vec(), model.add(value))
            }
            2 | 3 => {
                let (stage, note) = (OPEN[draw.usize(..3)], draw.bool());
                let typed = words(&["move", &deal, stage, "--note", "why"]);
                (typed[..if note { 5 } else { 3 }].to_vec(), model.enter(id, stage, "", note))
            }
            4 => (words(&["win", &deal]), model.enter(id, "won", "", false)),
            5 => {
                let reason = ["", "price"][draw.usize(..2)];
                let typed = words(&["lose", &deal, "--reason", reason]);
                (
                    typed[..if reason.is_empty() { 2 } else { 4 }].to_vec(),
                    model.enter(id, "lost", reason, false),
                )
            }
            6 => {
                let (field, cell) = [("owner", "ana"), ("owner", ""), ("value", "9")][draw.usize(..3)];
                (words(&["set", &deal, &format!("{field}={cell}")]), model.set(id, field, cell))
            }
            7 => (words(&["log", &deal, "call", "a,\n\"b\""]), model.log(id)),
            8 => (words(&["delete", &deal, "--reason", "twice"]), model.delete(id)),
            _ if draw.usize(..3) == 0 => (words(&["undo", "--redo"]), model.redo()),
            _ => (words(&["undo"]), model.undo()),
        };
        said.push(words.join(" "));
        let (code, message) = run(folder, &words);
        let context = format!("{}\n{message}", said.join("; "));
        assert_eq!(code, exit as i32, "{context}");
        assert_eq!(disk::read(folder), model.now, "{context}");
    }
    let (code, message) = run(folder, &["check", "--strict"]);
    assert_eq!(code, 0, "{}\n{message}", said.join("; "));
    said.len()
}

/// Puts cases to all cores, or the one that the environment names.
fn cases(cases: Vec<(u64, &str)>, most: usize) {
    let seed = std::env::var("MODEL_SEED").ok().and_then(|seed| seed.parse().ok());
    let cases = seed.map_or(cases, |seed| STORES.iter().map(|store| (seed, *store)).collect());
    let commands = AtomicUsize::new(0);
    many::each(&cases, |(seed, store)| {
        let case = std::panic::catch_unwind(|| case(*seed, store, most));
        let run = case.unwrap_or_else(|_| panic!("failed with MODEL_SEED={seed} in {store:?}"));
        commands.fetch_add(run, Ordering::Relaxed);
    });
    eprintln!("{} cases, {} commands", cases.len(), commands.into_inner());
}

#[test]
fn random_commands_leave_what_the_model_says() {
    cases((0..700).map(|seed| (seed, STORES[seed as usize % STORES.len()])).collect(), 10);
}

#[test]
#[ignore = "long: a thousand long cases in each store"]
fn many_random_commands_leave_in_every_store_what_the_model_says() {
    let seeds = 1_000..2_000;
    cases(STORES.iter().flat_map(|store| seeds.clone().map(move |seed| (seed, *store))).collect(), 25);
}
