//! Stream processors: the task loop that turns commands into events and rows, one folder per context with its `decide`
//! and `apply`, and the views that fold events into what buyers and merchants read.

pub mod admin;
pub mod commands;
pub mod deadletter;
pub mod directory;
pub mod health;
pub mod pictures;
pub mod platform;
pub mod store;
pub mod task;
pub mod views;
mod waiting;
pub mod watermarks;
