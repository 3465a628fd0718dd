//! The client's address: that of the socket, or what trusted proxies say of it.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use http::HeaderMap;
use ipnet::IpNet;

/// The header in which proxies write whom they ask for, each behind what was there.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// The header in which a proxy writes the scheme that its client came by.
pub(crate) const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// Hops that are looked at. No deployment has more proxies of its own, and a longer list is somebody's invention.
const HOPS: usize = 32;

/// Whom shares and quotas are counted for: an IPv4 address, or the /64 of an IPv6 one, which is what one customer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()),
            address => Self(address),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The address that sent a request, as far as proxies are believed. Every request that came by the server carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The proxies whose word on `X-Forwarded-For` and `X-Forwarded-Proto` counts. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// A text that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address and no network such as 10.0.0.0/8 or fd00::/8")]
pub struct NoNetwork(String);

impl TrustedProxies {
    /// Reads addresses and networks in CIDR notation, comma-separated; an empty text trusts nobody.
    ///
    /// # Errors
    /// The first part that is neither.
    pub fn parse(text: &str) -> Result<Self, NoNetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let network = part.parse::<IpNet>().ok();
            let network = network.or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| NoNetwork(part.to_owned()))
        };
        Ok(Self(parts.map(network).collect::<Result<_, _>>()?))
    }

    /// True if the address is one of the trusted proxies'.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Takes away from a request what only a trusted proxy may say of it, unless one is at the socket's other end. Who reads it later
    /// believes it.
    pub fn believe(&self, peer: IpAddr, headers: &mut HeaderMap) {
        if !self.trusts(peer) {
            headers.remove(FORWARDED_PROTO);
        }
    }

    /// The client's address, seen from the socket's other end: the last address before the trusted ones. What stands
    /// before that may be anybody's invention, and behind what can't be read nothing is known.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer;
        let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
        let hops = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops.take(HOPS) {
            if !self.trusts(known) {
                break;
            }
            match std::str::from_utf8(hop).ok().and_then(address_of) {
                Some(address) => known = address,
                None => break,
            }
        }
        known.to_canonical()
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bracketed = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    let bare = bracketed.unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_is_an_address_or_a_customers_network() {
        let source = |text| Source::from(ip(text));
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), source("2001:db8:1:2:ffff::1"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"), "a mapped address is the one it maps");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = TrustedProxies::parse("10.0.0.0/8, fd00::/8,192.0.2.7").unwrap();
        for (peer, lines, client) in [
            // A stranger says what it likes.
            ("203.0.113.5", vec!["198.51.100.1"], "203.0.113.5"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.1"], "198.51.100.1"),
            // What the client wrote itself stands before what the proxy saw.
            ("10.0.0.1", vec!["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["127.0.0.1", "198.51.100.1,10.2.3.4"], "198.51.100.1"),
            ("fd00::1", vec!["198.51.100.1, 192.0.2.7"], "198.51.100.1"),
            ("::ffff:10.0.0.1", vec!["::ffff:198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", vec!["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", vec!["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", vec!["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["10.9.9.9"], "10.9.9.9"),
        ] {
            let headers =
                lines.iter().map(|line| (http::HeaderName::from_static(FORWARDED_FOR), line.parse().unwrap()));
            let mut map = HeaderMap::new();
            headers.for_each(|(name, value)| {
                map.append(name, value);
            });
            assert_eq!(proxies.client(ip(peer), &map), ip(client), "{peer} {lines:?}");
        }
    }

    #[test]
    fn s10_a_scheme_is_believed_of_a_trusted_proxy_alone() {
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        for (peer, believed) in [("10.0.0.1", true), ("::ffff:10.0.0.1", true), ("203.0.113.5", false)] {
            let mut headers = HeaderMap::new();
            headers.append(FORWARDED_PROTO, "https".parse().unwrap());
            headers.append(FORWARDED_FOR, "10.0.0.1".parse().unwrap());
            proxies.believe(ip(peer), &mut headers);
            assert_eq!(headers.contains_key(FORWARDED_PROTO), believed, "{peer}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert!(TrustedProxies::parse("").unwrap().0.is_empty());
        assert!(!TrustedProxies::default().trusts(ip("127.0.0.1")));
        for (text, wrong) in [("10.0.0.0/8,proxy", "proxy"), ("10.0.0.0/33", "10.0.0.0/33"), ("*", "*")] {
            assert_eq!(TrustedProxies::parse(text), Err(NoNetwork(wrong.to_owned())));
        }
    }
}
