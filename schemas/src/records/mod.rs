//! Every record that may stand on a topic, one Rust type per Avro file in `schemas/avro`, and the closed set each topic holds.

pub mod admin;
pub mod catalogue;
pub mod common;
pub mod directory;
pub mod store;

mod outgoing;
mod results;
mod schemas;
mod sets;

pub use admin::{AdminCommand, AdminEvent};
pub use directory::{DirectoryCommand, DirectoryEvent};
pub use outgoing::Outgoing;
pub use results::ResultRecord;
pub use schemas::record_schemas;
pub use sets::{CommandSet, EventSet, RecordSet};
pub use store::{StoreCommand, StoreEvent};

/// The record types of each set.
const SETS: [&[&str]; 7] = [
    DirectoryCommand::NAMES,
    DirectoryEvent::NAMES,
    AdminCommand::NAMES,
    AdminEvent::NAMES,
    StoreCommand::NAMES,
    StoreEvent::NAMES,
    ResultRecord::NAMES,
];

/// The hand-written Avro files, one per named type: (full name, text of the file).
const AVRO: [&[(&str, &str)]; 5] = [results::AVRO, directory::AVRO, catalogue::AVRO, admin::AVRO, store::AVRO];
