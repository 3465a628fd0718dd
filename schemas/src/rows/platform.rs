//! What every process shares and no context owns.

use serde::{Deserialize, Serialize};

use super::table;
use crate::row::{Row, RowKey, Table};

table!(SCHEMA = "platform"."schema", ("id"), ());

/// What a schema id has meant since it was first met. Records are kept for ever under these ids, so a registry that gives one
/// another meaning, having lost what it held, must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaRow {
    /// The id on the wire.
    pub id: i64,
    /// The record type's full name.
    pub name: String,
    /// SHA-256 of the schema's parsing canonical form, hex.
    pub fingerprint: String,
    /// The schema as the registry gave it.
    pub json: String,
}

impl SchemaRow {
    /// Where an id lies.
    pub fn at(id: u32) -> RowKey {
        RowKey::new([i64::from(id).into()], [])
    }
}

impl Row for SchemaRow {
    const TABLE: &'static Table = &SCHEMA;
    fn key(&self) -> RowKey {
        RowKey::new([self.id.into()], [])
    }
}
