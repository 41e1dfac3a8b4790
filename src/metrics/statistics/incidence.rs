//! The share that ends in one of several ways within a time, where some have not ended yet: the Aalen–Johansen estimate
//! of the cumulative incidence (metrics §2, Win curve). Pure numbers; no deals here.

use super::{Interval, Z};

/// One subject, observed from day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course<E> {
    /// The whole day on which it ended or was last seen.
    pub day: u32,
    /// How it ended; `None` while it has not.
    pub end: Option<E>,
}

/// The share that has ended in one way by some day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidence {
    /// 0 to 1.
    pub share: f64,
    /// Its variance after Aalen (1978).
    pub variance: f64,
}

impl Incidence {
    /// The 95 % interval, on the log–log scale; none at 0 and 1, where that scale ends.
    pub fn interval(self) -> Option<Interval> {
        let log = self.share.ln();
        if self.share <= 0.0 || log >= 0.0 {
            return None;
        }
        let spread = (Z * self.variance.max(0.0).sqrt() / (self.share * log)).abs();
        Some(Interval { low: self.share.powf(spread.exp()), high: self.share.powf((-spread).exp()) })
    }
}

/// What happened on one day to those still at risk.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// At risk just before: not ended or censored on an earlier day. Ends come before censorings of the same day.
    at_risk: f64,
    /// Ends of any kind.
    ends: f64,
    /// Ends of the kind asked for.
    of_kind: f64,
    /// The share that had not ended before.
    survival: f64,
    /// The share that has ended in this way by the end of the day.
    share: f64,
}

/// The courses of a cohort, ready to be asked.
#[derive(Clone, Debug)]
pub struct Courses<E> {
    /// By day, ends before censorings.
    courses: Vec<Course<E>>,
}

impl<E: Copy + PartialEq> Courses<E> {
    /// A cohort.
    pub fn new(mut courses: Vec<Course<E>>) -> Courses<E> {
        courses.sort_by_key(|course| (course.day, course.end.is_none()));
        Courses { courses }
    }

    /// How many are still at risk on a day: neither ended nor last seen before it.
    pub fn at_risk(&self, day: u32) -> u64 {
        (self.courses.len() - self.courses.partition_point(|course| course.day < day)) as u64
    }

    /// The share that ended so within `day` days. None beyond the longest follow-up, which has no end where all have
    /// ended; none of nobody.
    pub fn within(&self, day: u32, end: E) -> Option<Incidence> {
        let last = self.courses.last()?;
        if day > last.day && last.end.is_none() {
            return None;
        }
        let steps = self.steps(day, end);
        let share = steps.last().map_or(0.0, |step| step.share);
        Some(Incidence { share, variance: steps.iter().map(|step| step.variance(share)).sum() })
    }

    fn steps(&self, until: u32, end: E) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let (mut survival, mut share) = (1.0, 0.0);
        let mut before = 0;
        for of_day in self.courses.chunk_by(|a, b| a.day == b.day).take_while(|of_day| of_day[0].day <= until)
        {
            let at_risk = (self.courses.len() - before) as f64;
            before += of_day.len();
            let ends = of_day.iter().filter(|course| course.end.is_some()).count() as f64;
            let of_kind = of_day.iter().filter(|course| course.end == Some(end)).count() as f64;
            if ends > 0.0 {
                share += survival * of_kind / at_risk;
                steps.push(Step { at_risk, ends, of_kind, survival, share });
                survival *= 1.0 - ends / at_risk;
            }
        }
        steps
    }
}

impl Step {
    /// What this day adds to the variance of a later share.
    fn variance(&self, later: f64) -> f64 {
        let Step { at_risk: n, ends, of_kind, survival, share } = *self;
        if n <= 1.0 {
            return 0.0;
        }
        let others = of_kind * (n - of_kind);
        let own = survival * survival * others / (n * n * (n - 1.0));
        let left = n - ends;
        if left <= 0.0 {
            // Nobody is left whose later end could vary.
            return own;
        }
        let rest = later - share;
        own + rest * rest * ends / ((n - 1.0) * left)
            - 2.0 * rest * survival * others / (n * left * (n - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum How {
        Won,
        Lost,
    }

    fn cohort(courses: &[(u32, Option<How>)]) -> Courses<How> {
        Courses::new(courses.iter().map(|(day, end)| Course { day: *day, end: *end }).collect())
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn five_deals_worked_out_by_hand() {
        // Day 1: five at risk, one won: 1/5; 4/5 go on. Day 2: four at risk, one lost: 4/5 · 1/4 = 1/5; 3/5 go on.
        // Day 3: one was last seen. Day 4: two at risk, one won: 1/5 + 3/5 · 1/2 = 1/2.
        let courses =
            cohort(&[(1, Some(How::Won)), (2, Some(How::Lost)), (3, None), (4, Some(How::Won)), (5, None)]);
        let won = |day| courses.within(day, How::Won).unwrap();
        assert!(near(won(0).share, 0.0) && near(won(1).share, 0.2) && near(won(3).share, 0.2));
        assert!(near(won(4).share, 0.5) && near(courses.within(4, How::Lost).unwrap().share, 0.2));
        assert_eq!(courses.within(6, How::Won), None, "the last was seen on day 5");
        assert_eq!([0, 1, 2, 4, 5, 6].map(|day| courses.at_risk(day)), [5, 5, 4, 2, 1, 0]);
        // Variance on day 1: S²·d(n−d)/(n²(n−1)) = 1·1·4/(25·4) = 0.04.
        assert!(near(won(1).variance, 0.04));
        // On day 4, with F = 1/2. Day 1: 0.04 + 0.3²·1/(4·4) − 2·0.3·1·4/(5·4·4) = 0.04 + 0.005625 − 0.03 = 0.015625.
        // Day 2 (none won): 0.3²·1/(3·3) = 0.01. Day 4: 0.36·1·1/(4·1) = 0.09. Together 0.115625.
        assert!(near(won(4).variance, 0.115_625), "{}", won(4).variance);
    }

    #[test]
    fn without_censoring_it_is_the_plain_share_for_ever() {
        let ends = [How::Won, How::Lost, How::Won, How::Won, How::Lost, How::Won, How::Won];
        let courses: Vec<(u32, Option<How>)> =
            ends.iter().enumerate().map(|(day, end)| (day as u32 / 2, Some(*end))).collect();
        let courses = cohort(&courses);
        // Days 0 0 1 1 2 2 3: of the first four, three were won.
        assert!(near(courses.within(1, How::Won).unwrap().share, 3.0 / 7.0));
        assert!(near(courses.within(900, How::Won).unwrap().share, 5.0 / 7.0));
    }

    #[test]
    fn an_end_comes_before_a_censoring_of_the_same_day() {
        let courses = cohort(&[(3, None), (3, Some(How::Won))]);
        assert!(near(courses.within(3, How::Won).unwrap().share, 0.5));
    }

    #[test]
    fn the_interval_is_on_the_log_log_scale() {
        // F = 0.2, SE = 0.2: ln F = −1.609438; z·SE/(F·|ln F|) = 1.959964·0.2/0.321888 = 1.217794;
        // 0.2^e^1.217794 = 0.2^3.379724 = 0.004342; 0.2^e^−1.217794 = 0.2^0.295882 = 0.621137.
        let interval = Incidence { share: 0.2, variance: 0.04 }.interval().unwrap();
        assert!((interval.low - 0.004_342).abs() < 1e-6, "{interval:?}");
        assert!((interval.high - 0.621_137).abs() < 1e-6, "{interval:?}");
        assert_eq!(Incidence { share: 0.0, variance: 0.0 }.interval(), None);
        assert_eq!(Incidence { share: 1.0, variance: 0.0 }.interval(), None);
    }

    #[test]
    fn nobody_has_no_curve() {
        assert_eq!(cohort(&[]).within(30, How::Won), None);
    }
}
