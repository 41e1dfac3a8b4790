//! Every file operation that a change makes, one function each, so that tests can stop or fail each of them in turn;
//! and the one way in which files are read.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Seek, SeekFrom, Write};

use std::path::Path;

use super::fault::{self, Operation};
use super::journal::Patch;
use crate::error::{Error, Result};

/// How much is written at a time.
const CHUNK: usize = 1 << 20;

/// What a file holds; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    // A pipe or a device would be read without an end.
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => {
            return Err(
                Error::failed(format!("{} is not a file", path.display())).hint("move it out of the way")
            );
        }
        Err(error) if missing(&error) && path.is_symlink() => {
            return Err(Error::failed(format!("{} is a link to nothing", path.display()))
                .hint("put the file itself into the folder"));
        }
        _ => {}
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if missing(&error) => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}

/// Writes a new file: `original` with spans in ascending order given way to new text. On disk once it returns.
pub(super) fn write_spliced(
    path: &Path,
    original: &[u8],
    patches: &[Patch<'_>],
    mode: Permissions,
) -> io::Result<()> {
    fault::before(Operation::Other)?;
    let file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut out = io::BufWriter::with_capacity(CHUNK, &file);
    let mut from = 0;
    for (span, text) in patches {
        write(&mut out, &original[from..span.start])?;
        write(&mut out, text.as_bytes())?;
        from = span.end;
    }
    write(&mut out, &original[from..])?;
    out.flush()?;
    drop(out);
    fault::before(Operation::Other)?;
    file.set_permissions(mode)?;
    sync(&file)
}

/// Writes a new file of a few bytes. On disk once it returns.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fault::before(Operation::Other)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    write(&mut file, bytes)?;
    sync(&file)
}

/// Writes a file of a few bytes over what it held, which may be lost in a crash. Error: a link stands there.
pub(super) fn write_over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fault::before(Operation::Other)?;
    if path.is_symlink() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    write(&mut File::create(path)?, bytes)
}

/// Writes bytes at an offset, which ends the file there. On disk once it returns.
pub(super) fn write_at(path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
    fault::before(Operation::Other)?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    file.set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    write(&mut file, bytes)?;
    sync(&file)
}

/// Cuts a file at an offset. On disk once it returns.
pub(super) fn cut(path: &Path, offset: u64) -> io::Result<()> {
    fault::before(Operation::Other)?;
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(offset)?;
    sync(&file)
}

/// Puts one file in the place of another.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fault::before(Operation::Other)?;
    fs::rename(from, to)
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fault::before(Operation::Other)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a folder.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    fault::before(Operation::Other)?;
    fs::create_dir(folder)
}

/// Removes a folder that is empty.
pub(super) fn remove_folder(folder: &Path) -> io::Result<()> {
    fault::before(Operation::Other)?;
    fs::remove_dir(folder)
}

/// Makes sure that the names in a folder are on disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fault::before(Operation::Other)?;
    File::open(folder)?.sync_all()
}

fn sync(file: &File) -> io::Result<()> {
    fault::before(Operation::Other)?;
    file.sync_all()
}

fn write(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    for chunk in bytes.chunks(CHUNK) {
        if let Err(error) = fault::before(Operation::Write) {
            // A disk that is full takes some of the bytes before it says so.
            out.write_all(&chunk[..chunk.len() / 2])?;
            out.flush()?;
            return Err(error);
        }
        out.write_all(chunk)?;
    }
    Ok(())
}
