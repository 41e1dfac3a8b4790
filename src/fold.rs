//! Comparing texts as people do: without regard to case, and to full width and half width forms.

/// The half width form of a full width one; any other character as it is.
pub(crate) fn narrow(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

fn folded(letter: char) -> impl Iterator<Item = char> {
    // Letter by letter: lower case of a whole text would make a word's last sigma differ from the same letter inside.
    narrow(letter).to_lowercase()
}

/// A text in the form that comparisons are made in.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(folded).collect()
}

/// Folded, trimmed, and with one space where there were several.
pub(crate) fn fold_words(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(fold).collect();
    words.join(" ")
}

/// How many bytes of `text` its beginning takes that says the same as `phrase`, whatever the number of spaces.
pub(crate) fn starts_with_words(text: &str, phrase: &str) -> Option<usize> {
    let mut rest = text;
    for (nth, word) in phrase.split_whitespace().enumerate() {
        if nth > 0 {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
        }
        for wanted in word.chars() {
            let mut letters = rest.chars();
            let same = letters.next().is_some_and(|letter| folded(letter).eq(folded(wanted)));
            if !same {
                return None;
            }
            rest = letters.as_str();
        }
    }
    Some(text.len() - rest.len())
}

/// A text to look for, folded once so that a million cells are compared without being copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needle(String);

impl Needle {
    pub(crate) fn new(text: &str) -> Needle {
        Needle(fold(text.trim()))
    }

    /// Whether a trimmed text is this one.
    pub(crate) fn equals(&self, text: &str) -> bool {
        if text.is_ascii() {
            return text.eq_ignore_ascii_case(&self.0);
        }
        text.chars().flat_map(folded).eq(self.0.chars())
    }

    /// Whether this text stands in another.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() {
            return self.0.is_ascii() && self.is_in_ascii(text.as_bytes());
        }
        text.char_indices().any(|(at, _)| self.begins(&text[at..])) || self.0.is_empty()
    }

    fn begins(&self, text: &str) -> bool {
        let mut letters = text.chars().flat_map(folded);
        self.0.chars().all(|wanted| letters.next() == Some(wanted))
    }

    fn is_in_ascii(&self, text: &[u8]) -> bool {
        let needle = self.0.as_bytes();
        let Some(&first) = needle.first() else { return true };
        let Some(last_start) = text.len().checked_sub(needle.len()) else { return false };
        let starts = memchr::memchr2_iter(first, first.to_ascii_uppercase(), &text[..=last_start]);
        starts.into_iter().any(|at| text[at..at + needle.len()].eq_ignore_ascii_case(needle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_width_make_no_difference() {
        assert!(Needle::new("ＡＣＭＥ").equals("Acme"));
        assert!(Needle::new("acme").equals("ＡｃＭＥ"));
        assert!(Needle::new("STRASSE ÄÖ").equals("strasse äö"));
        assert!(!Needle::new("acme").equals("acme ltd"));
    }

    #[test]
    fn a_needle_is_found_anywhere() {
        for text in ["Acme", "the ACME corp", "xacm acme", "台灣ａｃｍｅ公司"] {
            assert!(Needle::new("Acme").is_in(text), "{text}");
        }
        for text in ["", "acm", "ac me", "台灣"] {
            assert!(!Needle::new("Acme").is_in(text), "{text}");
        }
        assert!(Needle::new("積電").is_in("台積電"));
        assert!(!Needle::new("積電").is_in("tsmc"));
        assert!(Needle::new("ΟΔΟΣ").is_in("οδοσ 1"));
    }

    #[test]
    fn a_phrase_is_read_through_any_spaces() {
        assert_eq!(starts_with_words("This   Week acme", "this week"), Some(11));
        assert_eq!(starts_with_words("thisweek", "this week"), None);
        assert_eq!(starts_with_words("this wee", "this week"), None);
    }
}
