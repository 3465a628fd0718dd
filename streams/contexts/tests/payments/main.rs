//! The decisions of payments, and the rows that come of them: one file per aggregate, and one for the ledger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod accounts;
mod answers;
mod callbacks;
mod cancels;
mod cards;
mod charges;
mod checks;
mod closing;
mod differences;
mod ends;
#[path = "../contexts/given.rs"]
#[allow(dead_code)] // Other contexts' tests need more of it.
mod given;
mod grants;
mod lent;
mod looks;
mod mails;
mod merging;
mod once;
mod plans;
mod recurrence;
mod refunds;
mod renewals;
mod reports;
mod rows;
mod sample;
mod settling;
mod settling_subscriptions;
mod simulated;
mod subscribed;
mod subscribing;
mod subscriptions;
mod subscriptions_once;
mod timers;
