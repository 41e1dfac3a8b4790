//! The signs of a bottleneck: what about a stage is a reason to look at it, with its numbers (metrics §5).

use super::figures::Rate;
use super::question::deals;
use super::statistics::{Interval, newcombe};
use crate::grammar::{count, grouped};
use crate::process::Lang;

/// So many deals have to be stalled.
const LEAST_STALLED: u64 = 3;
/// So many stays make a median that can be compared.
const LEAST_STAYS: u64 = 10;
/// So many times the usual is too much.
const TOO_MUCH: f64 = 1.5;

/// The median of stays that ended in a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// In days; none of no stays.
    pub days: Option<f64>,
    /// Over how many stays.
    pub stays: u64,
}

/// What waits in a stage, and how fast it leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// Deals in it.
    pub deals: u64,
    /// Deals that left it in the period.
    pub exits: u64,
    /// The elapsed days of the period.
    pub elapsed: f64,
    /// *Queue days* = deals / (exits / elapsed).
    pub days: f64,
}

/// A reason to look at a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign {
    /// Many of its deals have been there for longer than a limit in days.
    Stalled(Rate, f64),
    /// Stays took longer than in the other period.
    Slower(Median, Median),
    /// Fewer of the decided deals went on than in the other period; the change, which is clear of 0.
    FewerAdvance(Rate, Rate, Interval),
    /// The longest queue of all stages, and long for a stage with this `stale_after`.
    Queue(Queue, u32),
}

impl Sign {
    /// At least 25 % of its deals and at least 3 are stalled.
    pub fn stalled(share: Rate, limit: Option<f64>) -> Option<Sign> {
        let many = share.count >= LEAST_STALLED && 4 * share.count >= share.of;
        limit.filter(|_| many).map(|limit| Sign::Stalled(share, limit))
    }

    /// The median stay is at least 1.5 times the other period's, each over at least 10 stays; one of no time is no sign.
    pub fn slower(now: Median, before: Median) -> Option<Sign> {
        let (days, usual) = (now.days?, before.days?);
        let enough = now.stays >= LEAST_STAYS && before.stays >= LEAST_STAYS;
        (enough && days > 0.0 && days >= TOO_MUCH * usual).then_some(Sign::Slower(now, before))
    }

    /// The rate of decided is below the other period's, and Newcombe's interval for the change is clear of 0.
    pub fn fewer_advance(now: Rate, before: Rate) -> Option<Sign> {
        let change = newcombe((now.count, now.of), (before.count, before.of))?;
        (change.high < 0.0).then_some(Sign::FewerAdvance(now, before, change))
    }

    /// No other stage has more queue days, and they are at least 1.5 times its `stale_after`.
    pub fn queue(queue: Queue, longest: f64, stale_after: u32) -> Option<Sign> {
        let long = queue.days >= longest && queue.days >= TOO_MUCH * f64::from(stale_after);
        (long && queue.deals > 0).then_some(Sign::Queue(queue, stale_after))
    }

    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Sign::Stalled(..) => "many_stalled",
            Sign::Slower(..) => "slower",
            Sign::FewerAdvance(..) => "fewer_advance",
            Sign::Queue(..) => "long_queue",
        }
    }

    /// What it says, with its numbers, in a language; `before` is the name of the other period.
    pub fn says(self, before: &str, lang: Lang) -> String {
        match lang {
            Lang::En => self.in_english(before),
            Lang::ZhTw => self.in_chinese(before),
        }
    }

    fn in_english(self, before: &str) -> String {
        match self {
            Sign::Stalled(share, limit) => format!(
                "{} of {} ({}) {} been there for more than {}",
                share.count,
                deals(share.of),
                percent(share),
                if share.count == 1 { "has" } else { "have" },
                in_days(limit)
            ),
            Sign::Slower(now, then) => format!(
                "the median stay took {} ({}), against {} in {before} ({})",
                in_days(now.days.unwrap_or_default()),
                count(now.stays, "stay"),
                in_days(then.days.unwrap_or_default()),
                count(then.stays, "stay")
            ),
            Sign::FewerAdvance(now, then, change) => format!(
                "{} of {} decided deals went on ({}), against {} of {} in {before} ({}): a fall of {:.1} to {:.1} points",
                now.count,
                now.of,
                percent(now),
                then.count,
                then.of,
                percent(then),
                -change.high * 100.0,
                -change.low * 100.0
            ),
            Sign::Queue(queue, stale_after) => format!(
                "{} {} there and {} left in {}: a queue of {}, the longest of all and at least 1.5 times its limit of {}",
                deals(queue.deals),
                if queue.deals == 1 { "is" } else { "are" },
                queue.exits,
                in_days(queue.elapsed),
                in_days(queue.days),
                in_days(f64::from(stale_after))
            ),
        }
    }

    fn in_chinese(self, before: &str) -> String {
        match self {
            Sign::Stalled(share, limit) => format!(
                "{} 件商機中有 {} 件（{}）停留超過 {} 天",
                share.of,
                share.count,
                percent(share),
                number(limit)
            ),
            Sign::Slower(now, then) => format!(
                "停留中位數為 {} 天（{} 次停留），{before} 為 {} 天（{} 次）",
                number(now.days.unwrap_or_default()),
                now.stays,
                number(then.days.unwrap_or_default()),
                then.stays
            ),
            Sign::FewerAdvance(now, then, change) => format!(
                "已有結果的 {} 件商機中有 {} 件前進（{}），{before} 為 {} 件中的 {} 件（{}）：下降 {:.1} 至 {:.1} 個百分點",
                now.of,
                now.count,
                percent(now),
                then.of,
                then.count,
                percent(then),
                -change.high * 100.0,
                -change.low * 100.0
            ),
            Sign::Queue(queue, stale_after) => format!(
                "目前有 {} 件，{} 天內離開 {} 件：排隊 {} 天，為各階段最長，且至少為其期限 {stale_after} 天的 1.5 倍",
                queue.deals,
                number(queue.elapsed),
                queue.exits,
                number(queue.days)
            ),
        }
    }
}

fn percent(rate: Rate) -> String {
    rate.value().map_or("none".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// `30 days`, `30.5 days`.
fn in_days(days: f64) -> String {
    match number(days).as_str() {
        "1" => "1 day".to_owned(),
        several => format!("{several} days"),
    }
}

/// `30`, `30.5`.
fn number(days: f64) -> String {
    let text = grouped(&format!("{days:.1}"));
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(count: u64, of: u64) -> Rate {
        Rate { count, of }
    }

    #[test]
    fn a_quarter_of_the_deals_and_three_have_to_be_stalled() {
        for (count, of, is_sign) in
            [(3, 12, true), (3, 13, false), (2, 4, false), (3, 3, true), (0, 0, false)]
        {
            assert_eq!(Sign::stalled(rate(count, of), Some(30.0)).is_some(), is_sign, "{count} of {of}");
        }
        assert_eq!(Sign::stalled(rate(9, 9), None), None);
        let says = Sign::stalled(rate(3, 7), Some(27.44)).unwrap().says("2026-Q2", Lang::En);
        assert_eq!(says, "3 of 7 deals (42.9 %) have been there for more than 27.4 days");
        let says = Sign::stalled(rate(3, 7), Some(27.44)).unwrap().says("2026-Q2", Lang::ZhTw);
        assert_eq!(says, "7 件商機中有 3 件（42.9 %）停留超過 27.4 天");
    }

    #[test]
    fn a_median_has_to_be_half_as_long_again_and_rest_on_ten_stays() {
        let median = |days, stays| Median { days: Some(days), stays };
        for (now, before, is_sign) in [
            (median(30.0, 10), median(20.0, 10), true),
            (median(29.9, 10), median(20.0, 10), false),
            (median(60.0, 9), median(20.0, 10), false),
            (median(60.0, 10), median(20.0, 9), false),
            (median(0.0, 10), median(0.0, 10), false),
            (median(1.0, 10), median(0.0, 10), true),
        ] {
            assert_eq!(Sign::slower(now, before).is_some(), is_sign, "{now:?} {before:?}");
        }
        assert_eq!(Sign::slower(median(9.0, 10), Median { days: None, stays: 0 }), None);
        let says = Sign::slower(median(31.0, 12), median(19.5, 15)).unwrap().says("2026-Q2", Lang::En);
        assert_eq!(says, "the median stay took 31 days (12 stays), against 19.5 days in 2026-Q2 (15 stays)");
        let says = Sign::slower(median(31.0, 12), median(19.5, 15)).unwrap().says("2026-Q2", Lang::ZhTw);
        assert_eq!(says, "停留中位數為 31 天（12 次停留），2026-Q2 為 19.5 天（15 次）");
    }

    #[test]
    fn a_fall_of_the_rate_has_to_be_clear() {
        // Newcombe 1998, table II (a) mirrored: 48/80 less 56/70 is between -0.3339 and -0.0524.
        let says = Sign::fewer_advance(rate(48, 80), rate(56, 70)).unwrap().says("2026-Q2", Lang::En);
        assert_eq!(
            says,
            "48 of 80 decided deals went on (60.0 %), against 56 of 70 in 2026-Q2 (80.0 %): a fall of 5.2 to 33.4 points"
        );
        assert_eq!(Sign::fewer_advance(rate(56, 70), rate(48, 80)), None, "a rise is none");
        // (d) mirrored: 0/29 less 5/56 is between -0.1926 and 0.0381.
        assert_eq!(Sign::fewer_advance(rate(0, 29), rate(5, 56)), None);
        assert_eq!(Sign::fewer_advance(rate(0, 0), rate(5, 5)), None);
    }

    #[test]
    fn a_queue_has_to_be_the_longest_and_long_for_its_stage() {
        // 7 deals, 12 exits in 90 days: 7 / (12 / 90) = 52.5 days; 1.5 times 35 days are 52.5.
        let queue = Queue { deals: 7, exits: 12, elapsed: 90.0, days: 52.5 };
        for (longest, stale_after, is_sign) in [(52.5, 35, true), (52.6, 35, false), (52.5, 36, false)] {
            assert_eq!(
                Sign::queue(queue, longest, stale_after).is_some(),
                is_sign,
                "{longest} {stale_after}"
            );
        }
        let says = Sign::queue(queue, 52.5, 30).unwrap().says("2026-Q2", Lang::En);
        assert_eq!(
            says,
            "7 deals are there and 12 left in 90 days: a queue of 52.5 days, the longest of all and at least 1.5 times its limit of 30 days"
        );
        let empty = Queue { deals: 0, exits: 12, elapsed: 90.0, days: 0.0 };
        assert_eq!(Sign::queue(empty, 0.0, 0), None, "nothing waits");
    }
}
