//! `pipeline completions`: the scripts that shells complete our words with, and the answers to what those scripts ask.
//!
//! A script calls the program with [`VARIABLE`] set to the shell's name and the words typed so far behind `--`. The answer
//! is a candidate a line. Who presses a key in the middle of a command wants no errors: where nothing can be said, nothing
//! is, and nothing is ever written.

mod line;
mod offer;

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use clap_complete::engine::complete;
use unicode_width::UnicodeWidthStr;

use super::context::Context;
use super::{command_line, print};
use crate::error::Result;
use crate::output::escape::{Breaks, escape};
use line::Line;

/// What the scripts set to the name of their shell.
const VARIABLE: &str = "PIPELINE_COMPLETE";
/// What the script of bash sets to the kind of completion that was asked for.
const KIND_VARIABLE: &str = "PIPELINE_COMPLETE_AS";
/// What bash calls a completion that is only shown: after a second TAB, and where the word cannot grow.
const SHOWN: [&str; 2] = ["63", "33"];

/// Print the script that completes words in a shell
///
/// Deals, stages, owners, fields and their values, periods, views and options are completed from the folder as it is,
/// with names beside ids where the shell can show them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline completions bash > ~/.local/share/bash-completion/completions/pipeline
  pipeline completions fish > ~/.config/fish/completions/pipeline.fish
  eval \"$(pipeline completions zsh)\"        in ~/.zshrc, after compinit")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

/// A shell that words are completed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("completions/pipeline.bash"),
            Shell::Zsh => include_str!("completions/pipeline.zsh"),
            Shell::Fish => include_str!("completions/pipeline.fish"),
        }
    }
}

impl Completions {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        context.write(None, self.shell.script())
    }
}

/// A word that may stand where the cursor is, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    word: String,
    help: String,
}

/// Answers the script of a shell, where one asks: whether one did.
pub(super) fn answered(arguments: &[OsString]) -> bool {
    let Some(shell) = std::env::var_os(VARIABLE).filter(|shell| !shell.is_empty()) else { return false };
    let typed = arguments.iter().skip_while(|argument| *argument != "--").skip(1);
    let typed: Vec<String> = typed.map(|word| word.to_string_lossy().into_owned()).collect();
    let shell = shell.to_str().and_then(|name| Shell::from_str(name, true).ok());
    let text = match (shell, &typed[..]) {
        (Some(Shell::Bash), [line, word]) => for_bash(&Line::read(line), word),
        (Some(Shell::Zsh), [_, ..]) => for_zsh(&typed),
        (Some(Shell::Fish), [_, ..]) => for_fish(&typed),
        _ => String::new(),
    };
    // Nobody is told: the shell would print it into the line that is being typed.
    let _ = print(&text);
    true
}

/// The words that may stand for the last one of these; options only where one is begun, or nothing else may.
fn candidates(typed: &[String]) -> Vec<Candidate> {
    let words: Vec<OsString> = typed.iter().map(OsString::from).collect();
    let Some(last) = typed.len().checked_sub(1) else { return Vec::new() };
    let mut command = offer::completed(command_line(), typed);
    let found = complete(&mut command, words, last, std::env::current_dir().ok().as_deref());
    let mut found: Vec<Candidate> = found
        .unwrap_or_default()
        .iter()
        .map(|candidate| {
            let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            Candidate {
                word: candidate.get_value().to_string_lossy().into_owned(),
                help: escape(help.lines().next().unwrap_or_default(), Breaks::Ascii).into_owned(),
            }
        })
        // A word with a control character in it cannot be typed.
        .filter(|candidate| !candidate.word.contains(char::is_control))
        .collect();
    let option = |candidate: &Candidate| candidate.word.starts_with('-');
    if !typed[last].starts_with('-') && !found.iter().all(option) {
        found.retain(|candidate| !option(candidate));
    }
    found
}

/// What bash replaces its last word by: from where it thinks that the word begins, and quoted as it was begun. What words
/// are, it can only show beside them, where it inserts none of them.
fn for_bash(line: &Line, word: &str) -> String {
    let mut found = candidates(&line.words);
    let typed = line.words.last().map(String::as_str).unwrap_or_default();
    // bash takes a `=` or a `:` for the end of a word, unless it is in quotes.
    let its_own = if typed.ends_with(word) { Some(word.to_owned()) } else { Line::read(word).words.pop() };
    let before = typed.strip_suffix(its_own.as_deref().unwrap_or_default()).unwrap_or_default();
    found.retain(|candidate| candidate.word.starts_with(before));
    let shown =
        found.len() > 1 && std::env::var(KIND_VARIABLE).is_ok_and(|kind| SHOWN.contains(&kind.as_str()));
    let typed_as = |candidate: &Candidate| {
        let word = candidate.word.strip_prefix(before)?;
        Some(if line.quoted { word.to_owned() } else { line::escaped(word) })
    };
    let words: Vec<String> = found.iter().filter_map(typed_as).collect();
    let widest = words.iter().map(|word| word.width()).max().unwrap_or_default();
    let mut text = String::new();
    for (word, candidate) in words.iter().zip(&found) {
        text.push_str(word);
        if shown && !candidate.help.is_empty() {
            let gap = widest - word.width();
            let _ = write!(text, "{:gap$}  ({})", "", candidate.help);
        }
        text.push('\n');
    }
    text
}

/// `word:help`, a colon in the word behind a backslash.
fn for_zsh(typed: &[String]) -> String {
    let mut text = String::new();
    for Candidate { word, help } in candidates(typed) {
        let word = word.replace('\\', r"\\").replace(':', r"\:");
        let _ = if help.is_empty() {
            writeln!(text, "{word}")
        } else {
            writeln!(text, "{word}:{}", help.replace('\\', r"\\"))
        };
    }
    text
}

/// The word and its help, with a tab between.
fn for_fish(typed: &[String]) -> String {
    let mut text = String::new();
    for Candidate { word, help } in candidates(typed) {
        let _ = writeln!(text, "{word}\t{help}");
    }
    text
}
