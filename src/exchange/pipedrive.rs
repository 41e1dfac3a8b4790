//! Pipedrive: its export of deals, in which the stage stands beside the status, and the changelog of its interface.

use super::crm::{Clock, ColumnNames, Crm, Rows};
use super::table::Table;

/// What is special about Pipedrive.
pub static PIPEDRIVE: Crm = Crm {
    name: "Pipedrive",
    deal: "deal",
    deals: &DEALS,
    history: &HISTORY,
    names: &[],
    recognise,
    key: |id| id,
    entered: |_| None,
    history_clock: Clock::Utc,
    wanted: "give the CSV that Pipedrive exports of deals in English, and beside it their changelog as JSON",
};

const DEALS: [ColumnNames; 19] = [
    ("source_id", &["Deal - ID", "ID"]),
    ("name", &["Deal - Title", "Title"]),
    ("value", &["Deal - Value", "Value"]),
    ("currency", &["Deal - Currency of Value", "Currency of Value", "Currency"]),
    ("account", &["Deal - Organization", "Organization", "Organization - Name", "org_name"]),
    ("contact", &["Deal - Contact person", "Contact person", "Person - Name", "person_name"]),
    ("owner", &["Deal - Owner", "Owner", "owner_name", "user_id"]),
    ("pipeline", &["Deal - Pipeline", "Pipeline"]),
    ("stage", &["Deal - Stage", "Stage", "stage_id"]),
    ("status", &["Deal - Status", "Status"]),
    ("created", &["Deal - Deal created", "Deal created", "add_time"]),
    ("since", &["Deal - Last stage change", "Last stage change", "stage_change_time"]),
    ("won_at", &["Deal - Won time", "Won time", "won_time"]),
    ("lost_at", &["Deal - Lost time", "Lost time", "lost_time"]),
    ("reason", &["Deal - Lost reason", "Lost reason", "lost_reason"]),
    ("close_date", &["Deal - Expected close date", "Expected close date", "expected_close_date"]),
    ("next_date", &["Deal - Next activity date", "Next activity date"]),
    ("source", &["Deal - Source channel", "Source channel", "Deal - Source"]),
    ("modified", &["Deal - Update time", "Update time", "update_time"]),
];

/// Both of the changelog and of the flow of a deal, whose rows stand in an object each.
const HISTORY: [ColumnNames; 8] = [
    ("key", &["deal_id", "item_id", "data.item_id"]),
    ("at", &["time", "log_time", "data.log_time", "timestamp"]),
    ("by", &["actor_user_id", "user_id", "data.user_id"]),
    ("field", &["field_key", "data.field_key"]),
    ("from", &["old_value", "data.old_value"]),
    ("to", &["new_value", "data.new_value"]),
    ("from_word", &["additional_data.old_value_formatted", "data.additional_data.old_value_formatted"]),
    ("to_word", &["additional_data.new_value_formatted", "data.additional_data.new_value_formatted"]),
];

fn recognise(table: &Table) -> Option<Rows> {
    let has = |ours: &str, known: &[ColumnNames]| {
        let theirs = known.iter().find(|(name, _)| *name == ours).map_or(&[][..], |(_, theirs)| theirs);
        theirs.iter().any(|name| table.column(name).is_some())
    };
    if has("field", &HISTORY) && has("to", &HISTORY) {
        Some(Rows::Changes)
    } else if has("status", &DEALS) && has("stage", &DEALS) && has("name", &DEALS) {
        Some(Rows::Deals)
    } else {
        None
    }
}
