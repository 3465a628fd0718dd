//! Limits of a listener's connections.

use std::time::Duration;

use feira_schemas::budget::Budget;

use crate::addresses::TrustedProxies;

/// Connections at once where descriptors allow them. Each costs some 20 KB.
const CONNECTIONS: usize = 10_000;
/// One connection for so much of the memory that a process may take: each costs some 20 KB, which is not in its shares.
const MEMORY: u64 = 100 * 1024;
/// Descriptors that stay with stores, shards and what is asked of others, where there are plenty: both stores keep up to 900
/// tables open each, and shards that are written to a dozen files.
const RESERVE: u64 = 4_096;
/// One address may have a share of this of all connections: many people behind one address have room, and no one takes all.
const SHARE: usize = 4;
/// Fewest connections of a listener, and of an address: a browser opens six.
const FEWEST: usize = 16;

/// The times for which a connection may be without progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The time until a connection begins, and from a request's first byte to the end of its headers.
    pub headers: Duration,
    /// The time between two requests. Proxies keep connections for a minute, and take one that is closed as they send
    /// for a failure (502).
    pub idle: Duration,
    /// The time for which a client may send nothing of a body that it announced, or take nothing of an answer.
    pub stalled: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { headers: Duration::from_secs(10), idle: Duration::from_secs(75), stalled: Duration::from_secs(30) }
    }
}

/// The limits of a listener's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// The most connections at once.
    pub connections: usize,
    /// The most connections at once of one address (IPv6: of one /64). A trusted proxy has no share: its clients are
    /// many.
    pub per_address: usize,
    /// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub proxies: TrustedProxies,
    /// The times for which one may be without progress.
    pub times: Times,
}

impl ServerSettings {
    /// Settings of a process that may have this many descriptors and this memory.
    pub fn within(descriptors: u64, memory: Budget) -> Self {
        let left = (descriptors - (descriptors / 2).min(RESERVE)).min(memory.total() / MEMORY);
        let connections = usize::try_from(left).unwrap_or(CONNECTIONS).clamp(FEWEST, CONNECTIONS);
        let per_address = (connections / SHARE).max(FEWEST);
        Self { connections, per_address, proxies: TrustedProxies::default(), times: Times::default() }
    }
}

impl Default for ServerSettings {
    /// The limits of a process with plenty of descriptors and the usual memory.
    fn default() -> Self {
        Self::within(u64::MAX, Budget::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_to_the_stores() {
        for (descriptors, connections, per_address) in [
            (256, 128, 32),
            (1_024, 512, 128),
            (8_192, 4_096, 1_024),
            (65_536, 10_000, 2_500),
            (u64::MAX, 10_000, 2_500),
        ] {
            let settings = ServerSettings::within(descriptors, Budget::default());
            assert_eq!((settings.connections, settings.per_address), (connections, per_address), "{descriptors}");
        }
        assert_eq!(ServerSettings::within(u64::MAX, Budget::of_mb(512)).connections, 5_242);
    }
}
