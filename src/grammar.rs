//! Words for numbers of things, so that no message ever says `deal(s)`.

use std::fmt;

/// A number and what it counts: `1 deal`, `2 deals`, `3 entries`.
#[derive(Clone, Copy, Debug)]
pub struct Count(pub usize, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count(number, thing) = *self;
        if number == 1 {
            return write!(f, "1 {thing}");
        }
        match thing.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'o']) => write!(f, "{number} {stem}ies"),
            _ => write!(f, "{number} {thing}s"),
        }
    }
}

/// A list with `and` before its last item: `a`, `a and b`, `a, b and c`.
pub fn and(items: &[impl AsRef<str>]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [firsts @ .., last] => {
            let firsts: Vec<&str> = firsts.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", firsts.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_as_people_do() {
        for (count, text) in [
            (Count(1, "deal"), "1 deal"),
            (Count(0, "deal"), "0 deals"),
            (Count(3, "entry"), "3 entries"),
            (Count(2, "day"), "2 days"),
        ] {
            assert_eq!(count.to_string(), text);
        }
        assert_eq!(and(&["a", "b", "c"]), "a, b and c");
        assert_eq!(and(&["a"]), "a");
    }
}
