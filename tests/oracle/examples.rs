//! The folders that a reader meets: `examples/acme`, and five thousand deals as `init --sample` makes them.

use std::path::Path;
use std::process::Command;

use crate::files::read_folder;
use crate::landed::REPORTS;
use crate::program::disagreements;
use crate::report::Question;
use crate::terms::Term;

const TODAY: &str = "2026-11-20";

/// Questions to all reports: over different periods, split, picked, compared, and as of another day.
fn questions() -> Vec<Question> {
    let mut found = Vec::new();
    for report in REPORTS {
        let plain = Question::new(report, TODAY);
        let over = |period: &str| Question { period: Some(period.to_owned()), ..plain.clone() };
        let by = |field: &str| Question { by: vec![field.to_owned()], ..over("2026-Q4") };
        found.extend([plain.clone(), over("2026-Q3"), over("2026")]);
        found.push(Question { as_of: Some("2026-06-30".parse().unwrap()), ..over("2026") });
        found.push(Question { terms: vec![Term::is("owner", "ana")], ..over("2026-Q4") });
        if report != "summary" {
            found.extend([by("team"), by("source")]);
        }
        if !["summary", "bottlenecks"].contains(&report) {
            found.push(by("month"));
        }
        if ["conversion", "funnel", "size", "velocity", "stages", "bottlenecks", "summary"].contains(&report)
        {
            found.push(Question { vs: Some("previous".to_owned()), ..over("2026-Q3") });
        }
        match report {
            "conversion" => found.push(Question { curve: true, ..plain }),
            "forecast" => found.push(Question { backtest: Some(4), ..plain }),
            "size" => found.push(by("size")),
            _ => {}
        }
    }
    found
}

/// Every disagreement over the questions.
fn disagreements_over(directory: &Path, questions: &[Question]) -> Vec<String> {
    let folder = read_folder(directory);
    let mut found = Vec::new();
    for question in questions {
        let lines = disagreements(directory, &folder, question);
        if !lines.is_empty() {
            found.push(format!("{}\n    {}", question.arguments().join(" "), lines.join("\n    ")));
        }
    }
    found
}

#[test]
fn program_agrees_on_acme() {
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let found = disagreements_over(&acme, &questions());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn program_agrees_on_five_thousand_deals() {
    let directory = tempfile::tempdir().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    init.arg("-C").arg(directory.path()).args(["init", "--sample", "--deals", "5000", "--seed", "7", "-q"]);
    assert!(init.args(["--today", TODAY]).status().unwrap().success());
    // One question a report: the oracle takes its time.
    let plain: Vec<Question> = REPORTS.map(|report| Question::new(report, TODAY)).to_vec();
    let found = disagreements_over(directory.path(), &plain);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
