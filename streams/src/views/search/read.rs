//! Searching a tenant's shard.

use feira_connectors::search::{SearchPage, SearchQuery, ShardError, ShardId, Shards, Suggestion};
use feira_schemas::ids::TenantId;

use crate::platform::Platform;

/// Searches one catalogue. Every method asks for a tenant.
#[derive(Clone)]
pub struct SearchReader {
    platform: Platform,
    shards: Shards,
}

impl SearchReader {
    /// Searches these shards.
    pub fn new(platform: Platform, shards: Shards) -> Self {
        Self { platform, shards }
    }

    /// One page of hits, with total and facets.
    pub async fn search(&self, tenant: TenantId, query: &SearchQuery) -> Result<SearchPage, ShardError> {
        self.shards.search(self.shard(tenant), query).await
    }

    /// Completions of what a buyer types.
    pub async fn suggest(&self, tenant: TenantId, text: &str, limit: usize) -> Result<Vec<Suggestion>, ShardError> {
        self.shards.suggest(self.shard(tenant), text, limit).await
    }

    fn shard(&self, tenant: TenantId) -> ShardId {
        ShardId { partition: self.platform.partition_of(tenant), tenant }
    }
}
