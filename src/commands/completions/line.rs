//! A command line as far as it is typed, taken apart as a shell of the Bourne family would.

/// The words of a command line that ends where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The words without their quotes; the last is the one at the cursor, and may be empty.
    pub(super) words: Vec<String>,
    /// Whether the last word stands in a quote that does not end.
    pub(super) quoted: bool,
}

impl Line {
    /// Reads a line. Nothing in it is expanded.
    pub(super) fn read(text: &str) -> Line {
        let mut line = Line { words: vec![String::new()], quoted: false };
        let mut quote = None;
        // Whether the last word has begun, be it with an empty quote.
        let mut begun = false;
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let blank = letter.is_whitespace() && quote.is_none();
            if blank {
                if begun {
                    line.words.push(String::new());
                }
                begun = false;
                continue;
            }
            begun = true;
            let word = line.words.last_mut();
            match (quote, letter) {
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), _) if open == letter => quote = None,
                (None | Some('"'), '\\') => {
                    let next = letters.next();
                    // Between double quotes a backslash is itself before most letters.
                    let kept = quote.is_some() && !next.is_some_and(|next| "\"\\$`".contains(next));
                    if let Some(word) = word {
                        word.extend(kept.then_some('\\').into_iter().chain(next));
                    }
                }
                _ => {
                    if let Some(word) = word {
                        word.push(letter);
                    }
                }
            }
        }
        line.quoted = quote.is_some();
        line
    }
}

/// A word as it can be typed outside quotes.
pub(super) fn escaped(word: &str) -> String {
    let plain =
        |letter: char| letter.is_alphanumeric() || "_-./=+,:@%".contains(letter) || !letter.is_ascii();
    let mut typed = String::with_capacity(word.len());
    for letter in word.chars() {
        if !plain(letter) {
            typed.push('\\');
        }
        typed.push(letter);
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        for (text, words, quoted) in [
            ("", &[""][..], false),
            ("pipeline", &["pipeline"], false),
            ("pipeline  move ", &["pipeline", "move", ""], false),
            ("pipeline list owner=an", &["pipeline", "list", "owner=an"], false),
            ("p list 'owner=ana or ow", &["p", "list", "owner=ana or ow"], true),
            (r"p add Harbour\ &\ Fi", &["p", "add", "Harbour & Fi"], false),
            (r#"p add "a \"b\" \c" '"#, &["p", "add", r#"a "b" \c"#, ""], true),
            ("p add '' x", &["p", "add", "", "x"], false),
        ] {
            let line = Line::read(text);
            assert_eq!(
                (&line.words[..], line.quoted),
                (&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()[..], quoted),
                "{text}"
            );
        }
    }

    #[test]
    fn a_word_is_read_back_as_it_was() {
        for word in ["deal-42", "owner=陳怡君", "no decision", "a'b\"c\\d$e", "(x)*?"] {
            assert_eq!(Line::read(&escaped(word)).words, [word]);
        }
    }
}
