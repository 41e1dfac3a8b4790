//! Keeps what acts on a terminal out of JSON: the same document, such characters as `\u` escapes.

use std::io::{self, Write};

use super::escape::is_hostile;

/// Takes the JSON of a serializer, whose hostile characters can only stand in strings, where `\u` means them.
pub(super) struct Shield<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Shield<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Shield<'a> {
        Shield { out }
    }
}

impl Write for Shield<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The serializer escapes the ASCII ones itself, except DEL, and writes whole characters.
        let suspect = bytes.iter().any(|byte| *byte >= 0x7f);
        match std::str::from_utf8(bytes) {
            Ok(text) if suspect => write_shielded(text, self.out)?,
            _ => self.out.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn write_shielded(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = text;
    let hostile = |c| is_hostile(c) && c != '\n';
    while let Some(at) = rest.find(hostile) {
        let (harmless, tail) = rest.split_at(at);
        out.write_all(harmless.as_bytes())?;
        let mut chars = tail.chars();
        if let Some(c) = chars.next() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        rest = chars.as_str();
    }
    out.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_same() {
        let text = "潛在\u{9b}2J\u{202e}\u{7f}\u{e0041}\x1b\n👩";
        let mut bytes = Vec::new();
        serde_json::to_writer_pretty(Shield::new(&mut bytes), &[text]).unwrap();
        let json = String::from_utf8(bytes).unwrap();
        assert!(json.chars().all(|c| !is_hostile(c) || c == '\n'), "{json:?}");
        assert!(json.contains("潛在\\u009b2J\\u202e\\u007f\\udb40\\udc41\\u001b\\n👩"), "{json:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
