//! `pipeline import`: deals from elsewhere.

mod arriving;
mod crm;
mod files;
mod known;
mod rows;
mod told;

use clap::{Args, Subcommand};

use super::context::Context;
use crate::error::Result;
use crate::exchange::hubspot::HUBSPOT;
use crate::exchange::pipedrive::PIPEDRIVE;
use crate::exchange::salesforce::SALESFORCE;

/// Bring deals in from another system's files
///
/// A deal is known again by the id that it has there, which the column `source_id` keeps: a second import of a newer export
/// brings what changed, as events, and never a deal twice. All of it comes in or nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import salesforce Opportunity.csv OpportunityHistory.csv --dry-run
  pipeline import hubspot deals.csv --pipeline 'Sales Pipeline'
  pipeline import csv crm.csv --map id=opportunity_id --map owner=sales_agent \\
      --stage Engaging=contact --dates %m/%d/%Y")]
pub(super) struct Import {
    #[command(subcommand)]
    source: Source,
}

/// Where the files come from.
#[derive(Debug, Subcommand)]
enum Source {
    Salesforce(Salesforce),
    Hubspot(Hubspot),
    Pipedrive(Pipedrive),
    Csv(rows::Csv),
    Jsonl(rows::Jsonl),
    Yaml(rows::Yaml),
}

/// From Salesforce: opportunities and their history
///
/// Takes the CSV of Opportunity with OpportunityHistory or OpportunityFieldHistory, from Data Loader or Data Export or as
/// reports, and Account and User for names. Which file is which is told from its columns.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import salesforce Opportunity.csv OpportunityHistory.csv Account.csv --dry-run
  pipeline import salesforce *.csv --process-from
  pipeline import salesforce report.csv --stage 'Value Proposition=needs' --dates mdy")]
struct Salesforce {
    #[command(flatten)]
    exports: crm::Exports,
}

/// From HubSpot: deals and when they entered their stages
///
/// Takes the CSV that HubSpot exports of deals. The columns `Date entered \"Stage (Pipeline)\"` and a file of property
/// history (`deal_id`, `timestamp`, `name`, `value`) become history.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import hubspot deals.csv --dry-run
  pipeline import hubspot deals.csv history.csv --pipeline 'Sales Pipeline'
  pipeline import hubspot deals.csv --write-mapping hubspot.yaml --dry-run")]
struct Hubspot {
    #[command(flatten)]
    exports: crm::Exports,
}

/// From Pipedrive: deals and their changelog
///
/// Takes the CSV that Pipedrive exports of deals, and the changelog of its interface as JSON, in which each change names
/// its deal by `deal_id` or `item_id`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline import pipedrive deals.csv --dry-run
  pipeline import pipedrive deals.csv changelog.json
  pipeline import pipedrive deals.csv --dates dmy --decimal comma")]
struct Pipedrive {
    #[command(flatten)]
    exports: crm::Exports,
}

impl Import {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        context.begin("importing");
        match self.source {
            Source::Salesforce(source) => source.exports.run(&SALESFORCE, context),
            Source::Hubspot(source) => source.exports.run(&HUBSPOT, context),
            Source::Pipedrive(source) => source.exports.run(&PIPEDRIVE, context),
            Source::Csv(source) => source.run(context),
            Source::Jsonl(source) => source.run(context),
            Source::Yaml(source) => source.run(context),
        }
    }
}
