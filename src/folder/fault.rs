//! Faults on demand, in debug builds alone: the tests of what a crash or a full disk leaves behind ask for them.
//!
//! `PIPELINE_FAULT=7:stop` ends the process at its seventh file operation as a crash would; `eio` makes that operation
//! fail, and `full` makes every write from there on fail, as a full disk does.

use std::io;

/// A file operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// It takes room on the disk.
    Write,
    /// It does not.
    Other,
}

/// Before an operation. Error: it is to fail.
#[cfg(not(debug_assertions))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "the same face as in debug builds")]
pub(super) fn before(_: Operation) -> io::Result<()> {
    Ok(())
}

/// Before an operation. Error: it is to fail.
#[cfg(debug_assertions)]
pub(super) fn before(operation: Operation) -> io::Result<()> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static PLAN: OnceLock<Option<(u64, String)>> = OnceLock::new();
    static DONE: AtomicU64 = AtomicU64::new(0);

    let plan = PLAN.get_or_init(|| {
        let text = std::env::var("PIPELINE_FAULT").ok()?;
        let (number, kind) = text.split_once(':')?;
        Some((number.parse().ok()?, kind.to_owned()))
    });
    let Some((number, kind)) = plan else { return Ok(()) };
    let now = DONE.fetch_add(1, Ordering::Relaxed) + 1;
    match kind.as_str() {
        "stop" if now == *number => std::process::abort(),
        "eio" if now == *number => Err(io::Error::other("input/output error")),
        "full" if now >= *number && operation == Operation::Write => Err(io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    }
}
