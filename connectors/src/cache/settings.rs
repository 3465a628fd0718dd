//! Settings of Redis: address, login, TLS, time limit and the in-process cache before it.

use std::{fmt, time::Duration};

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// The address and login of Redis, and the limits of its use.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis[s]://[user:password@]host:port[/database]`.
    pub url: String,
    /// The user's name; `None` takes that of `url`, and it is refused where `url` has one, too.
    pub username: Option<String>,
    /// The user's password; `None` takes that of `url`, and it is refused where `url` has one, too.
    pub password: Option<Secret>,
    /// TLS of a `rediss://` address: the authorities that the server is believed by, and this client's certificate.
    pub tls: Tls,
    /// The time limit of one call, after which it counts as a miss.
    pub timeout: Duration,
    /// Bytes of keys and bodies kept in this process.
    pub memory_bytes: u64,
    /// The time for which a value stays in this process. Changes are heard of at once; this is the net for those that
    /// weren't.
    pub memory_ttl: Duration,
}

impl RedisSettings {
    /// The settings that serve pages: 50 ms, and 64 MiB for 2 s.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            username: None,
            password: None,
            tls: Tls::default(),
            timeout: Duration::from_millis(50),
            memory_bytes: 64 << 20,
            memory_ttl: Duration::from_secs(2),
        }
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password, which stays out of logs.
        f.debug_struct("RedisSettings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
