//! `report funnel` (§2 Funnel; "Journeys left out of the funnel's middle").

use serde_json::{Value, json};

use crate::cells::{Cells, cells, rate};
use crate::cohorts::{count_with_outcome, created_in};
use crate::files::Deal;
use crate::groups::Group;
use crate::journey;
use crate::view::View;

/// §2 Funnel ("Journeys left out of the funnel's middle"): one row for each open stage, then won.
pub(crate) fn funnel(view: &View, group: &Group) -> Vec<Cells> {
    let all = created_in(view, group);
    let recorded: Vec<&Deal> = all.iter().copied().filter(|deal| !journey::is_assumed(deal)).collect();
    let row = |stage: &str, reached: usize, of_first: Value, of_previous: Value| {
        cells(vec![
            ("stage", json!(stage)),
            ("reached", json!(reached)),
            ("share_of_first", of_first),
            ("share_of_previous", of_previous),
        ])
    };
    let open = view.folder.open_stages();
    let mut rows = vec![row(&open[0].id, all.len(), rate(all.len(), all.len()), rate(0, 0))];
    let mut previous = recorded.len();
    for stage in &open[1..] {
        let is_there = |deal: &&&Deal| journey::reached(view.folder, deal, view.t, &stage.id).is_some();
        let reached = recorded.iter().filter(is_there).count();
        rows.push(row(&stage.id, reached, rate(reached, recorded.len()), rate(reached, previous)));
        previous = reached;
    }
    let won = count_with_outcome(view, &all, "won");
    let recorded_won = count_with_outcome(view, &recorded, "won");
    rows.push(row("won", won, rate(won, all.len()), rate(recorded_won, previous)));
    rows
}
