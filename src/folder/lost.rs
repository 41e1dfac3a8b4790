//! Deals of which only history is left, since somebody removed their rows: what their rows would say.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::deal_rows::required;
use super::effects::left_by;
use super::history::{History, deal_of, standing};
use super::sheet::Sheet;
use crate::deal::time::Instant;
use crate::error::Result;
use crate::fold::fold;
use crate::process::{Process, StageIndex};

/// A deal of which only history is left.
#[derive(Debug)]
pub struct Lost {
    /// Its id.
    pub id: String,
    cells: BTreeMap<String, String>,
}

impl Lost {
    /// What history says of a column; empty where it does not.
    pub fn cell(&self, column: &str) -> &str {
        if column == "id" { &self.id } else { self.cells.get(column).map_or("", String::as_str) }
    }

    /// Makes it a deal that was deleted then.
    pub fn delete(&mut self, process: &Process, at: Instant) {
        let at = at.to_string();
        let cells = [("stage", process.stage_id(StageIndex::DELETED)), ("stage_since", &at), ("closed", &at)];
        self.cells.extend(cells.map(|(column, cell)| (column.to_owned(), cell.to_owned())));
    }

    /// Whether it was deleted before its row went.
    pub fn was_deleted(&self, process: &Process) -> bool {
        process.lookup(self.cell("stage")) == Some(StageIndex::DELETED)
    }
}

/// The deals that history tells of and the deals do not have, by id; none where the deals have not even a header: then it
/// is the file that is lost, and not each of them.
///
/// What cannot be read in history is passed over: whoever loads it says so.
pub fn lost(process: &Process, deals: &Sheet, history: &Sheet) -> Result<Vec<Lost>> {
    let Some(required) = required(deals)? else { return Ok(Vec::new()) };
    let (mut known, mut cells) = (FxHashSet::default(), Vec::new());
    for line in deals.rows() {
        // A row that is no row has an id all the same.
        let _ = deals.split(line?, &mut cells);
        known.extend(cells.get(required.id).map(|id| id.clone().into_owned()));
    }
    let of_lost = |line| deal_of(line).is_some_and(|deal| !known.contains(&*deal));
    let told = standing(History::of(history)?.rows(of_lost).flatten());
    Ok(told.into_iter().map(|(id, events)| Lost { id, cells: left_by(process, events) }).collect())
}

/// The ids of lost deals that somebody wrote in another case, and how: such an id stands in the deals, and history tells
/// nothing of it. One with a history of its own is another deal.
///
/// What cannot be read is passed over: whoever loads it says so.
pub fn respelled<'l>(
    deals: &Sheet,
    history: &Sheet,
    lost: impl IntoIterator<Item = &'l str>,
) -> BTreeMap<&'l str, String> {
    let mut by_fold: FxHashMap<String, &str> = lost.into_iter().map(|id| (fold(id), id)).collect();
    let Ok(Some(required)) = required(deals) else { return BTreeMap::new() };
    let mut found = FxHashMap::default();
    let mut cells = Vec::new();
    for line in deals.rows().flatten() {
        let _ = deals.split(line, &mut cells);
        if let Some(id) = cells.get(required.id)
            && let Some(lost) = by_fold.remove(&fold(id))
        {
            found.insert(id.clone().into_owned(), lost);
        }
    }
    if !found.is_empty() {
        for deal in history.rows().flatten().filter_map(deal_of) {
            found.remove(&*deal);
        }
    }
    found.into_iter().map(|(now, lost)| (lost, now)).collect()
}

/// What mends an id that was written in another case.
pub fn give_back(lost: &str, now: &str, file: &str) -> String {
    format!("{file} has `{now}`, of which history tells nothing: write it `{lost}` again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deal::event::HEADER;
    use crate::process;

    fn found(deals: &str, history: &str) -> Vec<Lost> {
        let stages = "stages: [{id: needs}, {id: proposal}, {id: won, outcome: won}]\n";
        let process = process::read("pipeline.yaml", stages).unwrap();
        let deals = Sheet::of_text("deals.csv", deals.to_owned()).unwrap();
        let history = Sheet::of_text("history.csv", format!("{HEADER}\n{history}")).unwrap();
        lost(&process, &deals, &history).unwrap()
    }

    const HISTORY: &str = "\
2026-03-02T08:00:00.000Z,b,stage,,needs,won,ana,
2026-03-01T08:00:00.000Z,b,stage,,,needs,ana,
2026-03-01T08:00:00.000Z,b,set,name,,Bolts,ana,
2026-03-01T09:00:00.000Z,b,set,value,,5,ana,
2026-03-01T10:00:00.000Z,b,void,set:value,2026-03-01T09:00:00.000Z,,ana,
2026-03-01T08:00:00.000Z,a,call,,,,ana,
";

    #[test]
    fn a_row_that_went_is_what_its_history_adds_up_to() {
        let lost = found("id,name,stage\na,A,needs\n", HISTORY);
        assert_eq!(lost.len(), 1);
        let cells = ["id", "name", "stage", "created", "stage_since", "closed", "value"];
        let (began, ended) = ("2026-03-01T08:00:00.000Z", "2026-03-02T08:00:00.000Z");
        assert_eq!(cells.map(|column| lost[0].cell(column)), ["b", "Bolts", "won", began, ended, ended, ""]);
    }

    #[test]
    fn what_is_deleted_stays_as_it_was_but_for_its_end() {
        let mut lost = found("id,name,stage\na,A,needs\n", HISTORY);
        let process =
            process::read("pipeline.yaml", "stages: [{id: needs}, {id: won, outcome: won}]\n").unwrap();
        assert!(!lost[0].was_deleted(&process));
        let at = "2026-03-03T08:00:00.000Z";
        lost[0].delete(&process, Instant::parse(at).unwrap());
        assert!(lost[0].was_deleted(&process));
        let cells = ["name", "stage", "stage_since", "closed"];
        assert_eq!(cells.map(|column| lost[0].cell(column)), ["Bolts", "deleted", at, at]);
    }

    #[test]
    fn an_id_in_another_case_is_known_again_unless_it_has_a_history() {
        let found = |deals: &str, history: &str| {
            let deals = Sheet::of_text("deals.csv", format!("id,name,stage\n{deals}")).unwrap();
            let history = Sheet::of_text("history.csv", format!("{HEADER}\n{history}")).unwrap();
            let found = respelled(&deals, &history, ["b", "c"]);
            found.into_iter().map(|(lost, now)| format!("{lost} {now}")).collect::<Vec<_>>()
        };
        assert_eq!(found("a,A,needs\nB,Bolts,needs\n", HISTORY), ["b B"]);
        assert!(found("a,A,needs\nd,D,needs\n", HISTORY).is_empty());
        let of_its_own = format!("{HISTORY}2026-03-01T08:00:00.000Z,B,call,,,,ana,\n");
        assert!(found("a,A,needs\nB,Bolts,needs\n", &of_its_own).is_empty());
    }

    #[test]
    fn a_file_without_a_header_has_lost_more_than_rows() {
        assert_eq!(found("id,name,stage\n", HISTORY).len(), 2);
        assert!(found("", HISTORY).is_empty());
    }
}
