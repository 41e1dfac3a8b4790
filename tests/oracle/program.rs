//! Asking the program.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::compare::differences;
use crate::files::Folder;
use crate::landed;
use crate::report::{Question, answer};

/// What `pipeline -C DIR --today DAY report …  -f json` prints.
pub(crate) fn ask(directory: &Path, question: &Question) -> Result<Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pipeline"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PIPELINE_") {
            command.env_remove(name);
        }
    }
    command.arg("-C").arg(directory).args(question.arguments());
    let output = command.output().map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{}: {stderr}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("not JSON: {error}; {stderr}"))
}

/// Asks both, and gives every difference; nothing where a question is refused.
pub(crate) fn disagreements(directory: &Path, folder: &Folder, question: &Question) -> Vec<String> {
    if question.is_refused(folder) {
        return Vec::new();
    }
    let oracle = landed::known(answer(folder, question));
    match ask(directory, question) {
        Ok(program) => differences(&oracle, &program),
        Err(error) => vec![error],
    }
}
