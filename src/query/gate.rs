//! The terms of gates: which of them a deal fails, and what would make them hold.

use rustc_hash::FxHashMap;

use super::matching::{Node, Want};
use super::sight::{Deal, Sight};
use super::{Query, Subject, Value};
use crate::deal::columns::WITH_MOVES;
use crate::deal::past::Past;
use crate::grammar;

/// The terms that a deal must meet before it may come into a stage.
#[derive(Clone, Debug)]
pub struct Conditions<'s> {
    sight: &'s Sight<'s>,
    terms: Vec<(String, Query)>,
    /// What history tells of the deals; empty where no term asks for it.
    pasts: FxHashMap<String, Past>,
}

impl<'s> Conditions<'s> {
    pub(super) fn new(sight: &'s Sight<'s>, terms: Vec<(String, Query)>) -> Conditions<'s> {
        Conditions { sight, terms, pasts: FxHashMap::default() }
    }

    /// The same terms, with what history tells of the deals by their ids.
    #[must_use]
    pub fn with(self, pasts: FxHashMap<String, Past>) -> Conditions<'s> {
        Conditions { pasts, ..self }
    }

    /// Whether a term asks for what only history tells.
    pub fn needs_past(&self) -> bool {
        self.terms.iter().any(|(_, query)| self.sight.needs_past(&query.fields()))
    }

    /// What history tells of a deal.
    pub fn past(&self, deal: &str) -> Past {
        self.pasts.get(deal).copied().unwrap_or_default()
    }

    /// The name of a field, by its index in the dictionary.
    pub fn field(&self, field: usize) -> &str {
        self.sight.dictionary().fields.get(field).map_or("", |field| &field.name)
    }

    /// The terms that a deal fails, each with what would make it hold.
    pub fn failed(&self, deal: &impl Deal) -> Vec<String> {
        let seen = self.sight.of(deal);
        let failed = self.terms.iter().filter(|(_, query)| !query.matches(&seen));
        failed.map(|(text, query)| format!("`{text}` does not hold: {}", self.remedy(query, deal))).collect()
    }

    fn remedy(&self, query: &Query, deal: &impl Deal) -> String {
        if let Some(assignment) = self.assignment(query) {
            return format!("add {assignment}");
        }
        let fields = query.fields();
        let stand: Vec<String> = fields.iter().map(|field| self.stands(*field, deal)).collect();
        let lack: Vec<String> = fields.iter().flat_map(|field| self.lacking(*field, deal)).collect();
        let mut remedy = grammar::and(&stand);
        let mut supplies: Vec<String> = Vec::new();
        for supply in fields.iter().filter_map(|field| self.supply(*field)) {
            if !supplies.contains(&supply) {
                supplies.push(supply);
            }
        }
        if !supplies.is_empty() {
            remedy = format!("{remedy}; add {}", supplies.join(", "));
        }
        if !lack.is_empty() {
            remedy = format!("{remedy}; more points for {}", lack.join(", "));
        }
        remedy
    }

    /// What gives a field another value, where anything but time does.
    fn supply(&self, field: usize) -> Option<String> {
        let name = match self.field(field) {
            "touches" | "idle" => return Some("a call or the like with `pipeline log`".to_owned()),
            "team" => "owner",
            "weighted" => "value",
            name if self.sight.is_derived(field) || is_fixed(name) => return None,
            name => name,
        };
        Some(format!("--set {name}=…"))
    }

    /// What a deal has in a field, as a clause.
    fn stands(&self, field: usize, deal: &impl Deal) -> String {
        let (name, seen) = (self.field(field), self.sight.of(deal));
        let process = self.sight.process();
        match seen.value(field) {
            Value::Empty => format!("{name} is empty"),
            Value::Text(text) if text.trim().is_empty() => format!("{name} is empty"),
            Value::Text(text) => format!("{name} is {text}"),
            Value::Stage(stage) if name == "status" => {
                format!("{name} is {}", process.outcome(stage).map_or("open", crate::process::Outcome::id))
            }
            Value::Stage(stage) => format!("{name} is {}", process.stage_id(stage)),
            Value::Number(number) => format!("{name} is {}", number.normalize()),
            Value::Days(days) => format!("{name} is {} days", days.floor()),
            Value::Day(day) => format!("{name} is {day}"),
        }
    }

    /// The rules of a score that lack their points, with the flag that would supply them where there is one.
    fn lacking(&self, score: usize, deal: &impl Deal) -> Vec<String> {
        let lacks = self.sight.earned(score, deal).into_iter().filter(|rule| !rule.holds && rule.points > 0);
        lacks
            .map(|rule| {
                let query = super::parse(&[rule.terms], self.sight.dictionary()).ok();
                match query.and_then(|query| self.assignment(&query)) {
                    Some(assignment) => format!("{assignment} ({})", rule.points),
                    None => format!("`{}` ({})", rule.terms, rule.points),
                }
            })
            .collect()
    }

    /// The flag that makes terms hold, where they ask for one value of a field that can be set.
    fn assignment(&self, query: &Query) -> Option<String> {
        let Some(Node::Test(test)) = &query.root else { return None };
        let name = self.field(test.field);
        let one = match &test.want {
            Want::Texts(wanted) | Want::Tags(wanted) => wanted.len() == 1,
            Want::Numbers(spans) => spans.len() == 1,
            _ => false,
        };
        let fixed = self.sight.is_derived(test.field) || is_fixed(name);
        if !one || fixed || test.negated || test.empty || test.any {
            return None;
        }
        let (_, value) = test.written.split_once('=')?;
        let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
            Some(quoted) if !quoted.contains('\\') => quoted,
            Some(_) => return None,
            None if value.contains("..") || test.written.contains(['<', '>']) => return None,
            None => value,
        };
        let plain = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
        match (plain, value.contains('\'')) {
            (true, _) => Some(format!("--set {name}={value}")),
            (false, false) => Some(format!("--set '{name}={value}'")),
            (false, true) => None,
        }
    }
}

/// Whether a column follows from moves, or never changes.
fn is_fixed(name: &str) -> bool {
    WITH_MOVES.contains(&name) || matches!(name, "id" | "stage" | "created")
}
