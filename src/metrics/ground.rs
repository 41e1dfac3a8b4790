//! What is the same for all deals that are looked at as they stand today.

use rust_decimal::Decimal;

use super::stalled::Limits;
use crate::deal::money::{NoRate, Rates};
use crate::deal::standing::Standing;
use crate::deal::time::{Day, Instant};
use crate::process::{Lang, Process, StageIndex};

/// The process, the day, and what follows from them.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The process.
    pub process: &'a Process,
    /// The language of what is said.
    pub lang: Lang,
    /// After how many days a deal has been in a stage for too long (metrics §5, *stalled*).
    pub limits: Limits,
    /// Exchange rates into the reporting currency.
    pub rates: Rates,
    /// The instant that ages are counted to.
    pub now: Instant,
    /// Its day, whose rates hold.
    pub today: Day,
}

impl Ground<'_> {
    /// What a stage is called in a sentence.
    pub fn called(&self, stage: StageIndex) -> &str {
        self.process.stage(stage).map_or("", |described| described.called_in(self.lang))
    }

    /// Days that a deal has been in its stage; at least 0.
    pub fn days_in_stage(&self, deal: &Standing<'_>) -> Option<f64> {
        deal.entered.map(|entered| self.process.zone.elapsed(entered, self.now).max(0.0))
    }

    /// Whether an open deal has been in its stage for too long.
    pub fn is_stalled(&self, deal: &Standing<'_>) -> bool {
        self.days_in_stage(deal).is_some_and(|days| self.limits.exceeded(deal.stage, days))
    }

    /// What a deal is worth in the reporting currency, at the rate of today.
    ///
    /// Errors: there is no rate of its currency.
    pub fn worth(&self, deal: &Standing<'_>) -> Result<Option<Decimal>, NoRate> {
        let Some((amount, currency)) = deal.value else { return Ok(None) };
        let reporting = self.process.currency;
        self.rates.convert(amount, currency, reporting, reporting, self.today).map(Some)
    }
}
