//! The commas of a row, found eight bytes at a time in one machine word. Cells are so short that a search made for long
//! texts costs more to begin than they are long, and it would begin once a cell.

/// A word of one byte eight times.
const fn filled(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The high bit of every byte of a word that is `byte`, and no other.
const fn hits(word: u64, byte: u8) -> u64 {
    let (differs, low) = (word ^ filled(byte), filled(0x7f));
    !(((differs & low) + low) | differs | low)
}

/// Gives `found` the place of every comma of a row, in order. Whether every cell is plain to see: no quote is among the
/// bytes, and no backslash.
pub(super) fn commas(row: &[u8], mut found: impl FnMut(usize)) -> bool {
    let mut strange = 0;
    let mut look = |at: usize, word: u64| {
        strange |= hits(word, b'"') | hits(word, b'\\');
        let mut commas = hits(word, b',');
        while commas != 0 {
            found(at + commas.trailing_zeros() as usize / 8);
            commas &= commas - 1;
        }
    };
    let (words, rest) = row.as_chunks::<8>();
    for (nth, word) in words.iter().enumerate() {
        look(nth * 8, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    look(words.len() * 8, u64::from_le_bytes(last));
    strange == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comma_is_found_and_nothing_else() {
        let mut dice = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            // Neighbours of the bytes that are looked for, and such as have the high bit.
            let bytes = [b',', b',', b'+', b'-', b'"', b'!', b'#', b'\\', 0, 0x7f, 0x80, 0xac, 0xff, b'a'];
            let row: Vec<u8> = (0..dice.usize(..40)).map(|_| bytes[dice.usize(..bytes.len())]).collect();
            let mut found = Vec::new();
            let plain = commas(&row, |at| found.push(at));
            let expected: Vec<usize> = (0..row.len()).filter(|at| row[*at] == b',').collect();
            assert_eq!(found, expected, "{row:?}");
            assert_eq!(plain, !row.contains(&b'"') && !row.contains(&b'\\'), "{row:?}");
        }
    }
}
