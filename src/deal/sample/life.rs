//! One made-up deal, from the day it comes in to its end or to now.

use std::borrow::Cow;

use super::arrivals::{EVENING, MORNING, days_to_quarter_end, moment, working, written};
use super::dice::Dice;
use super::plan::{Plan, StagePlan};
use super::words::{self, Account};
use super::{CLOSED, CONTACT, CREATED, ID, SOURCE, STAGE, STAGE_SINCE, SampleDeal, VALUE};
use crate::deal::event::{Event, Touch, What};
use crate::deal::time::Instant;
use crate::process::{COLUMNS, Outcome, Transition};

/// How a deal is going to end, if it lives to see it.
#[derive(Clone, Copy)]
enum Fate {
    Won,
    /// In this open stage at the earliest.
    Lost(usize),
    Disqualified(usize),
}

/// A deal as it lives. What would happen after now returns `None`, and the deal stays as it is.
pub(super) struct Life<'a> {
    plan: &'a Plan<'a>,
    dice: Dice,
    day: i32,
    clock: i64,
    at: Instant,
    account: Account,
    /// The owner's place in the list: some are quicker, some win more.
    owner: usize,
    /// The expected close, and how often it has been put off.
    close: Option<i32>,
    pushes: u32,
    /// Whether it is only coming in: what it comes with is in its row of deals.csv alone, as with one that was imported.
    new: bool,
    cells: [String; COLUMNS.len()],
    events: Vec<Event<'static>>,
}

impl<'a> Life<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, number: usize, day: i32, clock: i64) -> Life<'a> {
        let mut dice = Dice::new(plan.seed, number as u64);
        let account = dice.below(plan.accounts);
        let account = Account::of(&mut Dice::new(plan.seed, u64::MAX - account));
        let owner = dice.below(plan.owners.len() as u64) as usize;
        let at = moment(plan.process.zone, day, clock);
        let mut cells: [String; COLUMNS.len()] = std::array::from_fn(|_| String::new());
        cells[ID] = format!("deal-{number}");
        cells[CREATED] = at.to_string();
        let events = Vec::with_capacity(12);
        Life { plan, dice, day, clock, at, account, owner, close: None, pushes: 0, new: true, cells, events }
    }

    pub(super) fn lived(mut self) -> SampleDeal {
        let open = self.live().is_none();
        if open {
            self.look_ahead();
        }
        SampleDeal { cells: self.cells, events: self.events }
    }

    /// From the first stage to an outcome.
    fn live(&mut self) -> Option<()> {
        let plan = self.plan;
        let rules = &plan.process.transitions;
        let last = plan.stages.len() - 1;
        let straight_on = last > 2 && rules.skip == Transition::Allow;
        let mut stage = if straight_on { self.dice.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2]) } else { 0 };
        self.begin(stage);
        let mut fate = self.fate();
        let mut gone_back = false;
        let stuck = if self.dice.chance(40) { self.dice.below(last as u64 + 1) as usize } else { usize::MAX };
        loop {
            let ends = match fate {
                Fate::Won => stage == last,
                Fate::Lost(from) | Fate::Disqualified(from) => stage >= from,
            };
            let leave = self.leave(stage, stage == stuck, ends && matches!(fate, Fate::Won));
            self.stay(leave)?;
            if ends {
                self.end(fate)?;
                if rules.reopen == Transition::Deny || gone_back || !self.dice.chance(20) {
                    return Some(());
                }
                gone_back = true;
                stage = last.saturating_sub(self.dice.below(2) as usize);
                let pause = self.dice.between(5, 60);
                self.later(self.day + pause)?;
                let why = self.dice.pick(&words::WHY);
                self.enter(&plan.stages[stage], why);
                fate = if self.dice.chance(500) { Fate::Won } else { Fate::Lost(stage) };
                continue;
            }
            let back = stage > 1 && !gone_back && rules.back != Transition::Deny && self.dice.chance(35);
            let skip = stage + 1 < last && rules.skip != Transition::Deny && self.dice.chance(300);
            gone_back |= back;
            stage = match (back, skip) {
                (true, _) => stage - 1,
                (false, true) => stage + 2,
                (false, false) => stage + 1,
            };
            let note = if back || (skip && rules.skip == Transition::Note) {
                self.dice.pick(&words::WHY)
            } else {
                ""
            };
            self.enter(&plan.stages[stage], note);
            self.on_the_way(stage);
        }
    }

    fn begin(&mut self, stage: usize) {
        let plan = self.plan;
        let name = self.account.deal(&mut self.dice);
        let account = self.account.name.clone();
        self.enter_only(&plan.stages[stage], "");
        self.set("name", &name);
        self.set("account", &account);
        self.set("owner", plan.owners[self.owner]);
        if self.dice.chance(800) {
            self.fill("source");
        }
        if self.dice.chance(850) {
            self.fill("value");
        }
        if self.dice.chance(120) {
            self.fill("tags");
        }
        if self.dice.chance(600) {
            self.fill("contact");
        }
        if self.dice.chance(700) {
            self.fill("close_date");
        }
        self.fill_all(&plan.stages[stage].required);
        self.new = false;
    }

    fn fate(&mut self) -> Fate {
        /// How the owners win, in hundredths of the usual; repeated for more of them.
        const SKILL: [u64; 6] = [100, 115, 85, 105, 120, 90];
        let count = self.plan.stages.len() as u64;
        if self.dice.chance(135) {
            return Fate::Disqualified(self.dice.below(count.div_ceil(3)) as usize);
        }
        let known = matches!(self.cells[SOURCE].as_str(), "referral" | "existing customer");
        let odds = 305 * SKILL[self.owner % SKILL.len()] / 100 + if known { 60 } else { 0 };
        if self.dice.chance(odds) {
            return Fate::Won;
        }
        let at = if self.dice.chance(160) {
            // Losses gather where the buyer first sees a price.
            count * 4 / 7
        } else {
            (0..3).map(|_| self.dice.below(count)).min().unwrap_or(0)
        };
        Fate::Lost(at.min(count - 1) as usize)
    }

    /// The day on which the deal leaves a stage that it has just entered.
    fn leave(&mut self, stage: usize, stuck: bool, wins: bool) -> i32 {
        /// How long the owners take, in hundredths of the usual.
        const PACE: [u64; 6] = [95, 80, 110, 130, 90, 105];
        let usual = self.plan.stages[stage].days * PACE[self.owner % PACE.len()];
        let days = usual * self.dice.spread() / 100_000 * if stuck { 8 } else { 1 };
        let leave = self.day + (days as i32).min(3000);
        let left = days_to_quarter_end(leave);
        if wins && left < 20 && self.dice.chance(450) {
            return leave + (left - self.dice.between(0, 4)).max(0);
        }
        leave
    }

    /// What happens in a stage until the deal leaves it; the clock then stands at the moment of leaving.
    fn stay(&mut self, leave: i32) -> Option<()> {
        let length = (leave - self.day).max(0);
        let mut touches = Vec::new();
        for _ in 0..(length / 12).clamp(1, 4) {
            if self.dice.chance(if length < 4 { 20 } else { 70 }) {
                touches.push(self.day + self.dice.between(0, length));
            }
        }
        touches.sort_unstable();
        let mut touches = touches.into_iter().peekable();
        let mut puts_off = true;
        loop {
            let due = self.close.filter(|close| puts_off && *close < leave && self.pushes < 4);
            match (touches.peek().copied(), due) {
                (Some(touch), due) if due.is_none_or(|due| touch <= due) => {
                    touches.next();
                    self.later(touch)?;
                    self.touch();
                    if self.dice.chance(120) {
                        self.plan_next();
                    }
                }
                (_, Some(due)) => {
                    puts_off = self.dice.chance(750);
                    if puts_off {
                        let before = self.dice.between(0, 4);
                        self.later(due - before)?;
                        self.pushes += 1;
                        let later = due.max(self.day) + self.dice.between(10, 45);
                        self.expect_close(later);
                    }
                }
                (_, None) => return self.later(leave),
            }
        }
    }

    /// What changes along with a move to the next stage.
    fn on_the_way(&mut self, stage: usize) {
        let plan = self.plan;
        let late = stage * 2 >= plan.stages.len();
        if self.close.is_none() && self.dice.chance(if late { 450 } else { 140 }) {
            self.fill("close_date");
        }
        if self.cells[CONTACT].is_empty() && self.dice.chance(60) {
            self.fill("contact");
        }
        if late && self.cells[VALUE].is_empty() && self.dice.chance(900) {
            self.fill("value");
        } else if late && self.dice.chance(120) {
            self.revalue();
        }
        if plan.owners.len() > 1 && self.dice.chance(12) {
            self.owner = (self.owner + 1) % plan.owners.len();
            self.set("owner", plan.owners[self.owner]);
        }
        if late && self.dice.chance(30) {
            self.fill("forecast");
        }
    }

    /// Into an outcome. A process that has none for this fate keeps the deal open.
    fn end(&mut self, fate: Fate) -> Option<()> {
        let plan = self.plan;
        let step = match fate {
            Fate::Won => plan.won.as_ref(),
            Fate::Lost(_) => plan.lost.as_ref(),
            Fate::Disqualified(_) => plan.disqualified.as_ref(),
        };
        let step = step?;
        let note = if self.dice.chance(100) { self.dice.pick(&words::TEXTS) } else { "" };
        self.enter(step, note);
        if step.outcome == Some(Outcome::Won) && self.cells[VALUE].is_empty() && self.dice.chance(950) {
            self.fill("value");
        }
        Some(())
    }

    /// An open deal's last contact and next step.
    fn look_ahead(&mut self) {
        let gap = self.plan.today - self.day;
        if gap > 6 && self.dice.chance(800) {
            let touch = self.day + gap * self.dice.between(40, 97) / 100;
            if self.later(touch).is_some() {
                self.touch();
            }
        }
        if self.dice.chance(820) {
            self.plan_next();
        }
    }

    /// Moves the clock to a working moment of a day, or soon after the present one where the day is not later.
    fn later(&mut self, day: i32) -> Option<()> {
        let soon = self.clock + i64::from(self.dice.between(4 * 60_000, 100 * 60_000));
        let fresh = MORNING + self.dice.below((EVENING - MORNING) as u64) as i64;
        let (day, clock) = match day {
            day if day > self.day => (day, fresh),
            _ if soon < EVENING => (self.day, soon),
            _ => (self.day + 1, fresh),
        };
        let day = working(day);
        let at = moment(self.plan.process.zone, day, clock);
        if at > self.plan.until {
            return None;
        }
        (self.day, self.clock, self.at) = (day, clock, at);
        Some(())
    }

    /// A move, and what the stage requires.
    fn enter(&mut self, step: &StagePlan<'_>, note: &str) {
        self.enter_only(step, note);
        let reason = match step.outcome {
            Some(Outcome::Lost) => Some(self.dice.pick_early(&self.plan.reasons)),
            Some(Outcome::Disqualified) => Some(self.dice.pick_late(&self.plan.reasons)),
            Some(Outcome::Won) => None,
            None => Some(""),
        };
        if let Some(reason) = reason {
            self.set("reason", reason);
        }
        self.fill_all(&step.required);
    }

    fn enter_only(&mut self, step: &StagePlan<'_>, note: &str) {
        let from = std::mem::replace(&mut self.cells[STAGE], step.id.to_owned());
        self.push(What::Stage { from: from.into(), to: step.id.to_owned().into(), forced: false }, note);
        self.cells[STAGE_SINCE] = self.at.to_string();
        self.cells[CLOSED] = if step.outcome.is_some() { self.at.to_string() } else { String::new() };
    }

    fn touch(&mut self) {
        let kind = match self.dice.below(10) {
            0..=3 => Touch::Call,
            4..=6 => Touch::Email,
            7..=8 => Touch::Meeting,
            _ => Touch::Note,
        };
        let text = self.dice.pick(&words::TEXTS);
        self.push(What::Touch(kind), text);
    }

    fn plan_next(&mut self) {
        let step = self.dice.pick(&words::NEXT_STEPS);
        self.set("next_step", step);
        if self.dice.chance(900) {
            let due = working(self.day + self.dice.between(2, 24));
            self.set("next_date", &written(due));
        }
    }

    fn expect_close(&mut self, day: i32) {
        let day = working(day);
        self.close = Some(day);
        self.set("close_date", &written(day));
    }

    fn revalue(&mut self) {
        if let Ok(value) = self.cells[VALUE].parse::<u64>() {
            let share = self.dice.between(78, 118).unsigned_abs();
            let value = self.rounded(value * u64::from(share) / 100);
            self.set("value", &value.to_string());
        }
    }

    /// An amount that a person would write.
    fn rounded(&self, value: u64) -> u64 {
        let plain = (value / self.plan.unit).clamp(1_000, 250_000);
        let to = match plain {
            ..10_000 => 100,
            10_000..50_000 => 500,
            _ => 1_000,
        };
        plain / to * to * self.plan.unit
    }

    fn fill_all(&mut self, required: &[&str]) {
        for name in required {
            self.fill(name);
        }
    }

    /// Gives a column that is empty something believable.
    fn fill(&mut self, name: &str) {
        let Some(column) = COLUMNS.iter().position(|known| *known == name) else { return };
        if !self.cells[column].is_empty() {
            return;
        }
        match name {
            "contact" => {
                let contact = self.account.contact(&mut self.dice);
                self.set(name, &contact);
            }
            "source" => {
                let source = self.dice.pick_early(&words::SOURCES);
                self.set(name, source);
            }
            "value" => {
                let value = 14_000 * self.plan.unit * self.dice.spread() / 1000 * self.dice.spread() / 1000;
                let value = self.rounded(value);
                self.set(name, &value.to_string());
            }
            "currency" => self.set(name, self.plan.process.currency.code()),
            "probability" => {
                let tenths = self.dice.between(2, 9);
                self.set(name, &format!("{tenths}0%"));
            }
            "close_date" => {
                let stage = self.plan.stages.iter().position(|step| step.id == self.cells[STAGE]);
                let ahead: u64 = self.plan.stages[stage.unwrap_or(0)..].iter().map(|step| step.days).sum();
                let days = ahead as i32 * self.dice.between(70, 140) / 100;
                self.expect_close(self.day + days.max(3));
            }
            "reason" => {
                let reason = self.dice.pick_early(&self.plan.reasons);
                self.set(name, reason);
            }
            "next_step" => self.set(name, words::NEXT_STEPS[0]),
            "next_date" => {
                let due = working(self.day + self.dice.between(2, 24));
                self.set(name, &written(due));
            }
            "forecast" => {
                let forecast = self.dice.pick(&["commit", "best case", "pipeline", "omitted"]);
                self.set(name, forecast);
            }
            "tags" => {
                let tag = self.dice.pick(&words::TAGS);
                self.set(name, tag);
            }
            // A deal has its name, account and owner from the start; the others are not anyone's to fill.
            _ => {}
        }
    }

    /// Changes a field. A field that has just been changed by the same command is changed in the same row.
    fn set(&mut self, name: &str, to: &str) {
        let Some(column) = COLUMNS.iter().position(|known| *known == name) else { return };
        if self.cells[column] == to {
            return;
        }
        let before = std::mem::replace(&mut self.cells[column], to.to_owned());
        if self.new {
            return;
        }
        let now = self.at;
        let same = |event: &Event<'_>| {
            event.at == now && matches!(&event.what, What::Set { field, .. } if field == name)
        };
        let at = self.events.iter().rposition(same);
        if let Some(What::Set { from, to: changed, .. }) = at.map(|at| &mut self.events[at].what) {
            *changed = to.to_owned().into();
            if from == to {
                at.map(|at| self.events.remove(at));
            }
            return;
        }
        self.push(
            What::Set { field: COLUMNS[column].into(), from: before.into(), to: to.to_owned().into() },
            "",
        );
    }

    fn push(&mut self, what: What<'static>, note: &str) {
        let deal = Cow::Owned(self.cells[ID].clone());
        let by = Cow::Owned(self.plan.owners[self.owner].to_owned());
        self.events.push(Event { at: self.at, deal, what, by, note: note.to_owned().into() });
    }
}
