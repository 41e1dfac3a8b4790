//! The same files under another process: what past and present would look like with other stages, before anyone changes
//! anything.

use std::path::Path;

use super::{Folder, PROCESS_FILE, text_of};
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::process::{self, Process};

/// The file that a process was read from instead of the folder's own.
#[derive(Clone, Debug)]
pub(super) struct Another {
    /// What it is called, as it was named.
    pub(super) file: String,
    /// What it holds.
    pub(super) text: String,
}

impl Folder {
    /// The same deals and history under the process that another file states. They are read where the folder's own process
    /// keeps them, and the pipeline is called what it is called there.
    ///
    /// Errors: there is no such file; everything that is wrong in it; a stage of the folder's own process that it does not
    /// know.
    pub fn under(self, path: &Path) -> Result<Folder> {
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(format!("there is no file {file}"))
                .hint("name one with the stages to look at, such as a changed copy of pipeline.yaml"),
            _ => Error::io("read", path, error),
        })?;
        let text = text_of(&file, bytes)?;
        let process = process::read(&file, &text)?;
        let homeless = homeless(&self.process, &process, &file);
        if !homeless.is_empty() {
            return Err(homeless.into());
        }
        let Process { name, deals, history, .. } = self.process;
        Ok(Folder {
            process: Process { name, deals, history, ..process },
            another: Some(Another { file, text }),
            ..self
        })
    }
}

/// The stages of a process that another has no place for.
fn homeless(own: &Process, other: &Process, file: &str) -> Vec<Problem> {
    let ids = own.stages.iter().flat_map(|stage| std::iter::once(&stage.id).chain(&stage.was));
    let problem = |id: &String| {
        Problem::error(file, None, format!("the stage `{id}` of {PROCESS_FILE} has no place in this process"))
            .help(format!("add `was: [{id}]` to the stage that takes its deals"))
    };
    ids.filter(|id| other.lookup(id).is_none()).map(problem).collect()
}
