//! The JSON Schema of what `report -f json` prints, beside the code that prints it. The tables and their columns are those
//! of the reports themselves; what each figure means is what `--explain` says.

use serde_json::{Map, Value, json};

use crate::metrics::explain::{explained, meaning};
use crate::metrics::figures::{Column, Figures, Kind, Role, Section, Shape};
use crate::metrics::outline::outlines;
use crate::metrics::{REPORTS, Report};
use crate::process::Lang;

/// The schema, as text: a report is one of those that there are, each with tables and columns of its own.
pub fn report_schema() -> String {
    let mut forms = forms();
    for report in REPORTS {
        forms.extend(of_report(report));
    }
    let reports: Vec<Value> = REPORTS.iter().map(|report| refer(report.name)).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `pipeline report -f json` prints",
        "description": "With --ids, which asks for no figures, another thing is printed.",
        "oneOf": reports,
        "$defs": forms,
    });
    format!("{schema:#}\n")
}

/// A report, and the rows of each of its tables.
fn of_report(report: &Report) -> Map<String, Value> {
    let outlines = outlines(report);
    let explained = explained(Vec::new());
    let mut forms = Map::new();
    let mut keys = frame(report);
    let mut needed: Vec<String> = keys.keys().cloned().collect();
    needed.retain(|key| key != "before");
    for section in widest(outlines.iter().flat_map(|figures| &figures.sections).chain([&explained])) {
        let name = format!("{}_{}", report.name, section.key);
        keys.insert(section.key.to_owned(), table(section, &name));
        forms.insert(name, row(report, section));
    }
    let mut whole: Vec<Value> = least(&outlines).into_iter().map(|keys| json!({"required": keys})).collect();
    whole.push(refer("one_table"));
    let form = json!({
        "description": format!("`report {}`: {}", report.name, report.about),
        "type": "object",
        "required": needed,
        "properties": keys,
        "additionalProperties": false,
        "anyOf": whole,
    });
    forms.insert(report.name.to_owned(), form);
    forms
}

/// What every report begins and ends with.
fn frame(report: &Report) -> Map<String, Value> {
    entries(json!({
        "report": {"const": report.name},
        "period": refer("period"),
        "as_of": instant("The instant that everything is seen from"),
        "as_of_day": day("Its day in the pipeline's time zone"),
        "currency": currency(),
        "before": refer("before"),
        "notes": {"type": "array", "items": refer("note")},
    }))
}

/// Each table once, as it is with the most columns: those of another period among them.
fn widest<'a>(sections: impl Iterator<Item = &'a Section>) -> Vec<&'a Section> {
    let mut tables: Vec<&Section> = Vec::new();
    for section in sections {
        match tables.iter_mut().find(|table| table.key == section.key) {
            Some(table) if table.columns.len() < section.columns.len() => *table = section,
            Some(_) => {}
            None => tables.push(section),
        }
    }
    tables
}

/// The tables that are there at least, in each of the ways to ask that have others in common.
fn least(outlines: &[Figures]) -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&str>> =
        outlines.iter().map(|figures| figures.sections.iter().map(|section| section.key).collect()).collect();
    sets.sort_by_key(Vec::len);
    let mut least: Vec<Vec<&str>> = Vec::new();
    for set in sets {
        if !least.iter().any(|smaller| smaller.iter().all(|key| set.contains(key))) {
            least.push(set);
        }
    }
    least
}

/// A table: what is over all deals, and the rows of groups, which begin with what they are groups of.
fn table(section: &Section, name: &str) -> Value {
    let of_all = json!({"$ref": place(name), "unevaluatedProperties": false});
    let total = match section.shape {
        Shape::Record => json!({"anyOf": [of_all, {"type": "null"}]}),
        Shape::List | Shape::Top(_) | Shape::Pages => json!({"type": "array", "items": of_all}),
    };
    let grouped = json!({"$ref": place(name), "unevaluatedProperties": {"type": ["string", "null"]}});
    object(json!({
        "by": {"type": "array", "items": {"type": "string"}, "description": "What the groups are groups of"},
        "total": total,
        "groups": {"type": "array", "items": grouped},
    }))
}

/// A row of a table; the columns of another period are there where figures stand beside it.
fn row(report: &Report, section: &Section) -> Value {
    let cell = |column: &Column| {
        let mut cell = refer(form(column.kind));
        let about = match column.role {
            Role::Plain | Role::Given => {
                meaning(report.name, section.key, &column.key).map(|meaning| meaning.means(Lang::En))
            }
            Role::Before => Some("The figure before it, in the other period."),
            Role::Change => Some("What that figure changed by since the other period."),
        };
        if let Some(about) = about {
            cell["description"] = about.into();
        }
        (column.key.to_string(), cell)
    };
    let own = section.columns.iter().filter(|column| matches!(column.role, Role::Plain | Role::Given));
    let own: Vec<&str> = own.map(|column| &*column.key).collect();
    let cells: Map<String, Value> = section.columns.iter().map(cell).collect();
    json!({"type": "object", "required": own, "properties": cells})
}

/// What the form of the cells of a column is called.
fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Sentence | Kind::Command => "text",
        Kind::Count => "count",
        Kind::Number => "number",
        Kind::Rate => "rate",
        Kind::Share => "share",
        Kind::Estimate => "estimate",
        Kind::Amount => "amount",
        Kind::Money | Kind::Total => "money",
        Kind::Age => "age",
        Kind::Days => "days",
        Kind::Average => "average",
        Kind::Date => "date",
        Kind::Flag => "flag",
    }
}

/// The forms of cells, each of which may be `null` where there is nothing to show, and of what frames a report.
fn forms() -> Map<String, Value> {
    let share = json!({"type": ["number", "null"], "minimum": 0, "maximum": 1});
    let number = json!({"type": ["number", "null"]});
    let over = json!({"type": ["integer", "null"], "minimum": 0, "description": "Over how many"});
    entries(json!({
        "period": object(json!({
            "name": {"type": "string", "description": "The period as it was asked for"},
            "first": day("Its first day"),
            "last": day("Its last day"),
        })),
        "before": object(json!({
            "period": refer("period"),
            "as_of": instant("The instant that the other period is seen from"),
            "as_of_day": day("Its day in the pipeline's time zone"),
        })),
        "note": object(json!({
            "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "Stable, for scripts"},
            "text": {"type": "string", "description": "A sentence for people"},
            "deals": {"type": ["integer", "null"], "minimum": 0, "description": "How many deals it is about"},
        })),
        "one_table": {
            "description": "With --section, one table alone stands in the frame.",
            "if": {"required": ["before"]},
            "then": {"minProperties": 8, "maxProperties": 8},
            "else": {"minProperties": 7, "maxProperties": 7},
        },
        "text": {"type": ["string", "null"]},
        "count": {"type": ["integer", "null"]},
        "number": {
            "type": ["number", "string", "null"], "pattern": DECIMAL,
            "description": "In text where a number would not be exact",
        },
        "rate": cell(json!({
            "value": share,
            "count": {"type": "integer", "minimum": 0, "description": "So many deals"},
            "of": {"type": "integer", "minimum": 0, "description": "Of so many"},
            "low": share,
            "high": share,
        }), "A share of deals with its 95 % Wilson score interval; of no deals none"),
        "share": number,
        "estimate": cell(
            json!({"value": number, "low": number, "high": number}),
            "An estimated share, or a change of a rate in share points, with its 95 % interval where it has one",
        ),
        "amount": cell(json!({"amount": decimal(), "currency": currency()}), "An amount"),
        "money": cell(
            json!({"amount": decimal(), "currency": currency(), "n": over}),
            "An amount over deals: a sum, a mean, a quantile",
        ),
        "age": {"type": ["number", "null"], "description": "Days"},
        "days": cell(json!({"days": number, "n": over}), "Days over deals or stays: a mean, a quantile"),
        "average": cell(json!({"value": number, "n": over}), "A mean or a median of whole numbers of things"),
        "date": {"type": ["string", "null"], "format": "date", "pattern": DAY},
        "flag": {"type": ["boolean", "null"]},
    }))
}

const DECIMAL: &str = "^-?[0-9]+(\\.[0-9]+)?$";
const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// An object of exactly these keys.
fn object(properties: Value) -> Value {
    let properties = entries(properties);
    let keys: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": keys, "properties": properties, "additionalProperties": false})
}

/// A cell of several parts.
fn cell(properties: Value, about: &str) -> Value {
    let mut cell = object(properties);
    cell["type"] = json!(["object", "null"]);
    cell["description"] = about.into();
    cell
}

fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn refer(name: &str) -> Value {
    json!({"$ref": place(name)})
}

fn place(name: &str) -> String {
    format!("#/$defs/{name}")
}

fn day(about: &str) -> Value {
    json!({"type": "string", "format": "date", "pattern": DAY, "description": about})
}

fn instant(about: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": about})
}

fn decimal() -> Value {
    json!({
        "type": ["string", "null"], "pattern": DECIMAL,
        "description": "An exact decimal number, in text so that no reader rounds it",
    })
}

fn currency() -> Value {
    json!({"type": "string", "pattern": "^[A-Z]{3}$", "description": "Its ISO 4217 code"})
}
