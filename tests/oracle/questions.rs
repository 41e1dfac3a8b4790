//! Random questions about a random folder.

use chrono::Days;

use crate::folders::Maker;
use crate::forecast::Probability;
use crate::landed::REPORTS;
use crate::report::{Question, SUMMARY};
use crate::terms::Term;

/// The reports that can stand beside another period.
const COMPARED: [&str; 7] = ["conversion", "funnel", "size", "velocity", "stages", "bottlenecks", SUMMARY];

impl Maker {
    fn term(&mut self) -> Term {
        let stage = self.pick(&self.open.clone());
        match self.rng.u32(0..12) {
            0 => Term::is("owner", "ana"),
            1 => Term::Is("owner".to_owned(), vec!["ben".to_owned(), "chen".to_owned()]),
            2 => Term::IsNot("owner".to_owned(), "ana".to_owned()),
            3 => Term::is("team", "north"),
            4 => Term::is("source", "web"),
            5 => Term::Has("source".to_owned(), "paid".to_owned()),
            6 => Term::is("stage", stage),
            7 => Term::is("status", "won"),
            8 => Term::is("status", "open"),
            9 => Term::is("currency", "EUR"),
            10 => Term::Within("close_date".to_owned(), None, Some(self.today)),
            _ => Term::Within("created".to_owned(), Some(self.births.0 + Days::new(60)), None),
        }
    }

    fn period(&mut self) -> String {
        let by_days = ["30d", "90d", "365d", "2026-03-01..2026-05-15", "2026-03-29"];
        let long = ["2026", "365d", "2025-12-01..2026-07-31"];
        let named = ["2026", "2025", "2026-Q1", "2026-Q2", "2026-03", "2025-10", "2026-W14", "2026-W13"];
        let moving = ["this month", "last month", "this quarter", "last quarter", "last week", "this year"];
        let choices: &[&str] = match self.rng.u32(0..10) {
            0..3 => &by_days,
            3..6 => &long,
            6..8 => &named,
            _ => &moving,
        };
        self.pick(choices).to_owned()
    }

    /// What a report is split by: at times by two fields.
    fn by(&mut self, report: &str) -> Vec<String> {
        let mut fields = vec!["owner", "source", "team"];
        match report {
            "bottlenecks" => {}
            "forecast" => fields.extend(["month", "quarter"]),
            "losses" | "slippage" => fields.extend(["week", "month", "quarter", "year"]),
            "size" => fields.extend(["size", "stage", "week", "month", "quarter", "year"]),
            _ => fields.extend(["stage", "week", "month", "quarter", "year"]),
        }
        if report == "slippage" {
            fields.retain(|field| *field != "owner");
        }
        let mut by = vec![self.pick(&fields).to_owned()];
        if self.chance(0.3) {
            let second = self.pick(&["source", "team"]).to_owned();
            if !by.contains(&second) {
                by.push(second);
            }
        }
        by
    }

    /// A question to a report, without options that only some reports have.
    fn plain_question(&mut self, report: &'static str) -> Question {
        let mut question = Question::new(report, &self.today.to_string());
        if self.chance(0.5) {
            question.as_of = Some(self.today - Days::new(self.rng.u64(0..300)));
        }
        if report == "forecast" {
            // A period that lies ahead, or that runs.
            let ahead = [
                "2026",
                "2026-01-01..2026-12-31",
                "2026-Q2",
                "2026-Q3",
                "2026",
                "2026-06",
                "2026-07",
                "2026-05-01..2026-08-31",
            ];
            question.period = Some(self.pick(&ahead).to_owned());
        } else if self.chance(0.9) {
            question.period = Some(self.period());
        }
        if report != SUMMARY && self.chance(0.6) {
            question.by = self.by(report);
        }
        if self.chance(0.3) {
            question.terms.push(self.term());
        }
        question
    }

    /// A question to a report, with any of the options that it has.
    pub(crate) fn question(&mut self, report: &'static str) -> Question {
        let mut question = self.plain_question(report);
        let has_unit =
            ["week", "month", "quarter", "year"].iter().any(|unit| question.by.iter().any(|by| by == unit));
        match report {
            "conversion" => question.curve = self.chance(0.4),
            "forecast" => {
                if self.chance(0.3) {
                    question.probability = Probability::History;
                }
                if self.chance(0.3) {
                    question.backtest = Some(self.rng.usize(1..=4));
                    // The forecasts of groups of then are not looked at.
                    question.by.clear();
                }
            }
            "activity" if self.chance(0.5) => question.idle = Some(self.rng.i64(1..60)),
            _ => {}
        }
        let can_compare = COMPARED.contains(&report) && !has_unit;
        if can_compare && !question.by.iter().any(|by| by == "size") && self.chance(0.3) {
            let vs = ["previous", "previous", "2025", "2025-Q4", "2025-10", "2025-04-01..2025-07-31"];
            question.vs = Some(self.pick(&vs).to_owned());
        }
        // Where something is known of both sides.
        if (question.vs.is_some() || report == "bottlenecks") && self.chance(0.7) {
            question.as_of = None;
            let periods = ["2026-Q1", "2026-Q2", "90d", "2026-03-01..2026-05-15", "365d"];
            question.period = Some(self.pick(&periods).to_owned());
        }
        question
    }

    /// A question to each report, and one more.
    pub(crate) fn questions(&mut self) -> Vec<Question> {
        let more = self.pick(&REPORTS);
        REPORTS.into_iter().chain([more]).map(|report| self.question(report)).collect()
    }
}
