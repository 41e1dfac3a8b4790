//! `pipeline export`: what it writes for other programs, read by those programs or by readers that are not ours.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// The day that every command takes for today.
const TODAY: &str = "2026-11-20";

fn pipeline(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    let output = command
        .env_clear()
        .args(["--today", TODAY, "-q", "-C"])
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A folder of made-up deals, in several currencies and with a fiscal year of its own.
fn made_up() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    pipeline(
        folder.path(),
        &["init", folder.path().to_str().unwrap(), "--sample", "--deals", "400", "--seed", "9"],
    );
    folder
}

/// A folder in SQLite.
fn database(folder: &Path, terms: &[&str]) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(&pipeline(folder, &[&["export", "--to", "sql"], terms].concat())).unwrap();
    database
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&pipeline(folder, &[arguments, &["-f", "json"]].concat())).unwrap()
}

fn lines(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let text = pipeline(folder, &[arguments, &["-f", "jsonl"]].concat());
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A figure as a number: a rate, an amount or days may stand in an object.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Object(fields) => {
            number(fields.get("value").or_else(|| fields.get("amount")).or_else(|| fields.get("days"))?)
        }
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}

/// Two figures, one of them as far as its digits go.
#[track_caller]
fn same(ours: Option<f64>, theirs: Option<f64>, what: &str) {
    let near = |(ours, theirs): (f64, f64)| (ours - theirs).abs() <= 0.005_01 + 1e-9 * ours.abs();
    assert!(ours.zip(theirs).map_or(ours == theirs, near), "{what}: {ours:?} and {theirs:?}");
}

#[test]
fn sqlite_works_out_the_same_figures() {
    let made_up = made_up();
    let mut compared = 0;
    for folder in [example("acme"), example("bant"), example("meddic"), made_up.path().to_owned()] {
        let database = database(&folder, &[]);
        for (first, last) in
            [("2026-01-01", "2026-11-20"), ("2025-03-15", "2026-02-09"), ("2026-10-01", "2026-10-31")]
        {
            let period = format!("{first}..{last}");
            let what = format!("{} in {period}", folder.display());
            let closed = json(&folder, &["report", "conversion", "--section", "closed", "--period", &period]);
            let closed = &closed["closed"]["total"];
            let velocity = json(&folder, &["report", "velocity", "--period", &period]);
            let velocity = &velocity["velocity"]["total"];
            let size = json(&folder, &["report", "size", "--period", &period]);
            let sql = "SELECT SUM(status = 'won'), SUM(status = 'lost'), SUM(status = 'disqualified'), \
                 SUM(status = 'won') * 1.0 / NULLIF(SUM(status IN ('won', 'lost')), 0), \
                 SUM(status = 'won') * 1.0 / COUNT(*), AVG(CASE WHEN status = 'won' THEN amount END), \
                 AVG(CASE WHEN status = 'won' THEN cycle_days END), \
                 SUM(CASE WHEN status = 'won' THEN amount END) \
                 FROM deals WHERE closed_day BETWEEN ?1 AND ?2";
            let ours = [
                number(&closed["won"]),
                number(&closed["lost"]),
                number(&closed["disqualified"]),
                number(&closed["win_rate"]),
                number(&closed["conversion_rate"]),
                number(&velocity["mean_size"]),
                number(&velocity["mean_cycle"]),
                number(&size["size"]["total"]["total"]).filter(|total| *total != 0.0),
            ];
            let theirs: [Option<f64>; 8] = database
                .query_row(sql, [first, last], |row| Ok(std::array::from_fn(|at| row.get(at).unwrap())))
                .unwrap();
            for (nth, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
                // Counts of nothing are 0 here and none there.
                same(ours, theirs.or_else(|| (nth < 3).then_some(0.0)), &format!("{nth} of {what}"));
                compared += usize::from(ours.is_some());
            }
            let sql = "SELECT stages.stage, COUNT(stays.days), AVG(stays.days) FROM stages LEFT JOIN stays \
                 ON stays.stage = stages.stage AND stays.whole = 1 AND stays.left_day BETWEEN ?1 AND ?2 \
                 WHERE stages.outcome IS NULL GROUP BY stages.position ORDER BY stages.position";
            let stays = lines(&folder, &["report", "stages", "--section", "stays", "--period", &period]);
            let theirs = rows(&database, sql, &[first, last]);
            for (ours, (stage, figures)) in stays.iter().zip(&theirs) {
                assert_eq!(ours["stage"].as_str(), Some(&**stage));
                same(number(&ours["stays"]), figures[0], &format!("stays in {stage}, {what}"));
                same(number(&ours["mean_stay"]), figures[1], &format!("mean stay in {stage}, {what}"));
                compared += 1;
            }
            let sql = "SELECT stages.stage, COUNT(*) FROM deals JOIN reached ON reached.deal = deals.id \
                 JOIN stages ON stages.stage = reached.stage \
                 WHERE deals.whole = 1 AND deals.created_day BETWEEN ?1 AND ?2 GROUP BY stages.position";
            let theirs: BTreeMap<String, Vec<Option<f64>>> =
                rows(&database, sql, &[first, last]).into_iter().collect();
            for ours in lines(&folder, &["report", "funnel", "--period", &period]) {
                let stage = ours["stage"].as_str().unwrap();
                // The first row of the funnel and the last count deals without a full history too.
                if let Some(figures) = theirs.get(stage).filter(|_| folder != example("acme")) {
                    same(number(&ours["reached"]), figures[0], &format!("reached {stage}, {what}"));
                    compared += 1;
                }
            }
        }
        for ours in lines(&folder, &["report", "stages", "--section", "now"]) {
            let Some(stage) = ours["stage"].as_str() else { continue };
            let sql = "SELECT stage, deals, COALESCE(value, 0), COALESCE(weighted, 0) FROM open_by_stage WHERE stage = ?1";
            let theirs = rows(&database, sql, &[stage]);
            let Some((_, figures)) = theirs.first() else { continue };
            for (nth, key) in ["deals", "value", "weighted"].into_iter().enumerate() {
                same(number(&ours[key]), figures[nth], &format!("{key} in {stage} of {}", folder.display()));
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} figures were compared");
}

/// A name and numbers, a row each.
fn rows(database: &Connection, sql: &str, given: &[&str]) -> Vec<(String, Vec<Option<f64>>)> {
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, (1..columns).map(|at| row.get(at)).collect::<Result<Vec<_>, _>>()?))
    };
    statement.query_map(rusqlite::params_from_iter(given), row).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_views_by_month_are_the_reports_by_month() {
    let folder = example("acme");
    let database = database(&folder, &[]);
    let ours = json(
        &folder,
        &[
            "report",
            "conversion",
            "--section",
            "closed",
            "--by",
            "month",
            "--period",
            "2026-01-01..2026-11-20",
        ],
    );
    let theirs: BTreeMap<String, Vec<Option<f64>>> = rows(
        &database,
        "SELECT closed_month, won, lost, disqualified, win_rate, conversion_rate FROM closed_by_month",
        &[],
    )
    .into_iter()
    .collect();
    let groups = ours["closed"]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 11);
    for group in groups {
        let month = group["month"].as_str().unwrap();
        for (nth, key) in
            ["won", "lost", "disqualified", "win_rate", "conversion_rate"].into_iter().enumerate()
        {
            same(number(&group[key]), theirs[month][nth], &format!("{key} of {month}"));
        }
    }
    // Written again it takes the place of what was there.
    database.execute_batch(&pipeline(&folder, &["export", "--to", "sql", "owner=ana"])).unwrap();
    let owners = rows(&database, "SELECT DISTINCT owner FROM deals", &[]);
    assert_eq!(owners, [("ana".to_owned(), vec![])]);
}

/// A folder whose texts would break out of what they are written in.
fn hostile() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    pipeline(folder.path(), &["init", folder.path().to_str().unwrap()]);
    let deals = "id,name,stage,value,Status,status,amount,\"a \"\"b\"\"\"\n\
         deal-1,\"Robert'); DROP TABLE deals; --\",proposal,10.5,mine,too,none,\"x\ny\"\n\
         deal-2,\"=HYPERLINK(\"\"http://x\"\")\",proposal,,,,,\"- a: [b, #c]\"\n";
    fs::write(folder.path().join("deals.csv"), deals).unwrap();
    folder
}

#[test]
fn texts_stay_texts() {
    let folder = hostile();
    let database = database(folder.path(), &[]);
    let sql = "SELECT name, value, \"Status_\", \"status__\", amount, \"a \"\"b\"\"\" FROM deals WHERE id = 'deal-1'";
    let row: (String, f64, String, String, f64, String) = database
        .query_row(sql, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .unwrap();
    let expected = ("Robert'); DROP TABLE deals; --", 10.5, "mine", "too", 10.5, "x\ny");
    assert_eq!((&*row.0, row.1, &*row.2, &*row.3, row.4, &*row.5), expected);

    let csv = pipeline(folder.path(), &["export", "--to", "csv"]);
    assert!(csv.contains(",\"'=HYPERLINK(\"\"http://x\"\")\","), "{csv}");

    let yaml = pipeline(folder.path(), &["export", "--to", "yaml"]);
    let read: Vec<BTreeMap<String, serde_yaml::Value>> = serde_yaml::from_str(&yaml).unwrap();
    let text = |deal: usize, key: &str| read[deal][key].as_str().unwrap().to_owned();
    assert_eq!(text(0, "name"), "Robert'); DROP TABLE deals; --");
    assert_eq!(text(0, "a \"b\""), "x\ny");
    assert_eq!(text(1, "a \"b\""), "- a: [b, #c]");
    assert!(!read[1].contains_key("value"), "{yaml}");

    let jsonl = pipeline(folder.path(), &["export", "--to", "jsonl", "value=10.."]);
    let deal: Value = serde_json::from_str(jsonl.trim_end()).unwrap();
    assert_eq!(deal["id"], "deal-1");
    assert_eq!(pipeline(folder.path(), &["export", "--to", "yaml", "value=99.."]), "[]\n");
}

#[test]
fn the_calendar_has_every_next_step() {
    let folder = example("acme");
    let calendar = pipeline(&folder, &["export", "--to", "ics"]);
    let read: icalendar::Calendar = calendar.parse().unwrap();
    let steps = lines(&folder, &["list", "status=open", "next_date=*"]);
    assert_eq!(read.components.len(), steps.len());
    assert_eq!(calendar, pipeline(&folder, &["agenda", "-f", "ics"]));
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = hostile();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
        let output =
            command.env_clear().arg("-C").arg(folder.path()).arg("export").args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let own = folder.path().join("deals.csv");
    let (code, said) = run(&["--to", "sql", "-o", own.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(said.contains("is a file of the pipeline itself"), "{said}");
    let (code, said) = run(&["--to", "sql", "-f", "json"]);
    assert_eq!(code, 2);
    assert!(said.contains("--format means nothing to export"), "{said}");
    assert_eq!(run(&[]).0, 2);
    // A currency without a rate is told before anything is written.
    let text = fs::read_to_string(&own)
        .unwrap()
        .replace("status,amount", "currency,amount")
        .replace(",too,", ",GBP,");
    fs::write(&own, text).unwrap();
    let out = folder.path().join("out.sql");
    let (code, said) = run(&["--to", "sql", "-o", out.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(said.contains("no rate for GBP") && !out.exists(), "{said}");
}
