//! What a command says beside its results: what a change did, notes, warnings, errors.

use std::io::{IsTerminal, Write};

use super::Context;
use crate::change::plan::told;
use crate::commands::events;
use crate::commands::options::Changing;
use crate::deal::event::{Cells, Event};
use crate::error::{Error, Result};
use crate::folder::load::skipped_note;
use crate::metrics::figures::Figures;
use crate::output::escape::{Breaks, escape};
use crate::output::{Format, problem, render};
use crate::process::{Lang, Process};

impl Context {
    /// Says what a change did, or would do: in sentences, or as data where a format was asked for.
    pub(in crate::commands) fn report_change(
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
    pub(in crate::commands) fn report_rows<'a>(
        &self,
        process: &Process,
        rows: impl Iterator<Item = Cells<'a>>,
    ) -> Result<()> {
        self.show(process, &Figures::of("changes", [events::section(process, "changes", &[], rows)]), None)
    }

    /// A dry run's sentences are its result; those of a change made stand beside it.
    pub(in crate::commands) fn say(&self, changing: &Changing, lines: &str) -> Result<()> {
        if changing.dry_run {
            return self.print(lines);
        }
        self.tell(lines);
        Ok(())
    }

    /// Says what was done.
    pub(in crate::commands) fn tell(&self, lines: &str) {
        self.working.end();
        if !self.global.quiet {
            // A closed stderr leaves nobody to tell.
            let _ = std::io::stderr().write_all(lines.as_bytes());
        }
    }

    /// Shows something beside the results to whoever sits at a terminal.
    pub(in crate::commands) fn show_beside(&self, process: &Process, figures: &Figures) -> Result<()> {
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

    /// Says something beside the results.
    pub(in crate::commands) fn note(&self, text: &str) {
        self.working.end();
        if !self.global.quiet {
            // A closed stderr leaves nobody to tell.
            // Ids and file names stand in notes, and they may hold what a terminal obeys.
            let _ = writeln!(std::io::stderr(), "note: {}", escape(text, Breaks::Ascii));
        }
    }

    /// Says how many unsound rows were left out.
    pub(in crate::commands) fn note_skipped(&self, skipped: usize) {
        if skipped > 0 {
            self.note(skipped_note(skipped).text(Lang::En));
        }
    }

    /// Says what nobody may miss: unlike a note, whatever `-q` says.
    pub(in crate::commands) fn warn(&self, text: &str) {
        self.working.end();
        let look = self.plain_look(std::io::stderr().is_terminal());
        // A closed stderr leaves nobody to tell.
        let _ = writeln!(std::io::stderr(), "{}", problem::draw_warning(text, &look));
    }

    /// Draws an error on stderr.
    pub(in crate::commands) fn complain(&self, error: &Error) {
        self.working.end();
        let look = self.plain_look(std::io::stderr().is_terminal());
        let _ = writeln!(std::io::stderr(), "{}", problem::draw_error(error, &look));
    }
}
