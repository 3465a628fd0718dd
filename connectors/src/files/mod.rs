//! The files port: a tenant's logo and images.

mod embedded;
mod error;
mod objects;
mod s3;
mod settings;

use std::path::Path;

use bytes::Bytes;
use feira_schemas::ids::TenantId;

use self::objects::Objects;
pub use self::{embedded::EmbeddedFiles, error::FilesError, s3::S3Files, settings::S3Settings};

/// The largest file that is kept, in bytes: what a merchant may send as one image.
pub const MAX_FILE_BYTES: usize = 20 << 20;

/// The store of files: a folder, or an S3-compatible bucket. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub enum Files {
    /// In the data folder.
    Embedded(EmbeddedFiles),
    /// In a bucket of an S3-compatible store.
    S3(S3Files),
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

impl Files {
    /// Files in this folder, which is made if there is none. What was put is on the disk.
    pub fn embedded(folder: &Path) -> Result<Self, FilesError> {
        EmbeddedFiles::open(folder).map(Self::Embedded)
    }

    /// Files in a bucket. Nothing is asked yet: whether the settings lead to one shows in the first call.
    pub fn s3(settings: &S3Settings) -> Result<Self, FilesError> {
        S3Files::new(settings).map(Self::S3)
    }

    /// Keeps the file, replacing what was there. `content_type` must be the one that the path's extension names.
    pub async fn put(&self, tenant: TenantId, path: &str, content_type: &str, bytes: Bytes) -> Result<(), FilesError> {
        self.objects().put(tenant, path, content_type, bytes).await
    }

    /// The file, if there is one.
    pub async fn get(&self, tenant: TenantId, path: &str) -> Result<Option<File>, FilesError> {
        self.objects().get(tenant, path).await
    }

    /// Removes the file; removing what isn't there is no error.
    pub async fn delete(&self, tenant: TenantId, path: &str) -> Result<(), FilesError> {
        self.objects().delete(tenant, path).await
    }

    /// The paths of all the tenant's files, sorted.
    pub async fn list(&self, tenant: TenantId) -> Result<Vec<String>, FilesError> {
        self.objects().list(tenant).await
    }

    fn objects(&self) -> &Objects {
        match self {
            Self::Embedded(EmbeddedFiles(objects)) | Self::S3(S3Files(objects)) => objects,
        }
    }
}
