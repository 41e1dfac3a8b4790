//! Many short texts side by side: a million cells in two arrays, where one allocation each would cost more than they hold.

/// Texts, each known by its position.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Texts {
    /// None yet, with room for so many.
    pub fn with_capacity(several: usize) -> Texts {
        Texts { all: String::new(), ends: Vec::with_capacity(several) }
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
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// Adds others at the end.
    pub fn append(&mut self, others: &Texts) {
        let before = self.all.len();
        self.all.push_str(&others.all);
        self.ends.extend(others.ends.iter().map(|end| before + end));
    }

    /// The one at a position, which must be less than [`Texts::len`].
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.all[start..self.ends[at]]
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
        let mut texts: Texts = ["", "deal-1", "潛力", ""].into_iter().collect();
        texts.append(&["b"].into_iter().collect());
        texts.append(&Texts::default());
        assert_eq!(
            (0..texts.len()).map(|at| texts.get(at)).collect::<Vec<_>>(),
            ["", "deal-1", "潛力", "", "b"]
        );
        texts.retain(|at| at % 2 == 0);
        assert_eq!((0..texts.len()).map(|at| texts.get(at)).collect::<Vec<_>>(), ["", "潛力", "b"]);
    }
}
