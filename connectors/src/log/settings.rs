//! Where a cluster is, and who this process is to it.

use std::{collections::BTreeMap, fmt};

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// How to reach a cluster.
#[derive(Clone, Debug)]
pub struct KafkaSettings {
    /// Host and port of one or more brokers, comma-separated.
    pub brokers: String,
    /// What this process calls itself to the brokers.
    pub client_id: String,
    /// In how many copies new topics are kept; `None` takes the cluster's default.
    pub replication: Option<u16>,
    /// Who this process is to the brokers, and by whom they are believed.
    pub security: KafkaSecurity,
}

/// How a cluster is spoken to; the default is in the clear and as nobody.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KafkaSecurity {
    /// Speaks TLS.
    pub tls: Option<Tls>,
    /// Says who it is.
    pub sasl: Option<Sasl>,
    /// That the client's key is encrypted with; empty if it isn't.
    pub key_password: Secret,
    /// Further properties of librdkafka, each of which [`super::check_property`] has let pass.
    pub properties: BTreeMap<String, String>,
}

/// Who this process is, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sasl {
    /// A name and a password.
    Password {
        /// How the password is shown.
        mechanism: PasswordMechanism,
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// OAUTHBEARER, with tokens by the grant `client_credentials`.
    Token {
        /// Who gives tokens.
        url: String,
        /// Whom they are for.
        client_id: String,
        /// What proves it.
        client_secret: Secret,
        /// What is asked for; empty: whatever is given.
        scope: String,
    },
}

/// How a password is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMechanism {
    /// As it is.
    Plain,
    /// As a proof of it (RFC 5802, RFC 7677).
    ScramSha256,
    /// Likewise.
    ScramSha512,
}

impl fmt::Debug for KafkaSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Properties may hold passwords.
        f.debug_struct("KafkaSecurity").field("tls", &self.tls).field("sasl", &self.sasl).finish_non_exhaustive()
    }
}
