//! Searching a tenant's shard.

use std::collections::BTreeSet;

use feira_connectors::search::{SearchPage, SearchQuery, ShardError, ShardId, Shards, Suggestion};
use feira_schemas::ids::TenantId;

use super::Catalogue;
use crate::{generations::SHARDS, platform::Platform};

/// Searches one catalogue. Every method asks for a tenant, and is refused with [`ShardError::Elsewhere`] where this process
/// does not have that tenant's partition, or not the whole of it: an empty answer would look like a shop without products.
#[derive(Clone)]
pub struct SearchReader {
    platform: Platform,
    shards: Shards,
    group: &'static str,
}

impl SearchReader {
    /// Searches these shards, which are `C`'s.
    pub fn new<C: Catalogue>(platform: Platform, shards: Shards) -> Self {
        Self { platform, shards, group: C::GROUP }
    }

    /// One page of hits, with total and facets.
    pub async fn search(&self, tenant: TenantId, query: &SearchQuery) -> Result<SearchPage, ShardError> {
        self.shards.search(self.shard(tenant)?, query).await
    }

    /// Completions of what a buyer types.
    pub async fn suggest(&self, tenant: TenantId, text: &str, limit: usize) -> Result<Vec<Suggestion>, ShardError> {
        self.shards.suggest(self.shard(tenant)?, text, limit).await
    }

    /// Generations whose shards lie beside this one's in this process' folder.
    pub async fn older(&self) -> Result<BTreeSet<u32>, ShardError> {
        self.shards.older().await
    }

    /// Deletes these, and says which they were.
    pub async fn drop_older(&self) -> Result<BTreeSet<u32>, ShardError> {
        self.shards.drop_older().await
    }

    fn shard(&self, tenant: TenantId) -> Result<ShardId, ShardError> {
        let partition = self.platform.partition_of(tenant);
        let marks = &self.platform.reached;
        // Where the state is this process' alone, so are all shards, from before their partitions are assigned; unless those of
        // a new generation are still to be made.
        let may_be_elsewhere = self.platform.state.is_shared() || self.platform.generations.is_pending(SHARDS);
        let elsewhere = may_be_elsewhere && !marks.serves(self.group, partition);
        if elsewhere || marks.behind(self.group, partition) {
            return Err(ShardError::Elsewhere { partition });
        }
        Ok(ShardId { partition, tenant })
    }
}
