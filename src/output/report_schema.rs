//! The JSON Schema of what `report -f json` prints, beside the code that prints it: the frame, the form of each kind of
//! cell, and of each figure what it means.

use serde_json::{Map, Value, json};

use crate::metrics::REPORTS;
use crate::metrics::meanings::MEANINGS;

/// The schema, as text.
pub fn report_schema() -> String {
    format!("{:#}\n", schema())
}

fn schema() -> Value {
    let names: Vec<&str> = REPORTS.iter().map(|report| report.name).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `pipeline report -f json` prints",
        "type": "object",
        "required": ["report", "period", "as_of", "as_of_day", "currency", "notes"],
        "properties": fixed(&names, tables()),
        "additionalProperties": {"$ref": "#/$defs/table"},
        "$defs": {
            "period": object(&json!({
                "name": {"type": "string", "description": "The period as it was asked for"},
                "first": day("Its first day"),
                "last": day("Its last day"),
            })),
            "before": object(&json!({
                "period": {"$ref": "#/$defs/period"},
                "as_of": instant("The instant that the other period is seen from"),
                "as_of_day": day("Its day in the pipeline's time zone"),
            })),
            "note": object(&json!({
                "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "Stable, for scripts"},
                "text": {"type": "string"},
                "deals": {"type": ["integer", "null"], "minimum": 0, "description": "How many deals it is about"},
            })),
            "table": table(&json!({"$ref": "#/$defs/row"})),
            "row": {"type": "object", "additionalProperties": {"$ref": "#/$defs/cell"}},
            "cell": {"anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "items": {"type": "string"}},
                {"$ref": "#/$defs/rate"},
                {"$ref": "#/$defs/estimate"},
                {"$ref": "#/$defs/money"},
                {"$ref": "#/$defs/amount"},
                {"$ref": "#/$defs/days"},
                {"$ref": "#/$defs/average"},
            ]},
            "rate": object(&json!({
                "value": share(),
                "count": count("How many deals"),
                "of": count("Of how many"),
                "low": share(),
                "high": share(),
            })),
            "estimate": object(&json!({
                "value": {"type": ["number", "null"]},
                "low": {"type": ["number", "null"]},
                "high": {"type": ["number", "null"]},
            })),
            "money": object(&json!({
                "amount": decimal(),
                "currency": currency(),
                "n": {"type": ["integer", "null"], "minimum": 0, "description": "Over how many deals"},
            })),
            "amount": object(&json!({"amount": decimal(), "currency": currency()})),
            "days": object(&json!({
                "days": {"type": ["number", "null"]},
                "n": {"type": ["integer", "null"], "minimum": 0},
            })),
            "average": object(&json!({"value": {"type": ["number", "null"]}, "n": count("Over how many deals")})),
        },
    })
}

/// The keys of every report, and the tables whose figures have a meaning.
fn fixed(names: &[&str], tables: Map<String, Value>) -> Value {
    let mut keys = Map::new();
    keys.insert("report".to_owned(), json!({"enum": names}));
    keys.insert("period".to_owned(), json!({"$ref": "#/$defs/period"}));
    keys.insert("as_of".to_owned(), instant("The instant from which everything is seen"));
    keys.insert("as_of_day".to_owned(), day("Its day in the pipeline's time zone"));
    keys.insert("currency".to_owned(), currency());
    keys.insert("before".to_owned(), json!({"$ref": "#/$defs/before"}));
    keys.insert("notes".to_owned(), json!({"type": "array", "items": {"$ref": "#/$defs/note"}}));
    keys.extend(tables);
    Value::Object(keys)
}

/// Each table that has figures with a meaning, and what they mean.
fn tables() -> Map<String, Value> {
    let mut rows: Map<String, Value> = Map::new();
    for meaning in MEANINGS {
        for place in meaning.places {
            let row = rows.entry(*place).or_insert_with(|| json!({}));
            // The first that fits is the one that `--explain` shows.
            if row.get(meaning.figure).is_none() {
                row[meaning.figure] = json!({"description": meaning.means, "$ref": "#/$defs/cell"});
            }
        }
    }
    let of = |(key, figures): (String, Value)| {
        let row = json!({
            "type": "object", "properties": figures, "additionalProperties": {"$ref": "#/$defs/cell"},
        });
        (key, table(&row))
    };
    rows.into_iter().map(of).collect()
}

/// A table of rows of a form: what is over all deals, and the groups.
fn table(row: &Value) -> Value {
    object(&json!({
        "by": {"type": "array", "items": {"type": "string"}, "description": "What the groups are groups of"},
        "total": {
            "anyOf": [row, {"type": "array", "items": row}, {"type": "null"}],
            "description": "Over all deals: one row of figures, or a list",
        },
        "groups": {"type": "array", "items": row},
    }))
}

/// An object of exactly these keys.
fn object(properties: &Value) -> Value {
    let keys: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
    json!({"type": "object", "required": keys, "properties": properties, "additionalProperties": false})
}

fn day(about: &str) -> Value {
    json!({"type": "string", "format": "date", "description": about})
}

fn instant(about: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": about})
}

fn count(about: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": about})
}

fn share() -> Value {
    json!({"type": ["number", "null"], "minimum": 0, "maximum": 1})
}

fn decimal() -> Value {
    json!({
        "type": ["string", "null"], "pattern": "^-?[0-9]+(\\.[0-9]+)?$",
        "description": "An exact decimal number, in text so that no reader rounds it",
    })
}

fn currency() -> Value {
    json!({"type": "string", "pattern": "^[A-Z]{3}$", "description": "Its ISO 4217 code"})
}
