//! Search shards from the outside: what is found, in which order, how it is counted, and what outlives what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod counting;
mod lifecycle;
mod measure;
mod retail;
mod spellings;
mod words;
