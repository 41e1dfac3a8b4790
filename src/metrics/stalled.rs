//! When a deal has been in its stage for too long (metrics §5, *stalled*).

use super::figures::Note;
use super::question::{Question, days};
use super::statistics;
use crate::deal::journey::Journeys;
use crate::deal::time::Cut;
use crate::grammar::and;
use crate::process::{Lang, Process, Stage, StageIndex, Words};

/// How many days before `e` stays must have ended in, to tell what is usual where the process does not say.
const LOOK_BACK: f64 = 365.0;
/// How many such stays are needed.
const LEAST_STAYS: usize = 20;

/// For each stage, the days after which a deal has been there too long.
#[derive(Clone, Debug)]
pub struct Limits(Vec<Option<f64>>);

impl Limits {
    /// `stale_after`, where the process sets it.
    pub fn stated(process: &Process) -> Limits {
        Limits(process.stages.iter().map(|stage| stage.stale_after.map(f64::from)).collect())
    }

    /// Whether the process sets one for every open stage, so that no journeys have to be asked.
    pub fn are_stated(process: &Process) -> bool {
        process.open_stages().all(|(_, stage)| stage.stale_after.is_some())
    }

    /// The limits of the deals that a report is about, at its `e`.
    pub fn of(question: &Question<'_>) -> Limits {
        Limits::usual(question.process, &question.journeys, question.picked.iter().copied(), question.e())
    }

    /// `stale_after` where the process sets it; else the 90th percentile of these deals' stays that ended in the 365
    /// days before `e`, at least 20 of them, without assumed journeys; else none.
    pub fn usual(
        process: &Process,
        journeys: &Journeys<'_>,
        deals: impl Iterator<Item = usize>,
        e: Cut,
    ) -> Limits {
        let Limits(mut limits) = Limits::stated(process);
        if Limits::are_stated(process) {
            return Limits(limits);
        }
        let mut ended: Vec<Vec<f64>> = vec![Vec::new(); process.stages.len()];
        let zone = process.zone;
        for deal in deals.filter(|deal| !journeys.deals[*deal].assumed) {
            for (stay, left) in journeys.stays_until(deal) {
                let Some(left) = left.filter(|left| e.sees(*left)) else { continue };
                if zone.elapsed(left, e.at) <= LOOK_BACK
                    && let Some(days) = ended.get_mut(stay.stage.position())
                {
                    days.push(zone.elapsed(stay.entered, left));
                }
            }
        }
        for (limit, days) in limits.iter_mut().zip(&mut ended) {
            if limit.is_none() && days.len() >= LEAST_STAYS {
                days.sort_by(f64::total_cmp);
                *limit = statistics::quantile(days, 0.9);
            }
        }
        Limits(limits)
    }

    /// The limit of a stage.
    pub fn days(&self, stage: StageIndex) -> Option<f64> {
        self.0.get(stage.position()).copied().flatten()
    }

    /// Whether so many days in a stage are too many.
    pub fn exceeded(&self, stage: StageIndex, days: f64) -> bool {
        self.days(stage).is_some_and(|limit| days > limit)
    }

    /// Whether a deal that is open at `e` has been in its stage for longer than its limit.
    pub fn stalled(&self, question: &Question<'_>, deal: usize) -> bool {
        // A deal of unknown creation has no age, and is never stalled: its stay may be older than any file tells.
        let stay = question.standing(deal).zip(question.stage_age(deal));
        stay.is_some_and(|(stay, age)| self.exceeded(stay.stage, days(age)))
    }

    /// What a reader must know of the limits that the process does not set (metrics §5).
    pub fn notes(&self, question: &Question<'_>) -> Vec<Note> {
        let unset = || question.process.open_stages().filter(|(_, stage)| stage.stale_after.is_none());
        let of_kind = |limited: bool| -> Vec<&Stage> {
            let of_kind = unset().filter(|(index, _)| self.days(*index).is_some() == limited);
            of_kind.map(|(_, stage)| stage).collect()
        };
        let mut notes = Vec::new();
        let mut note = |code, stages: &[&Stage], english: &str, chinese: &str| {
            if !stages.is_empty() {
                let text = Words::of_ours(|lang| {
                    let named: Vec<&str> = stages.iter().map(|stage| stage.called_in(lang)).collect();
                    match lang {
                        Lang::En => format!("no stale_after is set for {}: {english}", and(&named)),
                        Lang::ZhTw => format!("{}未設定 stale_after：{chinese}", named.join("、")),
                    }
                });
                notes.push(Note { code, text, deals: None });
            }
        };
        note(
            "limit_from_history",
            &of_kind(true),
            "stalled there is what has stayed longer than nine of ten did in the 365 days before",
            "停留超過之前 365 天內九成停留者，視為停滯",
        );
        note(
            "no_limit",
            &of_kind(false),
            "nothing counts as stalled there, since fewer than 20 stays ended in the 365 days before",
            "之前 365 天內結束的停留不到 20 次，因此不視為停滯",
        );
        notes
    }
}
