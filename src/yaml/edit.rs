//! Changes of single values of a YAML file. All other bytes stay: comments, order, quotes, brackets, blocks, line ends.
//!
//! Our own, because the tree knows where each value stands: what is not replaced cannot change. The result is read again
//! and compared with what was meant before anyone gets it.

use std::ops::Range;

use super::scalar::{Context, render};
use super::{Data, Key, Node, Problems, Style, parse};
use crate::problem::Problem;

/// What to do about a file that would become too large.
const TOO_LARGE: &str = "shorten a text, or keep it in a file of its own";

/// What separates the items of a list in the cell that stands for it.
const BETWEEN_ITEMS: &str = ", ";

impl Node {
    /// The node as one cell: nothing written is an empty one, a list of texts one with commas. `None` for anything else.
    pub(crate) fn as_cell(&self) -> Option<String> {
        match &self.data {
            Data::Scalar { .. } if self.is_null() => Some(String::new()),
            Data::Scalar { text, .. } => Some(text.clone()),
            Data::List(items) => {
                let text = |item: &Node| match &item.data {
                    Data::Scalar { text, .. } => Some(text.clone()),
                    _ => None,
                };
                Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(BETWEEN_ITEMS))
            }
            Data::Map(_) | Data::Broken => None,
        }
    }
}

/// The text of a YAML file in which the keys of its map have these values. A value that is emptied keeps its key; a key
/// that is not there comes at the end, unless it is to be empty.
///
/// Errors: the file cannot be read, or is written in a way that we cannot change surely.
pub(crate) fn set(file: &str, text: &str, values: &[(&str, &str)]) -> Result<String, Vec<Problem>> {
    let mut found = Problems::new(file, text);
    let root = parse(&mut found, TOO_LARGE);
    if !found.is_empty() {
        return Err(found.problems());
    }
    let Some(root) = root.filter(|root| matches!(root.data, Data::Map(_))) else {
        return Err(vec![unsure(file, "this is no map of keys and values")]);
    };
    let source = Source::new(&root, found.text());
    let patches = source.patches(&root, values).map_err(|key| vec![unsure(file, &in_the_way(&key))])?;
    let changed = source.spliced(patches);
    if !is_meant(file, &root, &changed, values) {
        return Err(vec![unsure(file, "this file is written in a way that we cannot change surely")]);
    }
    let mark = &text[..text.len() - found.text().len()];
    Ok(format!("{mark}{changed}"))
}

/// The text of a new YAML file: a line a key, those without a value left out.
///
/// Errors: the text would not read back as these values.
pub(crate) fn written(file: &str, values: &[(&str, &str)]) -> Result<String, Problem> {
    let mut text = String::new();
    for (key, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&entry(key, value, Context { flow: false, indent: "  ", newline: "\n" }));
        text.push('\n');
    }
    let nothing = Node { span: 0..0, end: 0, data: Data::Map(Vec::new()) };
    if is_meant(file, &nothing, &text, values) {
        Ok(text)
    } else {
        Err(unsure(file, "these values cannot be written as YAML").help("shorten the texts"))
    }
}

/// A key and its value, without the last line end: one line, or a block; an empty value is not written.
pub(crate) fn line(key: &str, value: &str) -> String {
    let context = Context { flow: false, indent: "  ", newline: "\n" };
    match value {
        "" => format!("{}:", render(key, None, Context { flow: true, ..context })),
        _ => entry(key, value, context),
    }
}

/// A text as a value in a list or map on one line.
pub(crate) fn in_flow(text: &str) -> String {
    render(text, None, Context { flow: true, indent: "", newline: "\n" })
}

fn unsure(file: &str, message: &str) -> Problem {
    Problem::error(file, None, message)
        .help("write it as lines of `key: value`, without anchors, then try again; nothing was changed")
}

fn in_the_way(key: &str) -> String {
    format!("the value of `{key}` is written in a way that we cannot change surely")
}

fn entry(key: &str, value: &str, context: Context<'_>) -> String {
    let key = render(key, None, Context { flow: true, ..context });
    format!("{key}: {}", render(value, None, context))
}

/// Whether a changed text says what the old tree says, but for these values.
fn is_meant(file: &str, old: &Node, changed: &str, values: &[(&str, &str)]) -> bool {
    let mut found = Problems::new(file, changed);
    let new = parse(&mut found, TOO_LARGE);
    let Some(new) = new.filter(|_| found.is_empty()) else { return false };
    let meant = |key: &str| values.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
    let (before, after) = (old.entries(), new.entries());
    let stayed = before.len() <= after.len()
        && before.iter().zip(after).all(|((key, value), (new_key, new_value))| {
            key == new_key
                && match meant(&key.text) {
                    Some(meant) => new_value.as_cell().as_deref() == Some(meant),
                    None => value == new_value,
                }
        });
    let is_new = |(key, value): &&(&str, &str)| !value.is_empty() && old.key(key).is_none();
    let added: Vec<(&str, &str)> = values.iter().filter(is_new).copied().collect();
    let found = after.get(before.len()..).unwrap_or_default();
    stayed
        && added.len() == found.len()
        && added.iter().zip(found).all(|((key, value), (new_key, new_value))| {
            *key == new_key.text && new_value.as_cell().as_deref() == Some(value)
        })
}

/// A patch: where old text stands, and what comes there.
type Patch = (Range<usize>, String);

/// Where a value stands, in bytes.
struct Region {
    /// After the colon of its key.
    after_colon: usize,
    /// Nothing wide where nothing was written.
    value: Range<usize>,
    /// What follows `|` or `>` on its line: a comment.
    beside: String,
}

/// A text and its tree's places in bytes.
struct Source<'t> {
    text: &'t str,
    offsets: Vec<usize>,
    flow: bool,
    newline: &'static str,
    /// What the keys are indented by, in columns.
    column: usize,
}

impl<'t> Source<'t> {
    fn new(root: &Node, text: &'t str) -> Source<'t> {
        let offsets: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect();
        let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
        let newline = if crlf { "\r\n" } else { "\n" };
        let mut source = Source { text, offsets, flow: false, newline, column: 0 };
        let start = source.byte(root.span.start);
        source.flow = text[start..].starts_with('{');
        if let Some((key, _)) = root.entries().first() {
            let at = source.byte(key.span.start);
            source.column = at - source.line_start(at);
        }
        source
    }

    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.text.len())
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the line ends that `at` stands on, before its line end.
    fn line_end(&self, at: usize) -> usize {
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if end > at && self.text[..end].ends_with('\r') && end < self.text.len() { end - 1 } else { end }
    }

    /// The patches that give the keys their values. Error: the key whose value we cannot change.
    fn patches(&self, root: &Node, values: &[(&str, &str)]) -> Result<Vec<Patch>, String> {
        let mut patches = Vec::new();
        let mut added = Vec::new();
        for (key, value) in values {
            match root.entries().iter().find(|(other, _)| other.text == *key) {
                Some((_, node)) if node.as_cell().as_deref() == Some(value) => {}
                Some((found, node)) => {
                    let region = self.region(found, node).ok_or_else(|| (*key).to_owned())?;
                    patches.push(self.replaced(node, &region, value));
                }
                None if value.is_empty() => {}
                None => added.push((*key, *value)),
            }
        }
        if !added.is_empty() {
            let last = || added[0].0.to_owned();
            patches.extend(self.added(root, &added).ok_or_else(last)?);
        }
        Ok(patches)
    }

    fn spliced(&self, mut patches: Vec<Patch>) -> String {
        // Stable, so that what is added after a value comes after what replaces it.
        patches.sort_by_key(|(span, _)| (span.start, span.end));
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut from = 0;
        for (span, new) in patches {
            text.push_str(self.text.get(from..span.start).unwrap_or_default());
            text.push_str(&new);
            from = span.end.max(from);
        }
        text.push_str(&self.text[from..]);
        text
    }

    /// Where the value of a key stands; `None` where it stands in no way that we know.
    fn region(&self, key: &Key, node: &Node) -> Option<Region> {
        let start = self.byte(key.span.start);
        let end = match self.text[start..].chars().next()? {
            '"' | '\'' => self.after_quotes(start)?,
            _ => self.byte(key.span.end),
        };
        let blanks = self.text[end..].len() - self.text[end..].trim_start_matches([' ', '\t']).len();
        let after_colon = end + blanks + 1;
        if !self.text[end + blanks..].starts_with(':') {
            return None;
        }
        let start = self.byte(node.span.start);
        let mut beside = String::new();
        let value = match &node.data {
            Data::Scalar { text, style: Style::Plain } if text.is_empty() => after_colon..after_colon,
            Data::Scalar { style: Style::Plain, .. } => start..self.byte(node.end),
            Data::Scalar { style: Style::Single | Style::Double, .. } => start..self.after_quotes(start)?,
            Data::Scalar { style: Style::Block, .. } => {
                let rest = &self.text[after_colon..];
                let start = after_colon + rest.len() - rest.trim_start_matches([' ', '\t']).len();
                let head = &self.text[start..self.line_end(start)];
                if !head.starts_with(['|', '>']) {
                    return None;
                }
                beside = head.find([' ', '\t']).map(|at| head[at..].to_owned()).unwrap_or_default();
                let end = self.without_blank_lines(start, self.byte(node.end), false);
                start..end.max(start + head.len())
            }
            Data::List(items) if self.text[start..].starts_with('[') => {
                let end = match items.last() {
                    None => start + 1,
                    Some(Node { data: Data::Scalar { style: Style::Plain, .. }, end, .. }) => self.byte(*end),
                    Some(item) => self.after_quotes(self.byte(item.span.start))?,
                };
                start..self.close(end, ']')? + 1
            }
            Data::List(_) => {
                let start = self.first_dash(after_colon)?;
                start..self.without_blank_lines(start, self.byte(node.end), true)
            }
            Data::Map(_) | Data::Broken => return None,
        };
        let marked = self.text[after_colon..value.start.max(after_colon)].contains(['&', '!', '*'])
            || self.text[value.start..].starts_with(['&', '!', '*']) && !value.is_empty();
        (!marked && value.start >= after_colon && value.start <= value.end).then_some(Region {
            after_colon,
            value,
            beside,
        })
    }

    /// The offset after the closing quote of the quoted text that opens at `open`.
    fn after_quotes(&self, open: usize) -> Option<usize> {
        let quote = self.text[open..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut rest = self.text[open + 1..].char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            match c {
                '\\' if quote == '"' => {
                    rest.next();
                }
                '\'' if quote == '\'' && rest.peek().is_some_and(|(_, next)| *next == '\'') => {
                    rest.next();
                }
                c if c == quote => return Some(open + 1 + at + 1),
                _ => {}
            }
        }
        None
    }

    /// Where the bracket stands that closes what ends at `from`: only blanks, commas and comments come before it.
    fn close(&self, from: usize, bracket: char) -> Option<usize> {
        let mut rest = self.text[from..].char_indices();
        while let Some((at, c)) = rest.next() {
            match c {
                '#' => {
                    rest.find(|(_, c)| *c == '\n')?;
                }
                c if c == bracket => return Some(from + at),
                c if c.is_whitespace() || c == ',' => {}
                _ => return None,
            }
        }
        None
    }

    /// Where a value ends, whatever it is: a list or a map where its last entry does.
    fn end_of(&self, node: &Node) -> Option<usize> {
        let start = self.byte(node.span.start);
        let last = match &node.data {
            Data::Scalar { style: Style::Plain, .. } => return Some(self.byte(node.end)),
            Data::Scalar { style: Style::Block, .. } => {
                return Some(self.without_blank_lines(start, self.byte(node.end).max(start), false));
            }
            Data::Scalar { .. } => return self.after_quotes(start),
            Data::List(items) => items.last(),
            Data::Map(entries) => entries.last().map(|(_, value)| value),
            Data::Broken => return None,
        };
        let bracket = match self.text[start..].chars().next() {
            Some('[') if matches!(node.data, Data::List(_)) => ']',
            Some('{') if matches!(node.data, Data::Map(_)) => '}',
            _ => return self.end_of(last?),
        };
        let end = last.map_or(Some(start + 1), |last| self.end_of(last))?;
        // Where nothing was written after a colon, the colon is still to come.
        let colon = usize::from(self.text[end..].starts_with(':'));
        Some(self.close(end + colon, bracket)? + 1)
    }

    /// The first dash of a block list, after the colon of its key.
    fn first_dash(&self, from: usize) -> Option<usize> {
        let mut at = self.line_end(from);
        loop {
            at += self.text[at..].find('\n')? + 1;
            let line = &self.text[at..self.line_end(at)];
            let text = line.trim_start();
            if text.starts_with('-') {
                return Some(at + line.len() - text.len());
            }
            if !text.is_empty() && !text.starts_with('#') {
                return None;
            }
        }
    }

    /// The end of a block without the blank lines at its end, and without comments there.
    fn without_blank_lines(&self, start: usize, mut end: usize, comments: bool) -> usize {
        while let Some(at) = self.text[start..end].rfind('\n').map(|at| start + at) {
            let line = self.text[at + 1..end].trim();
            let passed_over = line.is_empty() || comments && line.starts_with('#');
            if !passed_over {
                break;
            }
            end = at - usize::from(self.text[..at].ends_with('\r'));
        }
        end
    }

    fn replaced(&self, node: &Node, region: &Region, value: &str) -> Patch {
        let Region { after_colon, value: span, beside } = region;
        let old = match &node.data {
            Data::Scalar { text, style } => Some((text.as_str(), *style)),
            _ => None,
        };
        let quoted = old.is_some_and(|(_, style)| matches!(style, Style::Single | Style::Double));
        if value.is_empty() && !self.flow && !quoted {
            let alone = self.text[*after_colon..span.start].trim().is_empty();
            let start = if alone { *after_colon } else { span.start };
            return (start..span.end, beside.clone());
        }
        let indent = " ".repeat(self.column + 2);
        let context = Context { flow: self.flow, indent: &indent, newline: self.newline };
        let new = match &node.data {
            Data::List(items) if !items.is_empty() => self.list(value, span, context),
            _ => None,
        };
        // A block list begins on a line of its own, where a scalar need not.
        let start = match (&new, &node.data) {
            (None, Data::List(_)) if self.text[*after_colon..span.start].trim().is_empty() => *after_colon,
            _ => span.start,
        };
        let is_list = new.is_some();
        let new = new.unwrap_or_else(|| render(value, old, context));
        let gap = if start == *after_colon { " " } else { "" };
        let (head, lines) = match new.split_once('\n') {
            Some((head, lines)) if !is_list => (head.trim_end_matches('\r'), lines),
            _ => return (start..span.end, format!("{gap}{new}{beside}")),
        };
        // A comment beside the old value goes beside the head of the block.
        let end = self.line_end(span.end);
        let comment = if beside.is_empty() { &self.text[span.end..end] } else { beside };
        (start..end, format!("{gap}{head}{comment}{}{lines}", self.newline))
    }

    /// A cell as a list like the one that stands at `span`; `None` where a list would not read back as the cell.
    fn list(&self, value: &str, span: &Range<usize>, context: Context<'_>) -> Option<String> {
        let items: Vec<&str> = value.split(BETWEEN_ITEMS).collect();
        if items.iter().any(|item| item.is_empty()) {
            return None;
        }
        let in_line = Context { flow: true, ..context };
        let items: Vec<String> = items.iter().map(|item| render(item, None, in_line)).collect();
        if self.text[span.start..].starts_with('[') {
            return Some(format!("[{}]", items.join(", ")));
        }
        let indent = " ".repeat(span.start - self.line_start(span.start));
        Some(format!("- {}", items.join(&format!("{}{indent}- ", self.newline))))
    }

    /// The patches that put new entries after the last one; `None` where its end is not surely known.
    fn added(&self, root: &Node, values: &[(&str, &str)]) -> Option<Vec<Patch>> {
        let indent = " ".repeat(self.column + 2);
        let context = Context { flow: self.flow, indent: &indent, newline: self.newline };
        let entries: Vec<String> = values.iter().map(|(key, value)| entry(key, value, context)).collect();
        let Some((key, node)) = root.entries().last() else {
            let start = self.byte(root.span.start) + 1;
            return self.flow.then(|| vec![(start..start, entries.join(", "))]);
        };
        let region = self.region(key, node).map(|region| region.value);
        let end = region.as_ref().map_or_else(|| self.end_of(node), |value| Some(value.end))?;
        if !self.flow {
            let is_block = matches!(node.data, Data::Scalar { style: Style::Block, .. });
            let head = |value: &Range<usize>| &self.text[value.start..self.line_end(value.start)];
            let keeps = is_block && region.as_ref().is_some_and(|value| head(value).contains('+'));
            let at = if keeps { self.end_of_kept_lines(self.byte(node.end)) } else { self.line_end(end) };
            let margin = " ".repeat(self.column);
            let lines: String =
                entries.iter().flat_map(|entry| [self.newline, &margin, entry.as_str()]).collect();
            return Some(vec![(at..at, lines)]);
        }
        let close = self.close(end, '}')?;
        let comma = self.text[end..close].chars().all(char::is_whitespace).then_some(());
        let own_line = self.text[self.line_start(self.byte(key.span.start))..self.byte(key.span.start)]
            .trim()
            .is_empty();
        let shared = self.line_end(end) >= close;
        match (comma, own_line && !shared) {
            (Some(()), false) => Some(vec![(end..end, format!(", {}", entries.join(", ")))]),
            (_, true) => {
                let margin = " ".repeat(self.column_of(key));
                let between = format!(",{}{margin}", self.newline);
                let at = self.line_end(end);
                let lines = format!("{}{margin}{}", self.newline, entries.join(&between));
                let has_comma = self.text[end..at].trim_start().starts_with(',');
                let mut patches = Vec::new();
                if !has_comma {
                    patches.push((end..end, ",".to_owned()));
                }
                patches.push((at..at, lines));
                Some(patches)
            }
            (None, false) => {
                let at = end + self.text[end..close].find(',')? + 1;
                Some(vec![(at..at, format!(" {}", entries.join(", ")))])
            }
        }
    }

    fn column_of(&self, key: &Key) -> usize {
        let at = self.byte(key.span.start);
        at - self.line_start(at)
    }

    /// The end of the blank lines that `|+` keeps, before their last line end.
    fn end_of_kept_lines(&self, end: usize) -> usize {
        let text = &self.text[..end];
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text).len()
    }
}

#[cfg(test)]
#[path = "edit/tests.rs"]
mod tests;
