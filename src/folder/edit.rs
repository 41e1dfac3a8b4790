//! Edits of files: some bytes replaced, or some appended; written so that a reader sees the whole edit or none of it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// A change of one file of the folder.
#[derive(Debug)]
pub(super) enum Edit<'a> {
    /// Spans of `original`, in ascending order, give way to new text; all else stays.
    Splice { name: &'static str, original: &'a str, patches: Vec<(Range<usize>, String)> },
    /// Text goes at the end of the file, which is made where there is none.
    Append { name: &'static str, text: String },
}

impl Edit<'_> {
    fn name(&self) -> &'static str {
        match self {
            Edit::Splice { name, .. } | Edit::Append { name, .. } => name,
        }
    }
}

/// Refuses files that we must not write: links, which would be replaced by a file, and what its owner made read-only.
fn writable(path: &Path) -> Result<Option<fs::Permissions>> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("look at", path, error)),
    };
    let refuse = |what: &str, hint: &str| {
        Error::failed(format!("{} is {what}; nothing was changed", path.display())).hint(hint)
    };
    if about.is_symlink() {
        return Err(refuse("a symbolic link", "put the file itself into the folder"));
    }
    if !about.is_file() {
        return Err(refuse("not a file", "move it out of the way"));
    }
    if about.permissions().readonly() {
        return Err(refuse("read-only", "allow writing with `chmod u+w`"));
    }
    Ok(Some(about.permissions()))
}

/// Makes the edits, each whole: appended text first, so that no deal ever shows a change that history does not tell.
///
/// Temporary files stand in `scratch`, on the same disk as the folder.
pub(super) fn apply(root: &Path, scratch: &Path, edits: &[Edit<'_>]) -> Result<()> {
    let mut prepared = Vec::new();
    for edit in edits {
        let path = root.join(edit.name());
        let mode = writable(&path)?;
        if let Edit::Splice { original, patches, .. } = edit {
            prepared.push((
                prepare(scratch, original, patches, mode).map_err(|e| Error::io("write", &path, e))?,
                path,
            ));
        }
    }
    for edit in edits {
        if let Edit::Append { name, text } = edit {
            let path = root.join(name);
            append(&path, text).map_err(|error| Error::io("write", &path, error))?;
        }
    }
    for (file, path) in prepared {
        file.persist(&path).map_err(|error| Error::io("replace", &path, error.error))?;
    }
    sync_folder(root)
}

/// The new contents of a file, on disk under a temporary name.
fn prepare(
    scratch: &Path,
    original: &str,
    patches: &[(Range<usize>, String)],
    mode: Option<fs::Permissions>,
) -> std::io::Result<NamedTempFile> {
    let file = NamedTempFile::new_in(scratch)?;
    let mut out = BufWriter::with_capacity(1 << 20, file.as_file());
    let mut from = 0;
    for (span, text) in patches {
        out.write_all(&original.as_bytes()[from..span.start])?;
        out.write_all(text.as_bytes())?;
        from = span.end;
    }
    out.write_all(&original.as_bytes()[from..])?;
    out.flush()?;
    drop(out);
    let mode = match mode {
        Some(mode) => mode,
        None => default_mode(scratch)?,
    };
    file.as_file().set_permissions(mode)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The mode that a new file gets here, which temporary files do not have.
fn default_mode(scratch: &Path) -> std::io::Result<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    let folder = fs::metadata(scratch)?.permissions().mode();
    Ok(fs::Permissions::from_mode(folder & 0o666))
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> Result<()> {
    let sync = || File::open(folder)?.sync_all();
    sync().map_err(|error| Error::io("sync", folder, error))
}
