//! Which deals have been in their stage for too long (§5 *stalled*; "Stalled").

use crate::files::{Deal, Stage};
use crate::journey;
use crate::statistics::quantile;
use crate::time::{elapsed, in_days};
use crate::view::View;

/// §5 *stalled*: the limit in milliseconds. `stale_after`; else the 90th percentile of the stays that ended in the
/// 365 days before `e`, at least 20 of them, assumed journeys left out.
pub(crate) fn stale_limit(view: &View, stage: &Stage) -> Option<f64> {
    if let Some(limit) = stage.stale_after_days {
        return Some(limit as f64 * 86_400_000.0);
    }
    let zone = view.folder.zone;
    let mut lengths = Vec::new();
    for deal in &view.deals {
        if journey::is_assumed(deal) {
            continue;
        }
        for stay in journey::stays(view.folder, deal, view.t).iter() {
            let (Some(entered), Some(left)) = (stay.entered, stay.left) else { continue };
            let within = view.e.sees(left) && in_days(elapsed(zone, left, view.e.at)) <= 365.0;
            if stay.stage.as_deref() == Some(&stage.id) && within {
                lengths.push(elapsed(zone, entered, left) as f64);
            }
        }
    }
    if lengths.len() < 20 { None } else { quantile(&lengths, 0.9) }
}

/// "Stalled": in the stage at `e` for strictly longer than the limit; never a deal of unknown creation.
pub(crate) fn is_stalled(view: &View, deal: &Deal, limit: f64) -> bool {
    let stay = journey::stay_at(view.folder, deal, view.t, view.e);
    let entered = stay.and_then(|stay| stay.entered);
    journey::created(view.folder, deal).is_some()
        && entered.is_some_and(|entered| elapsed(view.folder.zone, entered, view.e.at) as f64 > limit)
}
