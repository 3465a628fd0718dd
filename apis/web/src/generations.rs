//! The generations of tables and search shards, as the platform's staff sees them.

use std::collections::BTreeSet;

use feira_streams::generations::{self, SHARDS};

use crate::{context::Api, problem::Problem};

/// The generations of what is folded from the log under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The keyspace, or the shards.
    pub name: String,
    /// The generation that readers of this deployment see; 0 where nothing was folded yet.
    pub live: i64,
    /// The generation that this program works on.
    pub program: i64,
    /// Generations before the live one that still lie there.
    pub older: Vec<u32>,
}

/// The generations of each name.
pub async fn list(api: &Api) -> Result<Vec<Generation>, Problem> {
    let older = generations::older(&api.platform).await?;
    let shards = older_shards(api).await?;
    let all = api.platform.generations.all().into_iter().map(|(name, kept)| {
        let of_tables = older.iter().filter(|older| older.keyspace == name).map(|older| older.generation);
        let older = if name == SHARDS { shards.iter().copied().collect() } else { of_tables.collect() };
        Generation { name, live: kept.live, program: kept.ours, older }
    });
    Ok(all.collect())
}

async fn older_shards(api: &Api) -> Result<BTreeSet<u32>, Problem> {
    let (shop, panel) = (api.readers.search.older().await?, api.readers.panel.older().await?);
    Ok(shop.union(&panel).copied().collect())
}
