//! What we ask of git: files as they were at a revision, and who the user is; and what git asks of us: a
//! merge that knows deals. Everything goes through the `git` program.

pub mod merge;
pub mod setup;

mod tree;

use std::path::Path;
use std::process::{Command, Output};

use crate::error::{Error, Result};

pub use tree::files_in;

/// Runs git in a folder and waits for it.
fn git(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    command.output().map_err(|source| Error::io("run git in", folder, source))
}

/// The id of the commit that a revision names.
pub fn commit_of(folder: &Path, revision: &str) -> Result<String> {
    let name = format!("{revision}^{{commit}}");
    let output = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
    if !output.status.success() {
        if !git(folder, &["rev-parse", "--git-dir"])?.status.success() {
            let message = format!("{} is in no git repository, so it has no revisions", folder.display());
            return Err(Error::not_found(message).hint("`git init` makes one of it"));
        }
        return Err(Error::not_found(format!("git knows no revision `{revision}` in {}", folder.display()))
            .hint("name a commit, branch or tag; `git log` lists them"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A file of a folder as it was in a commit; `None` where the commit has no such file.
pub fn file_at(folder: &Path, commit: &str, name: &str) -> Result<Option<Vec<u8>>> {
    let listed = git(folder, &["ls-tree", "--name-only", commit, "--", name])?;
    if !listed.status.success() {
        return Err(failed(folder, &listed));
    }
    if listed.stdout.is_empty() {
        return Ok(None);
    }
    let shown = git(folder, &["cat-file", "blob", &format!("{commit}:./{name}")])?;
    if !shown.status.success() {
        return Err(failed(folder, &shown));
    }
    Ok(Some(shown.stdout))
}

/// A value of git's configuration, such as `user.name`; `None` where it has none or there is no git.
pub fn config(folder: &Path, key: &str) -> Option<String> {
    let output = git(folder, &["config", "--get", key]).ok().filter(|output| output.status.success())?;
    let value = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!value.is_empty()).then_some(value)
}

fn failed(folder: &Path, output: &Output) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    Error::failed(format!("git failed in {}: {}", folder.display(), said.trim()))
}
