//! When a deal has been in its stage for too long (metrics §5, *stalled*).

use super::figures::Note;
use super::question::{Question, days};
use super::statistics;
use crate::grammar::and;
use crate::process::StageIndex;

/// How many days before `e` stays must have ended in, to tell what is usual where the process does not say.
const LOOK_BACK: f64 = 365.0;
/// How many such stays are needed.
const LEAST_STAYS: usize = 20;

/// For each stage, the days after which a deal has been there too long.
#[derive(Clone, Debug)]
pub struct Limits(Vec<Option<f64>>);

impl Limits {
    /// `stale_after` where the process sets it; else the 90th percentile of the stays that ended in the 365 days
    /// before `e`, at least 20 of them, without assumed journeys; else none.
    pub fn of(question: &Question<'_>) -> Limits {
        let stages = &question.process.stages;
        let mut limits: Vec<Option<f64>> =
            stages.iter().map(|stage| stage.stale_after.map(f64::from)).collect();
        if limits.iter().zip(stages).all(|(limit, stage)| limit.is_some() || stage.outcome.is_some()) {
            return Limits(limits);
        }
        let mut ended: Vec<Vec<f64>> = vec![Vec::new(); stages.len()];
        let (zone, e) = (question.zone(), question.e());
        for &deal in question.picked.iter().filter(|deal| !question.journeys.deals[**deal].assumed) {
            for stay in question.journeys.stays(deal) {
                let Some(left) = stay.left.filter(|left| e.sees(*left)) else { continue };
                if zone.elapsed(left, e.at) <= LOOK_BACK
                    && let Some(days) = ended.get_mut(stay.stage.position())
                {
                    days.push(zone.elapsed(stay.entered, left));
                }
            }
        }
        for (limit, days) in limits.iter_mut().zip(&mut ended) {
            if limit.is_none() && days.len() >= LEAST_STAYS {
                days.sort_by(f64::total_cmp);
                *limit = statistics::quantile(days, 0.9);
            }
        }
        Limits(limits)
    }

    /// The limit of a stage.
    pub fn days(&self, stage: StageIndex) -> Option<f64> {
        self.0.get(stage.position()).copied().flatten()
    }

    /// Whether a deal that is open at `e` has been in its stage for longer than its limit.
    pub fn stalled(&self, question: &Question<'_>, deal: usize) -> bool {
        let limit = question.standing(deal).and_then(|stay| self.days(stay.stage));
        // A deal of unknown creation is never stalled: its stay may be older than any file tells.
        limit.zip(question.stage_age(deal)).is_some_and(|(limit, age)| days(age) > limit)
    }

    /// What a reader must know of the limits that the process does not set (metrics §5).
    pub fn notes(&self, question: &Question<'_>) -> Vec<Note> {
        let unset = || question.process.open_stages().filter(|(_, stage)| stage.stale_after.is_none());
        let named = |limited: bool| -> Vec<&str> {
            let of_kind = unset().filter(|(index, _)| self.days(*index).is_some() == limited);
            of_kind.map(|(_, stage)| stage.id.as_str()).collect()
        };
        let mut notes = Vec::new();
        let mut note = |code, stages: &[&str], text: &str| {
            if !stages.is_empty() {
                let text = format!("no stale_after is set for {}: {text}", and(stages));
                notes.push(Note { code, text, deals: None });
            }
        };
        note(
            "limit_from_history",
            &named(true),
            "stalled there is what has stayed longer than nine of ten did in the 365 days before",
        );
        note(
            "no_limit",
            &named(false),
            "nothing counts as stalled there, since fewer than 20 stays ended in the 365 days before",
        );
        notes
    }
}
