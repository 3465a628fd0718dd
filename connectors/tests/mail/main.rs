//! The mail port: one contract for the folder and for a server, what the bytes of a mail say to a reader of its own, and what becomes of a
//! sending whatever a server does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod contract;
mod folder;
mod given;
mod outcomes;
mod security;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod turns;
