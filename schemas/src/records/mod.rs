//! Every record that may stand on a topic, one Rust type per Avro file in `schemas/avro`, and the closed set each topic holds.

pub mod admin;
pub mod catalogue;
pub mod common;
pub mod directory;
pub mod store;

mod outgoing;
mod schemas;
mod sets;

pub use outgoing::Outgoing;
pub use schemas::record_schemas;
pub use sets::{
    AdminCommand, AdminEvent, CommandSet, DirectoryCommand, DirectoryEvent, EventSet, RecordSet, ResultRecord,
    StoreCommand, StoreEvent,
};
