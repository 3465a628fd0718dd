//! The session that the settings make, and why there is none.

use std::{error::Error, sync::Arc};

use scylla::{
    client::{execution_profile::ExecutionProfileHandle, session::Session, session_builder::SessionBuilder},
    statement::Consistency,
};

use crate::state::{CqlConsistency, CqlSettings, Replication, StateError};

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
            builder = builder.user(user, password.expose());
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

    /// The error for a session that could not be made: where nobody mends it by waiting, it names the setting to look
    /// at.
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
            "nodes that want a client's certificate close connections like this: look at scylla.certificate and scylla.key \
             (FEIRA_SCYLLA_CERTIFICATE, FEIRA_SCYLLA_KEY)"
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
