//! One store: its database and its tables, in one folder.

use std::{
    fs::{self, File},
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use feira_schemas::{budget::StoreShare, ids::Micros};
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};
use serde::de::DeserializeOwned;

use super::{Cell, STAMP, Table, folders::in_use};
use crate::{
    keyring::KeyringError,
    lsm::{self, Damage, Upkeep},
};

/// Journal files may reach this size before tables are flushed to let go of them: the library's least.
const MAX_JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// A part of a table, from the first key to the last.
pub(super) type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The database and its tables. The committer alone writes to it. Dropping it closes it, once nobody reads.
pub(super) struct Store {
    tables: [Keyspace; Table::ALL.len()],
    upkeep: Upkeep,
    database: Database,
}

impl Store {
    /// The store in this folder, made if there is none. `name` is its name in metrics.
    pub(super) fn open(folder: &Path, share: StoreShare, name: &'static str) -> Result<Self, KeyringError> {
        let io = |error| KeyringError::Away(format!("can't open the keyring's folder {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(io)?;
        lsm::prepare(folder).map_err(|damage| match damage {
            Damage::Io(error) => io(error),
            corrupt @ Damage::Corrupt { .. } => {
                KeyringError::Corrupt(format!("{corrupt}; put a copy of the keyring back"))
            }
        })?;
        // The library panics on some files that are not as it left them.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_checked(folder, share, name)));
        let store = opened.unwrap_or_else(|_| {
            Err(KeyringError::Corrupt(format!(
                "the store in {} can't be read; put a copy of the keyring back",
                folder.display()
            )))
        })?;
        // The entries of a new folder are durable only once the folder and the one that it lies in are.
        for folder in [Some(folder), folder.parent()].into_iter().flatten().filter(|path| !path.as_os_str().is_empty())
        {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        }
        Ok(store)
    }

    fn open_checked(folder: &Path, share: StoreShare, name: &'static str) -> Result<Self, KeyringError> {
        let builder = Database::builder(folder)
            .worker_threads(lsm::WORKERS)
            .max_journaling_size(MAX_JOURNAL_BYTES)
            .cache_size(share.blocks);
        let database = builder.open().map_err(|error| match error {
            fjall::Error::Locked => in_use(folder),
            other => failed(other),
        })?;
        let upkeep = Upkeep::new(name, database.clone(), share.memtables).map_err(failed)?;
        let table = |table: Table| database.keyspace(table.name(), lsm::table).map_err(failed);
        let [data_keys, master_keys, secrets] = Table::ALL.map(table);
        let tables = [data_keys?, master_keys?, secrets?];
        Ok(Self { tables, upkeep, database })
    }

    fn table(&self, table: Table) -> &Keyspace {
        &self.tables[table as usize]
    }

    /// The row of a key.
    pub(super) fn row<R: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<R>, KeyringError> {
        self.table(table).get(key).map_err(failed)?.map_or(Ok(None), |value| row_of(&value))
    }

    /// The first rows of a range with their keys, so many at most.
    pub(super) fn rows<R: DeserializeOwned>(
        &self,
        table: Table,
        range: Range,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, R)>, KeyringError> {
        let mut rows = Vec::new();
        for entry in self.table(table).range(range) {
            if rows.len() >= limit {
                break;
            }
            let (key, value) = entry.into_inner().map_err(failed)?;
            if let Some(row) = row_of(&value)? {
                rows.push((key.to_vec(), row));
            }
        }
        Ok(rows)
    }

    /// The first cells of a range, so many at most, those of deleted rows among them.
    pub(super) fn cells(&self, table: Table, range: Range, limit: usize) -> Result<Vec<Cell>, KeyringError> {
        let entries = self.table(table).range(range).take(limit).map(|entry| entry.into_inner().map_err(failed));
        entries
            .map(|entry| entry.map(|(key, value)| Cell { table, key: key.to_vec(), value: value.to_vec() }))
            .collect()
    }

    /// Writes those cells that are newer than what is there, in one batch, and says whether any were. `SyncAll` returns once they are on
    /// the disk.
    pub(super) fn write(&self, cells: impl IntoIterator<Item = Cell>, mode: PersistMode) -> Result<bool, KeyringError> {
        self.write_newer(cells, mode).map_err(failed)
    }

    fn write_newer(&self, cells: impl IntoIterator<Item = Cell>, mode: PersistMode) -> Result<bool, fjall::Error> {
        let mut batch: OwnedWriteBatch = self.database.batch().durability(Some(mode));
        let mut bytes = [0; Table::ALL.len()];
        for Cell { table, key, value } in cells {
            let old = self.table(table).get(&key)?;
            if old.is_none_or(|old| is_newer(&value, &old)) {
                bytes[table as usize] += (key.len() + value.len()) as u64;
                batch.insert(self.table(table), key, value);
            }
        }
        if batch.is_empty() {
            return Ok(false);
        }
        batch.commit()?;
        self.upkeep.wrote(self.tables.iter().cloned().zip(bytes))?;
        Ok(true)
    }

    /// Returns once all that was written is on the disk.
    pub(super) fn sync(&self) -> Result<(), KeyringError> {
        self.database.persist(PersistMode::SyncAll).map_err(failed)
    }

    /// A problem that a person must look at, in words; `None` if all is well.
    pub(super) fn trouble(&self) -> Option<String> {
        self.upkeep.trouble()
    }
}

/// True if this value was written later than `old`, by their timestamps. Of two with one timestamp the first stays.
pub(super) fn is_newer(value: &[u8], old: &[u8]) -> bool {
    let stamp = |value: &[u8]| value.first_chunk::<STAMP>().map(|bytes| Micros::from_be_bytes(*bytes));
    stamp(value) > stamp(old)
}

fn row_of<R: DeserializeOwned>(value: &[u8]) -> Result<Option<R>, KeyringError> {
    let corrupt = |why: &str| KeyringError::Corrupt(format!("a row of the embedded store: {why}"));
    match value.split_at_checked(STAMP) {
        None => Err(corrupt("shorter than its timestamp")),
        Some((_, [])) => Ok(None),
        // What stands in the row is not repeated.
        Some((_, json)) => serde_json::from_slice(json).map(Some).map_err(|_| corrupt("not the JSON of its columns")),
    }
}

fn failed(error: fjall::Error) -> KeyringError {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => {
            KeyringError::Away(format!("the disk of the data folder: {error}"))
        }
        fjall::Error::Poisoned => {
            KeyringError::Broken("an earlier write to the disk of the data folder failed".to_owned())
        }
        other => KeyringError::Corrupt(other.to_string()),
    }
}
