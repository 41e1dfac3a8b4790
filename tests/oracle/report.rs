//! A question to a report and the oracle's answer, in the shape of `docs/json.md` and, for what is not there yet, of the
//! table in this folder's README.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::cells::{Cells, cells};
use crate::files::Folder;
use crate::forecast::Probability;
use crate::groups::{Group, groups};
use crate::terms::Term;
use crate::time::{Period, Unit, read_period};
use crate::view::{Moment, View};
use crate::{
    activity, backtest, bottlenecks, changes, cohorts, conversion, curve, forecast, funnel, losses, size,
    slippage, summary, time_in_stage, velocity, versus,
};

/// What is asked: `report NAME TERMS --period P --as-of DAY --by X,Y --vs Q`; the summary where there is no name.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) report: &'static str,
    pub(crate) today: NaiveDate,
    pub(crate) as_of: Option<NaiveDate>,
    pub(crate) period: Option<String>,
    pub(crate) by: Vec<String>,
    pub(crate) vs: Option<String>,
    pub(crate) terms: Vec<Term>,
    pub(crate) curve: bool,
    pub(crate) probability: Probability,
    /// `--backtest`, over so many periods.
    pub(crate) backtest: Option<usize>,
    /// `--idle`, in days.
    pub(crate) idle: Option<i64>,
}

pub(crate) const SUMMARY: &str = "summary";

impl Question {
    pub(crate) fn new(report: &'static str, today: &str) -> Question {
        let today = today.parse().unwrap();
        Question {
            report,
            today,
            as_of: None,
            period: None,
            by: Vec::new(),
            vs: None,
            terms: Vec::new(),
            curve: false,
            probability: Probability::Set,
            backtest: None,
            idle: None,
        }
    }

    /// The arguments of the program for this question, after `-C DIR`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--today".to_owned(), self.today.to_string(), "report".to_owned()];
        if self.report != SUMMARY {
            arguments.push(self.report.to_owned());
        }
        arguments.extend(self.terms.iter().map(Term::text));
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value]);
            }
        };
        option("--period", self.period.clone());
        option("--as-of", self.as_of.map(|day| day.to_string()));
        option("--by", (!self.by.is_empty()).then(|| self.by.join(",")));
        option("--vs", self.vs.clone());
        option("--idle", self.idle.map(|days| format!("{days}d")));
        option("--periods", self.backtest.map(|count| count.to_string()));
        option("-f", Some("json".to_owned()));
        if self.probability == Probability::History {
            option("--probability", Some("history".to_owned()));
        }
        let flags = [("--curve", self.curve), ("--backtest", self.backtest.is_some())];
        arguments.extend(flags.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()));
        arguments
    }

    /// The day that `t` is on.
    pub(crate) fn as_of_day(&self) -> NaiveDate {
        self.as_of.unwrap_or(self.today)
    }

    pub(crate) fn moment(&self) -> Moment {
        self.as_of.map_or(Moment::NoonOf(self.today), Moment::EndOf)
    }

    /// The period asked for, or the report's own where none is.
    pub(crate) fn period(&self, folder: &Folder) -> Period {
        let default = match self.report {
            "conversion" if self.curve => "730d",
            "forecast" => "this quarter",
            _ => "90d",
        };
        read_period(self.period.as_deref().unwrap_or(default), self.as_of_day(), folder.year_starts)
    }

    /// Whether it compares what cannot be compared: with a period that begins after its own, which at the same ripeness
    /// would be seen after `t`; or while its own has not begun.
    pub(crate) fn is_refused(&self, folder: &Folder) -> bool {
        let first = self.period(folder).first;
        self.other_period(folder).is_some_and(|other| other.first > first || first > self.as_of_day())
    }

    /// The period to compare with.
    pub(crate) fn other_period(&self, folder: &Folder) -> Option<Period> {
        let vs = self.vs.as_deref()?;
        let period = self.period(folder);
        Some(match vs {
            "previous" => period.previous(),
            text => read_period(text, self.as_of_day(), folder.year_starts),
        })
    }
}

/// A table of a report. Its rows begin with what they are grouped by.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) by: Vec<String>,
    pub(crate) total: Total,
    pub(crate) groups: Vec<Cells>,
}

/// What is over all deals: one row or several.
pub(crate) enum Total {
    None,
    Row(Cells),
    Rows(Vec<Cells>),
}

impl Total {
    fn json(&self) -> Value {
        match self {
            Total::None => Value::Null,
            Total::Row(row) => json!(row),
            Total::Rows(rows) => json!(rows),
        }
    }
}

/// The oracle's answer. Cells that are not to be compared are left out of it.
pub(crate) fn answer(folder: &Folder, question: &Question) -> Value {
    let period = question.period(folder);
    let view = View::new(folder, period, question.moment(), &question.terms);
    let days = |period: Period| json!({"first": period.first.to_string(), "last": period.last.to_string()});
    let mut report = Map::new();
    report.insert("report".to_owned(), json!(question.report));
    report.insert("period".to_owned(), days(period));
    report.insert("as_of_day".to_owned(), json!(question.as_of_day().to_string()));
    report.insert("currency".to_owned(), json!(folder.currency));
    let found = match question.other_period(folder) {
        None => sections(&view, question, &groups(&view, &question.by)),
        // These stand beside another period in any case.
        Some(_) if [SUMMARY, "bottlenecks"].contains(&question.report) => {
            sections(&view, question, &groups(&view, &question.by))
        }
        Some(other_period) => {
            let other = View::beside(folder, period, other_period, question.moment(), &question.terms);
            report.insert("before".to_owned(), json!({"period": days(other_period)}));
            compared(&view, &other, question)
        }
    };
    for section in found {
        let table = json!({"by": section.by, "total": section.total.json(), "groups": section.groups});
        report.insert(section.name.to_owned(), table);
    }
    let notes: Vec<Value> = cohorts::noted(&view)
        .into_iter()
        .map(|(code, deals)| json!({"code": code, "deals": deals}))
        .collect();
    report.insert("notes".to_owned(), json!(notes));
    Value::Object(report)
}

/// The tables of a view, and in each row the figures of the same row of the other view.
fn compared(view: &View, other: &View, question: &Question) -> Vec<Section> {
    let mut found = sections(view, question, &groups(view, &question.by));
    let others = sections(other, question, &groups(other, &question.by));
    for (section, beside) in found.iter_mut().zip(others) {
        let by = section.by.clone();
        match (&mut section.total, &beside.total) {
            (Total::Row(row), Total::Row(other)) => *row = versus::beside(Some(row), Some(other), &by),
            (Total::Rows(rows), Total::Rows(others)) => *rows = joined(rows, others, &by),
            _ => {}
        }
        section.groups = joined(&section.groups, &beside.groups, &by);
    }
    found
}

/// Each row beside the row of the same labels; what only the other has comes last.
fn joined(rows: &[Cells], others: &[Cells], by: &[String]) -> Vec<Cells> {
    let label = |row: &Cells| -> Vec<Value> {
        row.iter().filter(|(key, _)| versus::is_label(key, by)).map(|(_, cell)| cell.clone()).collect()
    };
    let same = |rows: &[Cells], one: &Cells| rows.iter().find(|row| label(row) == label(one)).cloned();
    let mut found: Vec<Cells> =
        rows.iter().map(|row| versus::beside(Some(row), same(others, row).as_ref(), by)).collect();
    let only_other = others.iter().filter(|other| same(rows, other).is_none());
    found.extend(only_other.map(|other| versus::beside(None, Some(other), by)));
    found
}

fn sections(view: &View, question: &Question, groups: &[Group]) -> Vec<Section> {
    let tables = Tables { view, by: &question.by, groups };
    match question.report {
        "conversion" if question.curve => vec![tables.rows("curve", curve::curve)],
        "conversion" => vec![
            tables.row("closed", conversion::closed),
            tables.row("created", conversion::created),
            tables.rows("stages", conversion::stages),
        ],
        "funnel" => vec![tables.rows("funnel", funnel::funnel)],
        "size" => vec![tables.row("size", size::size)],
        "velocity" => vec![
            tables.row("velocity", velocity::velocity),
            tables.row("cycle", velocity::cycle),
            tables.rows("sensitivity", velocity::sensitivity),
        ],
        "stages" => time_in_stage::sections(&tables),
        "bottlenecks" => bottlenecks::sections(&tables, question),
        "forecast" if question.backtest.is_some() => backtest::sections(view, question),
        "forecast" => forecast::sections(&tables, question),
        "changes" => vec![tables.rows("changes", changes::changes)],
        "slippage" => slippage::sections(&tables),
        "losses" => losses::sections(&tables),
        "activity" => vec![
            tables.row("activity", activity::activity),
            tables.row("idle_deals", |view, group| activity::idle(view, group, question.idle.unwrap_or(14))),
            tables.row("touches_per_win", activity::touches),
        ],
        SUMMARY => summary::sections(view, question),
        other => panic!("no such report: {other}"),
    }
}

/// Makes the tables of a view: the total is computed from the deals, never from the groups.
pub(crate) struct Tables<'a, 'b> {
    pub(crate) view: &'b View<'a>,
    pub(crate) by: &'b [String],
    pub(crate) groups: &'b [Group<'a>],
}

impl<'a, 'b> Tables<'a, 'b> {
    /// These tables, not split at all where they are split by time.
    pub(crate) fn without_time(&self) -> Tables<'a, 'b> {
        let is_split = self.by.iter().any(|field| Unit::from_name(field).is_some());
        let (by, groups) = if is_split { (&[][..], &[][..]) } else { (self.by, self.groups) };
        Tables { view: self.view, by, groups }
    }

    /// A table of one row a group.
    pub(crate) fn row(&self, name: &'static str, row: impl Fn(&View, &Group) -> Cells) -> Section {
        let total = Total::Row(row(self.view, &Group::of_all(self.view)));
        self.section(name, total, |group| vec![row(self.view, group)])
    }

    /// A table of several rows a group.
    pub(crate) fn rows(&self, name: &'static str, rows: impl Fn(&View, &Group) -> Vec<Cells>) -> Section {
        let total = Total::Rows(rows(self.view, &Group::of_all(self.view)));
        self.section(name, total, |group| rows(self.view, group))
    }

    /// A table over all deals, split by something of its own whatever the report is split by; `row` gives nothing where
    /// there is nothing.
    pub(crate) fn own(
        &self,
        table: &'static str,
        field: &str,
        names: &[String],
        total: Cells,
        row: impl Fn(&Group, &str) -> Option<Cells>,
    ) -> Section {
        let all = Group::of_all(self.view);
        let mut groups = Vec::new();
        for name in names {
            if let Some(mut row) = row(&all, name) {
                let mut cells = cells(vec![(field, json!(name))]);
                cells.append(&mut row);
                groups.push(cells);
            }
        }
        Section { name: table, by: vec![field.to_owned()], total: Total::Row(total), groups }
    }

    /// A list of deals.
    pub(crate) fn list(name: &'static str, rows: Vec<Cells>) -> Section {
        Section { name, by: Vec::new(), total: Total::Rows(rows), groups: Vec::new() }
    }

    fn section(&self, name: &'static str, total: Total, rows: impl Fn(&Group) -> Vec<Cells>) -> Section {
        let mut found = Vec::new();
        for group in self.groups {
            found.extend(rows(group).into_iter().map(|row| self.named(group, row)));
        }
        Section { name, by: self.by.to_vec(), total, groups: found }
    }

    /// A row with the names of its group before it; under `by_stage` where the row has a stage of its own.
    fn named(&self, group: &Group, mut row: Cells) -> Cells {
        let key = |field: &String| {
            if row.contains_key(field) { format!("by_{field}") } else { field.clone() }
        };
        let names = self.by.iter().map(key).zip(group.names.iter().map(|name| json!(name)));
        let mut cells: Cells = names.collect();
        cells.append(&mut row);
        cells
    }
}
