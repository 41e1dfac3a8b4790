//! YAML as a tree in which every node knows its place, and nothing in it can blow up.
//!
//! Built from the events of a parser that does not recurse, so that nesting, size and aliases are refused as soon as
//! they appear. Scalars keep the text they were written with: `no`, `1.08` and `2026` stay what a person typed.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::problems::{Problems, Span};
use crate::problem::{CONFLICT_MARKS, IN_CONFLICT, marks_conflict};

/// More than a hundred times what a rich process needs.
const MOST_BYTES: usize = 1 << 20;
const MOST_NODES: usize = 50_000;
const DEEPEST: usize = 32;

/// One node of the file.
#[derive(Debug)]
pub(crate) struct Node {
    /// The scalar, or the start of the list or map up to the end of what it begins with.
    pub(crate) span: Span,
    /// Where the whole of it ends, blank lines after a block among it.
    pub(crate) end: usize,
    pub(crate) data: Data,
}

/// What a node holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Data {
    /// A text, and how it was written.
    Scalar { text: String, style: Style },
    /// `- a`, `[a]`.
    List(Vec<Node>),
    /// `key: value` in the order of the file; each key once.
    Map(Vec<(Key, Node)>),
    /// Something that was refused already.
    Broken,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block, after `|` or `>`.
    Block,
}

impl Style {
    fn of(style: ScalarStyle) -> Style {
        match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        }
    }
}

/// Two nodes are equal when they say the same in the same style, wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.data == other.data
    }
}

impl Eq for Node {}

/// Two keys are equal when they say the same.
impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

/// A key of a map.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) text: String,
}

impl Node {
    /// Whether nothing was written: `key:`, `key: ~`, `key: null`.
    pub(crate) fn is_null(&self) -> bool {
        match &self.data {
            Data::Scalar { text, style } => {
                *style == Style::Plain && matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } if !self.is_null() => Some(text.trim()),
            _ => None,
        }
    }

    /// The nodes of a list; none when it is no list.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of a map; none when it is no map.
    pub(crate) fn entries(&self) -> &[(Key, Node)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key, unless nothing was written there.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries().iter().find(|(other, _)| other.text == key);
        entry.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// The key that a value stands under.
    pub(crate) fn key(&self, key: &str) -> Option<&Key> {
        self.entries().iter().map(|(key, _)| key).find(|other| other.text == key)
    }
}

/// Reads the text of `found`; what is wrong with it as YAML is noted there. `None` when there is no tree to look at.
///
/// `too_large` says what to do about a file that is larger than anyone needs.
pub(crate) fn parse(found: &mut Problems<'_>, too_large: &'static str) -> Option<Node> {
    let text = found.text();
    if text.len() > MOST_BYTES {
        found.error(&(0..1), "the file is larger than 1 MB").help(too_large);
        return None;
    }
    if mark_conflicts(found) {
        return None;
    }
    if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| is_unprintable(*c)) {
        let message =
            format!("the file has a character that no text file should have (U+{:04X})", u32::from(c));
        found.error(&(at..at + 1), message).help("remove it, or save the file as UTF-8 text");
        return None;
    }
    let mut builder = Builder { found, too_large, open: Vec::new(), root: None, documents: 0, nodes: 0 };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                let span = span.start.index()..span.end.index();
                if !builder.take(event, span) {
                    return None;
                }
            }
            Err(error) => {
                say(builder.found, &error, builder.open.last());
                return None;
            }
        }
    }
    builder.root
}

/// The parser takes NUL for the end of the file, and would read the rest of it never.
fn is_unprintable(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

/// What the parser says, what people are told, and what they are to do. The first that fits counts.
const SYNTAX: [(&str, &str, &str); 7] = [
    ("tab", "a tab stands where only spaces may", "indent with spaces, never with tabs"),
    (
        "mapping values are not allowed",
        "a `: ` stands where no key can",
        "put quotes around a text that has `: ` in it, and check the indentation",
    ),
    (
        "escape",
        "a backslash in double quotes starts nothing that YAML knows",
        "use single quotes, or write the backslash twice",
    ),
    ("quoted scalar", "a quoted text does not end", "check that each quote is closed"),
    ("recursion", "brackets are nested too deep", "nothing here needs that; check the brackets"),
    (
        "flow",
        "a bracket or brace is not closed",
        "check that each is closed, and that commas stand between the entries",
    ),
    (
        "block",
        "this line is not indented like its neighbours",
        "entries of one list or map start in the same column",
    ),
];

/// Notes each line that marks a conflict of a merge; whether there is one. What stands between them is no YAML.
fn mark_conflicts(found: &mut Problems<'_>) -> bool {
    let text = found.text();
    // A line of `=` alone may be text: it is a mark only between the others.
    let [begins, .., ends] = CONFLICT_MARKS;
    if !text.split_inclusive('\n').any(|line| line.starts_with(begins) || line.starts_with(ends)) {
        return false;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if marks_conflict(line) {
            let shown = line.trim_end().chars().count();
            found
                .error(&(at..at + shown), IN_CONFLICT)
                .help("keep the lines that are right, and remove those with the marks");
        }
        at += line.chars().count();
    }
    true
}

/// A syntax error in words; at the end of the file it is better shown where the `open` part began.
fn say(found: &mut Problems<'_>, error: &ScanError, open: Option<&Open>) {
    let at = error.marker().index();
    let at_end = found.text().chars().skip(at).all(char::is_whitespace);
    let span = open.filter(|_| at_end).map_or(at..at + 1, |open| open.node.span.clone());
    match SYNTAX.iter().find(|(part, ..)| error.info().contains(part)) {
        Some((_, message, help)) => found.error(&span, *message).help(*help),
        None => found
            .error(&span, format!("this is not sound YAML: {}", error.info()))
            .help("check the indentation, quotes and brackets here and on the line above"),
    }
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    /// Whether the next node is the value of a key.
    after_key: bool,
    /// That key, unless it was refused.
    key: Option<Key>,
    seen: HashMap<String, Span>,
}

struct Builder<'f, 't> {
    found: &'f mut Problems<'t>,
    too_large: &'static str,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
}

impl Builder<'_, '_> {
    /// Takes one event; false when reading must stop.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        let (Event::Scalar(_, _, _, tag) | Event::SequenceStart(_, tag) | Event::MappingStart(_, tag)) =
            &event
        else {
            return self.take_other(&event, span);
        };
        if tag.is_some() {
            self.found
                .error(&span, "tags such as `!!str` are not read here")
                .help("remove the tag; a text that looks like something else may stand in quotes");
        }
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.found
                .error(&span, format!("the file has more than {MOST_NODES} entries"))
                .help(self.too_large);
            return false;
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let data = Data::Scalar { text: text.into_owned(), style: Style::of(style) };
                self.put(Node { end: span.end, span, data });
                true
            }
            Event::SequenceStart(..) => self.start(span, Data::List(Vec::new())),
            _ => self.start(span, Data::Map(Vec::new())),
        }
    }

    fn take_other(&mut self, event: &Event<'_>, span: Span) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.found
                        .error(&span, "the file holds more than one document")
                        .help("remove this `---` and what follows, or join both parts");
                    return false;
                }
            }
            Event::Alias(_) => {
                self.found.error(&span, "aliases (`*name`) are not read here").help("write the value out");
                self.put(Node { end: span.end, span, data: Data::Broken });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut closed) = self.open.pop() {
                    closed.node.end = span.end;
                    self.put(closed.node);
                }
            }
            _ => {}
        }
        true
    }

    fn start(&mut self, span: Span, data: Data) -> bool {
        if self.open.len() == DEEPEST {
            self.found
                .error(&span, format!("lists and maps are nested more than {DEEPEST} deep"))
                .help("nothing here needs that; check the brackets");
            return false;
        }
        let node = Node { end: span.end, span, data };
        self.open.push(Open { node, after_key: false, key: None, seen: HashMap::new() });
        true
    }

    /// Puts a complete node where it belongs.
    fn put(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        if open.node.span.is_empty() {
            open.node.span.end = node.span.end;
        }
        match &mut open.node.data {
            Data::List(items) => items.push(node),
            Data::Map(entries) if open.after_key => {
                open.after_key = false;
                entries.extend(open.key.take().map(|key| (key, node)));
            }
            Data::Map(_) => {
                open.after_key = true;
                open.key = self.found.key(node, &mut open.seen);
            }
            Data::Scalar { .. } | Data::Broken => {}
        }
    }
}

impl Problems<'_> {
    /// A node as a key; `None` when it cannot be one, or stands there already.
    fn key(&mut self, node: Node, seen: &mut HashMap<String, Span>) -> Option<Key> {
        let Data::Scalar { text, .. } = node.data else {
            if !matches!(node.data, Data::Broken) {
                self.error(&node.span, "a key must be a text, not a list or a map")
                    .help("check the brackets and braces");
            }
            return None;
        };
        if let Some(first) = seen.get(&text) {
            let line = self.line(first);
            self.error(&node.span, format!("`{text}` stands here twice"))
                .help(format!("it stands on line {line} already: keep one"));
            return None;
        }
        seen.insert(text.clone(), node.span.clone());
        Some(Key { span: node.span, text })
    }
}
