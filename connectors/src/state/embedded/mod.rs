//! State in an LSM store (fjall) in the data folder.
//!
//! One fjall keyspace per table and generation. A key is the row's key in order-preserving bytes; a value is the `write_ts`
//! (8 bytes, big-endian) and then the row as JSON, or nothing after the `write_ts` where the row was deleted: that tombstone
//! keeps an older put from bringing the row back, and is let go after ten days.
//!
//! No write is brought to the disk by itself. State is a fold of the log, which does that: after a power cut the store
//! opens at an earlier, whole batch (its journal is a sequence of checksummed batches, and no table file is made from a
//! batch whose journal wasn't synced), and the log is folded on from the position that the same batch holds. A killed
//! process loses nothing, since every batch is handed to the operating system before `write` returns.

mod expiry;
mod writer;

use std::{
    collections::HashMap,
    ops::Bound,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use feira_schemas::{
    ids::Micros,
    row::{Row, RowKey, Table, Write},
};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use self::{expiry::Expiry, writer::Writer};
use super::{Cursor, StateError, TablePage, key};

/// Bytes of `write_ts` in front of each value.
const STAMP: usize = 8;

/// See the module's documentation. Cheap to clone.
#[derive(Clone)]
pub struct EmbeddedState(Arc<Inner>);

struct Inner {
    database: Database,
    expiry: Arc<Expiry>,
    tables: RwLock<HashMap<&'static Table, Keyspace>>,
    /// Held from reading the old `write_ts` until the batch is in: without it two writers could both find an old row and
    /// the older of them write last.
    write: Mutex<()>,
    writer: Writer,
}

impl std::fmt::Debug for EmbeddedState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedState").finish_non_exhaustive()
    }
}

impl EmbeddedState {
    /// Opens the store in this folder, making it if there is none. Blocks while the journal is read back.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| StateError::Unavailable(format!("can't make {}: {error}", folder.display())))?;
        let expiry = Arc::<Expiry>::default();
        let filters = Arc::clone(&expiry);
        let builder = Database::builder(folder)
            .with_compaction_filter_factories(Arc::new(move |keyspace| Some(filters.of(keyspace))));
        let database = builder.open().map_err(|error| match error {
            fjall::Error::Locked => {
                StateError::Refused(format!("{} is open in another process; stop it first", folder.display()))
            }
            other => store_error(other),
        })?;
        let writer = Writer::start()
            .map_err(|error| StateError::Unavailable(format!("can't start the thread that writes: {error}")))?;
        let (tables, write) = (RwLock::default(), Mutex::default());
        Ok(Self(Arc::new(Inner { database, expiry, tables, write, writer })))
    }

    pub(super) async fn ensure_tables(&self, tables: &[&'static Table]) -> Result<(), StateError> {
        let tables = tables.to_vec();
        self.blocking(move |inner| {
            for table in tables {
                let name = format!("{}.{}_g{}", table.keyspace, table.name, table.generation);
                inner.expiry.knows(&name, table);
                let keyspace = inner.database.keyspace(&name, KeyspaceCreateOptions::default).map_err(store_error)?;
                inner.tables.write().unwrap_or_else(PoisonError::into_inner).insert(table, keyspace);
            }
            Ok(())
        })
        .await
    }

    /// Reads in place: a point read of a warm store takes microseconds, less than a hand-over to another thread.
    pub(super) fn get<R: Row>(&self, key: &RowKey) -> Result<Option<R>, StateError> {
        key::check_full(R::TABLE, key)?;
        let value = self.0.table(R::TABLE)?.get(key::encode(key)).map_err(store_error)?;
        value.map_or(Ok(None), |value| row_of(R::TABLE, &value))
    }

    pub(super) fn get_json(
        &self,
        table: &'static Table,
        key: &RowKey,
    ) -> Result<Option<serde_json::Value>, StateError> {
        key::check_full(table, key)?;
        let value = self.0.table(table)?.get(key::encode(key)).map_err(store_error)?;
        value.map_or(Ok(None), |value| row_of(table, &value))
    }

    pub(super) async fn get_many<R: Row>(&self, keys: &[RowKey]) -> Result<Vec<Option<R>>, StateError> {
        keys.iter().try_for_each(|key| key::check_full(R::TABLE, key))?;
        let keys: Vec<_> = keys.iter().map(key::encode).collect();
        self.blocking(move |inner| {
            let keyspace = inner.table(R::TABLE)?;
            // One snapshot, so that rows of one batch are seen together.
            let snapshot = inner.database.snapshot();
            keys.iter()
                .map(|key| match snapshot.get(&keyspace, key).map_err(store_error)? {
                    Some(value) => row_of(R::TABLE, &value),
                    None => Ok(None),
                })
                .collect()
        })
        .await
    }

    pub(super) async fn scan<R: Row>(
        &self,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<R>, StateError> {
        key::check_prefix(R::TABLE, prefix)?;
        if let Some(after) = after {
            key::check_full(R::TABLE, after)?;
        }
        let first = key::encode(prefix);
        let end = key::end_of_prefix(&first).map_or(Bound::Unbounded, Bound::Excluded);
        let start = match after.map(key::encode) {
            Some(after) if after >= first => Bound::Excluded(after),
            _ => Bound::Included(first),
        };
        self.blocking(move |inner| {
            let rows = inner.rows::<R>(start, end, limit)?;
            Ok(rows.into_iter().map(|(_, row)| row).collect())
        })
        .await
    }

    pub(super) async fn scan_table<R: Row>(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<TablePage<R>, StateError> {
        self.blocking(move |inner| {
            let start = after.map_or(Bound::Unbounded, |Cursor(key)| Bound::Excluded(key));
            let rows = inner.rows::<R>(start, Bound::Unbounded, limit)?;
            let full = rows.len() == limit;
            let next = rows.last().filter(|_| full).map(|(key, _)| Cursor(key.clone()));
            Ok(TablePage { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
        })
        .await
    }

    pub(super) async fn write<'a>(&self, writes: impl IntoIterator<Item = &'a Write>) -> Result<(), StateError> {
        let cells = writes.into_iter().map(Cell::of).collect::<Result<Vec<_>, _>>()?;
        let inner = self.0.clone();
        let written = self.0.writer.run(move || inner.write(cells)).await;
        written.unwrap_or_else(|| Err(StateError::Unavailable("the store's thread ended early".to_owned())))
    }

    pub(super) async fn sync(&self) -> Result<(), StateError> {
        self.blocking(|inner| inner.database.persist(PersistMode::SyncAll).map_err(store_error)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|error| StateError::Unavailable(format!("the store's thread ended early: {error}")))?
    }
}

impl Inner {
    fn table(&self, table: &'static Table) -> Result<Keyspace, StateError> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(table).cloned().ok_or_else(|| {
            StateError::Refused(format!("table {}.{} was not ensured at start", table.keyspace, table.name))
        })
    }

    fn rows<R: Row>(
        &self,
        start: Bound<Vec<u8>>,
        end: Bound<Vec<u8>>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, R)>, StateError> {
        let keyspace = self.table(R::TABLE)?;
        let mut rows = Vec::new();
        for entry in self.database.snapshot().range(&keyspace, (start, end)) {
            if rows.len() >= limit {
                break;
            }
            let (key, value) = entry.into_inner().map_err(store_error)?;
            if let Some(row) = row_of(R::TABLE, &value)? {
                rows.push((key.to_vec(), row));
            }
        }
        Ok(rows)
    }

    fn write(&self, cells: Vec<Cell>) -> Result<(), StateError> {
        let _one_at_a_time = self.write.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest: HashMap<(&'static Table, Vec<u8>), Cell> = HashMap::with_capacity(cells.len());
        for cell in cells {
            self.expiry.saw(stamp(&cell.value).unwrap_or_default());
            let place = (cell.table, cell.key.clone());
            if newest.get(&place).is_none_or(|other| cell.replaces(&other.value)) {
                newest.insert(place, cell);
            }
        }
        let mut batch = self.database.batch();
        for ((table, key), cell) in newest {
            let keyspace = self.table(table)?;
            let old = keyspace.get(&key).map_err(store_error)?;
            if old.is_none_or(|old| cell.replaces(&old)) {
                batch.insert(&keyspace, key, cell.value);
            }
        }
        batch.commit().map_err(store_error)
    }
}

/// One write as the bytes it becomes.
struct Cell {
    table: &'static Table,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Cell {
    fn of(write: &Write) -> Result<Self, StateError> {
        let (table, key) = (write.table(), write.key());
        key::check_full(table, &key)?;
        let value = match write {
            Write::Put { row, write_ts } => {
                let json = row.to_json_bytes().map_err(|error| {
                    StateError::Refused(format!("a row of {}.{} is no JSON: {error}", table.keyspace, table.name))
                })?;
                [write_ts.to_be_bytes().as_slice(), &json].concat()
            }
            Write::Delete { write_ts, .. } => write_ts.to_be_bytes().to_vec(),
        };
        Ok(Self { table, key: key::encode(&key), value })
    }

    /// Whether this is newer. Of a put and a delete with one `write_ts` the delete stays, as in CQL; two puts with one
    /// `write_ts` are the same put again.
    fn replaces(&self, old: &[u8]) -> bool {
        match (stamp(&self.value), stamp(old)) {
            (Some(new), Some(old_stamp)) if new == old_stamp => self.value.len() == STAMP && old.len() > STAMP,
            (new, old) => new > old,
        }
    }
}

fn stamp(value: &[u8]) -> Option<Micros> {
    value.first_chunk::<STAMP>().map(|bytes| Micros::from_be_bytes(*bytes))
}

fn row_of<T: serde::de::DeserializeOwned>(table: &Table, value: &[u8]) -> Result<Option<T>, StateError> {
    let corrupt = |why: String| StateError::Corrupt(format!("a row of {}.{}: {why}", table.keyspace, table.name));
    match value.split_at_checked(STAMP) {
        None => Err(corrupt("shorter than its write_ts".to_owned())),
        Some((_, [])) => Ok(None),
        Some((_, json)) => serde_json::from_slice(json).map(Some).map_err(|error| corrupt(error.to_string())),
    }
}

fn store_error(error: fjall::Error) -> StateError {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => {
            StateError::Unavailable(format!("the disk of the data folder: {error}"))
        }
        fjall::Error::Poisoned => {
            StateError::Broken("an earlier write to the disk of the data folder failed".to_owned())
        }
        other => StateError::Corrupt(other.to_string()),
    }
}
