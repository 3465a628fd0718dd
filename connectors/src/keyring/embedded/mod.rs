//! Keys in an LSM store (fjall) of their own in the data folder. Unlike the state's it is a fold of nothing, so it is never thrown
//! away, and every write is on the disk before it is acknowledged.
//!
//! | table | key | value |
//! |---|---|---|
//! | `data_keys` | tenant (16 bytes), subject's text, 0, key id (16 bytes) | write timestamp i64 (big-endian), row as JSON |
//! | `master_keys` | master key's id | write timestamp, row as JSON, or nothing after it where the row was deleted |

mod committer;
mod master_file;

use std::{
    fs::{self, File},
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use feira_schemas::{
    budget::StoreShare,
    ids::{KeyId, Micros, TenantId},
    rows::keyring::{DataKeyRow, MasterKeyRow},
    sealed::Subject,
};
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};
use serde::{Serialize, de::DeserializeOwned};

use self::committer::Committer;
pub use self::master_file::{MASTER_FILE, master_keys};
use super::{KeyringError, crypto::Place};
use crate::lsm::{self, Damage, Upkeep};

/// Journal files may reach this size before tables are flushed to let go of them: the library's least.
const MAX_JOURNAL_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of the write timestamp in front of each value.
const STAMP: usize = 8;

/// The keys in the data folder. Cheap to clone; clones share the store.
#[derive(Clone)]
pub struct EmbeddedKeys {
    store: Arc<Store>,
    committer: Arc<Committer>,
}

/// The table of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Table {
    DataKeys,
    MasterKeys,
}

/// One write as the bytes that it becomes.
struct Cell {
    table: Table,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// The database and its tables. The committer alone writes to it.
struct Store {
    data_keys: Keyspace,
    master_keys: Keyspace,
    upkeep: Upkeep,
    syncs: AtomicU64,
    database: Database,
}

impl std::fmt::Debug for EmbeddedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedKeys").finish_non_exhaustive()
    }
}

impl EmbeddedKeys {
    pub(super) fn open(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        let store = Arc::new(Store::open(folder, share)?);
        let committer = Committer::start(Arc::clone(&store))
            .map_err(|error| KeyringError::Away(format!("can't start the thread that writes keys: {error}")))?;
        Ok(Self { store, committer: Arc::new(committer) })
    }

    /// Counts the store's syncs to the disk since it was opened: fewer than the writes that it acknowledged, when those came together.
    pub fn sync_count(&self) -> u64 {
        self.store.syncs.load(Ordering::Relaxed)
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.store.upkeep.trouble()
    }

    pub(super) fn get(&self, place: &Place) -> Result<Option<DataKeyRow>, KeyringError> {
        self.store.row(Table::DataKeys, &data_key(place))
    }

    pub(super) async fn of_subject(
        &self,
        tenant: TenantId,
        subject: Subject,
        after: Option<KeyId>,
        limit: usize,
    ) -> Result<Vec<DataKeyRow>, KeyringError> {
        let first = subject_prefix(tenant, subject);
        // What follows the prefix is a key id of 16 bytes.
        let last = [first.as_slice(), &[u8::MAX; 16]].concat();
        let start = match after {
            Some(after) => Bound::Excluded([first.as_slice(), after.uuid().as_bytes()].concat()),
            None => Bound::Included(first),
        };
        let rows =
            self.blocking(move |store| store.rows(Table::DataKeys, (start, Bound::Included(last)), limit)).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    pub(super) async fn page(
        &self,
        after: Option<Vec<u8>>,
        limit: usize,
    ) -> Result<(Vec<DataKeyRow>, Option<Vec<u8>>), KeyringError> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rows: Vec<(Vec<u8>, DataKeyRow)> =
            self.blocking(move |store| store.rows(Table::DataKeys, (start, Bound::Unbounded), limit)).await?;
        let next = rows.last_mut().map(|(key, _)| std::mem::take(key)).filter(|_| rows.len() == limit);
        Ok((rows.into_iter().map(|(_, row)| row).collect(), next))
    }

    pub(super) async fn master_keys(&self) -> Result<Vec<MasterKeyRow>, KeyringError> {
        let all = (Bound::<Vec<u8>>::Unbounded, Bound::Unbounded);
        let rows = self.blocking(move |store| store.rows(Table::MasterKeys, all, usize::MAX)).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    pub(super) async fn put(&self, rows: &[(DataKeyRow, Micros)]) -> Result<(), KeyringError> {
        let cells = rows.iter().map(|(row, at)| {
            let subject =
                row.subject.parse().map_err(|error| KeyringError::Corrupt(format!("a data key's row: {error}")))?;
            let place = Place { tenant: row.tenant_id, subject, key_id: row.key_id };
            Ok(Cell { table: Table::DataKeys, key: data_key(&place), value: value(*at, Some(row))? })
        });
        self.committer.write(cells.collect::<Result<_, KeyringError>>()?).await
    }

    pub(super) async fn put_master(&self, row: &MasterKeyRow, at: Micros) -> Result<(), KeyringError> {
        let key = row.master_id.clone().into_bytes();
        self.committer.write(vec![Cell { table: Table::MasterKeys, key, value: value(at, Some(row))? }]).await
    }

    pub(super) async fn delete_master(&self, id: &str, at: Micros) -> Result<(), KeyringError> {
        let value = value::<MasterKeyRow>(at, None)?;
        self.committer.write(vec![Cell { table: Table::MasterKeys, key: id.as_bytes().to_vec(), value }]).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store))
            .await
            .map_err(|error| KeyringError::Away(format!("the store's thread ended early: {error}")))?
    }
}

impl Store {
    fn open(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        let io = |error| KeyringError::Away(format!("can't open the keyring's folder {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(io)?;
        lsm::prepare(folder).map_err(|damage| match damage {
            Damage::Io(error) => io(error),
            corrupt @ Damage::Corrupt { .. } => {
                KeyringError::Corrupt(format!("{corrupt}; put a copy of the keyring back"))
            }
        })?;
        // The library panics on some files that are not as it left them.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_checked(folder, share)));
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

    fn open_checked(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        let builder = Database::builder(folder)
            .worker_threads(lsm::WORKERS)
            .max_journaling_size(MAX_JOURNAL_BYTES)
            .cache_size(share.blocks);
        let database = builder.open().map_err(|error| match error {
            fjall::Error::Locked => {
                KeyringError::Refused(format!("{} is open in another process; stop that one first", folder.display()))
            }
            other => failed(other),
        })?;
        let upkeep = Upkeep::new("keyring", database.clone(), share.memtables).map_err(failed)?;
        let table = |name: &str| database.keyspace(name, lsm::table).map_err(failed);
        let (data_keys, master_keys) = (table("data_keys")?, table("master_keys")?);
        Ok(Self { data_keys, master_keys, upkeep, syncs: AtomicU64::new(0), database })
    }

    fn table(&self, table: Table) -> &Keyspace {
        match table {
            Table::DataKeys => &self.data_keys,
            Table::MasterKeys => &self.master_keys,
        }
    }

    fn row<R: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<R>, KeyringError> {
        self.table(table).get(key).map_err(failed)?.map_or(Ok(None), |value| row_of(&value))
    }

    fn rows<R: DeserializeOwned>(
        &self,
        table: Table,
        range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
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

    /// Writes those cells that are newer than what is there, in one batch, and returns once it is on the disk.
    fn write(&self, cells: impl IntoIterator<Item = Cell>) -> Result<(), fjall::Error> {
        let mut batch: OwnedWriteBatch = self.database.batch().durability(Some(PersistMode::SyncAll));
        let mut bytes = [0, 0];
        for Cell { table, key, value } in cells {
            let old = self.table(table).get(&key)?;
            if old.is_none_or(|old| is_newer(&value, &old)) {
                bytes[table as usize] += (key.len() + value.len()) as u64;
                batch.insert(self.table(table), key, value);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        batch.commit()?;
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.upkeep.wrote([(self.data_keys.clone(), bytes[0]), (self.master_keys.clone(), bytes[1])])
    }
}

/// True if this value was written later than `old`, by their timestamps. Of two with one timestamp the first stays.
fn is_newer(value: &[u8], old: &[u8]) -> bool {
    let stamp = |value: &[u8]| value.first_chunk::<STAMP>().map(|bytes| Micros::from_be_bytes(*bytes));
    stamp(value) > stamp(old)
}

fn subject_prefix(tenant: TenantId, subject: Subject) -> Vec<u8> {
    [tenant.uuid().as_bytes().as_slice(), subject.to_string().as_bytes(), &[0]].concat()
}

fn data_key(place: &Place) -> Vec<u8> {
    [subject_prefix(place.tenant, place.subject).as_slice(), place.key_id.uuid().as_bytes()].concat()
}

fn value<R: Serialize>(at: Micros, row: Option<&R>) -> Result<Vec<u8>, KeyringError> {
    let json = row.map(serde_json::to_vec).transpose();
    let json = json.map_err(|error| KeyringError::Refused(format!("a row is no JSON: {error}")))?;
    Ok([at.to_be_bytes().as_slice(), &json.unwrap_or_default()].concat())
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
