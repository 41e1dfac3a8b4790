//! Salesforce: opportunities, `OpportunityHistory` (values after each change) and `OpportunityFieldHistory`, by the names
//! of its interface and by the labels of its reports.

use super::crm::{Clock, ColumnNames, Crm, Rows};
use super::table::Table;

/// What is special about Salesforce.
pub static SALESFORCE: Crm = Crm {
    name: "Salesforce",
    deal: "opportunity",
    deals: &OPPORTUNITIES,
    history: &HISTORY,
    names: &NAMES,
    recognise,
    key,
    entered: |_| None,
    history_clock: Clock::Folder,
    wanted: "give the CSV of Opportunity, or a report of opportunities, and beside it OpportunityHistory or \
             OpportunityFieldHistory",
};

const OPPORTUNITIES: [ColumnNames; 20] = [
    ("source_id", &["Id", "Opportunity ID", "OpportunityId", "Opportunity: Opportunity ID"]),
    ("name", &["Name", "Opportunity Name", "Opportunity: Opportunity Name"]),
    ("account_id", &["AccountId"]),
    ("account", &["Account.Name", "Account Name", "Account: Account Name"]),
    ("contact", &["Contact.Name", "Contact", "Primary Contact"]),
    ("owner", &["Owner.Name", "Opportunity Owner", "Opportunity Owner: Full Name", "Owner", "OwnerId"]),
    ("source", &["LeadSource", "Lead Source"]),
    ("stage", &["StageName", "Stage"]),
    ("value", &["Amount"]),
    ("currency", &["CurrencyIsoCode", "Amount Currency", "Opportunity Currency", "Currency"]),
    ("probability_there", &["Probability", "Probability (%)"]),
    ("created", &["CreatedDate", "Created Date"]),
    ("close_date", &["CloseDate", "Close Date"]),
    ("since", &["LastStageChangeDate", "Last Stage Change Date"]),
    ("next_step", &["NextStep", "Next Step"]),
    ("reason", &["Loss_Reason__c", "Loss Reason", "Closed Lost Reason", "Reason Lost"]),
    ("modified", &["LastModifiedDate", "Last Modified Date"]),
    ("is_closed", &["IsClosed", "Closed"]),
    ("is_won", &["IsWon", "Won"]),
    ("deleted", &["IsDeleted", "Deleted"]),
];

const HISTORY: [ColumnNames; 13] = [
    ("key", &["OpportunityId", "Opportunity ID", "Opportunity: Opportunity ID"]),
    ("name", &["Opportunity Name", "Opportunity: Opportunity Name", "Opportunity.Name"]),
    ("at", &["CreatedDate", "Edit Date", "Last Modified Date", "Last Modified", "Date", "Created Date"]),
    ("by", &["CreatedBy.Name", "Edited By", "Last Modified By", "CreatedById"]),
    ("from_stage", &["From Stage"]),
    ("stage", &["StageName", "To Stage"]),
    ("value", &["Amount"]),
    ("close_date", &["CloseDate", "Close Date"]),
    ("field", &["Field", "Field / Event"]),
    ("from", &["OldValue", "Old Value"]),
    ("to", &["NewValue", "New Value"]),
    ("probability_there", &["Probability", "Probability (%)"]),
    ("deleted", &["IsDeleted", "Deleted"]),
];

const NAMES: [ColumnNames; 2] = [("id", &["Id"]), ("name", &["Name", "Username"])];

fn recognise(table: &Table) -> Option<Rows> {
    let has = |name: &str| table.column(name).is_some();
    if (has("OldValue") && has("NewValue")) || (has("Old Value") && has("New Value")) {
        Some(Rows::Changes)
    } else if (has("OpportunityId") && has("StageName")) || has("To Stage") {
        Some(Rows::After)
    } else if (has("StageName") || has("Stage")) && (has("Name") || has("Opportunity Name") || has("Id")) {
        Some(Rows::Deals)
    } else if has("Id") && (has("Name") || has("Username")) {
        // Ids of accounts begin with 001 and those of users with 005, whatever else is in the file.
        let id = table.column("Id")?;
        let all = |prefix: &str| table.rows.iter().all(|row| table.cell(row, id).starts_with(prefix));
        (all("001") || all("005") || all("003")).then_some(Rows::Names)
    } else {
        None
    }
}

/// Reports show the first 15 characters of an id that has 18, of which the last three are a check sum.
fn key(id: &str) -> &str {
    let is_id = id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id { &id[..15] } else { id }
}
