//! The small things that every part of the file is made of: texts, languages, names and paths.

use std::collections::HashMap;

use super::super::columns::{COLUMNS, DERIVED};
use super::super::{Lang, Words};
use crate::yaml::Node;
use crate::yaml::{Problems, Span};

/// The value of a key with its text, when it has one.
pub(super) fn texted<'n>(node: &'n Node, key: &str) -> Option<(&'n Node, &'n str)> {
    let value = node.get(key)?;
    value.text().map(|text| (value, text))
}

/// The items of a list under a key.
pub(super) fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[], Node::items)
}

/// The texts of a list under a key; an empty one is an error.
pub(super) fn texts<'n>(node: &'n Node, key: &str, found: &mut Problems<'_>) -> Vec<(&'n Node, &'n str)> {
    let texts: Vec<(&Node, &str)> =
        items(node, key).iter().filter_map(|item| Some((item, item.text()?))).collect();
    for (item, _) in texts.iter().filter(|(_, text)| text.is_empty()) {
        found.error(&item.span, format!("an entry of `{key}` is empty")).help("write a text, or take it out");
    }
    texts
}

/// Terms under a key; their grammar is looked at where fields and scores are known.
pub(super) fn terms(node: &Node, key: &str, found: &mut Problems<'_>) -> String {
    let Some((value, text)) = texted(node, key) else {
        return String::new();
    };
    if text.is_empty() {
        found.error(&value.span, format!("`{key}` has no terms")).help("write terms such as `value=10k..`");
    }
    text.to_owned()
}

pub(super) fn lang(root: &Node) -> Lang {
    root.get("lang").and_then(Node::text).and_then(Lang::named).unwrap_or_default()
}

/// One text for all languages, or one for each.
pub(super) fn words(node: &Node) -> Words {
    if let Some(text) = node.text() {
        return Words::plain(text);
    }
    let texts =
        node.entries().iter().filter_map(|(key, value)| Some((key.text.clone(), value.text()?.to_owned())));
    Words { texts: texts.collect() }
}

/// The words under a key; none when the key is not there.
pub(super) fn words_at(node: &Node, key: &str) -> Words {
    node.get(key).map(words).unwrap_or_default()
}

/// A name that terms, commands and columns can use as it is: refused when it could be taken for something else.
pub(super) fn check_name(text: &str, span: &Span, found: &mut Problems<'_>) {
    let help = "letters, digits, `_`, `-` and `.` make a name, which starts with a letter or a digit";
    if text.is_empty() {
        found.error(span, "the name is empty").help(help);
    } else if !text.starts_with(|c: char| c.is_alphanumeric() || c == '_') || text.contains(|c| !is_part(c)) {
        found.error(span, format!("`{text}` cannot be a name")).help(help);
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Names that are taken, without regard to case, and the line that took them.
#[derive(Default)]
pub(super) struct Taken(HashMap<String, Span>);

impl Taken {
    /// Takes a name; an error when it was taken before.
    pub(super) fn take(&mut self, text: &str, span: &Span, found: &mut Problems<'_>) {
        match self.0.get(&text.to_lowercase()) {
            Some(first) => {
                let line = found.line(first);
                found
                    .error(span, format!("`{text}` stands twice"))
                    .help(format!("it stands on line {line} already: keep one"));
            }
            None => {
                self.0.insert(text.to_lowercase(), span.clone());
            }
        }
    }
}

/// The names that terms know: columns, what is worked out, and what the process declares.
#[derive(Default)]
pub(super) struct Names {
    taken: Taken,
    fields: Vec<String>,
    scores: Vec<String>,
}

impl Names {
    /// Declares a field of that name.
    pub(super) fn field(&mut self, id: &str, span: &Span, found: &mut Problems<'_>) {
        self.declare(id, span, found);
        self.fields.push(id.to_owned());
    }

    /// Declares a score of that name.
    pub(super) fn score(&mut self, id: &str, span: &Span, found: &mut Problems<'_>) {
        self.declare(id, span, found);
        self.scores.push(id.to_owned());
    }

    fn declare(&mut self, id: &str, span: &Span, found: &mut Problems<'_>) {
        let same = |known: &&str| known.eq_ignore_ascii_case(id);
        if let Some(column) = COLUMNS.iter().find(|known| same(known)) {
            found
                .error(span, format!("every deal has a column `{column}` already"))
                .help("use that column as it is, or choose another name");
        } else if let Some(derived) = DERIVED.iter().find(|known| same(known)) {
            found.error(span, format!("`{derived}` is worked out by the tool")).help("choose another name");
        } else {
            check_name(id, span, found);
            self.taken.take(id, span, found);
        }
    }

    /// Whether deals hold a column of that name; an error when they do not.
    pub(super) fn check_column(&self, name: &str, span: &Span, found: &mut Problems<'_>) -> bool {
        let known = COLUMNS.iter().copied().chain(self.fields.iter().map(String::as_str));
        if known.clone().any(|column| column == name) {
            return true;
        }
        if DERIVED.contains(&name) || self.scores.iter().any(|score| score == name) {
            found
                .error(span, format!("`{name}` is worked out, no deal holds it"))
                .help(format!("ask for it in terms: `when: [\"{name} >= 1\"]`"));
        } else {
            found.error(span, format!("no deal has a column `{name}`")).suggest(name, known);
        }
        false
    }
}

/// A path inside the folder, under a key, without a slash at its end.
pub(super) fn path(root: &Node, key: &str, found: &mut Problems<'_>) -> Option<String> {
    let (node, text) = texted(root, key)?;
    let path = text.strip_suffix('/').unwrap_or(text);
    let sound = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.contains(|c| c == '\\' || c == ':' || char::is_control(c))
    };
    if path.split('/').all(sound) {
        return Some(path.to_owned());
    }
    found
        .error(&node.span, format!("`{text}` does not name a place inside the folder"))
        .help("write a name such as `deals/`: no absolute path, no `..`, no hidden folder");
    None
}
