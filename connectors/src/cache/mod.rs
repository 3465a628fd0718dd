//! The cache port: versioned values by tenant and key, a newer version always winning over an older one.
//!
//! A cache is never the truth and never an error: a call on a cache that doesn't answer is a miss, and a miss is slower.

mod embedded;
mod entries;
mod error;
mod redis;
mod settings;

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::ids::TenantId;

pub use self::{embedded::EmbeddedCache, error::CacheError, redis::RedisCache, settings::RedisSettings};

/// The time for which "there is no such thing", learned by a reader's load, is believed. Short, since nothing
/// announces that it became untrue when the announcement raced the load.
pub const ABSENT_FOR: Duration = Duration::from_secs(5);
/// The time for which a deletion is remembered, so that a reader who loaded the entity before it was deleted can't
/// bring it back.
pub const TOMBSTONE_FOR: Duration = Duration::from_secs(60);

/// A versioned value, or a versioned absence, as a cache holds it under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// Orders the values of one key: its source's aggregate version or write_ts.
    pub version: i64,
    /// The value; `None` says that there is no such thing.
    pub body: Option<Bytes>,
}

/// A cache of versioned values: in this process, or in Redis. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub enum Cache {
    /// In this process alone.
    Embedded(EmbeddedCache),
    /// In Redis, with a small in-process cache in front.
    Redis(RedisCache),
}

impl Cache {
    /// A cache in this process alone, of about `max_bytes` of keys and bodies.
    pub fn embedded(max_bytes: u64) -> Self {
        Self::Embedded(EmbeddedCache::new(max_bytes))
    }

    /// A cache on this Redis. Whether it answers yet doesn't matter, which costs a second where nobody does; one that answers and
    /// does not let this process in, or can't be used, is refused. Async, because it leaves a task with the runtime.
    pub async fn redis(settings: &RedisSettings) -> Result<Self, CacheError> {
        RedisCache::connect(settings).await.map(Self::Redis)
    }

    /// A handle on the same cache under another generation: its keys and the old one's are strangers to each other.
    pub fn with_generation(&self, generation: u32) -> Self {
        match self {
            Self::Embedded(cache) => Self::Embedded(cache.with_generation(generation)),
            Self::Redis(cache) => Self::Redis(cache.with_generation(generation)),
        }
    }

    /// The value, if one is known.
    pub async fn get(&self, tenant: TenantId, key: &str) -> Option<Cached> {
        match self {
            Self::Embedded(cache) => cache.get(tenant, key).await,
            Self::Redis(cache) => cache.get(tenant, key).await,
        }
    }

    /// Keeps this value unless a newer one is known; what a view calls after it wrote its rows. `None` is a deletion.
    pub async fn put_if_newer(&self, tenant: TenantId, key: &str, version: i64, body: Option<Bytes>) {
        let value = Cached { version, body };
        match self {
            Self::Embedded(cache) => cache.put_if_newer(tenant, key, value).await,
            Self::Redis(cache) => cache.put_if_newer(tenant, key, value).await,
        }
    }

    /// True if the shared store has missed something that was put here, so that others may still find what was there
    /// before. This process makes it good once the store answers; if it ends before, whoever puts all of it again
    /// does.
    pub fn has_missed(&self) -> bool {
        match self {
            Self::Embedded(_) => false,
            Self::Redis(cache) => cache.has_missed(),
        }
    }

    /// Every value that this process has in memory, with the key that the stores know it by, in no order. For checks.
    pub fn in_memory(&self) -> Vec<(String, Cached)> {
        match self {
            Self::Embedded(cache) => cache.in_memory(),
            Self::Redis(cache) => cache.in_memory(),
        }
    }

    /// The value, loaded by `load` when none is known: at most one load per key runs in this process, and all who wait for
    /// it share its answer or its error. A load that a newer put overtook doesn't replace it; the newer value is returned.
    pub async fn get_or_load<F, E>(
        &self,
        tenant: TenantId,
        key: &str,
        load: impl FnOnce() -> F + Send,
    ) -> Result<Cached, Arc<E>>
    where
        F: Future<Output = Result<(i64, Option<Bytes>), E>> + Send,
        E: Send + Sync + 'static,
    {
        match self {
            Self::Embedded(cache) => cache.get_or_load(tenant, key, load).await,
            Self::Redis(cache) => cache.get_or_load(tenant, key, load).await,
        }
    }
}

/// The key as the stores know it. The braces are Redis Cluster's hash tag: one tenant's keys lie on one node.
fn place(tenant: TenantId, generation: u32, key: &str) -> String {
    format!("t:{{{tenant}}}:g{generation}:{key}")
}

fn count(tier: &'static str, result: &'static str) {
    metrics::counter!("feira_cache_requests_total", "tier" => tier, "result" => result).increment(1);
}
