//! Rows that stay known from one batch to the next, and the loading of those that decisions need.

use std::sync::Arc;

use feira_connectors::state::{State, StateError};
use feira_contexts::{Known, Need, Place, RowCache, Rows};
use feira_schemas::row::{AnyRow, RowKey, RowType};
use futures::{StreamExt, TryStreamExt, stream};

/// Rows of a prefix read at once. A decision is made on all of them, so there is no end to how many are read.
const PAGE: usize = 1_000;
/// Bytes that a row's place and its share of the cache's own books take, beside the row.
const PLACE_BYTES: usize = 256;

/// Rows loaded at once: enough to hide the way to a node, few enough not to crowd out its other clients.
const LOADS: usize = 64;

/// A row as it is kept hot.
#[derive(Clone)]
struct Hot {
    row: Known,
    /// The row's weight in bytes, reckoned once.
    weight: u32,
}

/// Rows that stay known, bounded by what they weigh.
#[derive(Clone)]
struct HotRows(moka::sync::Cache<Place, Hot>);

/// Rows for decisions, of which never more stay known than weigh so many bytes.
pub(super) fn rows_within(bytes: u64) -> Rows {
    Rows::over(HotRows::within(bytes))
}

impl HotRows {
    fn within(bytes: u64) -> Self {
        let hot = moka::sync::Cache::builder().max_capacity(bytes).weigher(|_, hot: &Hot| hot.weight);
        Self(hot.build())
    }
}

impl RowCache for HotRows {
    fn get(&self, place: &Place) -> Option<Known> {
        self.0.get(place).map(|hot| hot.row)
    }
    fn keep(&self, place: Place, row: Known) {
        let weight = PLACE_BYTES + row.as_ref().map_or(0, |row| row.weight());
        self.0.insert(place, Hot { row, weight: u32::try_from(weight).unwrap_or(u32::MAX) });
    }
    fn evict(&self, place: &Place) {
        self.0.invalidate(place);
    }
    fn settle(&self) {
        self.0.run_pending_tasks();
    }
    fn clear(&self) {
        self.0.invalidate_all();
    }
}

/// Loads what decisions asked for, all of it at once.
pub(super) async fn load(rows: &mut Rows, state: &State, needs: &[Need]) -> Result<(), StateError> {
    let (mut singles, mut prefixes) = (Vec::new(), Vec::new());
    for need in needs {
        match need {
            Need::Rows(row_type, keys) => singles.extend(keys.iter().map(|key| (*row_type, key.clone()))),
            Need::Prefix(row_type, prefix) => prefixes.push((*row_type, prefix.clone())),
        }
    }
    singles.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
    singles.dedup_by(|one, other| place(one) == place(other));
    prefixes.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
    prefixes.dedup_by(|one, other| place(one) == place(other));
    // Collected first: a stream of closures is not known to the compiler as sendable.
    let singles: Vec<_> = singles.into_iter().map(|at| load_row(state, at)).collect();
    let prefixes: Vec<_> = prefixes.into_iter().map(|at| load_prefix(state, at)).collect();
    let singles: Vec<_> = stream::iter(singles).buffer_unordered(LOADS).try_collect().await?;
    let prefixes: Vec<_> = stream::iter(prefixes).buffer_unordered(LOADS).try_collect().await?;
    for ((row_type, key), row) in singles {
        rows.know(&row_type.table, key, row);
    }
    for ((row_type, prefix), found) in prefixes {
        rows.know_prefix(&row_type.table, prefix, found);
    }
    Ok(())
}

/// Rows of a type: the one at a full key, or all below a prefix.
type At = (&'static RowType, RowKey);

fn place((row_type, key): &At) -> (&'static str, &'static str, &RowKey) {
    (row_type.table.keyspace, row_type.table.name, key)
}

async fn load_row(state: &State, at: At) -> Result<(At, Known), StateError> {
    let row = state.get_any(at.0, &at.1).await?;
    Ok((at, row))
}

async fn load_prefix(state: &State, at: At) -> Result<(At, Vec<Arc<dyn AnyRow>>), StateError> {
    let mut all: Vec<Arc<dyn AnyRow>> = Vec::new();
    loop {
        let after = all.last().map(|row| row.row_key());
        let page = state.scan_any(at.0, &at.1, after.as_ref(), PAGE).await?;
        let last = page.len() < PAGE;
        all.extend(page);
        if last {
            return Ok((at, all));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{CategoryId, TenantId},
        records::store::ListedCategory,
        row::{Row, Write},
        rows::store::CategoryRow,
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::platform;

    #[tokio::test]
    async fn a_prefix_is_loaded_whole_and_what_the_batch_has_changed_is_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let tenant = TenantId::from_uuid(Uuid::from_u128(7));
        let count = 2 * PAGE + 1;
        let row = |number: usize| {
            let id = CategoryId::from_uuid(Uuid::from_u128(number as u128));
            let category = serde_json::json!({
                "category_id": id, "version": 1, "name": "c", "slug": number.to_string(), "parent_id": null, "source_version": 1
            });
            CategoryRow::new(tenant, serde_json::from_value::<ListedCategory>(category).unwrap())
        };
        let writes: Vec<Write> = (0..count).map(|number| Write::put(row(number), 1)).collect();
        platform.state.write(&writes).await.unwrap();

        let mut rows = rows_within(1_000_000);
        let gone = CategoryRow::at(tenant, row(3).category.category_id);
        rows.apply(&[Write::put(row(count), 2), Write::delete::<CategoryRow>(gone, 2)]);
        let all = || RowKey { clustering: Vec::new(), ..row(0).key() };
        let need = rows.scan::<CategoryRow>(all()).unwrap_err();
        load(&mut rows, &platform.state, &[need]).await.unwrap();
        let seen = rows.scan::<CategoryRow>(all()).unwrap();
        let slugs: Vec<usize> = seen.iter().map(|row| row.category.slug.parse().unwrap()).collect();
        assert_eq!(slugs, (0..=count).filter(|number| *number != 3).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_that_is_not_kept_is_seen_by_its_batch_and_is_then_the_states_alone() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(7));
        let row = |version: i64| {
            let category = serde_json::json!({
                "category_id": CategoryId::from_uuid(Uuid::from_u128(1)), "version": version, "name": "n", "slug": "s",
                "parent_id": null, "source_version": 1
            });
            CategoryRow::new(tenant, serde_json::from_value::<ListedCategory>(category).unwrap())
        };
        let key = row(1).key();
        let mut rows = rows_within(1_000_000);
        rows.apply(&[Write::delete::<CategoryRow>(key.clone(), 1)]);
        rows.acknowledge();
        assert!(rows.get::<CategoryRow>(key.clone()).unwrap().is_none(), "known to be absent");
        rows.apply_once(&[Write::put(row(2), 2)]);
        assert_eq!(rows.get::<CategoryRow>(key.clone()).unwrap().unwrap().category.version, 2);
        rows.acknowledge();
        assert!(rows.get::<CategoryRow>(key.clone()).is_err(), "neither the row nor its absence is believed");
        rows.apply(&[Write::put(row(3), 3)]);
        rows.acknowledge();
        assert_eq!(rows.get::<CategoryRow>(key).unwrap().unwrap().category.version, 3);
    }

    #[test]
    fn f40_hot_rows_are_bounded_by_what_they_weigh() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(7));
        let row = |number: u128, bytes: usize| {
            let category = serde_json::json!({
                "category_id": CategoryId::from_uuid(Uuid::from_u128(number)), "version": 1, "name": "n".repeat(bytes),
                "slug": "s", "parent_id": null, "source_version": 1
            });
            CategoryRow::new(tenant, serde_json::from_value::<ListedCategory>(category).unwrap())
        };
        for (bytes, most) in [(10, 2_500), (100_000, 10), (2_000_000, 0)] {
            let hot = HotRows::within(1_000_000);
            let mut rows = Rows::over(hot.clone());
            for number in 0..3_000 {
                rows.apply(&[Write::put(row(number, bytes), 1)]);
                rows.acknowledge();
                assert!(hot.0.weighted_size() <= 1_000_000);
            }
            let kept = (0..3_000).filter(|n| rows.get::<CategoryRow>(row(*n, 0).key()).is_ok()).count();
            assert!(kept <= most && (kept > 0) == (most > 0), "{kept} rows of {bytes} bytes");
        }
    }
}
