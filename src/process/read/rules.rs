//! What the process declares beside its stages: fields, scores, reasons, teams, views and the rules of a review.

use std::collections::HashMap;

use super::super::{Field, FieldType, ReviewRule, Score};
use super::words::{Names, Taken, check_name, items, terms, texted, texts, words_at};
use crate::yaml::Node;
use crate::yaml::Problems;

pub(super) fn fields(root: &Node, names: &mut Names, found: &mut Problems<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    for node in items(root, "fields") {
        let kind = field_type(node, found);
        let Some((value, id)) = texted(node, "id") else { continue };
        names.field(id, &value.span, found);
        let required = node.get("required").and_then(Node::text) == Some("true");
        fields.push(Field { id: id.to_owned(), name: words_at(node, "name"), kind, required });
    }
    fields
}

fn field_type(node: &Node, found: &mut Problems<'_>) -> FieldType {
    let named = node.get("type").and_then(Node::text);
    let choices = texts(node, "choices", found);
    let mut taken = Taken::default();
    for (item, choice) in &choices {
        taken.take(choice, &item.span, found);
    }
    if named == Some("choice") {
        if choices.is_empty() && node.get("choices").is_none_or(|node| node.items().is_empty()) {
            let at = node.get("type").map_or(&node.span, |node| &node.span);
            found
                .error(at, "a field of the type `choice` needs `choices`")
                .help("add `choices: [one, another]`");
        }
        return FieldType::Choice(choices.into_iter().map(|(_, choice)| choice.to_owned()).collect());
    }
    if let Some(key) = node.key("choices").filter(|_| !choices.is_empty()) {
        found
            .error(&key.span, "only a field of the type `choice` has `choices`")
            .help("write `type: choice`");
    }
    match named {
        Some("number") => FieldType::Number,
        Some("money") => FieldType::Money,
        Some("date") => FieldType::Date,
        Some("yes/no") => FieldType::YesNo,
        _ => FieldType::Text,
    }
}

pub(super) fn scores(root: &Node, names: &mut Names, found: &mut Problems<'_>) -> Vec<Score> {
    let mut scores = Vec::new();
    for (key, rules) in root.get("scores").map_or(&[][..], Node::entries) {
        names.score(&key.text, &key.span, found);
        let rules =
            rules.items().iter().map(|rule| (terms(rule, "when", found), points(rule, found))).collect();
        scores.push(Score { id: key.text.clone(), rules });
    }
    scores
}

fn points(rule: &Node, found: &mut Problems<'_>) -> i32 {
    let Some((node, text)) = texted(rule, "points") else { return 0 };
    // The structure was checked: what is not a number at all was reported then.
    match text.parse::<i64>() {
        Ok(points) if points.abs() > 1_000_000 => {
            found.error(&node.span, "a rule gives at most a million points").help("write a smaller number");
            0
        }
        Ok(points) => points as i32,
        Err(_) => 0,
    }
}

pub(super) fn reasons(root: &Node, found: &mut Problems<'_>) -> Vec<String> {
    let mut taken = Taken::default();
    let reasons = texts(root, "reasons", found);
    for (item, reason) in &reasons {
        taken.take(reason, &item.span, found);
    }
    reasons.into_iter().map(|(_, reason)| reason.to_owned()).collect()
}

pub(super) fn teams(root: &Node, found: &mut Problems<'_>) -> Vec<(String, Vec<String>)> {
    let mut teams = Vec::new();
    let mut of_owner: HashMap<String, &str> = HashMap::new();
    let Some(node) = root.get("teams") else { return teams };
    for (key, _) in node.entries() {
        let mut members = Vec::new();
        for (item, owner) in texts(node, &key.text, found) {
            if let Some(team) = of_owner.insert(owner.to_owned(), &key.text) {
                found
                    .error(&item.span, format!("`{owner}` is in the team `{team}` already"))
                    .help("an owner is in one team, so that the teams add up to the whole");
            }
            members.push(owner.to_owned());
        }
        teams.push((key.text.clone(), members));
    }
    teams
}

pub(super) fn views(root: &Node, found: &mut Problems<'_>) -> Vec<(String, String)> {
    let mut views = Vec::new();
    let Some(node) = root.get("views") else { return views };
    for (key, _) in node.entries() {
        check_name(&key.text, &key.span, found);
        views.push((key.text.clone(), terms(node, &key.text, found)));
    }
    views
}

pub(super) fn review(root: &Node, found: &mut Problems<'_>) -> Vec<ReviewRule> {
    let mut taken = Taken::default();
    let mut rules = Vec::new();
    for node in items(root, "review") {
        let when = terms(node, "when", found);
        let Some((value, id)) = texted(node, "id") else { continue };
        check_name(id, &value.span, found);
        taken.take(id, &value.span, found);
        let run = run(node, found);
        rules.push(ReviewRule { id: id.to_owned(), when, say: words_at(node, "say"), run });
    }
    rules
}

/// The command of a rule, in which `{id}` stands for the deal.
fn run(node: &Node, found: &mut Problems<'_>) -> Option<String> {
    let (value, text) = texted(node, "run")?;
    let help = "write a command such as `pipeline show {id}`";
    if text.is_empty() {
        found.error(&value.span, "`run` has no command").help(format!("{help}, or take the line out"));
    } else if text.contains(char::is_control) {
        found.error(&value.span, "a command stands on one line").help(help);
    }
    if let Some(name) = placeholders(text).find(|name| format!("{{{name}}}") != ReviewRule::PLACE) {
        let message = format!("`{{{name}}}` stands for nothing in a command");
        found.error(&value.span, message).help("`{id}` is the deal; nothing else is put in");
    } else if in_quotes(text) {
        found
            .error(&value.span, "`{id}` stands in quotes")
            .help("leave them out: an id is quoted where it has to be");
    }
    Some(text.to_owned())
}

/// The words in braces.
fn placeholders(command: &str) -> impl Iterator<Item = &str> {
    let words = command.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    words.filter(|word| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

/// Whether the place of the deal is inside quotes of the shell.
fn in_quotes(command: &str) -> bool {
    let mut quote = None;
    let mut characters = command.char_indices();
    while let Some((at, c)) = characters.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => drop(characters.next()),
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('{', Some(_)) if command[at..].starts_with(ReviewRule::PLACE) => return true,
            _ => {}
        }
    }
    false
}
