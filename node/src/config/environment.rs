//! Environment variables (`FEIRA_…`), and the key of the configuration that each sets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use figment::{
    Error, Metadata, Profile, Provider,
    util::nest,
    value::{Dict, Map, Value},
};

use super::{ConfigError, variables::is_of_a_service};

/// The reading of a variable's text as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// As it stands, so that a text of digits alone is no number.
    Text,
    /// As it stands; `…_FILE` may name a file that holds it, as containers mount secrets.
    Secret,
    /// As a number, a truth value or a list.
    Value,
    /// `name=value`, one a line or parted by `;`.
    Properties,
}

use Reads::{Properties, Secret, Text};

/// Variables without their prefix, and the key that each sets: all that are texts or stand in a table.
const VARIABLES: &[(&str, &str, Reads)] = &[
    ("DATA", "data", Text),
    ("LISTEN", "listen", Text),
    ("PLATFORM_DOMAIN", "platform_domain", Text),
    ("ROLES", "roles", Reads::Value),
    ("PARTITIONS", "partitions", Reads::Value),
    ("REPLICATION", "replication", Reads::Value),
    ("OPERATOR_TOKEN", "operator_token", Secret),
    ("SECRET", "secret", Secret),
    ("MASTER_KEY", "master_key", Secret),
    ("SECRETS", "secrets", Secret),
    ("INSTANCE", "instance", Text),
    ("THREADS", "threads", Reads::Value),
    ("MEMORY_MB", "memory_mb", Reads::Value),
    ("FETCH_IMAGES", "fetch_images", Reads::Value),
    ("DNS", "dns", Text),
    ("DOMAIN_TARGETS", "domain_targets", Text),
    ("DEMO", "demo", Reads::Value),
    ("TRUSTED_PROXIES", "trusted_proxies", Text),
    ("KAFKA_BROKERS", "kafka_brokers", Text),
    ("KAFKA_SECURITY_PROTOCOL", "kafka.security_protocol", Text),
    ("KAFKA_SASL_MECHANISM", "kafka.sasl_mechanism", Text),
    ("KAFKA_USERNAME", "kafka.username", Text),
    ("KAFKA_PASSWORD", "kafka.password", Secret),
    ("KAFKA_OAUTH_TOKEN_URL", "kafka.oauth_token_url", Text),
    ("KAFKA_OAUTH_CLIENT_ID", "kafka.oauth_client_id", Text),
    ("KAFKA_OAUTH_CLIENT_SECRET", "kafka.oauth_client_secret", Secret),
    ("KAFKA_OAUTH_SCOPE", "kafka.oauth_scope", Text),
    ("KAFKA_CA", "kafka.ca", Text),
    ("KAFKA_CERTIFICATE", "kafka.certificate", Text),
    ("KAFKA_KEY", "kafka.key", Text),
    ("KAFKA_KEY_PASSWORD", "kafka.key_password", Secret),
    ("KAFKA_PROPERTIES", "kafka.properties", Properties),
    ("SCYLLA_NODES", "scylla_nodes", Text),
    ("SCYLLA_USERNAME", "scylla.username", Text),
    ("SCYLLA_PASSWORD", "scylla.password", Secret),
    ("SCYLLA_TLS", "scylla.tls", Reads::Value),
    ("SCYLLA_CA", "scylla.ca", Text),
    ("SCYLLA_CERTIFICATE", "scylla.certificate", Text),
    ("SCYLLA_KEY", "scylla.key", Text),
    ("SCYLLA_VERIFY_ADDRESS", "scylla.verify_address", Reads::Value),
    ("SCYLLA_LOCAL_DATACENTER", "scylla.local_datacenter", Text),
    ("SCYLLA_REPLICATION", "scylla.replication", Reads::Value),
    ("SCYLLA_CONSISTENCY", "scylla.consistency", Text),
    ("REDIS_URL", "redis_url", Secret),
    ("REDIS_USERNAME", "redis.username", Text),
    ("REDIS_PASSWORD", "redis.password", Secret),
    ("REDIS_CA", "redis.ca", Text),
    ("REDIS_CERTIFICATE", "redis.certificate", Text),
    ("REDIS_KEY", "redis.key", Text),
    ("REGISTRY_URL", "registry_url", Secret),
    ("REGISTRY_USERNAME", "registry.username", Text),
    ("REGISTRY_PASSWORD", "registry.password", Secret),
    ("REGISTRY_TOKEN", "registry.token", Secret),
    ("REGISTRY_CA", "registry.ca", Text),
    ("REGISTRY_CERTIFICATE", "registry.certificate", Text),
    ("REGISTRY_KEY", "registry.key", Text),
    ("S3_URL", "s3_url", Secret),
    ("S3_REGION", "s3.region", Text),
    ("S3_PATH_STYLE", "s3.path_style", Reads::Value),
    ("S3_ACCESS_KEY", "s3.access_key", Text),
    ("S3_SECRET_KEY", "s3.secret_key", Secret),
    ("S3_SESSION_TOKEN", "s3.session_token", Secret),
    ("S3_CA", "s3.ca", Text),
    ("GATEWAYS_ADDRESSES", "gateways.addresses", Properties),
    ("GATEWAYS_REFERER", "gateways.referer", Text),
    ("SIMULATOR_ENABLED", "simulator.enabled", Reads::Value),
    ("SIMULATOR_PORT", "simulator.port", Reads::Value),
    ("MAIL_FROM", "mail.from", Text),
    ("MAIL_SMTP", "mail.smtp", Secret),
    ("MAIL_USERNAME", "mail.username", Text),
    ("MAIL_PASSWORD", "mail.password", Secret),
    ("MAIL_TLS", "mail.tls", Text),
    ("MAIL_CA", "mail.ca", Text),
    ("MAIL_CERTIFICATE", "mail.certificate", Text),
    ("MAIL_KEY", "mail.key", Text),
    ("MAIL_DKIM_SELECTOR", "mail.dkim_selector", Text),
    ("MAIL_DKIM_DOMAIN", "mail.dkim_domain", Text),
    ("MAIL_DKIM_KEY", "mail.dkim_key", Secret),
];

/// Variables of the tests and of the command line's client, which read them themselves. What nobody reads stands in no list: it is
/// warned of.
const OTHERS: [&str; 2] = ["REQUIRE", "URL"];

const PREFIX: &str = "FEIRA_";

/// A key, and the variable that sets it, for messages.
pub(super) fn setting(key: &str) -> String {
    let variable = VARIABLES.iter().find(|(_, sets, _)| *sets == key).map(|(name, ..)| *name);
    variable.map_or_else(|| key.to_owned(), |name| format!("{key} ({PREFIX}{name})"))
}

/// The names of the variables that have an entry here; with true for those that may come from a file.
#[cfg(test)]
pub(super) fn entries() -> impl Iterator<Item = (String, bool)> {
    VARIABLES.iter().map(|(name, _, reads)| (format!("{PREFIX}{name}"), *reads == Secret))
}

/// The key and value that one variable sets.
pub(super) struct Variable {
    key: String,
    value: Value,
}

impl Variable {
    /// Reads all of the environment, and the files that it names.
    /// Beside them come the names of those that set nothing. `settings` are the keys outside of tables: those that need no entry of
    /// their own here are read as values.
    pub(super) fn all(
        settings: &BTreeSet<String>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(Vec<Self>, Vec<String>), ConfigError> {
        let own = variables.filter_map(|(name, text)| Some((name.strip_prefix(PREFIX)?.to_uppercase(), text)));
        let mut own: BTreeMap<String, String> = own.collect();
        let mut found = Vec::new();
        for (name, key, reads) in VARIABLES {
            let text = match (*reads, own.remove(*name), own.remove(&format!("{name}_FILE"))) {
                (_, text, None) => text,
                (Secret, None, Some(path)) => Some(from_file(name, &path)?),
                (Secret, Some(_), Some(_)) => {
                    return Err(ConfigError::Invalid(format!(
                        "{PREFIX}{name} and {PREFIX}{name}_FILE are both set; one of them"
                    )));
                }
                (..) => {
                    return Err(ConfigError::Invalid(format!(
                        "{PREFIX}{name} is no secret and is not read from a file"
                    )));
                }
            };
            if let Some(text) = text {
                found.push(Self { key: (*key).to_owned(), value: value(name, *reads, text)? });
            }
        }
        let mut unknown = Vec::new();
        for (name, text) in own {
            let key = name.to_ascii_lowercase();
            if settings.contains(&key) {
                found.push(Self { value: value(&name, Reads::Value, text)?, key });
            } else if !OTHERS.contains(&name.as_str()) && !is_of_a_service(&key, &text) {
                unknown.push(format!("{PREFIX}{name}"));
            }
        }
        Ok((found, unknown))
    }
}

/// Editors and `echo` end a file with a line break, which is no part of a secret.
fn from_file(name: &str, path: &str) -> Result<String, ConfigError> {
    let invalid = |why: String| ConfigError::Invalid(format!("{PREFIX}{name}_FILE: {path}: {why}"));
    let text = fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(invalid("the file is empty".to_owned())) } else { Ok(text.to_owned()) }
}

fn value(name: &str, reads: Reads, text: String) -> Result<Value, ConfigError> {
    match reads {
        Text | Secret => Ok(text.into()),
        // It takes every text: what it can't parse is a text.
        Reads::Value => Ok(text.parse().unwrap_or_else(|_| Value::from(text))),
        Properties => {
            let lines = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty());
            let pairs = lines.map(|line| line.split_once('=').map(|(name, value)| (name.trim(), value.trim())));
            let pairs: Option<BTreeMap<&str, &str>> = pairs.collect();
            let invalid = || ConfigError::Invalid(format!("{PREFIX}{name} is name=value, one a line or parted by `;`"));
            Ok(pairs.ok_or_else(invalid)?.into())
        }
    }
}

impl Provider for Variable {
    fn metadata(&self) -> Metadata {
        let variable = |_: &Profile, keys: &[&str]| setting(&keys.join("."));
        Metadata::named("the environment").interpolater(variable)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let nested = nest(&self.key, self.value.clone());
        Ok(Profile::Default.collect(nested.into_dict().unwrap_or_default()))
    }
}
