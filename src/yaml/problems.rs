//! Gathers what is wrong in one file while it is read, and turns spans into places at the end.

use std::ops::Range;

use crate::problem::{Place, Problem};

/// A run of characters of the text, from 0, without a byte order mark.
pub(crate) type Span = Range<usize>;

/// More problems than anyone mends in one go; a hostile file could otherwise hold a million.
const MOST: usize = 100;

/// The most bytes of a message.
const LONGEST: usize = 1000;

/// The problems of one file.
pub(crate) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    spanned: Vec<(Span, Problem)>,
    cut: bool,
}

/// A problem just found, to say more about it.
pub(crate) struct Note<'f>(Option<&'f mut Problem>);

impl Note<'_> {
    /// Says what to do about it.
    pub(crate) fn help(self, help: impl Into<String>) {
        if let Some(problem) = self.0 {
            problem.help = Some(one_line(help.into()));
        }
    }

    /// Says what to do about it, when there is something to say.
    pub(crate) fn help_if(self, help: Option<String>) {
        if let Some(help) = help {
            self.help(help);
        }
    }

    /// Says which known word was meant, else which there are.
    pub(crate) fn suggest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) {
        if let Some(problem) = self.0 {
            *problem = problem.clone().suggest(wrong, known);
        }
    }
}

impl<'t> Problems<'t> {
    /// Nothing yet in `file`, whose text this is.
    pub(crate) fn new(file: &'t str, text: &'t str) -> Problems<'t> {
        Problems {
            file,
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            spanned: Vec::new(),
            cut: false,
        }
    }

    /// The text that spans count in.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Notes an error at a span.
    pub(crate) fn error(&mut self, span: &Span, message: impl Into<String>) -> Note<'_> {
        if self.spanned.len() == MOST {
            self.cut = true;
            return Note(None);
        }
        self.spanned.push((span.clone(), Problem::error(self.file, None, one_line(message.into()))));
        Note(self.spanned.last_mut().map(|(_, problem)| problem))
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.spanned.is_empty()
    }

    /// The line that a span starts on, from 1. Counted only as long as someone will read it.
    pub(crate) fn line(&self, span: &Span) -> usize {
        if self.spanned.len() == MOST {
            return 0;
        }
        1 + self.text.chars().take(span.start).filter(|c| *c == '\n').count()
    }

    /// The problems in the order of the file, each with its place.
    pub(crate) fn problems(mut self) -> Vec<Problem> {
        self.spanned.sort_by_key(|(span, _)| span.start);
        let offsets: Vec<usize> = self.text.char_indices().map(|(at, _)| at).collect();
        let byte = |character: usize| offsets.get(character).copied().unwrap_or(self.text.len());
        let placed = |(span, problem): (Span, Problem)| {
            let place = Place::in_text(self.text, byte(span.start), byte(span.end));
            Problem { place: Some(place), ..problem }
        };
        let mut problems: Vec<Problem> = self.spanned.into_iter().map(placed).collect();
        if self.cut {
            let more = Problem::error(self.file, None, format!("more is wrong than these {MOST} problems"));
            problems.push(more.help("mend these first, then look again"));
        }
        problems
    }
}

/// A message quotes the file, which may hold anything; it stays one line of sensible length all the same.
fn one_line(message: String) -> String {
    if message.len() <= LONGEST && !message.contains(char::is_control) {
        return message;
    }
    let mut line = String::new();
    for c in message.chars() {
        if line.len() > LONGEST {
            line.push('…');
            break;
        }
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}
