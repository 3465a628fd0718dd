//! A process of a deployment: its command line, its configuration, the ports that this names, and the node that runs the wiring of
//! its roles. It knows no page: what is answered by HTTP is handed to it ([`feira_web::site::Site`]).

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod book;
pub mod cli;
pub mod client;
pub mod config;
mod counters;
pub mod descriptors;
pub mod keyring;
pub mod mail;
mod memory;
pub mod node;
pub mod output;
pub mod ports;
mod processors;
pub mod serve;
pub mod simulator;
pub mod telemetry;
