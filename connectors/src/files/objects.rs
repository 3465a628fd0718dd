//! Files as objects of a folder or a bucket, by `object_store`: what both stores do alike.

use std::sync::Arc;

use bytes::Bytes;
use feira_schemas::ids::TenantId;
use futures::TryStreamExt;
use object_store::{Attribute, Attributes, Error as StoreError, ObjectStore, ObjectStoreExt, PutOptions, path::Path};

use super::{File, FilesError, MAX_FILE_BYTES};

/// The types that are kept, by extension. Closed, because a file is served under its type: with `text/html` in it, an
/// image could run scripts on a shop's pages.
const TYPES: [(&str, &str); 6] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
];

/// The longest path, in bytes; a longer one would not fit beside the tenant in a file system's or S3's own limits.
const MAX_PATH: usize = 512;

/// A store of files. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    pub(super) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self(store)
    }

    pub(super) async fn put(
        &self,
        tenant: TenantId,
        path: &str,
        content_type: &str,
        bytes: Bytes,
    ) -> Result<(), FilesError> {
        let expected = type_of(path)?;
        if content_type != expected {
            return Err(FilesError::Refused(format!("`{path}` must be {expected}, not {content_type}")));
        }
        if bytes.len() > MAX_FILE_BYTES {
            return Err(FilesError::Refused(format!("{} bytes; at most {MAX_FILE_BYTES} are kept", bytes.len())));
        }
        let place = place(tenant, path)?;
        // A folder has no place for a type beside the bytes, so `get` always takes it from the extension; a bucket may be
        // read by others, who look at the attribute.
        let options = PutOptions {
            attributes: Attributes::from_iter([(Attribute::ContentType, expected)]),
            ..PutOptions::default()
        };
        match self.0.put_opts(&place, bytes.clone().into(), options).await {
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. }) => {
                self.0.put(&place, bytes.into()).await
            }
            other => other,
        }
        .map(drop)
        .map_err(files_error)
    }

    pub(super) async fn get(&self, tenant: TenantId, path: &str) -> Result<Option<File>, FilesError> {
        let content_type = type_of(path)?;
        let found = match self.0.get(&place(tenant, path)?).await {
            Err(StoreError::NotFound { .. }) => return Ok(None),
            other => other.map_err(files_error)?,
        };
        let etag = found.meta.e_tag.as_deref().unwrap_or_default().trim_matches('"').to_owned();
        let bytes = found.bytes().await.map_err(files_error)?;
        Ok(Some(File { content_type, bytes, etag }))
    }

    pub(super) async fn delete(&self, tenant: TenantId, path: &str) -> Result<(), FilesError> {
        match self.0.delete(&place(tenant, path)?).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            other => other.map_err(files_error),
        }
    }

    pub(super) async fn list(&self, tenant: TenantId) -> Result<Vec<String>, FilesError> {
        let folder = Path::from(tenant.to_string());
        let found: Vec<_> = self.0.list(Some(&folder)).try_collect().await.map_err(files_error)?;
        let own = format!("{folder}/");
        let mut paths: Vec<_> =
            found.iter().filter_map(|meta| meta.location.as_ref().strip_prefix(&own).map(str::to_owned)).collect();
        paths.sort_unstable();
        Ok(paths)
    }
}

/// The object path of a tenant's file. Refused where it could leave the tenant's folder on some store or file system.
fn place(tenant: TenantId, path: &str) -> Result<Path, FilesError> {
    let refused = |why: &str| FilesError::Refused(format!("`{}` {why}", path.chars().take(80).collect::<String>()));
    if path.len() > MAX_PATH {
        return Err(refused("is too long a path"));
    }
    for segment in path.split('/') {
        // A leading dot covers `.`, `..` and hidden files, which some stores leave out of their lists.
        if segment.is_empty() || segment.starts_with('.') {
            return Err(refused("has an empty segment or one that begins with a dot"));
        }
        if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) {
            return Err(refused("has a character other than letters, digits, `.`, `_` and `-`"));
        }
    }
    Ok(Path::from(format!("{tenant}/{path}")))
}

fn type_of(path: &str) -> Result<&'static str, FilesError> {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    TYPES
        .iter()
        .find(|(known, _)| extension.as_deref() == Some(*known))
        .map(|(_, content_type)| *content_type)
        .ok_or_else(|| FilesError::Refused("a file must end in .jpg, .jpeg, .png, .webp, .gif or .svg".to_owned()))
}

fn files_error(error: StoreError) -> FilesError {
    match error {
        StoreError::InvalidPath { .. } | StoreError::NotSupported { .. } | StoreError::NotImplemented { .. } => {
            FilesError::Refused(error.to_string())
        }
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => FilesError::Refused(format!(
            "the store of files does not let this process in: look at s3.access_key, s3.secret_key and s3.session_token \
             (FEIRA_S3_…) or the keys in s3_url: {error}"
        )),
        other if other.to_string().contains("certificate") => {
            FilesError::Refused(format!("the store of files is not believed: look at s3.ca (FEIRA_S3_CA): {other}"))
        }
        other => FilesError::Unavailable(other.to_string()),
    }
}
