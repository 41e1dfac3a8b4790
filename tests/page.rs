//! The page of HTML: it needs nothing else, its charts say what the tables say, and text from files is only text in it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use pipeline::metrics::{REPORTS, Takes};
use serde_json::Value;

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

fn printed(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.env_clear().env("TZ", "UTC").args(["-q", "--today", "2026-11-20", "-C"]).arg(folder).args(words);
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

/// The marks of a column in the charts of a page: the number of each.
fn marks(page: &str, column: &str) -> Vec<f64> {
    let named = format!("data-column=\"{column}\" data-value=\"");
    page.split(&named).skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

/// The numbers of a column of a table in JSON.
fn numbers(report: &Value, table: &str, key: &str) -> Vec<f64> {
    let rows = report[table]["total"].as_array().unwrap().iter();
    rows.map(|row| match &row[key] {
        Value::Object(money) => money["amount"].as_str().unwrap().parse().unwrap(),
        number => number.as_f64().unwrap(),
    })
    .collect()
}

#[test]
fn charts_have_the_numbers_of_the_tables() {
    for (report, table, key) in [
        ("funnel", "funnel", "reached"),
        ("changes", "changes", "value"),
        ("stages", "now", "weighted"),
        ("stages", "ages", "day_15_to_30"),
        ("bottlenecks", "bottlenecks", "value"),
    ] {
        let page = printed(&acme(), &["report", report, "-f", "html"]);
        let json = serde_json::from_str(&printed(&acme(), &["report", report, "-f", "json"])).unwrap();
        let expected = numbers(&json, table, key);
        assert!(expected.len() > 2, "{report}");
        assert_eq!(marks(&page, key), expected, "{report}");
    }
}

/// A key that is misspelt would draw nothing, and nobody would miss it.
#[test]
fn every_chart_of_every_report_is_drawn_of_the_example() {
    for report in REPORTS {
        let options: [(&[Takes], &[&str]); 4] = [
            (&[], &[]),
            (&[Takes::By, Takes::ByField], &["--by", "owner"]),
            (&[Takes::By], &["--by", "month"]),
            (&[Takes::Backtest], &["--backtest"]),
        ];
        let takes = |any: &[Takes]| any.is_empty() || any.iter().any(|option| report.takes(*option));
        let asked = options.iter().filter(|(any, _)| takes(any));
        let pages: Vec<String> = asked
            .map(|(_, words)| printed(&acme(), &[&["report", report.name, "-f", "html"], *words].concat()))
            .collect();
        for chart in report.charts {
            let section = format!("data-section=\"{}\"", chart.section);
            let drawn = |svg: &str| {
                svg.contains(&section)
                    && chart.values.iter().all(|key| svg.contains(&format!("data-column=\"{key}\"")))
            };
            let is_there = pages.iter().any(|page| page.split("<svg ").skip(1).any(drawn));
            assert!(is_there, "{}: {chart:?}", report.name);
        }
    }
}

#[test]
fn a_chart_has_a_title_a_description_and_ids_of_its_own() {
    let page = printed(&acme(), &["report", "-f", "html"]);
    let charts = page.matches("<svg ").count();
    assert!(charts >= 10, "{charts} charts");
    assert_eq!(page.matches("role=\"img\"").count(), charts);
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), 2 * charts);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2 * charts, "an id stands twice");
}

#[test]
fn the_dashboard_is_small_and_loads_nothing() {
    let page = printed(&acme(), &["report", "-f", "html"]);
    assert!(page.len() < 200_000, "{} bytes", page.len());
    for loads in ["http:", "https:", "src=", "<link", "url(", "@import", "<script", "<iframe", "onload"] {
        assert!(!page.contains(loads), "{loads}");
    }
    for heading in ["<h1>Summary</h1>", "<h2>Forecast</h2>", "<h2>Funnel</h2>"] {
        assert!(page.contains(heading), "{heading}");
    }
    assert!(printed(&acme(), &["report", "-f", "html", "--lang", "zh-TW"]).contains("<html lang=\"zh-TW\">"));
}

#[test]
fn a_board_is_cards_under_their_stages() {
    let page = printed(&acme(), &["board", "-f", "html"]);
    let cards: Vec<&str> =
        page.split("<li").skip(1).map(|card| card.split("</li>").next().unwrap()).collect();
    let json: Value = serde_json::from_str(&printed(&acme(), &["board", "-f", "json"])).unwrap();
    let deals = json["board"].as_array().unwrap();
    assert_eq!(cards.len(), deals.len());
    for (card, deal) in cards.iter().zip(deals) {
        assert!(card.contains(&format!("<span>{}</span>", deal["id"].as_str().unwrap())), "{card}");
        assert_eq!(card.contains("class=\"stalled\""), deal["stalled"].as_bool().unwrap(), "{card}");
        assert_eq!(card.contains("Stalled"), deal["stalled"].as_bool().unwrap(), "{card}");
    }
    let stages = json["ages"].as_array().unwrap().iter().filter(|row| !row["stage"].is_null());
    let ages: Vec<f64> = stages.map(|row| row["day_8_to_14"].as_f64().unwrap()).collect();
    assert_eq!(marks(&page, "day_8_to_14"), ages);
}

#[test]
fn a_hostile_name_is_only_text() {
    let folder = tempfile::tempdir().unwrap();
    printed(folder.path(), &["init"]);
    let deals = "id,name,stage,owner,value\n\
                 d-1,<script>alert(1)</script>,proposal,\"\"\"onload=\"\"x\",10\n\
                 d-2,\u{202e}evil & co,proposal,ana,20\n";
    fs::write(folder.path().join("deals.csv"), deals).unwrap();
    for words in [
        &["list", "-f", "html"][..],
        &["board", "-f", "html"],
        &["show", "d-1", "-f", "html"],
        &["report", "-f", "html"],
    ] {
        let page = printed(folder.path(), words);
        assert!(
            !page.contains("<script") && !page.contains("\"onload") && !page.contains('\u{202e}'),
            "{words:?}"
        );
    }
    let list = printed(folder.path(), &["list", "-f", "html"]);
    assert!(
        list.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && list.contains("\\u{202e}evil &amp; co")
    );
}

/// After a change of the page: `UPDATE=1 cargo test --test page`, then look at it in a browser.
#[test]
fn the_dashboard_among_the_examples_is_that_of_acme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.current_dir(root).env_clear().env("TZ", "UTC");
    command.args(["-q", "-C", "examples/acme", "--today", "2026-11-20", "report", "-f", "html"]);
    let page = String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap();
    let kept = root.join("examples/dashboard/index.html");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&kept, &page).unwrap();
    }
    assert!(fs::read_to_string(&kept).unwrap() == page, "examples/dashboard/index.html is out of date");
}
