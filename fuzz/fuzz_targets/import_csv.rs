//! Any mapping, a line `---`, and any bytes as a file of another system: read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pipeline::exchange::csv::{Amounts, Import, Others, Vocabulary};
use pipeline::exchange::mapping::Mapping;
use pipeline::folder::sheet::Sheet;

struct Elsewhere;

impl Others for Elsewhere {
    fn taken(&self, id: &str) -> Option<String> {
        matches!(id, "deal-7" | "d1").then(|| "in this pipeline".to_owned())
    }
    fn told(&self, source_id: &str) -> Option<String> {
        (source_id == "A2").then(|| "in other.csv".to_owned())
    }
    fn known(&self, source_id: &str) -> bool {
        source_id == "A1"
    }
}

fuzz_target!(|bytes: &[u8]| {
    const MARK: &[u8] = b"\n---\n";
    let at = bytes.windows(MARK.len()).position(|part| part == MARK);
    let (mapping, file) = match at {
        Some(at) => (std::str::from_utf8(&bytes[..at]).unwrap_or_default(), &bytes[at + MARK.len()..]),
        None => ("", bytes),
    };
    let mapping = Mapping::from_yaml("crm.yaml", mapping).unwrap_or_default();
    let Ok(sheet) = Sheet::parse("crm.csv", file.to_vec()) else { return };
    let process = &*pipeline_fuzz::SMALL;
    let import = Import { process, mapping: &mapping, today: pipeline_fuzz::today() };
    let Ok(sources) = import.sources(&sheet) else { return };
    let Ok(mark) = import.mark("crm.csv", &sheet, &sources) else { return };
    let mut words = Vocabulary::default();
    let read = import.read(&sheet, (&sources, Amounts::With(mark)), &mut words, &Elsewhere, |deal| {
        assert_eq!(deal.cells.len(), sources.len());
        assert!(deal.known == Elsewhere.known(deal.source_id));
        Ok(())
    });
    let _ = read;
});
