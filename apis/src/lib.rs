//! Feira apis.
pub mod demo;
pub mod operator;
