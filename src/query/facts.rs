//! What a deal holds in the fields that terms ask for.

use super::print::quote;
use super::sight::{Deal, Sight};
use super::{Kind, Query, Subject, Value};
use crate::process::Outcome;

impl Sight<'_> {
    /// What a deal holds in a field, as a term would name it; `None` where it holds nothing.
    pub(super) fn held(&self, field: usize, deal: &impl Deal) -> Option<String> {
        let (process, dictionary) = (self.process(), self.dictionary());
        let kind = dictionary.fields.get(field).map(|field| &field.kind);
        Some(match self.of(deal).value(field) {
            Value::Empty => return None,
            Value::Text(text) if text.trim().is_empty() => return None,
            Value::Text(text) if kind == Some(&Kind::Date) => match dictionary.zone.parse_moment_day(&text) {
                Some(day) => day.to_string(),
                None => text.into_owned(),
            },
            Value::Text(text) => text.into_owned(),
            Value::Stage(stage) if kind == Some(&Kind::Status) => {
                process.outcome(stage).map_or("open", Outcome::id).to_owned()
            }
            Value::Stage(stage) => process.stage_id(stage).to_owned(),
            Value::Number(number) => number.normalize().to_string(),
            Value::Days(days) => format!("{}d", days.floor()),
            Value::Day(day) => day.to_string(),
        })
    }

    /// A field and what a deal holds in it, written as a term: `idle=64d`, `budget=no`, `owner=`.
    pub fn fact(&self, field: usize, deal: &impl Deal) -> String {
        let name = self.dictionary().fields.get(field).map_or("", |field| &field.name);
        let held = self.held(field, deal).map(|held| quote(&held));
        format!("{name}={}", held.unwrap_or_default())
    }

    /// What made terms find a deal: its facts in the fields that they compare, but for those that every list shows.
    pub fn facts(&self, query: &Query, deal: &impl Deal) -> Vec<String> {
        let shown = |field: &usize| {
            let name = self.dictionary().fields.get(*field).map_or("", |field| &field.name);
            ["id", "name", "stage", "status"].contains(&name)
        };
        query.fields().into_iter().filter(|field| !shown(field)).map(|field| self.fact(field, deal)).collect()
    }
}
