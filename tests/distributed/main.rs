//! The same program on real services: Kafka, Cassandra in ScyllaDB's place, Redis, a schema registry and S3.
//!
//! Without their addresses these tests are skipped, which is said; with `FEIRA_REQUIRE=all` that is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod generations;
mod imports;
mod poison;
mod processes;
mod real_input;
mod secure;
mod starting;
mod walks;
