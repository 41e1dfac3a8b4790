//! Text in columns of a terminal: how wide it is, cut to a width, wrapped to a width.
//!
//! All of it goes by the width of a whole text, since characters that join are narrower or wider than their sum.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text if it fits, else as much of its start as fits before `mark`.
pub(super) fn cut(text: &str, limit: usize, mark: &str) -> String {
    if fits(text, limit) {
        return text.to_owned();
    }
    let mark = if width(mark) <= limit { mark } else { "" };
    let mut kept = start_within(text, limit - width(mark));
    loop {
        let shown = format!("{kept}{mark}");
        if width(&shown) <= limit {
            return shown;
        }
        kept = without_last(kept);
    }
}

/// The text in lines of at most `limit` columns, broken at spaces and, where a word is too long, inside it.
///
/// A single character wider than `limit` is dropped, so that the promise holds.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        let longer = format!("{line}{word}");
        if width(longer.trim_end_matches(' ')) <= limit {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while !fits(rest.trim_end_matches(' '), limit) {
            let head = start_within(rest, limit);
            if !head.is_empty() {
                lines.push(head.to_owned());
            }
            let tail = &rest[head.len()..];
            rest = if head.is_empty() { after_first(tail) } else { tail };
        }
        rest.clone_into(&mut line);
    }
    lines.push(line);
    for line in &mut lines {
        line.truncate(line.trim_end_matches(' ').len());
    }
    lines
}

/// The widest word of a text.
pub(super) fn widest_word(text: &str) -> usize {
    text.split(' ').map(width).max().unwrap_or(0)
}

fn fits(text: &str, limit: usize) -> bool {
    width(text) <= limit
}

/// A start that fits, the longest by the sum of its characters.
fn start_within(text: &str, limit: usize) -> &str {
    let mut sum = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        sum += c.width().unwrap_or(0);
        (sum > limit).then_some(at)
    });
    let mut start = &text[..end.unwrap_or(text.len())];
    // A variation selector widens what it follows.
    while width(start) > limit {
        start = without_last(start);
    }
    start
}

fn without_last(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next_back();
    chars.as_str()
}

fn after_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wide_character_is_never_halved() {
        assert_eq!(cut("潛在客戶", 8, "…"), "潛在客戶");
        assert_eq!(cut("潛在客戶", 7, "…"), "潛在客…");
        assert_eq!(cut("潛在客戶", 6, "…"), "潛在…");
        assert_eq!(cut("潛在", 1, "…"), "…");
        assert_eq!(cut("潛在", 1, "..."), "");
        assert_eq!(cut("Globex", 5, "..."), "Gl...");
    }

    #[test]
    fn text_breaks_at_spaces_and_long_words_inside() {
        assert_eq!(wrap("as of 2017-12-31", 10), ["as of", "2017-12-31"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("潛在客戶", 5), ["潛在", "客戶"]);
        assert_eq!(wrap("", 5), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in "\\PC{0,60}", limit in 0usize..40) {
            prop_assert!(width(&cut(&text, limit, "…")) <= limit);
            for line in wrap(&text, limit) {
                prop_assert!(width(&line) <= limit, "{line:?}");
            }
        }

        #[test]
        fn joined_and_widened_characters_too(
            parts in prop::collection::vec(
                prop::sample::select(vec!["1", "\u{fe0f}", "\u{20e3}", "👩", "\u{200d}", "🚀", "e", "\u{301}", "🇩", "☺", "ل", "ا"]),
                0..30,
            ),
            limit in 0usize..30,
        ) {
            let text = parts.concat();
            prop_assert!(width(&cut(&text, limit, "…")) <= limit);
            for line in wrap(&text, limit) {
                prop_assert!(width(&line) <= limit, "{line:?}");
            }
        }
    }
}
