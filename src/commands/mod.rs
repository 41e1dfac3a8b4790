//! The commands: one file each, with its arguments and its `run`. The only room that knows the environment.

mod add;
mod agenda;
mod as_of;
mod board;
mod check;
mod columns;
mod completions;
mod context;
mod convert;
mod dating;
mod delete;
mod disqualify;
mod duplicates;
mod edit;
mod events;
mod export;
mod git;
mod help;
mod import;
mod init;
mod list;
mod log;
mod lose;
mod man;
mod merge;
mod moves;
mod options;
mod pager;
mod reconcile;
mod renumber;
mod reopen;
mod report;
mod review;
mod schema;
mod set;
mod show;
mod stages;
mod terms;
mod undo;
mod win;
mod working;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Result};
use context::Context;
use options::Global;

/// A sales pipeline over plain files
///
/// A folder holds the process (pipeline.yaml), the deals (deals.csv) and what happened to them (history.csv).
/// Version it with git; change it with commands, in an editor or in a spreadsheet.
#[derive(Debug, Parser)]
#[command(
    name = "pipeline",
    version,
    max_term_width = 100,
    subcommand_required = true,
    propagate_version = false,
    // Ours knows topics too.
    disable_help_subcommand = true,
    after_help = "Examples:
  pipeline init acme --sample              a folder with made-up deals
  pipeline add \"Warehouse sensors\" --value 12000
  pipeline move deal-1 negotiation
  pipeline report                          where do we stand?
  pipeline list stage=proposal value=10k..
  pipeline help terms                      how deals are picked

Exit codes: 0 done, 1 failed, 2 usage, 3 refused by the process, 4 not found,
5 busy."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Every command, in the order that help lists them.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Add(add::Add),
    Move(moves::Move),
    Win(win::Win),
    Lose(lose::Lose),
    Disqualify(disqualify::Disqualify),
    Reopen(reopen::Reopen),
    Set(set::Set),
    Edit(edit::Edit),
    Log(log::Log),
    List(list::List),
    Show(show::Show),
    Board(board::Board),
    Agenda(agenda::Agenda),
    Stages(stages::Stages),
    Report(report::Report),
    Review(review::Review),
    Check(check::Check),
    Reconcile(reconcile::Reconcile),
    Import(import::Import),
    Export(export::Export),
    Undo(undo::Undo),
    Delete(delete::Delete),
    Duplicates(duplicates::Duplicates),
    Merge(merge::Merge),
    Renumber(renumber::Renumber),
    Git(git::Git),
    Convert(convert::Convert),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
    Help(help::Help),
}

impl Command {
    fn run(self, context: &Context) -> Result<()> {
        match self {
            Command::Init(command) => command.run(context),
            Command::Add(command) => command.run(context),
            Command::Move(command) => command.run(context),
            Command::Win(command) => command.run(context),
            Command::Lose(command) => command.run(context),
            Command::Disqualify(command) => command.run(context),
            Command::Reopen(command) => command.run(context),
            Command::Set(command) => command.run(context),
            Command::Edit(command) => command.run(context),
            Command::Log(command) => command.run(context),
            Command::List(command) => command.run(context),
            Command::Show(command) => command.run(context),
            Command::Board(command) => command.run(context),
            Command::Agenda(command) => command.run(context),
            Command::Stages(command) => command.run(context),
            Command::Report(command) => command.run(context),
            Command::Review(command) => command.run(context),
            Command::Check(command) => command.run(context),
            Command::Reconcile(command) => command.run(context),
            Command::Import(command) => command.run(context),
            Command::Export(command) => command.run(context),
            Command::Undo(command) => command.run(context),
            Command::Delete(command) => command.run(context),
            Command::Duplicates(command) => command.run(context),
            Command::Merge(command) => command.run(context),
            Command::Renumber(command) => command.run(context),
            Command::Git(command) => command.run(context),
            Command::Convert(command) => command.run(context),
            Command::Schema(command) => command.run(context),
            Command::Completions(command) => command.run(context),
            Command::Man(command) => command.run(context),
            Command::Help(command) => command.run(context),
        }
    }
}

/// Runs the program with these arguments and says how it went.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.collect();
    if completions::answered(&arguments) {
        return ExitCode::SUCCESS;
    }
    if arguments.len() < 2 {
        // clap would count a folder or a day that the environment names as something typed, and complain.
        let _ = write!(std::io::stderr(), "{}", Cli::command().render_help());
        return ExitCode::from(2);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let context = Context::new(cli.global);
    let result = cli.command.run(&context);
    context.after();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            context.complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Help and version go to stdout; a mistake goes to stderr and is exit code 2.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody reads the message when its stream is closed, and there is nobody left to tell.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// The whole command line as clap knows it, for help, man pages and completions.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// Writes text to stdout.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let write = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    write.map_err(|error| Error::io("write to", std::path::Path::new("standard output"), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command, and the commands of a command.
    fn commands() -> Vec<clap::Command> {
        let mut commands: Vec<clap::Command> = command_line().get_subcommands().cloned().collect();
        let inner: Vec<clap::Command> =
            commands.iter().flat_map(clap::Command::get_subcommands).cloned().collect();
        commands.extend(inner);
        commands
    }

    #[test]
    fn the_table_of_commands_is_sound() {
        command_line().debug_assert();
        for command in commands() {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} says nothing of itself");
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.contains("Examples:\n  pipeline "), "{name} has no example");
        }
    }

    #[test]
    fn the_pages_of_topics_fit_eighty_columns_and_help_names_them() {
        let named = command_line().find_subcommand("help").unwrap().clone().render_long_help().to_string();
        for topic in help::TOPICS {
            assert!(named.contains(topic.name), "{named}");
            assert!(command_line().find_subcommand(topic.name).is_none(), "{} is a command", topic.name);
            for line in crate::output::page::render(topic.page, &crate::output::Look::default()).lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{}: {line}", topic.name);
            }
        }
    }

    #[test]
    fn help_fits_eighty_columns_and_a_letter_means_one_thing() {
        let mut letters = std::collections::BTreeMap::new();
        for command in commands() {
            let help = command.clone().term_width(80).render_help().to_string();
            for line in help.lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{}: {line}", command.get_name());
            }
            for argument in command.get_arguments() {
                if let (Some(short), Some(long)) = (argument.get_short(), argument.get_long()) {
                    let first = letters.entry(short).or_insert_with(|| long.to_owned());
                    assert_eq!(first, long, "-{short}");
                }
            }
        }
    }
}
