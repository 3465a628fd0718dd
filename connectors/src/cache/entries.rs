//! Versioned entries in memory and one flight per missing key: the whole of the embedded cache, and the front of Redis.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache as Memory, ops::compute::Op};

use super::Cached;

/// The cost of an entry beside its key and body, in bytes: map slot, queue nodes, counters and the `Arc`s (an
/// estimate).
const ENTRY_OVERHEAD: usize = 200;

/// The source of an offered value, which settles a tie of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// The writer of the row, after it wrote.
    Announced,
    /// A reader that loaded the row some time ago.
    Loaded,
}

impl Offer {
    /// True if `new`, offered like this, replaces `old`. A reader's load of the version that is known teaches
    /// nothing, and its "absent" must not hide an announced body of the same version.
    pub(super) fn replaces(self, new: &Cached, old: &Cached) -> bool {
        new.version > old.version || (new.version == old.version && self == Self::Announced)
    }
}

#[derive(Debug, Clone)]
struct Entry {
    value: Cached,
    keep: Duration,
}

/// Clones share the entries.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    values: Memory<String, Entry>,
    /// Holds nothing: its time to live is zero, and only its one-call-per-key is used. A load can't go through `values`
    /// themselves, because there the load's answer would replace whatever was put while it ran.
    flights: Memory<String, Cached>,
}

impl Entries {
    /// Room for about `max_bytes` of keys and bodies.
    pub(super) fn new(max_bytes: u64) -> Self {
        let values = Memory::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &String, entry: &Entry| {
                let body = entry.value.body.as_ref().map_or(0, bytes::Bytes::len);
                u32::try_from(key.len() + body + ENTRY_OVERHEAD).unwrap_or(u32::MAX)
            })
            .expire_after(KeepEntry)
            .build();
        let flights = Memory::builder().max_capacity(0).time_to_live(Duration::ZERO).build();
        Self { values, flights }
    }

    pub(super) async fn get(&self, key: &str) -> Option<Cached> {
        self.values.get(key).await.map(|entry| entry.value)
    }

    pub(super) fn all(&self) -> Vec<(String, Cached)> {
        self.values.iter().map(|(key, entry)| (key.to_string(), entry.value)).collect()
    }

    /// Keeps `value` for `keep` unless what is there stays by [`Offer::replaces`]; what is there afterwards.
    pub(super) async fn offer(&self, key: &str, value: Cached, offer: Offer, keep: Duration) -> Cached {
        let mut winner = value.clone();
        let kept = &mut winner;
        self.values
            .entry_by_ref(key)
            .and_compute_with(|old| {
                let op = match old.map(moka::Entry::into_value) {
                    Some(old) if !offer.replaces(&value, &old.value) => {
                        *kept = old.value;
                        Op::Nop
                    }
                    _ => Op::Put(Entry { value, keep }),
                };
                std::future::ready(op)
            })
            .await;
        winner
    }

    /// Runs `load` unless one runs for this key already, and gives every caller its answer.
    pub(super) async fn one_flight<F, E>(&self, key: &str, load: F) -> Result<Cached, Arc<E>>
    where
        F: Future<Output = Result<Cached, E>> + Send,
        E: Send + Sync + 'static,
    {
        self.flights.try_get_with_by_ref(key, load).await
    }

    pub(super) async fn forget(&self, key: &str) {
        self.values.invalidate(key).await;
    }

    pub(super) fn forget_all(&self) {
        self.values.invalidate_all();
    }
}

/// Each entry says itself how long it is kept, counted from its last write.
struct KeepEntry;

impl Expiry<String, Entry> for KeepEntry {
    fn expire_after_create(&self, _key: &String, entry: &Entry, _created_at: Instant) -> Option<Duration> {
        Some(entry.keep)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        entry: &Entry,
        _updated_at: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_goes_to_the_announcement_and_never_to_a_load() {
        let body = |version, text: Option<&'static str>| Cached { version, body: text.map(bytes::Bytes::from) };
        let known = body(5, Some("known"));
        assert!(Offer::Announced.replaces(&body(6, None), &known));
        assert!(Offer::Announced.replaces(&body(5, Some("known")), &known));
        assert!(!Offer::Announced.replaces(&body(4, Some("old")), &known));
        assert!(Offer::Loaded.replaces(&body(6, Some("new")), &known));
        assert!(!Offer::Loaded.replaces(&body(5, None), &known));
        assert!(!Offer::Loaded.replaces(&body(4, Some("old")), &known));
    }
}
