//! Made-up deals with a believable history: for `init --sample`, for benchmarks, for tests. Pure; the same seed gives
//! the same deals on every machine, one at a time, so that a million of them need no memory.

mod dice;
mod words;

use std::borrow::Cow;

use chrono::{Datelike, Months, NaiveTime, TimeDelta};

use super::event::{Event, Touch, What, push_cell};
use super::time::{Day, Instant, Zone};
use crate::process::COLUMNS;
use crate::process::{Outcome, Process, Transition};
use dice::Dice;
use words::Account;

/// Which deals to make up.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How many.
    pub deals: usize,
    /// Another seed gives other deals.
    pub seed: u64,
    /// Now: nothing happens after it.
    pub until: Instant,
    /// For how many years before `until` deals have been coming in; at least one.
    pub years: u32,
}

/// A made-up deal: its row of deals.csv, and the rows of history.csv that add up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleDeal {
    /// The cells, in the order of [`COLUMNS`].
    pub cells: [String; COLUMNS.len()],
    /// What happened, in order; the first event is the entry into the first stage.
    pub events: Vec<Event<'static>>,
}

impl SampleDeal {
    /// The row as deals.csv holds it, with its line end.
    pub fn to_line(&self) -> String {
        let mut line = String::with_capacity(192);
        for (column, cell) in self.cells.iter().enumerate() {
            if column > 0 {
                line.push(',');
            }
            push_cell(&mut line, cell);
        }
        line.push('\n');
        line
    }
}

impl Sample {
    /// The deals, oldest first, each with an id of its own: `deal-1`, `deal-2`, …
    ///
    /// They keep to the process: its open stages in order, the columns that its gates require, its reasons, and what it
    /// says to skipping, going back and reopening. Gates that are terms are not looked at. A process without an open
    /// stage has no deals.
    pub fn deals<'p>(&self, process: &'p Process) -> impl Iterator<Item = SampleDeal> + use<'p> {
        let plan = Plan::new(self, process);
        let days = working_days(process.zone.day_of(self.until), self.years.max(1));
        let deals = if plan.stages.is_empty() || days.is_empty() { 0 } else { self.deals };
        let mut arrivals = Arrivals::new(self.seed, deals, days);
        (1..=deals).map(move |number| {
            let (day, clock) = arrivals.next();
            Life::new(&plan, number, day, clock).lived()
        })
    }
}

// Columns that are looked at, rather than only set.
const CLOSED: usize = column("closed");
const CONTACT: usize = column("contact");
const CREATED: usize = column("created");
const ID: usize = column("id");
const SOURCE: usize = column("source");
const STAGE: usize = column("stage");
const STAGE_SINCE: usize = column("stage_since");
const VALUE: usize = column("value");

/// When people work: from half past eight for nine hours.
const MORNING: i64 = 8 * HOUR + HOUR / 2;
const EVENING: i64 = MORNING + 9 * HOUR;
const HOUR: i64 = 3_600_000;

/// Working days before a day, each with the sum of the weights up to and with it. Business grows by a third over the
/// years, and summers and Decembers are quiet.
fn working_days(until: Day, years: u32) -> Vec<(i32, u64)> {
    const MONTHS: [u64; 12] = [10, 11, 12, 10, 10, 11, 8, 7, 12, 12, 11, 6];
    let first = until.checked_sub_months(Months::new(years.saturating_mul(12))).unwrap_or(until);
    let all = u64::from(first.to_epoch_days().abs_diff(until.to_epoch_days())).max(1);
    let mut sum = 0;
    first
        .iter_days()
        .take_while(|day| *day < until)
        .filter(|day| day.weekday().num_days_from_monday() < 5)
        .map(|day| {
            let gone = u64::from(day.to_epoch_days().abs_diff(first.to_epoch_days()));
            sum += MONTHS[day.month0() as usize] * (300 + 100 * gone / all);
            (day.to_epoch_days(), sum)
        })
        .collect()
}

/// The moments at which deals come in: as by a Poisson process with exactly so many arrivals, in order.
struct Arrivals {
    dice: Dice,
    gone: u64,
    total: u64,
    days: Vec<(i32, u64)>,
    at: usize,
}

impl Arrivals {
    fn new(seed: u64, deals: usize, days: Vec<(i32, u64)>) -> Arrivals {
        let dice = Dice::new(seed, 0);
        let mut ahead = dice.clone();
        let total = (0..=deals).map(|_| ahead.gap()).sum::<u64>().max(1);
        Arrivals { dice, gone: 0, total, days, at: 0 }
    }

    /// The day of the next deal and the time of that day.
    fn next(&mut self) -> (i32, i64) {
        /// Parts that a weight is divided into, so that two deals seldom share a millisecond.
        const FINE: u128 = 1 << 40;
        self.gone += self.dice.gap();
        let weight = self.days.last().map_or(0, |(_, sum)| *sum);
        let place = u128::from(weight) * FINE * u128::from(self.gone) / u128::from(self.total);
        let last = self.days.len() - 1;
        while self.at < last && place >= u128::from(self.days[self.at].1) * FINE {
            self.at += 1;
        }
        let (day, end) = self.days[self.at];
        let start = self.at.checked_sub(1).map_or(0, |before| self.days[before].1);
        let into = place.saturating_sub(u128::from(start) * FINE);
        let clock = into * (EVENING - MORNING) as u128 / (u128::from(end - start) * FINE);
        (day, MORNING + (clock as i64).min(EVENING - MORNING - 1))
    }
}

/// What all deals of a sample share.
struct Plan<'p> {
    process: &'p Process,
    seed: u64,
    until: Instant,
    today: i32,
    accounts: u64,
    owners: Vec<&'p str>,
    reasons: Vec<&'p str>,
    /// The open stages, in order.
    stages: Vec<Step<'p>>,
    won: Option<Step<'p>>,
    lost: Option<Step<'p>>,
    disqualified: Option<Step<'p>>,
    /// What one of the reporting currency is to a dollar or a euro, roughly.
    unit: u64,
}

/// A stage, and the columns that a deal needs to come in.
#[derive(Clone)]
struct Step<'p> {
    id: &'p str,
    required: Vec<&'p str>,
    outcome: Option<Outcome>,
    /// Days that a deal typically stays.
    days: u64,
}

impl<'p> Plan<'p> {
    fn new(sample: &Sample, process: &'p Process) -> Plan<'p> {
        /// Days in each seventh of the way.
        const PACE: [u64; 7] = [6, 9, 8, 12, 14, 13, 8];
        let count = process.open_stages().count().max(1);
        let fields = process.fields.iter().filter(|field| field.required);
        let mut required: Vec<&str> = fields.map(|field| field.id.as_str()).collect();
        let mut stages = Vec::new();
        for (place, (_, stage)) in process.open_stages().enumerate() {
            required.extend(stage.enter.require.iter().map(String::as_str));
            let days = (PACE[place * 7 / count] * 7 / count as u64).max(1);
            stages.push(Step { id: &stage.id, required: required.clone(), outcome: None, days });
        }
        let end = |outcome| {
            let (_, stage) = process.outcome_stages(outcome).next()?;
            let required = stage.enter.require.iter().map(String::as_str).collect();
            Some(Step { id: &stage.id, required, outcome: Some(outcome), days: 0 })
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

/// How a deal is going to end, if it lives to see it.
#[derive(Clone, Copy)]
enum Fate {
    Won,
    /// In this open stage at the earliest.
    Lost(usize),
    Disqualified(usize),
}

/// A deal as it lives. What would happen after now returns `None`, and the deal stays as it is.
struct Life<'a> {
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
    cells: [String; COLUMNS.len()],
    events: Vec<Event<'static>>,
}

impl<'a> Life<'a> {
    fn new(plan: &'a Plan<'a>, number: usize, day: i32, clock: i64) -> Life<'a> {
        let mut dice = Dice::new(plan.seed, number as u64);
        let account = dice.below(plan.accounts);
        let account = Account::of(&mut Dice::new(plan.seed, u64::MAX - account));
        let owner = dice.below(plan.owners.len() as u64) as usize;
        let at = moment(plan.process.zone, day, clock);
        let mut cells: [String; COLUMNS.len()] = std::array::from_fn(|_| String::new());
        cells[ID] = format!("deal-{number}");
        cells[CREATED] = at.to_string();
        let events = Vec::with_capacity(12);
        Life { plan, dice, day, clock, at, account, owner, close: None, pushes: 0, cells, events }
    }

    fn lived(mut self) -> SampleDeal {
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
        let mut stage = usize::from(last > 1 && rules.skip == Transition::Allow && self.dice.chance(60));
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
            let skip = stage + 1 < last && rules.skip != Transition::Deny && self.dice.chance(170);
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
        if self.dice.chance(550) {
            self.fill("value");
        }
        if self.dice.chance(120) {
            self.fill("tags");
        }
        self.fill_all(&plan.stages[stage].required);
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
        let at = if self.dice.chance(250) {
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
            if self.dice.chance(if length < 4 { 80 } else { 200 }) {
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
        } else if late && self.dice.chance(160) {
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
    fn enter(&mut self, step: &Step<'_>, note: &str) {
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

    fn enter_only(&mut self, step: &Step<'_>, note: &str) {
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

/// The place of a known column.
const fn column(name: &str) -> usize {
    let mut place = 0;
    while place < COLUMNS.len() {
        if same(COLUMNS[place].as_bytes(), name.as_bytes()) {
            return place;
        }
        place += 1;
    }
    panic!("no such column")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// A time of a day on the process's clock.
fn moment(zone: Zone, day: i32, clock: i64) -> Instant {
    let time = NaiveTime::MIN + TimeDelta::milliseconds(clock);
    zone.at_clock(date(day).and_time(time))
}

fn date(day: i32) -> Day {
    Day::from_epoch_days(day).unwrap_or_default()
}

fn written(day: i32) -> String {
    date(day).to_string()
}

/// The day, or the Monday after.
fn working(day: i32) -> i32 {
    // 1970-01-01 was a Thursday.
    day + match (day + 3).rem_euclid(7) {
        5 => 2,
        6 => 1,
        _ => 0,
    }
}

/// Days from a day to the last of its calendar quarter.
fn days_to_quarter_end(day: i32) -> i32 {
    let today = date(day);
    let first = today.with_day(1).unwrap_or(today);
    let next = first.checked_add_months(Months::new(3 - today.month0() % 3)).unwrap_or(today);
    (next.to_epoch_days() - 1 - day).max(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::deal::money::{Currency, Rates};
    use crate::process::{DealStore, Gate, HistoryStore, Ids, Lang, RateSource, Stage, Transitions, Words};

    fn process(open: &[&str], outcomes: &[Outcome]) -> Process {
        let stage = |id: &str, outcome, require: &[&str]| Stage {
            id: id.to_owned(),
            name: Words::default(),
            outcome,
            probability: None,
            stale_after: None,
            was: Vec::new(),
            enter: Gate { require: require.iter().map(ToString::to_string).collect(), when: Vec::new() },
            on_enter: Vec::new(),
            goal: Words::default(),
            checklist: Vec::new(),
        };
        let needs = |id: &str| if id == "proposal" { vec!["value", "close_date"] } else { Vec::new() };
        let open = open.iter().map(|id| stage(id, None, &needs(id)));
        let ends = outcomes.iter().map(|outcome| stage(outcome.id(), Some(*outcome), &[]));
        Process {
            name: String::new(),
            lang: Lang::En,
            currency: Currency::named("USD").unwrap(),
            digits: BTreeMap::new(),
            zone: Zone::named("Europe/Berlin").unwrap(),
            year_starts: 1,
            ids: Ids::Sequential,
            stages: open.chain(ends).collect(),
            transitions: Transitions::default(),
            fields: Vec::new(),
            scores: Vec::new(),
            reasons: Vec::new(),
            teams: Vec::new(),
            views: Vec::new(),
            rates: RateSource::Fixed(Rates::default()),
            targets: Vec::new(),
            review: Vec::new(),
            deals: DealStore::Csv,
            history: HistoryStore::OneFile,
        }
    }

    const SEVEN: [&str; 7] =
        ["prospecting", "qualification", "contact", "needs", "proposal", "negotiation", "closing"];

    fn seven() -> Process {
        process(&SEVEN, &Outcome::ALL)
    }

    fn sample(deals: usize) -> Sample {
        Sample { deals, seed: 42, until: Instant::parse("2026-11-20T11:00:00Z").unwrap(), years: 2 }
    }

    fn bytes(deals: impl Iterator<Item = SampleDeal>) -> String {
        deals.fold(String::new(), |mut text, deal| {
            text.push_str(&deal.to_line());
            deal.events.iter().for_each(|event| text.push_str(&event.to_line()));
            text
        })
    }

    /// The cells that the rows add up to, worked out anew; breaks where a row does not continue the one before.
    fn replayed(events: &[Event<'_>], process: &Process) -> BTreeMap<String, String> {
        let mut cells: BTreeMap<String, String> = BTreeMap::new();
        let mut last = None;
        for event in events {
            assert!(last.is_none_or(|last| last <= event.at), "{event:?}");
            assert!(
                last.is_some() || matches!(&event.what, What::Stage { from, .. } if from.is_empty()),
                "{event:?}"
            );
            if last.is_none() {
                cells.insert("id".into(), event.deal.to_string());
                cells.insert("created".into(), event.at.to_string());
            }
            last = Some(event.at);
            let (field, from, to) = match &event.what {
                What::Stage { from, to, forced: false } => ("stage", from, to),
                What::Set { field, from, to } => (&**field, from, to),
                What::Touch(_) => {
                    assert!(!event.note.is_empty());
                    continue;
                }
                other => panic!("{other:?}"),
            };
            assert_ne!(from, to, "{event:?}");
            assert_eq!(cells.insert(field.into(), to.to_string()).unwrap_or_default(), **from, "{event:?}");
            if field == "stage" {
                let closed = process.outcome(process.lookup(to).unwrap()).is_some();
                cells.insert("stage_since".into(), event.at.to_string());
                cells.insert("closed".into(), if closed { event.at.to_string() } else { String::new() });
            }
        }
        cells
    }

    #[test]
    fn the_bytes_of_a_seed_never_change() {
        let text = bytes(sample(500).deals(&seven()));
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(hash, 0xe53d_6f45_b70f_2de4, "{hash:#x}");
        assert_ne!(text, bytes(Sample { seed: 43, ..sample(500) }.deals(&seven())));
    }

    #[test]
    fn rows_add_up_to_cells_and_nothing_happens_after_now() {
        let process = seven();
        let sample = sample(3000);
        let mut before = String::new();
        for (number, deal) in (1..).zip(sample.deals(&process)) {
            let cells = replayed(&deal.events, &process);
            for (name, cell) in COLUMNS.into_iter().zip(&deal.cells) {
                assert_eq!(cells.get(name).map_or("", String::as_str), cell, "{name} of {}", deal.cells[ID]);
            }
            assert_eq!(deal.cells[ID], format!("deal-{number}"));
            assert!(before <= deal.cells[CREATED], "{} is older than the one before", deal.cells[ID]);
            before.clone_from(&deal.cells[CREATED]);
            assert!(deal.events.iter().all(|event| event.at <= sample.until));
        }
    }

    #[test]
    fn one_command_changes_a_field_once_and_the_stage_first() {
        for deal in sample(2000).deals(&seven()) {
            for command in deal.events.chunk_by(|a, b| a.at == b.at) {
                let targets: std::collections::BTreeSet<String> = command.iter().map(Event::target).collect();
                assert_eq!(targets.len(), command.len(), "{command:?}");
                let moved = command.iter().position(|event| matches!(event.what, What::Stage { .. }));
                assert!(matches!(moved, None | Some(0)), "{command:?}");
            }
        }
    }

    #[test]
    fn gates_and_reasons_hold() {
        let late = &SEVEN[4..];
        for deal in sample(2000).deals(&seven()) {
            let stage = deal.cells[STAGE].as_str();
            let [value, close, reason] =
                ["value", "close_date", "reason"].map(|name| &deal.cells[column(name)]);
            assert!(!late.contains(&stage) || !value.is_empty() && !close.is_empty(), "{:?}", deal.cells);
            assert_eq!(["lost", "disqualified"].contains(&stage), !reason.is_empty(), "{:?}", deal.cells);
        }
    }

    #[test]
    fn shares_are_believable() {
        let deals: Vec<SampleDeal> = sample(5000).deals(&seven()).collect();
        let share = |part: usize, all: usize| part as f64 / all as f64;
        let count = |test: &dyn Fn(&SampleDeal) -> bool| deals.iter().filter(|deal| test(deal)).count();
        let [won, lost, out] = Outcome::ALL.map(|end| count(&|deal| deal.cells[STAGE] == end.id()));
        let events: usize = deals.iter().map(|deal| deal.events.len()).sum();
        let open = count(&|deal| deal.cells[CLOSED].is_empty());
        let planned =
            count(&|deal| deal.cells[CLOSED].is_empty() && !deal.cells[column("next_step")].is_empty());
        let moves = |deal: &SampleDeal, test: &dyn Fn(&str, &str) -> bool| {
            deal.events
                .iter()
                .any(|event| matches!(&event.what, What::Stage { from, to, .. } if test(from, to)))
        };
        let place = |id: &str| SEVEN.iter().position(|stage| *stage == id);
        let back = count(&|deal| moves(deal, &|from, to| place(to).is_some() && place(from) > place(to)));
        let reopened = count(&|deal| {
            moves(deal, &|from, to| !from.is_empty() && place(from).is_none() && place(to).is_some())
        });
        let pushed = |event: &Event<'_>| matches!(&event.what, What::Set { field, from, .. } if field == "close_date" && !from.is_empty());
        let often = count(&|deal| deal.events.iter().filter(|event| pushed(event)).count() >= 3);
        let young = |deal: &SampleDeal| deal.cells[CREATED].as_str() > "2026-09";
        let young_open = share(count(&|deal| young(deal) && deal.cells[CLOSED].is_empty()), count(&young));
        let facts = format!(
            "won {won} lost {lost} out {out} open {open} planned {planned} events {events} back {back} reopened \
             {reopened} often {often} young open {young_open}"
        );
        assert!((0.26..0.34).contains(&share(won, won + lost)), "{facts}");
        assert!((0.09..0.16).contains(&share(out, won + lost + out)), "{facts}");
        assert!((0.05..0.20).contains(&share(open, deals.len())), "{facts}");
        assert!((0.4..0.9).contains(&young_open), "{facts}");
        assert!((0.7..0.95).contains(&share(planned, open)), "{facts}");
        assert!((10.0..12.5).contains(&share(events, deals.len())), "{facts}");
        assert!(back > 50 && reopened > 20 && often > 20, "{facts}");
    }

    #[test]
    fn any_process_with_a_way_to_go_will_do() {
        let short = process(&["talking"], &[Outcome::Won]);
        let deals: Vec<SampleDeal> = sample(300).deals(&short).collect();
        assert!(deals.iter().any(|deal| deal.cells[STAGE] == "won"));
        assert!(deals.iter().all(|deal| ["talking", "won"].contains(&deal.cells[STAGE].as_str())));
        let mut strict = process(&["a", "b", "c", "d"], &[Outcome::Won, Outcome::Lost]);
        let deny = Transition::Deny;
        strict.transitions = Transitions { skip: deny, back: deny, reopen: deny };
        for deal in sample(1000).deals(&strict) {
            for event in &deal.events {
                if let What::Stage { from, to, .. } = &event.what {
                    let next = ["a", "b", "c", "d", "won"].windows(2).any(|pair| pair == [&**from, &**to]);
                    assert!(next || from.is_empty() && to == "a" || to == "lost", "{event:?}");
                }
            }
        }
        assert_eq!(sample(10).deals(&process(&[], &[Outcome::Won])).count(), 0);
        assert_eq!(sample(0).deals(&seven()).count(), 0);
        let early = Sample { until: Instant::from_millis(-62_135_596_800_000).unwrap(), ..sample(10) };
        assert!(early.deals(&seven()).count() <= 10);
    }
}
