//! The reading order of a deal's history: by instant, then so that each `from` continues the `to` before it, then by
//! the rows' bytes; never by line number, so that both merge orders of two branches mean the same (design §2).

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::time::Instant;

/// What the changes of one subject of a deal (its stage, or one field) say, as far as their order is concerned.
pub trait Subject<Step> {
    /// What the subject can be; by default what it is before the first step.
    type Point<'s>: Copy + Default + Eq + Hash
    where
        Self: 's,
        Step: 's;
    /// When it was.
    fn at(&self, step: &Step) -> Instant;
    /// The bytes of its row; asked for only where several steps have one instant.
    fn row<'s>(&'s self, step: &'s Step) -> Cow<'s, str>;
    /// What the subject was before, as the row says.
    fn from<'s>(&'s self, step: &'s Step) -> Self::Point<'s>;
    /// What it was after.
    fn to<'s>(&'s self, step: &'s Step) -> Self::Point<'s>;
}

/// Puts the changes of one subject of one deal in reading order and drops rows identical to the byte.
pub fn arrange<Step, S: Subject<Step>>(subject: &S, steps: &mut Vec<Step>) {
    if steps.windows(2).all(|pair| subject.at(&pair[0]) < subject.at(&pair[1])) {
        return;
    }
    steps.sort_by_key(|step| subject.at(step));
    let mut left = std::mem::take(steps).into_iter().peekable();
    while let Some(step) = left.next() {
        let at = subject.at(&step);
        let mut same = vec![step];
        same.extend(std::iter::from_fn(|| left.next_if(|next| subject.at(next) == at)));
        if same.len() > 1 {
            same.sort_by_cached_key(|step| subject.row(step).into_owned());
            same.dedup_by(|a, b| subject.row(a) == subject.row(b));
            let before = steps.last().map(|last| subject.to(last)).unwrap_or_default();
            let order = chain(subject, before, &same);
            permute(&mut same, order);
        }
        steps.append(&mut same);
    }
}

/// The order of steps at one instant, given least bytes first, after a step that left the subject at `before`.
fn chain<'s, Step, S: Subject<Step>>(subject: &'s S, before: S::Point<'s>, steps: &'s [Step]) -> Vec<usize> {
    let paths = Paths::new(subject, before, steps);
    paths.whole_walk().unwrap_or_else(|| paths.greedy())
}

/// The steps of one instant as paths between points, which are small numbers here: thousands of rows at one instant
/// (an import, a hostile file) are put in order in about the time that sorting them takes.
struct Paths {
    /// Where the subject is before the first step.
    before: usize,
    /// From where each step goes.
    from: Vec<usize>,
    /// And to where.
    to: Vec<usize>,
    /// The steps that leave each point, least bytes first.
    leaving: Vec<Vec<usize>>,
}

impl Paths {
    fn new<'s, Step, S: Subject<Step>>(subject: &'s S, before: S::Point<'s>, steps: &'s [Step]) -> Paths {
        let mut points = FxHashMap::default();
        let mut number = |point: S::Point<'s>| {
            let next = points.len();
            *points.entry(point).or_insert(next)
        };
        let before = number(before);
        let from: Vec<usize> = steps.iter().map(|step| number(subject.from(step))).collect();
        let to: Vec<usize> = steps.iter().map(|step| number(subject.to(step))).collect();
        let mut leaving = vec![Vec::new(); points.len()];
        for (step, point) in from.iter().enumerate() {
            leaving[*point].push(step);
        }
        Paths { before, from, to, leaving }
    }

    /// The least walk that uses every step once and breaks nowhere (Hierholzer's), when there is one.
    fn whole_walk(&self) -> Option<Vec<usize>> {
        let mut used = vec![0; self.leaving.len()];
        let mut trail: Vec<Option<usize>> = vec![None];
        let mut walk = Vec::with_capacity(self.from.len());
        while let Some(last) = trail.last().copied() {
            let here = last.map_or(self.before, |step: usize| self.to[step]);
            if let Some(next) = self.leaving[here].get(used[here]) {
                used[here] += 1;
                trail.push(Some(*next));
            } else {
                trail.pop();
                walk.extend(last);
            }
        }
        walk.reverse();
        let whole = walk.len() == self.from.len();
        let sound = walk.windows(2).all(|pair| self.to[pair[0]] == self.from[pair[1]]);
        (whole && sound && walk.first().is_some_and(|first| self.from[*first] == self.before)).then_some(walk)
    }

    /// Step by step: one that continues, else one that heads a chain, else the least.
    fn greedy(&self) -> Vec<usize> {
        let mut arriving = vec![0_usize; self.leaving.len()];
        let mut loops = vec![0_usize; self.leaving.len()];
        for (from, to) in self.from.iter().zip(&self.to) {
            arriving[*to] += 1;
            loops[*to] += usize::from(from == to);
        }
        // A step heads a chain once no other step left arrives where it starts; it stays a head from then on.
        let mut heads = BinaryHeap::new();
        for point in 0..self.leaving.len() {
            self.new_heads(point, arriving[point], loops[point], &mut heads);
        }
        let mut used = vec![false; self.from.len()];
        let mut passed = vec![0; self.leaving.len()];
        let (mut least, mut here) = (0, self.before);
        let mut order = Vec::with_capacity(self.from.len());
        while order.len() < self.from.len() {
            let going_on = &self.leaving[here];
            while going_on.get(passed[here]).is_some_and(|step| used[*step]) {
                passed[here] += 1;
            }
            while heads.peek().is_some_and(|Reverse(step): &Reverse<usize>| used[*step]) {
                heads.pop();
            }
            while used.get(least).is_some_and(|used| *used) {
                least += 1;
            }
            let head = heads.peek().map(|Reverse(step)| *step);
            let next = going_on.get(passed[here]).copied().or(head).unwrap_or(least);
            used[next] = true;
            order.push(next);
            here = self.to[next];
            arriving[here] -= 1;
            loops[here] -= usize::from(self.from[next] == here);
            self.new_heads(here, arriving[here], loops[here], &mut heads);
        }
        order
    }

    /// The steps from a point that head a chain when so many steps left arrive there, so many of them loops.
    fn new_heads(&self, point: usize, arriving: usize, loops: usize, heads: &mut BinaryHeap<Reverse<usize>>) {
        let steps = self.leaving[point].iter();
        match (arriving, loops) {
            (0, _) => heads.extend(steps.map(|step| Reverse(*step))),
            // Only itself arrives where it starts.
            (1, 1) => heads.extend(steps.filter(|step| self.to[**step] == point).map(|step| Reverse(*step))),
            _ => {}
        }
    }
}

/// Moves `items[order[i]]` to `i`.
fn permute<T>(items: &mut [T], mut order: Vec<usize>) {
    for place in 0..order.len() {
        let mut from = order[place];
        while from < place {
            from = order[from];
        }
        items.swap(place, from);
        order[place] = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug)]
    struct Row(i64, String, &'static str, &'static str);

    struct Rows;

    impl Subject<Row> for Rows {
        type Point<'s> = &'static str;
        fn at(&self, row: &Row) -> Instant {
            Instant::from_millis(row.0).unwrap()
        }
        fn row<'s>(&'s self, row: &'s Row) -> Cow<'s, str> {
            Cow::Borrowed(&row.1)
        }
        fn from(&self, row: &Row) -> &'static str {
            row.2
        }
        fn to(&self, row: &Row) -> &'static str {
            row.3
        }
    }

    fn row(at: i64, from: &'static str, to: &'static str) -> Row {
        Row(at, format!("{at},{from},{to}"), from, to)
    }

    fn arranged(mut rows: Vec<Row>) -> Vec<(&'static str, &'static str)> {
        arrange(&Rows, &mut rows);
        rows.into_iter().map(|row| (row.2, row.3)).collect()
    }

    #[test]
    fn ties_continue_what_was_before() {
        let rows = vec![row(1, "", "z"), row(2, "b", "a"), row(2, "z", "b"), row(2, "a", "c")];
        assert_eq!(arranged(rows), [("", "z"), ("z", "b"), ("b", "a"), ("a", "c")]);
    }

    #[test]
    fn a_loop_is_walked_before_it_is_left() {
        // By bytes alone `a,b` would come first and strand `a,c`… whose least whole walk goes round first.
        let rows = vec![row(1, "", "a"), row(2, "a", "b"), row(2, "a", "c"), row(2, "c", "a")];
        assert_eq!(arranged(rows), [("", "a"), ("a", "c"), ("c", "a"), ("a", "b")]);
    }

    #[test]
    fn a_broken_chain_starts_at_its_head() {
        let rows = vec![row(1, "", "a"), row(2, "c", "d"), row(2, "b", "c")];
        assert_eq!(arranged(rows), [("", "a"), ("b", "c"), ("c", "d")]);
    }

    #[test]
    fn identical_rows_count_once_and_file_order_means_nothing() {
        let rows =
            vec![row(1, "", "a"), row(3, "b", "c"), row(2, "a", "b"), row(2, "a", "b"), row(3, "c", "a")];
        let mut turned = rows.clone();
        turned.reverse();
        assert_eq!(arranged(rows.clone()), arranged(turned));
        assert_eq!(arranged(rows), [("", "a"), ("a", "b"), ("b", "c"), ("c", "a")]);
    }

    /// The words of the metrics page, as slow as they read.
    fn as_told(before: &'static str, rows: &[Row]) -> Vec<usize> {
        let mut left: Vec<usize> = (0..rows.len()).collect();
        let (mut order, mut here) = (Vec::new(), before);
        while !left.is_empty() {
            let heads = |row: &usize| left.iter().all(|other| other == row || rows[*other].3 != rows[*row].2);
            let next = left.iter().position(|row| rows[*row].2 == here);
            let next = left.remove(next.or_else(|| left.iter().position(heads)).unwrap_or(0));
            here = rows[next].3;
            order.push(next);
        }
        order
    }

    #[test]
    fn the_quick_order_is_the_one_that_the_words_tell() {
        let mut dice = fastrand::Rng::with_seed(7);
        let points = ["", "a", "b", "c", "d", "e"];
        for _ in 0..3000 {
            let several = dice.usize(1..9);
            let mut rows: Vec<Row> = std::iter::repeat_with(|| {
                row(1, points[dice.usize(..points.len())], points[dice.usize(..points.len())])
            })
            .take(several)
            .collect();
            rows.sort_by(|a, b| a.1.cmp(&b.1));
            assert_eq!(Paths::new(&Rows, "a", &rows).greedy(), as_told("a", &rows), "{rows:?}");
        }
    }

    #[test]
    fn thousands_of_loose_loops_at_one_instant_come_to_an_end() {
        let names: Vec<&'static str> = (0..40_000).map(|n| &*format!("{n:06}").leak()).collect();
        let (there, back) = names.split_at(20_000);
        let rows: Vec<Row> = there.iter().zip(back).flat_map(|(a, b)| [row(1, a, b), row(1, b, a)]).collect();
        assert_eq!(arranged(rows).len(), 40_000);
    }

    #[test]
    fn permuting_puts_each_item_where_it_belongs() {
        for order in [vec![2, 0, 1], vec![1, 2, 0], vec![0, 1, 2], vec![3, 2, 1, 0], vec![1, 0, 3, 2]] {
            let mut items: Vec<usize> = (0..order.len()).collect();
            permute(&mut items, order.clone());
            assert_eq!(items, order);
        }
    }
}
