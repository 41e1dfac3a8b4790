//! Any mapping, a line `---`, and any bytes as a file of another system: read or refused.
#![no_main]

use std::collections::{HashMap, HashSet};

use libfuzzer_sys::fuzz_target;
use pipeline::exchange::csv::Import;
use pipeline::exchange::mapping::Mapping;
use pipeline::folder::sheet::Sheet;

fuzz_target!(|bytes: &[u8]| {
    const MARK: &[u8] = b"\n---\n";
    let at = bytes.windows(MARK.len()).position(|part| part == MARK);
    let (mapping, file) = match at {
        Some(at) => (std::str::from_utf8(&bytes[..at]).unwrap_or_default(), &bytes[at + MARK.len()..]),
        None => ("", bytes),
    };
    let mapping = Mapping::from_yaml("crm.yaml", mapping).unwrap_or_default();
    let Ok(sheet) = Sheet::parse("crm.csv", file.to_vec()) else { return };
    let taken = HashSet::from(["deal-7".to_owned(), "d1".to_owned()]);
    let process = &*pipeline_fuzz::SMALL;
    let _ = Import { process, mapping: &mapping, today: pipeline_fuzz::today(), taken, here: HashMap::new() }
        .read(&sheet);
});
