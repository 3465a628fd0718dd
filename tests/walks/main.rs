//! Walks through the whole platform, a file per feature. Each is told once, in the mode that the environment names: on the embedded
//! parts where no service's address is set; on the services (Kafka, Cassandra in ScyllaDB's place, Redis, a schema registry and S3)
//! where all are. What can be told in one mode alone is skipped in the other, which is said; so are the services' where some are
//! missing, which with `FEIRA_REQUIRE=all` is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admission;
mod budget;
mod carts;
#[path = "../common/mod.rs"]
mod common;
mod configuration;
mod dead_letters;
mod delivery;
mod demo;
mod generations;
mod images;
mod imports;
mod keyring;
mod newer;
mod products;
mod real_input;
mod sealing;
mod secure;
mod shops;
mod simulated;
mod sweeping;
mod vendors;
