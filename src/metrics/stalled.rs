//! When a deal has been in its stage for too long (metrics §5, *stalled*).

use super::question::Question;
use super::statistics;
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
        let e = question.e();
        let Some(stay) = question.journeys.standing(deal, e) else { return false };
        let Some(limit) = self.days(stay.stage) else { return false };
        // A deal of unknown creation is never stalled: its stay may be older than any file tells.
        question.journeys.deals[deal].created.is_some() && question.zone().elapsed(stay.entered, e.at) > limit
    }
}
