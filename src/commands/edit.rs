//! `pipeline edit`: the fields of a deal, in an editor.

use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use signal_hook::consts::{SIGINT, SIGQUIT};
use signal_hook::flag::register_conditional_default;
use tempfile::TempPath;

use super::context::Context;
use super::dating::{Dating, Subject};
use super::options::Changing;
use crate::change::draft;
use crate::change::plan::{Assignment, Author};
use crate::deal::record::Record;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::door::Mode;
use crate::grammar::and;
use crate::problem::Problem;
use crate::shell;

/// How often a text that is not understood is given back to be mended.
const TRIES: usize = 10;

/// Edit the fields of a deal in your editor
///
/// Opens the deal as YAML in $VISUAL or $EDITOR, and sets what you changed. A text that is not understood is opened again
/// with what is wrong in it, until it is right or you leave it as it is; then nothing changes and the text is kept. What
/// somebody else changed meanwhile is left alone, unless it is what you changed. A stage changes with `move`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline edit deal-42
  EDITOR=nano pipeline edit deal-42 --dry-run")]
pub(super) struct Edit {
    /// The deal
    deal: String,
    /// The day it happened, if not now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    changing: Changing,
}

impl Edit {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder()?;
        let process = folder.process();
        context.can_report(process)?;
        let editor = Editor::named()?;
        let looked_at = folder.door(Mode::Show)?;
        let records = looked_at.records(std::slice::from_ref(&self.deal))?;
        let Some(record) = records.first() else { return Ok(()) };
        let clock = context.clock(process.zone)?;
        let author = Author { process, at: clock.now, today: clock.today, by: "", note: "" };
        let sheet = Sheet::new(&self.deal, draft::written(&author, record))?;
        let outcome = sheet
            .edited(&editor, &author, record)
            .and_then(|changes| self.set(context, &folder, record, changes.as_deref().unwrap_or_default()));
        if outcome.is_err()
            && let Some(path) = sheet.kept()
        {
            context.warn(&format!("what you wrote is kept in {}", path.display()));
        }
        outcome
    }

    /// Sets fields, unless somebody else changed one of them since `seen` was read.
    fn set(
        &self,
        context: &Context,
        folder: &Folder,
        seen: &Record<'_>,
        fields: &[Assignment],
    ) -> Result<()> {
        if fields.is_empty() {
            context.note("nothing was changed");
            return Ok(());
        }
        let process = folder.process();
        let user = Context::user(&self.changing, folder);
        let door = context.door(folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let dating = Dating::new(self.on.as_deref(), &clock, &door)?;
        let subjects: Vec<Subject> = fields.iter().map(|(field, _)| Subject::Field(field.clone())).collect();
        let mut events = Vec::new();
        for record in &door.records(std::slice::from_ref(&self.deal))? {
            refuse_changed(seen, record, fields)?;
            let at = dating.of(record, &subjects)?;
            let author = Author { process, at, today: clock.today, by: &user, note: "" };
            events.extend(author.set(record, fields)?);
        }
        door.commit(&events.clone().into())?;
        context.report_change(process, &self.changing, &events)
    }
}

/// Refuses to set what somebody else has set to something else meanwhile.
fn refuse_changed(seen: &Record<'_>, now: &Record<'_>, fields: &[Assignment]) -> Result<()> {
    let changed = |(field, cell): &&Assignment| now.get(field) != seen.get(field) && now.get(field) != cell;
    let told = |(field, _): &Assignment| match now.get(field) {
        "" => format!("{field} was emptied"),
        cell => format!("{field} was set to {cell}"),
    };
    let changed: Vec<String> = fields.iter().filter(changed).map(told).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let message = format!("meanwhile {}; nothing was changed", and(&changed));
    let again = shell::about("edit", now.id(), &[], &[]);
    Err(Error::failed(message).hint(format!("see what is there with `{again}`")))
}

/// The text that is edited, in a file that goes with it unless it is kept.
struct Sheet {
    path: TempPath,
    written: String,
}

impl Sheet {
    fn new(deal: &str, text: String) -> Result<Sheet> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let prefix: String = deal.chars().take(40).map(plain).collect();
        let folder = std::env::temp_dir();
        let file =
            tempfile::Builder::new().prefix(&format!("{prefix}-")).suffix(".yaml").tempfile_in(&folder);
        let path = file.map_err(|error| Error::io("make a file in", &folder, error))?.into_temp_path();
        let sheet = Sheet { path, written: text };
        sheet.write(&sheet.written)?;
        Ok(sheet)
    }

    fn write(&self, text: &str) -> Result<()> {
        fs::write(&self.path, text).map_err(|error| Error::io("write", &self.path, error))
    }

    fn read(&self) -> Result<String> {
        fs::read_to_string(&self.path).map_err(|error| Error::io("read", &self.path, error))
    }

    /// Has it edited until it is understood; gives what it sets, none where it was emptied.
    ///
    /// Errors: the editor fails; the text is not understood, and nobody is there to mend it, or left it as it was.
    fn edited(
        &self,
        editor: &Editor,
        author: &Author<'_>,
        record: &Record<'_>,
    ) -> Result<Option<Vec<Assignment>>> {
        let mut shown = self.written.clone();
        let mut problems: Vec<Problem> = Vec::new();
        for _ in 0..TRIES {
            editor.open(&self.path)?;
            let text = self.read()?;
            if text == shown {
                break;
            }
            let text = draft::without_complaints(&text);
            self.write(&text)?;
            match draft::read(author, record, &self.path.display().to_string(), &text) {
                Ok(changes) => return Ok(changes),
                Err(found) => problems = found,
            }
            if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
                break;
            }
            shown = draft::with_complaints(&text, &problems);
            self.write(&shown)?;
        }
        if problems.is_empty() { Ok(None) } else { Err(problems.into()) }
    }

    /// The file with what was written, where that is anything; it stays.
    fn kept(self) -> Option<std::path::PathBuf> {
        let text = self.read().ok()?;
        let text = draft::without_complaints(&text);
        self.write(&text).ok()?;
        (text != self.written).then(|| self.path.keep().ok()).flatten()
    }
}

/// An editor, as a shell calls it.
struct Editor {
    command: OsString,
    /// Whether an interrupt is meant for us: in an editor it only stops a search, say.
    interruptible: Arc<AtomicBool>,
}

impl Editor {
    /// The one that the environment names, else `vi` where there is a terminal.
    fn named() -> Result<Editor> {
        let is_blank = |command: &OsString| command.to_string_lossy().trim().is_empty();
        let named = |name: &str| std::env::var_os(name).filter(|command| !is_blank(command));
        let found = named("VISUAL").or_else(|| named("EDITOR"));
        let found = found.or_else(|| std::io::stdin().is_terminal().then(|| "vi".into()));
        let command = found.ok_or_else(|| {
            Error::failed("no editor is named").hint("set EDITOR, or change fields with `pipeline set`")
        })?;
        let interruptible = Arc::new(AtomicBool::new(true));
        for signal in [SIGINT, SIGQUIT] {
            register_conditional_default(signal, Arc::clone(&interruptible))
                .map_err(|error| Error::failed(format!("cannot hold back interrupts: {error}")))?;
        }
        Ok(Editor { command, interruptible })
    }

    /// The call of the editor, to which the file is to be added.
    fn call(&self) -> Command {
        let of_shell = |c: char| r#"|&;<>()$`\"'*?[#~=%"#.contains(c) || c.is_control();
        // A shell between us and the editor would end at an interrupt that the editor survives.
        let plain = self.command.to_str().filter(|command| !command.contains(of_shell));
        let mut words = plain.unwrap_or_default().split_whitespace();
        if let Some(program) = words.next() {
            let mut call = Command::new(program);
            call.args(words);
            return call;
        }
        let mut call = Command::new("sh");
        let mut command = self.command.clone();
        command.push(" \"$@\"");
        call.arg("-c").arg(command).arg(&self.command);
        call
    }

    /// Opens a file and waits until it is closed.
    fn open(&self, path: &Path) -> Result<()> {
        self.interruptible.store(false, Ordering::SeqCst);
        let status = self.call().arg(path).status();
        self.interruptible.store(true, Ordering::SeqCst);
        let why = match status {
            Ok(status) if status.success() => return Ok(()),
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        let editor = self.command.to_string_lossy();
        Err(Error::failed(format!("the editor `{editor}` failed ({why}); nothing was changed"))
            .hint("VISUAL or EDITOR names another; `pipeline set` needs none"))
    }
}
