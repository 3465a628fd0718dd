//! Files in a bucket of an S3-compatible store.

use std::{sync::Arc, time::Duration};

use object_store::{Certificate, ClientOptions, RetryConfig, aws::AmazonS3Builder};

use super::{error::FilesError, objects::Objects, settings::S3Settings};

/// The store of files in a bucket. Cheap to clone.
#[derive(Clone, Debug)]
pub struct S3Files(pub(super) Objects);

impl S3Files {
    pub(super) fn new(settings: &S3Settings) -> Result<Self, FilesError> {
        let plain_http = settings.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        // A page waits for an image at most this long; the browser asks again.
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
            builder = builder.with_access_key_id(key).with_secret_access_key(secret.expose());
        }
        if let Some(token) = &settings.session_token {
            builder = builder.with_token(token.expose());
        }
        let store = builder.build().map_err(|error| FilesError::Refused(format!("S3 settings: {error}")))?;
        Ok(Self(Objects::new(Arc::new(store))))
    }
}
