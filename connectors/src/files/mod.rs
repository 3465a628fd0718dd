//! The files port: a tenant's logo and pictures.

mod store;

use bytes::Bytes;
use feira_schemas::ids::TenantId;

pub use self::store::{ObjectFiles, S3Settings};

/// The largest file that is kept, in bytes: what a merchant may send as one picture.
pub const MAX_FILE_BYTES: usize = 20 << 20;

/// Where files are kept. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub enum Files {
    /// In the data folder.
    Local(ObjectFiles),
    /// In a bucket of an S3-compatible store.
    S3(ObjectFiles),
}

/// A file as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// `image/jpeg` and the like; follows from the path's extension.
    pub content_type: &'static str,
    /// The whole content.
    pub bytes: Bytes,
    /// Changes whenever the content does; without quotes.
    pub etag: String,
}

/// Why a file was not kept or found.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FilesError {
    /// The store doesn't answer; repeat later.
    #[error("files are unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The path, type or size can't be accepted; repeating changes nothing.
    #[error("file refused: {0}")]
    Refused(String),
}

impl Files {
    /// Keeps the file, replacing what was there. `content_type` must be the one that the path's extension names.
    pub async fn put(&self, tenant: TenantId, path: &str, content_type: &str, bytes: Bytes) -> Result<(), FilesError> {
        self.store().put(tenant, path, content_type, bytes).await
    }

    /// The file, if there is one.
    pub async fn get(&self, tenant: TenantId, path: &str) -> Result<Option<File>, FilesError> {
        self.store().get(tenant, path).await
    }

    /// Removes the file; removing what isn't there is no error.
    pub async fn delete(&self, tenant: TenantId, path: &str) -> Result<(), FilesError> {
        self.store().delete(tenant, path).await
    }

    /// The paths of all the tenant's files, sorted.
    pub async fn list(&self, tenant: TenantId) -> Result<Vec<String>, FilesError> {
        self.store().list(tenant).await
    }

    fn store(&self) -> &ObjectFiles {
        match self {
            Self::Local(store) | Self::S3(store) => store,
        }
    }
}
