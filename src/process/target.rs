//! Targets: what is to be won, and how those of several people and periods add up (metrics §6).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::Process;
use crate::deal::period::Period;
use crate::deal::time::Day;

/// What is to be won in a period, by everyone, an owner or a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The period.
    pub period: Period,
    /// The owner, when it is one person's.
    pub owner: Option<String>,
    /// The team, when it is a team's.
    pub team: Option<String>,
    /// The amount in the reporting currency.
    pub amount: Decimal,
}

/// Whose deals figures are about, as far as a target can be for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Everyone's.
    #[default]
    Everyone,
    /// All the deals of these owners, and no others that a target is for.
    Owners(BTreeSet<String>),
    /// Those with something in common beside their owners: no target is for them.
    Picked,
}

impl Whose {
    /// Those of the deals that are these owners'.
    #[must_use]
    pub fn narrowed<'a>(self, to: impl Iterator<Item = &'a str>) -> Whose {
        match self {
            Whose::Everyone => Whose::Owners(to.map(str::to_owned).collect()),
            Whose::Owners(owners) => {
                Whose::Owners(to.filter(|owner| owners.contains(*owner)).map(str::to_owned).collect())
            }
            Whose::Picked => Whose::Picked,
        }
    }
}

/// What is to be won by some people in some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// The sum of the targets; none where there is none for all of these days.
    pub amount: Option<Decimal>,
    /// The owners and teams that have targets, but none for all of these days.
    pub lacking: Vec<String>,
}

impl Goal {
    fn sum(goals: impl Iterator<Item = Goal>) -> Goal {
        goals.fold(Goal::default(), |mut sum, goal| {
            sum.amount = match (sum.amount, goal.amount) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            };
            sum.lacking.extend(goal.lacking);
            sum
        })
    }
}

/// Whom a target is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bearer<'a> {
    Everyone,
    Owner(&'a str),
    Team(&'a str),
}

impl Target {
    fn bearer(&self) -> Bearer<'_> {
        match (&self.owner, &self.team) {
            (Some(owner), _) => Bearer::Owner(owner),
            (None, Some(team)) => Bearer::Team(team),
            (None, None) => Bearer::Everyone,
        }
    }
}

impl Process {
    /// Every owner that a target or a team names.
    pub fn owners(&self) -> BTreeSet<&str> {
        let of_targets = self.targets.iter().filter_map(|target| target.owner.as_deref());
        let of_teams = self.teams.iter().flat_map(|(_, members)| members).map(String::as_str);
        of_targets.chain(of_teams).collect()
    }

    /// What is to be won by these people from `first` to `last`.
    ///
    /// Everyone's own target goes before the sum of the teams and of the owners in none; a team's own before the sum of
    /// its members.
    pub fn goal(&self, whose: &Whose, first: Day, last: Day) -> Goal {
        let of_owners = |owners: BTreeSet<&str>| self.goal_of_owners(&owners, first, last);
        match whose {
            Whose::Picked => Goal::default(),
            Whose::Everyone => match self.chain(Bearer::Everyone, first, last) {
                None => of_owners(self.owners()),
                amount => Goal { amount, lacking: Vec::new() },
            },
            Whose::Owners(owners) => of_owners(owners.iter().map(String::as_str).collect()),
        }
    }

    /// The targets of the teams that are there whole, and of the other owners.
    fn goal_of_owners(&self, owners: &BTreeSet<&str>, first: Day, last: Day) -> Goal {
        let is_there = |owner: &String| owners.contains(owner.as_str());
        let whole =
            self.teams.iter().filter(|(_, members)| !members.is_empty() && members.iter().all(is_there));
        let in_them: BTreeSet<&str> =
            whole.clone().flat_map(|(_, members)| members).map(String::as_str).collect();
        let of_owner = |owner: &str| self.goal_of(Bearer::Owner(owner), owner, first, last);
        let teams = whole.map(|(team, members)| {
            let own = self.goal_of(Bearer::Team(team), team, first, last);
            let sum = Goal::sum(members.iter().map(|member| of_owner(member)));
            if own.amount.is_some() || sum == Goal::default() { own } else { sum }
        });
        Goal::sum(
            teams.chain(owners.iter().filter(|owner| !in_them.contains(*owner)).map(|owner| of_owner(owner))),
        )
    }

    fn goal_of(&self, bearer: Bearer<'_>, name: &str, first: Day, last: Day) -> Goal {
        let amount = self.chain(bearer, first, last);
        let has_targets = self.targets.iter().any(|target| target.bearer() == bearer);
        let lacking = if has_targets && amount.is_none() { vec![name.to_owned()] } else { Vec::new() };
        Goal { amount, lacking }
    }

    /// The sum of the fewest targets of one bearer that follow one another from `first` to `last` without a gap; of several
    /// such chains the one that begins with the longer target.
    fn chain(&self, bearer: Bearer<'_>, first: Day, last: Day) -> Option<Decimal> {
        let within = |target: &&Target| {
            target.bearer() == bearer && target.period.first >= first && target.period.last <= last
        };
        let mut targets: Vec<&Target> = self.targets.iter().filter(within).collect();
        targets.sort_by_key(|target| (std::cmp::Reverse(target.period.first), target.period.last));
        // From each day on to the end: how many targets, and their sum.
        let mut from: BTreeMap<Day, (usize, Decimal)> =
            BTreeMap::from([(last.succ_opt()?, (0, Decimal::ZERO))]);
        for target in targets {
            let Some((count, sum)) = target.period.last.succ_opt().and_then(|next| from.get(&next)) else {
                continue;
            };
            let (count, sum) = (count + 1, sum + target.amount);
            // A longer target of the same first day comes later, and is taken where it is as good.
            if from.get(&target.period.first).is_none_or(|(fewest, _)| count <= *fewest) {
                from.insert(target.period.first, (count, sum));
            }
        }
        from.get(&first).map(|(_, sum)| *sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::time::parse_day;
    use crate::process::read;

    /// What is to be won, given teams and targets as pipeline.yaml has them.
    fn goal(teams: &str, targets: &str, whose: &Whose, period: &str) -> (Option<i64>, String) {
        let stages = "stages: [{id: open}, {id: won, outcome: won}, {id: lost, outcome: lost}]";
        let process =
            read("pipeline.yaml", &format!("{stages}\nteams: {teams}\ntargets: [{targets}]\n")).unwrap();
        let period = process.calendar(parse_day("2026-11-20").unwrap()).period(period).unwrap();
        let goal = process.goal(whose, period.first, period.last);
        (goal.amount.map(|amount| i64::try_from(amount).unwrap()), goal.lacking.join(" "))
    }

    fn owners(names: &[&str]) -> Whose {
        Whose::Owners(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn months_that_follow_one_another_make_a_quarter_and_a_gap_makes_none() {
        let months =
            "{period: 2026-10, amount: 10}, {period: 2026-11, amount: 20}, {period: 2026-12, amount: 30}";
        let everyone = &Whose::Everyone;
        assert_eq!(goal("{}", months, everyone, "2026-Q4").0, Some(60));
        assert_eq!(goal("{}", months, everyone, "2026-11").0, Some(20));
        assert_eq!(goal("{}", months, everyone, "2026").0, None);
        assert_eq!(goal("{}", months, everyone, "2026-11-01..2026-11-29").0, None);
        let gap = "{period: 2026-10, amount: 10}, {period: 2026-12, amount: 30}";
        assert_eq!(goal("{}", gap, everyone, "2026-Q4").0, None);
    }

    #[test]
    fn the_fewest_targets_are_taken_and_of_as_few_the_longer_first() {
        // The year's own goes before its quarters; a half before two quarters.
        let year = "{period: 2026, amount: 1000}, {period: 2026-Q1, amount: 1}, {period: 2026-Q2, amount: 2}, \
                    {period: 2026-Q3, amount: 4}, {period: 2026-Q4, amount: 8}, {period: 2026-01-01..2026-06-30, amount: 100}";
        let everyone = &Whose::Everyone;
        assert_eq!(goal("{}", year, everyone, "2026").0, Some(1000));
        assert_eq!(goal("{}", year, everyone, "2026-01-01..2026-09-30").0, Some(104));
        // Two of two: January and the rest, or two months and March.
        let two = "{period: 2026-01, amount: 1}, {period: 2026-02-01..2026-03-31, amount: 2}, \
                   {period: 2026-01-01..2026-02-28, amount: 10}, {period: 2026-03, amount: 20}";
        assert_eq!(goal("{}", two, everyone, "2026-Q1").0, Some(30));
    }

    #[test]
    fn an_own_target_goes_before_the_sum_of_those_below() {
        let teams = "{north: [ana, ben], south: [chen]}";
        let members = "{period: 2026-Q4, owner: ana, amount: 1}, {period: 2026-Q4, owner: ben, amount: 2}, \
                       {period: 2026-Q4, owner: chen, amount: 4}, {period: 2026-Q4, owner: dana, amount: 8}";
        let everyone = &Whose::Everyone;
        assert_eq!(goal(teams, members, everyone, "2026-Q4").0, Some(15));
        let team = &format!("{members}, {{period: 2026-Q4, team: north, amount: 100}}");
        assert_eq!(goal(teams, team, everyone, "2026-Q4").0, Some(112));
        let own = &format!("{team}, {{period: 2026-Q4, amount: 1000}}");
        assert_eq!(goal(teams, own, everyone, "2026-Q4").0, Some(1000));
        // The whole team has the team's, one of its members his own.
        assert_eq!(goal(teams, own, &owners(&["ana", "ben"]), "2026-Q4").0, Some(100));
        assert_eq!(goal(teams, own, &owners(&["ben"]), "2026-Q4").0, Some(2));
        assert_eq!(goal(teams, own, &owners(&["ana", "ben", "dana"]), "2026-Q4").0, Some(108));
        assert_eq!(goal(teams, own, &owners(&["eve"]), "2026-Q4").0, None);
        assert_eq!(goal(teams, own, &Whose::Picked, "2026-Q4").0, None);
    }

    #[test]
    fn who_has_targets_but_none_for_the_days_is_named() {
        let teams = "{north: [ana, ben], south: [chen]}";
        let targets = "{period: 2026-Q4, owner: ana, amount: 1}, {period: 2026, owner: ben, amount: 2}, \
                       {period: 2026, team: south, amount: 4}, {period: 2026, owner: dana, amount: 8}";
        assert_eq!(goal(teams, targets, &Whose::Everyone, "2026-Q4"), (Some(1), "ben south dana".to_owned()));
        assert_eq!(goal(teams, targets, &owners(&["ana"]), "2026"), (None, "ana".to_owned()));
        // A team of one is its member.
        assert_eq!(goal(teams, targets, &owners(&["chen"]), "2026"), (Some(4), String::new()));
        assert_eq!(goal(teams, targets, &Whose::Everyone, "2026"), (Some(14), "ana".to_owned()));
    }
}
