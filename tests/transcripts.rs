//! What a user sees: the pages in `tests/transcripts`, run command by command and held against what is written there.
//!
//! `tests/transcripts/README.md` says how to read and write them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

/// A new file with more lines than this is named, but not shown.
const LONGEST_SHOWN: usize = 12;

macro_rules! pages {
    ($($page:ident)*) => {
        /// The names of all pages.
        const PAGES: &[&str] = &[$(stringify!($page)),*];

        $(#[test]
        fn $page() {
            let path = folder().join(concat!(stringify!($page), ".md"));
            let page = fs::read_to_string(&path).unwrap();
            held(&path, &page, &played(&page));
        })*
    };
}

pages! {
    init add moves gates win_lose_reopen set log list formats show_stages board agenda review check unsound_reports report forecast import export
    where_the_folder_is several command_line revisions undo reconcile disagreements delete_merge_duplicates renumber branches
    import_salesforce import_hubspot import_pipedrive import_files
    pasting stores changes_slippage_losses_activity languages restructuring hooks topics edit fields terms compare stages_and_bottlenecks
}

#[test]
fn help() {
    let path = folder().join("help.txt");
    let mut all = String::new();
    for words in command_words(&pipeline::commands::command_line(), &[]) {
        let sandbox = Sandbox::new("empty");
        let command = format!("pipeline {}--help", words.iter().fold(String::new(), |all, w| all + w + " "));
        let (stdout, stderr, code) = sandbox.run(&command);
        assert_eq!((stderr.as_str(), code), ("", 0), "{command}");
        let _ = write!(all, "$ {command}\n{stdout}\n");
    }
    held(&path, &fs::read_to_string(&path).unwrap_or_default(), &all);
}

#[test]
fn every_page_is_run_and_every_command_has_its_page() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    files.sort();
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    pages.sort();
    assert_eq!(files, pages);
    let read = |page: &String| fs::read_to_string(folder().join(format!("{page}.md"))).unwrap();
    let all: String = pages.iter().map(read).collect();
    for command in pipeline::commands::command_line().get_subcommands() {
        let name = command.get_name();
        assert!(all.contains(&format!("$ pipeline {name}")), "no page shows `pipeline {name}`");
    }
}

/// The words of a command and of all its subcommands.
fn command_words(command: &clap::Command, before: &[String]) -> Vec<Vec<String>> {
    let mut all = vec![before.to_vec()];
    for sub in command.get_subcommands() {
        all.extend(command_words(sub, &[before, &[sub.get_name().to_owned()]].concat()));
    }
    all
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// Compares a page with what happened; writes it instead where that was asked for.
fn held(path: &Path, written: &str, happened: &str) {
    if written == happened {
        return;
    }
    if env::var_os("TRANSCRIPTS").is_some_and(|value| value == "write") {
        fs::write(path, happened).unwrap();
        return;
    }
    let name = path.file_name().unwrap_or_default().display();
    panic!(
        "{name} says otherwise (- written, + happened):\n{}\nIf it is right as it is now: TRANSCRIPTS=write cargo \
         test --test transcripts",
        difference(written, happened)
    );
}

/// The page as it would be written from what happens when its commands are run.
fn played(page: &str) -> String {
    let mut lines = page.lines().peekable();
    let mut out = String::new();
    let mut sandbox = Sandbox::new("empty");
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if let Some(name) = line.strip_prefix("```file ") {
            let text =
                lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |all, l| all + l + "\n");
            let _ = writeln!(out, "{text}```");
            sandbox.write(name, &text);
        } else if let Some(start) = line.strip_prefix("```console") {
            if !start.is_empty() {
                sandbox = Sandbox::new(start.trim());
            }
            let mut gap = "";
            while let Some(line) = lines.next().filter(|line| *line != "```") {
                let Some(command) = line.strip_prefix("$ ") else { continue };
                let mut command = command.to_owned();
                let _ = writeln!(out, "{gap}{line}");
                while let Some(more) = lines.next_if(|line| line.starts_with('>')) {
                    let _ = write!(command, "\n{}", more.strip_prefix("> ").unwrap_or_default());
                    let _ = writeln!(out, "{more}");
                }
                out.push_str(&sandbox.happened(&command));
                gap = "\n";
            }
            out.push_str("```\n");
        }
    }
    out
}

/// A folder to run commands in, and how its files were after the last one.
struct Sandbox {
    _dir: TempDir,
    root: PathBuf,
    home: PathBuf,
    files: Files,
}

/// The files below a folder; a folder's name ends with a slash.
type Files = BTreeMap<String, Stored>;

/// What is known of a file: its bytes, and what tells that it was written anew with the same ones.
#[derive(PartialEq, Eq)]
struct Stored {
    bytes: Vec<u8>,
    written: (u64, i64, i64),
}

impl Sandbox {
    fn new(model: &str) -> Sandbox {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let (root, home) = (base.join("sales"), base.join("home"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&home).unwrap();
        if model != "empty" {
            let model = folder().join("folders").join(model);
            for entry in fs::read_dir(&model).unwrap_or_else(|_| panic!("no {}", model.display())) {
                let entry = entry.unwrap();
                fs::copy(entry.path(), root.join(entry.file_name())).unwrap();
            }
        }
        let files = stored(&root);
        Sandbox { _dir: dir, root, home, files }
    }

    fn write(&mut self, name: &str, text: &str) {
        fs::write(self.root.join(name), text).unwrap();
        self.files = stored(&self.root);
    }

    /// Runs a command as a user's shell would: its output, its errors, its exit code.
    fn run(&self, command: &str) -> (String, String, i32) {
        let program = Path::new(env!("CARGO_BIN_EXE_pipeline")).parent().unwrap();
        let path = format!("{}:{}", program.display(), env::var("PATH").unwrap_or_default());
        let day = "2026-07-15T10:00:00Z";
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(&self.root)
            .env_clear()
            .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8"), ("TZ", "Europe/Berlin"), ("COLUMNS", "80")])
            .envs([("PIPELINE_TODAY", "2026-07-15"), ("PIPELINE_USER", "ana")])
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_DATE", day), ("GIT_COMMITTER_DATE", day)])
            .env("HOME", &self.home)
            .env("EXAMPLES", Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let here = self.root.display().to_string();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").display().to_string();
        let text = |bytes: &[u8]| shown(bytes).replace(&here, "[HERE]").replace(&examples, "[EXAMPLES]");
        (text(&output.stdout), text(&output.stderr), output.status.code().unwrap_or(-1))
    }

    /// What a user sees of a command, and what it did to the folder.
    fn happened(&mut self, command: &str) -> String {
        let (stdout, stderr, code) = self.run(command);
        let mut out = stdout;
        for line in stderr.lines() {
            let _ = writeln!(out, "! {line}");
        }
        if code != 0 {
            let _ = writeln!(out, "? {code}");
        }
        let now = stored(&self.root);
        out.push_str(&changes(&self.files, &now));
        self.files = now;
        out
    }
}

/// All files below a folder, without git's, and without those that belong into the tool's own folder.
fn stored(root: &Path) -> Files {
    let mut files = Files::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let about = fs::symlink_metadata(&path).unwrap();
            // What the tool keeps for itself between commands; anything else there was left behind.
            let own =
                ["lock", ".gitignore", "undo", "end", "schema.json"].map(|own| format!(".pipeline/{own}"));
            if name == ".git" || own.iter().any(|own| name.ends_with(own.as_str())) {
                continue;
            }
            if about.is_dir() {
                files.insert(format!("{name}/"), Stored { bytes: Vec::new(), written: (0, 0, 0) });
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                files.insert(
                    name,
                    Stored { bytes, written: (about.ino(), about.mtime(), about.mtime_nsec()) },
                );
            }
        }
    }
    files
}

/// What differs between two states of a folder.
fn changes(before: &Files, after: &Files) -> String {
    let mut out = String::new();
    for (name, new) in after {
        let text = shown(&new.bytes);
        match before.get(name) {
            Some(old) if old == new => {}
            Some(old) if old.bytes == new.bytes => {
                let _ = writeln!(out, "~ {name} (the same bytes, written anew)");
            }
            Some(old) => {
                let _ = write!(out, "~ {name}\n{}", difference(&shown(&old.bytes), &text));
            }
            None if text.lines().count() > LONGEST_SHOWN => {
                let _ = writeln!(out, "+ {name} ({} lines)", text.lines().count());
            }
            None => {
                let _ = write!(out, "+ {name}\n{}", difference("", &text));
            }
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        let _ = writeln!(out, "- {name}");
    }
    out
}

/// Bytes as they can be read: what is no text or steers a terminal is written as an escape, and so is a line break
/// that is missing at the end.
fn shown(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push(c),
                '\u{feff}' => out.push_str("\\u{feff}"),
                _ if c.is_control() => out.extend(c.escape_default()),
                _ => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str("\\\n");
    }
    out
}

/// The lines that two texts do not share, as `- old` and `+ new`.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // The length of the longest common run of lines from each pair of places to the ends.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            let _ = writeln!(out, "- {}", old[i]);
            i += 1;
        } else {
            let _ = writeln!(out, "+ {}", new[j]);
            j += 1;
        }
    }
    out
}
