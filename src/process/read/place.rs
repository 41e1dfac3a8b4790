//! Where terms stand in `pipeline.yaml`: looked up only once something is wrong with them, so that the process need
//! not carry places around.

use std::ops::Range;

use super::TOO_LARGE;
use crate::problem::Place;
use crate::yaml::{self, Node, Problems};

/// Something of `pipeline.yaml` that is stated in terms, by its position in the [`Process`](crate::process::Process).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// A term of a stage's gate.
    Gate {
        /// The stage.
        stage: usize,
        /// Which of its `when`.
        nth: usize,
    },
    /// A rule of a score.
    Score {
        /// The score.
        score: usize,
        /// Which of its rules.
        nth: usize,
    },
    /// A view.
    View(usize),
    /// A rule of the review.
    Review(usize),
}

/// The place of the bytes `within` of terms in the text of `pipeline.yaml`; of all of them, where they are not written
/// there letter by letter.
pub fn place_of_terms(text: &str, stated: Stated, terms: &str, within: Range<usize>) -> Option<Place> {
    let mut found = Problems::new("", text);
    let root = yaml::parse(&mut found, TOO_LARGE)?;
    let text = found.text();
    let node = node(&root, stated)?;
    let byte = |character: usize| text.char_indices().nth(character).map_or(text.len(), |(at, _)| at);
    let (start, end) = (byte(node.span.start), byte(node.span.end));
    match text.get(start..end).and_then(|source| source.find(terms)) {
        Some(at) => Some(Place::in_text(text, start + at + within.start, start + at + within.end)),
        None => Some(Place::in_text(text, start, end)),
    }
}

fn node(root: &Node, stated: Stated) -> Option<&Node> {
    match stated {
        Stated::Gate { stage, nth } => {
            root.get("stages")?.items().get(stage)?.get("enter")?.get("when")?.items().get(nth)
        }
        Stated::Score { score, nth } => {
            let (_, rules) = root.get("scores")?.entries().get(score)?;
            rules.items().get(nth)?.get("when")
        }
        Stated::View(nth) => root.get("views")?.entries().get(nth).map(|(_, node)| node),
        Stated::Review(nth) => root.get("review")?.items().get(nth)?.get("when"),
    }
}
