//! The cache of a deployment that is one process: what its views put is all there is to know.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_schemas::ids::TenantId;

use super::{
    ABSENT_FOR, Cached, TOMBSTONE_FOR,
    entries::{Entries, Offer},
    place,
};

/// The time for which a value is kept. In one process every change is put here, so this only bounds what a lost put
/// could do.
const KEEP: Duration = Duration::from_secs(600);

/// The cache in this process's memory, bounded in bytes. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct EmbeddedCache {
    entries: Entries,
    generation: u32,
}

impl EmbeddedCache {
    /// A cache of about `max_bytes` of keys and bodies.
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { entries: Entries::new(max_bytes), generation: 1 }
    }

    pub(super) fn with_generation(&self, generation: u32) -> Self {
        Self { generation, ..self.clone() }
    }

    pub(super) async fn get(&self, tenant: TenantId, key: &str) -> Option<Cached> {
        self.at(&place(tenant, self.generation, key)).await
    }

    async fn at(&self, place: &str) -> Option<Cached> {
        let found = self.entries.get(place).await;
        super::count("memory", if found.is_some() { "hit" } else { "miss" });
        found
    }

    pub(super) fn in_memory(&self) -> Vec<(String, Cached)> {
        self.entries.all()
    }

    pub(super) async fn put_if_newer(&self, tenant: TenantId, key: &str, value: Cached) {
        let keep = if value.body.is_some() { KEEP } else { TOMBSTONE_FOR };
        self.entries.offer(&place(tenant, self.generation, key), value, Offer::Announced, keep).await;
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
        if let Some(found) = self.at(&place).await {
            return Ok(found);
        }
        let load = load();
        let fill = async {
            let (version, body) = load.await?;
            let keep = if body.is_some() { KEEP } else { ABSENT_FOR };
            Ok(self.entries.offer(&place, Cached { version, body }, Offer::Loaded, keep).await)
        };
        // On the heap: whoever finds something, as most do, has no load's future to carry about.
        Box::pin(self.entries.one_flight(&place, fill)).await
    }
}
