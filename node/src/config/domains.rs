//! How shops' domains are looked at: the name server that is asked, and where they may lead to.

use std::net::SocketAddr;

use feira_streams::effects::domains::DomainTargets;

use super::{Config, ConfigError};

impl Config {
    /// The name server that is asked; none: those of this machine.
    pub fn name_server(&self) -> Result<Option<SocketAddr>, ConfigError> {
        if self.dns.is_empty() {
            return Ok(None);
        }
        let invalid =
            |_| ConfigError::Invalid("dns must be address:port of a name server, such as 127.0.0.1:53".into());
        self.dns.parse().map(Some).map_err(invalid)
    }

    /// What a shop's domain may lead to.
    pub fn domain_targets(&self) -> Result<DomainTargets, ConfigError> {
        let invalid =
            || ConfigError::Invalid("domain_targets must be addresses and host names, parted by commas".into());
        DomainTargets::parse(&self.platform_domain, &self.domain_targets).ok_or_else(invalid)
    }
}
