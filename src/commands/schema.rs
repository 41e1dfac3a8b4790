//! `pipeline schema`: what pipeline.yaml may hold, for editors.

use clap::Args;

use super::context::Context;
use crate::error::Result;
use crate::folder::Folder;
use crate::process::schema_text;

/// Print the JSON Schema of pipeline.yaml
///
/// Editors complete and check pipeline.yaml by it. The folder has it already, in .pipeline/schema.json, where the first
/// line of a pipeline.yaml that `init` wrote points to; every change of the folder keeps it up to date.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline schema
  pipeline schema -o pipeline.schema.json")]
pub(super) struct Schema {}

impl Schema {
    #[expect(clippy::unused_self, reason = "the face of every command")]
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folder = context.folder().ok();
        context.write(folder.as_ref().map(Folder::process), schema_text())
    }
}
