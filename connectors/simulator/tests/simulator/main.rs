//! The simulator as its callers see it: over HTTP, in this process, with a clock that stands still until a test moves it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bed;
mod contract;
mod faults;
mod hooks;
mod kill;
mod money;
mod page;
mod stripe;
mod subscriptions;
