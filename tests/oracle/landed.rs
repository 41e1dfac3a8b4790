//! What the program can be asked. A report, an option or a table that lands in it is named here, and from then on every
//! test asks for it: the random folders, the worked examples, the laws. The oracle itself answers all of them.

use serde_json::Value;

use crate::forecast::Probability;
use crate::report::Question;

pub(crate) const REPORTS: [&str; 5] = ["conversion", "funnel", "size", "velocity", "summary"];

/// Of `vs`, `curve`, `probability`, `backtest` and `idle`, the options that are there.
const OPTIONS: [&str; 0] = [];

/// Tables of the summary that are not there yet.
const MISSING_TABLES: [(&str, &str); 3] =
    [("summary", "forecast"), ("summary", "bottleneck"), ("summary", "action")];

/// Whether the program has the report that a question is to, and all options that it uses.
pub(crate) fn answers(question: &Question) -> bool {
    let uses = [
        ("vs", question.vs.is_some()),
        ("curve", question.curve),
        ("probability", question.probability == Probability::History),
        ("backtest", question.backtest.is_some()),
        ("idle", question.idle.is_some()),
    ];
    REPORTS.contains(&question.report) && uses.iter().all(|(option, is)| !is || OPTIONS.contains(option))
}

/// The same question without the options that are not there.
pub(crate) fn without_missing_options(mut question: Question) -> Question {
    let has = |option: &str| OPTIONS.contains(&option);
    question.vs = question.vs.filter(|_| has("vs"));
    question.curve = question.curve && has("curve");
    if !has("probability") {
        question.probability = Probability::Set;
    }
    question.backtest = question.backtest.filter(|_| has("backtest"));
    question.idle = question.idle.filter(|_| has("idle"));
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
