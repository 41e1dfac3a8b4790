//! Where the deal of an id stands: by the number in it where ids are one prefix and a number, which is a step into an
//! array for each of millions of events; else by its bytes.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

/// Where the row of an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The deal's position among the sound ones.
    At(u32),
    /// Its row was left out.
    LeftOut,
}

/// An id, as far as its place depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// The number after the prefix that ids have here.
    Number(u32),
    /// Any other id.
    Name(Cow<'a, str>),
}

/// The places of ids.
#[derive(Debug, Default)]
pub struct Ids {
    /// What the first id has before its number.
    prefix: String,
    /// By number: 0 for none, 1 for one left out, else two more than the place.
    numbered: Vec<u32>,
    /// The numbers below this are worth a slot of their own.
    end: usize,
    named: FxHashMap<Box<str>, Place>,
}

impl Ids {
    /// No ids yet, where about so many are to come, of which this is one.
    pub fn like(id: &str, several: usize) -> Ids {
        let prefix = id.trim_end_matches(|c: char| c.is_ascii_digit());
        // Numbers may have gaps, but a few large ones must not make a large array.
        let end = several.saturating_mul(4).saturating_add(64);
        Ids { prefix: prefix.to_owned(), end, ..Ids::default() }
    }

    /// The number in an id that has a slot of its own.
    #[inline]
    fn number(&self, id: &str) -> Option<u32> {
        let digits = id.strip_prefix(&*self.prefix)?.as_bytes();
        // `007` is another id than `7`.
        if digits.is_empty() || digits.len() > 9 || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        let number = digits
            .iter()
            .try_fold(0, |sum: u32, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))?;
        ((number as usize) < self.end).then_some(number)
    }

    /// What an id's place is told by.
    pub fn key<'k>(&self, id: Cow<'k, str>) -> Key<'k> {
        self.number(&id).map_or(Key::Name(id), Key::Number)
    }

    /// The id of a key.
    pub fn id<'k>(&self, key: &'k Key<'_>) -> Cow<'k, str> {
        match key {
            Key::Number(number) => format!("{}{number}", self.prefix).into(),
            Key::Name(name) => Cow::Borrowed(name),
        }
    }

    /// Where an id stands; `None` for one that was not told.
    #[inline]
    pub fn place(&self, id: &str) -> Option<Place> {
        match self.number(id) {
            None => self.named.get(id).copied(),
            Some(number) => self.of_number(number),
        }
    }

    /// Where the id of a key stands; `None` for one that was not told.
    pub fn of_key(&self, key: &Key<'_>) -> Option<Place> {
        match key {
            Key::Name(name) => self.named.get(&**name).copied(),
            Key::Number(number) => self.of_number(*number),
        }
    }

    #[inline]
    fn of_number(&self, number: u32) -> Option<Place> {
        match self.numbered.get(number as usize) {
            None | Some(0) => None,
            Some(1) => Some(Place::LeftOut),
            Some(slot) => Some(Place::At(slot - 2)),
        }
    }

    /// Tells where the id of a key stands, whatever was told before.
    pub fn set(&mut self, key: Key<'_>, place: Place) {
        let number = match key {
            Key::Number(number) => number as usize,
            Key::Name(name) => {
                self.named.insert(name.into(), place);
                return;
            }
        };
        if number >= self.numbered.len() {
            self.numbered.resize((number + 1).next_power_of_two().min(self.end), 0);
        }
        self.numbered[number] = match place {
            Place::At(at) => at + 2,
            Place::LeftOut => 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_as_it_was_told_and_no_other() {
        let told =
            ["deal-1", "deal-7", "deal-07", "deal-x", "deal-", "7", "deal-4000000", "deal-1x", "潛-7", ""];
        for first in told {
            let mut ids = Ids::like(first, told.len());
            for (at, id) in told.iter().enumerate() {
                assert_eq!(ids.place(id), None, "{id} after {first}");
                ids.set(ids.key(Cow::Borrowed(id)), Place::At(at as u32));
            }
            ids.set(ids.key("deal-7".into()), Place::LeftOut);
            for (at, id) in told.iter().enumerate() {
                let place = if *id == "deal-7" { Place::LeftOut } else { Place::At(at as u32) };
                let key = ids.key(Cow::Borrowed(id));
                assert_eq!(
                    (ids.place(id), ids.of_key(&key)),
                    (Some(place), Some(place)),
                    "{id} after {first}"
                );
                assert_eq!(ids.id(&key), *id);
            }
            for other in ["deal-2", "deal-70", "deal-007", "8", "deal-9999999999999999999", "x", "7 "] {
                assert_eq!(ids.place(other), None, "{other} after {first}");
            }
        }
    }
}
