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

/// The text in lines of at most `limit` columns, broken at spaces and between characters that are written without, and
/// inside a word only where it is too long.
///
/// A single character wider than `limit` is dropped, so that the promise holds.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
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

/// The parts of a text between which a line may be broken: words with the spaces after them, and single characters of
/// scripts that are written without spaces, each with the punctuation that may not stand apart from it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut pairs = rest.char_indices().zip(rest.chars().skip(1));
        let end = pairs.find_map(|((at, a), b)| may_break(a, b).then(|| at + a.len_utf8()));
        let (word, tail) = rest.split_at(end.unwrap_or(rest.len()));
        rest = tail;
        (!word.is_empty()).then_some(word)
    })
}

/// Punctuation that no line begins with, and that none ends with; what Chinese typesetting asks for.
const ENDS: &str = "，。、；：？！）」』】》〉〕｝…—·％,.;:?!)]}%";
const OPENS: &str = "（「『【《〈〔｛([{";

/// Whether a line may end between two characters.
fn may_break(a: char, b: char) -> bool {
    if a == ' ' || b == ' ' {
        return a == ' ' && b != ' ';
    }
    let wide = |c: char| c.width() == Some(2);
    // What has no width joins its neighbours.
    let joined = [a, b].iter().any(|c| c.width().unwrap_or(0) == 0);
    (wide(a) || wide(b)) && !joined && !OPENS.contains(a) && !ENDS.contains(b)
}

/// The widest part of a text that no line break tears: a word, or of what is written without spaces two characters, since
/// single ones under each other are no heading.
pub(super) fn widest_word(text: &str) -> usize {
    const TWO_CHARACTERS: usize = 4;
    let least = |word: &str| {
        let part = words(word).map(width).max().unwrap_or(0);
        part.max(TWO_CHARACTERS).min(width(word))
    };
    text.split(' ').map(least).max().unwrap_or(0)
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

    #[test]
    fn chinese_breaks_anywhere_but_keeps_its_punctuation_and_foreign_words() {
        // Each Chinese character and mark is two columns wide.
        assert_eq!(wrap("預算：問清楚成本", 10), ["預算：問清", "楚成本"]);
        assert_eq!(wrap("問清楚成本，再問經費", 10), ["問清楚成", "本，再問經", "費"]);
        assert_eq!(wrap("先看「預算」欄", 6), ["先看", "「預", "算」欄"]);
        assert_eq!(wrap("沒有重複（pipeline duplicates）", 14), ["沒有重複", "（pipeline", "duplicates）"]);
        assert_eq!(wrap("寄 mail 給客戶", 9), ["寄 mail", "給客戶"]);
        // A mark that does not fit after its character takes it along; alone in a line there is no choice.
        assert_eq!(wrap("好。", 2), ["好", "。"]);
        assert_eq!(wrap("👩\u{200d}🚀👩\u{200d}🚀", 3), ["👩\u{200d}🚀", "👩\u{200d}🚀"]);
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
