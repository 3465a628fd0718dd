//! The APIs over HTTP, on a whole Feira in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod away;
mod bad_moments;
mod bed;
mod cart_limits;
mod cart_pages;
mod carts;
mod catalogue;
mod commands;
mod coupons;
mod dead_letters;
mod description;
mod differences;
mod docs;
mod domains;
mod exports;
mod idempotency;
mod images;
mod imports;
mod installments;
mod isolation;
mod least;
mod limits;
mod mails;
mod merchants;
mod methods;
mod operator;
mod panel;
mod payments;
mod permissions;
mod provisioning;
mod published;
mod reconciliation;
mod refusals;
mod reports;
mod settling;
mod shipping;
#[path = "../../../tests/common/signup/mod.rs"]
mod sign_up;
mod signup;
mod site;
mod staff;
mod subscribers;
mod sweep;
mod writing;

use std::sync::LazyLock;

use tokio::runtime::Runtime;

/// Tests share one Feira, so they share its runtime: a test's own would end with it and take Feira's tasks along.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Runs a test on the shared runtime.
fn run(test: impl Future<Output = ()>) {
    RUNTIME.block_on(test);
}
