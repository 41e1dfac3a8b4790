//! The chance that an open deal is won: as it was set, or as the deals of its stage went (metrics §6, Weighted).

use rust_decimal::Decimal;

use crate::metrics::figures::{Cell, Column, Kind, Rate, Row, Section};
use crate::metrics::question::{Probability, Question};
use crate::process::{Outcome, StageIndex};

/// How many days up to `e` deals must have closed in.
const LOOK_BACK: f64 = 365.0;

/// As many deals as the set probability counts for beside those that closed.
const PRIOR: u64 = 10;

/// How the deals of one open stage went.
#[derive(Clone, Copy, Debug)]
struct TrackRecord {
    stage: StageIndex,
    /// Its set probability, else the conversion rate of all deals.
    prior: Decimal,
    /// Those won of those that reached it and closed.
    won: Rate,
}

impl TrackRecord {
    /// (won + 10·p) / (n + 10).
    fn chance(&self) -> Decimal {
        let won = Decimal::from(self.won.count) + Decimal::from(PRIOR) * self.prior;
        won.checked_div(Decimal::from(self.won.of + PRIOR)).unwrap_or(self.prior)
    }
}

/// Where the chance of an open deal comes from, for one question.
#[derive(Clone, Debug)]
pub(super) struct Chances {
    /// One for each open stage; none where probabilities are as set.
    records: Vec<TrackRecord>,
}

impl Chances {
    /// The chances that a question asks for.
    pub(super) fn of(question: &Question<'_>) -> Chances {
        match question.options.probability {
            Probability::Set => Chances { records: Vec::new() },
            Probability::History => Chances { records: records(question) },
        }
    }

    /// The chance that a deal which is in `stage` at `e` is won, 0 to 1.
    pub(super) fn of_deal(&self, question: &Question<'_>, deal: usize, stage: StageIndex) -> Decimal {
        let record = self.records.iter().find(|record| record.stage == stage);
        record.map_or_else(|| question.probability(deal, stage), TrackRecord::chance)
    }

    /// How the chances of history came about; none where probabilities are as set.
    pub(super) fn section(&self, question: &Question<'_>) -> Option<Section> {
        let share = |share: Decimal| Cell::Share(super::share(share));
        let row = |record: &TrackRecord| {
            let set = question.process.stage(record.stage).and_then(|stage| stage.probability);
            Row::total(vec![
                Cell::Text(question.process.stage_id(record.stage).to_owned()),
                set.map_or(Cell::Share(None), share),
                Cell::Rate(record.won),
                share(record.chance()),
            ])
        };
        let columns = vec![
            Column::new("stage", Kind::Text),
            Column::new("set_probability", Kind::Share),
            Column::new("won_of_closed", Kind::Rate),
            Column::new("probability", Kind::Share),
        ];
        let rows: Vec<Row> = self.records.iter().map(row).collect();
        let section = Section::list("probabilities", columns, rows);
        (!self.records.is_empty()).then_some(section)
    }
}

fn records(question: &Question<'_>) -> Vec<TrackRecord> {
    let (zone, e) = (question.zone(), question.e());
    let stages: Vec<_> = question.process.open_stages().collect();
    let mut all = Rate { count: 0, of: 0 };
    let mut by_stage = vec![all; stages.len()];
    let mut reached = Vec::new();
    for &deal in &question.picked {
        let Some(end) = question.end(deal) else { continue };
        if !end.at.is_some_and(|at| e.sees(at) && zone.elapsed(at, e.at) <= LOOK_BACK) {
            continue;
        }
        let won = u64::from(end.outcome == Outcome::Won);
        let count = |rate: &mut Rate| *rate = Rate { count: rate.count + won, of: rate.of + 1 };
        count(&mut all);
        // An assumed journey does not tell which stages it reached.
        if !question.journeys.deals[deal].assumed {
            question.journeys.reached(deal, &mut reached);
            let reached = reached.iter().map(|at| at.is_some_and(|at| e.sees(at)));
            by_stage
                .iter_mut()
                .zip(reached)
                .filter(|(_, reached)| *reached)
                .for_each(|(rate, _)| count(rate));
        }
    }
    let conversion = Decimal::from(all.count).checked_div(Decimal::from(all.of)).unwrap_or_default();
    let record = |((stage, described), won): (&(StageIndex, &crate::process::Stage), Rate)| TrackRecord {
        stage: *stage,
        prior: described.probability.unwrap_or(conversion),
        won,
    };
    stages.iter().zip(by_stage).map(record).collect()
}
