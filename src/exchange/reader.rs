//! Rows of deals of a sales system, read by one set of rules; what a reading comes to.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::crm::{Clock, Crm, Harvest, Rows, Setting, Sorted, Taken, can_map, plain, yes};
use super::dates::{self, Moment, Order};
use super::incoming::{Happening, Incoming, Step};
use super::mapping::Mapping;
use super::numbers::{self, Mark, Unit};
use super::table::{Row, Table};
use super::words::{Said, Words};
use crate::deal::columns::{Holds, as_cell, holds};
use crate::deal::money::Currency;
use crate::deal::time::Zone;
use crate::error::{Error, Result};
use crate::grammar::{count, plural};
use crate::problem::Problem;
use crate::process::{FieldType, Outcome, SOURCE_ID, StageIndex, Written};
use crate::shell;

/// Files while they are read.
pub(super) struct Reader<'a> {
    pub(super) crm: &'a Crm,
    pub(super) setting: &'a Setting<'a>,
    pub(super) order: Option<Order>,
    pub(super) mark: Mark,
    pub(super) words: Words<'a>,
    /// What ids of people and companies stand for.
    pub(super) names: HashMap<String, String>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
    pub(super) deals: Vec<Incoming>,
    /// What the column of stages says of each deal, whatever its status is.
    pub(super) columns: Vec<StageIndex>,
    /// Where the deal of an id is.
    pub(super) places: HashMap<String, usize>,
    /// Where the deals of a name are.
    pub(super) by_name: HashMap<String, Vec<usize>>,
    /// The pipeline whose deals are taken, where any is named.
    pub(super) pipeline: Option<String>,
}

impl Reader<'_> {
    pub(super) fn read_names(&mut self, sorted: &[Sorted<'_>]) {
        for file in sorted.iter().filter(|file| file.rows == Rows::Names) {
            for row in &file.table.rows {
                let (id, name) = (file.cell(row, "id"), file.cell(row, "name"));
                if !id.is_empty() && !name.is_empty() {
                    self.names.insert((self.crm.key)(id).to_owned(), name.to_owned());
                }
            }
        }
    }

    pub(super) fn read_deals(&mut self, sorted: &[Sorted<'_>]) -> Result<()> {
        self.choose_pipeline(sorted)?;
        for file in sorted.iter().filter(|file| file.rows == Rows::Deals) {
            if !file.columns.contains_key("stage") {
                return Err(Error::usage(format!("{} has no column of stages", file.table.file))
                    .hint("say which one it is: --map stage=COLUMN"));
            }
            for row in &file.table.rows {
                if self.is_of_pipeline(file.cell(row, "pipeline")) {
                    self.read_deal(file, row);
                }
            }
        }
        Ok(())
    }

    /// A folder is one pipeline.
    fn choose_pipeline(&mut self, sorted: &[Sorted<'_>]) -> Result<()> {
        let mut all: BTreeMap<&str, u64> = BTreeMap::new();
        for file in sorted.iter().filter(|file| file.rows == Rows::Deals) {
            for row in &file.table.rows {
                *all.entry(file.cell(row, "pipeline")).or_default() += 1;
            }
        }
        all.remove("");
        if let (Some(asked), true) = (&self.setting.mapping.pipeline, all.is_empty()) {
            return Err(Error::usage(format!(
                "these files name no pipelines, so that none can be `{asked}`"
            ))
            .hint("leave --pipeline out"));
        }
        let list = || {
            let each = all.iter().map(|(name, several)| format!("{name} ({several})"));
            each.collect::<Vec<_>>().join(", ")
        };
        match &self.setting.mapping.pipeline {
            Some(asked) => {
                let others: u64 = all
                    .iter()
                    .filter(|(name, _)| plain(name) != plain(asked))
                    .map(|(_, several)| several)
                    .sum();
                if !all.keys().any(|name| plain(name) == plain(asked)) {
                    return Err(Error::usage(format!("no {} is in a pipeline `{asked}`", self.crm.deal))
                        .hint(format!("pipelines are {}", list())));
                }
                if others > 0 {
                    self.notes.push(format!("{} of other pipelines left out", count(others, self.crm.deal)));
                }
                Ok(())
            }
            None if all.len() > 1 => Err(Error::usage(format!(
                "these {} are in {} pipelines, and a folder is one",
                plural(self.crm.deal),
                all.len()
            ))
            .hint(format!("name one with --pipeline, the others go into other folders: {}", list()))),
            None => Ok(()),
        }
    }

    fn is_of_pipeline(&self, name: &str) -> bool {
        self.pipeline.as_ref().is_none_or(|of| name.is_empty() || plain(name) == plain(of))
    }

    fn read_deal(&mut self, file: &Sorted<'_>, row: &Row) {
        let name = file.cell(row, "name");
        let id = file.cell(row, SOURCE_ID);
        let source_id = if id.is_empty() { name } else { id };
        if source_id.is_empty() {
            let problem =
                file.table.problem(row, format!("this {} has neither an id nor a name", self.crm.deal));
            self.problems.push(problem.help("export it with its id"));
            return;
        }
        let key = (self.crm.key)(source_id).to_owned();
        if self.places.contains_key(&key) {
            let help = if id.is_empty() {
                "export the id too: two deals may have one name".to_owned()
            } else {
                "leave one of the rows out".to_owned()
            };
            let message = format!("the {} `{source_id}` stands in an earlier row already", self.crm.deal);
            self.problems.push(file.table.problem(row, message).help(help));
            return;
        }
        let status = self.status(file, row);
        let word = file.cell(row, "stage");
        let Some(stands) = self.words.stage(file.table, row, word, status.hint()) else { return };
        let created = self.moment(file, row, "created");
        let mut deal = Incoming {
            source_id: source_id.to_owned(),
            stage: stands,
            cells: self.cells(file, row),
            created,
            since: self.moment(file, row, "since").or_else(|| self.moment(file, row, "closed")),
            modified: self.moment(file, row, "modified").map(|at| at.start(self.setting.process.zone)),
            deleted: self.says(file, row, "deleted") || status == Status::Deleted,
            steps: Vec::new(),
        };
        self.read_status(file, row, status, &mut deal);
        self.read_entered(file, row, &mut deal);
        self.settle_end(file, row, &mut deal);
        self.places.insert(key, self.deals.len());
        self.by_name.entry(name.to_lowercase()).or_default().push(self.deals.len());
        self.columns.push(stands);
        self.deals.push(deal);
    }

    /// What a row says of its end beside the stage.
    fn status(&mut self, file: &Sorted<'_>, row: &Row) -> Status {
        let (closed, won) = (self.says(file, row, "is_closed"), self.says(file, row, "is_won"));
        if won || closed {
            return Status::Flag(if won { Outcome::Won } else { Outcome::Lost });
        }
        let word = file.cell(row, "status");
        Status::named(word).unwrap_or_else(|| {
            // Taken for open, a deal that was won in another language would stay in the forecast.
            let problem = file.table.problem(row, format!("`{word}` is no status"));
            self.problems.push(problem.help(format!(
                "a status is open, won, lost or deleted: export it from {} in English",
                self.crm.name
            )));
            Status::Unsaid
        })
    }

    /// Whether a column says yes.
    pub(super) fn says(&mut self, file: &Sorted<'_>, row: &Row, ours: &str) -> bool {
        let text = file.cell(row, ours);
        yes(text).unwrap_or_else(|| {
            let theirs = file.columns.get(ours).map_or(ours, |column| &file.table.columns[*column]);
            let problem = file.table.problem(row, format!("{theirs}: `{text}` is neither true nor false"));
            self.problems.push(problem.help("write true or false"));
            false
        })
    }

    /// A deal whose status stands beside its stage ended from that stage.
    fn read_status(&mut self, file: &Sorted<'_>, row: &Row, status: Status, deal: &mut Incoming) {
        let (outcome, column) = match status {
            Status::Won => (Outcome::Won, "won_at"),
            Status::Lost => (Outcome::Lost, "lost_at"),
            Status::Open | Status::Deleted | Status::Unsaid | Status::Flag(_) => return,
        };
        let process = self.setting.process;
        let from = deal.stage;
        let Some((ended, _)) = process.outcome_stages(outcome).next() else {
            let message =
                format!("this {} is {}, and the process has no such stage", self.crm.deal, outcome.id());
            let id = outcome.id();
            self.problems.push(
                file.table
                    .problem(row, message)
                    .help(format!("add `- {{id: {id}, outcome: {id}}}` to `stages:`")),
            );
            return;
        };
        deal.stage = ended;
        let at = self.moment(file, row, column).or(deal.since);
        deal.since = at;
        if let Some(at) = at.filter(|_| process.is_open(from)) {
            let what = Happening::Ended { from, to: ended };
            deal.steps.push(Step { at: at.start(process.zone), by: String::new(), what });
        }
    }

    /// Stages whose first day stands in a column of its own.
    fn read_entered(&mut self, file: &Sorted<'_>, row: &Row, deal: &mut Incoming) {
        for (column, name) in file.table.columns.iter().enumerate() {
            let text = file.table.cell(row, column);
            if text.is_empty() {
                continue;
            }
            let Some((stage, pipeline)) = (self.crm.entered)(name) else { continue };
            if !pipeline.is_none_or(|pipeline| self.is_of_pipeline(&pipeline)) {
                continue;
            }
            let at = self.date(file.table, row, name, text);
            let to = self.words.stage(file.table, row, &stage, None);
            if let (Some(at), Some(to)) = (at, to) {
                let what = Happening::Stage { from: None, to };
                deal.steps.push(Step { at: at.start(self.setting.process.zone), by: String::new(), what });
            }
        }
    }

    /// The close date of a deal that has ended is when it did, where nothing says it better.
    fn settle_end(&mut self, file: &Sorted<'_>, row: &Row, deal: &mut Incoming) {
        let process = self.setting.process;
        if deal.since.is_none() && deal.steps.is_empty() && !process.is_open(deal.stage) {
            let day = self.moment(file, row, "close_date");
            deal.since = day.filter(|day| day.day(process.zone) <= self.setting.today);
        }
    }

    /// Our columns and what they hold.
    fn cells(&mut self, file: &Sorted<'_>, row: &Row) -> Vec<(String, String)> {
        let mut cells: BTreeMap<String, String> = BTreeMap::new();
        let process = self.setting.process;
        let mut written = None;
        for (ours, column) in &file.columns {
            let text = file.table.cell(row, *column);
            let cell = match ours.as_str() {
                "account_id" => match self.names.get((self.crm.key)(text)) {
                    Some(name) if !file.columns.contains_key("account") => {
                        cells.insert("account".to_owned(), name.clone());
                        continue;
                    }
                    _ => continue,
                },
                "owner" | "currency" => self.word(file.table, row, ours, text),
                "value" => match self.amount(file.table, row, text) {
                    Some((amount, unit)) => {
                        written = unit.map(|unit| (unit, text));
                        Some(amount)
                    }
                    None => None,
                },
                "close_date" => self.moment(file, row, ours).map(|at| at.day(process.zone).to_string()),
                "next_date" => self.moment(file, row, ours).map(Moment::cell),
                name if name != SOURCE_ID && Written::of(name).is_by_hand() && can_map(process, name) => {
                    self.other(file.table, row, name, text)
                }
                _ => continue,
            };
            cells.insert(ours.clone(), cell.unwrap_or_default());
        }
        let empty =
            |name: &str, cells: &BTreeMap<String, String>| cells.get(name).is_none_or(String::is_empty);
        if let Some((unit, text)) = written {
            let known = cells.get("currency").filter(|code| !code.is_empty());
            let of_deal = known.map_or(Some(process.currency), |code| Currency::named(code));
            match (unit.currency(), of_deal) {
                (Some(currency), _) if known.is_none() => {
                    cells.insert("currency".to_owned(), currency.code().to_owned());
                }
                (_, Some(of_deal)) if !unit.fits(of_deal) => {
                    let (deal, of_deal) = (self.crm.deal, of_deal.code());
                    let message = format!("`{text}` is not in {of_deal}, the currency of the {deal}");
                    let problem = file.table.problem(row, message);
                    self.problems.push(problem.help(unit.help()));
                }
                _ => {}
            }
        }
        if empty("name", &cells) {
            cells.insert("name".to_owned(), file.cell(row, SOURCE_ID).to_owned());
        }
        for field in process.fields.iter().filter(|field| field.required) {
            if empty(&field.id, &cells) {
                let problem =
                    file.table.problem(row, format!("{} is empty, and this process requires it", field.id));
                let mapped = shell::assignment(&field.id, "COLUMN");
                self.problems.push(problem.help(format!("fill it in, or name its column: --map {mapped}")));
            }
        }
        // A currency without a value says nothing.
        if empty("value", &cells) {
            cells.remove("currency");
        }
        cells.into_iter().collect()
    }

    /// A cell of a field of any type.
    fn other(&mut self, table: &Table, row: &Row, name: &str, text: &str) -> Option<String> {
        let process = self.setting.process;
        let kind = holds(process, name);
        let date = kind == Holds::Field(FieldType::Date);
        let cell = match (date, text.is_empty()) {
            (true, false) => self.date(table, row, name, text)?.cell(),
            (false, false) if kind.is_amount() => {
                let (amount, unit) = self.amount(table, row, text)?;
                // Only the value has a column for its currency.
                if unit.is_some_and(|unit| !unit.fits(process.currency)) {
                    let message = format!("{name}: `{text}` is not in {}", process.currency.code());
                    self.problems.push(table.problem(row, message).help("write the amount alone"));
                    return None;
                }
                amount
            }
            // Some write 65 for 65 %.
            _ if kind == Holds::Probability
                && numbers::read(text, Mark::Point).is_some_and(|read| read.amount > Decimal::ONE) =>
            {
                format!("{}%", text.trim())
            }
            _ => as_cell(process, &kind, self.setting.today, text),
        };
        match kind.check(process, &cell) {
            Ok(()) => Some(cell),
            Err(unfit) => {
                let problem = table.problem(row, format!("{name}: {}", unfit.message));
                self.problems.push(problem.help_if(unfit.help));
                None
            }
        }
    }

    /// An owner or a currency.
    pub(super) fn word(&mut self, table: &Table, row: &Row, ours: &str, text: &str) -> Option<String> {
        if ours == "currency" {
            return self.words.currency(table, row, text);
        }
        let name = self.names.get((self.crm.key)(text)).cloned();
        Some(self.words.owner(name.as_deref().unwrap_or(text)))
    }

    pub(super) fn amount<'t>(
        &mut self,
        table: &Table,
        row: &Row,
        text: &'t str,
    ) -> Option<(String, Option<Unit<'t>>)> {
        if text.is_empty() {
            return Some((String::new(), None));
        }
        let read = numbers::read(text, self.mark);
        if read.is_none() {
            let problem =
                table.problem(row, format!("`{text}` is no amount with a decimal {}", self.mark.word()));
            self.problems.push(problem.help("write digits, or say --decimal point or --decimal comma"));
        }
        let mapping = self.setting.mapping;
        read.map(|read| (read.amount.to_string(), read.unit.map(|unit| mapping.unit(unit))))
    }

    pub(super) fn moment(&mut self, file: &Sorted<'_>, row: &Row, ours: &str) -> Option<Moment> {
        let text = file.cell(row, ours);
        if text.is_empty() { None } else { self.date(file.table, row, ours, text) }
    }

    pub(super) fn history_zone(&self) -> Zone {
        match self.crm.history_clock {
            Clock::Utc => Zone::default(),
            Clock::Folder => self.setting.process.zone,
        }
    }

    pub(super) fn date(&mut self, table: &Table, row: &Row, name: &str, text: &str) -> Option<Moment> {
        self.date_in(table, row, (name, text), self.setting.process.zone)
    }

    pub(super) fn date_in(
        &mut self,
        table: &Table,
        row: &Row,
        (name, text): (&str, &str),
        zone: Zone,
    ) -> Option<Moment> {
        let read = dates::read(text, self.order, zone);
        if read.is_none() {
            let order = self.order.map_or("dmy or mdy", Order::word);
            let problem = table.problem(row, format!("{name}: `{text}` is no date with the order {order}"));
            let one_way = "every date has to be written in one way: mend it, or change --dates";
            self.problems.push(problem.help(if dates::is_count(text) { dates::COUNTED } else { one_way }));
        }
        read
    }

    pub(super) fn finish(mut self, sorted: &[Sorted<'_>]) -> Harvest {
        let future = |deal: &&Incoming| deal.steps.iter().any(|step| step.at > self.setting.now);
        let coming = self.deals.iter().filter(future).count() as u64;
        let (said, unknown) = self.words.finish(self.crm.deal);
        self.problems.extend(unknown);
        if coming > 0 {
            let deals = count(coming, self.crm.deal);
            let file = sorted.first().map_or("", |file| &file.table.file);
            let problem =
                Problem::error(file, None, format!("{deals} with a change that lies in the future"));
            self.problems.push(problem.help("look at --dates, and at `timezone` in pipeline.yaml"));
        }
        let mut columns = Vec::new();
        for file in sorted {
            for (ours, column) in file.columns.iter().filter(|(ours, _)| !ours.ends_with("_there")) {
                let theirs = file.table.columns[*column].clone();
                let (file, rows) = (file.table.file.clone(), file.table.rows.len() as u64);
                columns.push(Taken { file, theirs, ours: ours.clone(), rows });
            }
            let is_taken = |name: &&String| {
                let of = (self.crm.entered)(name);
                of.is_some_and(|(_, of)| of.is_none_or(|of| self.is_of_pipeline(&of)))
            };
            let entered = file.table.columns.iter().filter(is_taken);
            columns.extend(entered.map(|name| Taken {
                file: file.table.file.clone(),
                theirs: name.clone(),
                ours: "stage".to_owned(),
                rows: file.table.rows.len() as u64,
            }));
        }
        let mapping = self.used(sorted, &said);
        self.notes.extend(sorted.iter().flat_map(|file| file.table.notes()));
        let no_account = sorted.iter().any(|file| {
            file.columns.contains_key("account_id")
                && !file.columns.contains_key("account")
                && self.names.is_empty()
        });
        if no_account {
            self.notes.push(
                "accounts stand as ids alone: give the file of accounts too, to have their names".to_owned(),
            );
        }
        let (deals, notes, problems) = (self.deals, self.notes, self.problems);
        Harvest { deals, columns, words: said, notes, mapping, problems }
    }

    /// The mapping that says what was taken for what.
    fn used(&self, sorted: &[Sorted<'_>], said: &Said) -> Mapping {
        let mut mapping = self.setting.mapping.clone();
        for file in sorted.iter().filter(|file| file.rows == Rows::Deals) {
            for (ours, column) in &file.columns {
                if can_map(self.setting.process, ours) {
                    mapping.map.entry(ours.clone()).or_insert_with(|| file.table.columns[*column].clone());
                }
            }
        }
        mapping.take(said);
        mapping.dates = self.order.map(|order| order.word().to_owned());
        mapping.decimal = Some(self.mark.word().to_owned());
        mapping
    }
}

/// Whether a deal is open, as its source says beside the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Won,
    Lost,
    Deleted,
    /// The stage itself is the end.
    Flag(Outcome),
    Unsaid,
}

impl Status {
    pub(super) fn named(word: &str) -> Option<Status> {
        match word.trim().to_lowercase().as_str() {
            "" => Some(Status::Unsaid),
            "open" => Some(Status::Open),
            "won" => Some(Status::Won),
            "lost" => Some(Status::Lost),
            "deleted" => Some(Status::Deleted),
            _ => None,
        }
    }

    fn hint(self) -> Option<Outcome> {
        match self {
            Status::Flag(outcome) => Some(outcome),
            _ => None,
        }
    }
}
