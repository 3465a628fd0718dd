//! Files in the data folder.

use std::{path::Path, sync::Arc};

use object_store::local::LocalFileSystem;

use super::{error::FilesError, objects::Objects};

/// The store of files in the data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EmbeddedFiles(pub(super) Objects);

impl EmbeddedFiles {
    pub(super) fn open(folder: &Path) -> Result<Self, FilesError> {
        let unavailable = |why: String| FilesError::Unavailable(format!("{}: {why}", folder.display()));
        std::fs::create_dir_all(folder).map_err(|error| unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unavailable(error.to_string()))?;
        Ok(Self(Objects::new(Arc::new(store.with_fsync(true)))))
    }
}
