//! How a cluster is reached, who this process is to it, and why it can't be used.

use std::{error::Error, sync::Arc, time::Duration};

use scylla::{
    client::{execution_profile::ExecutionProfileHandle, session::Session, session_builder::SessionBuilder},
    statement::Consistency,
};

use crate::{state::StateError, tls::Tls};

/// How to reach the cluster.
#[derive(Clone)]
pub struct CqlSettings {
    /// `host:port` of some nodes; the others are learned from them.
    pub nodes: Vec<String>,
    /// User and password.
    pub credentials: Option<(String, String)>,
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

impl std::fmt::Debug for CqlSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The password stays out of logs.
        f.debug_struct("CqlSettings")
            .field("nodes", &self.nodes)
            .field("replication", &self.replication)
            .finish_non_exhaustive()
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

impl CqlConsistency {
    pub(super) fn of_the_driver(self) -> Consistency {
        match self {
            Self::LocalQuorum => Consistency::LocalQuorum,
            Self::Quorum => Consistency::Quorum,
            Self::One => Consistency::One,
            Self::LocalOne => Consistency::LocalOne,
        }
    }
}

impl CqlSettings {
    pub(super) async fn session(&self, profile: ExecutionProfileHandle) -> Result<Session, StateError> {
        let mut builder = SessionBuilder::new().known_nodes(&self.nodes).default_execution_profile_handle(profile);
        if let Some((user, password)) = &self.credentials {
            builder = builder.user(user, password);
        }
        if let Some(datacenter) = &self.datacenter {
            builder = builder.prefer_datacenter(datacenter.clone());
        }
        if let Some(tls) = &self.tls {
            let config = tls.client_config(self.verify_address);
            let config = config.map_err(|error| StateError::Refused(format!("scylla.{error}")))?;
            builder = builder.tls_context(Some(Arc::new(config)));
        }
        let session = builder.build().await.map_err(|error| self.unreachable(&error))?;
        self.check_datacenter(&session)?;
        Ok(session)
    }

    /// A name that no node has would leave every request to the nodes of other datacenters.
    fn check_datacenter(&self, session: &Session) -> Result<(), StateError> {
        let Some(wanted) = &self.datacenter else { return Ok(()) };
        let cluster = session.get_cluster_state();
        let mut found: Vec<&str> =
            cluster.get_nodes_info().iter().filter_map(|node| node.datacenter.as_deref()).collect();
        found.sort_unstable();
        found.dedup();
        if found.contains(&wanted.as_str()) {
            return Ok(());
        }
        Err(StateError::Refused(format!(
            "scylla.local_datacenter (FEIRA_SCYLLA_LOCAL_DATACENTER) is {wanted}, and the cluster's datacenters are {found:?}"
        )))
    }

    /// Why there is no session: of what nobody mends by waiting, it says where to look.
    fn unreachable(&self, error: &(dyn Error + 'static)) -> StateError {
        let causes = std::iter::successors(Some(error), |&error| error.source());
        let why = causes.map(ToString::to_string).last().unwrap_or_default();
        let why = format!("no connection to {:?}: {error}: {why}", self.nodes);
        let says = |text: &str| why.contains(text);
        let look_at = if says("NotValidForName") || says("not valid for name") {
            "a node's certificate does not name its address: look at scylla.verify_address (FEIRA_SCYLLA_VERIFY_ADDRESS)"
        } else if says("peer certificate") {
            "the nodes' certificate is not believed: look at scylla.ca (FEIRA_SCYLLA_CA)"
        } else if says("received fatal alert") {
            "the nodes do not take this client's certificate: look at scylla.certificate and scylla.key (FEIRA_SCYLLA_CERTIFICATE, \
             FEIRA_SCYLLA_KEY)"
        } else if says("InvalidContentType") || says("corrupt message") {
            "the nodes do not speak TLS there: look at scylla.tls (FEIRA_SCYLLA_TLS)"
        } else if says("uthenticat") || says("redentials") {
            "the nodes do not let this process in: look at scylla.username and scylla.password (FEIRA_SCYLLA_USERNAME, \
             FEIRA_SCYLLA_PASSWORD)"
        } else if says("Connection broken") && self.tls.is_some() {
            // With TLS 1.3 a node says only after the handshake that it wants one, and may have hung up before that is read.
            return StateError::Unavailable(format!(
                "{why}; nodes that want a client's certificate close connections like this: look at scylla.certificate and \
                 scylla.key (FEIRA_SCYLLA_CERTIFICATE, FEIRA_SCYLLA_KEY)"
            ));
        } else {
            return StateError::Unavailable(why);
        };
        StateError::Refused(format!("{look_at} ({why})"))
    }
}

impl Replication {
    pub(super) fn create_keyspace(&self, context: &str) -> String {
        let copies = match self {
            Self::Everywhere(copies) => format!("'replication_factor': {copies}"),
            Self::Datacenters(copies) => copies
                .iter()
                .map(|(name, copies)| format!("'{}': {copies}", name.replace('\'', "''")))
                .collect::<Vec<_>>()
                .join(", "),
        };
        format!(
            "CREATE KEYSPACE IF NOT EXISTS feira_{context} \
             WITH replication = {{'class': 'NetworkTopologyStrategy', {copies}}}"
        )
    }
}
