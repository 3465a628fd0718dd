//! Where a cluster is, and who this process is to it.

use std::time::Duration;

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// How to reach the cluster.
#[derive(Debug, Clone)]
pub struct CqlSettings {
    /// `host:port` of some nodes; the others are learned from them.
    pub nodes: Vec<String>,
    /// User and password.
    pub credentials: Option<(String, Secret)>,
    /// Speaks TLS, and by whom nodes are believed.
    pub tls: Option<Tls>,
    /// Whether a node's certificate must name its address.
    pub verify_address: bool,
    /// How many copies of a row a read or a write waits for.
    pub consistency: CqlConsistency,
    /// The datacenter to ask first, where there are several.
    pub datacenter: Option<String>,
    /// How many copies of each row new keyspaces keep.
    pub replication: Replication,
    /// How long a read that a page waits for may take, with its repetitions.
    pub read_timeout: Duration,
}

/// How many copies of each row a keyspace keeps. It matters when the keyspace is made; later it is the operator's to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replication {
    /// So many in every datacenter.
    Everywhere(u8),
    /// So many in each of these.
    Datacenters(Vec<(String, u8)>),
}

impl CqlSettings {
    /// Settings for a development node: one copy of each row, no password.
    pub fn new(nodes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            nodes: nodes.into_iter().map(Into::into).collect(),
            credentials: None,
            tls: None,
            verify_address: true,
            consistency: CqlConsistency::LocalQuorum,
            datacenter: None,
            replication: Replication::Everywhere(1),
            read_timeout: Duration::from_millis(500),
        }
    }
}

/// How many copies of a row a read or a write waits for. Whoever reads what was written needs both to be more than half of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CqlConsistency {
    /// More than half of those in the datacenter.
    LocalQuorum,
    /// More than half of all.
    Quorum,
    /// One, where there is one.
    One,
    /// One of the datacenter, where there is one.
    LocalOne,
}
