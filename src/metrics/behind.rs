//! The deals behind a figure, so that it can be followed to its rows.

use super::activity::{events, is_idle};
use super::changes::{Line, deals_in};
use super::cohorts::{self, Fate};
use super::forecast::Portion;
use super::question::Question;
use super::slippage::{due_in_period, past_close_date, slips_in_period};
use super::stalled::Limits;
use crate::deal::book::TOUCHES;
use crate::deal::money::NoRate;
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
    /// Open at `e`, by when it is due (metrics §6).
    Due(Portion),
    /// Left a stage in the period, once or more often (metrics §5).
    Left(StageIndex),
    /// Reached a stage in the period: all of them, or those with one fate (metrics §2).
    Reached(StageIndex, Option<Fate>),
    /// In a line of the open pipeline's changes (metrics §7).
    Changed(Line),
    /// Their close date was moved to a later day in the period, while they were open (metrics §8).
    Pushed,
    /// To an earlier day.
    PulledIn,
    /// Their first close date falls in the period.
    CameDue,
    /// Open at `e`, and past their close date.
    PastCloseDate,
    /// Something was done about them in the period (metrics §10).
    Touched,
    /// Open at `e`, and nothing was done about them for too long.
    Idle,
}

/// The names of the sets, for errors and help.
pub const NAMES: &str = "won, lost, disqualified, created, open, stalled, `stalled STAGE`, due, `due overdue`, `due undated`, `due 2026-12`, `due commit`, `in STAGE`, `left STAGE`, `reached STAGE`, `advanced STAGE`, `dropped STAGE`, `pending STAGE`, open_at_start, reopened, value_up, value_down, pushed, pulled_in, came_due, past_close_date, touched, idle";

impl Behind {
    /// The set of a name; none where no set has it, or where the stage is no open one.
    pub fn named(name: &str, process: &Process) -> Option<Behind> {
        let (set, stage) = match name.trim().split_once(char::is_whitespace) {
            Some((set, stage)) => (set, Some(stage.trim())),
            None => (name.trim(), None),
        };
        if set == "due" {
            return Portion::due(stage).map(Behind::Due);
        }
        let stage = match stage {
            Some(stage) => Some(process.find(stage).filter(|stage| process.is_open(*stage))?),
            None => None,
        };
        Some(match (set, stage) {
            ("won", None) => Behind::Closed(Outcome::Won),
            ("lost", None) => Behind::Closed(Outcome::Lost),
            ("disqualified", None) => Behind::Closed(Outcome::Disqualified),
            ("created", None) => Behind::Created,
            ("open" | "open_at_end", None) => Behind::Open,
            ("stalled", stage) => Behind::Stalled(stage),
            ("pushed", None) => Behind::Pushed,
            ("pulled_in", None) => Behind::PulledIn,
            ("came_due", None) => Behind::CameDue,
            ("past_close_date", None) => Behind::PastCloseDate,
            ("touched", None) => Behind::Touched,
            ("idle", None) => Behind::Idle,
            ("in", Some(stage)) => Behind::In(stage),
            ("left", Some(stage)) => Behind::Left(stage),
            ("reached", Some(stage)) => Behind::Reached(stage, None),
            ("advanced", Some(stage)) => Behind::Reached(stage, Some(Fate::Advanced)),
            ("dropped", Some(stage)) => Behind::Reached(stage, Some(Fate::Dropped)),
            ("pending", Some(stage)) => Behind::Reached(stage, Some(Fate::Pending)),
            (line, None) => Behind::Changed(Line::ALL.into_iter().find(|other| other.key() == line)?),
            _ => return None,
        })
    }

    /// What it has to know of each deal beside what every report needs, as in [`super::Report::needs`].
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Behind::Pushed | Behind::PulledIn | Behind::CameDue | Behind::PastCloseDate => &["close_date"],
            Behind::Due(_) => &["close_date", "forecast"],
            Behind::Touched | Behind::Idle => &[TOUCHES],
            _ => &[],
        }
    }

    /// The ids of its deals, in the order of the file.
    ///
    /// Errors: a value in a currency without a rate on the day it is needed.
    pub fn ids(self, question: &Question<'_>) -> Result<Vec<String>, NoRate> {
        let id = |deal: usize| question.journeys.id(deal).to_owned();
        Ok(self.deals(question)?.into_iter().map(id).collect())
    }

    fn deals(self, question: &Question<'_>) -> Result<Vec<usize>, NoRate> {
        let picked = |test: &dyn Fn(usize) -> bool| -> Vec<usize> {
            question.picked.iter().copied().filter(|deal| test(*deal)).collect()
        };
        let open = |test: &dyn Fn(usize, StageIndex) -> bool| -> Vec<usize> {
            question.open_at_e().filter(|(deal, stage)| test(*deal, *stage)).map(|(deal, _)| deal).collect()
        };
        let moved = |test: &dyn Fn(i64) -> bool| {
            picked(&|deal| slips_in_period(question, deal).any(|slip| test(slip.days)))
        };
        Ok(match self {
            Behind::Closed(outcome) => {
                let closed = question.closed_in_period().filter(|(_, end, _)| *end == outcome);
                closed.map(|(deal, ..)| deal).collect()
            }
            Behind::Created => {
                picked(&|deal| question.journeys.deals[deal].created.is_some_and(|at| question.in_period(at)))
            }
            Behind::Due(portion) => portion.deals(question),
            Behind::Open => open(&|_, _| true),
            Behind::In(stage) => open(&|_, at| at == stage),
            Behind::Stalled(stage) => {
                let limits = Limits::of(question);
                open(&|deal, at| stage.is_none_or(|stage| stage == at) && limits.stalled(question, deal))
            }
            Behind::Left(stage) => picked(&|deal| {
                let mut stays = question.journeys.stays_until(deal);
                stays.any(|(stay, left)| {
                    stay.stage == stage && left.is_some_and(|left| question.in_period(left))
                })
            }),
            Behind::Reached(stage, fate) => {
                let order = question.process.open_stages().position(|(open, _)| open == stage);
                let mut deals = Vec::new();
                cohorts::of_period(question, |member| {
                    if Some(member.stage) == order && fate.is_none_or(|fate| fate == member.fate) {
                        deals.push(member.deal);
                    }
                });
                deals
            }
            Behind::Changed(line) => deals_in(question, line)?,
            Behind::Pushed => moved(&|days| days > 0),
            Behind::PulledIn => moved(&|days| days < 0),
            Behind::CameDue => picked(&|deal| due_in_period(question, deal).is_some()),
            Behind::PastCloseDate => open(&|deal, _| past_close_date(question, deal).is_some()),
            Behind::Touched => picked(&|deal| events(question, deal).any(|(at, _)| question.in_period(*at))),
            Behind::Idle => open(&|deal, _| is_idle(question, deal)),
        })
    }
}
