//! A question to a report and the oracle's answer, in the shape of `docs/json.md` and, for what is not there yet, of the
//! table in this folder's README.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::cells::{Cells, cells};
use crate::files::Folder;
use crate::forecast::Probability;
use crate::groups::{Group, groups};
use crate::terms::Term;
use crate::time::{Period, read_period};
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

    /// The period to compare with.
    fn other_period(&self, folder: &Folder) -> Option<Period> {
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

/// What is over all deals: one row, several, or nothing.
pub(crate) enum Total {
    Row(Cells),
    Rows(Vec<Cells>),
    None,
}

impl Total {
    fn json(&self) -> Value {
        match self {
            Total::Row(row) => json!(row),
            Total::Rows(rows) => json!(rows),
            Total::None => Value::Null,
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
        Some(other_period) => {
            let other = View::beside(folder, period, other_period, question.moment(), &question.terms);
            report.insert("vs".to_owned(), days(other_period));
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

/// The sections of a view, with the groups of both views; and in each row the other view's figures.
fn compared(view: &View, other: &View, question: &Question) -> Vec<Section> {
    let mut these = groups(view, &question.by);
    let mut others = groups(other, &question.by);
    let missing = |from: &[Group], than: &[Group]| -> Vec<Vec<String>> {
        let names = from.iter().map(|group| group.names.clone());
        names.filter(|names| !than.iter().any(|group| group.names == *names)).collect()
    };
    let empty = |names| Group { names, deals: Vec::new(), unit: None };
    let (only_other, only_this) = (missing(&others, &these), missing(&these, &others));
    these.extend(only_other.into_iter().map(empty));
    others.extend(only_this.into_iter().map(empty));
    let mut found = sections(view, question, &these);
    for (section, beside) in found.iter_mut().zip(sections(other, question, &others)) {
        let by = section.by.clone();
        match (&mut section.total, &beside.total) {
            (Total::Row(row), Total::Row(other)) => *row = versus::beside(row, other, &by),
            (Total::Rows(rows), Total::Rows(others)) => join(rows, others, &by),
            _ => {}
        }
        join(&mut section.groups, &beside.groups, &by);
    }
    found
}

/// Each row beside the row of the same labels. One that has no such row says nothing of the other period here.
fn join(rows: &mut [Cells], others: &[Cells], by: &[String]) {
    let label = |row: &Cells| -> Vec<Value> {
        let is_label = |key: &str| versus::LABELS.contains(&key) || by.iter().any(|field| field == key);
        row.iter().filter(|(key, _)| is_label(key)).map(|(_, cell)| cell.clone()).collect()
    };
    for row in rows {
        if let Some(other) = others.iter().find(|other| label(other) == label(row)) {
            *row = versus::beside(row, other, by);
        }
    }
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
        "stages" => vec![tables.rows("stages", time_in_stage::stages)],
        "bottlenecks" => bottleneck_sections(view, question),
        "forecast" => {
            let mut found = forecast::sections(&tables, question);
            if let Some(count) = question.backtest {
                found.extend(backtest::sections(view, question, count));
            }
            found
        }
        "changes" => vec![tables.rows("changes", changes::changes)],
        "slippage" => slippage::sections(&tables),
        "losses" => losses::sections(&tables),
        "activity" => {
            let days = question.idle.unwrap_or(14);
            vec![
                tables.row("activity", activity::activity),
                tables.row("idle", |view, group| activity::idle(view, group, days)),
                tables.row("touches", activity::touches),
            ]
        }
        SUMMARY => summary::sections(view, question),
        other => panic!("no such report: {other}"),
    }
}

fn bottleneck_sections(view: &View, question: &Question) -> Vec<Section> {
    let before = view.before(question.moment(), &question.terms);
    let found = bottlenecks::bottlenecks(view, &before, &Group::of_all(view));
    let table = |name, rows| Section { name, by: Vec::new(), total: Total::Rows(rows), groups: Vec::new() };
    vec![
        table("bottlenecks", bottlenecks::table(view, &found)),
        table("act_on", bottlenecks::to_act_on(view, &found)),
    ]
}

/// Makes the tables of a view: the total is computed from the deals, never from the groups.
pub(crate) struct Tables<'a, 'b> {
    pub(crate) view: &'b View<'a>,
    pub(crate) by: &'b [String],
    pub(crate) groups: &'b [Group<'a>],
}

impl Tables<'_, '_> {
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

    /// A table that is split by something of its own too: a row a group for each of the names. The total is over all.
    pub(crate) fn split(
        &self,
        table: &'static str,
        field: &str,
        names: &[String],
        row: impl Fn(&Group, Option<&str>) -> Cells,
    ) -> Section {
        let all = Group::of_all(self.view);
        let total = Total::Row(row(&all, None));
        let groups = if self.by.is_empty() { std::slice::from_ref(&all) } else { self.groups };
        let mut found = Vec::new();
        for group in groups {
            for name in names {
                let mut cells = cells(vec![(field, json!(name))]);
                cells.append(&mut row(group, Some(name)));
                found.push(self.named(group, cells));
            }
        }
        Section { name: table, by: [self.by, &[field.to_owned()]].concat(), total, groups: found }
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
