//! The deals that figures are over, and their values (§1; "Values").

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::files::{Deal, read_probability};
use crate::groups::Group;
use crate::journey;
use crate::money;
use crate::time::day_of;
use crate::view::View;

/// The deals whose outcome at `t` is this one and that closed within the group's time.
pub(crate) fn closed_as<'a>(view: &View<'a>, group: &Group<'a>, outcome: &str) -> Vec<&'a Deal> {
    let mut found = Vec::new();
    for &deal in &group.deals {
        if journey::outcome(view.folder, deal, view.t).as_deref() != Some(outcome) {
            continue;
        }
        let closed_at = journey::closed_at(view.folder, deal, view.t);
        if closed_at.is_some_and(|at| group.holds(view, at)) {
            found.push(deal);
        }
    }
    found
}

/// The deals created within the group's time.
pub(crate) fn created_in<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let here =
        |deal: &&Deal| journey::created(view.folder, deal).is_some_and(|created| group.holds(view, created));
    group.deals.iter().copied().filter(here).collect()
}

pub(crate) fn open_at_e<'a>(view: &View<'a>, group: &Group<'a>) -> Vec<&'a Deal> {
    let open = |deal: &&Deal| journey::is_open_at(view.folder, deal, view.t, view.e);
    group.deals.iter().copied().filter(open).collect()
}

pub(crate) fn count_with_outcome(view: &View, deals: &[&Deal], outcome: &str) -> usize {
    let same = |deal: &&&Deal| journey::outcome(view.folder, deal, view.t).as_deref() == Some(outcome);
    deals.iter().filter(same).count()
}

pub(crate) fn count_open(view: &View, deals: &[&Deal]) -> usize {
    deals.iter().filter(|deal| journey::outcome(view.folder, deal, view.t).is_none()).count()
}

/// The value of a deal at `t`: of one that is open at `e`, at the rate of the day of `e`; of a closed one, of its closed
/// day. None where it has no value, or where nobody knows when it closed.
pub(crate) fn value_of(view: &View, deal: &Deal) -> Option<Decimal> {
    if journey::is_open_at(view.folder, deal, view.t, view.e) {
        return value_of_open(view, deal);
    }
    let closed_at = journey::closed_at(view.folder, deal, view.t)?;
    money::value(view.folder, deal, view.t, day_of(view.folder.zone, closed_at))
}

/// The value of an open deal at the rate of the day of `e`.
pub(crate) fn value_of_open(view: &View, deal: &Deal) -> Option<Decimal> {
    money::value(view.folder, deal, view.t, view.e.day(view.folder.zone))
}

/// The values of closed deals, each at the rate of its closed day; deals without a value left out.
pub(crate) fn values_of_closed(view: &View, deals: &[&Deal]) -> Vec<Decimal> {
    let closed_day = |deal: &Deal| -> NaiveDate {
        day_of(view.folder.zone, journey::closed_at(view.folder, deal, view.t).unwrap())
    };
    deals.iter().filter_map(|deal| money::value(view.folder, deal, view.t, closed_day(deal))).collect()
}

/// The values of open deals at the rate of the day of `e`.
pub(crate) fn values_of_open(view: &View, deals: &[&Deal]) -> Vec<Decimal> {
    deals.iter().filter_map(|deal| value_of_open(view, deal)).collect()
}

/// §11 with the weighted value of "Values": the deal's probability at `t`, else that of its stage at `e`, else 0.
pub(crate) fn weighted(view: &View, deal: &Deal) -> Option<Decimal> {
    let value = value_of_open(view, deal)?;
    let own = journey::field_at(deal, "probability", view.t);
    if !own.is_empty() {
        return Some(value * read_probability(&own));
    }
    let stage = journey::stage_at(view.folder, deal, view.t, view.e);
    let set = stage.and_then(|id| view.folder.stage(&id)?.probability);
    Some(value * set.unwrap_or(Decimal::ZERO))
}

/// §1: the deals that the notes count: assumed journeys, unknown creation, closed at an unknown time.
pub(crate) fn noted(view: &View) -> Vec<(&'static str, usize)> {
    let count = |is: &dyn Fn(&Deal) -> bool| view.deals.iter().filter(|deal| is(deal)).count();
    vec![
        ("assumed_journeys", count(&journey::is_assumed)),
        ("unknown_creation", count(&|deal| journey::created(view.folder, deal).is_none())),
        (
            "unknown_close",
            count(&|deal| {
                let closed = journey::outcome(view.folder, deal, view.t).is_some();
                closed && journey::closed_at(view.folder, deal, view.t).is_none()
            }),
        ),
    ]
}
