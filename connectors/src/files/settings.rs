//! Settings of an S3-compatible store: endpoint, bucket, region and credentials.

use feira_schemas::secret::Secret;
use percent_encoding::percent_decode_str;

use super::FilesError;
use crate::tls::Tls;

/// The address and credentials of an S3-compatible store.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// `http(s)://host:port`, without the bucket; `None` is Amazon itself.
    pub endpoint: Option<String>,
    /// The bucket, which must exist.
    pub bucket: String,
    /// The region; most other stores than Amazon take any.
    pub region: String,
    /// The access key and its secret; `None` takes them from the machine's role.
    pub credentials: Option<(String, Secret)>,
    /// The session token of temporary credentials.
    pub session_token: Option<Secret>,
    /// True for path-style addresses (`host/bucket`), false for virtual-hosted ones (`bucket.host`).
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
            Some(secret) => Some((decoded(url.username())?, decoded(secret)?.into())),
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

    /// The endpoint that the client is given; with the bucket in front of the host where `path_style` is false, since
    /// the client does that for Amazon's hosts alone.
    pub(super) fn place(&self) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?;
        match endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => Some(format!("{scheme}://{}.{host}", self.bucket)),
            _ => Some(endpoint.to_owned()),
        }
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
        assert_eq!(settings.credentials, Some(("key".to_owned(), "s/cret".into())));
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
