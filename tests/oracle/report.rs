//! A question to a report and the oracle's answer, in the shape of `docs/json.md`.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use crate::figures::{self, Cells};
use crate::files::Folder;
use crate::groups::{Group, groups};
use crate::time::read_period;
use crate::view::{Moment, View};

/// What is asked: `report NAME TERMS --period P --as-of DAY --by X`; the summary where there is no name.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) report: &'static str,
    pub(crate) today: NaiveDate,
    pub(crate) as_of: Option<NaiveDate>,
    pub(crate) period: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) terms: Vec<(String, String)>,
}

pub(crate) const SUMMARY: &str = "summary";

impl Question {
    pub(crate) fn new(report: &'static str, today: &str) -> Question {
        let today = today.parse().unwrap();
        Question { report, today, as_of: None, period: None, by: None, terms: Vec::new() }
    }

    /// The arguments of the program for this question, after `-C DIR`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--today".to_owned(), self.today.to_string(), "report".to_owned()];
        if self.report != SUMMARY {
            arguments.push(self.report.to_owned());
        }
        arguments.extend(self.terms.iter().map(|(field, value)| format!("{field}={value}")));
        let mut option = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value]);
            }
        };
        option("--period", self.period.clone());
        option("--as-of", self.as_of.map(|day| day.to_string()));
        option("--by", self.by.clone());
        option("-f", Some("json".to_owned()));
        arguments
    }
}

/// The oracle's answer. Cells that are not to be compared are left out of it.
pub(crate) fn answer(folder: &Folder, question: &Question) -> Value {
    let today = question.as_of.unwrap_or(question.today);
    let moment = question.as_of.map_or(Moment::NoonOf(question.today), Moment::EndOf);
    let period = read_period(question.period.as_deref().unwrap_or("90d"), today);
    let view = View::new(folder, period, moment, &question.terms);
    let by = question.by.as_deref();
    let mut report = Map::new();
    report.insert("report".to_owned(), json!(question.report));
    report.insert(
        "period".to_owned(),
        json!({"first": period.first.to_string(), "last": period.last.to_string()}),
    );
    report.insert("as_of_day".to_owned(), json!(today.to_string()));
    report.insert("currency".to_owned(), json!(folder.currency));
    let mut add = |name: &str, section: Value| report.insert(name.to_owned(), section);
    match question.report {
        "conversion" => {
            add("closed", of_one_row(&view, by, figures::closed));
            add("created", of_one_row(&view, by, figures::created));
            add("stages", of_rows(&view, by, figures::stages));
        }
        "funnel" => {
            add("funnel", of_rows(&view, by, figures::funnel));
        }
        "size" => {
            add("size", of_one_row(&view, by, figures::size));
        }
        "velocity" => {
            add("velocity", of_one_row(&view, by, figures::velocity));
            add("cycle", of_one_row(&view, by, figures::cycle));
            add("sensitivity", of_rows(&view, by, figures::sensitivity));
        }
        SUMMARY => {
            let (total, groups) = figures::open_by_stage(&view);
            add("open", json!({"by": ["stage"], "total": total, "groups": groups}));
            let before = View::of_period_before(folder, period, moment, &question.terms);
            let mut both = figures::summary_figures(&view);
            let of_before = figures::summary_figures(&before);
            both.extend(of_before.into_iter().map(|(key, cell)| (format!("{key}_before"), cell)));
            add("figures", json!({"by": [], "total": both, "groups": []}));
        }
        other => panic!("no such report: {other}"),
    }
    let notes: Vec<Value> = figures::noted(&view)
        .into_iter()
        .map(|(code, deals)| json!({"code": code, "deals": deals}))
        .collect();
    report.insert("notes".to_owned(), json!(notes));
    Value::Object(report)
}

fn of_one_row(view: &View, by: Option<&str>, row: fn(&View, &Group) -> Cells) -> Value {
    section(view, by, &json!(row(view, &Group::of_all(view))), &|group| vec![row(view, group)])
}

fn of_rows(view: &View, by: Option<&str>, rows: fn(&View, &Group) -> Vec<Cells>) -> Value {
    section(view, by, &json!(rows(view, &Group::of_all(view))), &|group| rows(view, group))
}

/// The total is computed from the deals; then the rows of each group, each beginning with the group's name.
fn section(view: &View, by: Option<&str>, total: &Value, rows: &dyn Fn(&Group) -> Vec<Cells>) -> Value {
    let mut found: Vec<Value> = Vec::new();
    if let Some(by) = by {
        for group in groups(view, by) {
            for mut row in rows(&group) {
                let mut cells = Cells::new();
                cells.insert(by.to_owned(), json!(group.name));
                cells.append(&mut row);
                found.push(json!(cells));
            }
        }
    }
    json!({"by": by.into_iter().collect::<Vec<_>>(), "total": total, "groups": found})
}
