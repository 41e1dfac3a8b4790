//! What a report looks at: a folder, a period, `t`, `e`, and the deals that exist and are asked for.

use chrono::{Days, NaiveDate};

use crate::files::{Deal, Folder};
use crate::groups::field_of;
use crate::journey::exists;
use crate::time::{Cut, Instant, Period, first_instant};

/// Where `t` lies: at the end of the `--as-of` day, or at noon of the `--today` day.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    EndOf(NaiveDate),
    NoonOf(NaiveDate),
}

pub(crate) struct View<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) period: Period,
    pub(crate) start: Instant,
    pub(crate) t: Cut,
    pub(crate) e: Cut,
    pub(crate) deals: Vec<&'a Deal>,
}

impl<'a> View<'a> {
    /// Terms are `field=value`, and-ed, on the fields at `t` (§1 Filters and groups).
    pub(crate) fn new(
        folder: &'a Folder,
        period: Period,
        moment: Moment,
        terms: &[(String, String)],
    ) -> View<'a> {
        let zone = folder.zone;
        let t = match moment {
            Moment::EndOf(day) => Cut::end_of(zone, day),
            Moment::NoonOf(day) => Cut::noon_of(zone, day),
        };
        let e = t.earlier(Cut::end_of(zone, period.last));
        let start = first_instant(zone, period.first);
        let picked = |deal: &&Deal| {
            exists(folder, deal, t)
                && terms.iter().all(|(field, value)| field_of(folder, deal, field, t) == *value)
        };
        View { folder, period, start, t, e, deals: folder.deals.iter().filter(picked).collect() }
    }

    /// The period of equal length just before, at the same ripeness (§1 Comparison): its `t` lies as long after its
    /// start as this one's does, and so does its `e`.
    pub(crate) fn of_period_before(
        folder: &'a Folder,
        period: Period,
        moment: Moment,
        terms: &[(String, String)],
    ) -> View<'a> {
        let back = Days::new(period.days() as u64);
        let earlier = match moment {
            Moment::EndOf(day) => Moment::EndOf(day - back),
            Moment::NoonOf(day) => Moment::NoonOf(day - back),
        };
        View::new(folder, period.previous(), earlier, terms)
    }

    /// Every flow is taken between the period's start and `e`.
    pub(crate) fn in_period(&self, instant: Instant) -> bool {
        self.start <= instant && self.e.sees(instant)
    }
}
