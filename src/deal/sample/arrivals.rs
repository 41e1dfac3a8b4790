//! When deals come in, and the working days that they come in on.

use chrono::{Datelike, Months, NaiveTime, TimeDelta};

use super::dice::Dice;
use crate::deal::time::{Day, Instant, Zone};

/// When people work: from half past eight for nine hours.
pub(super) const MORNING: i64 = 8 * HOUR + HOUR / 2;
pub(super) const EVENING: i64 = MORNING + 9 * HOUR;
const HOUR: i64 = 3_600_000;

/// Working days before a day, each with the sum of the weights up to and with it. Business grows by a third over the
/// years, and summers and Decembers are quiet.
pub(super) fn working_days(until: Day, years: u32) -> Vec<(i32, u64)> {
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
pub(super) struct Arrivals {
    dice: Dice,
    gone: u64,
    total: u64,
    days: Vec<(i32, u64)>,
    at: usize,
}

impl Arrivals {
    pub(super) fn new(seed: u64, deals: usize, days: Vec<(i32, u64)>) -> Arrivals {
        let dice = Dice::new(seed, 0);
        let mut ahead = dice.clone();
        let total = (0..=deals).map(|_| ahead.gap()).sum::<u64>().max(1);
        Arrivals { dice, gone: 0, total, days, at: 0 }
    }

    /// The day of the next deal and the time of that day.
    pub(super) fn next(&mut self) -> (i32, i64) {
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

/// A time of a day on the process's clock.
pub(super) fn moment(zone: Zone, day: i32, clock: i64) -> Instant {
    let time = NaiveTime::MIN + TimeDelta::milliseconds(clock);
    zone.at_clock(date(day).and_time(time))
}

fn date(day: i32) -> Day {
    Day::from_epoch_days(day).unwrap_or_default()
}

pub(super) fn written(day: i32) -> String {
    date(day).to_string()
}

/// The day, or the Monday after.
pub(super) fn working(day: i32) -> i32 {
    // 1970-01-01 was a Thursday.
    day + match (day + 3).rem_euclid(7) {
        5 => 2,
        6 => 1,
        _ => 0,
    }
}

/// Days from a day to the last of its calendar quarter.
pub(super) fn days_to_quarter_end(day: i32) -> i32 {
    let today = date(day);
    let first = today.with_day(1).unwrap_or(today);
    let next = first.checked_add_months(Months::new(3 - today.month0() % 3)).unwrap_or(today);
    (next.to_epoch_days() - 1 - day).max(0)
}
