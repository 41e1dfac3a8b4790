//! The path of one deal through the stages as known at `t` (§1 Journey; "The stage at t").

use std::rc::Rc;

use crate::files::{Deal, Folder};
use crate::time::{Cut, Instant, read_instant};

/// A stay in a stage. `stage: None` is *open, stage unknown*; `entered: None` is *always*, or for a closed deal *at
/// an unknown time*; `left: None` is *not yet*.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stay {
    pub(crate) stage: Option<String>,
    pub(crate) entered: Option<Instant>,
    pub(crate) left: Option<Instant>,
}

/// *Created*: the cell, else the deal's first event of any kind, else unknown.
pub(crate) fn created(folder: &Folder, deal: &Deal) -> Option<Instant> {
    let cell = read_instant(folder.zone, deal.cell("created"));
    cell.or_else(|| deal.rows.iter().map(|row| row.at).min())
}

/// A deal does not exist before it was created; one of unknown creation has always existed.
pub(crate) fn exists(folder: &Folder, deal: &Deal, cut: Cut) -> bool {
    created(folder, deal).is_none_or(|created| cut.sees(created))
}

/// An assumed journey: no stage event at all, or a first one that has a `from`.
pub(crate) fn is_assumed(deal: &Deal) -> bool {
    deal.stage_rows.first().is_none_or(|first| !first.from.is_empty())
}

/// The stays of a deal from what is known at `t`.
pub(crate) fn stays(folder: &Folder, deal: &Deal, t: Cut) -> Rc<Vec<Stay>> {
    let mut known = deal.known.borrow_mut();
    if let Some((_, stays)) = known.iter().find(|(cut, _)| *cut == t) {
        return Rc::clone(stays);
    }
    let stays = Rc::new(work_out_stays(folder, deal, t));
    known.push((t, Rc::clone(&stays)));
    stays
}

fn work_out_stays(folder: &Folder, deal: &Deal, t: Cut) -> Vec<Stay> {
    let rows = &deal.stage_rows;
    let born = created(folder, deal);
    let mut entries: Vec<(Option<String>, Option<Instant>)> = Vec::new();
    if let Some(first) = rows.first() {
        if !first.from.is_empty() {
            // A history that starts in the middle: an assumed stay since created.
            entries.push((Some(first.from.clone()), born));
        } else if born.is_some_and(|born| born < first.at) {
            entries.push((None, born));
        }
        for row in rows {
            if t.sees(row.at) {
                entries.push((Some(row.to.clone()), Some(row.at)));
            }
        }
    } else {
        entries = entries_from_cells(folder, deal, born);
        entries.retain(|(_, entered)| entered.is_none_or(|entered| t.sees(entered)));
    }
    entries.dedup_by(|later, earlier| later.0 == earlier.0);
    let mut stays = Vec::new();
    for (place, (stage, entered)) in entries.iter().enumerate() {
        let left = entries.get(place + 1).and_then(|next| next.1);
        stays.push(Stay { stage: stage.clone(), entered: *entered, left });
    }
    stays
}

/// A deal without any stage event: its cells tell.
fn entries_from_cells(
    folder: &Folder,
    deal: &Deal,
    born: Option<Instant>,
) -> Vec<(Option<String>, Option<Instant>)> {
    let stage = folder.present_name(deal.cell("stage"));
    let stage_since = read_instant(folder.zone, deal.cell("stage_since"));
    let closed = read_instant(folder.zone, deal.cell("closed"));
    let is_closed = folder.outcome(&stage).is_some();
    let since = if is_closed { closed.or(stage_since) } else { stage_since };
    match since {
        Some(since) if born.is_none_or(|born| born < since) => {
            vec![(None, born), (Some(stage), Some(since))]
        }
        Some(since) => vec![(Some(stage), Some(since))],
        None if is_closed => vec![(Some(stage), None)],
        None => vec![(Some(stage), born)],
    }
}

/// The stage of a deal at a cut no later than `t`: that of the last stay entered by then.
pub(crate) fn stage_at(folder: &Folder, deal: &Deal, t: Cut, cut: Cut) -> Option<String> {
    stay_at(folder, deal, t, cut)?.stage
}

/// The stay that a deal is in at a cut.
pub(crate) fn stay_at(folder: &Folder, deal: &Deal, t: Cut, cut: Cut) -> Option<Stay> {
    let known = |stay: &Stay| stay.entered.is_none_or(|entered| cut.sees(entered));
    stays(folder, deal, t).iter().rfind(|stay| known(stay)).cloned()
}

/// *Open* at a cut: it exists, and its stage there has no outcome (or is unknown).
pub(crate) fn is_open_at(folder: &Folder, deal: &Deal, t: Cut, cut: Cut) -> bool {
    let stage = stage_at(folder, deal, t, cut);
    exists(folder, deal, cut) && stage.is_none_or(|stage| folder.outcome(&stage).is_none())
}

/// *Outcome at t*: `won`, `lost`, `disqualified`, or none while open.
pub(crate) fn outcome(folder: &Folder, deal: &Deal, t: Cut) -> Option<String> {
    let stage = stage_at(folder, deal, t, t)?;
    folder.outcome(&stage).map(str::to_owned)
}

/// *Closed at*: when the stay in the outcome began; none for an open deal or an unknown time.
pub(crate) fn closed_at(folder: &Folder, deal: &Deal, t: Cut) -> Option<Instant> {
    outcome(folder, deal, t)?;
    stay_at(folder, deal, t, t)?.entered
}

/// *Reached stage s*: the first instant in s or in an open stage after it; a deal won at `t` reached every stage, at
/// the latest when it was won.
pub(crate) fn reached(folder: &Folder, deal: &Deal, t: Cut, stage: &str) -> Option<Instant> {
    let open: Vec<&str> = folder.open_stages().iter().map(|open| open.id.as_str()).collect();
    let place = open.iter().position(|id| *id == stage).unwrap();
    let mut instants: Vec<Instant> = Vec::new();
    for stay in stays(folder, deal, t).iter() {
        let here_or_after = stay.stage.as_ref().is_some_and(|id| open[place..].contains(&id.as_str()));
        if here_or_after {
            instants.extend(stay.entered);
        }
    }
    if outcome(folder, deal, t).as_deref() == Some("won") {
        instants.extend(closed_at(folder, deal, t));
    }
    instants.into_iter().min()
}

/// *Field at t*: `to` of the last event on it up to `t`; else `from` of the first after; else the present cell.
pub(crate) fn field_at(deal: &Deal, field: &str, t: Cut) -> String {
    let rows = deal.events_on(field);
    if let Some(last) = rows.iter().rfind(|row| t.sees(row.at)) {
        return last.to.clone();
    }
    match rows.first() {
        Some(next) => next.from.clone(),
        None => deal.cell(field).to_owned(),
    }
}
