//! The files of an import: read from disk, and the mapping that says how.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::exchange::mapping::Mapping;
use crate::exchange::table::{Table, Written};
use crate::problem::Problem;

/// The bytes of a file; `-` is the standard input.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(if path == Path::new("-") { Path::new("/dev/stdin") } else { path })
        .map_err(|error| Error::io("read", path, error))
}

/// Files as tables.
///
/// Errors: what is wrong with any of them.
pub(super) fn tables(paths: &[PathBuf], written: impl Fn(&Path) -> Written) -> Result<Vec<Table>> {
    let (mut tables, mut problems): (Vec<Table>, Vec<Problem>) = (Vec::new(), Vec::new());
    for path in paths {
        match Table::read(&path.display().to_string(), written(path), &read(path)?) {
            Ok(table) => tables.push(table),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(tables) } else { Err(problems.into()) }
}

/// A mapping file; an empty mapping where none is named.
pub(super) fn mapping(path: Option<&PathBuf>) -> Result<Mapping> {
    let Some(path) = path else { return Ok(Mapping::default()) };
    let text = String::from_utf8(read(path)?)
        .map_err(|_| Error::failed(format!("{} is not UTF-8 text", path.display())))?;
    Ok(Mapping::from_yaml(&path.display().to_string(), &text)?)
}

/// Writes a mapping to a new file.
pub(super) fn write_mapping(path: &Path, mapping: &Mapping) -> Result<()> {
    let text = serde_yaml::to_string(mapping).map_err(|error| Error::failed(error.to_string()))?;
    let head = "# What columns and words of the files are here. Change it and give it back with --mapping.\n";
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(format!("{head}{text}").as_bytes())) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Error::usage(format!("there is a {} already", path.display()))
                .hint("somebody may have changed it: name another file"))
        }
        done => done.map_err(|error| Error::io("write", path, error)),
    }
}

/// Pairs as flags give them, `left=right`.
pub(super) fn pairs(texts: &[String], example: &str) -> Result<BTreeMap<String, String>> {
    let pair = |text: &String| match text.split_once('=') {
        Some((left, right)) if !left.trim().is_empty() && !right.trim().is_empty() => {
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        }
        _ => Err(Error::usage(format!("`{text}` is no pair")).hint(format!("write it as {example}"))),
    };
    let mut all = BTreeMap::new();
    for text in texts {
        let (left, right) = pair(text)?;
        if let Some(other) = all.insert(left.clone(), right.clone()).filter(|other| *other != right) {
            return Err(Error::usage(format!("`{left}` is mapped twice: to `{other}` and to `{right}`")));
        }
    }
    Ok(all)
}
