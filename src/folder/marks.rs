//! Where the commas, quotes and line feeds of a long text stand, 64 bytes at a time: a search for each by itself costs
//! more than most cells are long.

/// How many bytes are looked at together, a bit each.
const SEVERAL: usize = u64::BITS as usize;

/// Goes through the bytes of a text that may end a cell or a row, and a few others: every one up to the comma in ASCII.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// Where the next 64 bytes to look at start.
    next: usize,
    /// A bit for each mark among the 64 bytes before `next` that was not given out yet.
    found: u64,
}

impl Marks {
    /// From an offset on.
    pub(super) fn from(start: usize) -> Marks {
        Marks { next: start, found: 0 }
    }

    /// Where the next one stands in `bytes`, which must be the same slice on every call.
    #[inline]
    pub(super) fn next_in(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.found == 0 {
            *self = Marks::ahead(bytes, self.next)?;
        }
        let at = self.next - SEVERAL + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(at)
    }

    /// The first 64 bytes with a mark, at an offset or after it.
    fn ahead(bytes: &[u8], mut next: usize) -> Option<Marks> {
        let mut last = [u8::MAX; SEVERAL];
        loop {
            let rest = bytes.get(next..).filter(|rest| !rest.is_empty())?;
            let found = low(rest.first_chunk().unwrap_or_else(|| {
                last[..rest.len()].copy_from_slice(rest);
                &last
            }));
            next += SEVERAL;
            if found != 0 {
                return Some(Marks { next, found });
            }
        }
    }
}

/// A bit for every byte up to the comma.
#[inline]
fn low(bytes: &[u8; SEVERAL]) -> u64 {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const ROOM: u64 = u64::from_le_bytes([0x7f - b','; 8]);
    // Multiplying by this gathers the lowest bits of eight bytes in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = bytes.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        let eight = u64::from_le_bytes(*eight);
        // The sum sets the high bit of ASCII bytes beyond the comma; bytes beyond ASCII have it already.
        let low = !(((eight & !HIGH) + ROOM) | eight) & HIGH;
        bits << 8 | (low >> 7).wrapping_mul(GATHER) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8], start: usize) -> Vec<usize> {
        let mut marks = Marks::from(start);
        std::iter::from_fn(|| marks.next_in(text)).collect()
    }

    #[test]
    fn every_byte_up_to_the_comma_is_found_and_no_other() {
        let mut dice = fastrand::Rng::with_seed(7);
        for length in 0..300 {
            let text: Vec<u8> = std::iter::repeat_with(|| dice.u8(..)).take(length).collect();
            for start in 0..=length {
                let expected: Vec<usize> = (start..length).filter(|at| text[*at] <= b',').collect();
                assert_eq!(found(&text, start), expected, "{text:?} from {start}");
            }
        }
        let all: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(found(&all, 0), (0..=usize::from(b',')).collect::<Vec<_>>());
        assert!(found(&all, 300).is_empty());
    }
}
