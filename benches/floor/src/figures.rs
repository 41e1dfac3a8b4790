//! The figures, as `docs/metrics.md` defines them, over the whole of both files.

use crate::cells::{DAY, STAGES};
use crate::deals::{Deals, Outcome};
use crate::history::Part;

pub fn mean_days(millis: &[i64]) -> f64 {
    millis.iter().sum::<i64>() as f64 / millis.len() as f64 / DAY
}

pub fn median_days(mut millis: Vec<i64>) -> f64 {
    if millis.is_empty() {
        return f64::NAN;
    }
    let (count, middle) = (millis.len(), (millis.len() - 1) / 2);
    let (_, low, above) = millis.select_nth_unstable(middle);
    let high = if count % 2 == 1 { *low } else { above.iter().copied().min().unwrap_or(*low) };
    (*low + high) as f64 / 2.0 / DAY
}

pub fn of_stages(deals: &Deals<'_>, mut one: Part, other: &Part) {
    const COUNT: usize = STAGES.len();
    let (mut reached, mut ended) = ([0; COUNT + 1], [0; COUNT + 1]);
    for (deal, outcome) in deals.outcomes.iter().enumerate() {
        one.then(deal, other);
        let furthest = match outcome {
            Outcome::Won => COUNT + 1,
            _ => one.paths[deal].furthest as usize,
        };
        reached[furthest - 1] += 1;
        ended[furthest - 1] += usize::from(matches!(outcome, Outcome::Lost | Outcome::Disqualified));
    }
    // Who came further came here too.
    for stage in (0..COUNT).rev() {
        reached[stage] += reached[stage + 1];
    }
    for (stage, name) in STAGES.iter().enumerate() {
        let mut stays = std::mem::take(&mut one.stays[stage]);
        stays.extend(&other.stays[stage]);
        println!("reached.{name}\t{}", reached[stage]);
        println!("advanced.{name}\t{}", reached[stage + 1]);
        println!("dropped.{name}\t{}", ended[stage]);
        println!("stays.{name}\t{}\nmean_stay.{name}\t{}", stays.len(), mean_days(&stays));
        println!("median_stay.{name}\t{}", median_days(stays));
    }
}
