//! What time it is for a command: now, or the day that was fixed.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Context;
use crate::deal::time::{Cut, Day, Instant, Zone, parse_typed_day};
use crate::error::{Error, Result};

/// What time it is, in the pipeline's zone.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands) struct Clock {
    /// Now; noon where only the day is fixed.
    pub(in crate::commands) now: Instant,
    /// Today.
    pub(in crate::commands) today: Day,
    zone: Zone,
    /// What is known now.
    pub(in crate::commands) seen: Cut,
}

impl Clock {
    /// The cut that a report sees: the end of an as-of day, else now.
    pub(in crate::commands) fn cut(&self, as_of: Option<&str>) -> Result<Cut> {
        match as_of {
            None => Ok(self.seen),
            Some(text) => Ok(Cut::before(self.zone.end_of(self.day(text)?))),
        }
    }

    /// A day as typed.
    pub(in crate::commands) fn day(&self, text: &str) -> Result<Day> {
        parse_typed_day(text, self.today).ok_or_else(|| {
            Error::usage(format!("`{text}` is no day"))
                .hint("write it as 2026-07-14, today, yesterday or today-2w")
        })
    }
}

impl Context {
    /// The clock as it stands, or the day that was fixed. What is dated now asks again once it has its turn: commands that
    /// waited for one another are dated in the order of their turns.
    pub(in crate::commands) fn clock(&self, zone: Zone) -> Result<Clock> {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
        let now = Instant::from_millis(millis)
            .ok_or_else(|| Error::failed("the system clock is past the year 9999"))?;
        let clock = Clock { now, today: zone.day_of(now), zone, seen: Cut::now(now) };
        // An empty variable in the environment is as good as none.
        match self.global.today.as_deref().filter(|text| !text.trim().is_empty()) {
            None => Ok(clock),
            Some(text) => {
                let today = clock.day(text)?;
                let now = zone.noon_of(today);
                Ok(Clock { now, today, zone, seen: Cut::noon(now) })
            }
        }
    }
}
