//! What the program and the oracle both answer. A report that lands in the program is named here, and from then on every
//! test asks for it: the random folders, the worked examples, the laws.

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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

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
}
