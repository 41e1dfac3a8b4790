//! Checks the tree of a file against the JSON Schema of `pipeline.yaml`: as much of JSON Schema as that one uses.

use std::sync::LazyLock;

use serde_json::Value;

use crate::yaml::{Data, Node, Style};
use crate::yaml::{Problems, Span};

/// The JSON Schema of `pipeline.yaml` as text, for editors.
pub fn schema_text() -> &'static str {
    include_str!("schema.json")
}

/// The same as a tree.
#[expect(
    clippy::expect_used,
    reason = "a test holds the text against what the schema generator makes of the types"
)]
pub(super) static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(schema_text()).expect("the schema is JSON"));

/// Notes every place where the file departs from the schema.
pub(super) fn check(root: &Node, found: &mut Problems<'_>) {
    let schema = &*SCHEMA;
    Checker { schema, found }.node(root, &root.span, "the file", schema);
}

struct Checker<'s, 'f, 't> {
    schema: &'s Value,
    found: &'f mut Problems<'t>,
}

impl<'s> Checker<'s, '_, '_> {
    /// Checks a node that people know as `label`; `above` is its key, for what has no place of its own.
    fn node(&mut self, node: &Node, above: &Span, label: &str, schema: &'s Value) {
        if matches!(node.data, Data::Broken) {
            return;
        }
        let choices = self.choices(schema);
        match choices.iter().find(|choice| accepts(choice, node)) {
            Some(choice) => self.inside(node, label, choice),
            None => self.refuse(node, above, label, schema, &choices),
        }
    }

    /// The alternatives that a schema leaves, references followed.
    fn choices(&self, schema: &'s Value) -> Vec<&'s Value> {
        if let Some(pointer) = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
            return self.schema.pointer(pointer).map(|target| self.choices(target)).unwrap_or_default();
        }
        match schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            Some(parts) => parts.iter().flat_map(|part| self.choices(part)).collect(),
            None => vec![schema],
        }
    }

    fn inside(&mut self, node: &Node, label: &str, schema: &'s Value) {
        for item in node.items() {
            self.node(item, &item.span, &format!("an entry of {label}"), &schema["items"]);
        }
        let known = schema["properties"].as_object();
        for (key, value) in node.entries() {
            let further = &schema["additionalProperties"];
            let expected =
                known.and_then(|known| known.get(&key.text)).or(further.is_object().then_some(further));
            if let Some(expected) = expected {
                self.node(value, &key.span, &format!("`{}`", key.text), expected);
            } else {
                let known = known.iter().flat_map(|known| known.keys()).map(String::as_str);
                let message = format!("{label} has no key `{}`", key.text);
                let problem = self.found.error(&key.span, message);
                // No key has a blank in it: this one is what a comma cut off from the text before it.
                if value.is_null() && key.text.contains(' ') {
                    problem.help("a text with a comma in it needs quotes inside braces: {en: \"One, two\"}");
                } else {
                    problem.suggest(&key.text, known);
                }
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for key in required.filter(|key| matches!(node.data, Data::Map(_)) && node.key(key).is_none()) {
            let problem = self.found.error(&node.span, format!("{label} needs `{key}`"));
            problem.help_if(described(&schema["properties"][key]));
        }
    }

    fn refuse(&mut self, node: &Node, above: &Span, label: &str, schema: &Value, choices: &[&Value]) {
        let allowed: Vec<&str> = choices.iter().flat_map(|choice| words(choice)).collect();
        if let (Some(text), false) = (node.text(), allowed.is_empty()) {
            self.found.error(&node.span, format!("{label} cannot be `{text}`")).suggest(text, allowed);
            return;
        }
        let place = if node.text().is_some() { &node.span } else { above };
        let message = format!("{label} must be {}, not {}", wanted(choices), kind(node));
        let problem = self.found.error(place, message);
        problem.help_if(match node.text() {
            Some(text) if wanted(choices) == "a list" => Some(format!("put it in brackets: `[{text}]`")),
            _ => described(schema),
        });
    }
}

/// What a schema says to people.
fn described(schema: &Value) -> Option<String> {
    schema["description"].as_str().map(|text| text.replace('\n', " "))
}

/// What one of the alternatives would take, in words.
fn wanted(choices: &[&Value]) -> String {
    let allowed: Vec<&str> = choices.iter().flat_map(|choice| words(choice)).collect();
    if !allowed.is_empty() {
        return format!("one of {}", allowed.join(", "));
    }
    let name = |schema: &&Value| {
        let has = |wanted: &str| types(schema).any(|name| name == wanted);
        // A text may be a number or true or false, which need no mention beside it.
        match () {
            () if has("string") => Some("a text"),
            () if has("object") => Some("a map of keys and values"),
            () if has("array") => Some("a list"),
            () if has("boolean") => Some("true or false"),
            () if has("integer") && schema["minimum"] == 0 => Some("a whole number from 0"),
            () if has("integer") => Some("a whole number"),
            () => None,
        }
    };
    choices.iter().filter_map(name).collect::<Vec<_>>().join(" or ")
}

/// Whether a schema without alternatives takes this kind of node.
fn accepts(schema: &Value, node: &Node) -> bool {
    if words(schema).next().is_some() {
        return node.text().is_some_and(|text| words(schema).any(|word| word == text));
    }
    types(schema).any(|name| match (name, &node.data) {
        ("object", Data::Map(_)) | ("array", Data::List(_)) => true,
        ("null", _) => node.is_null(),
        ("string", _) => node.text().is_some(),
        ("boolean", Data::Scalar { text, style: Style::Plain }) => text == "true" || text == "false",
        ("integer", Data::Scalar { text, style: Style::Plain }) => text
            .parse::<i64>()
            .is_ok_and(|number| schema["minimum"].as_i64().is_none_or(|least| least <= number)),
        _ => false,
    })
}

/// The words of a schema that only allows some.
fn words(schema: &Value) -> impl Iterator<Item = &str> {
    schema["enum"].as_array().into_iter().flatten().chain(schema.get("const")).filter_map(Value::as_str)
}

fn types(schema: &Value) -> impl Iterator<Item = &str> {
    let named = &schema["type"];
    named.as_array().into_iter().flatten().chain(std::iter::once(named)).filter_map(Value::as_str)
}

fn kind(node: &Node) -> String {
    match (&node.data, node.text()) {
        (_, Some(text)) => format!("`{text}`"),
        (Data::List(_), _) => "a list".to_owned(),
        (Data::Map(_), _) => "a map".to_owned(),
        _ => "empty".to_owned(),
    }
}
