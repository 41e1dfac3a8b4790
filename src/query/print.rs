//! Writes a query as terms that mean the same: spaces for `and`, brackets only where they are needed, views spelled out.

use std::fmt;

use super::Query;
use super::matching::Node;
use crate::fold::narrow;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |node| node.fmt(f))
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::And(nodes) => joined(f, nodes, " ", |node| matches!(node, Node::Or(_))),
            Node::Or(nodes) => joined(f, nodes, " or ", |_| false),
            Node::Not(node) => {
                f.write_str("not ")?;
                bracketed(f, node, matches!(**node, Node::And(_) | Node::Or(_)))
            }
            Node::Test(test) => f.write_str(&test.written),
            Node::Search { written, .. } => f.write_str(written),
        }
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    nodes: &[Node],
    between: &str,
    bracket: fn(&Node) -> bool,
) -> fmt::Result {
    for (nth, node) in nodes.iter().enumerate() {
        if nth > 0 {
            f.write_str(between)?;
        }
        bracketed(f, node, bracket(node))?;
    }
    Ok(())
}

fn bracketed(f: &mut fmt::Formatter<'_>, node: &Node, bracket: bool) -> fmt::Result {
    if bracket { write!(f, "({node})") } else { write!(f, "{node}") }
}

/// A text as it is written in an expression: in quotes where it would be read as something else.
pub fn quote(text: &str) -> String {
    let plain =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | '+' | '%' | '#');
    let safe = !text.is_empty() && text.chars().all(|letter| plain(letter) && narrow(letter) == letter);
    if safe { text.to_owned() } else { in_quotes(text) }
}

pub(super) fn in_quotes(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if narrow(letter) == '"' || letter == '\\' {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}
