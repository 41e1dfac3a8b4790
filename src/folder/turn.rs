//! A turn at a folder: the lock that one command holds while it changes the files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant as Timer};

use super::own::{self, no_link};
use super::schema;
use crate::error::{Error, Result};

/// How long a command waits for its turn unless it is told otherwise.
pub(super) const WAIT: Duration = Duration::from_secs(10);

/// How long between two looks at a lock that somebody else holds.
const PAUSE: Duration = Duration::from_millis(5);

/// The right to change a folder, held until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits for the lock of a folder, which is made where there is none.
    pub(super) fn take(root: &Path, wait: Duration) -> Result<Turn> {
        let own = own::made(root)?;
        let path = own.join("lock");
        no_link(&path)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("open", &path, error))?;
        wait_for(&mut lock, &path, wait, File::try_lock)?;
        // Who holds it, for those who wait in vain; a lock without it is a lock all the same.
        let holder = format!("process {}\n", std::process::id());
        let _ = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(holder.as_bytes()));
        schema::refresh(&own);
        Ok(Turn { _lock: lock })
    }

    /// Waits until nobody changes the folder, and keeps everybody from it; writes nothing. `None` where nobody ever
    /// changed it.
    pub(super) fn watch(own: &Path, wait: Duration) -> Result<Option<Turn>> {
        let path = own.join("lock");
        let mut lock = match File::open(&path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("open", &path, error)),
        };
        wait_for(&mut lock, &path, wait, File::try_lock_shared)?;
        Ok(Some(Turn { _lock: lock }))
    }
}

/// Tries a lock until it is had.
///
/// Errors: it is not had in time (exit 5).
fn wait_for(
    lock: &mut File,
    path: &Path,
    wait: Duration,
    try_lock: fn(&File) -> std::result::Result<(), TryLockError>,
) -> Result<()> {
    let started = Timer::now();
    loop {
        match try_lock(lock) {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path, error)),
            Err(TryLockError::WouldBlock) if started.elapsed() < wait => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(busy(lock, wait)),
        }
    }
}

fn busy(lock: &mut File, wait: Duration) -> Error {
    let mut holder = String::new();
    let named = lock.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
    let holder = if named { holder.trim() } else { "another command" };
    Error::Busy { message: format!("{holder} holds the folder; waited {} s", wait.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::folder::OWN_FOLDER;

    #[test]
    fn a_link_where_the_lock_stands_is_never_followed() {
        let root = tempfile::tempdir().unwrap();
        let victim = root.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let own = root.path().join("deals").join(OWN_FOLDER);
        fs::create_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(&victim, own.join("lock")).unwrap();
        std::os::unix::fs::symlink(root.path().join("made"), own.join(".gitignore")).unwrap();
        let refused = Turn::take(&root.path().join("deals"), WAIT).unwrap_err().to_string();
        assert!(refused.contains("lock is a symbolic link"), "{refused}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert!(!root.path().join("made").exists());
        fs::remove_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(root.path(), &own).unwrap();
        assert!(Turn::take(&root.path().join("deals"), WAIT).is_err());
    }
}
