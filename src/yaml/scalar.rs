//! A text as a YAML scalar: plain where every reader, of YAML 1.1 or 1.2, takes it for that text; else in quotes.

use super::tree::Style;

/// Where a scalar is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// Whether it stands inside brackets or braces.
    pub(super) flow: bool,
    /// What the lines of a block are indented by.
    pub(super) indent: &'a str,
    /// The line end of the file.
    pub(super) newline: &'a str,
}

/// A text in the style of the one that it replaces, where it can be written so.
pub(super) fn render(text: &str, old: Option<(&str, Style)>, context: Context<'_>) -> String {
    match old.map(|(_, style)| style) {
        Some(Style::Double) => return double(text),
        Some(Style::Single) if fits_quotes(text) => return single(text),
        _ => {}
    }
    let same_look = |old: &str| is_number(old) && is_number(text) || is_instant(old) && is_instant(text);
    let keeps_look = old.is_some_and(|(old, style)| style == Style::Plain && same_look(old));
    if is_plain(text, context.flow) || keeps_look && !(context.flow && text.contains(':')) {
        return text.to_owned();
    }
    if !context.flow && fits_block(text) {
        return block(text, context);
    }
    if fits_quotes(text) { single(text) } else { double(text) }
}

/// Whether a text is a plain scalar that no reader takes for anything else, or writes back in another way.
fn is_plain(text: &str, flow: bool) -> bool {
    let starts =
        text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '$' | '€' | '£' | '¥' | '(' | '/'));
    let breaks = text.contains(": ") || text.contains(" #") || text.ends_with([':', ' ']);
    // Some readers take a dash before a bracket for a list.
    let breaks_flow = flow && (text.contains(['[', ']', '{', '}', ',', ':']) || text.contains(" -"));
    if !fits_quotes(text) || text.contains('\t') || breaks || breaks_flow {
        return false;
    }
    if is_number(text) || is_day(text) {
        return survives(text);
    }
    starts && !is_word(text) && !is_like_number(text)
}

/// Words that some reader takes for true, false or nothing.
fn is_word(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A text that some reader might take for a number, a time, or a number in base 2, 8, 16 or 60.
fn is_like_number(text: &str) -> bool {
    let part = |c: char| {
        c.is_ascii_hexdigit()
            || matches!(c, 'x' | 'o' | '_' | '.' | ':' | '+' | '-' | 'T' | 't' | 'Z' | 'z' | ' ')
    };
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(part)
}

/// A decimal number as people write it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(part) && (whole == "0" || !whole.starts_with('0'))
}

fn is_day(text: &str) -> bool {
    crate::deal::time::parse_day(text).is_some() && text.len() == "2026-01-01".len()
}

fn is_instant(text: &str) -> bool {
    crate::deal::time::Instant::parse(text).is_some()
}

/// Whether a number comes back as it was written from a reader that makes a float of it.
fn survives(text: &str) -> bool {
    let exact = text.bytes().filter(u8::is_ascii_digit).count() <= 15;
    is_day(text) || exact && text != "-0" && !(text.contains('.') && text.ends_with('0'))
}

/// Whether single quotes can hold a text on one line.
fn fits_quotes(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && c != '\t' || is_special(c))
}

/// Characters that YAML takes for line breaks, or that no reader shows.
fn is_special(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text of several lines comes back as it is from a block.
fn fits_block(text: &str) -> bool {
    let sound = |line: &str| fits_quotes(line) && !line.ends_with([' ', '\t']);
    let lines = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !lines.is_empty()
        && !lines.ends_with('\n')
        && !lines.starts_with(['\n', ' ', '\t'])
        && lines.split('\n').all(sound)
}

fn block(text: &str, context: Context<'_>) -> String {
    let (mark, lines) = match text.strip_suffix('\n') {
        Some(lines) => ("|", lines),
        None => ("|-", text),
    };
    let mut written = mark.to_owned();
    for line in lines.split('\n') {
        written.push_str(context.newline);
        if !line.is_empty() {
            written.push_str(context.indent);
            written.push_str(line);
        }
    }
    written
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_special(c) => quoted.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(text: &str) -> String {
        render(text, None, Context { flow: false, indent: "  ", newline: "\n" })
    }

    #[test]
    fn a_text_is_plain_only_where_it_stays_that_text() {
        for plain in [
            "Acme",
            "潛在 客戶",
            "12000",
            "-5",
            "0.5",
            "2026-01-01",
            "2026-Q4",
            "10k",
            "60%",
            "a, b",
            "no one",
            "http://x.org/a",
        ] {
            assert_eq!(new(plain), plain);
        }
        for quoted in [
            "",
            "no",
            "NO",
            "y",
            "On",
            "null",
            "~",
            "Null",
            "007",
            "1e3",
            "0x1f",
            "12:30",
            "1_000",
            "12000.50",
            "12345678901234567",
            "2026-11-24T12:00:00.000Z",
            "- a",
            "a: b",
            "a #b",
            "a:",
            " a",
            "a ",
            "#a",
            "@a",
            "=",
            "<<",
            ".5",
            "+1",
            "? a",
            "[a",
            "it's: so",
            "2026-13-45",
            "---",
            "...",
            "\t",
            "*a",
            "&a",
            "!a",
            "%a",
            "`a",
        ] {
            assert_eq!(new(quoted), format!("'{}'", quoted.replace('\'', "''")));
        }
    }

    #[test]
    fn breaks_and_control_characters_are_escaped_and_letters_are_not() {
        assert_eq!(new("a\r\n\"潛\\\u{7}"), "\"a\\r\\n\\\"潛\\\\\\u0007\"");
        assert_eq!(new("a\n\n b\n"), "|\n  a\n\n   b\n".trim_end_matches('\n'));
        assert_eq!(new("a\nb"), "|-\n  a\n  b");
        assert_eq!(new("a \nb"), "\"a \\nb\"");
    }

    #[test]
    fn a_text_takes_over_the_style_of_the_one_before() {
        let block = Context { flow: false, indent: "  ", newline: "\n" };
        assert_eq!(render("won", Some(("needs", Style::Single)), block), "'won'");
        assert_eq!(render("won", Some(("needs", Style::Double)), block), "\"won\"");
        assert_eq!(render("13000.50", Some(("12000.50", Style::Plain)), block), "13000.50");
        assert_eq!(render("no", Some(("12000.50", Style::Plain)), block), "'no'");
        let flow = Context { flow: true, ..block };
        assert_eq!(render("a, b", Some(("a", Style::Plain)), flow), "'a, b'");
        assert_eq!(render("a\nb", Some(("a", Style::Plain)), flow), "\"a\\nb\"");
    }
}
