//! The guard before every connection: only addresses of the public internet are asked, also where a name resolves to
//! others.

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::addresses::is_public;

/// Finds the addresses of a name.
pub(super) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Finds addresses as this machine does.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) })
    })
}

/// Checks addresses, and resolves names to those of their addresses that may be asked.
#[derive(Clone)]
pub(super) struct Guard {
    also: Arc<[IpAddr]>,
    lookup: Lookup,
}

impl Guard {
    /// A guard that lets pass what is public, and these.
    pub(super) fn new(also: Vec<IpAddr>, lookup: Lookup) -> Self {
        Self { also: also.into(), lookup }
    }

    /// Refuses what is not http(s), and numbers that are not public, and says why; names are checked once they are resolved.
    pub(super) fn check(&self, url: &Url) -> Result<(), String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{}: is neither http nor https", url.scheme()));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(address) if !self.allows(address) => Err(NotPublic(host.to_owned()).to_string()),
            _ => Ok(()),
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.also.contains(&address)
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, name) = (self.clone(), name.as_str().to_owned());
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|address| guard.allows(*address));
            if found.is_empty() {
                return Err(NotPublic(name).into());
            }
            // The port is the address', or its scheme's.
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// A host has no address that may be asked.
#[derive(Debug)]
pub(super) struct NotPublic(String);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not on the public internet", self.0)
    }
}

impl Error for NotPublic {}
