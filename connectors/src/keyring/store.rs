//! The store of keys: one enum over both adapters. It knows rows and nothing of what they hold.

use std::path::Path;

use feira_schemas::{
    budget::{Budget, StoreShare},
    ids::{KeyId, Micros, TenantId},
    rows::keyring::{DataKeyRow, KEYSPACE, MasterKeyRow, SecretRow},
    sealed::Subject,
};

use super::{CqlKeys, EmbeddedKeys, KeyringError, crypto::Place};
use crate::state::{self, CqlSettings};

/// The store of wrapped keys: embedded in the data folder, or a CQL cluster. Cheap to clone; clones share everything.
///
/// What it acknowledged is on the disk of this machine, or of more than half of the copies. Of two writes of a row the one with the
/// larger timestamp stays, in whatever order they come.
#[derive(Clone, Debug)]
pub enum KeyStore {
    /// A store of its own in the data folder, for one process.
    Embedded(EmbeddedKeys),
    /// ScyllaDB or Cassandra.
    Cql(Box<CqlKeys>),
}

/// What became of the bytes of erased keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetGo {
    /// No file of the store has them any more.
    Gone,
    /// The cluster's own compactions take them away, once `gc_grace_seconds` of its tables have passed.
    LeftToTheCluster,
}

/// The place where reading all data keys stopped; of use to the adapter that made it only.
pub(super) enum Cursor {
    Embedded(Vec<u8>),
    Cql(state::Cursor),
}

/// Some of all data keys, and where the next go on (`None`: that was all).
pub(super) struct Page {
    pub(super) rows: Vec<DataKeyRow>,
    pub(super) next: Option<Cursor>,
}

impl KeyStore {
    /// The keys in this folder, which is made if there is none. Blocks while its journal is read back.
    pub fn embedded(folder: &Path) -> Result<Self, KeyringError> {
        Self::embedded_within(folder, Budget::default().keyring_store())
    }

    /// Opens the embedded keys as [`Self::embedded`] does, with at most about `share` bytes of memtables and blocks in memory.
    pub fn embedded_within(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        EmbeddedKeys::open(folder, share).map(Self::Embedded)
    }

    /// The keys in the keyspace `feira_keyring` of the cluster that these settings lead to; makes what is missing of its tables.
    pub async fn cql(settings: &CqlSettings) -> Result<Self, KeyringError> {
        Self::cql_in(settings, KEYSPACE).await
    }

    /// The keys in the keyspace `feira_<keyspace>`: deployments that share a cluster, as tests do, keep theirs apart.
    pub async fn cql_in(settings: &CqlSettings, keyspace: &'static str) -> Result<Self, KeyringError> {
        CqlKeys::connect(settings, keyspace).await.map(|keys| Self::Cql(Box::new(keys)))
    }

    /// A problem of the embedded store that a person must look at, in words; `None` if all is well, and always on a cluster.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Embedded(keys) => keys.trouble(),
            Self::Cql(_) => None,
        }
    }

    /// Lets go of the bytes of all that was erased or written over.
    pub(super) async fn let_go(&self) -> Result<LetGo, KeyringError> {
        match self {
            Self::Embedded(keys) => keys.let_go().await.map(|()| LetGo::Gone),
            Self::Cql(_) => Ok(LetGo::LeftToTheCluster),
        }
    }

    pub(super) async fn get(&self, place: &Place) -> Result<Option<DataKeyRow>, KeyringError> {
        match self {
            Self::Embedded(keys) => keys.get(place).await,
            Self::Cql(keys) => keys.get(place).await,
        }
    }

    /// The data keys below a subject, erased ones among them, ascending by id, behind `after`.
    pub(super) async fn of_subject(
        &self,
        tenant: TenantId,
        subject: Subject,
        after: Option<KeyId>,
        limit: usize,
    ) -> Result<Vec<DataKeyRow>, KeyringError> {
        match self {
            Self::Embedded(keys) => keys.of_subject(tenant, subject, after, limit).await,
            Self::Cql(keys) => keys.of_subject(tenant, subject, after, limit).await,
        }
    }

    /// About `limit` of all data keys, in no order that means anything.
    pub(super) async fn page(&self, after: Option<Cursor>, limit: usize) -> Result<Page, KeyringError> {
        let (rows, next) = match (self, after) {
            (Self::Embedded(keys), None) => of_embedded(keys.page(None, limit).await?),
            (Self::Embedded(keys), Some(Cursor::Embedded(key))) => of_embedded(keys.page(Some(key), limit).await?),
            (Self::Cql(keys), None) => of_cql(keys.page(None, limit).await?),
            (Self::Cql(keys), Some(Cursor::Cql(cursor))) => of_cql(keys.page(Some(cursor), limit).await?),
            _ => return Err(KeyringError::Refused("a cursor is of another store".to_owned())),
        };
        Ok(Page { rows, next })
    }

    /// The sentinels of all master keys that wrap something.
    pub(super) async fn master_keys(&self) -> Result<Vec<MasterKeyRow>, KeyringError> {
        match self {
            Self::Embedded(keys) => keys.master_keys().await,
            Self::Cql(keys) => keys.master_keys().await,
        }
    }

    /// Writes rows, each with its timestamp; `Ok` means that each is durable, or older than what is there.
    pub(super) async fn put(&self, rows: &[(DataKeyRow, Micros)]) -> Result<(), KeyringError> {
        match self {
            Self::Embedded(keys) => keys.put(rows).await,
            Self::Cql(keys) => keys.put(rows).await,
        }
    }

    pub(super) async fn put_master(&self, row: &MasterKeyRow, at: Micros) -> Result<(), KeyringError> {
        match self {
            Self::Embedded(keys) => keys.put_master(row, at).await,
            Self::Cql(keys) => keys.put_master(row, at).await,
        }
    }

    /// What is known of the deployment's secrets.
    pub(super) async fn secrets(&self) -> Result<Vec<SecretRow>, KeyringError> {
        match self {
            Self::Embedded(keys) => keys.secrets().await,
            Self::Cql(keys) => keys.secrets().await,
        }
    }

    /// Writes what is known of secrets, at the time at which it was.
    pub(super) async fn put_secrets(&self, rows: &[SecretRow]) -> Result<(), KeyringError> {
        match self {
            Self::Embedded(keys) => keys.put_secrets(rows).await,
            Self::Cql(keys) => keys.put_secrets(rows).await,
        }
    }

    pub(super) async fn delete_master(&self, id: &str, at: Micros) -> Result<(), KeyringError> {
        match self {
            Self::Embedded(keys) => keys.delete_master(id, at).await,
            Self::Cql(keys) => keys.delete_master(id, at).await,
        }
    }
}

fn of_embedded((rows, next): (Vec<DataKeyRow>, Option<Vec<u8>>)) -> (Vec<DataKeyRow>, Option<Cursor>) {
    (rows, next.map(Cursor::Embedded))
}

fn of_cql((rows, next): (Vec<DataKeyRow>, Option<state::Cursor>)) -> (Vec<DataKeyRow>, Option<Cursor>) {
    (rows, next.map(Cursor::Cql))
}
