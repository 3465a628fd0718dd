//! The store that is live, which another one may take the place of.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock, TryLockError,
        atomic::{AtomicU64, Ordering},
    },
};

use feira_schemas::budget::StoreShare;
use fjall::PersistMode;

use super::{Cell, Store, folders};
use crate::keyring::KeyringError;

/// The store's name in metrics.
const NAME: &str = "keyring";

/// The live store. The committer alone writes to it, and puts another one in its place.
pub(super) struct Live {
    /// None if what was to take the former one's place could not be opened: then only a start may mend it.
    store: RwLock<Option<Store>>,
    syncs: AtomicU64,
    pub(super) folder: PathBuf,
    pub(super) share: StoreShare,
    /// Dropped last, once the store is closed.
    _lock: File,
}

impl Live {
    pub(super) fn open(folder: &Path, share: StoreShare) -> Result<Self, KeyringError> {
        let lock = folders::lock(folder)?;
        folders::settle(folder)?;
        let store = Store::open(folder, share, NAME)?;
        folders::remove_beside(folder).map_err(|error| KeyringError::Away(format!("{}: {error}", folder.display())))?;
        Ok(Self {
            store: RwLock::new(Some(store)),
            syncs: AtomicU64::new(0),
            folder: folder.to_owned(),
            share,
            _lock: lock,
        })
    }

    pub(super) fn sync_count(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Reads. Blocks while another store takes the place of this one.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Store) -> Result<T, KeyringError>) -> Result<T, KeyringError> {
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        store.as_ref().map_or_else(|| Err(gone()), work)
    }

    /// Reads; `None` where it would have to wait, which takes the moment in which another store takes the place of this one.
    pub(super) fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, KeyringError>,
    ) -> Option<Result<T, KeyringError>> {
        let store = match self.store.try_read() {
            Ok(store) => store,
            Err(TryLockError::Poisoned(store)) => store.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(store.as_ref().map_or_else(|| Err(gone()), work))
    }

    /// Writes those cells that are newer than what is there; they are on the disk once this returns.
    pub(super) fn write(&self, cells: impl IntoIterator<Item = Cell>) -> Result<(), KeyringError> {
        if self.read(|store| store.write(cells, PersistMode::SyncAll))? {
            self.syncs.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Puts the copy beside in the place of the live store, and deletes that. On an error the live store is the former one, or whatever
    /// a start would open.
    pub(super) fn take_copy(&self) -> Result<(), KeyringError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        // Closed: the library has the paths of its files.
        *store = None;
        let swapped = folders::swap(&self.folder);
        if swapped.is_err() {
            folders::settle(&self.folder)?;
        }
        *store = Some(Store::open(&self.folder, self.share, NAME)?);
        drop(store);
        let away = |error| KeyringError::Away(format!("{}: {error}", self.folder.display()));
        swapped.map_err(away)?;
        folders::remove_beside(&self.folder).map_err(away)
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.read(|store| Ok(store.trouble())).unwrap_or_else(|error| Some(error.to_string()))
    }
}

fn gone() -> KeyringError {
    KeyringError::Broken("a copy of its store could not be opened in its place".to_owned())
}
