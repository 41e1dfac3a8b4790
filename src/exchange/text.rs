//! Bytes of a file from elsewhere as text: UTF-8, UTF-16, or what Windows and old spreadsheets write for Western Europe.

/// How a file's text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its mark.
    Utf8,
    /// UTF-16 of either byte order.
    Utf16,
    /// Windows-1252, of which Latin-1 is the printable part.
    Windows1252,
}

impl Encoding {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Windows1252 => "Latin-1 (Windows-1252)",
        }
    }
}

/// What Windows-1252 has where Latin-1 has control characters; `\0` where it has nothing.
const WINDOWS: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// Reads bytes as text. A byte order mark is taken off.
///
/// Errors: the bytes are no text in any of the three, with the offset of the first byte that is none.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), usize> {
    if let Some(rest) = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        let text = std::str::from_utf8(rest).map_err(|bad| bad.valid_up_to() + 3)?;
        return Ok((text.to_owned(), Encoding::Utf8));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return utf16(rest, 2, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return utf16(rest, 2, u16::from_be_bytes);
    }
    // The first line names columns in ASCII: without a mark, every other byte of it is zero in UTF-16.
    match bytes {
        [first, 0, ..] if *first != 0 => return utf16(bytes, 0, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => return utf16(bytes, 0, u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.to_owned(), Encoding::Utf8)),
        Err(_) => windows(bytes),
    }
}

fn utf16(bytes: &[u8], skipped: usize, unit: fn([u8; 2]) -> u16) -> Result<(String, Encoding), usize> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(skipped + bytes.len() - 1);
    }
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let (mut text, mut at) = (String::with_capacity(bytes.len() / 2), skipped);
    for c in char::decode_utf16(units) {
        let c = c.map_err(|_| at)?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    Ok((text, Encoding::Utf16))
}

fn windows(bytes: &[u8]) -> Result<(String, Encoding), usize> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for (at, byte) in bytes.iter().enumerate() {
        text.push(match byte {
            0x80..=0x9F => match WINDOWS[usize::from(byte - 0x80)] {
                '\0' => return Err(at),
                c => c,
            },
            // A text has no other control characters than these; a picture or an archive has.
            0..=8 | 11 | 12 | 14..=31 => return Err(at),
            _ => char::from(*byte),
        });
    }
    Ok((text, Encoding::Windows1252))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn three_ways_to_write_a_text_are_told_apart() {
        let text = "Id,Name\n1,Öl & Gas €\n";
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked(&[0xEF, 0xBB, 0xBF], text.as_bytes().to_vec()), Encoding::Utf8),
            (marked(&[0xFF, 0xFE], units(text, u16::to_le_bytes)), Encoding::Utf16),
            (marked(&[0xFE, 0xFF], units(text, u16::to_be_bytes)), Encoding::Utf16),
            (units(text, u16::to_le_bytes), Encoding::Utf16),
            (units(text, u16::to_be_bytes), Encoding::Utf16),
            (b"Id,Name\n1,\xD6l & Gas \x80\n".to_vec(), Encoding::Windows1252),
        ] {
            assert_eq!(decode(&bytes), Ok((text.to_owned(), encoding)), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_where_it_stops_being_one() {
        for (bytes, at) in [
            (&b"\xEF\xBB\xBFa\xFF"[..], 4),
            (b"\xFF\xFEa\0b", 4),
            (b"\xFF\xFEa\0\0\xD8a\0", 4),
            (b"PK\x03\x04\xFF", 2),
            (b"a\xFF\x81", 2),
        ] {
            assert_eq!(decode(bytes), Err(at), "{bytes:?}");
        }
        assert_eq!(decode(b""), Ok((String::new(), Encoding::Utf8)));
    }
}
