//! Reading a folder: pipeline.yaml, deals.csv, history.csv, rates.csv.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_yaml::Value;

use crate::rows;
use crate::time::{Instant, read_instant};

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) id: String,
    pub(crate) outcome: Option<String>,
    pub(crate) probability: Option<Decimal>,
    pub(crate) stale_after_days: Option<i64>,
    pub(crate) was: Vec<String>,
}

/// One row of history.csv; `line` is the row as it stands in the file, for its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) line: String,
    pub(crate) at: Instant,
    pub(crate) deal: String,
    pub(crate) event: String,
    pub(crate) field: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A deal: its cells in deals.csv, those of its rows that stand (no duplicates, no voids), and of these the stage
/// events in order.
#[derive(Debug)]
pub(crate) struct Deal {
    pub(crate) cells: BTreeMap<String, String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) stage_rows: Vec<Row>,
}

impl Deal {
    /// A cell, empty where the file has no such column.
    pub(crate) fn cell(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", String::as_str)
    }
}

#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) currency: String,
    pub(crate) zone: Tz,
    pub(crate) stages: Vec<Stage>,
    pub(crate) teams: Vec<(String, Vec<String>)>,
    pub(crate) fixed_rates: Vec<(String, Decimal)>,
    pub(crate) daily_rates: Vec<(NaiveDate, String, Decimal)>,
    pub(crate) deals: Vec<Deal>,
}

impl Folder {
    /// The stage that a name means today: former names are mapped.
    pub(crate) fn present_name(&self, name: &str) -> String {
        for stage in &self.stages {
            if stage.was.iter().any(|former| former == name) {
                return stage.id.clone();
            }
        }
        name.to_owned()
    }

    pub(crate) fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub(crate) fn outcome(&self, id: &str) -> Option<&str> {
        self.stage(id).and_then(|stage| stage.outcome.as_deref())
    }

    /// The stages without an outcome, in the order of the process.
    pub(crate) fn open_stages(&self) -> Vec<&Stage> {
        self.stages.iter().filter(|stage| stage.outcome.is_none()).collect()
    }
}

/// `60%` is 0.60; a plain number is itself.
pub(crate) fn read_probability(text: &str) -> Decimal {
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<Decimal>().unwrap() / Decimal::ONE_HUNDRED,
        None => text.parse().unwrap(),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => panic!("not a text: {other:?}"),
    }
}

fn texts_of(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_sequence).map_or(Vec::new(), |list| list.iter().map(text_of).collect())
}

fn read_stage(value: &Value) -> Stage {
    Stage {
        id: text_of(value.get("id").unwrap()),
        outcome: value.get("outcome").map(text_of),
        probability: value.get("probability").map(|cell| read_probability(&text_of(cell))),
        stale_after_days: value
            .get("stale_after")
            .map(|cell| text_of(cell).strip_suffix('d').unwrap().parse().unwrap()),
        was: texts_of(value.get("was")),
    }
}

/// In `from`, `to` and `note`, `\n` stands for a line break and `\\` for a backslash.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('\\') => plain.push('\\'),
            other => panic!("\\{other:?} in {text}"),
        }
    }
    plain
}

/// One line of history.csv.
pub(crate) fn read_row(line: &str) -> Row {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    let (at, deal, event, field) = (&record[0], &record[1], &record[2], &record[3]);
    Row {
        line: line.to_owned(),
        at: read_instant(Tz::UTC, at).unwrap(),
        deal: deal.to_owned(),
        event: event.to_owned(),
        field: field.to_owned(),
        from: unescape(&record[4]),
        to: unescape(&record[5]),
    }
}

/// All rows of history.csv; rows identical to the byte count once.
fn read_history(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for line in text.lines().skip(1) {
        if !line.is_empty() && seen.insert(line) {
            rows.push(read_row(line));
        }
    }
    rows
}

fn read_daily_rates(path: &Path) -> Vec<(NaiveDate, String, Decimal)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| (row[0].parse().unwrap(), row[1].to_owned(), row[2].parse().unwrap())).collect()
}

pub(crate) fn read_folder(directory: &Path) -> Folder {
    let yaml: Value =
        serde_yaml::from_str(&fs::read_to_string(directory.join("pipeline.yaml")).unwrap()).unwrap();
    let mut fixed_rates = Vec::new();
    let mut daily_rates = Vec::new();
    match yaml.get("rates") {
        None => {}
        Some(Value::Mapping(map)) => {
            for (currency, rate) in map {
                fixed_rates.push((text_of(currency), text_of(rate).parse().unwrap()));
            }
        }
        Some(name) => daily_rates = read_daily_rates(&directory.join(text_of(name))),
    }
    let mut teams = Vec::new();
    if let Some(Value::Mapping(map)) = yaml.get("teams") {
        for (name, members) in map {
            teams.push((text_of(name), texts_of(Some(members))));
        }
    }
    let stages = yaml.get("stages").unwrap().as_sequence().unwrap().iter().map(read_stage).collect();
    let mut folder = Folder {
        currency: text_of(yaml.get("currency").unwrap()),
        zone: yaml.get("timezone").map_or(Tz::UTC, |zone| text_of(zone).parse().unwrap()),
        stages,
        teams,
        fixed_rates,
        daily_rates,
        deals: Vec::new(),
    };
    let history = read_history(&directory.join("history.csv"));
    let mut reader = csv::Reader::from_path(directory.join("deals.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    for record in reader.records() {
        let record = record.unwrap();
        let cells: BTreeMap<String, String> =
            header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
        let own = history.iter().filter(|row| row.deal == cells["id"]).cloned().collect();
        let rows = rows::without_voids(own);
        let stage_rows = rows::stage_rows(&folder, &rows);
        let deal = Deal { cells, rows, stage_rows };
        if !is_deleted(&deal) {
            folder.deals.push(deal);
        }
    }
    folder
}

/// A deleted deal never existed, at any `t`: the cell or the last stage event says `deleted`.
fn is_deleted(deal: &Deal) -> bool {
    deal.cell("stage") == "deleted" || deal.stage_rows.last().is_some_and(|last| last.to == "deleted")
}
