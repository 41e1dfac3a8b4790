//! The stage cohorts: the deals that reached a stage in the period, and what became of them (metrics §2, Stage
//! conversion).

use super::question::Question;
use crate::deal::time::Instant;
use crate::process::Outcome;

/// What became by `t` of a deal that reached a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It reached the next stage; from the last stage: it was won.
    Advanced,
    /// It did not, and was lost or disqualified.
    Dropped,
    /// Neither yet.
    Pending,
}

/// A deal in the cohort of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The deal, among the journeys.
    pub deal: usize,
    /// The stage, by its place among the open ones.
    pub stage: usize,
    /// When it was reached.
    pub at: Instant,
    /// What became of the deal.
    pub fate: Fate,
    /// Whether it is won at `t`.
    pub won: bool,
}

/// Calls `each` for every deal and every stage that it reached in the period; assumed journeys are left out.
pub fn of_period(question: &Question<'_>, mut each: impl FnMut(Member)) {
    let mut reached = Vec::new();
    for &deal in &question.picked {
        if question.journeys.deals[deal].assumed || question.was_over(deal) {
            continue;
        }
        question.journeys.reached(deal, &mut reached);
        let won = question.ended(deal, Outcome::Won);
        let ended = question.end(deal).is_some();
        for (stage, at) in reached.iter().enumerate() {
            let Some(at) = at.filter(|at| question.in_period(*at)) else { continue };
            let fate = match reached.get(stage + 1).map_or(won, Option::is_some) {
                true => Fate::Advanced,
                false if ended => Fate::Dropped,
                false => Fate::Pending,
            };
            each(Member { deal, stage, at, fate, won });
        }
    }
}
