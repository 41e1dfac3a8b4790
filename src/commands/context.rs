//! What was typed, resolved once into what is meant: the folder, the clock, the user, and where results go.

use std::collections::BTreeSet;
use std::io::{BufWriter, IsTerminal, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::events;
use super::options::{Changing, Global, Reading, When};
use super::pager::{self, Paged};
use super::print;
use super::working::Working;
use crate::deal::event::{Cells, Event};
use crate::deal::plan::told;
use crate::deal::time::{Cut, Day, Instant, Zone, parse_typed_day};
use crate::error::{Error, Result};
use crate::folder::door::{Door, Mode};
use crate::folder::hooks::{self, Hooks};
use crate::folder::load::{Unsound, skipped_note};
use crate::folder::{ATTRIBUTES_FILE, DEALS_FILE, Folder, HISTORY_FILE, OWN_FOLDER, PROCESS_FILE};
use crate::git;
use crate::metrics::figures::{Figures, Section};
use crate::metrics::several::side_by_side;
use crate::output::escape::{Breaks, escape};
use crate::output::{Format, LeftOut, Look, no_calendar, problem, render, render_page, render_rows};
use crate::process::{DealStore, HistoryStore, Lang, Process, RateSource};
use crate::shell;

/// How many rows of a long listing a core writes at a time, and how many such parts are held before they are printed.
const ROWS_A_PART: usize = 1024;
const PARTS_AT_ONCE: usize = 32;

/// What standard output is called in errors.
const STDOUT: &str = "standard output";

/// Reads how many things to show.
pub(super) fn so_many(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write a whole number, such as 20".to_owned())
}

/// What every command is given.
#[derive(Debug)]
pub(super) struct Context {
    global: Global,
    hooks: Hooks,
    /// What is drawn about the work under way, until something is printed.
    working: Working,
}

/// What time it is, in the pipeline's zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Now; noon where only the day is fixed.
    pub(super) now: Instant,
    /// Today.
    pub(super) today: Day,
    zone: Zone,
    /// What is known now.
    pub(super) seen: Cut,
}

impl Clock {
    /// The cut that a report sees: the end of an as-of day, else now.
    pub(super) fn cut(&self, as_of: Option<&str>) -> Result<Cut> {
        match as_of {
            None => Ok(self.seen),
            Some(text) => Ok(Cut::before(self.zone.end_of(self.day(text)?))),
        }
    }

    /// A day as typed.
    pub(super) fn day(&self, text: &str) -> Result<Day> {
        parse_typed_day(text, self.today).ok_or_else(|| {
            Error::usage(format!("`{text}` is no day"))
                .hint("write it as 2026-07-14, today, yesterday or today-2w")
        })
    }
}

impl Context {
    pub(super) fn new(global: Global) -> Context {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let hooks = match (variable(hooks::NAME_VARIABLE), variable(hooks::FOLDER_VARIABLE)) {
            (Some(name), Some(folder)) => Hooks::within(&name.to_string_lossy(), Path::new(&folder)),
            _ => Hooks::default(),
        };
        Context { global, hooks, working: Working::default() }
    }

    /// The folder that was named, else the one we stand in.
    ///
    /// Errors: several were named.
    pub(super) fn named_folder(&self) -> Result<&Path> {
        match &self.global.folders[..] {
            [] => Ok(Path::new(".")),
            [one] => Ok(one),
            several => Err(Error::usage(format!("this works on one folder, and -C names {}", several.len()))
                .hint("`list`, `board`, `agenda`, `review` and `report` show several side by side")),
        }
    }

    /// The language that was asked for, where one was.
    pub(super) fn lang_asked(&self) -> Option<Lang> {
        self.global.lang
    }

    /// The language of headings: the one that was asked for, else that of the process.
    pub(super) fn lang(&self, process: &Process) -> Lang {
        self.global.lang.unwrap_or(process.lang)
    }

    /// Opens the folder for reading, as it is or as it was.
    pub(super) fn folder_at(&self, reading: &Reading) -> Result<Folder> {
        Context::opened(self.named_folder()?, reading)
    }

    /// Opens every folder that was named, for reading.
    pub(super) fn folders_at(&self, reading: &Reading) -> Result<Vec<Folder>> {
        match &self.global.folders[..] {
            [] | [_] => Ok(vec![self.folder_at(reading)?]),
            several => several.iter().map(|folder| Context::opened(folder, reading)).collect(),
        }
    }

    fn opened(folder: &Path, reading: &Reading) -> Result<Folder> {
        let root = Folder::find(folder)?;
        match &reading.rev {
            None => Folder::open(root),
            Some(revision) => Folder::at_revision(root, revision),
        }
    }

    /// A command to paste, about the nth folder that was named: it works from here, whatever was named how.
    pub(super) fn pasted(&self, nth: usize, command: &str) -> String {
        let named = self.global.folders.get(nth).and_then(|folder| folder.to_str());
        match (command.strip_prefix("pipeline "), named) {
            (Some(rest), Some(folder)) => format!("pipeline -C {} {rest}", shell::quote(folder)),
            _ => command.to_owned(),
        }
    }

    /// Opens the folder as it is.
    pub(super) fn folder(&self) -> Result<Folder> {
        Folder::open(Folder::find(self.named_folder()?)?)
    }

    /// Opens the folder's door for a change.
    pub(super) fn door<'f>(&'f self, folder: &'f Folder, changing: &Changing) -> Result<Door<'f>> {
        self.can_report(folder.process())?;
        if changing.dry_run {
            return folder.door(Mode::Show);
        }
        self.hooks.may_change(folder.root())?;
        Ok(folder.door(Mode::Make(changing.wait))?.with(&self.hooks))
    }

    /// Makes sure that a change can be told of: once it is made it is too late to say that it cannot.
    pub(super) fn can_report(&self, process: &Process) -> Result<()> {
        self.destination(process).map(|_| ())
    }

    /// Tells the user's hook of the change that the command made, once it has said what it did and its turn is over.
    pub(super) fn after(&self) {
        self.hooks.tell();
        for warning in self.hooks.warnings() {
            self.warn(&warning);
        }
    }

    /// Says what nobody may miss: unlike a note, whatever `-q` says.
    pub(super) fn warn(&self, text: &str) {
        self.working.end();
        let look = self.plain_look(std::io::stderr().is_terminal());
        // A closed stderr leaves nobody to tell.
        let _ = writeln!(std::io::stderr(), "{}", problem::draw_warning(text, &look));
    }

    /// The clock as it stands, or the day that was fixed. What is dated now asks again once it has its turn: commands that
    /// waited for one another are dated in the order of their turns.
    pub(super) fn clock(&self, zone: Zone) -> Result<Clock> {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        let now = Instant::from_millis(millis)
            .ok_or_else(|| Error::failed("the system clock is past the year 9999"))?;
        let clock = Clock { now, today: zone.day_of(now), zone, seen: Cut::now(now) };
        // An empty variable in the environment is as good as none.
        match self.global.today.as_deref().filter(|text| !text.trim().is_empty()) {
            None => Ok(clock),
            Some(text) => {
                let today = clock.day(text)?;
                let now = zone.noon_of(today);
                Ok(Clock { now, today, zone, seen: Cut::noon(now) })
            }
        }
    }

    /// Who makes a change: a claim, not a proof.
    pub(super) fn user(changing: &Changing, folder: &Folder) -> String {
        let named = changing.user.clone().filter(|name| !name.trim().is_empty());
        let user =
            named.or_else(|| git::config(folder.root(), "user.name")).or_else(|| whoami::username().ok());
        user.unwrap_or_default().replace(char::is_control, " ").trim().to_owned()
    }

    /// Prints a listing or a report, and its notes.
    pub(super) fn show(&self, process: &Process, figures: &Figures, section: Option<&str>) -> Result<()> {
        self.show_by(process, |format, look, out| render(figures, format, look, section, out))
    }

    /// Begins work that may take long, and shows so to whoever watches, until something is printed.
    pub(super) fn begin(&self, what: &'static str) {
        if !self.global.quiet {
            self.working.begin(what);
        }
    }

    /// Prints a text as it is.
    pub(super) fn print(&self, text: &str) -> Result<()> {
        self.working.end();
        print(text)
    }

    /// Prints what `write` writes, and the notes that it left out.
    pub(super) fn show_by<'a>(
        &self,
        process: &Process,
        write: impl FnOnce(Format, &Look, &mut dyn Write) -> Result<LeftOut<'a>>,
    ) -> Result<()> {
        let format = self.destination(process)?;
        self.working.end();
        let left_out = match &self.global.output {
            None => {
                let look = self.look(process, std::io::stdout().is_terminal());
                self.to_stdout(|out| write(format, &look, out))?
            }
            Some(path) => {
                let look = Look::default().of(process, self.lang(process));
                // First all of it: what cannot be rendered must not empty the file that was there.
                let mut text = Vec::new();
                let left_out = write(format, &look, &mut text)?;
                std::fs::write(path, text).map_err(|error| Error::io("write", path, error))?;
                left_out
            }
        };
        for note in left_out.notes {
            self.note(&note.text);
        }
        if !left_out.sections.is_empty() {
            let others = left_out.sections.join(", ");
            self.note(&format!("this format carries one table; the others: --section {others}"));
        }
        Ok(())
    }

    /// Shows a page of text.
    pub(super) fn show_text(&self, text: &str) -> Result<()> {
        self.to_stdout(|out| {
            out.write_all(text.as_bytes()).map_err(|error| Error::io("write to", Path::new(STDOUT), error))
        })
    }

    /// Has results written to standard output: on a terminal, where they are longer than the screen, through a pager.
    fn to_stdout<T>(&self, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<T> {
        let failed = |error| Error::io("write to", Path::new(STDOUT), error);
        let Some((pager, screen)) = self.pager() else {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let written = write(&mut out)?;
            out.flush().map_err(failed)?;
            return Ok(written);
        };
        let mut out = Paged::new(pager, screen);
        let written = write(&mut out);
        // What was written before an error is shown too.
        out.finish().map_err(failed)?;
        written
    }

    /// The pager and the lines of the screen, where results may be shown in one.
    fn pager(&self) -> Option<(String, usize)> {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if self.global.no_pager || dumb || !std::io::stdout().is_terminal() {
            return None;
        }
        let (_, screen) = terminal_size::terminal_size()?;
        Some((pager::named()?, usize::from(screen.0)))
    }

    /// Has results of a process written as they are made: to the file that was named, else to standard output.
    pub(super) fn stream(
        &self,
        process: &Process,
        write: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<()> {
        let Some(path) = &self.global.output else {
            if std::io::stdout().is_terminal() {
                self.working.end();
            }
            return self.to_stdout(write);
        };
        self.refuse_own_file(process, path)?;
        let failed = |error| Error::io("write", path, error);
        let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        write(&mut out)?;
        out.flush().map_err(failed)
    }

    /// The same, with results in a format.
    pub(super) fn in_format(&self, format: Format) -> Context {
        let global = Global { format: Some(format), ..self.global.clone() };
        Context { global, hooks: Hooks::default(), working: Working::default() }
    }

    /// Whether a format was named.
    pub(super) fn format_named(&self) -> bool {
        self.global.format.is_some()
    }

    /// Whether rows one after the other are asked for, as [`Context::show_rows`] prints them.
    pub(super) fn rows_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()?.is_rows())
    }

    /// Prints a listing of so many rows that `section` makes, part by part: on all cores, and few parts at a time.
    pub(super) fn show_rows(
        &self,
        process: &Process,
        rows: usize,
        section: impl Fn(Range<usize>) -> Section + Sync,
    ) -> Result<()> {
        self.show_by(process, |format, look, out| {
            let parts: Vec<usize> = (0..rows.max(1)).step_by(ROWS_A_PART).collect();
            for few in parts.chunks(PARTS_AT_ONCE) {
                let written = few.par_iter().map(|first| {
                    let part = section(*first..rows.min(first + ROWS_A_PART));
                    let mut text = Vec::new();
                    render_rows(&part, format, look, *first == 0, &mut text).map(|()| text)
                });
                for text in written.collect::<Result<Vec<_>>>()? {
                    out.write_all(&text)
                        .map_err(|error| Error::io("write", Path::new("the output"), error))?;
                }
            }
            Ok(LeftOut { sections: Vec::new(), notes: &[] })
        })
    }

    /// Whether a page is asked for.
    pub(super) fn page_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()? == Format::Html)
    }

    /// Prints figures as one page, with the pictures of others below them.
    pub(super) fn show_page(&self, process: &Process, first: &Figures, others: &[Figures]) -> Result<()> {
        self.show_by(process, |_, look, out| render_page(first, others, look, out))
    }

    /// Whether a calendar is asked for, which is no table.
    pub(super) fn calendar_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()? == Format::Ics)
    }

    /// Writes a text that is its own format, of a process where it is of one: to standard output, or to the file that was
    /// named.
    pub(super) fn write(&self, process: Option<&Process>, text: &str) -> Result<()> {
        let Some(path) = &self.global.output else { return self.print(text) };
        if let Some(process) = process {
            self.refuse_own_file(process, path)?;
        }
        std::fs::write(path, text).map_err(|error| Error::io("write", path, error))
    }

    /// Prints the same listing or report of each folder: one, or several side by side.
    pub(super) fn show_each(
        &self,
        folders: &[Folder],
        figures: Vec<Figures>,
        section: Option<&str>,
    ) -> Result<()> {
        match (folders.first(), side_by_side(names_of(folders).into_iter().zip(figures).collect())) {
            (Some(first), Some(figures)) => self.show(first.process(), &figures, section),
            _ => Ok(()),
        }
    }

    /// Shows something beside the results to whoever sits at a terminal.
    pub(super) fn show_beside(&self, process: &Process, figures: &Figures) -> Result<()> {
        if self.global.quiet || !self.wants_sentences() || !std::io::stderr().is_terminal() {
            return Ok(());
        }
        let mut text = Vec::new();
        // A table has a place for all there is.
        let _ = render(figures, Format::Table, &self.look(process, true), None, &mut text)?;
        // A closed stderr leaves nobody to tell.
        let _ = std::io::stderr().write_all(&text);
        Ok(())
    }

    /// Refuses to write results over the files that the pipeline is made of.
    fn refuse_own_file(&self, process: &Process, path: &Path) -> Result<()> {
        let folders = &self.global.folders[..];
        let folders = if folders.is_empty() { &[PathBuf::from(".")][..] } else { folders };
        folders
            .iter()
            .filter_map(|folder| Folder::find(folder).ok())
            .try_for_each(|root| Context::refuse_file_of(&root, process, path))
    }

    fn refuse_file_of(root: &Path, process: &Process, path: &Path) -> Result<()> {
        let full = path.canonicalize().or_else(|_| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
            Ok::<_, std::io::Error>(folder.join(path.file_name().unwrap_or_default()))
        });
        let rates = match &process.rates {
            RateSource::File(name) => Some(name.as_str()),
            RateSource::Fixed(_) => None,
        };
        let own = [PROCESS_FILE, DEALS_FILE, HISTORY_FILE, ATTRIBUTES_FILE].into_iter().chain(rates);
        let deals = match &process.deals {
            DealStore::Yaml(folder) => Some(folder.as_str()),
            DealStore::Csv => None,
        };
        let history = match &process.history {
            HistoryStore::Years(folder) => Some(folder.as_str()),
            HistoryStore::OneFile => None,
        };
        let own_folders = [Some(OWN_FOLDER), deals, history].into_iter().flatten();
        // What cannot be looked at cannot be written either, and says so itself.
        let Ok(full) = full else { return Ok(()) };
        let is_own = own.map(|name| root.join(name)).any(|name| name == full)
            || own_folders.map(|name| root.join(name)).any(|folder| full.starts_with(folder));
        if is_own {
            return Err(Error::usage(format!("{} is a file of the pipeline itself", path.display()))
                .hint("write results to another file"));
        }
        Ok(())
    }

    /// Says something beside the results.
    pub(super) fn note(&self, text: &str) {
        self.working.end();
        if !self.global.quiet {
            // A closed stderr leaves nobody to tell.
            // Ids and file names stand in notes, and they may hold what a terminal obeys.
            let _ = writeln!(std::io::stderr(), "note: {}", escape(text, Breaks::Ascii));
        }
    }

    /// Says what a change did, or would do: in sentences, or as data where a format was asked for.
    pub(super) fn report_change(
        &self,
        process: &Process,
        changing: &Changing,
        events: &[Event<'_>],
    ) -> Result<()> {
        if self.global.format.is_some() || self.global.output.is_some() {
            return self.report_rows(process, events.iter().map(Event::cells));
        }
        // The events of a deal stand side by side, and there may be many deals.
        let mut lines = String::new();
        for of_deal in events.chunk_by(|a, b| a.deal == b.deal) {
            if let Some(line) = told(process, of_deal, &of_deal[0].deal, changing.mood()) {
                lines.push_str(&escape(&line, Breaks::Ascii));
                lines.push('\n');
            }
        }
        self.say(changing, &lines)
    }

    /// What a change did as data: rows in the columns of history.
    pub(super) fn report_rows<'a>(
        &self,
        process: &Process,
        rows: impl Iterator<Item = Cells<'a>>,
    ) -> Result<()> {
        self.show(process, &Figures::of("changes", [events::section(process, "changes", &[], rows)]), None)
    }

    /// A dry run's sentences are its result; those of a change made stand beside it.
    pub(super) fn say(&self, changing: &Changing, lines: &str) -> Result<()> {
        if changing.dry_run {
            return self.print(lines);
        }
        self.tell(lines);
        Ok(())
    }

    /// Says what was done.
    pub(super) fn tell(&self, lines: &str) {
        self.working.end();
        if !self.global.quiet {
            // A closed stderr leaves nobody to tell.
            let _ = std::io::stderr().write_all(lines.as_bytes());
        }
    }

    /// Whether sentences are asked for rather than data.
    pub(super) fn wants_sentences(&self) -> bool {
        self.global.format.is_none() && self.global.output.is_none()
    }

    /// Says how many unsound rows were left out.
    pub(super) fn note_skipped(&self, skipped: usize) {
        if skipped > 0 {
            self.note(&skipped_note(skipped));
        }
    }

    /// Draws an error on stderr.
    pub(super) fn complain(&self, error: &Error) {
        self.working.end();
        let look = self.plain_look(std::io::stderr().is_terminal());
        let _ = writeln!(std::io::stderr(), "{}", problem::draw_error(error, &look));
    }

    /// The look of results on stdout.
    fn look(&self, process: &Process, terminal: bool) -> Look {
        self.plain_look(terminal).of(process, self.lang(process))
    }

    pub(super) fn plain_look(&self, terminal: bool) -> Look {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match self.global.color {
            When::Always => true,
            When::Never => false,
            When::Auto if set("NO_COLOR") => false,
            When::Auto if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            When::Auto => terminal && !dumb,
        };
        let width =
            terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten();
        Look { width, color, terminal, unicode: !terminal || utf8_locale(), ..Look::default() }
    }

    /// Whether the result is for people, who want less than programs do.
    pub(super) fn table_wanted(&self) -> Result<bool> {
        Ok(matches!(self.asked_format()?, Format::Table | Format::Markdown))
    }

    /// How results are written, where the place that was named is one to write to.
    ///
    /// Errors: a file whose ending names no format; a file of the pipeline itself.
    fn destination(&self, process: &Process) -> Result<Format> {
        if let Some(path) = &self.global.output {
            self.refuse_own_file(process, path)?;
        }
        self.format()
    }

    fn format(&self) -> Result<Format> {
        match self.asked_format()? {
            Format::Ics => Err(no_calendar()),
            format => Ok(format),
        }
    }

    fn asked_format(&self) -> Result<Format> {
        if let Some(format) = self.global.format {
            return Ok(format);
        }
        let Some(path) = &self.global.output else { return Ok(Format::Table) };
        Format::of_extension(path).ok_or_else(|| {
            Error::usage(format!("the ending of {} names no format", path.display()))
                .hint("name one with --format, or write to a file such as report.csv, .json or .md")
        })
    }

    /// The rows of a folder's files that cannot be trusted: refused, or left out.
    pub(super) fn unsound(reading: &Reading) -> Unsound {
        if reading.lenient { Unsound::Skip } else { Unsound::Refuse }
    }
}

/// What folders are called side by side: by their names, and by where they are too as soon as two have one name.
fn names_of(folders: &[Folder]) -> Vec<String> {
    let names: Vec<String> = folders.iter().map(Folder::name).collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    if distinct.len() == names.len() {
        return names;
    }
    let placed = |(folder, name): (&Folder, &String)| format!("{name} ({})", folder.root().display());
    folders.iter().zip(&names).map(placed).collect()
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
