//! Feira: many independent shops in one deployment. This library is the binary's inside, for tests and benches.

pub mod client;
pub mod config;
pub mod descriptors;
pub mod node;
pub mod output;
pub mod ports;
pub mod serve;
pub mod telemetry;

/// Taking and giving back memory is a quarter of what a command costs with glibc's allocator; with this one commands pass a
/// quarter faster. It stands here, so that the limits that benches measure have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
