//! Settings of a CQL cluster (Cassandra or ScyllaDB): nodes, login, TLS, consistency and replication.

use std::time::Duration;

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// The address, login and consistency of a CQL cluster.
#[derive(Debug, Clone)]
pub struct CqlSettings {
    /// `host:port` of some nodes; the others are learned from them.
    pub nodes: Vec<String>,
    /// The user's name and password; `None` logs in as nobody.
    pub credentials: Option<(String, Secret)>,
    /// TLS, with the authorities that nodes are believed by; `None` speaks plain text.
    pub tls: Option<Tls>,
    /// True if a node's certificate must name its address.
    pub verify_address: bool,
    /// CQL's consistency level of reads and writes.
    pub consistency: CqlConsistency,
    /// The datacenter to ask first, where there are several.
    pub datacenter: Option<String>,
    /// The replication of keyspaces that are made.
    pub replication: Replication,
    /// The time limit of a read that a page waits for, repetitions included.
    pub read_timeout: Duration,
}

/// A keyspace's replication factor (CQL's `NetworkTopologyStrategy`). It matters when the keyspace is made; later it
/// is the operator's to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replication {
    /// One number of copies, for every datacenter.
    Everywhere(u8),
    /// A number of copies for each datacenter named.
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

/// CQL's consistency level: the copies of a row that a read or a write waits for. Whoever reads what was written
/// needs both to be more than half of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CqlConsistency {
    /// `LOCAL_QUORUM`: more than half of the copies in the datacenter.
    LocalQuorum,
    /// `QUORUM`: more than half of all copies.
    Quorum,
    /// `ONE`: one copy, in any datacenter.
    One,
    /// `LOCAL_ONE`: one copy of the datacenter.
    LocalOne,
}
