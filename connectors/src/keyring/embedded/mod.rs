//! Keys in an LSM store (fjall) of their own in the data folder. Unlike the state's it is a fold of nothing, so it is never thrown
//! away, and every write is on the disk before it is acknowledged.
//!
//! What was erased lies on in the library's journal until that has 64 MB, which for keys takes years, and it has no call that turns the
//! journal earlier. So where it must go at once the rows are copied into a store beside, which takes the place of the one that is live
//! ([`letting_go`]); the folder and what lies beside it are in [`folders`].
//!
//! | table | key | value |
//! |---|---|---|
//! | `data_keys` | tenant (16 bytes), subject's text, 0, key id (16 bytes) | write timestamp i64 (big-endian), row as JSON |
//! | `master_keys` | master key's id | write timestamp, row as JSON, or nothing after it where the row was deleted |
//! | `secrets` | secret's id | write timestamp, row as JSON |

mod committer;
mod folders;
mod letting_go;
mod live;
mod master_file;
mod store;
#[cfg(test)]
mod tests;

use std::{ops::Bound, path::Path, sync::Arc};

use feira_schemas::{
    budget::StoreShare,
    ids::{KeyId, Micros, TenantId},
    rows::keyring::{DataKeyRow, MasterKeyRow, SecretRow},
    sealed::Subject,
};
use serde::{Serialize, de::DeserializeOwned};

use self::{committer::Committer, live::Live, store::Store};
pub use self::{
    folders::is_there,
    master_file::{MASTER_FILE, master_keys},
};
use super::{KeyringError, crypto::Place};

/// Bytes of the write timestamp in front of each value.
const STAMP: usize = 8;

/// The keys in the data folder. Cheap to clone; clones share the store.
#[derive(Clone)]
pub struct EmbeddedKeys {
    live: Arc<Live>,
    committer: Arc<Committer>,
}

/// The table of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Table {
    DataKeys,
    MasterKeys,
    Secrets,
}

impl Table {
    /// All of them, each in its own place.
    const ALL: [Self; 3] = [Self::DataKeys, Self::MasterKeys, Self::Secrets];

    const fn name(self) -> &'static str {
        match self {
            Self::DataKeys => "data_keys",
            Self::MasterKeys => "master_keys",
            Self::Secrets => "secrets",
        }
    }
}

/// One write as the bytes that it becomes.
#[derive(Clone)]
struct Cell {
    table: Table,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl std::fmt::Debug for EmbeddedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedKeys").finish_non_exhaustive()
    }
}

impl EmbeddedKeys {
    pub(super) fn open(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        let live = Arc::new(Live::open(folder, share)?);
        let committer = Committer::start(Arc::clone(&live))
            .map_err(|error| KeyringError::Away(format!("can't start the thread that writes keys: {error}")))?;
        Ok(Self { live, committer: Arc::new(committer) })
    }

    /// Counts the store's syncs to the disk since it was opened: fewer than the writes that it acknowledged, when those came together.
    pub fn sync_count(&self) -> u64 {
        self.live.sync_count()
    }

    /// Forgets the bytes of all that was erased or written over: returns once none of the store's files has them.
    pub(super) async fn let_go(&self) -> Result<(), KeyringError> {
        self.committer.let_go().await
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.live.trouble()
    }

    pub(super) async fn get(&self, place: &Place) -> Result<Option<DataKeyRow>, KeyringError> {
        let key = data_key(place);
        // Read in place: a point read of a warm store takes microseconds. But for the moment in which another store takes its place.
        match self.live.read_at_once(|store| store.row(Table::DataKeys, &key)) {
            Some(row) => row,
            None => self.blocking(move |store| store.row(Table::DataKeys, &key)).await,
        }
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
        self.all(Table::MasterKeys).await
    }

    pub(super) async fn secrets(&self) -> Result<Vec<SecretRow>, KeyringError> {
        self.all(Table::Secrets).await
    }

    async fn all<R: DeserializeOwned + Send + 'static>(&self, table: Table) -> Result<Vec<R>, KeyringError> {
        let all = (Bound::<Vec<u8>>::Unbounded, Bound::Unbounded);
        let rows = self.blocking(move |store| store.rows(table, all, usize::MAX)).await?;
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

    pub(super) async fn put_secrets(&self, rows: &[SecretRow]) -> Result<(), KeyringError> {
        let cells = rows.iter().map(|row| {
            let key = row.secret_id.clone().into_bytes();
            Ok(Cell { table: Table::Secrets, key, value: value(row.made_at, Some(row))? })
        });
        self.committer.write(cells.collect::<Result<_, KeyringError>>()?).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let live = Arc::clone(&self.live);
        tokio::task::spawn_blocking(move || live.read(work))
            .await
            .map_err(|error| KeyringError::Away(format!("the store's thread ended early: {error}")))?
    }
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
