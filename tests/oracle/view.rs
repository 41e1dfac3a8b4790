//! What a report looks at: a folder, a period, `t`, `e`, and the deals that exist and are asked for.

use chrono::NaiveDate;

use crate::files::{Deal, Folder};
use crate::journey::exists;
use crate::terms::Term;
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
    /// Terms are and-ed, on the fields at `t` (§1 Filters and groups).
    pub(crate) fn new(folder: &'a Folder, period: Period, moment: Moment, terms: &[Term]) -> View<'a> {
        let zone = folder.zone;
        let t = match moment {
            Moment::EndOf(day) => Cut::end_of(zone, day),
            Moment::NoonOf(day) => Cut::noon_of(zone, day),
        };
        let e = t.earlier(Cut::end_of(zone, period.last));
        let start = first_instant(zone, period.first);
        let picked =
            |deal: &&Deal| exists(folder, deal, t) && terms.iter().all(|term| term.holds(folder, deal, t));
        View { folder, period, start, t, e, deals: folder.deals.iter().filter(picked).collect() }
    }

    /// Another period, seen as it was at the same ripeness (§1 Comparison): its `t` lies as long after its start as this
    /// one's after its own, and its `e` follows from that ("Periods of unequal length").
    pub(crate) fn beside(
        folder: &'a Folder,
        period: Period,
        other: Period,
        moment: Moment,
        terms: &[Term],
    ) -> View<'a> {
        let shift = other.first - period.first;
        let moved = match moment {
            Moment::EndOf(day) => Moment::EndOf(day + shift),
            Moment::NoonOf(day) => Moment::NoonOf(day + shift),
        };
        View::new(folder, other, moved, terms)
    }

    /// Every flow is taken between the period's start and `e`.
    pub(crate) fn in_period(&self, instant: Instant) -> bool {
        self.start <= instant && self.e.sees(instant)
    }
}
