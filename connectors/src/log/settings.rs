//! Settings of a Kafka cluster: brokers, client id, TLS and SASL.

use std::{collections::BTreeMap, fmt};

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// The address and security of a Kafka cluster.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// Host and port of one or more brokers, comma-separated.
    pub brokers: String,
    /// Kafka's `client.id`, by which the brokers' logs and quotas know this process.
    pub client_id: String,
    /// The replication factor of new topics; `None` takes the cluster's default.
    pub replication: Option<u16>,
    /// TLS, SASL and further librdkafka properties.
    pub security: KafkaSecurity,
}

/// TLS and SASL of a Kafka cluster (`security.protocol` follows from them); the default is PLAINTEXT without a login.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KafkaSecurity {
    /// TLS towards the brokers; `None` speaks plain text.
    pub tls: Option<Tls>,
    /// The SASL login; `None` logs in as nobody.
    pub sasl: Option<Sasl>,
    /// The passphrase that the client key's file is encrypted with (`ssl.key.password`); empty if it isn't.
    pub key_password: Secret,
    /// Further properties of librdkafka, each of which [`super::check_property`] has let pass.
    pub properties: BTreeMap<String, String>,
}

/// The SASL login of this process: its mechanism and secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    /// A name and a password.
    Password {
        /// The SASL mechanism that carries the password.
        mechanism: PasswordMechanism,
        /// The user's name (`sasl.username`).
        username: String,
        /// The user's password (`sasl.password`).
        password: Secret,
    },
    /// OAUTHBEARER, with tokens by the grant `client_credentials`.
    Token {
        /// The token endpoint's address (`sasl.oauthbearer.token.endpoint.url`).
        url: String,
        /// The OAuth client's id (`sasl.oauthbearer.client.id`).
        client_id: String,
        /// The OAuth client's secret (`sasl.oauthbearer.client.secret`).
        client_secret: Secret,
        /// The OAuth scope that is asked for (`sasl.oauthbearer.scope`); empty takes whatever scope is given.
        scope: String,
    },
}

/// The SASL mechanism of a login by password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    /// `PLAIN`: the password itself is sent.
    Plain,
    /// `SCRAM-SHA-256` (RFC 5802, RFC 7677): a proof of the password is sent.
    ScramSha256,
    /// `SCRAM-SHA-512`: a proof of the password is sent.
    ScramSha512,
}

impl fmt::Debug for KafkaSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Properties may hold passwords.
        f.debug_struct("KafkaSecurity").field("tls", &self.tls).field("sasl", &self.sasl).finish_non_exhaustive()
    }
}
