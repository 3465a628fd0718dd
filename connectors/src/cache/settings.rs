//! Where Redis is, and who this process is to it.

use std::{fmt, time::Duration};

use feira_schemas::secret::Secret;

use crate::tls::Tls;

/// Where Redis is, and how it is used.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis[s]://[user:password@]host:port[/database]`.
    pub url: String,
    /// Instead of the address's.
    pub username: Option<String>,
    /// Instead of the address's.
    pub password: Option<Secret>,
    /// By whom the server of `rediss://` is believed.
    pub tls: Tls,
    /// How long one call may take before it counts as a miss.
    pub timeout: Duration,
    /// Bytes of keys and bodies kept in this process.
    pub memory_bytes: u64,
    /// How long a value stays in this process. Changes are heard of at once; this is the net for those that weren't.
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
