//! `pipeline help`: the help of a command, or a page about what several commands share.

use std::io::IsTerminal;

use clap::Args;

use super::command_line;
use super::context::Context;
use crate::error::{Error, Result};
use crate::output::page;
use crate::problem::nearest;

/// A page that is no command's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Topic {
    /// What it is asked for by.
    pub(super) name: &'static str,
    /// The page, in the form of `docs/`.
    pub(super) page: &'static str,
}

/// Every topic. Each is a page of `docs/`, so that nothing is written twice; the help below names them.
pub(super) const TOPICS: [Topic; 7] = [
    Topic { name: "terms", page: include_str!("../../docs/terms.md") },
    Topic { name: "periods", page: include_str!("../../docs/topics/periods.md") },
    Topic { name: "formats", page: include_str!("../../docs/topics/formats.md") },
    Topic { name: "files", page: include_str!("../../docs/topics/files.md") },
    Topic { name: "exit-codes", page: include_str!("../../docs/topics/exit-codes.md") },
    Topic { name: "scripting", page: include_str!("../../docs/scripting.md") },
    Topic { name: "hooks", page: include_str!("../../docs/hooks.md") },
];

/// Show the help of a command, or a page about a topic
///
/// Topics: terms (how deals are picked), periods (how time is named), formats (how results are written), files (what
/// is in a folder), exit-codes, scripting (bash, cron, jq, make, GitHub), hooks (your own programs at each change).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline help move
  pipeline help git setup
  pipeline help terms")]
pub(super) struct Help {
    /// A command, or a topic: terms, periods, formats, files, exit-codes, scripting, hooks
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

impl Help {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        if let [word] = &self.words[..]
            && let Some(topic) = TOPICS.iter().find(|topic| topic.name == word)
        {
            let look = context.plain_look(std::io::stdout().is_terminal());
            return context.show_text(&page::render(topic.page, &look));
        }
        let mut command = command_line();
        command.build();
        let mut found = &mut command;
        for word in &self.words {
            let names = found.get_subcommands().map(clap::Command::get_name);
            let topics = TOPICS.iter().map(|topic| topic.name);
            let near = nearest(word, names.chain(topics)).map(str::to_owned);
            found = found.find_subcommand_mut(word).ok_or_else(|| {
                let error = Error::usage(format!("there is no command or topic `{word}`"));
                error.suggest(near.as_deref(), "`pipeline help` lists the commands and topics")
            })?;
        }
        let shown = found.print_long_help();
        shown.map_err(|error| Error::io("write to", std::path::Path::new("standard output"), error))
    }
}
