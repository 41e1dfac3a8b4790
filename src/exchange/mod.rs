//! Other systems' files: what they mean here. Pure; the bytes come in as arguments.

pub mod crm;
pub mod csv;
pub mod dates;
pub mod first_process;
#[cfg(test)]
mod hostile;
pub mod hubspot;
pub mod ics;
pub mod incoming;
pub mod mapping;
pub mod numbers;
pub mod pipedrive;
pub mod plan;
mod reader;
pub mod salesforce;
pub mod sql;
mod steps;
pub mod table;
pub mod text;
pub mod words;
#[cfg(feature = "xlsx")]
mod workbook;
