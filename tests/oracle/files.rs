//! Reading a folder: pipeline.yaml, deals.csv, history.csv, rates.csv.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_yaml::Value;

use crate::journey::Stay;
use crate::rows;
use crate::time::{Cut, Instant, read_instant};

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

/// A deal: its cells in deals.csv, and those of its rows that stand (no duplicates, no voids).
#[derive(Debug)]
pub(crate) struct Deal {
    pub(crate) cells: BTreeMap<String, String>,
    pub(crate) rows: Vec<Row>,
    /// Of the rows, the stage events in order, former stage names mapped.
    pub(crate) stage_rows: Vec<Row>,
    /// Of the rows, the events on each field in order.
    pub(crate) field_rows: BTreeMap<String, Vec<Row>>,
    /// The stays as known at instants that were asked for already: only to be quick.
    pub(crate) known: RefCell<Vec<(Cut, Rc<Vec<Stay>>)>>,
}

impl Deal {
    pub(crate) fn new(folder: &Folder, cells: BTreeMap<String, String>, own: Vec<Row>) -> Deal {
        let rows = rows::without_voids(own);
        let stage_rows = rows::stage_rows(folder, &rows);
        let fields: BTreeSet<&String> =
            rows.iter().filter(|row| row.event == "set").map(|row| &row.field).collect();
        let field_rows =
            fields.into_iter().map(|field| (field.clone(), rows::field_rows(&rows, field))).collect();
        Deal { cells, rows, stage_rows, field_rows, known: RefCell::default() }
    }

    /// A cell, empty where the file has no such column.
    pub(crate) fn cell(&self, name: &str) -> &str {
        self.cells.get(name).map_or("", String::as_str)
    }

    /// The events on a field in order.
    pub(crate) fn events_on(&self, field: &str) -> &[Row] {
        self.field_rows.get(field).map_or(&[], Vec::as_slice)
    }
}

/// What is to be won in a period: by an owner, by a team, or by all.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) period: String,
    pub(crate) owner: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) amount: Decimal,
}

#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) currency: String,
    pub(crate) zone: Tz,
    /// The month in which the fiscal year starts, 1 to 12.
    pub(crate) year_starts: u32,
    pub(crate) stages: Vec<Stage>,
    pub(crate) teams: Vec<(String, Vec<String>)>,
    pub(crate) fixed_rates: Vec<(String, Decimal)>,
    pub(crate) daily_rates: Vec<(NaiveDate, String, Decimal)>,
    pub(crate) targets: Vec<Target>,
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

fn read_target(value: &Value) -> Target {
    Target {
        period: text_of(value.get("period").unwrap()),
        owner: value.get("owner").map(text_of),
        team: value.get("team").map(text_of),
        amount: text_of(value.get("amount").unwrap()).parse().unwrap(),
    }
}

/// A month by its English name.
fn read_month(name: &str) -> u32 {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS.iter().position(|month| *month == name).unwrap() as u32 + 1
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
            Some('r') => plain.push('\r'),
            Some('\\') => plain.push('\\'),
            other => panic!("\\{other:?} in {text}"),
        }
    }
    plain
}

/// The cells of one line: between commas, and where one is in quotes, two quotes are one (RFC 4180).
fn cells_of(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut in_quotes = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().unwrap();
        match letter {
            '"' if in_quotes && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    cells
}

/// One line of history.csv.
pub(crate) fn read_row(line: &str) -> Row {
    let record = cells_of(line);
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

/// The rows of history.csv by deal; rows identical to the byte count once.
fn read_history(path: &Path) -> BTreeMap<String, Vec<Row>> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        if !line.is_empty() && seen.insert(line) {
            let row = read_row(line);
            rows.entry(row.deal.clone()).or_default().push(row);
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
    let targets = yaml.get("targets").and_then(Value::as_sequence);
    let mut folder = Folder {
        currency: text_of(yaml.get("currency").unwrap()),
        zone: yaml.get("timezone").map_or(Tz::UTC, |zone| text_of(zone).parse().unwrap()),
        year_starts: yaml.get("year_starts").map_or(1, |month| read_month(&text_of(month))),
        stages,
        teams,
        fixed_rates,
        daily_rates,
        targets: targets.map_or(Vec::new(), |list| list.iter().map(read_target).collect()),
        deals: Vec::new(),
    };
    let history = read_history(&directory.join("history.csv"));
    let mut reader = csv::Reader::from_path(directory.join("deals.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    for record in reader.records() {
        let record = record.unwrap();
        let cells: BTreeMap<String, String> =
            header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect();
        let own = history.get(&cells["id"]).cloned().unwrap_or_default();
        let deal = Deal::new(&folder, cells, own);
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
