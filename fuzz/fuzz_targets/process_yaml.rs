//! Any text as `pipeline.yaml`: read, or refused with problems that can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::output::Look;
use pipeline::output::problem::{draw_all, one_line};

fuzz_target!(|text: &str| {
    if let Err(problems) = pipeline::process::read("pipeline.yaml", text) {
        assert!(!problems.is_empty());
        problems.iter().for_each(|problem| drop(one_line(problem)));
        drop(draw_all(&problems, &Look::default()));
    }
});
