//! Feira apis.

pub mod pages;
