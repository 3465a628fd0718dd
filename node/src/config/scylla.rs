//! `[scylla]`: how a cluster is spoken to that asks who is there, and where it lies.

use std::path::PathBuf;

use feira_connectors::state::{CqlConsistency, CqlSettings, Replication};
use feira_schemas::secret::Secret;
use serde::{Deserialize, Serialize};

use super::{
    ConfigError,
    environment::setting,
    tls::{any_tls, check_tls},
};

/// The table `[scylla]`. What is empty is not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scylla {
    /// The user's name; empty: no login.
    pub username: String,
    /// The user's password.
    pub password: Secret,
    /// Speaks TLS; a file of the next three does so too.
    pub tls: bool,
    /// PEM file of the authorities that nodes are believed by; empty: this machine's.
    pub ca: PathBuf,
    /// PEM file of this client's certificate, where nodes ask for one.
    pub certificate: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
    /// True if a node's certificate must name the address that it is reached at. The driver knows nodes by their
    /// addresses, which many certificates don't have in them; without this, any certificate of these authorities is a
    /// node's.
    pub verify_address: bool,
    /// The datacenter that is asked; empty: all of them.
    pub local_datacenter: String,
    /// The replication factor of rows in each datacenter; 0: that of topics.
    pub replication: u8,
    /// `LOCAL_QUORUM` (also if empty), `QUORUM` or `ONE`, `LOCAL_ONE` where there is one copy.
    pub consistency: String,
}

impl Default for Scylla {
    fn default() -> Self {
        Self {
            username: String::new(),
            password: Secret::default(),
            tls: false,
            ca: PathBuf::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            verify_address: true,
            local_datacenter: String::new(),
            replication: 0,
            consistency: String::new(),
        }
    }
}

impl Scylla {
    /// Builds the state's settings from this table; refused where keys are missing or contradict each other.
    /// `of_topics` is the replication where this table has none.
    pub fn settings(&self, nodes: &str, of_topics: u8) -> Result<CqlSettings, ConfigError> {
        let replication = if self.replication == 0 { of_topics } else { self.replication };
        let mut settings = CqlSettings::new(nodes.split(',').map(str::trim).filter(|node| !node.is_empty()));
        settings.replication = Replication::Everywhere(replication);
        settings.credentials = match (self.username.is_empty(), self.password.is_empty()) {
            (true, true) => None,
            (false, false) => Some((self.username.clone(), self.password.clone())),
            (true, false) => return refused("username", "is needed with a password"),
            (false, true) => return refused("password", "is needed with a user"),
        };
        if self.tls || any_tls(&self.ca, &self.certificate, &self.key) {
            settings.tls = Some(check_tls("scylla", &self.ca, &self.certificate, &self.key, false)?);
        } else if !self.verify_address {
            return refused("verify_address", "is of TLS: set scylla.tls");
        }
        settings.verify_address = self.verify_address;
        settings.datacenter = Some(self.local_datacenter.clone()).filter(|name| !name.is_empty());
        settings.consistency = match (self.consistency.to_ascii_uppercase().as_str(), replication) {
            ("" | "LOCAL_QUORUM", _) => CqlConsistency::LocalQuorum,
            ("QUORUM", _) => CqlConsistency::Quorum,
            ("ONE", 1) => CqlConsistency::One,
            ("LOCAL_ONE", 1) => CqlConsistency::LocalOne,
            ("ONE" | "LOCAL_ONE", _) => {
                return refused(
                    "consistency",
                    "with several copies must be LOCAL_QUORUM or QUORUM: a read of one copy may miss what was written to another",
                );
            }
            _ => return refused("consistency", "must be LOCAL_QUORUM, QUORUM, or with one copy ONE or LOCAL_ONE"),
        };
        Ok(settings)
    }
}

fn refused<T>(name: &str, why: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid(format!("{} {why}", setting(&format!("scylla.{name}")))))
}
