//! Stages and statuses as values: by name, by a part of it, by their order.

use std::iter;
use std::ops::RangeBounds;

use super::{Literal, Part, Reader, did_you_mean, quote};
use crate::fold::{Needle, fold_words};
use crate::problem::nearest;
use crate::process::{Outcome, Process, Stage, StageIndex};
use crate::query::flaw::Flaw;
use crate::query::lexer::{Atom, Op};
use crate::query::matching::Stages;

impl Reader<'_> {
    pub(super) fn stages(&self, atoms: &[&Atom], written: &mut Vec<String>) -> Result<Stages, Flaw> {
        let process = self.dictionary.process;
        let mut found = Vec::new();
        let ordered = !self.op.lists();
        for atom in atoms {
            let part = Part { text: atom.text.trim(), place: atom.place.clone(), alone: true };
            if matches!(self.op, Op::Like | Op::NotLike) {
                let needle = Needle::new(part.text);
                let named = process.stages.iter().enumerate();
                let named = named.filter(|(_, stage)| stage.called().any(|name| needle.is_in(name)));
                let indexes: Vec<StageIndex> =
                    named.filter_map(|(_, stage)| process.lookup(&stage.id)).collect();
                if indexes.is_empty() {
                    let message = format!("no stage has `{}` in its name", part.text);
                    return Err(Flaw::at(part.place, message).help(known_stages(process)));
                }
                written.push(quote(part.text));
                found.extend(indexes);
            } else if ordered || atom.text.contains("..") {
                let spans = self.spans(&[atom], written, |part| self.open_stage(part))?;
                let open = process.open_stages().map(|(index, _)| index);
                found.extend(open.filter(|index| spans.iter().any(|span| span.contains(&index.position()))));
            } else {
                let index = self.stage(&part)?;
                written.push(quote(process.stage_id(index)));
                found.push(index);
            }
        }
        let named = found.iter().filter_map(|index| process.stage(*index));
        let words = named.flat_map(|stage| iter::once(&stage.id).chain(&stage.was)).cloned().collect();
        Ok(Stages { indexes: found, words })
    }

    /// A stage that has a place in the order of the process.
    fn open_stage(&self, part: &Part) -> Result<Literal<usize>, Flaw> {
        let process = self.dictionary.process;
        let index = self.stage(part)?;
        let id = process.stage_id(index);
        if let Some(outcome) = process.outcome(index) {
            let name = quote(&self.field.name);
            return Err(Flaw::at(
                part.place.clone(),
                format!("`{id}` ends a deal and has no place in the order"),
            )
            .help(format!("compare with an open stage, or write {name}={} or status={outcome}", quote(id))));
        }
        Ok(Literal::one(index.position(), quote(id)))
    }

    fn stage(&self, part: &Part) -> Result<StageIndex, Flaw> {
        let process = self.dictionary.process;
        let wanted = fold_words(part.text);
        let same = || {
            let mut stages = process.stages.iter();
            stages.find(|stage| stage.called().any(|name| fold_words(name) == wanted))
        };
        let found = process.find(part.text).or_else(|| process.find(&same()?.id));
        found.ok_or_else(|| {
            let help = match wanted.as_str() {
                "open" | "closed" => format!("write status={wanted}"),
                _ => {
                    let ids = process.stages.iter().map(|stage| stage.id.as_str());
                    let called = process.stages.iter().flat_map(Stage::called);
                    let near = nearest(part.text, ids).or_else(|| nearest(part.text, called));
                    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    format!("{near}{}", known_stages(process))
                }
            };
            Flaw::at(part.place.clone(), format!("there is no stage `{}`", part.text)).help(help)
        })
    }

    pub(super) fn statuses(&self, atoms: &[&Atom], written: &mut Vec<String>) -> Result<Stages, Flaw> {
        let process = self.dictionary.process;
        let mut stages = Stages::default();
        for atom in atoms {
            let wanted = fold_words(&atom.text);
            let outcomes: Vec<Outcome> = match wanted.as_str() {
                "open" => Vec::new(),
                "closed" => Outcome::ALL.to_vec(),
                word => {
                    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.id() == word);
                    vec![outcome.ok_or_else(|| self.no_status(atom))?]
                }
            };
            if outcomes.is_empty() {
                stages.indexes.extend(process.open_stages().map(|(index, _)| index));
                stages.indexes.push(StageIndex::UNKNOWN);
                stages.words.push(wanted.clone());
            }
            for outcome in outcomes {
                stages.indexes.extend(process.outcome_stages(outcome).map(|(index, _)| index));
                stages.words.push(outcome.id().to_owned());
            }
            written.push(wanted);
        }
        Ok(stages)
    }

    fn no_status(&self, atom: &Atom) -> Flaw {
        let text = atom.text.trim();
        let message = format!("there is no status `{text}`");
        let help = if self.dictionary.process.find(text).is_some() {
            format!("write stage={}", quote(text))
        } else {
            let words = ["open", "won", "lost", "disqualified", "closed"].map(str::to_owned);
            did_you_mean(text, &words, "it is one of")
        };
        Flaw::at(atom.place.clone(), message).help(help)
    }
}

fn known_stages(process: &Process) -> String {
    let ids: Vec<&str> = process.stages.iter().map(|stage| stage.id.as_str()).collect();
    format!("the stages are {}", ids.join(", "))
}
