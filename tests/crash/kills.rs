//! Changes that are killed by SIGKILL at any moment, and so, half of the time, is the next command, which may be putting
//! right what the first left.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::case::{Case, Left, NEXT, lying_about, pipeline};

/// After how long a command is killed: up to a limit that follows what the command takes, so that most are struck, at
/// moments spread over their whole run.
struct Delay {
    limit: Duration,
}

impl Delay {
    fn of(mut command: Command) -> Delay {
        let begun = Instant::now();
        assert!(command.stderr(Stdio::null()).stdout(Stdio::null()).status().unwrap().success());
        Delay { limit: begun.elapsed() }
    }

    /// Kills a command; whether it was struck before it had ended.
    fn kill(&mut self, command: &mut Command) -> bool {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(self.limit.mul_f64(fastrand::f64()));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let struck = status.signal() == Some(9);
        assert!(struck || status.success(), "{status}");
        // One in six comes too late.
        self.limit = self.limit.mul_f64(if struck { 1.01 } else { 0.95 });
        struck
    }
}

/// Kills commands until so many were struck while they ran.
fn killed(strikes: usize) {
    // On the disk: while it syncs there is the most time to be struck.
    let cases = Case::all(|| tempfile::tempdir().unwrap());
    let mut delays: Vec<Delay> =
        cases.iter().map(|case| Delay::of(case.command(&case.fresh(), &[]))).collect();
    let mut of_next = Delay::of(pipeline(&cases[0].fresh(), &NEXT, &[]));
    let (mut commands, mut struck, mut amid, mut kept) = (0, 0, 0, 0);
    for (case, turn) in (0..cases.len()).cycle().zip(0..) {
        if struck >= strikes {
            break;
        }
        let (case, delay) = (&cases[case], &mut delays[case]);
        let folder = case.fresh();
        let hit = delay.kill(&mut case.command(&folder, &[]));
        commands += 1;
        struck += usize::from(hit);
        amid += usize::from(hit && !lying_about(&folder).is_empty());
        let left = case.left(&folder, &format!("turn {turn}"), || {
            if fastrand::bool() {
                commands += 1;
                struck += usize::from(of_next.kill(&mut pipeline(&folder, &NEXT, &[])));
            }
        });
        assert!(hit || left == Left::After, "{case} had ended in turn {turn}, and is lost");
        kept += usize::from(hit && left == Left::After);
    }
    eprintln!(
        "{struck} of {commands} commands were killed before they had ended; {amid} of them left something to put \
         right, {kept} changes were made"
    );
}

#[test]
fn forty_kills_leave_nothing_half_done() {
    killed(40);
}

#[test]
#[ignore = "long: two thousand kills"]
fn two_thousand_kills_leave_nothing_half_done() {
    killed(2_000);
}
