//! What tests of many small folders share: folders that cost no disk, and all cores.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

/// A new folder, in memory where the system offers that.
pub(crate) fn folder() -> TempDir {
    let folder = || tempfile::Builder::new().prefix("空 白 ").to_owned();
    folder().tempdir_in("/dev/shm").or_else(|_| folder().tempdir()).unwrap()
}

/// Does something with each, as many at once as there are cores; none is begun once one has failed.
pub(crate) fn each<T: Sync>(all: &[T], act: impl Fn(&T) + Sync) {
    /// The place of the next, which a panic puts behind the last.
    struct Next<'a>(&'a AtomicUsize, usize);
    impl Drop for Next<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                self.0.store(self.1, Ordering::Relaxed);
            }
        }
    }

    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let next = Next(&next, all.len());
                while let Some(one) = all.get(next.0.fetch_add(1, Ordering::Relaxed)) {
                    act(one);
                }
            });
        }
    });
}
