//! Periods of time as people name them: `2026-Q3`, `2026-W31`, `90d`, `last month` (metrics §1, Time).

use chrono::{Datelike, Days, IsoWeek, Months, Weekday};

use super::time::{Cut, Day, Instant, Zone, parse_day};

/// A run of whole days, both included, with the name it was asked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As it was asked, such as `2026-Q3`.
    pub name: String,
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// ISO 8601 week, from Monday.
    Week,
    /// Calendar month.
    Month,
    /// Quarter of the fiscal year.
    Quarter,
    /// Fiscal year, named by the calendar year in which it starts.
    Year,
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Unit; 4] = [Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];

    /// What it is called by.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        }
    }

    /// The unit of a name such as `month`.
    pub fn named(name: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.name() == name)
    }
}

/// What a relative or fiscal period is relative to.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    /// The as-of day: `90d` ends with it.
    pub today: Day,
    /// The month in which the fiscal year starts, 1 to 12.
    pub year_starts: u32,
}

/// The forms that [`Calendar::period`] reads, for errors and help.
pub const FORMS: &str =
    "2026, 2026-Q3, 2026-07, 2026-W31, 2026-07-14, 2026-07-01..2026-09-30, 90d, this month, last quarter";

impl Calendar {
    /// Reads a period; `None` when the text names none.
    pub fn period(&self, text: &str) -> Option<Period> {
        let (first, last) = self.days(text.trim())?;
        (first <= last).then(|| Period { name: text.trim().to_owned(), first, last })
    }

    fn days(self, text: &str) -> Option<(Day, Day)> {
        if let Some((first, last)) = text.split_once("..") {
            return Some((parse_day(first)?, parse_day(last)?));
        }
        if let Some(day) = parse_day(text) {
            return Some((day, day));
        }
        if let Some(count) = text.strip_suffix('d').and_then(|count| count.parse::<u64>().ok()) {
            let first = self.today.checked_sub_days(Days::new(count.checked_sub(1)?))?;
            return (first.year() >= 1).then_some((first, self.today));
        }
        if let Some(rest) = text.strip_prefix("this ") {
            return self.around(Unit::named(rest.trim())?, self.today);
        }
        if let Some(rest) = text.strip_prefix("last ") {
            let unit = Unit::named(rest.trim())?;
            let (first, _) = self.around(unit, self.today)?;
            return self.around(unit, first.pred_opt()?);
        }
        self.named_days(text)
    }

    /// `2026`, `2026-Q3`, `2026-07`, `2026-W31`.
    fn named_days(self, text: &str) -> Option<(Day, Day)> {
        let (year, part) = match text.split_once('-') {
            Some((year, part)) => (year, Some(part)),
            None => (text, None),
        };
        if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i32 = year.parse().ok().filter(|year| *year > 0)?;
        let number = |text: &str, length: usize| {
            let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| text.parse::<u32>().ok()).flatten()
        };
        let fiscal = Day::from_ymd_opt(year, self.year_starts, 1)?;
        match part {
            None => run(fiscal, 12),
            Some(part) => {
                if let Some(quarter) = part.strip_prefix(['Q', 'q']) {
                    let quarter = number(quarter, 1).filter(|quarter| (1..=4).contains(quarter))?;
                    run(fiscal.checked_add_months(Months::new(3 * (quarter - 1)))?, 3)
                } else if let Some(week) = part.strip_prefix(['W', 'w']) {
                    let first = Day::from_isoywd_opt(year, number(week, 2)?, Weekday::Mon)?;
                    Some((first, first.checked_add_days(Days::new(6))?))
                } else {
                    run(Day::from_ymd_opt(year, number(part, 2)?, 1)?, 1)
                }
            }
        }
    }

    /// The first and last day of the unit that a day lies in.
    fn around(self, unit: Unit, day: Day) -> Option<(Day, Day)> {
        let month = day.with_day(1)?;
        let into_year = (day.month0() + 12 - (self.year_starts - 1)) % 12;
        match unit {
            Unit::Week => {
                let first = day.week(Weekday::Mon).checked_first_day()?;
                Some((first, first.checked_add_days(Days::new(6))?))
            }
            Unit::Month => run(month, 1),
            Unit::Quarter => run(month.checked_sub_months(Months::new(into_year % 3))?, 3),
            Unit::Year => run(month.checked_sub_months(Months::new(into_year))?, 12),
        }
    }

    /// The unit that a day lies in, with the name a report calls it by: `2026-W31`, `2026-07`, `2026-Q3`, `2026`.
    pub fn containing(&self, unit: Unit, day: Day) -> Option<Period> {
        let (first, last) = self.around(unit, day)?;
        let into_year = (first.month0() + 12 - (self.year_starts - 1)) % 12;
        let fiscal = first.checked_sub_months(Months::new(into_year))?.year();
        let name = match unit {
            Unit::Week => {
                let week: IsoWeek = first.iso_week();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Unit::Month => format!("{:04}-{:02}", first.year(), first.month()),
            Unit::Quarter => format!("{fiscal:04}-Q{}", into_year / 3 + 1),
            Unit::Year => format!("{fiscal:04}"),
        };
        Some(Period { name, first, last })
    }

    /// Every unit that a period touches, in order.
    pub fn split(&self, period: &Period, unit: Unit) -> Vec<Period> {
        let mut parts: Vec<Period> = Vec::new();
        let mut next = Some(period.first);
        while let Some(part) =
            next.filter(|day| *day <= period.last).and_then(|day| self.containing(unit, day))
        {
            next = part.last.succ_opt();
            parts.push(part);
        }
        parts
    }
}

/// `months` whole months from the first of one.
fn run(first: Day, months: u32) -> Option<(Day, Day)> {
    Some((first, first.checked_add_months(Months::new(months))?.pred_opt()?))
}

impl Period {
    /// The first instant of the period.
    pub fn start(&self, zone: Zone) -> Instant {
        zone.start_of(self.first)
    }

    /// The end of the period, as far as a report sees: every event of its last day, none of the next.
    pub fn end(&self, zone: Zone) -> Cut {
        Cut::before(zone.end_of(self.last))
    }

    /// How many days it has.
    pub fn days(&self) -> u64 {
        (self.last - self.first).num_days().unsigned_abs() + 1
    }

    /// The period of equal length just before (metrics §1, Comparison).
    pub fn previous(&self) -> Option<Period> {
        let last = self.first.pred_opt()?;
        let first = self.first.checked_sub_days(Days::new(self.days())).filter(|day| day.year() >= 1)?;
        Some(Period { name: format!("{first}..{last}"), first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        parse_day(text).unwrap()
    }

    fn days(calendar: Calendar, text: &str) -> (String, String) {
        let period = calendar.period(text).unwrap_or_else(|| panic!("{text}"));
        (period.first.to_string(), period.last.to_string())
    }

    fn january() -> Calendar {
        // A Tuesday.
        Calendar { today: day("2026-11-24"), year_starts: 1 }
    }

    #[test]
    fn every_form_of_a_period() {
        for (text, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-Q3", "2026-07-01", "2026-09-30"),
            ("2026-07", "2026-07-01", "2026-07-31"),
            ("2026-W31", "2026-07-27", "2026-08-02"),
            ("2026-07-14", "2026-07-14", "2026-07-14"),
            ("2026-07-01..2026-09-30", "2026-07-01", "2026-09-30"),
            ("90d", "2026-08-27", "2026-11-24"),
            ("1d", "2026-11-24", "2026-11-24"),
            ("this week", "2026-11-23", "2026-11-29"),
            ("last week", "2026-11-16", "2026-11-22"),
            ("last month", "2026-10-01", "2026-10-31"),
            ("this quarter", "2026-10-01", "2026-12-31"),
            ("last quarter", "2026-07-01", "2026-09-30"),
            ("last year", "2025-01-01", "2025-12-31"),
        ] {
            assert_eq!(days(january(), text), (first.into(), last.into()), "{text}");
        }
    }

    #[test]
    fn a_fiscal_year_from_april_carries_its_quarters() {
        let april = Calendar { today: day("2026-02-10"), year_starts: 4 };
        assert_eq!(days(april, "2026"), ("2026-04-01".into(), "2027-03-31".into()));
        assert_eq!(days(april, "2025-Q4"), ("2026-01-01".into(), "2026-03-31".into()));
        assert_eq!(days(april, "this quarter"), ("2026-01-01".into(), "2026-03-31".into()));
        assert_eq!(days(april, "this year"), ("2025-04-01".into(), "2026-03-31".into()));
        assert_eq!(april.containing(Unit::Quarter, april.today).unwrap().name, "2025-Q4");
    }

    #[test]
    fn what_names_no_period_is_refused() {
        for text in [
            "",
            "2026-Q5",
            "2026-13",
            "2026-W54",
            "0d",
            "d",
            "next month",
            "2026-09-30..2026-07-01",
            "26",
            "2026-7",
            "99999999999d",
        ] {
            assert_eq!(january().period(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_splits_into_the_units_it_touches() {
        let period = january().period("2026-07-30..2026-09-01").unwrap();
        let names: Vec<String> =
            january().split(&period, Unit::Month).into_iter().map(|part| part.name).collect();
        assert_eq!(names, ["2026-07", "2026-08", "2026-09"]);
    }

    #[test]
    fn the_period_before_is_as_long() {
        let before = january().period("2026-07").unwrap().previous().unwrap();
        assert_eq!((before.first, before.last, before.days()), (day("2026-05-31"), day("2026-06-30"), 31));
    }
}
