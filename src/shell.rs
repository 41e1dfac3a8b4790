//! Commands as a shell takes them, so that one that is shown can be pasted.

use std::borrow::Cow;

/// A command of these words, each quoted where it has to be.
pub fn command<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A command about a deal, with what follows its id and with options. An id that would be taken for an option comes last,
/// after `--`.
pub fn about(verb: &str, deal: &str, then: &[&str], options: &[(&str, &str)]) -> String {
    let mut flags: Vec<String> = Vec::new();
    for (name, value) in options {
        if value.starts_with('-') {
            flags.push(format!("{name}={value}"));
        } else {
            flags.extend([*name, *value].map(str::to_owned));
        }
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let words = if deal.starts_with('-') {
        [&["pipeline", verb], &flags[..], &["--", deal], then].concat()
    } else {
        [&["pipeline", verb, deal], then, &flags[..]].concat()
    };
    command(&words)
}

/// A word that every shell of the Bourne family takes as it is.
pub fn quote(word: &str) -> Cow<'_, str> {
    // Letters beyond ASCII mean nothing to a shell; zsh looks at a `=` that comes first.
    let plain = |c: char| c.is_alphanumeric() || "_-./=+,:@%…".contains(c);
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    if word.contains('\'') && !word.contains(['"', '$', '`', '\\', '!']) {
        return Cow::Owned(format!("\"{word}\""));
    }
    // Without a backslash, which TSV doubles: it would end the quotes there.
    Cow::Owned(format!("'{}'", word.replace('\'', r#"'"'"'"#)))
}

/// A field and its value as one word.
pub fn assignment(field: &str, value: &str) -> String {
    match quote(field) {
        Cow::Borrowed(field) if value.is_empty() => format!("{field}="),
        Cow::Borrowed(field) => format!("{field}={}", quote(value)),
        Cow::Owned(_) => quote(&format!("{field}={value}")).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_take_apart_are_quoted() {
        for (word, quoted) in [
            ("deal-42", "deal-42"),
            ("close_date=today+30d", "close_date=today+30d"),
            ("next_step=送出合約", "next_step=送出合約"),
            ("value=…", "value=…"),
            ("reason=no decision", "'reason=no decision'"),
            ("x; rm -rf ~", "'x; rm -rf ~'"),
            ("O'Hara", "\"O'Hara\""),
            ("O'Hara & $1", r#"'O'"'"'Hara & $1'"#),
            ("$HOME", "'$HOME'"),
            ("=ls", "'=ls'"),
            ("", "''"),
        ] {
            assert_eq!(quote(word), quoted);
        }
        assert_eq!(assignment("next_step", "Call Ana"), "next_step='Call Ana'");
        assert_eq!(assignment("Deal size", "L"), "'Deal size=L'");
        assert_eq!(assignment("owner", ""), "owner=");
    }

    #[test]
    fn an_id_that_looks_like_an_option_comes_after_them() {
        assert_eq!(about("merge", "a b", &[], &[("--into", "c")]), "pipeline merge 'a b' --into c");
        assert_eq!(about("merge", "-a", &[], &[("--into", "-b")]), "pipeline merge --into=-b -- -a");
        let note = [("--note", "not yet")];
        assert_eq!(about("move", "d", &["needs"], &note), "pipeline move d needs --note 'not yet'");
        assert_eq!(about("move", "-d", &["needs"], &note), "pipeline move --note 'not yet' -- -d needs");
    }

    #[test]
    fn a_shell_gives_every_word_back() {
        for word in [
            "a b",
            "O'Hara",
            "it's $(id)",
            "'\"'!`'",
            "$(id)",
            "`id`",
            "\\",
            "*",
            "\"",
            "~",
            "#",
            "!x",
            "潛在 客戶",
            "{a,b}",
            "&",
        ] {
            let shell =
                std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quote(word))]).output();
            assert_eq!(String::from_utf8(shell.unwrap().stdout).unwrap(), word);
        }
    }
}
