//! Settings of gateways: their addresses and limits, and the name that the platform goes by. The operator's alone: no merchant
//! names an address.

use std::{collections::BTreeMap, time::Duration};

use reqwest::Url;

use super::GatewayError;
use crate::tls::is_this_machine;

/// The addresses of gateways, and the limits of every call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Addresses by the gateway's name, instead of the vendor's own: `https://…`, or `http://…` on this machine.
    pub addresses: BTreeMap<String, String>,
    /// The name that the platform gives itself to gateways that ask for one; empty: none.
    pub referer: String,
    /// The limits of every call.
    pub limits: CallLimits,
    /// True where the addresses are those of a simulator that belongs to this process, so that no money moves.
    pub simulated: bool,
}

/// The limits of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// The time in which a connection must stand, TLS included.
    pub connect: Duration,
    /// The time in which an answer must be whole.
    pub whole: Duration,
    /// Bytes that are read of an answer. A page of charges has some 200 KiB; what is kept of a charge is far less.
    pub bytes: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), whole: Duration::from_secs(20), bytes: 1 << 20 }
    }
}

impl Default for GatewaySettings {
    /// The vendors' own addresses.
    fn default() -> Self {
        Self { addresses: BTreeMap::new(), referer: String::new(), limits: CallLimits::default(), simulated: false }
    }
}

impl GatewaySettings {
    /// The address at which this gateway is asked, without a `/` at its end. It is refused unless it is https, or http to
    /// this machine itself; keys would go over the wire in the open.
    pub(super) fn address(&self, name: &str, own: &str) -> Result<Url, GatewayError> {
        let text = self.addresses.get(name).map_or(own, String::as_str);
        let refused = |why: &str| Err(GatewayError(format!("the address of {name} {why}")));
        let Ok(url) = Url::parse(text.trim_end_matches('/')) else { return refused("is no URL") };
        let here = url.host_str().is_some_and(is_this_machine);
        match (url.scheme(), here) {
            ("https", _) | ("http", true) if url.has_host() => {}
            _ => return refused("must begin with https://, or with http:// where it is this machine's own"),
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return refused("takes no user, password, query or fragment");
        }
        Ok(url)
    }

    /// The name of the platform, fit for a header.
    pub(super) fn referer(&self) -> Result<Option<&str>, GatewayError> {
        if self.referer.len() > 100 || !self.referer.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(GatewayError("the referer must be up to 100 ASCII signs".to_owned()));
        }
        Ok(Some(self.referer.as_str()).filter(|name| !name.is_empty()))
    }
}
