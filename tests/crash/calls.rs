//! What the operating system refuses: each system call of a change that touches a file fails in turn, or the process is
//! killed at it, by `strace -e inject`. Unlike the operations this is the program as it is shipped, without a layer of
//! ours below the door.
//!
//! It says so and does nothing where there is no strace.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::case::{Case, Left};
use crate::many;

/// The calls by which files are changed.
const CALLS: [&str; 8] = ["write", "fsync", "rename", "unlink", "ftruncate", "fchmod", "mkdir", "rmdir"];

/// What is injected, `#` being the number of the call.
const FAULTS: [&str; 3] = ["error=EIO:when=#", "error=ENOSPC:when=#+", "signal=KILL:when=#"];

/// How often a change makes a call.
fn count(case: &Case, call: &str) -> usize {
    let log = case.scratch().join("strace");
    let trace = format!("trace={call}");
    let by = ["strace", "-qq", "-o", log.to_str().unwrap(), "-e", &trace];
    assert!(case.command(&case.fresh(), &by).output().unwrap().status.success());
    let log = fs::read_to_string(log).unwrap();
    log.lines().filter(|line| line.starts_with(call)).count()
}

/// How a change came out in which a call was struck; `None` where that made no difference.
fn strike(case: &Case, call: &str, fault: &str) -> Option<Left> {
    let folder = case.fresh();
    let inject = format!("inject={call}:{fault}");
    let output =
        case.command(&folder, &["strace", "-qq", "-o", "/dev/null", "-e", &inject]).output().unwrap();
    let context = format!("{inject}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(!context.contains("strace: "), "{case}, {context}");
    if output.status.success() {
        assert!(case.is_made(&folder), "{case}, {context}");
        return None;
    }
    let killed = output.status.signal() == Some(9);
    assert!(killed || output.status.code() == Some(1), "{case}, {:?} {context}", output.status);
    Some(case.left(&folder, &context, || ()))
}

#[test]
#[ignore = "long: needs strace, a run for each system call"]
fn a_fault_at_any_system_call_leaves_before_or_after() {
    let able = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !able.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no strace here that may trace");
        return;
    }
    let [struck, kept] = [0, 0].map(AtomicUsize::new);
    many::each(&Case::all(many::folder), |case| {
        for call in CALLS {
            for number in 1..=count(case, call) {
                for fault in FAULTS {
                    let Some(left) = strike(case, call, &fault.replace('#', &number.to_string())) else {
                        continue;
                    };
                    struck.fetch_add(1, Ordering::Relaxed);
                    kept.fetch_add(usize::from(left == Left::After), Ordering::Relaxed);
                }
            }
        }
    });
    let [struck, kept] = [struck, kept].map(AtomicUsize::into_inner);
    eprintln!(
        "{struck} refused calls and kills: {} left the state before, {kept} the one after",
        struck - kept
    );
    assert!(struck > 50, "only {struck} calls were struck");
}
