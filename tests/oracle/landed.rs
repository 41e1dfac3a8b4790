//! What the program and the oracle both answer. A report that lands in the program is named here, and from then on every
//! test asks for it: the random folders, the worked examples, the laws.

use serde_json::Value;

pub(crate) const REPORTS: [&str; 12] = [
    "conversion",
    "funnel",
    "size",
    "velocity",
    "stages",
    "bottlenecks",
    "forecast",
    "changes",
    "slippage",
    "losses",
    "activity",
    "summary",
];

/// Tables of the summary that the oracle has and the program has not, yet.
const MISSING_TABLES: [(&str, &str); 3] =
    [("summary", "forecast"), ("summary", "bottleneck"), ("summary", "action")];

/// Figures on which the page and the program differ, of report, table and key; not compared until one of them is changed.
///
/// A stage without a limit has no stalled deals to have a share of (§5: *else none*), as `stages` has it; `bottlenecks` says
/// 0 %.
const DISPUTED: [(&str, &str, &str); 1] = [("bottlenecks", "bottlenecks", "share_stalled")];

/// Whether the program's report has a table.
pub(crate) fn has_table(report: &str, table: &str) -> bool {
    !MISSING_TABLES.contains(&(report, table))
}

/// The oracle's answer without the tables that the program does not have, and without what is disputed.
pub(crate) fn known(mut answer: Value) -> Value {
    let report = answer["report"].as_str().unwrap().to_owned();
    answer.as_object_mut().unwrap().retain(|table, _| has_table(&report, table));
    for (of, table, key) in DISPUTED {
        if report == of {
            for rows in ["total", "groups"] {
                for row in answer[table][rows].as_array_mut().into_iter().flatten() {
                    row.as_object_mut().unwrap().remove(key);
                }
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::program::ask;
    use crate::report::Question;

    /// The help of `report` names the reports that are there.
    #[test]
    fn every_report_of_the_program_is_named_here() {
        let help = Command::new(env!("CARGO_BIN_EXE_pipeline")).args(["report", "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap().replace('\n', " ");
        let named = help.split("Reports: ").nth(1).unwrap().split('.').next().unwrap();
        let mut named: Vec<&str> = named.split(',').map(str::trim).collect();
        let mut here = REPORTS.to_vec();
        named.sort_unstable();
        here.sort_unstable();
        assert_eq!(named, here, "tests/oracle/landed.rs");
    }

    #[test]
    fn tables_that_are_missing_are_missing() {
        let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
        for (report, table) in MISSING_TABLES {
            let printed = ask(&acme, &Question::new(report, "2026-11-20")).unwrap();
            assert!(printed[table].is_null(), "`{table}` of {report} is there: take it from MISSING_TABLES");
        }
    }
}
