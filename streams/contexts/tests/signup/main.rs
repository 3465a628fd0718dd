//! The decisions of sign-up, and the rows that come of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod accounts;
mod answers;
mod asking;
mod ending;
mod foreign;
#[path = "../contexts/given.rs"]
#[allow(dead_code)] // Other contexts' tests need more of it.
mod given;
mod naming;
mod offered;
mod opening;
mod otherwise;
mod paid;
mod paying;
mod plans;
mod sample;
mod shop;
mod subscribing;
mod undoing;
