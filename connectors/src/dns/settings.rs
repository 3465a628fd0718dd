//! Settings of the resolver.

use std::{net::SocketAddr, time::Duration};

/// The name servers that are asked, and how long each is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsSettings {
    /// The one server that is asked; none: those of this machine.
    pub server: Option<SocketAddr>,
    /// The time in which a server must answer; it is asked twice.
    pub within: Duration,
}

impl DnsSettings {
    /// The settings of a deployment. Servers of distant domains take a second or two when nobody has asked them before.
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self { server, within: Duration::from_secs(3) }
    }
}
