//! What is to be won in a period (§6; "Targets").

use rust_decimal::Decimal;

use crate::files::{Folder, Target};
use crate::groups::{Group, team_of};
use crate::terms::Term;
use crate::time::{Period, read_period};
use crate::view::View;

/// Whose target is asked for.
#[derive(Debug, Clone, PartialEq)]
enum Whose {
    All,
    Team(String),
    Owner(String),
}

/// Those that one term speaks of; none where it picks deals by anything but one owner or one team.
fn whose_by_term(term: &Term) -> Option<Whose> {
    match term {
        Term::Is(field, values) if values.len() == 1 && field == "owner" => {
            Some(Whose::Owner(values[0].clone()))
        }
        Term::Is(field, values) if values.len() == 1 && field == "team" => {
            Some(Whose::Team(values[0].clone()))
        }
        _ => None,
    }
}

/// The target of a row of a report: of all deals, of the owner or the team that the terms pick, or of the owner or team
/// that the group is. No other part of the deals has a target.
pub(crate) fn target(view: &View, group: &Group, by: &[String], terms: &[Term]) -> Option<Decimal> {
    let mut whose = match terms {
        [] => Whose::All,
        [term] => whose_by_term(term)?,
        _ => return None,
    };
    if let Some(name) = group.names.first() {
        whose = match (by, &whose) {
            ([field], Whose::All | Whose::Team(_)) if field == "owner" => Whose::Owner(name.clone()),
            ([field], Whose::All) if field == "team" => Whose::Team(name.clone()),
            _ => return None,
        };
    }
    of(view.folder, view.period, &whose)
}

/// What is set for exactly these days; else the sum of what is set for the parts: all is the teams and the owners in no
/// team, a team is its members.
fn of(folder: &Folder, period: Period, whose: &Whose) -> Option<Decimal> {
    let is_of = |target: &&Target| {
        read_period(&target.period, period.first, folder.year_starts) == period
            && match whose {
                Whose::All => target.owner.is_none() && target.team.is_none(),
                Whose::Team(team) => target.team.as_ref() == Some(team),
                Whose::Owner(owner) => target.owner.as_ref() == Some(owner),
            }
    };
    if let Some(target) = folder.targets.iter().find(is_of) {
        return Some(target.amount);
    }
    let parts: Vec<Whose> = match whose {
        Whose::Owner(_) => Vec::new(),
        Whose::Team(team) => {
            let members = folder.teams.iter().filter(|(name, _)| name == team);
            members.flat_map(|(_, members)| members.iter().cloned().map(Whose::Owner)).collect()
        }
        Whose::All => {
            let teams = folder.teams.iter().map(|(name, _)| Whose::Team(name.clone()));
            let mut loners: Vec<String> =
                folder.targets.iter().filter_map(|target| target.owner.clone()).collect();
            loners.retain(|owner| team_of(folder, owner).is_empty());
            loners.sort();
            loners.dedup();
            teams.chain(loners.into_iter().map(Whose::Owner)).collect()
        }
    };
    parts.iter().filter_map(|part| of(folder, period, part)).reduce(|sum, amount| sum + amount)
}
