//! The deals behind a figure, so that it can be followed to its rows.

use super::cohorts::{self, Fate};
use super::question::Question;
use super::stalled::Limits;
use crate::process::{Outcome, Process, StageIndex};

/// A set of deals that figures are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Closed so in the period.
    Closed(Outcome),
    /// Created in the period.
    Created,
    /// Open at `e`.
    Open,
    /// In its stage at `e` for too long: in any, or in one (metrics §5).
    Stalled(Option<StageIndex>),
    /// In a stage at `e`.
    In(StageIndex),
    /// Left a stage in the period, once or more often (metrics §5).
    Left(StageIndex),
    /// Reached a stage in the period: all of them, or those with one fate (metrics §2).
    Reached(StageIndex, Option<Fate>),
}

/// The names of the sets, for errors and help.
pub const NAMES: &str = "won, lost, disqualified, created, open, stalled, `stalled STAGE`, `in STAGE`, `left STAGE`, `reached STAGE`, `advanced STAGE`, `dropped STAGE`, `pending STAGE`";

impl Behind {
    /// The set of a name; none where no set has it, or where the stage is no open one.
    pub fn named(name: &str, process: &Process) -> Option<Behind> {
        let (set, stage) = match name.trim().split_once(char::is_whitespace) {
            Some((set, stage)) => (set, Some(stage.trim())),
            None => (name.trim(), None),
        };
        let stage = match stage {
            Some(stage) => Some(process.find(stage).filter(|stage| process.is_open(*stage))?),
            None => None,
        };
        Some(match (set, stage) {
            ("won", None) => Behind::Closed(Outcome::Won),
            ("lost", None) => Behind::Closed(Outcome::Lost),
            ("disqualified", None) => Behind::Closed(Outcome::Disqualified),
            ("created", None) => Behind::Created,
            ("open", None) => Behind::Open,
            ("stalled", stage) => Behind::Stalled(stage),
            ("in", Some(stage)) => Behind::In(stage),
            ("left", Some(stage)) => Behind::Left(stage),
            ("reached", Some(stage)) => Behind::Reached(stage, None),
            ("advanced", Some(stage)) => Behind::Reached(stage, Some(Fate::Advanced)),
            ("dropped", Some(stage)) => Behind::Reached(stage, Some(Fate::Dropped)),
            ("pending", Some(stage)) => Behind::Reached(stage, Some(Fate::Pending)),
            _ => return None,
        })
    }

    /// The ids of its deals, in the order of the file.
    pub fn ids(self, question: &Question<'_>) -> Vec<String> {
        let id = |deal: usize| question.book.deal(question.journeys.deals[deal].deal as usize).id.to_string();
        match self {
            Behind::Closed(outcome) => question
                .closed_in_period()
                .filter(|(_, end, _)| *end == outcome)
                .map(|(deal, ..)| id(deal))
                .collect(),
            Behind::Created => {
                let created = |deal: &&usize| {
                    question.journeys.deals[**deal].created.is_some_and(|at| question.in_period(at))
                };
                question.picked.iter().filter(created).map(|deal| id(*deal)).collect()
            }
            Behind::Open => question.open_at_e().map(|(deal, _)| id(deal)).collect(),
            Behind::In(stage) => {
                question.open_at_e().filter(|(_, at)| *at == stage).map(|(deal, _)| id(deal)).collect()
            }
            Behind::Stalled(stage) => {
                let limits = Limits::of(question);
                question
                    .open_at_e()
                    .filter(|(_, at)| stage.is_none_or(|stage| stage == *at))
                    .filter(|(deal, _)| limits.stalled(question, *deal))
                    .map(|(deal, _)| id(deal))
                    .collect()
            }
            Behind::Left(stage) => {
                let left = |deal: &&usize| {
                    let stays = question.journeys.stays(**deal).iter();
                    stays
                        .filter(|stay| stay.stage == stage)
                        .any(|stay| stay.left.is_some_and(|left| question.in_period(left)))
                };
                question.picked.iter().filter(left).map(|deal| id(*deal)).collect()
            }
            Behind::Reached(stage, fate) => {
                let order = question.process.open_stages().position(|(open, _)| open == stage);
                let mut ids = Vec::new();
                cohorts::of_period(question, |member| {
                    if Some(member.stage) == order && fate.is_none_or(|fate| fate == member.fate) {
                        ids.push(id(member.deal));
                    }
                });
                ids
            }
        }
    }
}
