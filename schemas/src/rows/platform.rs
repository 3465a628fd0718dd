//! The rows that every process shares and no context owns: live generations, and the schemas that ids mean.

use serde::{Deserialize, Serialize};

use super::{keyspace::Keyspace, table};
use crate::row::{Row, RowKey, RowType, Stored, Table};

/// `feira_platform.generation`. Always in its first generation: the oldest program must find what a newer one has written.
pub const GENERATION: Table = Table {
    keyspace: "platform",
    name: "generation",
    generation: 1,
    partition_key: &["name"],
    clustering_key: &[],
    kept: None,
};
table!(SCHEMA: SchemaRow = "platform"."schema", ("id"), ());

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "platform", generation: 1, cql: include_str!("../../cql/platform.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[*RowType::of::<GenerationRow>(), *RowType::of::<SchemaRow>()];

/// The generation of something kept that is live: a program of another one does not start on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationRow {
    /// A keyspace without its prefix, or another thing that has a format.
    pub name: String,
    /// The live one.
    pub generation: i64,
}

impl Stored for GenerationRow {
    const TABLE: Table = GENERATION;
}

impl Row for GenerationRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.name.as_str().into()], [])
    }
}

/// The meaning of a schema id since it was first met. Records are kept for ever under these ids, so a registry that gives one
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
    /// The key of an id's row.
    pub fn at(id: u32) -> RowKey {
        RowKey::new([i64::from(id).into()], [])
    }
}

impl Row for SchemaRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.id.into()], [])
    }
}
