//! Feira apis.
pub mod demo;
