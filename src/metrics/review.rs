//! `review`: what is amiss with deals as they stand, and the command that mends it.
//!
//! A review makes checks of its own, and those that the rules of the process state in terms.

mod checks;

use std::cmp::Reverse;

use rust_decimal::Decimal;

use super::figures::{Cell, Column, Figures, Kind, Row, Section};
use super::ground::Ground;
use crate::deal::money::{Currency, NoRate};
use crate::deal::standing::Standing;
use crate::process::{Process, ReviewRule, StageIndex};
use crate::query::sight::{Deal, Sight};
use crate::query::{Conditions, Query};
use checks::Case;

pub use checks::Check;

/// The ids of all that a review of a process looks for, in the order that the findings of a deal are listed.
pub fn rules(process: &Process) -> impl Iterator<Item = &str> + Clone {
    let stated = process.review.iter().map(|rule| rule.id.as_str());
    let own = Check::ALL.iter().map(|check| check.id());
    own.filter(|id| !process.review.iter().any(|rule| rule.id == *id)).chain(stated)
}

/// What a review looks for.
#[derive(Debug)]
pub struct Rules<'a> {
    checks: Vec<Check>,
    stated: Vec<(&'a ReviewRule, Query)>,
    /// The gates up to each stage that a deal may be sent to: the open ones and those of a win.
    gates: Vec<(StageIndex, Conditions<'a>)>,
    sight: &'a Sight<'a>,
}

impl<'a> Rules<'a> {
    /// The checks and rules whose ids are wanted. `stated` and `gates` are the terms of the process, understood.
    pub fn new(
        sight: &'a Sight<'a>,
        stated: Vec<Query>,
        gates: Vec<(StageIndex, Conditions<'a>)>,
        wanted: impl Fn(&str) -> bool,
    ) -> Rules<'a> {
        let process = sight.process();
        let replaced = |id: &str| process.review.iter().any(|rule| rule.id == id);
        let own = |check: &Check| wanted(check.id()) && !replaced(check.id());
        let stated = process.review.iter().zip(stated).filter(|(rule, _)| wanted(&rule.id)).collect();
        Rules { checks: Check::ALL.into_iter().filter(own).collect(), stated, gates, sight }
    }
}

/// One thing that is amiss with a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The id of the check or the rule.
    pub rule: String,
    /// What is amiss, in the language of the review.
    pub say: String,
    /// What shows it, written as terms: `stage_age=41d`.
    pub facts: Vec<String>,
    /// What mends it, ready for a shell; `…` stands for what only a person knows.
    pub command: Option<String>,
}

/// A deal with which something is amiss.
#[derive(Clone, Debug, PartialEq)]
pub struct Reviewed {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whose it is; may be empty.
    pub owner: String,
    /// The id of its stage.
    pub stage: String,
    /// What it is worth, and in which currency.
    pub value: Option<(Decimal, Currency)>,
    /// What is amiss.
    pub findings: Vec<Finding>,
}

/// The deals with which something is amiss, those with the most at stake first.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The deals.
    pub deals: Vec<Reviewed>,
}

/// Reviews deals, each with how terms see it.
///
/// Errors: a value in a currency without a rate.
pub fn review<'r, D: Deal>(
    ground: &Ground<'_>,
    rules: &Rules<'_>,
    deals: impl Iterator<Item = (Standing<'r>, D)>,
) -> Result<Review, NoRate> {
    let mut found = Vec::new();
    for (deal, seen) in deals {
        let findings = findings(ground, rules, &deal, &seen);
        if findings.is_empty() {
            continue;
        }
        let text = |column| deal.text(column).to_owned();
        let reviewed = Reviewed {
            id: text("id"),
            name: text("name"),
            owner: text("owner"),
            stage: ground.process.stage_id(deal.stage).to_owned(),
            value: deal.value,
            findings,
        };
        found.push((ground.worth(&deal)?, reviewed));
    }
    found.sort_by_key(|(worth, _)| Reverse(*worth));
    Ok(Review { deals: found.into_iter().map(|(_, reviewed)| reviewed).collect() })
}

fn findings<D: Deal>(ground: &Ground<'_>, rules: &Rules<'_>, deal: &Standing<'_>, seen: &D) -> Vec<Finding> {
    let mut findings = Vec::new();
    if ground.process.is_open(deal.stage) {
        let case = Case::new(ground, rules, deal, seen);
        findings.extend(rules.checks.iter().filter_map(|check| case.check(*check)));
    }
    let holds = |query: &Query| query.matches(&rules.sight.of(seen));
    let stated = rules.stated.iter().filter(|(_, query)| holds(query));
    findings.extend(stated.map(|(rule, query)| Finding {
        rule: rule.id.clone(),
        say: rule.say.text(ground.lang).to_owned(),
        facts: rules.sight.facts(query, seen),
        command: rule.command(deal.text("id")),
    }));
    findings
}

impl Review {
    /// How many findings there are.
    pub fn findings(&self) -> u64 {
        self.deals.iter().map(|deal| deal.findings.len() as u64).sum()
    }

    /// The review as a table: a row a finding.
    pub fn figures(&self) -> Figures {
        let row = |deal: &Reviewed, finding: &Finding| {
            let value =
                deal.value.map(|(amount, currency)| Cell::Money { amount: Some(amount), currency, n: None });
            let currency = deal.value.map(|(_, currency)| Cell::Text(currency.code().to_owned()));
            Row::total(vec![
                Cell::text(&deal.id),
                Cell::text(&deal.name),
                Cell::text(&deal.owner),
                Cell::Stage(deal.stage.clone()),
                value.unwrap_or(Cell::Empty),
                currency.unwrap_or(Cell::Empty),
                Cell::text(&finding.rule),
                Cell::text(&finding.say),
                Cell::text(&finding.facts.join(" ")),
                finding.command.as_deref().map_or(Cell::Empty, Cell::text),
            ])
        };
        let rows = self.deals.iter().flat_map(|deal| deal.findings.iter().map(move |one| row(deal, one)));
        let columns = vec![
            Column::new("id", Kind::Text),
            Column::new("name", Kind::Text),
            Column::new("owner", Kind::Text),
            Column::new("stage", Kind::Text),
            Column::new("value", Kind::Amount),
            Column::new("currency", Kind::Text),
            Column::new("rule", Kind::Text),
            Column::new("finding", Kind::Text),
            Column::new("facts", Kind::Text),
            Column::new("command", Kind::Command),
        ];
        let section = Section::list("review", columns, rows.collect());
        Figures::of("review", [section])
    }
}

#[cfg(test)]
mod tests;
