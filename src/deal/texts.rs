//! Many short texts side by side: a million cells in two arrays, where one allocation each would cost more than they hold.

/// Texts, each known by its position.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    all: String,
    /// Where each ends in `all`: the low 32 bits, to save memory.
    ends: Vec<u32>,
    /// The texts at which the high bits of the end go up by one; none below 4 GiB of text.
    turns: Vec<usize>,
}

/// How many bits of an end stand in `ends`: few in tests, so that they run over there.
const BITS: u32 = if cfg!(test) { 4 } else { 32 };

impl Texts {
    /// None yet, with room for so many.
    pub fn with_capacity(several: usize) -> Texts {
        Texts { ends: Vec::with_capacity(several), ..Texts::default() }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, several: usize) {
        self.ends.reserve(several);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds one at the end.
    #[inline]
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.end_at(self.all.len());
    }

    /// Says where the next one ends.
    #[inline]
    fn end_at(&mut self, end: usize) {
        while self.turns.len() < end >> BITS {
            self.turns.push(self.ends.len());
        }
        self.ends.push((end & ((1 << BITS) - 1)) as u32);
    }

    #[inline]
    fn end(&self, at: usize) -> usize {
        let turns = self.turns.partition_point(|turn| *turn <= at);
        (turns << BITS) + self.ends[at] as usize
    }

    /// Adds others at the end.
    pub fn append(&mut self, others: &Texts) {
        let before = self.all.len();
        self.all.push_str(&others.all);
        self.ends.reserve(others.len());
        for at in 0..others.len() {
            self.end_at(before + others.end(at));
        }
    }

    /// The one at a position, which must be less than [`Texts::len`].
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.end(at - 1) };
        &self.all[start..self.end(at)]
    }

    /// Leaves out those that `stays` is false for, given their positions.
    pub fn retain(&mut self, stays: impl Fn(usize) -> bool) {
        *self = (0..self.len()).filter(|at| stays(*at)).map(|at| self.get(at)).collect();
    }
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(all: I) -> Texts {
        let mut texts = Texts::default();
        for text in all {
            texts.push(text);
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_what_was_put_there() {
        let long = "as long as several turns of the bits of an end";
        let mut texts: Texts = ["", "deal-1", "潛力", ""].into_iter().collect();
        texts.append(&[long, "b"].into_iter().collect());
        texts.append(&Texts::default());
        assert_eq!(
            (0..texts.len()).map(|at| texts.get(at)).collect::<Vec<_>>(),
            ["", "deal-1", "潛力", "", long, "b"]
        );
        texts.retain(|at| at % 2 == 0);
        assert_eq!((0..texts.len()).map(|at| texts.get(at)).collect::<Vec<_>>(), ["", "潛力", long]);
    }
}
