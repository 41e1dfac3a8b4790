//! What must hold of every answer, whatever the folder: asked of the oracle for all reports, and of the program for those
//! that have landed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::changes::STEPS;
use crate::files::{Deal, Folder, read_folder};
use crate::folders::{Maker, csv_line};
use crate::journey::{field_at, stage_at};
use crate::program;
use crate::report::{Question, answer};
use crate::terms::Term;
use crate::time::Cut;
use crate::versus::LABELS;

/// Amounts that are sums over deals.
const SUMS: [&str; 7] = ["total", "value", "weighted", "won_so_far", "due_value", "idle_value", "throughput"];
/// Counts that are none of deals or events.
const NO_SUMS: [&str; 2] = ["within_days", "signs"];
/// Counts, by table and key, of deals that several times of a period may count.
const IN_SEVERAL_TIMES: [(&str, &str); 3] =
    [("slippage", "pushed_deals"), ("slippage", "pulled_in_deals"), ("activity", "deals")];

/// A folder on disk, and as the oracle reads it.
struct Place {
    directory: tempfile::TempDir,
    folder: Folder,
}

impl Place {
    fn new(write: impl FnOnce(&Path)) -> Place {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path());
        let folder = read_folder(directory.path());
        Place { directory, folder }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

#[derive(Clone, Copy)]
enum Whom {
    Oracle,
    Program,
}

impl Whom {
    fn ask(self, place: &Place, question: &Question) -> Value {
        match self {
            Whom::Oracle => answer(&place.folder, question),
            Whom::Program => program::ask(place.path(), question).unwrap(),
        }
    }
}

/// The tables of an answer by name.
fn tables(answer: &Value) -> impl Iterator<Item = (&String, &Value)> {
    answer.as_object().unwrap().iter().filter(|(_, table)| table.get("groups").is_some())
}

/// The rows that a table's total has: one or several.
fn rows(total: &Value) -> Vec<&Map<String, Value>> {
    match total {
        Value::Object(row) => vec![row],
        Value::Array(rows) => rows.iter().filter_map(Value::as_object).collect(),
        _ => Vec::new(),
    }
}

fn decimal(cell: &Value) -> Option<Decimal> {
    cell["amount"].as_str().map(|text| text.parse().unwrap())
}

/// Of conversion: advanced + dropped + pending = reached.
fn stage_cohorts_add_up(answer: &Value) {
    let stages = &answer["stages"];
    let groups = stages["groups"].as_array().into_iter().flatten().filter_map(Value::as_object);
    for row in rows(&stages["total"]).into_iter().chain(groups) {
        let count = |key: &str| row.get(key).and_then(Value::as_u64);
        if let Some(reached) = count("reached") {
            let parts = ["advanced", "dropped", "pending"].map(|key| count(key).unwrap());
            assert_eq!(parts.iter().sum::<u64>(), reached, "{row:?}");
        }
    }
}

/// Of the funnel: a row between the first and the last is no wider than the one before.
fn funnel_narrows(answer: &Value) {
    let all = rows(&answer["funnel"]["total"]);
    let middle = all.len().saturating_sub(1).min(1)..all.len().saturating_sub(1);
    let reached: Vec<u64> = all[middle].iter().map(|row| row["reached"].as_u64().unwrap()).collect();
    assert!(reached.is_sorted_by(|wide, narrow| wide >= narrow), "{reached:?}");
}

/// Of changes: the lines add up, in the total and in each group; to the last decimal where nothing is rounded.
fn changes_add_up(answer: &Value) {
    let table = &answer["changes"];
    let groups = table["groups"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let all: Vec<&Map<String, Value>> = rows(&table["total"]).into_iter().chain(groups).collect();
    for lines in all.chunks(STEPS.len()) {
        let steps: Vec<&str> = lines.iter().map(|line| line["step"].as_str().unwrap()).collect();
        assert_eq!(steps, STEPS);
        let (parts, end) = lines.split_at(STEPS.len() - 1);
        // An edit of a value moves no deal.
        let deals: i64 = parts.iter().filter_map(|line| line["deals"].as_i64()).sum();
        let value: Decimal = parts.iter().filter_map(|line| decimal(&line["value"])).sum();
        assert_eq!(Some(deals), end[0]["deals"].as_i64(), "{lines:?}");
        // Where what is shown does not add up, half a cent a line, a note says so.
        let off = (value - decimal(&end[0]["value"]).unwrap()).abs();
        let notes = answer["notes"].as_array().unwrap();
        let is_noted = notes.iter().any(|note| note["code"] == "rounded");
        let allowed = if is_noted { Decimal::new(5 * STEPS.len() as i64, 3) } else { Decimal::ZERO };
        assert!(off <= allowed, "{off} in {lines:?}");
    }
}

/// What the parts of each cell sum to, by label of the row and key.
type Parts = BTreeMap<(String, String), (Decimal, usize)>;

fn add_row(parts: &mut Parts, row: &Map<String, Value>, by: &BTreeSet<String>) {
    let is_label =
        |key: &str| LABELS.contains(&key) && !by.contains(key) || key == "stage" && by.contains("by_stage");
    let label: Vec<String> =
        row.iter().filter(|(key, _)| is_label(key)).map(|(_, cell)| cell.to_string()).collect();
    for (key, cell) in row {
        let part = match cell {
            _ if NO_SUMS.contains(&key.as_str()) || LABELS.contains(&key.as_str()) => None,
            Value::Number(count) => count.as_u64().map(Decimal::from),
            // A rate over nothing is none: in a group by time, of a stock.
            Value::Object(parts) if parts.contains_key("of") => {
                cell["count"].as_u64().filter(|_| cell["of"] != 0).map(Decimal::from)
            }
            Value::Object(parts) if parts.contains_key("amount") && SUMS.contains(&key.as_str()) => {
                decimal(cell)
            }
            _ => None,
        };
        if let Some(part) = part {
            let sum = parts.entry((label.join(" "), key.clone())).or_default();
            *sum = (sum.0 + part, sum.1 + 1);
        }
    }
}

/// The groups of a table sum to its total, where a figure is a count or a sum and the groups have it at all.
fn parts_sum_to_the_whole(asked: &str, name: &str, table: &Value) {
    let groups: Vec<&Map<String, Value>> =
        table["groups"].as_array().unwrap().iter().filter_map(Value::as_object).collect();
    // Which deals are to be acted on, a group decides for itself; and only what is due in the period is due in a part of it.
    if groups.is_empty()
        || table["by"].as_array().unwrap().is_empty()
        || ["act_on", "months", "this_quarter"].contains(&name)
    {
        return;
    }
    let mut by: BTreeSet<String> =
        table["by"].as_array().unwrap().iter().map(|field| field.as_str().unwrap().to_owned()).collect();
    if groups[0].contains_key("by_stage") {
        by.insert("by_stage".to_owned());
    }
    let (mut whole, mut parts) = (Parts::new(), Parts::new());
    for row in rows(&table["total"]) {
        add_row(&mut whole, row, &BTreeSet::new());
    }
    // What is open at the start and the end of a time is no part of what is open at the start and the end of all.
    let is_time = ["week", "month", "quarter", "year"].iter().any(|unit| by.contains(*unit));
    let is_stock = |row: &Map<String, Value>| {
        row.get("step").and_then(Value::as_str).is_some_and(|step| step.starts_with("open_at"))
    };
    for row in groups.into_iter().filter(|row| !(is_time && is_stock(row))) {
        add_row(&mut parts, row, &by);
    }
    // The deals moved in one stage may be moved in another too.
    let may_repeat = |key: &str| {
        let repeats = [("stages", "pushed_deals"), ("stages", "pulled_in_deals")];
        repeats.contains(&(name, key)) || is_time && IN_SEVERAL_TIMES.contains(&(name, key))
    };
    parts.retain(|(_, key), _| !may_repeat(key));
    for (key, (sum, count)) in parts {
        // What is shown is rounded, half a cent a row at the most.
        let allowed = Decimal::new(5, 3) * Decimal::from(count + 1);
        let total = whole.get(&key).map_or(Decimal::ZERO, |(total, _)| *total);
        let is_sum = if sum.scale() == 0 && total.scale() == 0 {
            sum == total
        } else {
            (sum - total).abs() <= allowed
        };
        assert!(is_sum, "{asked}: {name} {key:?}: parts {sum}, whole {total}");
    }
}

/// A total is the same, whatever the report is split by.
fn total_knows_no_grouping(asked: &str, plain: &Value, grouped: &Value) {
    for (name, table) in tables(plain) {
        assert_eq!(table["total"], grouped[name]["total"], "{asked}: {name}");
    }
}

/// A copy of the folder with one file written anew.
fn copy_with(place: &Place, name: &str, text: &str) -> Place {
    Place::new(|to| {
        for file in fs::read_dir(place.path()).unwrap() {
            let file = file.unwrap().path();
            if file.is_file() {
                fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
        fs::write(to.join(name), text).unwrap();
    })
}

fn text_of(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path().join(name)).unwrap()
}

/// A copy of the folder with the lines of history.csv the other way round.
fn turned(place: &Place) -> Place {
    let text = text_of(place, "history.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    copy_with(place, "history.csv", &(lines.join("\n") + "\n"))
}

/// A copy of the folder as it may have been at the end of a day: without the later events, and with the cells that
/// deals had. Rows that take others back stay, for they tell what never was; so do all rows of deals whose stages
/// only later events tell.
fn as_it_was(place: &Place, day: NaiveDate) -> Place {
    let folder = &place.folder;
    let cut = Cut::end_of(folder.zone, day);
    let mut reader = csv::Reader::from_path(place.path().join("deals.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut forgotten: BTreeSet<&str> = BTreeSet::new();
    let mut deals = vec![csv_line(&header.iter().map(String::as_str).collect::<Vec<_>>())];
    for record in reader.records() {
        let record = record.unwrap();
        let mut cells: BTreeMap<String, String> =
            header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
        let deal = folder.deals.iter().find(|deal| deal.cell("id") == cells["id"]);
        if let Some(deal) = deal.filter(|deal| deal.stage_rows.iter().any(|row| cut.sees(row.at))) {
            forget(folder, deal, cut, &mut cells, &mut forgotten);
        }
        deals.push(csv_line(&header.iter().map(|name| cells[name].as_str()).collect::<Vec<_>>()));
    }
    let history = text_of(place, "history.csv");
    let kept: Vec<&str> = history.lines().filter(|line| !forgotten.contains(line)).collect();
    let with_deals = copy_with(place, "deals.csv", &(deals.join("\n") + "\n"));
    copy_with(&with_deals, "history.csv", &(kept.join("\n") + "\n"))
}

fn forget<'a>(
    folder: &Folder,
    deal: &'a Deal,
    cut: Cut,
    cells: &mut BTreeMap<String, String>,
    forgotten: &mut BTreeSet<&'a str>,
) {
    for row in deal.rows.iter().filter(|row| !cut.sees(row.at)) {
        // Where there is no column, only the later event tells what the field was.
        let only_this_tells = row.event == "set"
            && !cells.contains_key(&row.field)
            && !deal.events_on(&row.field).iter().any(|row| cut.sees(row.at));
        if !only_this_tells {
            forgotten.insert(&row.line);
        }
    }
    for field in deal.field_rows.keys() {
        if let Some(cell) = cells.get_mut(field) {
            *cell = field_at(deal, field, cut);
        }
    }
    cells.insert("stage".to_owned(), stage_at(folder, deal, cut, cut).unwrap());
}

/// A copy of the folder in which the second open stage has become a former name of the first.
fn with_fewer_stages(place: &Place) -> Place {
    let open = place.folder.open_stages();
    let (gone, into) = (open[1], open[0]);
    let yaml = text_of(place, "pipeline.yaml");
    let former = [gone.was.clone(), into.was.clone(), vec![gone.id.clone()]].concat().join(", ");
    let mut lines: Vec<String> = Vec::new();
    let mut stage = String::new();
    for line in yaml.lines() {
        if let Some(id) = line.strip_prefix("  - id: ") {
            id.clone_into(&mut stage);
        } else if !line.starts_with("    ") {
            stage.clear();
        }
        if stage == gone.id || (stage == into.id && line.starts_with("    was:")) {
            continue;
        }
        lines.push(line.to_owned());
        if line == format!("  - id: {}", into.id) {
            lines.push(format!("    was: [{former}]"));
        }
    }
    copy_with(place, "pipeline.yaml", &(lines.join("\n") + "\n"))
}

/// A copy of the folder without the deals that entered two stages at one instant: which came first may hang on the names
/// of the stages.
fn without_ties(place: &Place) -> Place {
    let is_tied = |deal: &&Deal| deal.stage_rows.windows(2).any(|rows| rows[0].at == rows[1].at);
    let tied: BTreeSet<&str> =
        place.folder.deals.iter().filter(is_tied).map(|deal| deal.cell("id")).collect();
    let mut reader = csv::Reader::from_path(place.path().join("deals.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let id = header.iter().position(|name| name == "id").unwrap();
    let mut deals = vec![csv_line(&header.iter().collect::<Vec<_>>())];
    for record in reader.records().map(Result::unwrap) {
        if !tied.contains(&record[id]) {
            deals.push(csv_line(&record.iter().collect::<Vec<_>>()));
        }
    }
    let history = text_of(place, "history.csv");
    let is_kept = |line: &&str| !tied.contains(line.split(',').nth(1).unwrap());
    let kept: Vec<&str> = history.lines().filter(is_kept).collect();
    let with_deals = copy_with(place, "deals.csv", &(deals.join("\n") + "\n"));
    copy_with(&with_deals, "history.csv", &(kept.join("\n") + "\n"))
}

/// Tables in which no stage is counted.
const WITHOUT_STAGES: [&str; 13] = [
    "closed",
    "created",
    "curve",
    "size",
    "velocity",
    "cycle",
    "changes",
    "losses",
    "reasons",
    "owners",
    "on_time",
    "activity",
    "touches_per_win",
];

/// All laws, for a few questions about the folder of a seed.
fn hold_for(whom: Whom, seed: u64) {
    let mut maker = Maker::new(seed);
    let place = Place::new(|directory| maker.write_folder(directory));
    let turned = turned(&place);
    let many = without_ties(&place);
    let few = with_fewer_stages(&many);
    for mut question in maker.questions() {
        question.vs = None;
        let asked = format!("seed {seed}: {}", question.arguments().join(" "));
        let found = whom.ask(&place, &question);
        stage_cohorts_add_up(&found);
        funnel_narrows(&found);
        changes_add_up(&found);
        for (name, table) in tables(&found) {
            parts_sum_to_the_whole(&asked, name, table);
        }
        if !question.by.is_empty() {
            let plain = whom.ask(&place, &Question { by: Vec::new(), ..question.clone() });
            total_knows_no_grouping(&asked, &plain, &found);
        }
        assert_eq!(found, whom.ask(&turned, &question), "{asked}: lines the other way round");

        let terms = question.terms.iter().map(Term::field);
        let speaks_of_stages =
            question.by.iter().map(String::as_str).chain(terms).any(|field| field == "stage");
        if !speaks_of_stages {
            let (split, merged) = (whom.ask(&many, &question), whom.ask(&few, &question));
            for (name, table) in tables(&split) {
                if WITHOUT_STAGES.contains(&name.as_str()) {
                    assert_eq!(*table, merged[name], "{asked}: {name} with fewer stages");
                }
            }
        }

        let day = question.as_of.unwrap_or(maker.today - Days::new(40));
        let then = Question { as_of: Some(day), ..question };
        let earlier = as_it_was(&place, day);
        let (known, later) = (whom.ask(&earlier, &then), whom.ask(&place, &then));
        assert_eq!(known, later, "{asked}: as of {day}, with and without later events");
    }
}

#[test]
fn laws_hold_for_the_oracle() {
    for seed in 1..=16 {
        hold_for(Whom::Oracle, seed);
    }
}

#[test]
fn laws_hold_for_the_program() {
    for seed in 1..=10 {
        hold_for(Whom::Program, seed);
    }
}
