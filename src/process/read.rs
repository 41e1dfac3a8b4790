//! Reads `pipeline.yaml`: the tree, its structure, and then what it means, with every problem of the file at once.
//!
//! A part that is not sound was reported when its structure was checked; here it counts as not written, so that
//! the rest of the file is still looked at.

mod money;
mod place;
mod rules;
mod stages;
mod words;

use super::{DealStore, HistoryStore, Ids, Process, Transition, Transitions, validate};
use crate::deal::time::Zone;
use crate::problem::{Problem, meant, nearest};
use crate::yaml::Problems;
use crate::yaml::{self, Node};
use words::Names;

pub use place::{Stated, place_of_terms};

/// What to do about a file that is larger than any process.
const TOO_LARGE: &str = "keep only the process here, and deals in their own file";

/// Reads the text of `file`; all that is wrong with it, in the order of the file, when anything is.
pub fn read(file: &str, text: &str) -> Result<Process, Vec<Problem>> {
    let mut found = Problems::new(file, text);
    let Some(root) = yaml::parse(&mut found, TOO_LARGE) else {
        if found.is_empty() {
            found
                .error(&(0..1), "the file is empty")
                .help("it needs at least `stages`; `pipeline init` writes a whole one");
        }
        return Err(found.problems());
    };
    validate::check(&root, &mut found);
    let process = process(&root, &mut found);
    stages::check_filled(&process, &root, &mut found);
    if found.is_empty() { Ok(process) } else { Err(found.problems()) }
}

fn process(root: &Node, found: &mut Problems<'_>) -> Process {
    let currency = money::currency(root, found);
    let year_starts = year_starts(root, found);
    let mut names = Names::default();
    let fields = rules::fields(root, &mut names, found);
    let scores = rules::scores(root, &mut names, found);
    let teams = rules::teams(root, found);
    let (deals, history) = stores(root, found);
    Process {
        name: root.get("name").and_then(Node::text).unwrap_or("Sales").to_owned(),
        lang: words::lang(root),
        currency,
        digits: money::digits(root, found),
        zone: zone(root, found),
        year_starts,
        ids: if root.get("ids").and_then(Node::text) == Some("random") {
            Ids::Random
        } else {
            Ids::Sequential
        },
        stages: stages::stages(root, &names, found),
        transitions: transitions(root),
        reasons: rules::reasons(root, found),
        views: rules::views(root, found),
        rates: money::rates(root, currency, found),
        targets: money::targets(root, year_starts, &teams, found),
        review: rules::review(root, found),
        fields,
        scores,
        teams,
        deals,
        history,
    }
}

fn zone(root: &Node, found: &mut Problems<'_>) -> Zone {
    let Some((node, name)) = words::texted(root, "timezone") else {
        return Zone::default();
    };
    Zone::named(name).unwrap_or_else(|| {
        let problem = found.error(&node.span, format!("`{name}` is not a time zone"));
        let otherwise = "write its IANA name, such as Europe/Berlin or Asia/Taipei";
        problem.help(meant(nearest(name, Zone::names()), otherwise));
        Zone::default()
    })
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `april`, `apr` or `4`.
fn year_starts(root: &Node, found: &mut Problems<'_>) -> u32 {
    let Some((node, text)) = words::texted(root, "year_starts") else {
        return 1;
    };
    let wanted = text.to_lowercase();
    let number = wanted.parse::<usize>().ok().filter(|number| (1..=12).contains(number));
    let named = MONTHS.iter().position(|month| wanted == *month || wanted == month[..3]).map(|at| at + 1);
    if let Some(number) = number.or(named) {
        return number as u32;
    }
    found.error(&node.span, format!("`{text}` is not a month")).suggest(text, MONTHS);
    1
}

fn transitions(root: &Node) -> Transitions {
    let to = |key: &str| match root.get("transitions").and_then(|node| node.get(key)).and_then(Node::text) {
        Some("note") => Transition::Note,
        Some("deny") => Transition::Deny,
        _ => Transition::Allow,
    };
    Transitions { skip: to("skip"), back: to("back"), reopen: to("reopen") }
}

fn stores(root: &Node, found: &mut Problems<'_>) -> (DealStore, HistoryStore) {
    let deals = words::path(root, "deals", found).filter(|path| path != "deals.csv");
    let history = words::path(root, "history", found).filter(|path| path != "history.csv");
    let inside = |one: &str, other: &str| format!("{one}/").starts_with(&format!("{other}/"));
    if let (Some(deals), Some(one), Some(node)) = (&deals, &history, root.get("history"))
        && (inside(deals, one) || inside(one, deals))
    {
        found
            .error(&node.span, "deals and history cannot share a folder")
            .help("give history a folder of its own");
    }
    (
        deals.map_or(DealStore::Csv, DealStore::Yaml),
        history.map_or(HistoryStore::OneFile, HistoryStore::Years),
    )
}

#[cfg(test)]
mod tests;
