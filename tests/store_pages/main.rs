//! What buyers get over HTTP: the store's API and the shop's pages, on the embedded parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
#[path = "../common/mod.rs"]
mod common;
mod hosts;
mod pages;
mod search;
mod world;
