//! How results look where they go: colours, width and letters, as the terminal and the environment have it.

use super::Context;
use crate::commands::options::When;
use crate::output::Look;
use crate::process::Process;

impl Context {
    /// The look of results on stdout.
    pub(super) fn look(&self, process: &Process, terminal: bool) -> Look {
        self.plain_look(terminal).of(process, self.lang(process))
    }

    /// The look of what is of no process.
    pub(in crate::commands) fn plain_look(&self, terminal: bool) -> Look {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let color = match self.global.color {
            When::Always => true,
            When::Never => false,
            When::Auto if set("NO_COLOR") => false,
            When::Auto if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            When::Auto => terminal && !is_dumb(),
        };
        let width =
            terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten();
        Look { width, color, terminal, unicode: !terminal || utf8_locale(), ..Look::default() }
    }
}

/// Whether the terminal says that it obeys nothing.
pub(super) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether the locale writes UTF-8, as POSIX decides it: the first of these that is set.
fn utf8_locale() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default()
        .to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}
