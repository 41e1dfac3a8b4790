//! `report size` (§3).

use rust_decimal::Decimal;
use serde_json::json;

use crate::cells::{self, Cells, cells};
use crate::cohorts::{closed_as, open_at_e, values_of_closed, values_of_open};
use crate::groups::Group;
use crate::money;
use crate::statistics::quantile_of_money;
use crate::view::View;

/// §3: the sizes of won deals, and the means of lost and open ones.
pub(crate) fn size(view: &View, group: &Group) -> Cells {
    let won = closed_as(view, group, "won");
    let values = values_of_closed(view, &won);
    let lost = values_of_closed(view, &closed_as(view, group, "lost"));
    let n = values.len();
    let cell = |amount: Option<Decimal>| cells::money(view.folder, amount, n);
    // A stock has no date that decides membership: none in groups by time.
    let mean_open = if group.unit.is_some() {
        json!({"amount": null})
    } else {
        let open = values_of_open(view, &open_at_e(view, group));
        cells::money(view.folder, money::mean(&open), open.len())
    };
    cells(vec![
        ("won", json!(won.len())),
        ("total", cell(Some(money::total(&values)))),
        ("mean", cell(money::mean(&values))),
        ("median", cell(quantile_of_money(&values, "0.5"))),
        ("lower_quartile", cell(quantile_of_money(&values, "0.25"))),
        ("upper_quartile", cell(quantile_of_money(&values, "0.75"))),
        ("smallest", cell(values.iter().min().copied())),
        ("largest", cell(values.iter().max().copied())),
        ("mean_lost", cells::money(view.folder, money::mean(&lost), lost.len())),
        ("mean_open", mean_open),
    ])
}
