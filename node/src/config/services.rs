//! `[redis]`, `[registry]` and `[s3]`: who this process is to each of them, and by whom they are believed.

use std::path::PathBuf;

use feira_connectors::{
    cache::RedisSettings,
    files::S3Settings,
    registry::{ConfluentLogin, ConfluentSettings},
};
use feira_schemas::secret::Secret;
use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    environment::setting,
    tls::{any_tls, check_tls},
};

/// `[redis]`. What is empty is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redis {
    /// The user's name, instead of the one in the address.
    pub username: String,
    /// The user's password, instead of the one in the address.
    pub password: Secret,
    /// PEM file of the authorities that `rediss://` believes; empty: this machine's.
    pub ca: PathBuf,
    /// PEM file of this client's certificate, where the server asks for one.
    pub certificate: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
}

impl Redis {
    /// Builds the cache's settings from this table and `redis_url`; refused where they contradict each other.
    pub fn settings(&self, url: &str) -> Result<RedisSettings, ConfigError> {
        let mut settings = RedisSettings::new(url);
        if !self.username.is_empty() && self.password.is_empty() {
            return refused("redis.password", "is needed with a user");
        }
        settings.username = Some(self.username.clone()).filter(|name| !name.is_empty());
        settings.password = Some(self.password.clone()).filter(|password| !password.is_empty());
        if any_tls(&self.ca, &self.certificate, &self.key) {
            if !url.starts_with("rediss://") {
                return refused("redis_url", "must begin with rediss:// where redis.ca or redis.certificate is set");
            }
            settings.tls = check_tls("redis", &self.ca, &self.certificate, &self.key, false)?;
        }
        settings.check().map_err(|error| ConfigError::Invalid(error.to_string()))?;
        Ok(settings)
    }
}

/// `[registry]`. What is empty is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryTable {
    /// The user's name for HTTP basic authentication.
    pub username: String,
    /// The user's password.
    pub password: Secret,
    /// A bearer token, instead of user and password.
    pub token: Secret,
    /// PEM file of the authorities that the registry is believed by; empty: this machine's.
    pub ca: PathBuf,
    /// PEM file of this client's certificate, where the registry asks for one.
    pub certificate: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
}

impl RegistryTable {
    /// Builds the registry's settings from this table and `registry_url`; refused where they contradict each other.
    pub fn settings(&self, url: &str) -> Result<ConfluentSettings, ConfigError> {
        let mut settings = ConfluentSettings::parse(url)
            .map_err(|_| invalid("registry_url", "must be an address such as http://localhost:8081"))?;
        settings.login = self.login(settings.login)?;
        if any_tls(&self.ca, &self.certificate, &self.key) && !settings.url.starts_with("https://") {
            return refused(
                "registry_url",
                "must begin with https:// where registry.ca or registry.certificate is set",
            );
        }
        settings.tls = check_tls("registry", &self.ca, &self.certificate, &self.key, false)?;
        Ok(settings)
    }

    fn login(&self, in_address: ConfluentLogin) -> Result<ConfluentLogin, ConfigError> {
        let basic = || ConfluentLogin::Basic { username: self.username.clone(), password: self.password.clone() };
        match (in_address, self.token.is_empty(), self.username.is_empty(), self.password.is_empty()) {
            (in_address, true, true, true) => Ok(in_address),
            (_, true, true, false) => refused("registry.username", "is needed with a password"),
            (ConfluentLogin::None, true, false, _) => Ok(basic()),
            (ConfluentLogin::None, false, true, true) => Ok(ConfluentLogin::Bearer(self.token.clone())),
            (_, true, ..) => refused("registry.username", "is set, and registry_url names a user too; one of them"),
            (_, false, ..) => refused("registry.token", "is set, and a user is named too; one of them"),
        }
    }
}

/// `[s3]`: what the address in `s3_url` leaves open. What is empty is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3 {
    /// The region, instead of the address's.
    pub region: String,
    /// True: the bucket stands in the path; false: in front of the host. Not set: in the path, as stores other than
    /// Amazon want it, and in front for `s3://`.
    pub path_style: Option<bool>,
    /// The access key, instead of the one in the address.
    pub access_key: String,
    /// The secret key, instead of the one in the address.
    pub secret_key: Secret,
    /// The session token of temporary credentials.
    pub session_token: Secret,
    /// PEM file of the authorities that the store is believed by, beside this machine's.
    pub ca: PathBuf,
}

impl S3 {
    /// Builds the settings of the file store from this table and `s3_url`; refused where they contradict each other.
    pub fn settings(&self, url: &str) -> Result<S3Settings, ConfigError> {
        let mut settings = S3Settings::parse(url).map_err(|error| invalid("s3_url", &error.to_string()))?;
        if !self.region.is_empty() {
            settings.region.clone_from(&self.region);
        }
        settings.path_style = self.path_style.unwrap_or(settings.path_style);
        match (self.access_key.is_empty(), self.secret_key.is_empty()) {
            (true, true) => {}
            (false, false) if settings.credentials.is_none() => {
                settings.credentials = Some((self.access_key.clone(), self.secret_key.clone()));
            }
            (false, false) => return refused("s3.access_key", "is set, and s3_url has a key too; one of them"),
            (true, false) => return refused("s3.access_key", "is needed with a secret key"),
            (false, true) => return refused("s3.secret_key", "is needed with an access key"),
        }
        settings.session_token = Some(self.session_token.clone()).filter(|token| !token.is_empty());
        if settings.session_token.is_some() && settings.credentials.is_none() {
            return refused("s3.session_token", "is of an access key and a secret key, which are not set");
        }
        if !self.ca.as_os_str().is_empty() {
            settings.tls = check_tls("s3", &self.ca, "".as_ref(), "".as_ref(), false)?;
        }
        Ok(settings)
    }
}

fn refused<T>(key: &str, why: &str) -> Result<T, ConfigError> {
    Err(invalid(key, why))
}

fn invalid(key: &str, why: &str) -> ConfigError {
    ConfigError::Invalid(format!("{} {why}", setting(key)))
}
