//! `pipeline schema`: what pipeline.yaml may hold, for editors; and what a report in JSON holds, for programs.

use clap::{Args, ValueEnum};

use super::context::Context;
use crate::error::Result;
use crate::folder::Folder;
use crate::output::report_schema;
use crate::process::schema_text;

/// Print the JSON Schema of pipeline.yaml, or of the JSON of reports
///
/// Editors complete and check pipeline.yaml by it. The folder has it already, in .pipeline/schema.json, where the first
/// line of a pipeline.yaml that `init` wrote points to; every change of the folder keeps it up to date.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline schema
  pipeline schema -o pipeline.schema.json
  pipeline schema report")]
pub(super) struct Schema {
    /// Of what
    #[arg(value_enum, default_value_t = Of::Process)]
    of: Of,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// `pipeline.yaml`
    Process,
    /// What `report -f json` prints
    Report,
}

impl Schema {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder().ok();
        let process = folder.as_ref().map(Folder::process);
        match self.of {
            Of::Process => context.write(process, schema_text()),
            Of::Report => context.write(process, &report_schema()),
        }
    }
}
