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
    io::ErrorKind,
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use feira_schemas::{
    budget::{Budget, StoreShare},
    ids::Micros,
    row::{AnyRow, RowKey, RowType, Table, Write},
};
use fjall::{Database, Keyspace, PersistMode, Readable};
use serde::de::DeserializeOwned;

use self::{expiry::Expiry, writer::Writer};
use super::{Cursor, StateError, TablePage, key};
use crate::lsm::{self, Damage, Upkeep};

/// Journal files may reach this size before tables that still need them are flushed. Larger makes a start slower, which reads all
/// of it.
const MAX_JOURNAL_BYTES: u64 = 128 * 1024 * 1024;
/// Bytes of `write_ts` in front of each value.
const STAMP: usize = 8;

/// The state in the data folder. Cheap to clone; clones share the store.
#[derive(Clone)]
pub struct EmbeddedState(Arc<Inner>);

struct Inner {
    database: Database,
    upkeep: Upkeep,
    expiry: Arc<Expiry>,
    tables: RwLock<HashMap<Table, Keyspace>>,
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
    pub(super) fn open(folder: &Path) -> Result<Self, StateError> {
        Self::open_within(folder, Budget::default().state_store())
    }

    pub(super) fn open_within(folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        Self::open_named("state", folder, share)
    }

    /// Opens the store by the name that it has in metrics.
    pub(super) fn open_named(name: &'static str, folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        std::fs::create_dir_all(folder)
            .map_err(|error| StateError::Unavailable(format!("can't make {}: {error}", folder.display())))?;
        lsm::prepare(folder).map_err(|damage| match damage {
            Damage::Io(error) => unopened(folder, fjall::Error::Io(error)),
            corrupt @ Damage::Corrupt { .. } => StateError::Corrupt(corrupt.to_string()),
        })?;
        // The library panics on some files that are not as it left them.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_checked(name, folder, share)));
        opened.unwrap_or_else(|_| Err(StateError::Corrupt(format!("the store in {} can't be read", folder.display()))))
    }

    fn open_checked(name: &'static str, folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        let expiry = Arc::<Expiry>::default();
        let filters = Arc::clone(&expiry);
        let builder = Database::builder(folder)
            .worker_threads(lsm::WORKERS)
            .max_journaling_size(MAX_JOURNAL_BYTES)
            .cache_size(share.blocks)
            .with_compaction_filter_factories(Arc::new(move |keyspace| Some(filters.of(keyspace))));
        let database = builder.open().map_err(|error| match error {
            fjall::Error::Locked => {
                StateError::Refused(format!("{} is open in another process; stop it first", folder.display()))
            }
            other => unopened(folder, other),
        })?;
        let writer = Writer::start()
            .map_err(|error| StateError::Unavailable(format!("can't start the thread that writes: {error}")))?;
        let upkeep = Upkeep::new(name, database.clone(), share.memtables).map_err(store_error)?;
        let (tables, write) = (RwLock::default(), Mutex::default());
        Ok(Self(Arc::new(Inner { database, upkeep, expiry, tables, write, writer })))
    }

    pub(super) async fn ensure_tables(&self, tables: &[Table]) -> Result<(), StateError> {
        let tables = tables.to_vec();
        self.blocking(move |inner| tables.into_iter().try_for_each(|table| inner.open(table))).await
    }

    pub(super) async fn open_table(&self, table: Table) -> Result<bool, StateError> {
        self.blocking(move |inner| {
            let there = inner.database.keyspace_exists(&name_of(&table));
            if there {
                inner.open(table)?;
            }
            Ok(there)
        })
        .await
    }

    pub(super) fn table_names(&self) -> Vec<String> {
        self.0.database.list_keyspace_names().iter().map(ToString::to_string).collect()
    }

    pub(super) async fn drop_generation(&self, keyspace: &str, generation: u32) -> Result<(), StateError> {
        let wanted = (keyspace.to_owned(), generation);
        let names: Vec<String> = self
            .table_names()
            .into_iter()
            .filter(|name| super::generation_of(name).as_ref() == Some(&wanted))
            .collect();
        self.blocking(move |inner| {
            inner
                .tables
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|table, _| (table.keyspace, table.generation) != (wanted.0.as_str(), wanted.1));
            for name in names {
                let keyspace = inner.database.keyspace(&name, lsm::table_of_rows).map_err(store_error)?;
                inner.upkeep.forget(&name);
                inner.database.delete_keyspace(keyspace).map_err(store_error)?;
            }
            Ok(())
        })
        .await
    }

    /// Reads in place: a point read of a warm store takes microseconds, less than a hand-over to another thread.
    pub(super) fn get_any(
        &self,
        row_type: &'static RowType,
        key: &RowKey,
    ) -> Result<Option<Arc<dyn AnyRow>>, StateError> {
        key::check_full(&row_type.table, key)?;
        let value = self.0.table(row_type.table)?.get(key::encode(key)).map_err(store_error)?;
        value.map_or(Ok(None), |value| read_row(&row_type.table, &value, |json| row_type.from_bytes(json)))
    }

    pub(super) fn get<R: DeserializeOwned>(&self, table: Table, key: &RowKey) -> Result<Option<R>, StateError> {
        key::check_full(&table, key)?;
        let value = self.0.table(table)?.get(key::encode(key)).map_err(store_error)?;
        value.map_or(Ok(None), |value| row_of(&table, &value))
    }

    pub(super) async fn get_many<R: DeserializeOwned + Send + 'static>(
        &self,
        table: Table,
        keys: &[RowKey],
    ) -> Result<Vec<Option<R>>, StateError> {
        keys.iter().try_for_each(|key| key::check_full(&table, key))?;
        let keys: Vec<_> = keys.iter().map(key::encode).collect();
        self.blocking(move |inner| {
            let keyspace = inner.table(table)?;
            // One snapshot, so that rows of one batch are seen together.
            let snapshot = inner.database.snapshot();
            keys.iter()
                .map(|key| match snapshot.get(&keyspace, key).map_err(store_error)? {
                    Some(value) => row_of(&table, &value),
                    None => Ok(None),
                })
                .collect()
        })
        .await
    }

    pub(super) async fn scan<R: DeserializeOwned + Send + 'static>(
        &self,
        table: Table,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<R>, StateError> {
        self.scan_as(table, prefix, after, limit, |json| serde_json::from_slice(json)).await
    }

    pub(super) async fn scan_any(
        &self,
        row_type: &'static RowType,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<Arc<dyn AnyRow>>, StateError> {
        self.scan_as(row_type.table, prefix, after, limit, move |json| row_type.from_bytes(json)).await
    }

    async fn scan_as<T: Send + 'static>(
        &self,
        table: Table,
        prefix: &RowKey,
        after: Option<&RowKey>,
        limit: usize,
        decode: impl Fn(&[u8]) -> Result<T, serde_json::Error> + Send + 'static,
    ) -> Result<Vec<T>, StateError> {
        key::check_prefix(&table, prefix)?;
        if let Some(after) = after {
            key::check_full(&table, after)?;
        }
        let first = key::encode(prefix);
        let end = key::end_of_prefix(&first).map_or(Bound::Unbounded, Bound::Excluded);
        let start = match after.map(key::encode) {
            Some(after) if after >= first => Bound::Excluded(after),
            _ => Bound::Included(first),
        };
        self.blocking(move |inner| {
            let rows = inner.rows(table, start, end, limit, decode)?;
            Ok(rows.into_iter().map(|(_, row)| row).collect())
        })
        .await
    }

    pub(super) async fn scan_table<T: DeserializeOwned + Send + 'static>(
        &self,
        table: Table,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<TablePage<T>, StateError> {
        self.blocking(move |inner| {
            let start = after.map_or(Bound::Unbounded, |Cursor(key)| Bound::Excluded(key));
            let rows = inner.rows(table, start, Bound::Unbounded, limit, |json| serde_json::from_slice::<T>(json))?;
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

    pub(super) fn trouble(&self) -> Option<String> {
        self.0.upkeep.trouble()
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
    fn open(&self, table: Table) -> Result<(), StateError> {
        let name = name_of(&table);
        self.expiry.knows(&name, &table);
        let keyspace = self.database.keyspace(&name, lsm::table_of_rows).map_err(store_error)?;
        self.tables.write().unwrap_or_else(PoisonError::into_inner).insert(table, keyspace);
        Ok(())
    }

    fn table(&self, table: Table) -> Result<Keyspace, StateError> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(&table).cloned().ok_or_else(|| {
            StateError::Refused(format!("table {}.{} was not ensured at start", table.keyspace, table.name))
        })
    }

    fn rows<T>(
        &self,
        table: Table,
        start: Bound<Vec<u8>>,
        end: Bound<Vec<u8>>,
        limit: usize,
        decode: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<Vec<(Vec<u8>, T)>, StateError> {
        let keyspace = self.table(table)?;
        let mut rows = Vec::new();
        for entry in self.database.snapshot().range(&keyspace, (start, end)) {
            if rows.len() >= limit {
                break;
            }
            let (key, value) = entry.into_inner().map_err(store_error)?;
            if let Some(row) = read_row(&table, &value, &decode)? {
                rows.push((key.to_vec(), row));
            }
        }
        Ok(rows)
    }

    fn write(&self, cells: Vec<Cell>) -> Result<(), StateError> {
        let _one_at_a_time = self.write.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest: HashMap<(Table, Vec<u8>), Cell> = HashMap::with_capacity(cells.len());
        for cell in cells {
            self.expiry.saw(stamp(&cell.value).unwrap_or_default());
            let place = (cell.table, cell.key.clone());
            if newest.get(&place).is_none_or(|other| cell.replaces(&other.value)) {
                newest.insert(place, cell);
            }
        }
        let mut batch = self.database.batch();
        let mut written: HashMap<Table, (Keyspace, u64)> = HashMap::new();
        for ((table, key), cell) in newest {
            let keyspace = self.table(table)?;
            let old = keyspace.get(&key).map_err(store_error)?;
            if old.is_none_or(|old| cell.replaces(&old)) {
                written.entry(table).or_insert((keyspace.clone(), 0)).1 += (key.len() + cell.value.len()) as u64;
                batch.insert(&keyspace, key, cell.value);
            }
        }
        batch.commit().map_err(store_error)?;
        self.upkeep.wrote(written.into_values()).map_err(store_error)
    }
}

/// The table's name in the store: `<keyspace>.<table>_g<generation>`.
fn name_of(table: &Table) -> String {
    format!("{}.{}_g{}", table.keyspace, table.name, table.generation)
}

/// One write as the bytes it becomes.
struct Cell {
    table: Table,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Cell {
    fn of(write: &Write) -> Result<Self, StateError> {
        let (table, key) = (write.table(), write.key());
        key::check_full(&table, &key)?;
        let value = match write {
            Write::Put { row, write_ts, .. } => {
                let json = row.to_json_bytes().map_err(|error| {
                    StateError::Refused(format!("a row of {}.{} is no JSON: {error}", table.keyspace, table.name))
                })?;
                [write_ts.to_be_bytes().as_slice(), &json].concat()
            }
            Write::Delete { write_ts, .. } => write_ts.to_be_bytes().to_vec(),
        };
        Ok(Self { table, key: key::encode(&key), value })
    }

    /// True if this value is newer than `old`, by their `write_ts`. Of a put and a delete with one `write_ts` the
    /// delete stays, as in CQL; two puts with one `write_ts` are the same put again.
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

fn row_of<T: DeserializeOwned>(table: &Table, value: &[u8]) -> Result<Option<T>, StateError> {
    read_row(table, value, |json| serde_json::from_slice(json))
}

/// The row in a value; none where the value says that it was deleted.
fn read_row<T>(
    table: &Table,
    value: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Result<Option<T>, StateError> {
    let corrupt = |why: String| StateError::Corrupt(format!("a row of {}.{}: {why}", table.keyspace, table.name));
    match value.split_at_checked(STAMP) {
        None => Err(corrupt("shorter than its write_ts".to_owned())),
        Some((_, [])) => Ok(None),
        Some((_, json)) => decode(json).map(Some).map_err(|error| corrupt(error.to_string())),
    }
}

/// The error for a store that can't be opened: the disk may come back, but not a file that is missing or cut short.
fn unopened(folder: &Path, error: fjall::Error) -> StateError {
    let never = match &error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => matches!(
            error.kind(),
            ErrorKind::NotFound | ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput
        ),
        _ => false,
    };
    match never {
        true => StateError::Corrupt(format!("{}: {error}", folder.display())),
        false => store_error(error),
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
