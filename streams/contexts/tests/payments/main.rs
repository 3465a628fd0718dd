//! The decisions of payments, and the rows that come of them: one file per aggregate, and one for the ledger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod accounts;
mod answers;
mod callbacks;
mod cancels;
mod charges;
mod checks;
#[path = "../contexts/given.rs"]
#[allow(dead_code)] // Other contexts' tests need more of it.
mod given;
mod grants;
mod looks;
mod merging;
mod once;
mod refunds;
mod reports;
mod rows;
mod sample;
mod timers;
