//! The shards of both catalogues, as a process has them.

use std::path::Path;

use feira_connectors::search::{ShardError, Shards, ShardsSettings};
use feira_schemas::{budget::Budget, generations::SHARDS};

use super::{Catalogue, PanelCatalogue, ShopCatalogue};

/// The shards of both catalogues. Clones share them.
#[derive(Clone)]
pub struct SearchShards {
    /// The shops' listings.
    pub shop: Shards,
    /// The panels' products.
    pub panel: Shards,
}

impl SearchShards {
    /// Opens both below this folder. They share the process' turns of searches, and half the budget's memory for writers each.
    pub fn open(folder: &Path, budget: Budget) -> Result<Self, ShardError> {
        let searches = ShardsSettings::searches();
        let open = |group: &str| {
            let settings =
                ShardsSettings { searches: searches.clone(), ..ShardsSettings::new(folder.join(group), SHARDS) };
            Shards::open(settings.writing_within(budget.shard_writers() / 2))
        };
        Ok(Self { shop: open(ShopCatalogue::GROUP)?, panel: open(PanelCatalogue::GROUP)? })
    }
}
