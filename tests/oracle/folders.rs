//! Random folders.
//!
//! They are sound (known stages, valid dates, every event's deal exists) and otherwise as odd as the page allows: skips,
//! backward moves, forced moves, reopenings, ties, rows in any order and twice, voids and voids of voids, missing cells,
//! deals without events, histories that start in the middle, deleted deals, former stage ids, clock changes, fiscal
//! years, several currencies with rates by day, events exactly at midnight, close dates pushed and pulled in, targets of
//! owners, teams and all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use fastrand::Rng;

use crate::files::{Row, read_row};
use crate::rows::{field_rows, in_order, without_voids};
use crate::time::{Instant, first_instant};

const OUTCOMES: [&str; 3] = ["won", "lost", "disqualified"];
const SET_FIELDS: [&str; 10] = [
    "value",
    "currency",
    "owner",
    "source",
    "probability",
    "close_date",
    "forecast",
    "reason",
    "next_step",
    "next_date",
];
const COLUMNS: [&str; 16] = [
    "id",
    "name",
    "stage",
    "stage_since",
    "value",
    "currency",
    "owner",
    "source",
    "probability",
    "created",
    "close_date",
    "closed",
    "forecast",
    "reason",
    "next_step",
    "next_date",
];

pub(crate) struct Maker {
    pub(crate) rng: Rng,
    zone: Tz,
    pub(crate) today: NaiveDate,
    /// Deals are born in these many days from that one on.
    pub(crate) births: (NaiveDate, u64),
    /// In some folders no two steps share an instant: one deal that closes at the instant of its creation, where
    /// fewer than 10 are at risk, leaves no median time to close.
    ties: bool,
    pub(crate) open: Vec<&'static str>,
    was: BTreeMap<&'static str, &'static str>,
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A row of a CSV file, without its line end.
pub(crate) fn csv_line(cells: &[&str]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).unwrap();
    let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    line.trim_end_matches('\n').to_owned()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

impl Maker {
    pub(crate) fn new(seed: u64) -> Maker {
        let mut rng = Rng::with_seed(seed);
        let zones = [
            Tz::Europe__Berlin,
            Tz::America__New_York,
            Tz::Asia__Taipei,
            // Its clocks go forward at midnight.
            Tz::America__Santiago,
            // By half an hour.
            Tz::Australia__Lord_Howe,
            Tz::UTC,
        ];
        let zone = zones[rng.usize(0..zones.len())];
        let today = day("2026-04-01") + Days::new(rng.u64(0..110));
        let mut open = vec!["qualify", "contact", "needs", "proposal", "negotiate"];
        while open.len() > 2 && rng.f64() < 0.3 {
            open.remove(rng.usize(0..open.len()));
        }
        let mut was = BTreeMap::new();
        for stage in &open {
            if rng.f64() < 0.25 {
                let former = match *stage {
                    "qualify" => "screening",
                    "contact" => "talk",
                    "needs" => "demand",
                    "proposal" => "quote",
                    _ => "bargain",
                };
                was.insert(*stage, former);
            }
        }
        let births = if rng.f64() < 0.7 { (day("2025-02-01"), 520) } else { (day("2025-12-01"), 120) };
        let ties = rng.f64() < 0.7;
        Maker { rng, zone, today, births, ties, open, was }
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.rng.f64() < probability
    }

    pub(crate) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.rng.usize(0..choices.len())]
    }

    fn instant_on(&mut self, day: NaiveDate) -> Instant {
        let midnight = first_instant(self.zone, day);
        match self.rng.u32(0..100) {
            0..15 => midnight,
            15..18 => midnight - TimeDelta::milliseconds(1),
            18..21 => midnight + TimeDelta::milliseconds(1),
            // The very millisecond of now, and its neighbours.
            21..23 => {
                let wobble = TimeDelta::milliseconds(self.rng.i64(-1..=1));
                first_instant(self.zone, self.today) + TimeDelta::hours(12) + wobble
            }
            _ => midnight + TimeDelta::milliseconds(self.rng.i64(0..86_400_000)),
        }
    }

    fn some_instant(&mut self) -> Instant {
        let (first, days) = self.births;
        let day = first + Days::new(self.rng.u64(0..days));
        self.instant_on(day)
    }

    /// The instant of the next event, at times the same one.
    fn later(&mut self, than: Instant) -> Instant {
        let today = than.with_timezone(&self.zone).date_naive();
        match self.rng.u32(0..100) {
            0..10 if self.ties => than,
            10..25 => first_instant(self.zone, today + Days::new(self.rng.u64(1..30))),
            25..40 => than + TimeDelta::milliseconds(self.rng.i64(1..86_400_000)),
            _ => than + TimeDelta::milliseconds(self.rng.i64(1..40 * 86_400_000)),
        }
    }

    fn write_instant(&mut self, instant: Instant) -> String {
        if self.chance(0.1) {
            let local = instant.with_timezone(&self.zone).fixed_offset();
            return local.to_rfc3339_opts(SecondsFormat::Millis, false);
        }
        instant.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// A cell of deals.csv that holds an instant: exact, or a plain day, or empty.
    fn instant_cell(&mut self, instant: Instant, empty: f64) -> String {
        if self.chance(empty) {
            return String::new();
        }
        if self.chance(0.2) {
            return instant.with_timezone(&self.zone).date_naive().to_string();
        }
        self.write_instant(instant)
    }

    /// A stage by its present name, at times by its former one.
    fn spell(&mut self, stage: &str) -> String {
        match self.was.get(stage).copied() {
            Some(former) if self.chance(0.3) => former.to_owned(),
            _ => stage.to_owned(),
        }
    }

    fn present_name(&self, name: &str) -> String {
        let present = self.was.iter().find(|(_, former)| **former == name);
        present.map_or(name, |(stage, _)| stage).to_owned()
    }

    fn row(&mut self, at: Instant, deal: &str, event: &str, field: &str, from: &str, to: &str) -> String {
        let at = self.write_instant(at);
        let note = self.pick(&["", "", "", "said \"yes\", then no", "two\nlines", "a\\path"]);
        let by = self.pick(&["ana", "ben", ""]);
        csv_line(&[&at, deal, event, field, &escape(from), &escape(to), by, &escape(note)])
    }

    fn stage_row(&mut self, at: Instant, deal: &str, from: &str, to: &str) -> String {
        let field = self.pick(&["", "", "", "forced"]);
        let (from, to) = (self.spell(from), self.spell(to));
        self.row(at, deal, "stage", field, &from, &to)
    }

    /// A void of the row that this line is.
    fn void_of(&mut self, line: &str, at: Instant) -> String {
        let row = read_row(line);
        let what = if row.field.is_empty() { row.event } else { format!("{}:{}", row.event, row.field) };
        let target = line.split(',').next().unwrap().to_owned();
        self.row(at, &row.deal, "void", &what, &target, "")
    }

    /// Where a deal goes from a stage; none where it stays for good.
    fn next_stage(&mut self, here: &str) -> Option<&'static str> {
        if self.chance(0.12) {
            return None;
        }
        let open = self.open.clone();
        let Some(place) = open.iter().position(|stage| *stage == here) else {
            return match self.rng.u32(0..100) {
                0..25 => Some(self.pick(&open)),
                25..30 => Some(self.pick(&OUTCOMES)),
                _ => None,
            };
        };
        let after: Vec<&'static str> = open[place + 1..].iter().copied().chain(["won"]).collect();
        Some(match self.rng.u32(0..100) {
            0..58 => after[0],
            58..70 => self.pick(&after),
            70..80 => self.pick(&open[..=place]),
            80..93 => "lost",
            _ => "disqualified",
        })
    }

    /// The stage rows of a deal from its birth, with the instant of the last.
    fn path(&mut self, id: &str, born: Instant) -> (Vec<String>, Instant, &'static str) {
        let mut here = if self.chance(0.75) { self.open[0] } else { self.pick(&self.open.clone()) };
        let mut at = born;
        let mut lines = vec![self.stage_row(at, id, "", here)];
        while let Some(next) = self.next_stage(here) {
            at = self.later(at);
            lines.push(self.stage_row(at, id, here, next));
            // Two branches moved the deal from the same stage at the same instant.
            if self.chance(0.02) {
                let other = self.pick(&self.open.clone());
                lines.push(self.stage_row(at, id, here, other));
            }
            here = next;
        }
        (lines, at, here)
    }

    fn some_value(&mut self, field: &str) -> String {
        let value = match field {
            "value" if self.chance(0.3) => {
                return format!("{}.{:02}", self.rng.u32(0..60_000), self.rng.u32(0..100));
            }
            "close_date" | "next_date" => {
                let day = self.today - Days::new(120) + Days::new(self.rng.u64(0..260));
                return if self.chance(0.12) { String::new() } else { self.date_cell(day) };
            }
            "value" => {
                self.pick(&["", "0", "1000", "2500.50", "12000", "12000", "9999.99", "480", "33333.33"])
            }
            "currency" => self.pick(&["", "", "", "USD", "EUR", "GBP"]),
            "owner" => self.pick(&["ana", "ana", "ben", "chen", "dora", ""]),
            "source" => {
                self.pick(&["web", "web", "fair", "referral, paid", "a\\b", "two\nlines", "Öffner", ""])
            }
            "probability" => self.pick(&["", "", "", "60%", "35%", "100%", "0%", "0.75", "12.5%"]),
            "forecast" => self.pick(&["", "", "", "", "commit", "best case", "pipeline", "omitted"]),
            "reason" => self.pick(&["", "price", "price", "timing", "no budget"]),
            _ => self.pick(&["", "call back", "send the quote"]),
        };
        value.to_owned()
    }

    /// A date as people write it: a day, at times an instant of it.
    fn date_cell(&mut self, day: NaiveDate) -> String {
        if self.chance(0.9) {
            return day.to_string();
        }
        let at = self.instant_on(day);
        self.write_instant(at)
    }

    /// What a field is changed to. A close date is pushed more often than pulled in.
    fn next_value(&mut self, field: &str, present: &str) -> String {
        let Ok(day) = present.parse::<NaiveDate>() else { return self.some_value(field) };
        match self.rng.u32(0..10) {
            0..7 => (day + Days::new(self.rng.u64(1..60))).to_string(),
            7..9 => (day - Days::new(self.rng.u64(1..30))).to_string(),
            _ => self.some_value(field),
        }
    }

    /// The events on one field, and the cell where there are none.
    fn field(&mut self, id: &str, field: &str, born: Instant, lines: &mut Vec<String>) -> String {
        let mut present = self.some_value(field);
        let mut at = born;
        if self.chance(0.4) {
            lines.push(self.row(at, id, "set", field, "", &present));
        }
        let more = if field == "close_date" { 0.5 } else { 0.2 };
        while self.chance(more) {
            at = self.later(at);
            let next = self.next_value(field, &present);
            lines.push(self.row(at, id, "set", field, &present, &next));
            if self.chance(0.05) {
                let other = self.some_value(field);
                lines.push(self.row(at, id, "set", field, &present, &other));
            }
            present = next;
        }
        present
    }

    /// Rows that were taken back, and at times put in force again.
    fn mistakes(&mut self, id: &str, born: Instant, lines: &mut Vec<String>) {
        while self.chance(0.15) {
            let at = self.later(born);
            let wrong = if self.chance(0.6) {
                let (from, to) = (self.pick(&self.open.clone()), self.pick(&self.open.clone()));
                self.stage_row(at, id, from, to)
            } else {
                let (from, to) = (self.some_value("value"), self.some_value("value"));
                self.row(at, id, "set", "value", &from, &to)
            };
            let mut at = at + TimeDelta::milliseconds(self.rng.i64(1..10 * 86_400_000));
            let void = self.void_of(&wrong, at);
            lines.extend([wrong, void.clone()]);
            if self.chance(0.25) {
                at += TimeDelta::milliseconds(self.rng.i64(1..10 * 86_400_000));
                let back = self.void_of(&void, at);
                lines.push(back.clone());
                if self.chance(0.25) {
                    at += TimeDelta::milliseconds(self.rng.i64(1..10 * 86_400_000));
                    lines.push(self.void_of(&back, at));
                }
            }
        }
        if self.chance(0.02) {
            let line = lines[self.rng.usize(0..lines.len())].clone();
            if read_row(&line).event != "void" {
                let at = read_row(&line).at + TimeDelta::days(1);
                lines.push(self.void_of(&line, at));
            }
        }
    }

    /// The cells of deals.csv and the lines of history.csv of one deal.
    fn deal(&mut self, id: &str) -> (BTreeMap<&'static str, String>, Vec<String>) {
        let born = self.some_instant();
        let (mut lines, last, stage) = self.path(id, born);
        let stages_known = lines.len();
        match self.rng.u32(0..100) {
            // A history that starts in the middle; no stage event at all.
            0..10 => drop(lines.drain(..self.rng.usize(0..stages_known))),
            10..22 => lines.clear(),
            _ => {}
        }
        let no_stage_rows = lines.is_empty();
        let mut cells: BTreeMap<&'static str, String> = BTreeMap::new();
        if no_stage_rows && self.chance(0.5) {
            for field in SET_FIELDS {
                cells.insert(field, self.some_value(field));
            }
        } else {
            for field in SET_FIELDS {
                let present = self.field(id, field, born, &mut lines);
                cells.insert(field, present);
            }
            while self.chance(0.3) {
                let at = self.later(born);
                let kind = self.pick(&["call", "email", "meeting", "note"]);
                lines.push(self.row(at, id, kind, "", "", ""));
            }
            if !no_stage_rows {
                self.mistakes(id, born, &mut lines);
            }
        }
        let is_deleted = self.chance(0.04);
        if is_deleted {
            let latest = lines.iter().map(|line| read_row(line).at).max().unwrap_or(last);
            let at = latest + TimeDelta::milliseconds(self.rng.i64(1..10 * 86_400_000));
            lines.push(self.stage_row(at, id, stage, "deleted"));
        }
        // The cells are what the rows add up to.
        let rows = without_voids(lines.iter().map(|line| read_row(line)).collect());
        for field in SET_FIELDS {
            if let Some(row) = field_rows(&rows, field).last() {
                cells.insert(field, row.to.clone());
            }
        }
        let mut stage_rows: Vec<Row> = rows.iter().filter(|row| row.event == "stage").cloned().collect();
        for row in &mut stage_rows {
            row.from = self.present_name(&row.from);
            row.to = self.present_name(&row.to);
        }
        let (stage, since) = match in_order(stage_rows).last() {
            Some(row) => (row.to.clone(), row.at),
            None => (stage.to_owned(), last),
        };
        let stage = if is_deleted { "deleted".to_owned() } else { self.spell(&stage) };
        let created = match self.rng.u32(0..100) {
            0..15 => String::new(),
            15..30 => {
                let earlier = born - TimeDelta::milliseconds(self.rng.i64(1..30 * 86_400_000));
                self.instant_cell(earlier, 0.0)
            }
            30..35 => {
                let later = born + TimeDelta::milliseconds(self.rng.i64(1..10 * 86_400_000));
                self.instant_cell(later, 0.0)
            }
            _ => self.instant_cell(born, 0.0),
        };
        let is_closed = OUTCOMES.contains(&stage.as_str());
        let closed = if is_closed { self.instant_cell(since, 0.3) } else { String::new() };
        cells.extend([
            ("id", id.to_owned()),
            ("name", format!("Deal {id}")),
            ("stage", stage),
            ("stage_since", self.instant_cell(since, 0.4)),
            ("created", created),
            ("closed", closed),
        ]);
        (cells, lines)
    }

    fn yaml(&mut self) -> String {
        let mut yaml = format!("name: Random\ncurrency: USD\ntimezone: {}\nstages:\n", self.zone.name());
        for stage in self.open.clone() {
            yaml += &format!("  - id: {stage}\n");
            if self.chance(0.7) {
                yaml += &format!("    probability: {}%\n", self.rng.u32(0..=100));
            }
            if self.chance(0.6) {
                yaml += &format!("    stale_after: {}d\n", self.rng.u32(5..40));
            }
            if let Some(former) = self.was.get(stage) {
                yaml += &format!("    was: [{former}]\n");
            }
        }
        for outcome in OUTCOMES {
            yaml += &format!("  - {{id: {outcome}, outcome: {outcome}}}\n");
        }
        yaml += "teams: {north: [ana, ben], south: [chen]}\n";
        if self.chance(0.3) {
            yaml += &format!("year_starts: {}\n", self.pick(&["february", "april", "july", "october"]));
        }
        yaml + &self.targets()
    }

    /// Targets of some periods: of all, of teams, of owners, or of some of each.
    fn targets(&mut self) -> String {
        let mut lines = Vec::new();
        for period in
            ["2026", "2026-Q1", "2026-Q2", "2026-Q3", "2026-03", "2026-06", "2026-03-01..2026-05-15"]
        {
            for whose in
                ["", ", team: north", ", team: south", ", owner: ana", ", owner: ben", ", owner: dora"]
            {
                if self.chance(0.3) {
                    let amount = self.rng.u32(1..200) * 500;
                    lines.push(format!("  - {{period: {period}{whose}, amount: {amount}}}\n"));
                }
            }
        }
        if lines.is_empty() { String::new() } else { format!("targets:\n{}", lines.concat()) }
    }

    pub(crate) fn write_folder(&mut self, directory: &Path) {
        let mut yaml = self.yaml();
        if self.chance(0.5) {
            yaml += "rates: {EUR: 1.08, GBP: 1.2734}\n";
        } else {
            yaml += "rates: rates.csv\n";
            let mut rates = vec!["2020-01-01,EUR,1.05".to_owned(), "2020-01-01,GBP,1.25".to_owned()];
            for _ in 0..40 {
                let from = day("2025-02-01") + Days::new(self.rng.u64(0..560));
                let line = format!("{from},{},1.{}", self.pick(&["EUR", "GBP"]), self.rng.u32(100..4000));
                // One rate a day and currency.
                if !rates.iter().any(|other| other[..14] == line[..14]) {
                    rates.push(line);
                }
            }
            self.rng.shuffle(&mut rates);
            fs::write(directory.join("rates.csv"), format!("day,currency,rate\n{}\n", rates.join("\n")))
                .unwrap();
        }
        fs::write(directory.join("pipeline.yaml"), yaml).unwrap();

        let mut columns = COLUMNS.to_vec();
        columns.retain(|column| ["id", "name", "stage"].contains(column) || !self.chance(0.04));
        self.rng.shuffle(&mut columns);
        let mut deals = vec![csv_line(&columns)];
        let mut history = Vec::new();
        let count = if self.births.1 < 200 { 50..130 } else { 1..35 };
        for number in 1..=self.rng.usize(count) {
            let (cells, lines) = self.deal(&format!("deal-{number}"));
            deals.push(csv_line(&columns.iter().map(|column| cells[column].as_str()).collect::<Vec<_>>()));
            history.extend(lines);
        }
        let twice: Vec<String> = history.iter().filter(|_| self.rng.f64() < 0.04).cloned().collect();
        history.extend(twice);
        self.rng.shuffle(&mut history);
        history.insert(0, "at,deal,event,field,from,to,by,note".to_owned());
        let line_end = self.pick(&["\n", "\n", "\r\n"]);
        fs::write(directory.join("deals.csv"), deals.join(line_end) + line_end).unwrap();
        fs::write(directory.join("history.csv"), history.join("\n") + "\n").unwrap();
    }
}
