//! What the program can be asked. A report, an option or a table that lands in it is named here, and from then on every
//! test asks for it: the random folders, the worked examples, the laws. The oracle itself answers all of them.

use serde_json::Value;

use crate::report::Question;

pub(crate) const REPORTS: [&str; 10] = [
    "conversion",
    "funnel",
    "size",
    "velocity",
    "changes",
    "slippage",
    "losses",
    "activity",
    "forecast",
    "summary",
];

/// Whether `--vs` is there.
const COMPARES: bool = false;

/// Tables of the summary that are not there yet; `figures` with another period beside it.
const MISSING_TABLES: [(&str, &str); 4] =
    [("summary", "figures"), ("summary", "forecast"), ("summary", "bottleneck"), ("summary", "action")];

/// Whether the program has what a question asks for.
pub(crate) fn answers(question: &Question) -> bool {
    REPORTS.contains(&question.report) && (COMPARES || question.vs.is_none())
}

/// The same question without what is not there.
pub(crate) fn without_missing_options(mut question: Question) -> Question {
    question.vs = question.vs.filter(|_| COMPARES);
    question
}

/// Whether the program's report has a table.
pub(crate) fn has_table(report: &str, table: &str) -> bool {
    !MISSING_TABLES.contains(&(report, table))
}

/// The oracle's answer without the tables that the program does not have.
pub(crate) fn known(mut answer: Value) -> Value {
    let report = answer["report"].as_str().unwrap().to_owned();
    answer.as_object_mut().unwrap().retain(|table, _| has_table(&report, table));
    answer
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::program::ask;
    use crate::questions;

    /// What is not named above is really not there: whoever adds it to the program is told to name it.
    #[test]
    fn program_has_nothing_that_is_not_named_here() {
        let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
        let plain = |report| Question::new(report, "2026-11-20");
        for report in questions::REPORTS.into_iter().filter(|report| !REPORTS.contains(report)) {
            assert!(
                ask(&acme, &plain(report)).is_err(),
                "the report `{report}` is there: name it in landed.rs"
            );
        }
        for (report, table) in MISSING_TABLES {
            let total = &ask(&acme, &plain(report)).unwrap()[table]["total"];
            assert!(
                total.is_null(),
                "`{table}` of {report} is there: take it from MISSING_TABLES in landed.rs"
            );
        }
        let compared = Question { vs: Some("previous".to_owned()), ..plain("conversion") };
        assert!(COMPARES || ask(&acme, &compared).is_err(), "`--vs` is there: say so in landed.rs");
    }
}
