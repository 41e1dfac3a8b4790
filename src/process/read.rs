//! x
use super::Process;
use crate::problem::Problem;
/// x
pub fn read(_file: &str, _text: &str) -> Result<Process, Vec<Problem>> {
    Err(Vec::new())
}
