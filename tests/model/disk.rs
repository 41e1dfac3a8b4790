//! The folder on disk, in the words of the one in memory: its files, read by other readers than the program's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::memory::{Deal, FIELDS, Folder};

/// What `pipeline.yaml` says of where deals and history are kept.
pub(crate) const STORES: [&str; 4] =
    ["", "deals: deals/\n", "history: history/\n", "deals: deals/\nhistory: history/\n"];

/// What the files hold.
pub(crate) fn read(folder: &Path) -> Folder {
    let tables = text(&folder.join("deals.csv")).into_iter().flat_map(|table| rows(&table));
    let cards = files(&folder.join("deals")).into_iter().map(|path| card(&text(&path).unwrap()));
    let mut deals: Folder = tables.chain(cards).map(deal).collect();
    for path in [vec![folder.join("history.csv")], files(&folder.join("history"))].concat() {
        for event in text(&path).into_iter().flat_map(|table| rows(&table)) {
            deals.get_mut(&number(&event["deal"])).unwrap().rows += 1;
        }
    }
    deals
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
}

/// The rows of a CSV file by their columns.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// The cells of a YAML file by their keys.
fn card(text: &str) -> BTreeMap<String, String> {
    let cell = |(key, value)| match value {
        Value::String(text) => (key, text),
        Value::Number(number) => (key, number.to_string()),
        Value::Null => (key, String::new()),
        other => panic!("{key} is {other:?}"),
    };
    serde_yaml::from_str::<BTreeMap<String, Value>>(text).unwrap().into_iter().map(cell).collect()
}

fn deal(mut cells: BTreeMap<String, String>) -> (usize, Deal) {
    let filled = FIELDS.iter().filter_map(|field| Some((*field, cells.remove(*field)?)));
    let filled = filled.filter(|(_, cell)| !cell.is_empty()).collect();
    (number(&cells["id"]), Deal { cells: filled, rows: 0 })
}

fn number(id: &str) -> usize {
    id.strip_prefix("deal-").unwrap().parse().unwrap()
}
