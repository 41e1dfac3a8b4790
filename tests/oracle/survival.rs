//! Time until an end, where some have not ended yet: Kaplan–Meier with late entry (§4, §5) and Aalen–Johansen with
//! competing ends (§2 Win curve).

/// How long one deal, or one stay, was watched: from age `entry` to age `exit`, where it ended or was censored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spell {
    pub(crate) entry: i64,
    pub(crate) exit: i64,
    pub(crate) ended: bool,
}

/// What is left after the ends at one age.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) age: i64,
    pub(crate) at_risk: usize,
    pub(crate) survival: f64,
}

/// Kaplan–Meier, a step for each age at which one ended ("Median time to any close"). Ages are whole numbers, so that
/// equal ages are equal; spells with an exit below their entry are left out.
pub(crate) fn kaplan_meier(spells: &[Spell]) -> Vec<Step> {
    let spells: Vec<&Spell> = spells.iter().filter(|spell| spell.exit >= spell.entry).collect();
    let mut ages: Vec<i64> = spells.iter().filter(|spell| spell.ended).map(|spell| spell.exit).collect();
    ages.sort_unstable();
    ages.dedup();
    let mut survival = 1.0;
    let mut steps = Vec::new();
    for age in ages {
        let mut at_risk = 0;
        let mut ends = 0;
        for spell in &spells {
            let enters_and_ends_here = spell.entry == age && spell.exit == age;
            let entered = spell.entry < age || spell.entry == 0;
            if (entered && age <= spell.exit) || enters_and_ends_here {
                at_risk += 1;
            }
            if spell.ended && spell.exit == age {
                ends += 1;
            }
        }
        survival *= 1.0 - f64::from(ends) / at_risk as f64;
        steps.push(Step { age, at_risk, survival });
    }
    steps
}

/// The first age at which the survival is 0.5 or less; none unless at least 10 are at risk at each end up to it.
pub(crate) fn median_survival(spells: &[Spell]) -> Option<i64> {
    for step in kaplan_meier(spells) {
        if step.at_risk < 10 {
            return None;
        }
        // The product of fractions such as 9/10 · 8/9 · … is exactly one half on paper.
        if step.survival <= 0.5 + 1e-12 {
            return Some(step.age);
        }
    }
    None
}

/// A deal followed from its creation for so many whole days, and how it ended then; none where it is still open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Followed<'a> {
    pub(crate) days: i64,
    pub(crate) end: Option<&'a str>,
}

/// A point of a cumulative incidence.
#[derive(Debug, PartialEq)]
pub(crate) struct Incidence {
    pub(crate) value: f64,
    pub(crate) variance: f64,
}

impl Incidence {
    /// The 95 % interval on the log–log scale, `F^exp(±z·se / (F·ln F))`; none where F is 0 or 1.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        let f = self.value;
        if f <= 0.0 || f >= 1.0 {
            return None;
        }
        let z = 1.959_963_984_540_054_f64;
        let spread = z * self.variance.sqrt() / (f * f.ln()).abs();
        Some((f.powf(spread.exp()), f.powf((-spread).exp())))
    }
}

/// One day on which deals ended: how many were at risk, how many ended, how many of those by the end asked for, and
/// what was left before and after.
struct EndDay {
    day: i64,
    at_risk: f64,
    ends: f64,
    of_cause: f64,
    left_before: f64,
    left_after: f64,
}

fn end_days(followed: &[Followed], cause: &str) -> Vec<EndDay> {
    let mut days: Vec<i64> = followed.iter().filter(|one| one.end.is_some()).map(|one| one.days).collect();
    days.sort_unstable();
    days.dedup();
    let mut found = Vec::new();
    let mut left_before = 1.0;
    for day in days {
        let count = |is: &dyn Fn(&Followed) -> bool| followed.iter().filter(|one| is(one)).count() as f64;
        // Ends before censorings: who is censored on this day was at risk on it.
        let at_risk = count(&|one| one.days >= day);
        let ends = count(&|one| one.days == day && one.end.is_some());
        let of_cause = count(&|one| one.days == day && one.end == Some(cause));
        let left_after = left_before * (1.0 - ends / at_risk);
        found.push(EndDay { day, at_risk, ends, of_cause, left_before, left_after });
        left_before = left_after;
    }
    found
}

/// The share that has ended by no end up to and with a day.
pub(crate) fn still_open(followed: &[Followed], by: i64) -> f64 {
    end_days(followed, "").iter().rfind(|one| one.day <= by).map_or(1.0, |one| one.left_after)
}

/// The Aalen–Johansen share that has ended by this end up to and with a day, with its variance after Aalen (1978) as
/// SAS documents it (SAS/STAT User's Guide, The LIFETEST Procedure, "Analysis of Competing-Risks Data", ERROR=AALEN).
pub(crate) fn incidence(followed: &[Followed], cause: &str, by: i64) -> Incidence {
    let days = end_days(followed, cause);
    let up_to = |day: i64| -> f64 {
        let up_to = days.iter().filter(|one| one.day <= day);
        up_to.map(|one| one.left_before * one.of_cause / one.at_risk).sum()
    };
    let value = up_to(by);
    let mut variance = 0.0;
    for one in days.iter().filter(|one| one.day <= by) {
        let (n, d, k) = (one.at_risk, one.ends, one.of_cause);
        // Where the last one at risk ends, nothing more can happen: its terms are 0, not 0/0.
        let later = value - up_to(one.day);
        if n > 1.0 && n > d {
            variance += later.powi(2) * d / ((n - 1.0) * (n - d));
            variance -= 2.0 * later * one.left_before * k * (n - k) / (n * (n - d) * (n - 1.0));
        }
        if n > 1.0 {
            variance += one.left_before.powi(2) * k * (n - k) / (n * n * (n - 1.0));
        }
    }
    Incidence { value, variance }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_twenty_ends_one_by_one() {
        // Twenty deals end at ages 1 to 20: after the tenth, 10/20 are left; 11 were at risk there.
        let spells: Vec<Spell> = (1..=20).map(|exit| Spell { entry: 0, exit, ended: true }).collect();
        assert_eq!(median_survival(&spells), Some(10));
        // Of 18, the ninth end leaves half; 10 were at risk there. Of 16, only 9 were.
        assert_eq!(median_survival(&spells[..18]), Some(9));
        assert_eq!(median_survival(&spells[..16]), None);
    }

    /// Remission under 6-MP (Freireich et al. 1963), Klein and Moeschberger, Survival Analysis, 2nd edition, table 4.1.
    #[test]
    fn kaplan_meier_of_remissions_as_published() {
        let ended = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let spell = |exit: i64, ended: bool| Spell { entry: 0, exit, ended };
        let spells: Vec<Spell> = ended
            .map(|week| spell(week, true))
            .into_iter()
            .chain(censored.map(|week| spell(week, false)))
            .collect();
        let published = [
            (6, 21, 0.857),
            (7, 17, 0.807),
            (10, 15, 0.753),
            (13, 12, 0.690),
            (16, 11, 0.628),
            (22, 7, 0.538),
            (23, 6, 0.448),
        ];
        let steps = kaplan_meier(&spells);
        assert_eq!(steps.len(), published.len());
        for (step, (age, at_risk, survival)) in steps.iter().zip(published) {
            assert_eq!((step.age, step.at_risk), (age, at_risk));
            assert!((step.survival - survival).abs() < 6e-4, "{step:?}");
        }
    }

    #[test]
    fn late_entry_counts_only_from_there() {
        // At 3: the first two are at risk, the third has entered at 2, the fourth enters at 3 and is not yet: 2/3.
        // At 5: the second, third and fourth: 2/3 · 2/3.
        let spells = [(0, 3, true), (0, 5, false), (2, 5, true), (3, 9, false)];
        let steps = kaplan_meier(&spells.map(|(entry, exit, ended)| Spell { entry, exit, ended }));
        let found: Vec<(i64, usize)> = steps.iter().map(|step| (step.age, step.at_risk)).collect();
        assert_eq!(found, [(3, 3), (5, 3)]);
        assert!((steps[1].survival - 4.0 / 9.0).abs() < 1e-12);
    }

    /// Patients by day, those that ended by cause 1, by cause 2 and not at all.
    fn followed(of: [&[i64]; 3]) -> Vec<Followed<'static>> {
        let mut found = Vec::new();
        for (end, days) in [Some("1"), Some("2"), None].into_iter().zip(of) {
            found.extend(days.iter().map(|days| Followed { days: *days, end }));
        }
        found
    }

    /// 35 leukaemia patients, Scrucca, Santucci and Aversa, Bone Marrow Transplantation 40 (2007) 381–387: the
    /// estimates as scikit-survival's tests have them. Both causes and censorings fall on one day.
    #[test]
    fn incidence_among_35_patients_as_published() {
        let patients = followed([
            &[1, 3, 4, 4, 3, 3, 8, 0, 12],
            &[13, 7, 8, 9, 5, 1, 10, 7, 22, 2, 0, 4, 14, 26, 3],
            &[72, 67, 70, 4, 7, 68, 35, 35, 2, 8, 32],
        ]);
        let published = [
            (0, 0.028_571_43, 0.028_571_43),
            (2, 0.057_142_86, 0.085_714_29),
            (3, 0.145_812_81, 0.115_270_94),
            (4, 0.204_926_11, 0.144_827_59),
            (7, 0.204_926_11, 0.237_719_92),
            (8, 0.237_711_64, 0.270_505_44),
            (12, 0.272_838_99, 0.340_760_15),
            (72, 0.272_838_99, 0.481_269_55),
        ];
        for (day, first, second) in published {
            assert!((incidence(&patients, "1", day).value - first).abs() < 1e-8, "{day}");
            assert!((incidence(&patients, "2", day).value - second).abs() < 1e-8, "{day}");
        }
    }

    /// The 54 low-risk AML patients of Klein and Moeschberger's table 1.3, in days to relapse ("1") or death ("2"). The
    /// standard errors and intervals (variance after Aalen, log–log scale) are those that R's tidycmprsk 1.1.0 and SAS's
    /// LIFETEST both give, as published by the CAMIS project, "Estimating Cumulative Incidence Functions Using R".
    #[test]
    fn interval_of_an_incidence_as_published() {
        let patients = followed([
            &[421, 748, 486, 272, 381, 248, 211, 219, 606],
            &[414, 2204, 1063, 481, 105, 641, 390, 288, 79, 48, 1074, 10, 53, 80, 35, 704],
            &[
                2569, 2506, 2409, 2218, 1857, 1829, 1562, 1470, 1363, 1030, 860, 1258, 2246, 1870, 1799,
                1709, 1674, 1568, 1527, 1324, 957, 932, 847, 848, 1850, 1843, 1535, 1447, 1384,
            ],
        ]);
        assert_eq!(patients.len(), 54);
        assert_eq!(incidence(&patients, "1", 182).interval(), None);
        let published = [
            (365, 0.0741, 0.0360, 0.0234, 0.1646),
            (547, 0.1296, 0.0463, 0.0563, 0.2344),
            (730, 0.1481, 0.0489, 0.0685, 0.2565),
            (1095, 0.1667, 0.0514, 0.0813, 0.2783),
        ];
        for (day, value, error, low, high) in published {
            let found = incidence(&patients, "1", day);
            let (got_low, got_high) = found.interval().unwrap();
            for (got, expected) in
                [(found.value, value), (found.variance.sqrt(), error), (got_low, low), (got_high, high)]
            {
                assert!((got - expected).abs() < 6e-5, "{day}: {got} for {expected}");
            }
        }
    }

    #[test]
    fn without_censoring_it_is_the_plain_share() {
        let deals = followed([&[1, 2, 2], &[2, 5], &[]]);
        assert!((incidence(&deals, "1", 2).value - 3.0 / 5.0).abs() < 1e-12);
        assert!((incidence(&deals, "2", 9).value - 2.0 / 5.0).abs() < 1e-12);
        assert!(still_open(&deals, 5).abs() < 1e-12);
    }

    #[test]
    fn variance_worked_by_hand() {
        // Four deals: a win on day 1, a loss on day 2, a censoring on day 2, a win on day 3.
        // Day 1: n 4, F = 1/4, S = 3/4. Day 2: n 3, S = 3/4 · 2/3 = 1/2. Day 3: n 1, F = 1/4 + 1/2 = 3/4.
        // By day 1: S² k(n−k) / n²(n−1) = 3 / 48 = 1/16.
        // By day 3. Day 1: later = 1/2: (1/4 · 1)/(3 · 3) + 3/48 − 2 · 1/2 · 1 · 3/(4 · 3 · 3) = 1/36 + 1/16 − 1/12 = 1/144.
        // Day 2: later = 1/2, k = 0: (1/4 · 1)/(2 · 2) = 1/16. Day 3: nothing, the last one at risk. Together 10/144.
        let deals = followed([&[1, 3], &[2], &[2]]);
        let day_1 = incidence(&deals, "1", 1);
        assert!((day_1.value - 0.25).abs() < 1e-12 && (day_1.variance - 1.0 / 16.0).abs() < 1e-12);
        let day_3 = incidence(&deals, "1", 3);
        assert!((day_3.value - 0.75).abs() < 1e-12 && (day_3.variance - 10.0 / 144.0).abs() < 1e-12);
    }
}
