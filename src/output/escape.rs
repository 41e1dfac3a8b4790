//! Text from files is never trusted: what could move a cursor, change a colour or reorder a line is shown, not sent.

use std::borrow::Cow;
use std::fmt::Write;

/// What becomes of line breaks and tabs, which are harmless but break a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// They stay, where the format has its own way with them.
    Keep,
    /// A line break is `⏎`, a tab a space.
    Symbols,
    /// A line break is `\n`, a tab a space.
    Ascii,
}

/// Whether a character acts on a terminal instead of being shown, or makes a line read otherwise than it is stored.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            // Tags, which carry text that nobody sees.
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with every hostile character written out: `\x1b`, `\u{202e}`.
pub fn escape(text: &str, breaks: Breaks) -> Cow<'_, str> {
    let kept = |c| breaks == Breaks::Keep && matches!(c, '\n' | '\r' | '\t');
    if text.chars().all(|c| !is_hostile(c) || kept(c)) {
        return Cow::Borrowed(text);
    }
    let text =
        if breaks == Breaks::Keep { Cow::Borrowed(text) } else { Cow::Owned(text.replace("\r\n", "\n")) };
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            _ if kept(c) || !is_hostile(c) => shown.push(c),
            '\n' if breaks == Breaks::Symbols => shown.push('⏎'),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push(' '),
            _ => {
                let code = u32::from(c);
                // Writing to a String cannot fail.
                let _ = if code < 0x100 {
                    write!(shown, "\\x{code:02x}")
                } else {
                    write!(shown, "\\u{{{code:x}}}")
                };
            }
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_itself() {
        for text in ["", "Müller & 潛在客戶", "a\\b", "👩\u{200d}🚀"] {
            assert!(matches!(escape(text, Breaks::Symbols), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        let shown = |text| escape(text, Breaks::Symbols).into_owned();
        assert_eq!(shown("\x1b[31mred"), "\\x1b[31mred");
        assert_eq!(shown("nul\0"), "nul\\x00");
        assert_eq!(shown("\u{9b}2J"), "\\x9b2J");
        assert_eq!(shown("\u{202e}gpj.exe\u{2069}"), "\\u{202e}gpj.exe\\u{2069}");
        assert_eq!(shown("bell\u{7}\u{7f}"), "bell\\x07\\x7f");
    }

    #[test]
    fn a_line_break_stays_on_its_line() {
        assert_eq!(escape("one\r\ntwo\tthree\n", Breaks::Symbols), "one⏎two three⏎");
        assert_eq!(escape("one\ntwo", Breaks::Ascii), "one\\ntwo");
        assert_eq!(escape("one\n\ttwo\0", Breaks::Keep), "one\n\ttwo\\x00");
    }
}
