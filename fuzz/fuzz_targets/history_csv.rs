//! Any bytes as history.csv beside a few deals: read, audited and reported on.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    pipeline_fuzz::reports(pipeline_fuzz::DEALS.as_bytes(), bytes);
});
