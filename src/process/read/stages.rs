//! The stages: what each is called, what it is worth, and what it asks of a deal.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::super::Process;
use super::super::columns::Written;
use super::super::stage::{Gate, Outcome, Stage, StageIndex};
use super::words::{Names, check_name, items, texted, texts, words, words_at};
use crate::deal::columns::{parse_probability, typed};
use crate::deal::money::parse_amount;
use crate::deal::time::{Day, parse_length};
use crate::yaml::{Data, Node};
use crate::yaml::{Problems, Span};

/// The most days a deal may stay before it is stale: a hundred years.
const LONGEST: u32 = 36_525;

pub(super) fn stages(root: &Node, names: &Names, found: &mut Problems<'_>) -> Vec<Stage> {
    let nodes = items(root, "stages");
    if let Some(extra) = nodes.get(StageIndex::MOST) {
        found.error(&extra.span, format!("a process has at most {} stages", StageIndex::MOST));
        return Vec::new();
    }
    let mut called = Called::default();
    let mut stages = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        called.add(at, node, found);
        stages.push(stage(node, names, found));
    }
    check_ends(root, nodes, &stages, found);
    stages
}

fn stage(node: &Node, names: &Names, found: &mut Problems<'_>) -> Stage {
    let outcome = outcome(node);
    let gate = node.get("enter");
    let require = gate.map(|gate| texts(gate, "require", found)).unwrap_or_default();
    for (item, column) in require.iter().filter(|(_, column)| !column.is_empty()) {
        names.check_column(column, &item.span, found);
    }
    let when = gate.map(|gate| texts(gate, "when", found)).unwrap_or_default();
    let owned = |texts: Vec<(&Node, &str)>| texts.into_iter().map(|(_, text)| text.to_owned()).collect();
    Stage {
        id: node.get("id").and_then(Node::text).unwrap_or_default().to_owned(),
        name: words_at(node, "name"),
        outcome,
        probability: probability(node, outcome, found),
        stale_after: stale_after(node, outcome, found),
        was: items(node, "was").iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
        enter: Gate { require: owned(require), when: owned(when) },
        on_enter: on_enter(node, names, found),
        goal: words_at(node, "goal"),
        checklist: items(node, "checklist").iter().map(words).collect(),
    }
}

fn outcome(node: &Node) -> Option<Outcome> {
    let text = node.get("outcome")?.text()?;
    Outcome::ALL.into_iter().find(|outcome| outcome.id() == text)
}

/// A process needs somewhere to start and somewhere to win.
fn check_ends(root: &Node, nodes: &[Node], stages: &[Stage], found: &mut Problems<'_>) {
    let list = root.get("stages").is_some_and(|node| matches!(node.data, Data::List(_)));
    let Some(key) = root.key("stages").filter(|_| list) else {
        return;
    };
    // A misspelt outcome may be the very one that is missing.
    let unread = nodes
        .iter()
        .zip(stages)
        .any(|(node, stage)| node.get("outcome").is_some() && stage.outcome.is_none());
    if !nodes.iter().any(|node| node.get("outcome").is_none()) {
        found
            .error(&key.span, "the process has no open stage")
            .help("add a stage without `outcome`, such as `- {id: qualification, probability: 20%}`");
    }
    if !unread && !stages.iter().any(|stage| stage.outcome == Some(Outcome::Won)) {
        found
            .error(&key.span, "the process has no stage for deals that are won")
            .help("add `- {id: won, outcome: won}`");
    }
}

/// What stages are called, so that no text means two of them.
#[derive(Default)]
struct Called(HashMap<String, (usize, Span)>);

impl Called {
    fn add(&mut self, stage: usize, node: &Node, found: &mut Problems<'_>) {
        if let Some((value, id)) = texted(node, "id") {
            check_name(id, &value.span, found);
            self.take(stage, id, &value.span, found);
        }
        for (value, was) in texts(node, "was", found) {
            self.take(stage, was, &value.span, found);
        }
        let Some(name) = node.get("name") else { return };
        for value in std::iter::once(name).chain(name.entries().iter().map(|(_, value)| value)) {
            if let Some(text) = value.text() {
                self.take(stage, text, &value.span, found);
            }
        }
    }

    fn take(&mut self, stage: usize, text: &str, span: &Span, found: &mut Problems<'_>) {
        let folded = text.to_lowercase();
        if folded == StageIndex::DELETED_ID {
            found
                .error(span, "`deleted` is reserved for deals that never were")
                .help("choose another name; `pipeline delete` moves deals there");
            return;
        }
        match self.0.get(&folded) {
            Some((other, first)) if *other != stage => {
                let line = found.line(first);
                found
                    .error(span, format!("`{text}` means another stage already"))
                    .help(format!("see line {line}: ids, former ids and names of stages must all differ"));
            }
            Some(_) => {}
            None => {
                self.0.insert(folded, (stage, span.clone()));
            }
        }
    }
}

/// `20%` or `0.2`; what an outcome implies needs not be said.
fn probability(node: &Node, outcome: Option<Outcome>, found: &mut Problems<'_>) -> Option<Decimal> {
    let implied = outcome.map(|outcome| if outcome == Outcome::Won { Decimal::ONE } else { Decimal::ZERO });
    let Some((value, text)) = texted(node, "probability") else {
        return implied;
    };
    let Some(number) = parse_probability(text) else {
        let is_number = parse_amount(text.strip_suffix('%').unwrap_or(text).trim_end()).is_some();
        let message = if is_number {
            format!("a probability lies between 0% and 100%, and `{text}` does not")
        } else {
            format!("`{text}` is not a probability")
        };
        let percent = format!("{text}%");
        let help = match parse_probability(&percent) {
            Some(_) => format!("did you mean `{percent}`?"),
            None => "write `20%` or `0.2`".to_owned(),
        };
        found.error(&value.span, message).help(help);
        return implied;
    };
    if let (Some(outcome), Some(implied)) = (outcome, implied)
        && number != implied
    {
        let certain = if outcome == Outcome::Won { "100%" } else { "0%" };
        found
            .error(
                &value.span,
                format!("a stage whose outcome is `{outcome}` cannot have the probability `{text}`"),
            )
            .help(format!("take the line out: it is {certain} by itself"));
    }
    Some(implied.unwrap_or(number))
}

/// `14d` or `2w`.
fn stale_after(node: &Node, outcome: Option<Outcome>, found: &mut Problems<'_>) -> Option<u32> {
    let (value, text) = texted(node, "stale_after")?;
    if outcome.is_some() {
        found
            .error(&value.span, "a deal that has ended does not grow stale")
            .help("take `stale_after` out of the outcome");
        return None;
    }
    let days = parse_length(text).and_then(|days| u32::try_from(days).ok());
    let days = days.filter(|days| (1..=LONGEST).contains(days));
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text[digits.len()..].trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if days.is_none() {
        let problem = found.error(&value.span, format!("`{text}` is not a time in days or weeks"));
        problem.help(match unit.chars().next() {
            Some('m' | 'M' | 'y' | 'Y' | 'q' | 'Q') => {
                "months differ in length: write days or weeks, such as `30d`".to_owned()
            }
            None if plain => format!("did you mean `{digits}d`?"),
            _ => "write `14d` or `2w`".to_owned(),
        });
    }
    days
}

/// What is filled in on entry; columns that a move writes itself are none of it.
fn on_enter(node: &Node, names: &Names, found: &mut Problems<'_>) -> Vec<(String, String)> {
    let mut filled = Vec::new();
    for (key, value) in node.get("on_enter").map_or(&[][..], Node::entries) {
        let Some(text) = value.text() else { continue };
        if Written::of(&key.text).is_by_hand() {
            names.check_column(&key.text, &key.span, found);
        } else {
            found
                .error(&key.span, format!("`{}` cannot be filled on entry", key.text))
                .help("the tool writes it itself");
        }
        filled.push((key.text.clone(), text.to_owned()));
    }
    filled
}

/// Notes what the stages of a process fill in that its column cannot hold, read as it will be when a deal enters.
pub(super) fn check_filled(process: &Process, root: &Node, found: &mut Problems<'_>) {
    let entries = items(root, "stages").iter().filter_map(|stage| stage.get("on_enter"));
    for (key, value) in entries.flat_map(Node::entries) {
        let Some(text) = value.text().filter(|_| Written::of(&key.text).is_by_hand()) else { continue };
        // Relative days are relative to any day here.
        if let Err(unfit) = typed(process, &key.text, Day::default(), text) {
            let problem = found.error(&value.span, format!("{}: {}", key.text, unfit.message));
            if let Some(help) = unfit.help {
                problem.help(help);
            }
        }
    }
}
