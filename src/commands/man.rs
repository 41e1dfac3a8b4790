//! `pipeline man`: the manual, a page a command, made from the same definitions as the help.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man as Page;

use super::command_line;
use super::context::Context;
use crate::error::{Error, Result};
use crate::problem::nearest;

/// What stands before the examples in the text behind a command's options.
const EXAMPLES: &str = "Examples:";

/// The parts of the first page that no definition says.
const BESIDES: &str = r#".SH "EXIT STATUS"
.TP
0
Done; also when nobody reads the output any more.
.TP
1
Failed: the files are unsound, or could not be read or written; there is nothing to undo; \fBreview \-\-fail\fR found
something.
.TP
2
Usage: the command line or a term makes no sense.
.TP
3
Refused by the process's rules, or by a hook.
.TP
4
No such deal, stage or folder.
.TP
5
Busy: another command held the folder for longer than \fB\-\-wait\fR.
.SH ENVIRONMENT
.TP
\fBPIPELINE_DIR\fR
The folder, where no \fB\-C\fR names one.
.TP
\fBPIPELINE_TODAY\fR
The day to take for today, as \fB\-\-today\fR.
.TP
\fBPIPELINE_USER\fR
Who makes a change, as \fB\-\-user\fR.
.TP
\fBEDITOR\fR, \fBVISUAL\fR
What \fBedit\fR opens a deal in.
.TP
\fBPAGER\fR
What long results are looked at with, on a terminal; \fBless\fR where it is not set.
.TP
\fBNO_COLOR\fR
No colour, if it is not empty.
.SH FILES
.TP
\fIpipeline.yaml\fR
The process: stages, what they ask for, fields, money. It marks a folder as a pipeline.
.TP
\fIdeals.csv\fR
A row per deal, its state today.
.TP
\fIhistory.csv\fR
A row per event; lines are only ever added.
.TP
\fI.pipeline/\fR
The lock, the journal, what \fBundo\fR remembers, hooks; git ignores it.
"#;

/// Print the manual page of a command, or write all pages
///
/// Without a command, the page of pipeline itself. `man -l -` shows what is printed; with --dir, each page becomes a
/// file, as packagers need them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline man move | man -l -
  pipeline man git setup | man -l -
  pipeline man --dir ~/.local/share/man/man1")]
pub(super) struct Man {
    /// The command
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    words: Vec<String>,
    /// Write all pages into this folder, which is made where it is missing
    #[arg(long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let mut top = command_line();
        top.build();
        if let Some(dir) = &self.dir {
            fs::create_dir_all(dir).map_err(|error| Error::io("make the folder", dir, error))?;
            return write_all(&top, "pipeline", dir);
        }
        let mut command = &top;
        for word in &self.words {
            command = command.find_subcommand(word).ok_or_else(|| {
                let near = nearest(word, command.get_subcommands().map(Command::get_name));
                let error = Error::usage(format!("there is no command `{word}`"));
                error.suggest(near, "`pipeline help` lists the commands")
            })?;
        }
        let title = std::iter::once("pipeline").chain(self.words.iter().map(String::as_str));
        context.write(None, &page(command, &title.collect::<Vec<_>>().join("-"))?)
    }
}

/// Writes the page of a command and of each of its commands.
fn write_all(command: &Command, title: &str, dir: &Path) -> Result<()> {
    let path = dir.join(format!("{title}.1"));
    fs::write(&path, page(command, title)?).map_err(|error| Error::io("write", &path, error))?;
    for inner in command.get_subcommands() {
        write_all(inner, &format!("{title}-{}", inner.get_name()), dir)?;
    }
    Ok(())
}

/// The page of a command as troff.
fn page(command: &Command, title: &str) -> Result<String> {
    let top = title == "pipeline";
    let one = Page::new(told_once(command, top));
    let mut text = Vec::new();
    let out = &mut text;
    let written = one
        .render_name_section(out)
        .and_then(|()| out.write_all(synopsis(command).as_bytes()))
        .and_then(|()| one.render_description_section(out))
        .and_then(|()| one.render_options_section(out))
        .and_then(|()| if command.has_subcommands() { one.render_subcommands_section(out) } else { Ok(()) });
    written.map_err(|error| Error::io("write", Path::new("the page"), error))?;
    let body = String::from_utf8_lossy(&text);
    let version = env!("CARGO_PKG_VERSION");
    let heading =
        format!(".TH {} 1 \"\" \"pipeline {version}\" \"Pipeline manual\"\n", literal(&title.to_uppercase()));
    let besides = if top { BESIDES } else { "" };
    Ok(heading + &body + &examples(command) + besides + &see_also(command, title))
}

/// The command without what its page says elsewhere: the first line, and options of every command, which only the first
/// page lists.
fn told_once(command: &Command, top: bool) -> Command {
    let about = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    let mut once = command.clone().mut_args(|option| {
        let elsewhere = option.is_global_set() && !top;
        option.hide(elsewhere)
    });
    if let Some((_, rest)) = about.split_once("\n\n") {
        once = once.long_about(rest.to_owned());
    }
    once
}

/// How the command is called.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let lines = usage.lines().map(|line| format!("{}\n", literal(line.trim_start())));
    format!(".SH SYNOPSIS\n.nf\n{}.fi\n", lines.collect::<String>())
}

/// The examples of the help, as they stand.
fn examples(command: &Command) -> String {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some((_, examples)) = after.split_once(EXAMPLES) else { return String::new() };
    // What follows a blank line is no example, and the page says it elsewhere.
    let lines = examples.trim_start_matches('\n').lines().take_while(|line| !line.is_empty());
    let lines = lines.map(|line| format!("{}\n", literal(line.strip_prefix("  ").unwrap_or(line))));
    format!(".SH EXAMPLES\n.nf\n{}.fi\n", lines.collect::<String>())
}

fn see_also(command: &Command, title: &str) -> String {
    let mut pages: Vec<String> = Vec::new();
    if let Some((above, _)) = title.rsplit_once('-') {
        pages.push(above.to_owned());
        if above != "pipeline" {
            pages.push("pipeline".to_owned());
        }
    } else {
        pages.extend(command.get_subcommands().map(|inner| format!("{title}-{}", inner.get_name())));
    }
    let pages: Vec<String> = pages.iter().map(|page| format!("\\fB{}\\fR(1)", literal(page))).collect();
    let told = if title == "pipeline" {
        "\\fBpipeline help terms\\fR and other topics: \\fBpipeline help help\\fR.\n.P\n"
    } else {
        "Options of every command, exit status, environment and files: \\fBpipeline\\fR(1).\n.P\n"
    };
    format!(".SH \"SEE ALSO\"\n{told}.ad l\n.nh\n{}\n", pages.join(", "))
}

/// A line that troff prints as it is.
fn literal(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
