//! Why a command failed, by who must act. The exit code and the hint are methods; the text is printed once, in `main`.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::problem::{Problem, meant};
use crate::query::Flaw;

/// The result of everything that can fail for a user's reason.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where the language is told whole that a newcomer just got wrong.
const HELP_ON_TERMS: &str = "`pipeline help terms` tells how deals are picked";

/// A failure that a user can act on.
#[derive(Debug)]
pub enum Error {
    /// The command line asks for something that has no meaning (exit 2).
    Usage {
        /// What is wrong with what was asked.
        message: String,
        /// What to type instead.
        hint: Option<String>,
    },
    /// Terms that were not understood (exit 2).
    Terms(Flaw),
    /// The process's rules, or a hook, refuse the change (exit 3). What the files or git do not allow has failed.
    Refused {
        /// What was refused, and why.
        message: String,
        /// Everything that is missing, each with how to supply it.
        missing: Vec<String>,
    },
    /// No such deal, stage or folder (exit 4).
    NotFound {
        /// What was not found.
        message: String,
        /// A near name, or how to see what there is.
        hint: Option<String>,
    },
    /// Another command holds the folder (exit 5).
    Busy {
        /// Who holds it and for how long we waited.
        message: String,
    },
    /// The files are unsound (exit 1).
    Unsound(Vec<Problem>),
    /// A file could not be read or written (exit 1).
    Io {
        /// What was being done, and to which file.
        doing: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else that went wrong (exit 1).
    Failed {
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl Error {
    /// A usage error.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::Usage { message: message.into(), hint: None }
    }

    /// A refusal by the process.
    pub fn refused(message: impl Into<String>) -> Error {
        Error::Refused { message: message.into(), missing: Vec::new() }
    }

    /// Something named does not exist.
    pub fn not_found(message: impl Into<String>) -> Error {
        Error::NotFound { message: message.into(), hint: None }
    }

    /// A failure of no particular kind.
    pub fn failed(message: impl Into<String>) -> Error {
        Error::Failed { message: message.into(), hint: None }
    }

    /// A failed file operation: `doing` reads as in "cannot {doing} {path}".
    pub fn io(doing: &str, path: &Path, source: io::Error) -> Error {
        Error::Io { doing: doing.to_owned(), path: path.to_owned(), source }
    }

    /// The same error with a hint, where its kind carries one.
    #[must_use]
    pub fn hint(mut self, text: impl Into<String>) -> Error {
        match &mut self {
            Error::Usage { hint, .. } | Error::NotFound { hint, .. } | Error::Failed { hint, .. } => {
                *hint = Some(text.into());
            }
            Error::Refused { missing, .. } => missing.push(text.into()),
            Error::Busy { .. } | Error::Terms(_) | Error::Unsound(_) | Error::Io { .. } => {}
        }
        self
    }

    /// The same error with a hint, where there is one.
    #[must_use]
    pub fn hint_if(self, text: Option<String>) -> Error {
        match text {
            Some(text) => self.hint(text),
            None => self,
        }
    }

    /// The same error with "did you mean", where something near was found, else with another hint.
    #[must_use]
    pub fn suggest(self, near: Option<&str>, otherwise: impl Into<String>) -> Error {
        self.hint(meant(near, otherwise))
    }

    /// What to do about it, a line each.
    pub fn hints(&self) -> Vec<&str> {
        match self {
            Error::Usage { hint, .. } | Error::NotFound { hint, .. } | Error::Failed { hint, .. } => {
                hint.as_deref().into_iter().collect()
            }
            Error::Refused { missing, .. } => missing.iter().map(String::as_str).collect(),
            Error::Busy { .. } => vec!["try again, or wait longer with --wait SECONDS"],
            Error::Terms(flaw) => flaw.help.as_deref().into_iter().chain([HELP_ON_TERMS]).collect(),
            Error::Io { source, .. } => io_hint(source).into_iter().collect(),
            Error::Unsound(_) => Vec::new(),
        }
    }

    /// The exit code that scripts can rely on.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Unsound(_) | Error::Io { .. } | Error::Failed { .. } => 1,
            Error::Usage { .. } | Error::Terms(_) => 2,
            Error::Refused { .. } => 3,
            Error::NotFound { .. } => 4,
            Error::Busy { .. } => 5,
        }
    }

    /// Whether it is only that nobody reads our output any more, which is a quiet success.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What to do about a file operation that the system refused, where that can be told.
fn io_hint(error: &io::Error) -> Option<&'static str> {
    use io::ErrorKind;
    // The process and the system have no more room for open files; the standard library has no kind for it.
    const TOO_MANY_OPEN_FILES: [i32; 2] = [24, 23];
    if error.raw_os_error().is_some_and(|code| TOO_MANY_OPEN_FILES.contains(&code)) {
        return Some("close programs that hold files open, or allow more with `ulimit -n`, and run it again");
    }
    match error.kind() {
        ErrorKind::StorageFull => Some("make room on that disk and run the command again"),
        ErrorKind::QuotaExceeded => Some("remove files that count for your quota and run the command again"),
        ErrorKind::ReadOnlyFilesystem => {
            Some("that disk can only be read: work on a copy of the folder elsewhere")
        }
        ErrorKind::PermissionDenied => Some(
            "whoever owns it, and the folder it stands in, can allow it with `chmod`; `ls -l` shows who that is",
        ),
        _ => None,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage { message, .. }
            | Error::Refused { message, .. }
            | Error::NotFound { message, .. }
            | Error::Busy { message }
            | Error::Failed { message, .. } => f.write_str(message),
            Error::Terms(flaw) => write!(f, "{flaw}"),
            Error::Unsound(problems) => {
                for (index, problem) in problems.iter().enumerate() {
                    let gap = if index == 0 { "" } else { "\n" };
                    write!(f, "{gap}{problem}")?;
                }
                Ok(())
            }
            Error::Io { doing, path, source } => write!(f, "cannot {doing} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Error {
        Error::Unsound(problems)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error::Unsound(vec![problem])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_comes_with_what_to_do() {
        let hints = |code| {
            let error = Error::io("write", Path::new("deals.csv"), io::Error::from_raw_os_error(code));
            error.hints().join("; ")
        };
        for (code, hint) in [
            (28, "make room"),
            (30, "can only be read"),
            (13, "`chmod`"),
            (24, "`ulimit -n`"),
            (23, "`ulimit -n`"),
        ] {
            assert!(hints(code).contains(hint), "{code}: {}", hints(code));
        }
        assert_eq!(hints(5), "");
    }
}
