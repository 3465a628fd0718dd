//! The state port: rows of tables, found by key, the newer `write_ts` winning.
//!
//! A context's state is a fold of its own events, so a write may come twice, late, or from two processes at once; every
//! adapter must end in the same rows. It offers no transactions across calls, no secondary indexes and no conditions.

mod cql;
mod embedded;
mod error;
mod key;
mod settings;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use feira_schemas::{
    budget::StoreShare,
    ids::Micros,
    row::{AnyRow, RowKey, RowType, Stored, Table, Write},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::{
    cql::CqlState,
    embedded::EmbeddedState,
    error::StateError,
    settings::{CqlConsistency, CqlSettings, Replication},
};

/// The most rows one [`State::scan`] or [`State::scan_table`] returns; a larger `limit` is cut to it, so that no caller can
/// ask for a partition that doesn't fit in memory.
pub const MAX_SCAN: usize = 10_000;

/// The store of rows: embedded in the data folder, or a CQL cluster. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub enum State {
    /// An LSM store in the data folder, for one process.
    Embedded(EmbeddedState),
    /// ScyllaDB or Cassandra.
    Cql(CqlState),
}

/// The place where a scan of a whole table stopped. Opaque, and of use to the adapter that made it only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(Vec<u8>);

/// Rows of a whole-table scan, and where the next one goes on (`None`: that was all).
#[derive(Debug, Clone)]
pub struct TablePage<R> {
    /// The rows, in no order that means anything.
    pub rows: Vec<R>,
    /// Hand it to the next call.
    pub next: Option<Cursor>,
}

impl State {
    /// The store in this folder, which is made if there is none. Blocks while its journal is read back.
    ///
    /// [`StateError::Corrupt`] means that no start will open it: it can be thrown away, since the log has it all.
    pub fn embedded(folder: &Path) -> Result<Self, StateError> {
        EmbeddedState::open(folder).map(Self::Embedded)
    }

    /// Opens the embedded state as [`Self::embedded`] does, with at most about `share` bytes of memtables and blocks
    /// in memory.
    pub fn embedded_within(folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        EmbeddedState::open_within(folder, share).map(Self::Embedded)
    }

    /// Opens an embedded store of rows beside the state, which has a name of its own in metrics, as [`Self::embedded_within`] does.
    pub(crate) fn beside(name: &'static str, folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        EmbeddedState::open_named(name, folder, share).map(Self::Embedded)
    }

    /// The cluster that these settings lead to, once it has answered.
    pub async fn cql(settings: &CqlSettings) -> Result<Self, StateError> {
        CqlState::connect(settings).await.map(Self::Cql)
    }

    /// Creates what is missing of these tables; call it before anything else, and again is harmless.
    ///
    /// `cql` holds each context's name and the text of its `schemas/cql/<context>.cql`, in which `{g}` stands for the
    /// generation; the embedded store needs no columns and doesn't read it.
    pub async fn ensure_tables(&self, tables: &[Table], cql: &[(&str, &str)]) -> Result<(), StateError> {
        match self {
            Self::Embedded(state) => state.ensure_tables(tables).await,
            Self::Cql(state) => state.ensure_tables(tables, cql).await,
        }
    }

    /// True if other processes see the same rows (a CQL cluster).
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Cql(_))
    }

    /// The time of the store's own clock in microseconds since 1970, which all processes share; `None` where the
    /// store has this machine's clock alone.
    pub async fn now(&self) -> Result<Option<Micros>, StateError> {
        match self {
            Self::Embedded(_) => Ok(None),
            Self::Cql(state) => state.now().await.map(Some),
        }
    }

    /// The row with this full key.
    pub async fn get<R: Stored>(&self, key: &RowKey) -> Result<Option<R>, StateError> {
        self.get_in(R::TABLE, key).await
    }

    /// The row with this full key, of a type that is known at run time only.
    pub async fn get_any(
        &self,
        row_type: &'static RowType,
        key: &RowKey,
    ) -> Result<Option<Arc<dyn AnyRow>>, StateError> {
        match self {
            Self::Embedded(state) => state.get_any(row_type, key),
            Self::Cql(state) => state.get_any(row_type, key).await,
        }
    }

    /// Scans as [`Self::scan`] does, for rows of a type that is known at run time only.
    pub async fn scan_any(
        &self,
        row_type: &'static RowType,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<Arc<dyn AnyRow>>, StateError> {
        match self {
            Self::Embedded(state) => state.scan_any(row_type, prefix, after, limit.min(MAX_SCAN)).await,
            Self::Cql(state) => state.scan_any(row_type, prefix, after, limit.min(MAX_SCAN)).await,
        }
    }

    /// Reads the row with this full key from `table`, which may be of any generation, as any type that its columns
    /// can be read as.
    pub async fn get_in<R: DeserializeOwned>(&self, table: Table, key: &RowKey) -> Result<Option<R>, StateError> {
        match self {
            Self::Embedded(state) => state.get(table, key),
            Self::Cql(state) => state.get(table, key).await,
        }
    }

    /// One answer per key, in the keys' order.
    pub async fn get_many<R: Stored>(&self, keys: &[RowKey]) -> Result<Vec<Option<R>>, StateError> {
        match self {
            Self::Embedded(state) => state.get_many(R::TABLE, keys).await,
            Self::Cql(state) => state.get_many(R::TABLE, keys).await,
        }
    }

    /// At most `limit` rows whose key begins with `prefix` (a full partition key, and any number of clustering components),
    /// ascending by clustering key, the first being the first strictly after `after` (a full key of the same partition).
    pub async fn scan<R: Stored>(
        &self,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<R>, StateError> {
        self.scan_in(R::TABLE, prefix, after, limit).await
    }

    /// Scans `table`, of any generation, as [`Self::scan`] does.
    pub async fn scan_in<R: DeserializeOwned + Send + 'static>(
        &self,
        table: Table,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<R>, StateError> {
        match self {
            Self::Embedded(state) => state.scan(table, prefix, after, limit.min(MAX_SCAN)).await,
            Self::Cql(state) => state.scan(table, prefix, after, limit.min(MAX_SCAN)).await,
        }
    }

    /// About `limit` rows of the whole table, going on from `after`. For checks and rebuilds: it reads everything.
    pub async fn scan_table<R: Stored>(&self, after: Option<Cursor>, limit: usize) -> Result<TablePage<R>, StateError> {
        self.scan_table_in(R::TABLE, after, limit).await
    }

    /// Scans the whole of `table`, of any generation, as [`Self::scan_table`] does.
    pub async fn scan_table_in<R: DeserializeOwned + Send + 'static>(
        &self,
        table: Table,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<TablePage<R>, StateError> {
        match self {
            Self::Embedded(state) => state.scan_table(table, after, limit.min(MAX_SCAN)).await,
            Self::Cql(state) => state.scan_table(table, after, limit.min(MAX_SCAN)).await,
        }
    }

    /// Opens a table that some program has made, with the columns that it has; false if there is none.
    pub async fn open_table(&self, table: Table) -> Result<bool, StateError> {
        match self {
            Self::Embedded(state) => state.open_table(table).await,
            Self::Cql(state) => state.open_table(table).await,
        }
    }

    /// The generations of which tables are there, whoever made them: (keyspace without its prefix, generation).
    pub async fn generations(&self) -> Result<BTreeSet<(String, u32)>, StateError> {
        let names = match self {
            Self::Embedded(state) => state.table_names(),
            Self::Cql(state) => state.table_names().await?,
        };
        Ok(names.iter().filter_map(|name| generation_of(name)).collect())
    }

    /// Drops every table and type of a keyspace's generation. No process may use them any more.
    pub async fn drop_generation(&self, keyspace: &str, generation: u32) -> Result<(), StateError> {
        match self {
            Self::Embedded(state) => state.drop_generation(keyspace, generation).await,
            Self::Cql(state) => state.drop_generation(keyspace, generation).await,
        }
    }

    /// Applies all these writes; `Ok` means that each is visible or was older than what is there.
    ///
    /// An error may leave some applied (embedded: none). Repeating the call is then the right thing to do.
    pub async fn write(&self, writes: &[Write]) -> Result<(), StateError> {
        match self {
            Self::Embedded(state) => state.write(writes).await,
            Self::Cql(state) => state.write(writes).await,
        }
    }

    /// Applies `rows`, and `then` only once all of those are applied: for a position that says that the rows are there.
    ///
    /// An error may leave some of the rows applied, and then nothing of `then`. Repeating the call is the right thing to do.
    pub async fn write_in_order(&self, rows: &[Write], then: &[Write]) -> Result<(), StateError> {
        match self {
            // One batch, all or nothing.
            Self::Embedded(state) => state.write(rows.iter().chain(then)).await,
            Self::Cql(state) => {
                state.write(rows).await?;
                state.write(then).await
            }
        }
    }

    /// A problem of the embedded store that a person must look at (journals that do not become fewer), in words;
    /// `None` if all is well, and always on a cluster.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Embedded(state) => state.trouble(),
            Self::Cql(_) => None,
        }
    }

    /// Brings everything that was written to the disk: before what the rows were made of is forgotten elsewhere, and before
    /// a clean exit. A cluster has done that with each write.
    pub async fn sync(&self) -> Result<(), StateError> {
        match self {
            Self::Embedded(state) => state.sync().await,
            Self::Cql(_) => Ok(()),
        }
    }
}

/// The keyspace and generation in a table's name, `<keyspace>.<name>_g<generation>`.
fn generation_of(table: &str) -> Option<(String, u32)> {
    let (keyspace, name) = table.split_once('.')?;
    let (_, generation) = name.rsplit_once("_g")?;
    Some((keyspace.to_owned(), generation.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_name_says_its_generation() {
        assert_eq!(generation_of("admin.product_slug_g12"), Some(("admin".to_owned(), 12)));
        for other in ["admin.product", "product_g1", "admin.product_g", "admin.product_gx", "system.peers"] {
            assert_eq!(generation_of(other), None, "{other}");
        }
    }
}
