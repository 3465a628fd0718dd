//! A buyer's browser: the shop's pages over HTTP and in a real browser, and the store's API beside them. On the embedded
//! parts alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Futures of futures: a page that is waited for in a world that is waited for.
#![recursion_limit = "256"]

mod cart;
mod changes;
mod chromium;
#[path = "../common/mod.rs"]
mod common;
mod docs;
mod driver;
mod hosts;
mod merchant;
mod pages;
mod positions;
mod search;
mod signup;
mod world;
