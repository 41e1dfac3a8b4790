//! `docs/commands.md`, made from the definitions of the command line: it cannot say something else than the program.
//!
//! After a change: `UPDATE=1 cargo test --test commands`, then read the diff.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::{Arg, Command};

/// What stands at the head of the page.
const HEAD: &str = "\
# Commands

This page is made from the definitions that `pipeline help` and `man pipeline` come from, by `tests/commands.rs`.
[The README](../README.md#commands) shows them at work.

";

/// A line of a list for an option or an argument.
fn item(argument: &Arg) -> String {
    let names: Vec<&str> =
        argument.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    let takes = argument.get_action().takes_values();
    let value = if takes { format!(" {}", names.join(" ")) } else { String::new() };
    let long = argument.get_long().map(|long| format!("--{long}"));
    let short = argument.get_short().map(|short| format!("-{short}"));
    let called: Vec<String> = short.into_iter().chain(long).collect();
    let called = if called.is_empty() { names.join(" ") } else { format!("{}{value}", called.join(", ")) };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let parts = help.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let help = parts.collect::<Vec<_>>().join(". ").replace('[', "\\[");
    let mut line = format!("- `{called}`: {help}");
    let possible = argument.get_possible_values();
    let possible: Vec<&str> = possible
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(clap::builder::PossibleValue::get_name)
        .collect();
    if takes && !possible.is_empty() {
        let _ = write!(line, " ({})", possible.join(", "));
    }
    let usual: Vec<String> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if takes && !argument.is_hide_default_value_set() && !usual.is_empty() {
        let _ = write!(line, " \\[default: {}]", usual.join(" "));
    }
    line
}

/// The arguments of a command, without those of every command, and those that clap adds.
fn own(command: &Command) -> Vec<&Arg> {
    let shown = |argument: &&Arg| !argument.is_global_set() && !argument.is_hide_set();
    let added = |argument: &&Arg| matches!(argument.get_id().as_str(), "help" | "version");
    command.get_arguments().filter(shown).filter(|argument| !added(argument)).collect()
}

fn chapter(command: &Command, name: &str, page: &mut String) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let (first, rest) = about.split_once("\n\n").unwrap_or((&about, ""));
    let _ = writeln!(page, "## {name}\n\n{first}.");
    if !rest.is_empty() {
        let _ = writeln!(page, "\n{rest}");
    }
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(page, "\n```text\n{}\n```", usage.trim_start_matches("Usage: "));
    let items: Vec<String> = own(command).into_iter().map(item).collect();
    if !items.is_empty() {
        let _ = writeln!(page, "\n{}", items.join("\n"));
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some((_, examples)) = after.split_once("Examples:\n") {
        let lines = examples.lines().take_while(|line| !line.is_empty());
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        let _ = writeln!(page, "\n```sh\n{}\n```", lines.join("\n"));
    }
    page.push('\n');
    for inner in command.get_subcommands() {
        chapter(inner, &format!("{name} {}", inner.get_name()), page);
    }
}

#[test]
fn the_page_of_commands_is_what_the_program_knows() {
    let mut top = pipeline::commands::command_line();
    top.build();
    let mut page = HEAD.to_owned();
    let global: Vec<String> =
        top.get_arguments().filter(|argument| argument.is_global_set()).map(item).collect();
    let _ = writeln!(page, "## Options of every command\n\n{}\n", global.join("\n"));
    for command in top.get_subcommands() {
        chapter(command, &format!("pipeline {}", command.get_name()), &mut page);
    }
    let page = page.trim_end().to_owned() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    for (nth, (written, now)) in written.lines().zip(page.lines()).enumerate() {
        assert_eq!(written, now, "docs/commands.md:{}", nth + 1);
    }
    assert_eq!(written, page, "docs/commands.md: UPDATE=1 cargo test --test commands");
}
