//! What all deals of a sample share: the process they keep to, and how business goes.

use super::{Sample, words};
use crate::deal::time::Instant;
use crate::process::{Outcome, Process};

/// What all deals of a sample share.
pub(super) struct Plan<'p> {
    pub(super) process: &'p Process,
    pub(super) seed: u64,
    pub(super) until: Instant,
    pub(super) today: i32,
    pub(super) accounts: u64,
    pub(super) owners: Vec<&'p str>,
    pub(super) reasons: Vec<&'p str>,
    /// The open stages, in order.
    pub(super) stages: Vec<StagePlan<'p>>,
    pub(super) won: Option<StagePlan<'p>>,
    pub(super) lost: Option<StagePlan<'p>>,
    pub(super) disqualified: Option<StagePlan<'p>>,
    /// What one of the reporting currency is to a dollar or a euro, roughly.
    pub(super) unit: u64,
}

/// A stage, and the columns that a deal needs to come in.
#[derive(Clone)]
pub(super) struct StagePlan<'p> {
    pub(super) id: &'p str,
    pub(super) required: Vec<&'p str>,
    pub(super) outcome: Option<Outcome>,
    /// Days that a deal typically stays.
    pub(super) days: u64,
}

impl<'p> Plan<'p> {
    pub(super) fn new(sample: &Sample, process: &'p Process) -> Plan<'p> {
        /// Days in each seventh of the way.
        const PACE: [u64; 7] = [6, 9, 8, 12, 14, 13, 8];
        let count = process.open_stages().count().max(1);
        let fields = process.fields.iter().filter(|field| field.required);
        let mut required: Vec<&str> = fields.map(|field| field.id.as_str()).collect();
        let mut stages = Vec::new();
        for (place, (_, stage)) in process.open_stages().enumerate() {
            required.extend(stage.enter.require.iter().map(String::as_str));
            let days = (PACE[place * 7 / count] * 7 / count as u64).max(1);
            stages.push(StagePlan { id: &stage.id, required: required.clone(), outcome: None, days });
        }
        let end = |outcome| {
            let (_, stage) = process.outcome_stages(outcome).next()?;
            let required = stage.enter.require.iter().map(String::as_str).collect();
            Some(StagePlan { id: &stage.id, required, outcome: Some(outcome), days: 0 })
        };
        let (lost, disqualified) = (end(Outcome::Lost), end(Outcome::Disqualified));
        let teams = process.teams.iter().flat_map(|(_, owners)| owners).map(String::as_str);
        Plan {
            process,
            seed: sample.seed,
            until: sample.until,
            today: process.zone.day_of(sample.until).to_epoch_days(),
            accounts: (sample.deals as u64 * 3 / 5).clamp(20, 20_000),
            owners: or_else(teams.collect(), &words::OWNERS),
            reasons: or_else(process.reasons.iter().map(String::as_str).collect(), &words::REASONS),
            won: end(Outcome::Won),
            lost: lost.clone().or_else(|| disqualified.clone()),
            disqualified: disqualified.or(lost),
            unit: match process.currency.code() {
                "TWD" => 30,
                "JPY" => 150,
                "INR" => 80,
                "KRW" => 1300,
                _ => 1,
            },
            stages,
        }
    }
}

fn or_else<'p>(own: Vec<&'p str>, fallback: &[&'static str]) -> Vec<&'p str> {
    if own.is_empty() { fallback.to_vec() } else { own }
}
