//! Faults: processes that are killed or asked to stop half way, brokers that die, disks and files that fail, records that
//! nobody can work on. The environment names the mode, as for the walks.
//!
//! Failpoints are the whole program's, so a test that sets one has them alone (`FailScenario`), and no other program sets any.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod apart;
mod brokers;
mod catalogue;
#[path = "../common/mod.rs"]
mod common;
mod crash;
mod durability;
mod folds;
mod garbage;
mod gateways;
mod images;
mod imports;
mod names;
mod parking;
mod processes;
mod registry;
mod scaled;
mod signup;
mod starting;
mod views;

use common::{PATIENCE, parked, until};
