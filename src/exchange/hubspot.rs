//! HubSpot: its export of deals by labels or by names of properties, the columns that say when a deal entered a stage,
//! and the history of properties.

use super::crm::{Clock, ColumnNames, Crm, Entered, Rows};
use super::table::Table;

/// What is special about HubSpot.
pub static HUBSPOT: Crm = Crm {
    name: "HubSpot",
    deal: "deal",
    deals: &DEALS,
    history: &HISTORY,
    names: &[],
    recognise,
    key: |id| id,
    entered,
    history_clock: Clock::Folder,
    wanted: "give the CSV that HubSpot exports of deals, with the columns `Date entered …` or beside it the history of \
             their properties",
};

const DEALS: [ColumnNames; 14] = [
    ("source_id", &["Record ID", "Deal ID", "hs_object_id", "Record ID - Deal"]),
    ("name", &["Deal Name", "dealname"]),
    ("stage", &["Deal Stage", "dealstage"]),
    ("pipeline", &["Pipeline"]),
    ("value", &["Amount"]),
    ("currency", &["Currency", "deal_currency_code"]),
    ("owner", &["Deal owner", "hubspot_owner_id"]),
    ("account", &["Associated Company", "Associated Company (Primary)", "Primary Associated Company"]),
    ("contact", &["Associated Contact", "Associated Contacts"]),
    ("close_date", &["Close Date", "closedate"]),
    ("created", &["Create Date", "createdate"]),
    ("reason", &["Closed Lost Reason", "closed_lost_reason"]),
    ("next_step", &["Next step", "hs_next_step"]),
    ("modified", &["Last Modified Date", "hs_lastmodifieddate"]),
];

const HISTORY: [ColumnNames; 5] = [
    ("key", &["deal_id", "Record ID", "objectId", "hs_object_id"]),
    ("at", &["timestamp", "Change date"]),
    ("field", &["name", "property", "Property name"]),
    ("to", &["value", "Property value"]),
    ("by", &["updated_by", "source_label"]),
];

fn recognise(table: &Table) -> Option<Rows> {
    let has = |names: &[&str]| names.iter().any(|name| table.column(name).is_some());
    let all = |ours: &[&str]| {
        ours.iter().all(|ours| HISTORY.iter().any(|(name, theirs)| name == ours && has(theirs)))
    };
    if all(&["key", "at", "field", "to"]) {
        Some(Rows::Changes)
    } else if has(&["Deal Stage", "dealstage"]) || (has(&["Record ID"]) && has(&["Deal Name"])) {
        Some(Rows::Deals)
    } else {
        None
    }
}

/// `Date entered "Contract sent (Sales Pipeline)"`.
fn entered(column: &str) -> Option<Entered> {
    let rest = column.strip_prefix("Date entered ")?.trim();
    let quoted = rest.strip_prefix(['"', '\'', '“'])?.strip_suffix(['"', '\'', '”'])?.trim();
    match quoted.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((stage, pipeline)) => Some((stage.trim().to_owned(), Some(pipeline.trim().to_owned()))),
        None => Some((quoted.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_first_days_names_its_stage_and_pipeline() {
        let of = |column: &str| entered(column);
        let some =
            |stage: &str, pipeline: Option<&str>| Some((stage.to_owned(), pipeline.map(str::to_owned)));
        assert_eq!(
            of("Date entered \"Contract sent (Sales Pipeline)\""),
            some("Contract sent", Some("Sales Pipeline"))
        );
        assert_eq!(of("Date entered \"Won (late) (Sales)\""), some("Won (late)", Some("Sales")));
        assert_eq!(of("Date entered 'Demo'"), some("Demo", None));
        assert_eq!(of("Date exited \"Demo (Sales)\""), None);
        assert_eq!(of("Date entered current stage"), None);
    }
}
