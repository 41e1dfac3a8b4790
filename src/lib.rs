//! `pipeline`: a scriptable sales pipeline over plain files.

pub mod deal;
pub mod error;
pub mod metrics;
pub mod problem;
pub mod process;
