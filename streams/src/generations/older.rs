//! Generations that are not live any more: which lie there, what of them is still worth something, and their end.

use std::collections::BTreeMap;

use feira_connectors::state::StateError;
use feira_schemas::{
    groups,
    row::{Row, Write},
    rows::{common::Progress, storefront::PROGRESS},
    topics,
};

use super::Source;
use crate::{platform::Platform, views::storefront::StorefrontView};

/// Rows read at once.
const PAGE: usize = 1_000;

/// Tables that the live generation has left behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Older {
    /// The keyspace without its prefix.
    pub keyspace: String,
    /// Their generation.
    pub generation: u32,
}

/// Those that are older than what is live: no program that may start reads them.
pub async fn older(platform: &Platform) -> Result<Vec<Older>, StateError> {
    let live: BTreeMap<String, i64> =
        platform.generations.all().into_iter().map(|(name, kept)| (name, kept.live)).collect();
    let there = platform.state.generations().await?;
    let older = there.into_iter().map(|(keyspace, generation)| Older { keyspace, generation });
    Ok(older
        .filter(|older| live.get(&older.keyspace).is_some_and(|live| i64::from(older.generation) < *live))
        .collect())
}

/// Drops them, and says which. A program of theirs that still runs can't go on afterwards.
pub async fn drop_older(platform: &Platform) -> Result<Vec<Older>, StateError> {
    let older = older(platform).await?;
    for Older { keyspace, generation } in &older {
        platform.state.drop_generation(keyspace, *generation).await?;
        tracing::info!(keyspace, generation, "an old generation's tables were dropped");
    }
    Ok(older)
}

/// The positions of the views that are not folded anew with the tables in which they keep these: search shards lie where they
/// did, and what they show elsewhere is served meanwhile. What is parked is read again from its topic.
pub async fn carry_positions(platform: &Platform) -> Result<(), StateError> {
    let keyspace = PROGRESS.keyspace;
    let Some(kept) = platform.generations.all().remove(keyspace).filter(|kept| kept.live < kept.ours) else {
        return Ok(());
    };
    let Ok(generation) = u32::try_from(kept.live) else { return Ok(()) };
    let old = PROGRESS.of_generation(generation);
    if !platform.state.open_table(old).await? {
        return Ok(());
    }
    let mut after = None;
    loop {
        let page = platform.state.scan_table_in::<Progress>(old, after, PAGE).await?;
        for row in page.rows {
            carry(platform, row).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn carry(platform: &Platform, row: Progress) -> Result<(), StateError> {
    let Progress { consumer, partition, .. } = &row;
    let folded_anew = consumer.starts_with(StorefrontView::PROCESSOR);
    let of_parked = groups::parking().any(|group| *consumer == topics::retry(group.name));
    if folded_anew || of_parked || platform.state.get_in::<Progress>(PROGRESS, &row.key()).await?.is_some() {
        return Ok(());
    }
    tracing::debug!(consumer, partition, "a view's position is carried into the new generation");
    platform.state.write(&[Write::put_in(PROGRESS, row, platform.now())]).await
}
