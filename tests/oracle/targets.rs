//! What is to be won in a period (§6; "Targets").

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::Days;
use rust_decimal::Decimal;

use crate::files::{Folder, Target};
use crate::groups::{Group, team_of};
use crate::terms::Term;
use crate::time::{Period, Unit, read_period};
use crate::view::View;

/// The target of a row of a report: of everyone, of the owners that the terms pick, or of those of the group.
pub(crate) fn target(view: &View, group: &Group, by: &[String], terms: &[Term]) -> Option<Decimal> {
    let folder = view.folder;
    let mut days = view.period;
    if let Some(unit) = group.unit {
        days = Period { first: days.first.max(unit.first), last: days.last.min(unit.last) };
    }
    let mut conditions = terms.to_vec();
    let named = by.iter().zip(&group.names).filter(|(field, _)| Unit::from_name(field).is_none());
    conditions.extend(named.map(|(field, name)| Term::is(field, name)));
    if conditions.is_empty() {
        return everyone(folder, days);
    }
    if conditions.iter().any(|condition| !["owner", "team"].contains(&condition.field())) {
        return None;
    }
    let is_picked = |owner: &str| {
        conditions.iter().all(|condition| match condition.field() {
            "owner" => condition.fits(owner),
            _ => condition.fits(&team_of(folder, owner)),
        })
    };
    of_picked(folder, days, &is_picked)
}

/// The owners that targets and teams name.
fn owners(folder: &Folder) -> BTreeSet<&str> {
    let members = folder.teams.iter().flat_map(|(_, members)| members);
    folder
        .targets
        .iter()
        .filter_map(|target| target.owner.as_ref())
        .chain(members)
        .map(String::as_str)
        .collect()
}

/// The sum over the teams that are picked whole, and have a member, and over the other owners that are picked.
fn of_picked(folder: &Folder, days: Period, is_picked: &dyn Fn(&str) -> bool) -> Option<Decimal> {
    let whole: Vec<&(String, Vec<String>)> = folder
        .teams
        .iter()
        .filter(|(_, members)| !members.is_empty() && members.iter().all(|member| is_picked(member)))
        .collect();
    let teams = whole.iter().map(|(team, _)| of_the_team(folder, team, days));
    let in_whole =
        |owner: &str| whole.iter().any(|(_, members)| members.iter().any(|member| member == owner));
    let others = owners(folder).into_iter().filter(|owner| is_picked(owner) && !in_whole(owner));
    sum(teams.chain(others.map(|owner| of_the_owner(folder, owner, days))))
}

/// The sum of those that there are; none where there are none.
fn sum(targets: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    targets.flatten().reduce(|sum, amount| sum + amount)
}

fn everyone(folder: &Folder, days: Period) -> Option<Decimal> {
    let own = chained(folder, days, |target| target.owner.is_none() && target.team.is_none());
    own.or_else(|| {
        let teams = folder.teams.iter().map(|(team, _)| of_the_team(folder, team, days));
        let loners = owners(folder).into_iter().filter(|owner| team_of(folder, owner).is_empty());
        sum(teams.chain(loners.map(|owner| of_the_owner(folder, owner, days))))
    })
}

fn of_the_team(folder: &Folder, team: &str, days: Period) -> Option<Decimal> {
    let own = chained(folder, days, |target| target.team.as_deref() == Some(team));
    own.or_else(|| {
        let members = folder.teams.iter().filter(|(name, _)| name == team).flat_map(|(_, members)| members);
        sum(members.map(|member| of_the_owner(folder, member, days)))
    })
}

fn of_the_owner(folder: &Folder, owner: &str, days: Period) -> Option<Decimal> {
    chained(folder, days, |target| target.owner.as_deref() == Some(owner))
}

/// The fewest targets that follow one another from the first of the days to the last; of as few, the chain whose first
/// target is longer, then the second, and so on.
fn chained(folder: &Folder, days: Period, is_of: impl Fn(&Target) -> bool) -> Option<Decimal> {
    let period = |target: &Target| read_period(&target.period, days.first, folder.year_starts);
    let targets: Vec<(Period, Decimal)> = folder
        .targets
        .iter()
        .filter(|target| is_of(target))
        .map(|target| (period(target), target.amount))
        .collect();
    let chains = chains(&targets, days);
    let order = |chain: &Vec<(Period, Decimal)>| {
        let lengths: Vec<Reverse<i64>> = chain.iter().map(|(period, _)| Reverse(period.days())).collect();
        (chain.len(), lengths)
    };
    let best = chains.into_iter().min_by_key(order)?;
    Some(best.into_iter().map(|(_, amount)| amount).sum())
}

/// All chains of targets that fill the days.
fn chains(targets: &[(Period, Decimal)], days: Period) -> Vec<Vec<(Period, Decimal)>> {
    if days.first > days.last {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for (period, amount) in targets {
        if period.first == days.first && period.last <= days.last {
            let rest = Period { first: period.last + Days::new(1), last: days.last };
            for chain in chains(targets, rest) {
                found.push([vec![(*period, *amount)], chain].concat());
            }
        }
    }
    found
}

/// The owners, or the teams, that have a target for the days of a view, whether they have a deal or not.
pub(crate) fn with_a_target(view: &View, by: &str) -> Vec<String> {
    let folder = view.folder;
    let has_one = |name: &String| {
        let group = Group { names: vec![name.clone()], deals: Vec::new(), unit: None };
        target(view, &group, &[by.to_owned()], &[]).is_some()
    };
    let names: Vec<String> = match by {
        "owner" => owners(folder).into_iter().map(str::to_owned).collect(),
        "team" => folder.teams.iter().map(|(team, _)| team.clone()).chain([String::new()]).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(has_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(periods: &[(&str, i64)], days: &str) -> Option<i64> {
        let today = "2026-01-01".parse().unwrap();
        let targets: Vec<(Period, Decimal)> = periods
            .iter()
            .map(|(period, amount)| (read_period(period, today, 1), Decimal::from(*amount)))
            .collect();
        let chains = chains(&targets, read_period(days, today, 1));
        let order = |chain: &Vec<(Period, Decimal)>| {
            (chain.len(), chain.iter().map(|(period, _)| Reverse(period.days())).collect::<Vec<_>>())
        };
        let best = chains.into_iter().min_by_key(order)?;
        Some(best.iter().map(|(_, amount)| i64::try_from(*amount).unwrap()).sum())
    }

    #[test]
    fn targets_follow_one_another() {
        let months = [("2026-01", 1), ("2026-02", 2), ("2026-03", 4), ("2026", 100)];
        assert_eq!(of(&months, "2026-Q1"), Some(7));
        assert_eq!(of(&months, "2026"), Some(100));
        assert_eq!(of(&months, "2026-02-01..2026-03-31"), Some(6));
        // Nothing is cut out of a longer one, and no day is left open.
        assert_eq!(of(&months, "2026-Q2"), None);
        assert_eq!(of(&months, "2026-01-15..2026-02-28"), None);
        // The fewest, and of as few the longer first.
        let mixed =
            [("2026-01", 1), ("2026-02-01..2026-03-31", 6), ("2026-01-01..2026-02-28", 30), ("2026-03", 4)];
        assert_eq!(of(&mixed, "2026-Q1"), Some(34));
    }
}
