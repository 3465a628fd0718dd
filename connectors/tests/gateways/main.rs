//! The gateways port: bodies and answers of each adapter, callbacks, the outcomes of broken connections, and the merging of looks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod answers;
mod bodies;
mod callbacks;
mod faults;
mod given;
mod looks;
mod merging;
mod names;
mod server;
mod simulator;
mod stripe_mock;
