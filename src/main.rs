//! The program: what was typed goes to the library; what comes back becomes an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    pipeline::commands::main(std::env::args_os())
}
