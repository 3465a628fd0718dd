//! A row of state: a struct whose fields are a table's columns, and the key it is found by.
//!
//! Rows are written whole, with the `write_ts` of the event they come from, so writing one twice or out of order ends
//! in the same row (last write wins by `write_ts`).

use std::{any::Any, fmt::Debug, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{ids::Micros, weight::json_bytes};

/// A table: `feira_<keyspace>.<name>_g<generation>`; its columns are the row struct's fields, its types stand in `schemas/cql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table {
    /// The keyspace without its `feira_` prefix: the context's name.
    pub keyspace: &'static str,
    /// The table's name without its generation.
    pub name: &'static str,
    /// A change of the table or of the `apply` that fills it makes the next generation, folded beside the live one.
    pub generation: u32,
    /// Partition-key columns, in order.
    pub partition_key: &'static [&'static str],
    /// Clustering columns, in order; rows of a partition sort ascending by them.
    pub clustering_key: &'static [&'static str],
    /// Microseconds after its `write_ts` from which a row may be let go, as the table's CQL says in seconds
    /// (`default_time_to_live`); none keeps every row.
    pub kept: Option<Micros>,
}

impl Table {
    /// This table in another generation: a program may read and write several of one table.
    pub const fn of_generation(self, generation: u32) -> Self {
        Self { generation, ..self }
    }
}

/// One component of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyPart {
    /// CQL `bigint`.
    BigInt(i64),
    /// CQL `text`.
    Text(String),
    /// CQL `uuid`.
    Uuid(Uuid),
}

impl From<i64> for KeyPart {
    fn from(value: i64) -> Self {
        Self::BigInt(value)
    }
}
impl From<&str> for KeyPart {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for KeyPart {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Uuid> for KeyPart {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

/// The key of a row: the table's partition-key components and then its clustering components.
///
/// A key with fewer clustering components than its table names the rows that begin with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// One value per partition-key column.
    pub partition: Vec<KeyPart>,
    /// One value per clustering column (fewer: a prefix).
    pub clustering: Vec<KeyPart>,
}

impl RowKey {
    /// A key from its two halves.
    pub fn new(partition: impl Into<Vec<KeyPart>>, clustering: impl Into<Vec<KeyPart>>) -> Self {
        Self { partition: partition.into(), clustering: clustering.into() }
    }
}

/// The shape of a row: its serde field names are the column names, and its key is made of them. Which table it lies in, and in
/// which generation, it does not say.
pub trait Row: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// The key of this row.
    fn key(&self) -> RowKey;
}

/// A row of one table alone, in this program's generation of it.
pub trait Stored: Row {
    /// The table.
    const TABLE: Table;
}

/// A row whose type is known at run time only: what `apply` hands to the state port.
pub trait AnyRow: Debug + Send + Sync {
    /// The row's key.
    fn row_key(&self) -> RowKey;
    /// The row as a JSON object of its columns.
    fn to_json(&self) -> Result<serde_json::Value, serde_json::Error>;
    /// The row as JSON text in UTF-8: an object of its columns.
    fn to_json_bytes(&self) -> Result<Vec<u8>, serde_json::Error>;
    /// Bytes that the row takes in memory, near enough to bound what is kept of rows.
    fn weight(&self) -> usize;
    /// For taking the typed row back out of a cache.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<R: Row> AnyRow for R {
    fn row_key(&self) -> RowKey {
        self.key()
    }
    fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(self)
    }
    fn to_json_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
    fn weight(&self) -> usize {
        json_bytes(self)
    }
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// A row that was read, of a type that is known at run time only.
pub type ReadRow = Result<Arc<dyn AnyRow>, serde_json::Error>;

/// Reads rows of a table whose type is known at run time only.
#[derive(Debug, Clone, Copy)]
pub struct RowType {
    /// The table.
    pub table: Table,
    from_bytes: fn(&[u8]) -> ReadRow,
    from_json: fn(serde_json::Value) -> ReadRow,
}

impl RowType {
    /// The type of rows `R`.
    pub const fn of<R: Stored>() -> &'static Self {
        const { &Self::within::<R>(R::TABLE) }
    }
    /// The type of rows `R` in one of the tables that they lie in.
    pub const fn within<R: Row>(table: Table) -> Self {
        Self {
            table,
            from_bytes: |json| Ok(Arc::new(serde_json::from_slice::<R>(json)?)),
            from_json: |json| Ok(Arc::new(serde_json::from_value::<R>(json)?)),
        }
    }
    /// A row from the text of a JSON object of its columns.
    pub fn from_bytes(&self, json: &[u8]) -> ReadRow {
        (self.from_bytes)(json)
    }
    /// A row from a JSON object of its columns.
    pub fn from_json(&self, json: serde_json::Value) -> ReadRow {
        (self.from_json)(json)
    }
}

/// One change to one row, with the `write_ts` of its event.
#[derive(Debug, Clone)]
pub enum Write {
    /// The row is now this.
    Put {
        /// The table of the row.
        table: Table,
        /// The whole row.
        row: Arc<dyn AnyRow>,
        /// Microseconds; a smaller one never replaces a larger one.
        write_ts: Micros,
    },
    /// The row is gone.
    Delete {
        /// The table of the row.
        table: Table,
        /// The full key of the row.
        key: RowKey,
        /// The write timestamp of the event, in microseconds.
        write_ts: Micros,
    },
}

impl Write {
    /// Puts a row into its table.
    pub fn put<R: Stored>(row: R, write_ts: Micros) -> Self {
        Self::put_in(R::TABLE, row, write_ts)
    }
    /// Puts a row into this table.
    pub fn put_in<R: Row>(table: Table, row: R, write_ts: Micros) -> Self {
        Self::Put { table, row: Arc::new(row), write_ts }
    }
    /// Deletes a row from its table.
    pub fn delete<R: Stored>(key: RowKey, write_ts: Micros) -> Self {
        Self::delete_in(R::TABLE, key, write_ts)
    }
    /// Deletes a row from this table.
    pub fn delete_in(table: Table, key: RowKey, write_ts: Micros) -> Self {
        Self::Delete { table, key, write_ts }
    }
    /// The table that is written.
    pub fn table(&self) -> Table {
        match self {
            Self::Put { table, .. } | Self::Delete { table, .. } => *table,
        }
    }
    /// The key that is written.
    pub fn key(&self) -> RowKey {
        match self {
            Self::Put { row, .. } => row.row_key(),
            Self::Delete { key, .. } => key.clone(),
        }
    }
    /// The write timestamp, in microseconds.
    pub fn write_ts(&self) -> Micros {
        match self {
            Self::Put { write_ts, .. } | Self::Delete { write_ts, .. } => *write_ts,
        }
    }
}
