//! The pages of this repository, held to what they say: every fenced `console` block is run, and what it shows is
//! compared with what the program prints.
//!
//! A section, from one `##` heading to the next, has a folder of its own with a copy of `examples/` in it, and one
//! shell that runs its blocks in order. A line that starts with `$ ` is a command; a `\` at its end goes on in the
//! next line. The lines under it are what it prints, on both streams; none means that anything will do, and a line
//! `...` stands for any lines. A command has to succeed unless `$ echo $?` follows it. It is 20 November 2026, in
//! UTC; instants are compared as instants of whatever time.
//!
//! After a change of what the program prints: `UPDATE=1 cargo test --test readme`, then read the diff.

#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The day that every command takes for today.
const TODAY: &str = "2026-11-20";

/// What stands before the number and the status of a command in the output of the shell.
const MARK: char = '\u{1e}';

/// A command of a page, and what the page says that it prints.
#[derive(Debug)]
struct Step {
    /// Its line in the page, from 0.
    line: usize,
    text: String,
    /// The lines of the page that show its output.
    shown: std::ops::Range<usize>,
}

/// What a command did.
#[derive(Debug)]
struct Outcome {
    printed: Vec<String>,
    status: i32,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages whose blocks are run.
fn pages() -> Result<Vec<PathBuf>> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "examples/README.md"].map(|name| root().join(name)).into();
    for folder in ["docs", "docs/reports", "docs/topics", "docs/migrating"] {
        for entry in fs::read_dir(root().join(folder))? {
            pages.push(entry?.path());
        }
    }
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    pages.sort();
    Ok(pages)
}

/// The commands of each section that has any.
fn sections(lines: &[&str]) -> Vec<Vec<Step>> {
    let mut sections = vec![Vec::new()];
    let (mut fenced, mut console) = (false, false);
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        if let Some(kind) = line.strip_prefix("```") {
            fenced = !fenced;
            console = fenced && kind == "console";
        } else if !fenced && line.starts_with("## ") {
            sections.push(Vec::new());
        } else if console && let Some(command) = line.strip_prefix("$ ") {
            let start = index;
            let mut text = command.to_owned();
            while text.ends_with('\\') {
                index += 1;
                let _ = write!(text, "\n{}", lines[index]);
            }
            let first = index + 1;
            let shows = |line: &&&str| !line.starts_with("$ ") && !line.starts_with("```");
            let mut end = first + lines[first..].iter().take_while(shows).count();
            while end > first && lines[end - 1].is_empty() {
                end -= 1;
            }
            let step = Step { line: start, text, shown: first..end };
            if let Some(section) = sections.last_mut() {
                section.push(step);
            }
            index = end - 1;
        }
        index += 1;
    }
    sections.retain(|steps| !steps.is_empty());
    sections
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != ".pipeline" {
                copy(&entry.path(), &target)?;
            }
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs commands in one shell in a folder of their own.
fn run(steps: &[Step]) -> Result<Vec<Outcome>> {
    let home = tempfile::tempdir()?;
    let work = home.path().join("work");
    copy(&root().join("examples"), &work.join("examples"))?;
    let config = "[user]\n name = ana\n email = ana@example.com\n[init]\n defaultBranch = main\n";
    fs::write(home.path().join(".gitconfig"), config)?;
    let mut script = format!(
        "exec 2>&1\nmark() {{ status=$?; printf '\\n{MARK}%d %d\\n' \"$1\" \"$status\"; return $status; }}\n"
    );
    for (number, step) in steps.iter().enumerate() {
        let _ = writeln!(script, "{}\nmark {number}", step.text);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_pipeline"));
    let mut path = vec![program.parent().context("the program is in a folder")?.to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(&work)
        .env_clear()
        .env("PATH", std::env::join_paths(path)?)
        .env("HOME", home.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("PIPELINE_TODAY", TODAY)
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut outcomes = Vec::new();
    let mut printed: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some(mark) = line.strip_prefix(MARK) else {
            printed.push(line.trim_end().to_owned());
            continue;
        };
        let (_, status) = mark.split_once(' ').context("a mark has a number and a status")?;
        while printed.last().is_some_and(String::is_empty) {
            printed.pop();
        }
        outcomes.push(Outcome { printed: std::mem::take(&mut printed), status: status.parse()? });
    }
    ensure!(outcomes.len() == steps.len(), "the shell gave up:\n{}", printed.join("\n"));
    Ok(outcomes)
}

/// A line without what differs from run to run: blanks at its end, and the times of instants.
fn plain(line: &str) -> String {
    let length = "2026-11-20T12:00:00.000Z".len();
    let form = |text: &str| {
        let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        form == "0000-00-00T00:00:00.000Z"
    };
    let mut rest = line.trim_end();
    let mut plain = String::new();
    while let Some(next) = rest.chars().next() {
        if rest.get(..length).is_some_and(form) {
            plain.push_str("<instant>");
            rest = &rest[length..];
        } else {
            plain.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    plain
}

/// Whether lines are those shown, where `...` stands for any.
fn agree(shown: &[String], printed: &[String]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [first, rest @ ..] if first == "..." => (0..=printed.len()).any(|from| agree(rest, &printed[from..])),
        [first, rest @ ..] => printed.first() == Some(first) && agree(rest, &printed[1..]),
    }
}

/// What is wrong with a page, and its text with what is printed now in place of what is not.
fn check(page: &Path) -> Result<(String, String)> {
    let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
    let lines: Vec<&str> = text.lines().collect();
    let mut wrong = String::new();
    let mut renewed: Vec<(std::ops::Range<usize>, Vec<String>)> = Vec::new();
    for steps in sections(&lines) {
        let place = |step: &Step| format!("{}:{}", page.display(), step.line + 1);
        let needs_jq = steps.iter().any(|step| step.text.contains("jq "));
        if needs_jq && Command::new("jq").arg("--version").output().is_err() {
            eprintln!("skipped, since there is no jq: the section around {}", place(&steps[0]));
            continue;
        }
        let outcomes = run(&steps).with_context(|| place(&steps[0]))?;
        for (number, (step, outcome)) in steps.iter().zip(outcomes).enumerate() {
            let asked = steps.get(number + 1).is_some_and(|next| next.text == "echo $?");
            if outcome.status != 0 && !asked {
                let printed = outcome.printed.join("\n");
                let _ = writeln!(
                    wrong,
                    "{}: $ {}\nfailed with {}:\n{printed}\n",
                    place(step),
                    step.text,
                    outcome.status
                );
            }
            if step.shown.is_empty() {
                continue;
            }
            let shown = lines[step.shown.clone()].iter().map(|line| plain(line)).collect::<Vec<_>>();
            let printed = outcome.printed.iter().map(|line| plain(line)).collect::<Vec<_>>();
            if !agree(&shown, &printed) {
                let (shown, printed) = (shown.join("\n"), printed.join("\n"));
                let _ = writeln!(
                    wrong,
                    "{}: $ {}\n--- shown\n{shown}\n--- printed\n{printed}\n",
                    place(step),
                    step.text
                );
                renewed.push((step.shown.clone(), outcome.printed));
            }
        }
    }
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    for (span, printed) in renewed.into_iter().rev() {
        lines.splice(span, printed);
    }
    Ok((wrong, lines.join("\n") + "\n"))
}

#[test]
fn the_pages_show_what_the_program_prints() -> Result<()> {
    let mut wrong = String::new();
    for page in pages()? {
        let (problems, renewed) = check(&page)?;
        if !problems.is_empty() && std::env::var_os("UPDATE").is_some() {
            fs::write(&page, renewed)?;
        }
        wrong += &problems;
    }
    assert!(wrong.is_empty(), "{wrong}\nIf what is printed is right: UPDATE=1 cargo test --test readme");
    Ok(())
}

#[test]
fn every_example_is_explained_and_every_folder_of_deals_is_sound() -> Result<()> {
    let page = fs::read_to_string(root().join("examples/README.md"))?;
    let mut sound = Vec::new();
    for entry in fs::read_dir(root().join("examples"))? {
        let folder = entry?.path();
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().and_then(|name| name.to_str()).context("a name")?.to_owned();
        ensure!(
            page.lines().any(|line| line == format!("## {name}")),
            "examples/README.md has no `## {name}`"
        );
        if folder.join("pipeline.yaml").is_file() {
            let mut check = Command::new(env!("CARGO_BIN_EXE_pipeline"));
            let checked = check.args(["check", "--strict", "-C"]).arg(&folder).output()?;
            ensure!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
            sound.push(name);
        }
    }
    sound.sort();
    assert_eq!(sound, ["acme", "bant", "meddic"]);
    Ok(())
}

#[test]
fn the_readme_shows_every_command() -> Result<()> {
    let text = fs::read_to_string(root().join("README.md"))?;
    let lines: Vec<&str> = text.lines().collect();
    let commands: Vec<String> =
        sections(&lines).into_iter().flatten().map(|step| format!("{} ", step.text)).collect();
    for command in pipeline::commands::command_line().get_subcommands() {
        let name = format!(" {} ", command.get_name());
        ensure!(commands.iter().any(|text| text.contains(&name)), "README.md shows no `pipeline{name}`");
    }
    Ok(())
}

#[test]
fn the_readme_gives_a_reason_for_every_dependency() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let mut known = Vec::new();
    let mut within = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = matches!(line, "[dependencies]" | "[dev-dependencies]");
        } else if within && let Some((name, _)) = line.split_once(" = ") {
            known.push(name);
        }
    }
    let rows = readme.lines().skip_while(|line| *line != "## Dependencies");
    let explained: Vec<&str> =
        rows.filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    for name in &known {
        ensure!(explained.contains(name), "README.md gives no reason for `{name}`");
    }
    for name in explained {
        ensure!(known.contains(&name), "README.md explains `{name}`, which Cargo.toml does not name");
    }
    Ok(())
}

#[test]
fn three_dots_stand_for_any_lines() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let printed = lines("a\nb\nc");
    for (shown, agrees) in [
        ("a\nb\nc", true),
        ("...", true),
        ("a\n...", true),
        ("...\nc", true),
        ("a\n...\nb", false),
        ("a", false),
    ] {
        assert_eq!(agree(&lines(shown), &printed), agrees, "{shown}");
    }
    assert_eq!(plain("at 2026-11-20T12:00:00.001Z, deal-1 \t"), "at <instant>, deal-1");
}

#[test]
fn every_report_has_a_page_that_the_readme_names() -> Result<()> {
    let readme = fs::read_to_string(root().join("README.md"))?;
    for report in pipeline::metrics::REPORTS {
        let page = format!("docs/reports/{}.md", report.name);
        assert!(readme.contains(&format!("[`{}`]({page})", report.name)), "{page} is not in the README");
        let text = fs::read_to_string(root().join(&page)).with_context(|| page.clone())?;
        for part in ["$ pipeline report", "## How to read it", "## What it does not say"] {
            assert!(text.contains(part), "{page} has no `{part}`");
        }
    }
    Ok(())
}
