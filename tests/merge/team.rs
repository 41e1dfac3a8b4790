//! A pipeline in a git repository, with a working tree for each of two people.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::many;

/// The name of git's configuration of one clone that the tests look at.
pub(crate) const DRIVER: &str = "merge.pipeline.driver";

/// Whether git merges deals with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// As after `pipeline git setup`.
    Set,
    /// As on a hosting site.
    Missing,
}

/// A repository with the branches `main`, `ana` and `ben`, each with a working tree.
pub(crate) struct Team {
    scratch: tempfile::TempDir,
}

impl Team {
    /// A new pipeline, not yet committed; `ids` as in pipeline.yaml.
    pub(crate) fn new(ids: &str, driver: Driver) -> Team {
        let team = Team { scratch: many::folder() };
        let main = team.tree("main");
        fs::create_dir(&main).unwrap();
        team.git("main", &["init", "-q", "-b", "main"]);
        pipeline(&main, 1, &["init", ".", "-q"]);
        let process = main.join("pipeline.yaml");
        let text = fs::read_to_string(&process).unwrap();
        assert!(text.contains("ids: sequential"));
        let text = text.replace("ids: sequential", &format!("ids: {ids}"));
        let zone = text.lines().find(|line| line.starts_with("timezone:")).unwrap();
        fs::write(&process, text.replace(zone, "timezone: UTC")).unwrap();
        if driver == Driver::Set {
            let output = pipeline(&main, 1, &["git", "setup", "-q"]);
            assert!(output.status.success(), "{output:?}");
        }
        team
    }

    /// The folder of a branch's working tree.
    pub(crate) fn tree(&self, branch: &str) -> PathBuf {
        self.scratch.path().join(branch)
    }

    /// Commits what is there in `main`, and makes the branches.
    pub(crate) fn branch_out(&self) {
        self.commit("main", "base");
        for branch in ["ana", "ben"] {
            let tree = self.tree(branch);
            self.git("main", &["worktree", "add", "-q", "-b", branch, tree.to_str().unwrap()]);
        }
    }

    /// A further working tree at what a branch or tag names.
    pub(crate) fn another(&self, name: &str, at: &str) {
        let tree = self.tree(name);
        self.git("main", &["worktree", "add", "-q", "-b", name, tree.to_str().unwrap(), at]);
    }

    /// Runs a command of the tool in a working tree, and expects that it does its work.
    pub(crate) fn does(&self, branch: &str, day: u32, arguments: &[&str]) -> String {
        let output = pipeline(&self.tree(branch), day, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits all that changed in a working tree.
    pub(crate) fn commit(&self, branch: &str, message: &str) {
        self.git(branch, &["add", "-A"]);
        self.git(branch, &["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Runs git in a working tree, and expects that it does its work.
    pub(crate) fn git(&self, branch: &str, arguments: &[&str]) -> String {
        let output = git(&self.tree(branch), arguments);
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs git where it may well fail.
    pub(crate) fn try_git(&self, branch: &str, arguments: &[&str]) -> Output {
        git(&self.tree(branch), arguments)
    }

    /// A file of a working tree.
    pub(crate) fn file(&self, branch: &str, name: &str) -> String {
        fs::read_to_string(self.tree(branch).join(name)).unwrap()
    }

    /// A file as a revision has it.
    pub(crate) fn file_at(&self, revision: &str, name: &str) -> String {
        self.git("main", &["show", &format!("{revision}:{name}")])
    }
}

/// The program, on a fixed day of March 2026.
pub(crate) fn pipeline(folder: &Path, day: u32, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    command.current_dir(folder).args(arguments);
    command.env("PIPELINE_TODAY", format!("2026-03-{day:02}"));
    command.env("PIPELINE_USER", folder.file_name().unwrap()).env_remove("PIPELINE_DIR");
    clear(&mut command);
    command.output().unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
    }
    command.env("GIT_EDITOR", "true").env("LC_ALL", "C");
    clear(&mut command);
    command.output().unwrap()
}

/// Keeps the configuration of this machine's user out of it.
fn clear(command: &mut Command) {
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
}
