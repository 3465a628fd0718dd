//! Stream processors: the task loop that turns commands into events and rows, one folder per context with its `decide`
//! and `apply`, the views that fold events into what buyers and merchants read, and the effects on what lies outside.

pub mod admin;
pub mod commands;
pub mod deadletter;
pub mod directory;
pub mod effects;
pub mod generations;
pub mod health;
mod known_schemas;
pub mod pictures;
pub mod platform;
mod reading;
pub mod store;
pub mod task;
#[cfg(test)]
mod testing;
pub mod views;
mod waiting;
pub mod watermarks;
