//! Texts that a spreadsheet would run as formulas: with a `'` before them in the CSV that it opens, and without it again.

use std::borrow::Cow;

/// A text for a cell of CSV: what would be a formula has a `'` before it, and so has what would be taken for one that has it.
pub fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { text }
}

/// Undoes [`guarded`]; a `'` before anything else stands for itself.
pub fn unguarded(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_guarded = text.strip_prefix('\'').is_some_and(|rest| is_formula(rest.trim_start_matches('\'')));
    match text {
        text if !is_guarded => text,
        Cow::Borrowed(text) => Cow::Borrowed(&text[1..]),
        Cow::Owned(text) => Cow::Owned(text[1..].to_owned()),
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() <= digits.len() + 1
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_no_formula() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-2+3", "'-2+3"),
            ("--3", "'--3"),
            ("\t=1", "'\t=1"),
            ("-3.5", "-3.5"),
            ("a=b", "a=b"),
            ("'=1+1", "''=1+1"),
            ("'t Hooft", "'t Hooft"),
            ("'-3.5", "'-3.5"),
        ] {
            assert_eq!(guarded(Cow::Borrowed(text)), safe);
            assert_eq!(unguarded(Cow::Borrowed(safe)), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back_as_it_was(text in "['=+@\t\r-]{0,4}[0-9.]{0,3}\\PC{0,6}") {
            let safe = guarded(Cow::Borrowed(&text));
            prop_assert!(!is_formula(&safe));
            prop_assert_eq!(unguarded(safe), text.as_str());
        }
    }
}
