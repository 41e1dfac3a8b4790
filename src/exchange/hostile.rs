//! Whatever a file holds, reading it comes to deals or to problems, never to a panic.

use proptest::prelude::*;

use super::crm::{Crm, Setting};
use super::hubspot::HUBSPOT;
use super::mapping::Mapping;
use super::pipedrive::PIPEDRIVE;
use super::salesforce::SALESFORCE;
use super::table::{Table, Written};
use crate::deal::time::{Instant, parse_day};
use crate::process;

const PROCESS: &str =
    "stages: [{id: needs}, {id: proposal}, {id: won, outcome: won}, {id: lost, outcome: lost}]\n";

/// Reads files as those of a system, whatever comes of it; how many deals there are where nothing is wrong.
fn read(crm: &Crm, files: &[(&str, Written, Vec<u8>)]) -> Option<usize> {
    let process = process::read("pipeline.yaml", PROCESS).unwrap();
    let tables: Vec<Table> =
        files.iter().filter_map(|(file, written, bytes)| Table::read(file, *written, bytes).ok()).collect();
    let (today, now) = (parse_day("2026-07-15").unwrap(), Instant::parse("2026-07-15T12:00:00Z").unwrap());
    let setting = Setting { process: &process, mapping: &Mapping::default(), today, now };
    let harvest = crm.read(&tables, &setting).ok()?;
    harvest.problems.is_empty().then_some(harvest.deals.len())
}

/// A cell: something like what such files hold, or anything.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "needs|proposal|won|lost|Closed Won|open|3",
        "[0-3]?[0-9][/.-][0-3]?[0-9][/.-](20)?2[0-9]( [0-2]?[0-9]:[0-5][0-9]( [AP]M)?)?",
        "2026-0[1-7]-[0-2][0-9](T0[0-9]:00:00Z)?",
        "[0-9]{1,4}([.,][0-9]{1,4}){0,2}( EUR)?",
        "006[a-z0-9]{12}(AAA)?",
        "true|false|Amount|StageName|Owner|stage_id|dealstage",
        "\\PC{0,12}",
    ]
}

/// Rows under some of these columns, ragged now and then.
fn rows(columns: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let row = prop::collection::vec(cell(), columns.len().saturating_sub(1)..=columns.len());
    (prop::collection::vec(row, 0..8), prop::sample::select(vec![b',', b';', b'\t'])).prop_map(
        move |(rows, mark)| {
            let mut writer = csv::WriterBuilder::new().delimiter(mark).flexible(true).from_writer(Vec::new());
            writer.write_record(columns).unwrap();
            for row in rows {
                writer.write_record(row).unwrap();
            }
            writer.into_inner().unwrap()
        },
    )
}

const OPPORTUNITIES: &[&str] = &[
    "Id",
    "Name",
    "StageName",
    "Amount",
    "CurrencyIsoCode",
    "CreatedDate",
    "CloseDate",
    "IsDeleted",
    "LastModifiedDate",
];
const AFTER: &[&str] = &["OpportunityId", "CreatedDate", "StageName", "Amount", "CloseDate"];
const CHANGES: &[&str] = &["OpportunityId", "CreatedDate", "Field", "OldValue", "NewValue", "CreatedById"];
const HUBSPOT_DEALS: &[&str] = &[
    "Record ID",
    "Deal Name",
    "Deal Stage",
    "Amount",
    "Create Date",
    "Date entered \"needs (x)\"",
    "Close Date",
];
const PIPEDRIVE_DEALS: &[&str] =
    &["ID", "Title", "Stage", "Status", "Value", "Value", "Deal created", "Won time", "Lost time"];

proptest! {
    #[test]
    fn nothing_that_looks_like_an_export_is_too_much(
        deals in rows(OPPORTUNITIES), after in rows(AFTER), changes in rows(CHANGES),
        hubspot in rows(HUBSPOT_DEALS), pipedrive in rows(PIPEDRIVE_DEALS),
    ) {
        let csv = Written::Separated;
        read(&SALESFORCE, &[("a.csv", csv, deals), ("b.csv", csv, after), ("c.csv", csv, changes)]);
        read(&HUBSPOT, &[("a.csv", csv, hubspot)]);
        read(&PIPEDRIVE, &[("a.csv", csv, pipedrive)]);
    }

    #[test]
    fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\PC\n\",;{}\\[\\]:-]{0,200}") {
        for written in [Written::Separated, Written::Json, Written::Yaml] {
            for bytes in [bytes.clone(), text.clone().into_bytes(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()] {
                if let Ok(table) = Table::read("a", written, &bytes) {
                    prop_assert!(table.rows.iter().all(|row| row.cells.len() >= table.columns.len()));
                    let _ = table.into_sheet(written);
                }
            }
        }
    }
}

#[test]
fn a_sound_export_is_read() {
    let file = b"Id,Name,StageName\n006a,One,needs\n006b,Two,won\n".to_vec();
    assert_eq!(read(&SALESFORCE, &[("a.csv", Written::Separated, file)]), Some(2));
}
