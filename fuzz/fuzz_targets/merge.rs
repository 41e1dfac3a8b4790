//! Any three versions of deals.csv, with a line `---` between: merged or refused; a clean merge has each deal of both
//! sides once, and merging a side with itself or with the base gives that side.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use pipeline::folder::deal_rows::required;
use pipeline::folder::sheet::Sheet;
use pipeline::git::merge::merge;

const MARK: &[u8] = b"\n---\n";

fuzz_target!(|bytes: &[u8]| {
    let (base, rest) = parted(bytes);
    let (ours, theirs) = parted(rest);
    let Ok(merged) = merge("deals.csv", base, ours, theirs) else { return };
    if merged.conflicts.is_empty() {
        let counts = ids(merged.text.as_bytes());
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        let [base, ours, theirs] = [base, ours, theirs].map(ids);
        for id in ours.keys().chain(theirs.keys()).filter(|id| !base.contains_key(*id)) {
            assert!(counts.contains_key(id), "{id} is lost");
        }
    }
    // Of a side without a first line, only that it has no deals can be said.
    if Sheet::parse("deals.csv", ours.to_vec()).is_ok_and(|sheet| sheet.columns().is_empty()) {
        return;
    }
    for other in [ours, base] {
        let same = merge("deals.csv", base, ours, other).expect("what was merged before");
        assert_eq!(same.text.as_bytes(), ours);
    }
});

fn parted(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.windows(MARK.len()).position(|part| part == MARK) {
        Some(at) => (&bytes[..=at], &bytes[at + MARK.len()..]),
        None => (bytes, &[]),
    }
}

/// How often each id stands in a sound file.
fn ids(bytes: &[u8]) -> BTreeMap<String, usize> {
    let sheet = Sheet::parse("deals.csv", bytes.to_vec()).expect("a sound file");
    let mut ids = BTreeMap::new();
    if let Ok(Some(required)) = required(&sheet) {
        let mut cells = Vec::new();
        for line in sheet.rows() {
            sheet.split(line.expect("a row"), &mut cells).expect("cells");
            *ids.entry(cells[required.id].to_string()).or_default() += 1;
        }
    }
    ids
}
