//! Where results go, and in which format: to standard output, through a pager or into the file that was named.

use std::collections::BTreeSet;
use std::io::{BufWriter, IsTerminal, Write};
use std::ops::Range;
use std::path::Path;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::look::is_dumb;
use super::{Context, own_files};
use crate::commands::pager::{self, Paged};
use crate::commands::print;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::metrics::figures::{Figures, Section};
use crate::metrics::several::side_by_side;
use crate::output::{Format, LeftOut, Look, no_calendar, render, render_page, render_rows};
use crate::process::Process;

/// How many rows of a long listing a core writes at a time, and how many such parts are held before they are printed.
const ROWS_A_PART: usize = 1024;
const PARTS_AT_ONCE: usize = 32;

/// What standard output is called in errors.
const STDOUT: &str = "standard output";

impl Context {
    /// Prints a listing or a report, and its notes.
    pub(in crate::commands) fn show(
        &self,
        process: &Process,
        figures: &Figures,
        section: Option<&str>,
    ) -> Result<()> {
        self.show_by(process, |format, look, out| render(figures, format, look, section, out))
    }

    /// Prints the same listing or report of each folder: one, or several side by side.
    pub(in crate::commands) fn show_each(
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

    /// Prints figures as one page, with the pictures of others below them.
    pub(in crate::commands) fn show_page(
        &self,
        process: &Process,
        first: &Figures,
        others: &[Figures],
    ) -> Result<()> {
        self.show_by(process, |_, look, out| render_page(first, others, look, out))
    }

    /// Prints a listing of so many rows that `section` makes, part by part: on all cores, and few parts at a time.
    pub(in crate::commands) fn show_rows(
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

    /// Prints what `write` writes, and the notes that it left out.
    pub(in crate::commands) fn show_by<'a>(
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
            self.note(note.text.text(self.lang(process)));
        }
        if !left_out.sections.is_empty() {
            let others = left_out.sections.join(", ");
            self.note(&format!("this format carries one table; the others: --section {others}"));
        }
        Ok(())
    }

    /// Shows a page of text.
    pub(in crate::commands) fn show_text(&self, text: &str) -> Result<()> {
        self.to_stdout(|out| {
            out.write_all(text.as_bytes()).map_err(|error| Error::io("write to", Path::new(STDOUT), error))
        })
    }

    /// Prints a text as it is.
    pub(in crate::commands) fn print(&self, text: &str) -> Result<()> {
        self.working.end();
        print(text)
    }

    /// Writes a text that is its own format, of a process where it is of one: to standard output, or to the file that was
    /// named.
    pub(in crate::commands) fn write(&self, process: Option<&Process>, text: &str) -> Result<()> {
        let Some(path) = &self.global.output else { return self.print(text) };
        if let Some(process) = process {
            own_files::refuse(&self.global.folders, process, path)?;
        }
        std::fs::write(path, text).map_err(|error| Error::io("write", path, error))
    }

    /// Has results of a process written as they are made: to the file that was named, else to standard output.
    pub(in crate::commands) fn stream(
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
        own_files::refuse(&self.global.folders, process, path)?;
        let failed = |error| Error::io("write", path, error);
        let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        write(&mut out)?;
        out.flush().map_err(failed)
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
        if self.global.no_pager || is_dumb() || !std::io::stdout().is_terminal() {
            return None;
        }
        let (_, screen) = terminal_size::terminal_size()?;
        Some((pager::named()?, usize::from(screen.0)))
    }

    /// Whether rows one after the other are asked for, as [`Context::show_rows`] prints them.
    pub(in crate::commands) fn rows_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()?.is_rows())
    }

    /// Whether a page is asked for.
    pub(in crate::commands) fn page_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()? == Format::Html)
    }

    /// Whether a calendar is asked for, which is no table.
    pub(in crate::commands) fn calendar_wanted(&self) -> Result<bool> {
        Ok(self.asked_format()? == Format::Ics)
    }

    /// Whether the result is for people, who want less than programs do.
    pub(in crate::commands) fn table_wanted(&self) -> Result<bool> {
        Ok(matches!(self.asked_format()?, Format::Table | Format::Markdown))
    }

    /// Whether sentences are asked for rather than data.
    pub(in crate::commands) fn wants_sentences(&self) -> bool {
        self.global.format.is_none() && self.global.output.is_none()
    }

    /// Whether a format was named.
    pub(in crate::commands) fn format_named(&self) -> bool {
        self.global.format.is_some()
    }

    /// Makes sure that a change can be told of: once it is made it is too late to say that it cannot.
    pub(in crate::commands) fn can_report(&self, process: &Process) -> Result<()> {
        self.destination(process).map(|_| ())
    }

    /// How results are written, where the place that was named is one to write to.
    ///
    /// Errors: a file whose ending names no format; a file of the pipeline itself.
    fn destination(&self, process: &Process) -> Result<Format> {
        if let Some(path) = &self.global.output {
            own_files::refuse(&self.global.folders, process, path)?;
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
