//! The cache that processes share: Redis, with a small in-process cache in front that Redis itself invalidates.
//!
//! Every write goes through one script that keeps the newer version, so a reader's late fill can't replace what a writer
//! put meanwhile. A connection of its own hears of every changed key (`CLIENT TRACKING` in broadcast mode) and drops it
//! from memory. Redis that is slow or down makes a miss; a put that it missed is made good when it is back. Another Redis in its
//! place, be it the same one from an older snapshot, is taken to have missed everything ([`link`]).

mod breaker;
mod client;
mod link;
mod listener;
mod missed;

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use feira_schemas::ids::TenantId;
use redis::{AsyncConnectionConfig, RedisResult, Script};

use self::{
    breaker::Breaker,
    client::look_at,
    link::{Link, Links},
    listener::{Listener, Slots},
    missed::Missed,
};
use super::{
    ABSENT_FOR, Cached, TOMBSTONE_FOR,
    entries::{Entries, Offer},
    error::CacheError,
    place,
    settings::RedisSettings,
};

/// The time to live of a value in Redis, give or take a tenth so that a burst of fills doesn't end at one instant.
const KEEP: Duration = Duration::from_secs(600);
/// Bytes in front of a body: the version, big-endian with its sign bit turned over so that bytes sort as numbers do, and a
/// mark of what follows.
const HEADER: usize = 9;
const BODY: u8 = b'B';
const ABSENT: u8 = b'A';

/// Stores ARGV[1] under KEYS[1] for ARGV[2] ms unless what is there is newer, or as new and ARGV[3] is `0` (a reader's load);
/// what is there is then the answer. Bytes are compared one by one, since Lua compares strings by the server's locale and
/// numbers as doubles.
const PUT: &str = r"
    local old = redis.call('GET', KEYS[1])
    if old and #old >= 9 then
        local order = 0
        for i = 1, 8 do
            order = string.byte(ARGV[1], i) - string.byte(old, i)
            if order ~= 0 then break end
        end
        if order < 0 or (order == 0 and ARGV[3] == '0') then return old end
    end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return false
";

/// The cache in Redis, with a small one in this process in front. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct RedisCache {
    shared: Arc<Shared>,
    generation: u32,
    /// Ends with the last clone.
    _listener: Arc<Listener>,
}

impl std::fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisCache").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl RedisCache {
    pub(super) async fn connect(settings: &RedisSettings) -> Result<Self, CacheError> {
        let client = settings.client()?;
        look_at(&client).await?;
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(Some(settings.timeout))
            .set_connection_timeout(Some(Duration::from_secs(1)));
        let shared = Arc::new(Shared {
            links: Links::new(client.clone(), config),
            timeout: settings.timeout,
            memory_ttl: settings.memory_ttl,
            breaker: Breaker::default(),
            memory: Entries::new(settings.memory_bytes),
            slots: Slots::default(),
            missed: Missed::default(),
            put: Script::new(PUT),
        });
        let listener = Arc::new(Listener::start(client, shared.clone()));
        Ok(Self { shared, generation: 1, _listener: listener })
    }

    pub(super) fn with_generation(&self, generation: u32) -> Self {
        Self { generation, ..self.clone() }
    }

    pub(super) async fn get(&self, tenant: TenantId, key: &str) -> Option<Cached> {
        self.shared.get(&place(tenant, self.generation, key)).await
    }

    pub(super) fn in_memory(&self) -> Vec<(String, Cached)> {
        self.shared.memory.all()
    }

    pub(super) async fn put_if_newer(&self, tenant: TenantId, key: &str, value: Cached) {
        let keep = if value.body.is_some() { keep() } else { TOMBSTONE_FOR };
        let place = place(tenant, self.generation, key);
        let version = value.version;
        self.shared.memory.offer(&place, value.clone(), Offer::Announced, self.shared.memory_ttl).await;
        match self.shared.store(&place, &value, Offer::Announced, keep, None).await {
            Stored::Kept => self.shared.missed.made_good(&place, version),
            Stored::Newer(newer) => self.shared.remember(&place, newer, self.shared.slots.read(&place)).await,
            Stored::NotReached => self.shared.missed.add(place, version),
        }
    }

    pub(super) fn has_missed(&self) -> bool {
        self.shared.missed.any()
    }

    pub(super) async fn get_or_load<F, E>(
        &self,
        tenant: TenantId,
        key: &str,
        load: impl FnOnce() -> F + Send,
    ) -> Result<Cached, Arc<E>>
    where
        F: Future<Output = Result<(i64, Option<Bytes>), E>> + Send,
        E: Send + Sync + 'static,
    {
        let place = place(tenant, self.generation, key);
        if let Some(found) = self.shared.in_memory(&place).await {
            return Ok(found);
        }
        // On the heap: whoever finds something in memory, as most do, has no future of a call or a load to carry about.
        if let Some(found) = Box::pin(self.shared.in_store(&place)).await {
            return Ok(found);
        }
        let load = load();
        let fill = async {
            let run = self.shared.links.run();
            let (version, body) = load.await?;
            Ok(self.shared.fill(&place, Cached { version, body }, run.as_deref()).await)
        };
        Box::pin(self.shared.memory.one_flight(&place, fill)).await
    }
}

/// The outcome of a write to Redis.
enum Stored {
    Kept,
    Newer(Cached),
    NotReached,
}

/// The state that the handles and the listener share.
struct Shared {
    links: Links,
    timeout: Duration,
    memory_ttl: Duration,
    breaker: Breaker,
    memory: Entries,
    slots: Slots,
    missed: Missed,
    put: Script,
}

impl Shared {
    async fn get(&self, place: &str) -> Option<Cached> {
        match self.in_memory(place).await {
            Some(found) => Some(found),
            None => self.in_store(place).await,
        }
    }

    async fn in_memory(&self, place: &str) -> Option<Cached> {
        let found = self.memory.get(place).await;
        super::count("memory", if found.is_some() { "hit" } else { "miss" });
        found
    }

    async fn in_store(&self, place: &str) -> Option<Cached> {
        // What Redis has of a key whose newer value it missed must not be believed.
        if self.missed.holds(place) {
            return None;
        }
        let seen = self.slots.read(place);
        let found: Option<Option<Vec<u8>>> =
            self.ask(|mut link| async move {
                redis::cmd("GET").arg(link.key(place)).query_async(&mut link.connection).await
            })
            .await;
        let value = match found {
            None => {
                super::count("redis", "error");
                return None;
            }
            Some(bytes) => bytes.and_then(|bytes| decode(&bytes)),
        };
        super::count("redis", if value.is_some() { "hit" } else { "miss" });
        let value = value?;
        self.remember(place, value.clone(), seen).await;
        Some(value)
    }

    /// Keeps what a reader loaded, while `run` was the Redis that knew nothing newer; the newest value that is known then.
    async fn fill(&self, place: &str, value: Cached, run: Option<&str>) -> Cached {
        let keep = if value.body.is_some() { keep() } else { ABSENT_FOR };
        let seen = self.slots.read(place);
        let value = match self.store(place, &value, Offer::Loaded, keep, run).await {
            Stored::Newer(newer) => newer,
            Stored::Kept | Stored::NotReached => value,
        };
        // A put of this process may have come meanwhile, and Redis may not have been reached by either.
        let winner = self.memory.offer(place, value, Offer::Loaded, self.memory_ttl).await;
        self.forget_if_changed(place, seen).await;
        winner
    }

    /// With a `run` only in that Redis: one that has come since was not told of what changed while the value was loaded.
    async fn store(&self, place: &str, value: &Cached, offer: Offer, keep: Duration, run: Option<&str>) -> Stored {
        let announced = u8::from(offer == Offer::Announced);
        let answer: Option<Option<Vec<u8>>> = self
            .ask(|mut link| async move {
                if run.is_some_and(|run| *link.run != *run) {
                    return Ok(None);
                }
                let mut call = self.put.prepare_invoke();
                call.key(link.key(place)).arg(encode(value)).arg(keep.as_millis().to_string()).arg(announced);
                call.invoke_async(&mut link.connection).await
            })
            .await;
        match answer {
            None => Stored::NotReached,
            Some(None) => Stored::Kept,
            Some(Some(bytes)) => decode(&bytes).map_or(Stored::Kept, Stored::Newer),
        }
    }

    /// Keeps in memory what Redis has, unless it changed since `seen` was read.
    async fn remember(&self, place: &str, value: Cached, seen: u64) {
        self.memory.offer(place, value, Offer::Loaded, self.memory_ttl).await;
        self.forget_if_changed(place, seen).await;
    }

    /// Kept first and looked at then: a change that is heard of between the two finds the value there and drops it.
    async fn forget_if_changed(&self, place: &str, seen: u64) {
        if self.slots.read(place) != seen {
            self.memory.forget(place).await;
        }
    }

    /// The call's answer; `None` when Redis is taken to be down, failed, or took too long.
    async fn ask<T, F>(&self, call: impl FnOnce(Link) -> F) -> Option<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if !self.breaker.allows(Instant::now()) {
            return None;
        }
        let answered = async {
            let link = self.links.link().await?;
            if self.links.is_another(&link) {
                // What this process has put went to the one before, and may have reached this one in part, or not at all.
                tracing::warn!(run_id = %link.run, "another Redis answers, or the same one started again: its keys are dropped");
                self.missed.add_all();
            }
            let answer = call(link.clone()).await;
            answer.inspect_err(|error| self.links.failed(&link, error))
        };
        match tokio::time::timeout(self.timeout, answered).await {
            Ok(Ok(answer)) => {
                self.breaker.succeeded();
                self.missed.redis_answers();
                Some(answer)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "Redis refused or failed");
                self.breaker.failed(Instant::now());
                None
            }
            Err(_) => {
                self.breaker.failed(Instant::now());
                None
            }
        }
    }
}

/// [`KEEP`] give or take a tenth.
fn keep() -> Duration {
    KEEP.mul_f64(rand::random_range(0.9..1.1))
}

fn encode_version(version: i64) -> [u8; 8] {
    (version.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

fn encode(value: &Cached) -> Vec<u8> {
    let (mark, body) = value.body.as_ref().map_or((ABSENT, &[][..]), |body| (BODY, body));
    [&encode_version(value.version), &[mark][..], body].concat()
}

/// `None` for bytes that this cache didn't write.
fn decode(bytes: &[u8]) -> Option<Cached> {
    let (header, body) = bytes.split_at_checked(HEADER)?;
    let (version, mark) = header.split_first_chunk::<8>()?;
    let version = (u64::from_be_bytes(*version) ^ (1 << 63)).cast_signed();
    match *mark {
        [BODY] => Some(Cached { version, body: Some(Bytes::copy_from_slice(body)) }),
        [ABSENT] => Some(Cached { version, body: None }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_versions_sort_as_bytes() {
        for version in [i64::MIN, -1, 0, 1, i64::MAX] {
            for body in [None, Some(Bytes::new()), Some(Bytes::from_static(b"\0B"))] {
                let value = Cached { version, body };
                assert_eq!(decode(&encode(&value)), Some(value));
            }
        }
        for pair in [i64::MIN, -1, 0, 1, i64::MAX].windows(2) {
            assert!(encode_version(pair[0]) < encode_version(pair[1]));
        }
        assert_eq!(decode(b"short"), None);
        assert_eq!(decode(b"12345678?"), None);
    }
}
