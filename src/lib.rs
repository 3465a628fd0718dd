//! Feira: many independent shops in one deployment. This library is the binary's inside, for tests and benches.

pub mod client;
pub mod config;
pub mod descriptors;
mod memory;
pub mod node;
pub mod output;
pub mod ports;
mod processors;
pub mod serve;
pub mod telemetry;
