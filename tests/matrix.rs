//! Which report takes which option: as its help says, and everything else is refused with a reason.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Output;

use pipeline::metrics::{REPORTS, Report, Takes};

fn report(report: &Report, options: &str) -> Output {
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.env_clear().env("TZ", "UTC").args(["--today", "2026-11-20", "-C"]).arg(acme);
    command.args(["report", report.name]).args(options.split(' ')).output().unwrap()
}

#[test]
fn an_option_is_taken_or_refused_with_a_reason() {
    let options: [(&str, &[Takes]); 8] = [
        ("--by owner", &[Takes::By, Takes::ByField]),
        ("--by month", &[Takes::By]),
        ("--by size", &[Takes::BySize]),
        ("--vs previous", &[Takes::Vs, Takes::VsAlways]),
        ("--curve", &[Takes::Curve]),
        ("--probability history", &[Takes::Probability]),
        ("--backtest", &[Takes::Backtest]),
        ("--idle 7d", &[Takes::Idle]),
    ];
    for one in REPORTS {
        for (option, takers) in options {
            let (takes, output) = (takers.iter().any(|taker| one.takes(*taker)), report(one, option));
            let stderr = String::from_utf8(output.stderr).unwrap();
            let expected = if takes { Some(0) } else { Some(2) };
            assert_eq!(output.status.code(), expected, "{} {option}: {stderr}", one.name);
            if !takes {
                assert!(output.stdout.is_empty());
                assert!(stderr.starts_with("error: "), "{} {option}: {stderr}", one.name);
            }
        }
    }
}

#[test]
fn every_report_takes_what_is_said_of_all() {
    let five = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/five.yaml");
    let process = format!("--process {}", five.display());
    let options = [
        "value=10k..",
        "--period 2026-Q3",
        "--as-of 2026-09-30",
        "--currency USD",
        "--explain",
        "--ids open",
        "--lang zh-TW",
        &process,
    ];
    for one in REPORTS {
        for option in options {
            let output = report(one, option);
            assert!(
                output.status.success(),
                "{} {option}: {}",
                one.name,
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty(), "{} {option}", one.name);
        }
    }
}
