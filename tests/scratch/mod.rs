//! Folders for the tests that make thousands of them and ask nothing of the disk.

#![allow(clippy::unwrap_used)]

use tempfile::TempDir;

/// A new folder, in memory where the system offers that.
pub(crate) fn in_memory() -> TempDir {
    let folder = || tempfile::Builder::new().prefix("空 白 ").to_owned();
    folder().tempdir_in("/dev/shm").or_else(|_| folder().tempdir()).unwrap()
}
