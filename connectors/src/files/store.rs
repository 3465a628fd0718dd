//! Files by `object_store`: the data folder, or a bucket.

use std::{path::Path as Folder, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::ids::TenantId;
use futures::TryStreamExt;
use object_store::{
    Attribute, Attributes, Certificate, ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt, PutOptions,
    RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
};
use percent_encoding::percent_decode_str;

use super::{File, FilesError, MAX_FILE_BYTES};
use crate::tls::Tls;

/// The types that are kept, by extension. Closed, because a file is served under its type: with `text/html` in it, a
/// picture could run scripts on a shop's pages.
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

/// How to reach an S3-compatible store.
#[derive(Clone)]
pub struct S3Settings {
    /// `http(s)://host:port`, without the bucket; `None` is Amazon itself.
    pub endpoint: Option<String>,
    /// The bucket, which must exist.
    pub bucket: String,
    /// The region; most other stores than Amazon take any.
    pub region: String,
    /// The access key and its secret; `None` takes them from the machine's role.
    pub credentials: Option<(String, String)>,
    /// That comes with an access key which is valid for a while.
    pub session_token: Option<String>,
    /// Whether the bucket stands in the path, or else in front of the host.
    pub path_style: bool,
    /// Further authorities that the store is believed by.
    pub tls: Tls,
}

impl S3Settings {
    /// Settings from `http(s)://[key:secret@]host[:port]/bucket[?region=…]`, or `s3://bucket[?region=…]` for Amazon with the
    /// machine's own role.
    pub fn parse(text: &str) -> Result<Self, FilesError> {
        let refused = |why: &str| FilesError::Refused(format!("the address of the file store {why}"));
        let url = reqwest::Url::parse(text).map_err(|error| refused(&format!("is no URL: {error}")))?;
        let region = url.query_pairs().find(|(name, _)| name == "region").map(|(_, region)| region.into_owned());
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let host = url.host_str().ok_or_else(|| refused("has no host"))?;
        if url.scheme() == "s3" {
            return Ok(Self { region, ..Self::amazon(host) });
        }
        let bucket = url.path().trim_matches('/').to_owned();
        if !matches!(url.scheme(), "http" | "https") || bucket.is_empty() || bucket.contains('/') {
            return Err(refused("must be s3://bucket or http(s)://key:secret@host:port/bucket"));
        }
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let decoded = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(String::from)
                .map_err(|_| refused("has a key or secret that isn't text"))
        };
        let credentials = match url.password() {
            Some(secret) => Some((decoded(url.username())?, decoded(secret)?)),
            None => None,
        };
        let endpoint = Some(format!("{}://{host}{port}", url.scheme()));
        Ok(Self { endpoint, region, credentials, ..Self::amazon(&bucket) })
    }

    fn amazon(bucket: &str) -> Self {
        Self {
            endpoint: None,
            bucket: bucket.to_owned(),
            region: String::new(),
            credentials: None,
            session_token: None,
            path_style: true,
            tls: Tls::default(),
        }
    }

    /// Where the client looks for the bucket, which it puts in front of no host but Amazon's.
    fn place(&self) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?;
        match endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => Some(format!("{scheme}://{}.{host}", self.bucket)),
            _ => Some(endpoint.to_owned()),
        }
    }
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The credentials stay out of logs.
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

/// A store of files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ObjectFiles(Arc<dyn ObjectStore>);

impl ObjectFiles {
    /// Files in this folder, which is made if there is none. What was put is on the disk.
    pub fn local(folder: &Folder) -> Result<Self, FilesError> {
        let unavailable = |why: String| FilesError::Unavailable(format!("{}: {why}", folder.display()));
        std::fs::create_dir_all(folder).map_err(|error| unavailable(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| unavailable(error.to_string()))?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// Files in a bucket.
    pub fn s3(settings: &S3Settings) -> Result<Self, FilesError> {
        let plain_http = settings.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        // A page waits for a picture at most this long; the browser asks again.
        let mut client = ClientOptions::new().with_timeout(Duration::from_secs(10)).with_allow_http(plain_http);
        let unusable = |why: String| FilesError::Refused(format!("s3.ca (FEIRA_S3_CA): {why}"));
        if let Some(pem) = settings.tls.ca_pem().map_err(|error| unusable(error.to_string()))? {
            for certificate in Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))? {
                client = client.with_root_certificate(certificate);
            }
        }
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_allow_http(plain_http)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_client_options(client)
            .with_retry(RetryConfig {
                max_retries: 2,
                retry_timeout: Duration::from_secs(15),
                ..RetryConfig::default()
            });
        if let Some(endpoint) = settings.place() {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some((key, secret)) = &settings.credentials {
            builder = builder.with_access_key_id(key).with_secret_access_key(secret);
        }
        if let Some(token) = &settings.session_token {
            builder = builder.with_token(token);
        }
        let store = builder.build().map_err(|error| FilesError::Refused(format!("S3 settings: {error}")))?;
        Ok(Self(Arc::new(store)))
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

/// Where the file lies, once its path is known to stay inside the tenant's folder on every store and file system.
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_all_there_is_to_know_of_a_bucket() {
        let settings =
            S3Settings::parse("https://key:s%2Fcret@minio.example:9000/shop-files?region=sa-east-1").unwrap();
        assert_eq!(settings.endpoint.as_deref(), Some("https://minio.example:9000"));
        assert_eq!((settings.bucket.as_str(), settings.region.as_str()), ("shop-files", "sa-east-1"));
        assert_eq!(settings.credentials, Some(("key".to_owned(), "s/cret".to_owned())));
        assert_eq!(settings.place().as_deref(), Some("https://minio.example:9000"));
        let in_front = S3Settings { path_style: false, ..settings };
        assert_eq!(in_front.place().as_deref(), Some("https://shop-files.minio.example:9000"));
        let amazon = S3Settings::parse("s3://shop-files").unwrap();
        assert_eq!((amazon.endpoint, amazon.bucket.as_str(), amazon.credentials), (None, "shop-files", None));
        for bad in ["", "shop-files", "http://host", "http://host/a/b", "ftp://host/a"] {
            assert!(S3Settings::parse(bad).is_err(), "{bad}");
        }
    }
}
