//! What a buyer's browser gets: the shop's pages and the store's API beside them, over HTTP. On the embedded parts alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
#[path = "../common/mod.rs"]
mod common;
mod hosts;
mod pages;
mod positions;
mod search;
mod world;
