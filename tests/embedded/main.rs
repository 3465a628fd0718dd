//! A whole Feira on its embedded parts. One program, since each links all of Feira: many would take longer to build than to run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admission;
mod budget;
#[path = "../common/mod.rs"]
mod common;
mod configuration;
mod dead_letters;
mod durability;
mod garbage;
mod generations;
mod import;
mod import_killed;
mod newer;
mod opening;
mod parking;
mod real_input;
mod registry;
mod store_pages;
mod walk;
