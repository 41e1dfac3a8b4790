//! Any text as terms: refused with a flaw that can be drawn, or read; and what is written of it is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::query::parse;

fuzz_target!(|text: &str| {
    let dictionary = pipeline_fuzz::dictionary(&pipeline_fuzz::SMALL);
    match parse(&[text], &dictionary) {
        Err(flaw) => drop(flaw.render()),
        Ok(query) => {
            let written = query.to_string();
            let again = parse(&[&written], &dictionary);
            assert_eq!(again.as_ref(), Ok(&query), "{text:?} is written as {written:?}");
            assert_eq!(again.map(|query| query.to_string()), Ok(written));
        }
    }
});
