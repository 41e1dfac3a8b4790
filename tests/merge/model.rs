//! What a merge may come to, said in the simplest way: whole tables in memory, read by another CSV reader.

use std::collections::{BTreeMap, BTreeSet};

/// The cells of a deal that are not empty.
type Cells = BTreeMap<String, String>;

/// The deals by their ids.
pub(crate) type Deals = BTreeMap<String, Cells>;

/// The cells that one side's move brings along.
const OF_A_MOVE: [&str; 4] = ["stage", "stage_since", "closed", "reason"];

/// Reads deals.csv; panics on a row that is ragged or stands twice.
pub(crate) fn deals(text: &str) -> Deals {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let mut deals = Deals::new();
    for row in reader.records() {
        let row = row.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let cells = columns.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        let cells: Cells = cells.map(|(column, cell)| (column.to_owned(), cell.to_owned())).collect();
        let id = cells["id"].clone();
        assert!(deals.insert(id.clone(), cells).is_none(), "{id} stands twice\n{text}");
    }
    deals
}

/// The rows of history.csv; a row that stands twice is one, as design says.
pub(crate) fn events(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.starts_with("at,deal,")).collect()
}

/// Whether both sides moved a deal, and not in the same way.
fn both_moved(was: &Cells, our: &Cells, their: &Cells) -> bool {
    let move_of = |cells: &Cells| ["stage", "stage_since"].map(|name| cells.get(name).cloned());
    let [was, our, their] = [was, our, their].map(move_of);
    was != our && was != their && our != their
}

/// Says what is wrong with a clean merge of deals that no side removed.
pub(crate) fn check_deals(base: &Deals, ours: &Deals, theirs: &Deals, merged: &Deals) -> Result<(), String> {
    let ids: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    if !merged.keys().eq(ids.iter().copied()) {
        return Err(format!("the deals are {:?}, not {ids:?}", merged.keys()));
    }
    let none = BTreeMap::new();
    for id in ids {
        let of = |deals: &'_ Deals| deals.get(id).unwrap_or(&none).clone();
        let (was, our, their, is) = (of(base), of(ours), of(theirs), of(merged));
        let in_both = ours.contains_key(id) && theirs.contains_key(id);
        let both_moved = in_both && both_moved(&was, &our, &their);
        let names: BTreeSet<&String> =
            was.keys().chain(our.keys()).chain(their.keys()).chain(is.keys()).collect();
        let later = if our.get("stage_since") >= their.get("stage_since") { &our } else { &their };
        let earlier = if our.get("stage_since") < their.get("stage_since") { &our } else { &their };
        let back = both_moved && later.get("stage_since") < was.get("stage_since");
        for name in names {
            let [was, our, their, is] = [&was, &our, &their, &is].map(|cells| cells.get(name));
            let right = if !ours.contains_key(id) {
                is == their
            } else if !theirs.contains_key(id) {
                is == our
            } else if both_moved && OF_A_MOVE.contains(&name.as_str()) {
                is == if back { earlier } else { later }.get(name)
            } else if our == was {
                is == their
            } else {
                is == our && (their == was || their == our)
            };
            if !right {
                return Err(format!(
                    "{name} of {id} was {was:?}, became {our:?} and {their:?}, and is {is:?}"
                ));
            }
        }
    }
    Ok(())
}

/// Says what is wrong with merged histories: each row of each side is there, and no other.
pub(crate) fn check_events(ours: &str, theirs: &str, merged: &str) -> Result<(), String> {
    let all: BTreeSet<&str> = events(ours).union(&events(theirs)).copied().collect();
    let now = events(merged);
    if all == now {
        return Ok(());
    }
    Err(format!(
        "lost: {:?}; of nowhere: {:?}",
        all.difference(&now).collect::<Vec<_>>(),
        now.difference(&all).collect::<Vec<_>>()
    ))
}

/// Whether the two sides disagree, so that a merge must be a conflict: and no other may be one.
pub(crate) fn clash(base: &Deals, ours: &Deals, theirs: &Deals) -> bool {
    ours.iter().filter_map(|(id, our)| Some((id, our, theirs.get(id)?))).any(|(id, our, their)| {
        let Some(was) = base.get(id) else { return our != their };
        let changed = |cells: &Cells, name: &str| cells.get(name) != was.get(name);
        let both_moved = both_moved(was, our, their);
        let names: BTreeSet<&String> = was.keys().chain(our.keys()).chain(their.keys()).collect();
        names.into_iter().any(|name| {
            let differ = our.get(name) != their.get(name);
            if both_moved && OF_A_MOVE.contains(&name.as_str()) {
                return differ && our.get("stage_since") == their.get("stage_since");
            }
            differ && changed(our, name) && changed(their, name)
        })
    })
}
