//! The terms of gates: which of them a deal fails, and what would make them hold.

use rustc_hash::FxHashMap;

use super::Query;
use super::matching::{Node, Want};
use super::sight::{Deal, Earned, Sight};
use crate::deal::past::Past;
use crate::process::Written;
use crate::{grammar, shell};

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

    /// The terms that a deal fails, with what would make them hold; those that want the same stand together.
    pub fn failed(&self, deal: &impl Deal) -> Vec<String> {
        let mut failed: Vec<(String, Vec<String>)> = Vec::new();
        for unmet in self.unmet(deal) {
            let (remedy, terms) = (self.remedy(&unmet, deal), format!("`{}`", unmet.terms));
            match failed.iter_mut().find(|(known, _)| *known == remedy) {
                Some((_, all)) if all.contains(&terms) => {}
                Some((_, all)) => all.push(terms),
                None => failed.push((remedy, vec![terms])),
            }
        }
        let said = failed.iter().map(|(remedy, terms)| {
            let verb = if terms.len() == 1 { "does" } else { "do" };
            format!("{} {verb} not hold: {remedy}", grammar::and(terms))
        });
        said.collect()
    }

    /// The terms that a deal fails.
    pub fn unmet(&self, deal: &impl Deal) -> Vec<Unmet<'_>> {
        let seen = self.sight.of(deal);
        let failed = self.terms.iter().filter(|(_, query)| !query.matches(&seen));
        failed
            .map(|(terms, query)| {
                let mut levers: Vec<String> = Vec::new();
                for name in query.fields().into_iter().flat_map(|field| self.levers(field, deal)) {
                    if !levers.contains(&name) {
                        levers.push(name);
                    }
                }
                Unmet { terms, query, assignment: self.assignment(query), levers }
            })
            .collect()
    }

    fn remedy(&self, unmet: &Unmet<'_>, deal: &impl Deal) -> String {
        if let Some(assignment) = &unmet.assignment {
            return format!("add {}", flag(assignment));
        }
        let fields = unmet.query.fields();
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
        match self.field(field) {
            "touches" | "idle" => Some("a call or the like with `pipeline log`".to_owned()),
            _ => self.lever(field).map(|name| format!("--set {}", shell::assignment(name, "…"))),
        }
    }

    /// The fields that can be set to give a field another value: for a score, those that its rules lack points for.
    fn levers(&self, field: usize, deal: &impl Deal) -> Vec<String> {
        let lacks = self.lacks(field, deal);
        let asked = lacks.iter().flat_map(|(_, query)| query.fields());
        std::iter::once(field).chain(asked).filter_map(|field| self.lever(field)).map(str::to_owned).collect()
    }

    /// The field that can be set to give a field another value.
    fn lever(&self, field: usize) -> Option<&str> {
        match self.field(field) {
            "team" => Some("owner"),
            "weighted" => Some("value"),
            name => self.can_be_set(field).then_some(name),
        }
    }

    /// What a deal has in a field, as a clause.
    fn stands(&self, field: usize, deal: &impl Deal) -> String {
        let held = self.sight.held(field, deal);
        format!("{} is {}", self.field(field), held.as_deref().unwrap_or("empty"))
    }

    /// The rules of a score that lack their points, with the flag that would supply them where there is one.
    fn lacking(&self, score: usize, deal: &impl Deal) -> Vec<String> {
        let lacks = self.lacks(score, deal).into_iter();
        lacks
            .map(|(rule, query)| match self.assignment(&query) {
                Some(assignment) => format!("{} ({})", flag(&assignment), rule.points),
                None => match self.filled(&query) {
                    Some(field) => format!("--set {} ({})", shell::assignment(field, "…"), rule.points),
                    None => format!("`{}` ({})", rule.terms, rule.points),
                },
            })
            .collect()
    }

    /// The rules of a score that lack their points, and what they ask for.
    fn lacks(&self, score: usize, deal: &impl Deal) -> Vec<(Earned<'s>, Query)> {
        let lacks = self.sight.earned(score, deal).into_iter().filter(|rule| !rule.holds && rule.points > 0);
        lacks
            .filter_map(|rule| {
                let query = super::parse(&[rule.terms], self.sight.dictionary()).ok()?;
                Some((rule, query))
            })
            .collect()
    }

    /// The field that terms ask to hold anything at all, where it can be set.
    fn filled(&self, query: &Query) -> Option<&str> {
        let Some(Node::Test(test)) = &query.root else { return None };
        (test.any && !test.negated && self.can_be_set(test.field)).then(|| self.field(test.field))
    }

    fn can_be_set(&self, field: usize) -> bool {
        !self.sight.is_derived(field) && Written::of(self.field(field)).is_by_hand()
    }

    /// The field and the value that make terms hold, where they ask for one value of a field that can be set.
    fn assignment(&self, query: &Query) -> Option<(String, String)> {
        let Some(Node::Test(test)) = &query.root else { return None };
        let name = self.field(test.field);
        let one = match &test.want {
            Want::Texts(wanted) | Want::Tags(wanted) => wanted.len() == 1,
            Want::Numbers(spans) => spans.len() == 1,
            _ => false,
        };
        if !one || !self.can_be_set(test.field) || test.negated || test.empty || test.any {
            return None;
        }
        let (_, value) = test.written.split_once('=')?;
        let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
            Some(quoted) if !quoted.contains('\\') => quoted,
            Some(_) => return None,
            None if value.contains("..") || test.written.contains(['<', '>']) => return None,
            None => value,
        };
        Some((name.to_owned(), value.to_owned()))
    }
}

/// A term of a gate that a deal fails.
#[derive(Clone, Debug)]
pub struct Unmet<'c> {
    /// The term as written.
    pub terms: &'c str,
    /// What it asks.
    pub query: &'c Query,
    /// The field and the value that would make it hold, where setting one would.
    pub assignment: Option<(String, String)>,
    /// The fields that can be set to make it hold, though not which value would.
    pub levers: Vec<String>,
}

/// The flag that sets a field on the way.
fn flag((field, value): &(String, String)) -> String {
    format!("--set {}", shell::quote(&format!("{field}={value}")))
}
