//! Stream processors: the loop that turns commands into events and rows as contexts decide (`feira-contexts`), the views
//! that fold events into what buyers and merchants read, and the effects on what lies outside.

mod backoff;
pub mod commands;
mod consumer;
mod counted;
pub mod deadletters;
mod decoders;
pub mod effects;
pub mod erasings;
pub mod generations;
pub mod health;
pub mod images;
mod known_schemas;
mod live;
mod panics;
pub mod platform;
pub mod processor;
pub mod reached;
mod reading;
pub mod start;
pub mod stores;
#[cfg(test)]
mod testing;
pub mod unavailable;
pub mod views;
mod waiting;
pub mod wiring;
