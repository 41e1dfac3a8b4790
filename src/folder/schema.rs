//! The JSON Schema of pipeline.yaml in the tool's own folder, to which the first line of pipeline.yaml points editors.

use std::fs;
use std::path::Path;

use crate::process::schema_text;

/// Its name there.
const FILE: &str = "schema.json";

/// Puts the schema of this version there, unless it is there already. What cannot be written an editor does without.
pub(super) fn refresh(own: &Path) {
    let path = own.join(FILE);
    // Neither through a link nor from a pipe.
    let writable = fs::symlink_metadata(&path).map_or(true, |about| about.is_file());
    let is_there = || fs::read(&path).is_ok_and(|bytes| bytes == schema_text().as_bytes());
    if writable && !is_there() {
        let _ = fs::write(&path, schema_text());
    }
}
