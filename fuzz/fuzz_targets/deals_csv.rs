//! Any bytes as deals.csv beside a small history: read, audited and reported on.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    pipeline_fuzz::reports(bytes, pipeline_fuzz::HISTORY.as_bytes());
});
