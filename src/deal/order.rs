//! The reading order of a deal's history: by instant, then so that each `from` continues the `to` before it, then by
//! the rows' bytes; never by line number, so that both merge orders of two branches mean the same (design §2).

use super::time::Instant;

/// A change of one subject of a deal (its stage, or one field), as far as its order is concerned.
pub trait Step {
    /// What the subject can be; by default what it is before the first step.
    type Point<'s>: Copy + Default + PartialEq
    where
        Self: 's;
    /// When.
    fn at(&self) -> Instant;
    /// The row's bytes.
    fn row(&self) -> &str;
    /// What the subject was before, as the row says.
    fn from(&self) -> Self::Point<'_>;
    /// What it was after.
    fn to(&self) -> Self::Point<'_>;
}

/// Puts the changes of one subject of one deal in reading order and drops rows identical to the byte.
pub fn arrange<S: Step>(steps: &mut Vec<S>) {
    if steps.windows(2).all(|pair| pair[0].at() < pair[1].at()) {
        return;
    }
    steps.sort_by(|a, b| a.at().cmp(&b.at()).then_with(|| a.row().cmp(b.row())));
    steps.dedup_by(|a, b| a.at() == b.at() && a.row() == b.row());
    let mut start = 0;
    while start < steps.len() {
        let at = steps[start].at();
        let end = start + steps[start..].iter().take_while(|step| step.at() == at).count();
        if end - start > 1 {
            let before = start.checked_sub(1).map(|index| steps[index].to()).unwrap_or_default();
            let order = chain(before, &steps[start..end]);
            permute(&mut steps[start..end], order);
        }
        start = end;
    }
}

/// The order of steps at one instant, given least bytes first, after a step that left the subject at `before`.
fn chain<'s, S: Step>(before: S::Point<'s>, steps: &'s [S]) -> Vec<usize> {
    whole_walk(before, steps).unwrap_or_else(|| greedy(before, steps))
}

/// The least walk that uses every step once and breaks nowhere (Hierholzer's), when there is one.
fn whole_walk<'s, S: Step>(before: S::Point<'s>, steps: &'s [S]) -> Option<Vec<usize>> {
    let mut used = vec![false; steps.len()];
    let mut trail: Vec<Option<usize>> = vec![None];
    let mut walk = Vec::with_capacity(steps.len());
    while let Some(last) = trail.last().copied() {
        let here = last.map_or(before, |index: usize| steps[index].to());
        let next = (0..steps.len()).find(|index| !used[*index] && steps[*index].from() == here);
        if let Some(next) = next {
            used[next] = true;
            trail.push(Some(next));
        } else {
            trail.pop();
            walk.extend(last);
        }
    }
    walk.reverse();
    let whole = walk.len() == steps.len();
    let continues = |a: &usize, b: &usize| steps[*a].to() == steps[*b].from();
    let sound = walk.windows(2).all(|pair| continues(&pair[0], &pair[1]));
    (whole && sound && walk.first().is_some_and(|first| steps[*first].from() == before)).then_some(walk)
}

/// Step by step: one that continues, else one that heads a chain, else the least.
fn greedy<'s, S: Step>(before: S::Point<'s>, steps: &'s [S]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..steps.len()).collect();
    let mut order = Vec::with_capacity(steps.len());
    let mut here = before;
    while !left.is_empty() {
        let heads = |index: &usize| {
            left.iter().all(|other| other == index || steps[*other].to() != steps[*index].from())
        };
        let next = left
            .iter()
            .position(|index| steps[*index].from() == here)
            .or_else(|| left.iter().position(heads))
            .unwrap_or(0);
        let next = left.remove(next);
        here = steps[next].to();
        order.push(next);
    }
    order
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

    impl Step for Row {
        type Point<'s> = &'static str;
        fn at(&self) -> Instant {
            Instant::from_millis(self.0).unwrap()
        }
        fn row(&self) -> &str {
            &self.1
        }
        fn from(&self) -> &'static str {
            self.2
        }
        fn to(&self) -> &'static str {
            self.3
        }
    }

    fn row(at: i64, from: &'static str, to: &'static str) -> Row {
        Row(at, format!("{at},{from},{to}"), from, to)
    }

    fn arranged(mut rows: Vec<Row>) -> Vec<(&'static str, &'static str)> {
        arrange(&mut rows);
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

    #[test]
    fn permuting_puts_each_item_where_it_belongs() {
        for order in [vec![2, 0, 1], vec![1, 2, 0], vec![0, 1, 2], vec![3, 2, 1, 0], vec![1, 0, 3, 2]] {
            let mut items: Vec<usize> = (0..order.len()).collect();
            permute(&mut items, order.clone());
            assert_eq!(items, order);
        }
    }
}
