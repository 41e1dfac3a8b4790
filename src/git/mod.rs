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

/// Whether git carries a file of a folder, by any case of its name and its folder's: whoever sends a repository could
/// have put it there. `None` where there is a repository and git cannot tell.
pub fn carries(folder: &Path, name: &str) -> Option<bool> {
    let repository = |folder: &Path| folder.join(".git").symlink_metadata().is_ok();
    if !folder.ancestors().any(repository) {
        return Some(false);
    }
    // Asked from the folder itself, so that a submodule answers for its own files.
    let answer = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(arguments);
        // Of a git that runs us: they speak of its repository, and change what a path means.
        for variable in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_LITERAL_PATHSPECS"]
        {
            command.env_remove(variable);
        }
        let output = command.output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()
    };
    let prefix = answer(&["rev-parse", "--show-prefix"])?;
    let path = format!(":(top,icase,literal){}{name}", prefix.trim_end_matches('\n'));
    Some(!answer(&["ls-files", "-z", "--", &path])?.is_empty())
}

fn failed(folder: &Path, output: &Output) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    Error::failed(format!("git failed in {}: {}", folder.display(), said.trim()))
}
