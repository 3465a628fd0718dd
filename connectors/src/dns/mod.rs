//! The resolver port: what a name's records in DNS say. It is asked about strangers' names, of which it connects to none.
//!
//! Names are whole: no search list of this machine is put behind them, and its file of hosts is not read. Nothing is kept from one question to
//! the next, so that somebody who sets a record sees it found.

mod error;
mod fixed;
mod hickory;
mod settings;

use std::{net::IpAddr, sync::Arc};

use self::hickory::Hickory;
pub use self::{
    error::DnsError,
    fixed::{Records, Zone},
    settings::DnsSettings,
};

/// Asks for records. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Resolver(Way);

/// Who answers.
#[derive(Clone, Debug)]
enum Way {
    /// Name servers.
    Servers(Arc<Hickory>),
    /// A list.
    Fixed(Zone),
}

impl Resolver {
    /// A resolver that asks the name servers of these settings. Nothing is asked yet. Must be made within a tokio runtime.
    ///
    /// # Errors
    /// [`DnsError::Settings`]: no server is named, and this machine's own can't be read.
    pub fn new(settings: &DnsSettings) -> Result<Self, DnsError> {
        Ok(Self(Way::Servers(Arc::new(Hickory::new(settings)?))))
    }

    /// A resolver that answers what stands in a list, for tests.
    pub fn fixed(zone: Zone) -> Self {
        Self(Way::Fixed(zone))
    }

    /// The texts of a name's TXT records, each with its parts put together; none where the name has no such record.
    ///
    /// # Errors
    /// The name does not exist, or nobody says.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        match &self.0 {
            Way::Servers(servers) => servers.txt(name).await,
            Way::Fixed(zone) => Ok(zone.get(name)?.txt),
        }
    }

    /// The addresses of a name, those of the names that it is an alias of included; none where it has none.
    ///
    /// # Errors
    /// The name does not exist, or nobody says.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        match &self.0 {
            Way::Servers(servers) => servers.addresses(name).await,
            Way::Fixed(zone) => zone.addresses(name),
        }
    }

    /// The name that a name is an alias of, in lower case and without the point at its end; none where it is no alias.
    ///
    /// # Errors
    /// The name does not exist, or nobody says.
    pub async fn cname(&self, name: &str) -> Result<Option<String>, DnsError> {
        match &self.0 {
            Way::Servers(servers) => servers.cname(name).await,
            Way::Fixed(zone) => Ok(zone.get(name)?.cname),
        }
    }
}
