//! `[kafka]`: how a cluster is spoken to that asks who is there.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use feira_connectors::{
    log::{KafkaSecurity, PasswordMechanism, Sasl, check_property},
    tls::Tls,
};
use feira_schemas::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{ConfigError, environment::setting, is_http, tls::check_tls};

/// The table `[kafka]`. What is empty is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// `PLAINTEXT` (also if empty), `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`.
    pub security_protocol: String,
    /// `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512` or `OAUTHBEARER`.
    pub sasl_mechanism: String,
    /// The user's name, for every mechanism but OAUTHBEARER.
    pub username: String,
    /// The user's password, for every mechanism but OAUTHBEARER.
    pub password: Secret,
    /// The token endpoint of OAUTHBEARER, which is asked by the grant `client_credentials`.
    pub oauth_token_url: String,
    /// The OAuth client's id.
    pub oauth_client_id: String,
    /// The OAuth client's secret.
    pub oauth_client_secret: Secret,
    /// The OAuth scope to ask for; empty: whatever scope is given.
    pub oauth_scope: String,
    /// PEM file of the authorities that brokers are believed by; empty: this machine's.
    pub ca: PathBuf,
    /// PEM file of this client's certificate, where brokers ask for one.
    pub certificate: PathBuf,
    /// PEM file of the certificate's key.
    pub key: PathBuf,
    /// The passphrase that the key's file is encrypted with; empty: none.
    pub key_password: Secret,
    /// Further properties of librdkafka under their own names.
    pub properties: Properties,
}

/// Properties of librdkafka by name. Some hold secrets, so their values are printed only where the name says that they don't.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = |name: &str| {
            ["password", "secret", "passphrase", "pem", "key", "config", "certificate"]
                .iter()
                .any(|part| name.contains(part))
        };
        let shown = self.0.iter().map(|(name, value)| (name, if secret(name) { "(secret)" } else { value.as_str() }));
        f.debug_map().entries(shown).finish()
    }
}

impl<'de> Deserialize<'de> for Properties {
    /// Names of properties have dots, which in TOML are tables unless the name is quoted: both are read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut properties = BTreeMap::new();
        flatten("", &Value::deserialize(deserializer)?, &mut properties);
        Ok(Self(properties))
    }
}

fn flatten(name: &str, value: &Value, properties: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(parts) => {
            for (part, value) in parts {
                let name = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
                flatten(&name, value, properties);
            }
        }
        Value::String(text) => drop(properties.insert(name.to_owned(), text.clone())),
        other => drop(properties.insert(name.to_owned(), other.to_string())),
    }
}

impl Kafka {
    /// Builds the log's security from this table; refused where keys are missing or contradict each other.
    pub fn security(&self) -> Result<KafkaSecurity, ConfigError> {
        let (tls, sasl) = match self.security_protocol.to_ascii_uppercase().as_str() {
            "" | "PLAINTEXT" => (false, false),
            "SSL" => (true, false),
            "SASL_PLAINTEXT" => (false, true),
            "SASL_SSL" => (true, true),
            _ => return self.refused("security_protocol", "must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
        };
        let tls = self.tls(tls)?;
        let sasl = if sasl { Some(self.sasl()?) } else { self.no_sasl()? };
        Ok(KafkaSecurity { tls, sasl, key_password: self.key_password.clone(), properties: self.properties()? })
    }

    fn tls(&self, wanted: bool) -> Result<Option<Tls>, ConfigError> {
        if !wanted {
            let files = [("ca", &self.ca), ("certificate", &self.certificate), ("key", &self.key)];
            if let Some((name, _)) = files.iter().find(|(_, path)| !path.as_os_str().is_empty()) {
                return self.refused(name, "is of TLS: set kafka.security_protocol to SSL or SASL_SSL");
            }
            return Ok(None);
        }
        let tls = check_tls("kafka", &self.ca, &self.certificate, &self.key, !self.key_password.is_empty())?;
        if tls.identity.is_none() && !self.key_password.is_empty() {
            return self.refused("key_password", "is of kafka.key, which is not set");
        }
        Ok(Some(tls))
    }

    fn sasl(&self) -> Result<Sasl, ConfigError> {
        let mechanism = match self.sasl_mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => PasswordMechanism::Plain,
            "SCRAM-SHA-256" => PasswordMechanism::ScramSha256,
            "SCRAM-SHA-512" => PasswordMechanism::ScramSha512,
            "OAUTHBEARER" => return self.token(),
            _ => return self.refused("sasl_mechanism", "must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"),
        };
        if self.username.is_empty() {
            return self.refused("username", "is needed for SASL");
        }
        if self.password.is_empty() {
            return self.refused("password", "is needed for SASL");
        }
        let oauth = [
            ("oauth_token_url", self.oauth_token_url.is_empty()),
            ("oauth_client_id", self.oauth_client_id.is_empty()),
            ("oauth_client_secret", self.oauth_client_secret.is_empty()),
            ("oauth_scope", self.oauth_scope.is_empty()),
        ];
        if let Some((name, _)) = oauth.iter().find(|(_, empty)| !empty) {
            return self.refused(name, "is of the mechanism OAUTHBEARER alone");
        }
        Ok(Sasl::Password { mechanism, username: self.username.clone(), password: self.password.clone() })
    }

    fn token(&self) -> Result<Sasl, ConfigError> {
        if !is_http(&self.oauth_token_url) {
            return self.refused("oauth_token_url", "must be the http(s) address that gives tokens");
        }
        if self.oauth_client_id.is_empty() {
            return self.refused("oauth_client_id", "is needed for OAUTHBEARER");
        }
        if self.oauth_client_secret.is_empty() {
            return self.refused("oauth_client_secret", "is needed for OAUTHBEARER");
        }
        if !self.username.is_empty() || !self.password.is_empty() {
            return self
                .refused("username", "and kafka.password are not of OAUTHBEARER; it takes kafka.oauth_client_id");
        }
        Ok(Sasl::Token {
            url: self.oauth_token_url.clone(),
            client_id: self.oauth_client_id.clone(),
            client_secret: self.oauth_client_secret.clone(),
            scope: self.oauth_scope.clone(),
        })
    }

    /// Whoever sets a password means it to be used, and a cluster that asks for none would never say that it is not.
    fn no_sasl(&self) -> Result<Option<Sasl>, ConfigError> {
        let set = [
            ("sasl_mechanism", self.sasl_mechanism.is_empty()),
            ("username", self.username.is_empty()),
            ("password", self.password.is_empty()),
            ("oauth_token_url", self.oauth_token_url.is_empty()),
            ("oauth_client_id", self.oauth_client_id.is_empty()),
            ("oauth_client_secret", self.oauth_client_secret.is_empty()),
        ];
        match set.iter().find(|(_, empty)| !empty) {
            Some((name, _)) => {
                self.refused(name, "is of SASL: set kafka.security_protocol to SASL_SSL or SASL_PLAINTEXT")
            }
            None => Ok(None),
        }
    }

    fn properties(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        for (name, value) in &self.properties.0 {
            check_property(name, value).map_err(|why| ConfigError::Invalid(format!("kafka.properties: {why}")))?;
        }
        Ok(self.properties.0.clone())
    }

    fn refused<T>(&self, name: &str, why: &str) -> Result<T, ConfigError> {
        Err(ConfigError::Invalid(format!("{} {why}", setting(&format!("kafka.{name}")))))
    }
}
