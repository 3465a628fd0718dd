//! Generations that are not live any more: which lie there, what of them is still worth something, and their end.

use std::collections::BTreeMap;

use feira_connectors::state::StateError;
use feira_schemas::{
    groups::{self, Group},
    ids::Micros,
    row::{Row, Table, Write},
    rows::common::{Parked, Progress, parked_of, progress_of},
    topics,
};

use super::make_live;
use crate::{live::NOTHING, platform::Platform};

/// Rows read at once.
const PAGE: usize = 1_000;

/// Tables that the live generation has left behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Older {
    /// The keyspace without its prefix.
    pub keyspace: String,
    /// The number of their generation.
    pub generation: u32,
}

/// Lists the generations that are older than what is live: no program that may start reads them.
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

/// The keyspace in which all views kept their positions and what they had parked before they had keyspaces of their own.
const LODGED: &str = "storefront";
/// The `write_ts` of what is taken over: whatever anybody writes in this program's generation is newer, also where two processes
/// take over at once.
const TAKEN_AT: Micros = 1;

/// Takes what views keep of their way into this program's generation: what is parked, with its tries, and the positions of views
/// whose shards lie where they did. A keyspace that holds nothing else is live then. The positions of a view whose rows are folded
/// anew come of the fold.
///
/// An older program may still work meanwhile. What it parks after this lies in the retry topic beyond the position that is taken,
/// and is read from there; what it finishes is tried once more, which changes nothing that is newer.
pub async fn take_over(platform: &Platform) -> Result<(), StateError> {
    let kept = platform.generations.all();
    for group in groups::parking() {
        let Some(keyspace) = group.keyspace else { continue };
        let Some(own) = kept.get(keyspace).filter(|kept| !kept.is_whole()) else { continue };
        let (from, live) = match (own.live, kept.get(LODGED)) {
            (NOTHING, Some(lodged)) => (LODGED, lodged.live),
            (live, _) => (keyspace, live),
        };
        if let Some(generation) = u32::try_from(live).ok().filter(|_| live > NOTHING) {
            take(platform, group, keyspace, (from, generation)).await?;
        }
        if !is_of_tables(group) {
            make_live(platform, keyspace).await?;
        }
    }
    Ok(())
}

/// Takes over what a view keeps, from a keyspace's generation.
async fn take(
    platform: &Platform,
    group: Group,
    keyspace: &'static str,
    (from, generation): (&'static str, u32),
) -> Result<(), StateError> {
    // First, and written last: it says what of the retry topic is in the other rows.
    let old = progress_of(from).of_generation(generation);
    let positions = rows::<Progress>(platform, old, |row| is_taken(group, &row.consumer)).await?;
    let old = parked_of(from).of_generation(generation);
    let parked = rows::<Parked>(platform, old, |row| row.consumer == group.name).await?;
    tracing::info!(
        group = group.name,
        from,
        generation,
        positions = positions.len(),
        parked = parked.len(),
        "what a view keeps of its way is taken over"
    );
    let put = |row| Write::put_in(parked_of(keyspace), row, TAKEN_AT);
    let parked: Vec<Write> = parked.into_iter().map(put).collect();
    let put = |row| Write::put_in(progress_of(keyspace), row, TAKEN_AT);
    let positions: Vec<Write> = positions.into_iter().map(put).collect();
    platform.state.write_in_order(&parked, &positions).await
}

/// True of a view that keeps what it shows in tables, which its fold fills anew.
fn is_of_tables(group: Group) -> bool {
    [groups::STOREFRONT.keyspace, groups::AUDIT.keyspace].contains(&group.keyspace)
}

/// True if a view's position goes on: that in its retry topic, and those of shards, which no generation of tables
/// moves.
fn is_taken(group: Group, consumer: &str) -> bool {
    let of_shards = |rest: &str| rest.is_empty() || rest.starts_with('@');
    let folded_anew = is_of_tables(group);
    consumer == topics::retry(group.name) || (!folded_anew && consumer.strip_prefix(group.name).is_some_and(of_shards))
}

/// The wanted rows of a table, as many as a view holds in memory anyway; none where there is no such table.
async fn rows<R: Row>(platform: &Platform, table: Table, wanted: impl Fn(&R) -> bool) -> Result<Vec<R>, StateError> {
    let (mut all, mut after) = (Vec::new(), None);
    if !platform.state.open_table(table).await? {
        return Ok(all);
    }
    loop {
        let page = platform.state.scan_table_in::<R>(table, after, PAGE).await?;
        all.extend(page.rows.into_iter().filter(&wanted));
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_shards_are_taken_and_those_that_a_fold_makes_are_not() {
        for (group, consumer, taken) in [
            (groups::SEARCH, "search", true),
            (groups::SEARCH, "search@0198a3c0", true),
            (groups::SEARCH, "search.retry", true),
            (groups::SEARCH, "searches", false),
            (groups::SEARCH, "panel@0198a3c0", false),
            (groups::STOREFRONT, "storefront.retry", true),
            (groups::STOREFRONT, "storefront", false),
            (groups::STOREFRONT, "storefront.folded", false),
            (groups::AUDIT, "audit.retry", true),
            (groups::AUDIT, "audit", false),
            (groups::AUDIT, "audit_store.retry", false),
            (groups::AUDIT_STORE, "audit_store.retry", true),
            (groups::AUDIT_STORE, "audit_store", false),
        ] {
            assert_eq!(is_taken(group, consumer), taken, "{consumer} by {}", group.name);
        }
    }
}
