//! The help of `pipeline report` below its options.

use crate::metrics::{REPORTS, Report as Definition, Takes};

const EXAMPLES: &str = "Examples:
  pipeline report
  pipeline report velocity --period 2026-Q3
  pipeline report conversion --period 'last quarter' --by owner
  pipeline report size source=referral --by month -f csv
  pipeline report velocity --period 2026-Q3 --vs previous
  pipeline report bottlenecks team=north
  pipeline report funnel --as-of 2026-06-30 -f json
  pipeline report forecast --by owner
  pipeline report changes --period 'this quarter' --by month
  pipeline report funnel --process five.yaml

Periods: 2026, 2026-Q3, 2026-07, 2026-W31, 2026-07-14, 2026-07-01..2026-09-30,
90d, this|last week|month|quarter|year.";

/// The examples, and which report takes what.
pub(super) fn after_help() -> String {
    let columns: [(&str, &[Takes]); 8] = [
        ("--by", &[Takes::By, Takes::ByField]),
        ("time", &[Takes::By]),
        ("size", &[Takes::BySize]),
        ("--vs", &[Takes::Vs, Takes::VsAlways]),
        ("--curve", &[Takes::Curve]),
        ("--probability", &[Takes::Probability]),
        ("--backtest", &[Takes::Backtest]),
        ("--idle", &[Takes::Idle]),
    ];
    let named = |name: &str| format!("{name:<11}");
    let headings = columns.map(|(heading, _)| heading).join("  ");
    let row = |report: &Definition| {
        let mark = |(heading, any): &(&str, &[Takes])| {
            let takes = any.iter().any(|option| report.takes(*option));
            format!("{:<width$}", if takes { "yes" } else { "-" }, width = heading.len())
        };
        let marks = columns.iter().map(mark).collect::<Vec<_>>().join("  ");
        format!("{}  {}", named(report.name), marks.trim_end())
    };
    let rows = REPORTS.iter().map(row).collect::<Vec<_>>().join("\n");
    format!(
        "{EXAMPLES}\n\nEvery report takes terms, --period, --as-of, --rev, --process, --currency,\n--explain, --ids, \
         --section, --lang and several -C. The others:\n{}  {headings}\n{rows}",
        named("")
    )
}
