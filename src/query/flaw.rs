//! What is wrong with an expression: the words for it, the place it points at, and what to write instead.

use std::fmt::{self, Write as _};
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// Why terms were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The whole expression; that of the view, when the flaw is in a view.
    pub text: String,
    /// Where the flaw starts in `text`, in bytes.
    pub start: usize,
    /// Where it ends, in bytes; equal to `start` where something is missing.
    pub end: usize,
    /// What to write instead.
    pub help: Option<String>,
}

impl Flaw {
    /// A flaw at a place of an expression that [`Flaw::within`] names.
    pub(super) fn at(place: Range<usize>, message: impl Into<String>) -> Flaw {
        Flaw { message: message.into(), text: String::new(), start: place.start, end: place.end, help: None }
    }

    /// The same flaw with what to write instead.
    pub(super) fn help(self, help: impl Into<String>) -> Flaw {
        Flaw { help: Some(help.into()), ..self }
    }

    /// The same flaw with its expression, unless it already has one: a view's flaw keeps the view's text.
    pub(super) fn within(self, text: &str) -> Flaw {
        if self.text.is_empty() { Flaw { text: text.to_owned(), ..self } } else { self }
    }

    /// Three lines without a last line break: the message, the expression, carets under the place.
    ///
    /// Control characters are shown as spaces, so that an expression from a file cannot steer a terminal.
    pub fn render(&self) -> String {
        let upto = |at: usize| width(self.text.get(..at).unwrap_or(&self.text));
        let lead = upto(self.start);
        let carets = upto(self.end).saturating_sub(lead).max(1);
        let mut lines = format!("{}\n  {}\n", tame(&self.message), tame(&self.text));
        let _ = write!(lines, "  {}{}", " ".repeat(lead), "^".repeat(carets));
        lines
    }
}

fn tame(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(1)).sum()
}

/// The message alone.
impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Flaw {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_wide_characters() {
        let text = "name=潛在 value=多";
        let start = text.find('多').unwrap();
        let flaw = Flaw::at(start..text.len(), "`多` is not an amount").within(text);
        assert_eq!(flaw.render(), "`多` is not an amount\n  name=潛在 value=多\n                  ^^");
    }

    #[test]
    fn a_flaw_at_the_end_still_has_a_caret_and_control_characters_are_shown_as_spaces() {
        let flaw = Flaw::at(6..6, "a bad\u{1b} thing").within("a\tb\u{1b}c=");
        assert_eq!(flaw.render(), "a bad  thing\n  a b c=\n        ^");
    }
}
