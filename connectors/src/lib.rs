//! Feira connectors.

pub mod search;
