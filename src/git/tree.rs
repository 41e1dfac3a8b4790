//! The files of a folder as they were in a commit, asked for all at once.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{failed, git};
use crate::error::{Error, Result};

/// The files that stand in `under`, a folder inside `folder`, in a commit: their paths from `folder`, and what they hold.
pub fn files_in(folder: &Path, commit: &str, under: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let listed = git(folder, &["ls-tree", "-z", commit, "--", &format!("{under}/")])?;
    if !listed.status.success() {
        return Err(failed(folder, &listed));
    }
    let listing = String::from_utf8_lossy(&listed.stdout);
    // Each is `mode type object TAB path`.
    let blobs: Vec<(&str, &str)> = listing
        .split('\0')
        .filter_map(|line| {
            let (about, path) = line.split_once('\t')?;
            let object = about.split(' ').nth(2).filter(|_| about.contains(" blob "))?;
            Some((object, path))
        })
        .collect();
    let objects: String = blobs.iter().flat_map(|(object, _)| [*object, "\n"]).collect();
    let contents = contents(folder, objects)?;
    if contents.len() != blobs.len() {
        return Err(Error::failed(format!("git did not give all files of {under} in {commit}")));
    }
    Ok(blobs.into_iter().map(|(_, path)| path.to_owned()).zip(contents).collect())
}

/// What each of these objects holds, one a line.
fn contents(folder: &Path, objects: String) -> Result<Vec<Vec<u8>>> {
    let cannot = |source| Error::io("run git in", folder, source);
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["cat-file", "--batch"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(cannot)?;
    // Git answers while it is asked: whoever only asks would wait for ever.
    let asking =
        child.stdin.take().map(|mut stdin| std::thread::spawn(move || stdin.write_all(objects.as_bytes())));
    let output = child.wait_with_output().map_err(cannot)?;
    if let Some(asking) = asking {
        // Where it could not be asked, answers are missing.
        let _ = asking.join();
    }
    if !output.status.success() {
        return Err(failed(folder, &output));
    }
    let mut rest = output.stdout.as_slice();
    let mut contents = Vec::new();
    while let Some((content, after)) = first(rest) {
        contents.push(content.to_vec());
        rest = after;
    }
    Ok(contents)
}

/// The first object of an answer, `object type size LF content LF`, and the rest.
fn first(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', answer)?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let size: usize = head.rsplit(' ').next()?.parse().ok()?;
    let content = answer.get(end + 1..end + 1 + size)?;
    Some((content, answer.get(end + 1 + size + 1..).unwrap_or_default()))
}
