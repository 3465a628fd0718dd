//! Feira connectors.

pub mod cache;
pub mod files;
pub mod registry;
pub mod state;
