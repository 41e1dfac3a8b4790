//! Asking the program.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::compare::differences;
use crate::files::Folder;
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
    let printed = serde_json::from_slice(&output.stdout);
    printed.map(without_commands).map_err(|error| format!("not JSON: {error}; {stderr}"))
}

/// The answer without the commands of the summary, which name the folder; and of the sentence on its worst bottleneck the
/// stage that it begins with.
fn without_commands(mut printed: Value) -> Value {
    for row in printed.pointer_mut("/to_do/total").and_then(Value::as_array_mut).into_iter().flatten() {
        row.as_object_mut().unwrap().remove("command");
    }
    let says = printed.pointer("/bottleneck/total/0/says").and_then(Value::as_str).map(str::to_owned);
    if let Some(says) = says {
        let stage = says.split(',').next().unwrap();
        let worst = if says.starts_with("none: ") { json!([]) } else { json!([{"says": stage}]) };
        printed["bottleneck"]["total"] = worst;
    }
    printed
}

/// Asks both, and gives every difference; nothing where a question is refused.
pub(crate) fn disagreements(directory: &Path, folder: &Folder, question: &Question) -> Vec<String> {
    if question.is_refused(folder) {
        return Vec::new();
    }
    let oracle = answer(folder, question);
    match ask(directory, question) {
        Ok(program) => differences(&oracle, &program),
        Err(error) => vec![error],
    }
}
