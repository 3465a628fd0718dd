//! Stream processors: the task loop that turns commands into events and rows as contexts decide (`feira-contexts`), the views
//! that fold events into what buyers and merchants read, and the effects on what lies outside.

pub mod commands;
pub mod deadletters;
pub mod effects;
pub mod generations;
pub mod health;
mod known_schemas;
pub mod pictures;
pub mod platform;
mod reading;
pub mod task;
#[cfg(test)]
mod testing;
pub mod views;
mod waiting;
pub mod watermarks;
