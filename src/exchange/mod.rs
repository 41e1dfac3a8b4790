//! Other systems' files: what they mean here. Pure; the bytes come in as arguments.

pub mod csv;
pub mod ics;
