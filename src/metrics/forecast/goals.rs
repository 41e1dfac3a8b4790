//! What is to be won by each group that figures are split into (metrics §6, Target).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::deal::money::NoRate;
use crate::metrics::group::{By, Grouped};
use crate::metrics::question::Question;
use crate::process::{Goal, Whose};

/// The goal of the deals that a question picks and that are in a group of this name; of all of them where it has none.
/// In the currency of pipeline.yaml.
pub(super) fn goal(question: &Question<'_>, group: &[String]) -> Goal {
    let process = question.process;
    let mut whose = question.options.whose.clone();
    let (mut first, mut last) = (question.period.first, question.period.last);
    for (by, name) in question.by.iter().zip(group) {
        match by {
            By::Field(field, _) if field == "owner" => whose = whose.narrowed(std::iter::once(name.as_str())),
            By::Team(_) => {
                let in_it = |owner: &&str| process.team_of(owner).unwrap_or_default() == name.as_str();
                whose = whose.narrowed(process.owners().into_iter().filter(in_it));
            }
            By::Time(unit) => {
                let units = question.calendar().split(&question.period, *unit);
                if let Some(unit) = units.into_iter().find(|unit| unit.name == *name) {
                    (first, last) = (first.max(unit.first), last.min(unit.last));
                }
            }
            By::Field(..) | By::Stage | By::Size(_) => whose = Whose::Picked,
        }
    }
    process.goal(&whose, first, last)
}

/// The amount of [`goal`] in the currency of the figures.
///
/// Errors: there is no rate between the two on the day of `e`.
pub(super) fn target(question: &Question<'_>, group: &[String]) -> Result<Option<Decimal>, NoRate> {
    goal(question, group).amount.map(|amount| question.stated_amount(amount)).transpose()
}

/// Has a group for each owner or team that has a target, also where there are no deals in it.
pub(super) fn stand<T: Clone>(question: &Question<'_>, grouped: &mut Grouped<T>, empty: &T) {
    let process = question.process;
    let names: BTreeSet<&str> = match &question.by[..] {
        [By::Field(field, _)] if field == "owner" => process.owners(),
        [By::Team(_)] => process.teams.iter().map(|(team, _)| team.as_str()).collect(),
        _ => return,
    };
    for name in names.into_iter().filter(|name| goal(question, &[(*name).to_owned()]).amount.is_some()) {
        grouped.stand(name, empty);
    }
}
