//! Taking back what an entry of the log did: old text where new text stands, or void rows.

use std::borrow::Cow;
use std::fs;

use super::in_head::{Telling, has_any, has_left, own_rows};
use super::trace::{Fate, Replaced, Trace};
use super::{Entry, Role};
use crate::deal::event::{Event, HEADER, What};
use crate::deal::time::Instant;
use crate::error::{Error, Result};
use crate::folder::door::{Door, UndoLog};
use crate::folder::journal::{self, Edit, Patch, spliced};
use crate::folder::sheet::Sheet;
use crate::folder::{DEALS_FILE, history, store};
use crate::shell;

impl Door<'_> {
    /// Takes back what an entry of the log did: byte for byte, or, where git's HEAD has its rows already, by void rows and
    /// the old cells, because another branch may have them too.
    ///
    /// Gives whether it was by void rows. Errors: something else changed what it changed.
    pub fn take_back(&self, log: &[Entry], entry: &Entry, role: Role, at: Instant, by: &str) -> Result<bool> {
        if entry.traces.is_empty() {
            return Err(Error::failed(format!("this change was too large to keep: {}", entry.did))
                .hint("take it back with git"));
        }
        if entry.is_conversion() {
            self.nothing_came_since(entry)?;
        }
        let about = Entry::about(role, at, by, entry.did.clone());
        let rows = own_rows(log, entry);
        let voided = match entry.telling() {
            Telling::Rows => has_any(self.root(), entry, &rows)?,
            Telling::Lines if has_left(self.root(), log, entry)? => {
                let hint = if entry.is_conversion() {
                    "`pipeline convert` moves them back"
                } else {
                    "it left no events to take back; use `git revert`"
                };
                return Err(in_head(entry, hint));
            }
            Telling::Lines => false,
        };
        if !voided {
            self.write(self.reversal(&entry.traces)?, &about, UndoLog::Kept, || entry.as_json(role))?;
            return Ok(false);
        }
        let events = voids(&rows, at, by)?;
        let of_deals: Vec<Trace> = entry.traces.iter().filter(|trace| trace.is_deals()).cloned().collect();
        if of_deals.iter().any(adds_a_deal) {
            return Err(in_head(entry, "it added deals, which no void takes away; use `git revert`"));
        }
        let mut edits = self.reversal(&of_deals)?;
        edits.extend(self.appending(&events)?);
        self.write(edits, &about, UndoLog::Kept, || entry.as_json(role))?;
        Ok(true)
    }

    /// Makes sure that the stores which a conversion made hold only what it put there: nothing would read the rest.
    fn nothing_came_since(&self, conversion: &Entry) -> Result<()> {
        let made = |file: &str| {
            let of_file = |trace: &&Trace| trace.fate == Fate::Made && trace.file == file;
            conversion.traces.iter().find(of_file).and_then(|trace| trace.replaced.first())
        };
        let has_made = |of_store: fn(&Trace) -> bool| {
            conversion.traces.iter().any(|trace| trace.fate == Fate::Made && of_store(trace))
        };
        let mut files = Vec::new();
        if has_made(Trace::is_deals) {
            files.extend(store::deal_stamps(self.folder()));
        }
        if has_made(Trace::is_history) {
            files.extend(store::history_stamps(self.folder()));
        }
        for (path, _) in files.iter().filter(|(path, _)| path.exists()) {
            let file = path.strip_prefix(self.root()).unwrap_or(path).to_string_lossy();
            let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
            if made(&file).is_none_or(|span| span.new != text) {
                let message = format!("{file} holds what came after this: {}", conversion.did);
                return Err(Error::failed(message).hint("`pipeline convert` moves all of it back"));
            }
        }
        Ok(())
    }

    /// The edits that put old text back where new text stands.
    fn reversal(&self, traces: &[Trace]) -> Result<Vec<Edit<'static>>> {
        traces.iter().filter_map(|trace| self.reverse(trace).transpose()).collect()
    }

    fn reverse(&self, trace: &Trace) -> Result<Option<Edit<'static>>> {
        // A log that came with the folder must not make us read a device, or write elsewhere.
        journal::writable(self.root(), &trace.file)?;
        let path = self.root().join(&trace.file);
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::io("read", &path, error)),
        };
        let file = trace.file.clone();
        let (text, first) = match (text, trace.replaced.first()) {
            (_, None) => return Ok(None),
            (None, Some(first)) if trace.fate == Fate::Removed => {
                let patches = vec![(0..0, first.old.clone().into())];
                return Ok(Some(Edit::Splice { file, original: Cow::Borrowed(""), patches }));
            }
            (Some(text), Some(first)) if trace.fate != Fate::Removed => (text, first),
            (_, Some(first)) => return Err(changed_since(trace, first)),
        };
        if trace.fate == Fate::Made && text == first.new {
            return Ok(Some(Edit::Remove { file }));
        }
        let mut patches: Vec<Patch<'static>> = Vec::with_capacity(trace.replaced.len());
        for span in &trace.replaced {
            let ours = without_header(trace, span);
            let at = place(&text, &ours).ok_or_else(|| changed_since(trace, &ours))?;
            patches.push((at..at + ours.new.len(), ours.old.clone().into()));
        }
        patches.sort_by_key(|(span, _)| span.start);
        if patches.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
            return Err(changed_since(trace, first));
        }
        if file == DEALS_FILE {
            rows_fit(&text, &patches)?;
        }
        Ok(Some(Edit::Splice { file, original: Cow::Owned(text), patches }))
    }
}

/// Makes sure that every row still fits where the patches take columns away or bring them back: others may have added rows
/// since.
fn rows_fit(text: &str, patches: &[Patch<'_>]) -> Result<()> {
    let header = text.lines().next().unwrap_or_default();
    if patches.first().is_none_or(|(span, _)| span.start > header.len()) {
        return Ok(());
    }
    let sheet = Sheet::parse(DEALS_FILE, spliced(text, patches).into_bytes())?;
    let mut cells = Vec::new();
    for line in sheet.rows() {
        let line = line?;
        if sheet.split(line, &mut cells).is_err() {
            let row = beginning(line.text);
            let message =
                format!("{DEALS_FILE} would lose or gain columns that this row has or lacks: {row}");
            let hint = "it was added since: take it out, run the command again, and put it back to fit";
            return Err(Error::failed(message).hint(hint));
        }
    }
    Ok(())
}

/// What a change put into a file that others have added to since: its rows, and not the header that theirs need too.
fn without_header<'p>(trace: &Trace, span: &'p Replaced) -> Cow<'p, Replaced> {
    let rows = span.new.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
    match rows {
        Some(rows) if trace.fate == Fate::Made && trace.is_history() => {
            let at = span.at + span.new.len() - rows.len();
            Cow::Owned(Replaced { at, old: String::new(), new: rows.to_owned() })
        }
        _ => Cow::Borrowed(span),
    }
}

/// Void rows for those that an entry added to history.
///
/// Errors: one of them added a deal, which other branches may have by now: that one is to be deleted instead.
fn voids(rows: &[&str], at: Instant, by: &str) -> Result<Vec<Event<'static>>> {
    let mut voids: Vec<Event<'static>> = Vec::new();
    for event in rows.iter().filter_map(|row| history::told(row)) {
        if let What::Stage { from, .. } = &event.what
            && from.is_empty()
        {
            return Err(Error::failed(format!("git's HEAD has {} already", event.deal)).hint(format!(
                "`{}` takes it out of every figure",
                shell::about("delete", &event.deal, &[], &[("--reason", "TEXT")])
            )));
        }
        let what = What::Void { target: event.target().into(), at: event.at };
        let deal = Cow::Owned(event.deal.into_owned());
        let void = Event { at, deal, what, by: Cow::Owned(by.to_owned()), note: Cow::Borrowed("") };
        if !voids.contains(&void) {
            voids.push(void);
        }
    }
    Ok(voids)
}

/// Where the new text of a span stands: where it was put, else the one place where whole lines say the same. Rows that
/// went come back at the end of their file: what stands where they were may have moved.
fn place(text: &str, span: &Replaced) -> Option<usize> {
    let starts_line = |at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
    if span.new.is_empty() {
        return Some(text.len()).filter(|at| starts_line(*at) || span.old.starts_with(['\n', '\r']));
    }
    let ends_line = |at: usize| {
        matches!(text.as_bytes().get(at), None | Some(b'\n' | b'\r')) || text[..at].ends_with('\n')
    };
    let is_whole =
        |at: usize| (starts_line(at) || span.new.starts_with(['\n', '\r'])) && ends_line(at + span.new.len());
    if text.get(span.at..).is_some_and(|rest| rest.starts_with(&*span.new)) && is_whole(span.at) {
        return Some(span.at);
    }
    let mut found = text.match_indices(&*span.new).map(|(at, _)| at).filter(|at| is_whole(*at));
    found.next().filter(|_| found.next().is_none())
}

/// Whether a change brought a deal that the file, or the folder, did not have.
fn adds_a_deal(trace: &Trace) -> bool {
    let is_new = |span: &Replaced| span.old.is_empty() && !span.new.is_empty();
    if trace.file == DEALS_FILE { trace.replaced.iter().any(is_new) } else { trace.fate == Fate::Made }
}

fn in_head(entry: &Entry, hint: &str) -> Error {
    Error::failed(format!("git's HEAD has this change already: {}", entry.did)).hint(hint)
}

fn changed_since(trace: &Trace, span: &Replaced) -> Error {
    let row = beginning(span.new.trim().lines().next().unwrap_or_default());
    Error::failed(format!("something else changed {} since, where this was written: {row}", trace.file))
        .hint("put it back by hand, or change what is there now")
}

/// A row, cut to what tells it from others.
fn beginning(line: &str) -> String {
    let mut row: String = line.chars().take(60).collect();
    if row.len() < line.len() {
        row.push('…');
    }
    row
}
