//! The tool's own folder, made where there is none, and never through a link.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{OWN_FOLDER, schema};
use crate::error::{Error, Result};

/// Makes what a clone does not bring: the tool's own folder, with the schema that editors read pipeline.yaml by.
pub fn furnish(root: &Path) -> Result<()> {
    schema::refresh(&made(root)?);
    Ok(())
}

/// The tool's own folder, made where there is none; it ignores itself in git.
pub(super) fn made(root: &Path) -> Result<PathBuf> {
    let own = root.join(OWN_FOLDER);
    no_link(&own)?;
    fs::create_dir_all(&own).map_err(|error| Error::io("make", &own, error))?;
    let ignore = own.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => file.write_all(b"*\n").map_err(|error| Error::io("write", &ignore, error))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io("write", &ignore, error)),
    }
    Ok(own)
}

/// Refuses a link where our own files stand: a folder that comes from elsewhere must not make us write outside it.
pub(super) fn no_link(path: &Path) -> Result<()> {
    if path.is_symlink() {
        let message = format!("{} is a symbolic link; nothing was changed", path.display());
        return Err(Error::failed(message).hint("remove it; the folder makes its own"));
    }
    Ok(())
}
