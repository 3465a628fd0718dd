//! What each context decides, and the rows that come of it: one file per aggregate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod given;
mod listings;
mod names;
mod shops;
mod stock;
