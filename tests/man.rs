//! The manual: a page for each command, which `man` sets without a complaint in 80 columns.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::fs;
use std::path::Path;
use std::process::Command;

use unicode_width::UnicodeWidthStr;

fn pipeline(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_pipeline")).env_remove("PIPELINE_DIR").args(arguments).output().unwrap()
}

/// The names of the pages: of each command, and of the commands of a command.
fn pages(command: &clap::Command, name: &str) -> Vec<String> {
    let inner = command.get_subcommands();
    let inner = inner.flat_map(|inner| pages(inner, &format!("{name}-{}", inner.get_name())));
    std::iter::once(format!("{name}.1")).chain(inner).collect()
}

#[test]
fn there_is_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("share/man1");
    let written = pipeline(&["man", "--dir", into.to_str().unwrap()]);
    assert!(written.status.success());
    let mut names: Vec<String> =
        fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut expected = pages(&pipeline::commands::command_line(), "pipeline");
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    for name in &names {
        let page = fs::read_to_string(into.join(name)).unwrap();
        for part in [".TH ", "\n.SH NAME\n", "\n.SH SYNOPSIS\n", "\n.SH EXAMPLES\n", "\n.SH \"SEE ALSO\"\n"] {
            assert!(page.contains(part) || page.starts_with(part), "{name} has no {part:?}");
        }
        set(&into.join(name));
    }
    assert_eq!(
        String::from_utf8(pipeline(&["man", "git", "setup"]).stdout).unwrap(),
        fs::read_to_string(into.join("pipeline-git-setup.1")).unwrap()
    );
}

/// Sets a page, where there is something that does.
fn set(page: &Path) {
    let mut groff = Command::new("groff");
    groff.args(["-man", "-Tutf8", "-Kutf8", "-P-c", "-ww", "-rLL=80n"]).arg(page);
    let Ok(output) = groff.output() else {
        eprintln!("left out: there is no groff here");
        return;
    };
    // Bold is a letter printed over itself.
    let mut text = String::new();
    for letter in String::from_utf8(output.stdout).unwrap().chars() {
        if letter == '\u{8}' {
            text.pop();
        } else {
            text.push(letter);
        }
    }
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.display());
    for line in text.lines().filter(|line| !line.contains("pipeline ")) {
        // Only an example may be longer: broken, it could not be pasted.
        assert!(line.width() <= 80, "{}: {line}", page.display());
    }
}

#[test]
fn a_page_that_there_is_not_is_said_to_be_none() {
    let output = pipeline(&["man", "mvoe"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("there is no command `mvoe`") && said.contains("did you mean `move`?"), "{said}");
    assert_eq!(pipeline(&["man", "move", "--dir", "x"]).status.code(), Some(2));
}
