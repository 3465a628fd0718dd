//! Feira connectors.

pub mod log;
