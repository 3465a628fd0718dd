//! The rows a decision sees: the hot cache, and over it what the decisions before it in the same batch have changed.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::Arc,
};

use feira_connectors::state::{State, StateError};
use feira_schemas::row::{AnyRow, RowKey, Stored, Table, Write};
use futures::{StreamExt, TryStreamExt, stream};

/// A row's place among all tables.
type Place = (&'static str, &'static str, RowKey);

fn place(table: &Table, key: RowKey) -> Place {
    (table.keyspace, table.name, key)
}

type Loading<'a, T> = Pin<Box<dyn Future<Output = Result<T, StateError>> + Send + 'a>>;
type LoadRow = for<'a> fn(&'a State, &'a RowKey) -> Loading<'a, Option<Arc<dyn AnyRow>>>;
type LoadRows = for<'a> fn(&'a State, &'a RowKey) -> Loading<'a, Vec<Arc<dyn AnyRow>>>;

/// What a decision needs that is not loaded yet. The loop loads it and asks for the decision again.
pub enum Need {
    /// These rows.
    Rows(Vec<(&'static Table, RowKey)>, #[doc(hidden)] LoadRowOf),
    /// All rows that begin with this key.
    Prefix(&'static Table, RowKey, #[doc(hidden)] LoadRowsOf),
}

/// How rows of one type are loaded.
#[derive(Clone, Copy)]
pub struct LoadRowOf(LoadRow);
/// How rows of one type are listed.
#[derive(Clone, Copy)]
pub struct LoadRowsOf(LoadRows);

impl std::fmt::Debug for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(keys, _) => f.debug_tuple("Rows").field(keys).finish(),
            Self::Prefix(table, key, _) => f.debug_tuple("Prefix").field(table).field(key).finish(),
        }
    }
}

/// Rows of a prefix read at once. A decision is made on all of them, so there is no end to how many are read.
const PAGE: usize = 1_000;
/// What a row's place and its share of the cache's own books take, beside the row.
const PLACE_BYTES: usize = 256;

/// Rows loaded at once: enough to hide the way to a node, few enough not to crowd out its other clients.
const LOADS: usize = 64;

/// A row as it is kept hot.
#[derive(Clone)]
struct Hot {
    row: Option<Arc<dyn AnyRow>>,
    /// Bytes, reckoned once.
    weight: u32,
}

impl Hot {
    fn new(row: Option<Arc<dyn AnyRow>>) -> Self {
        let weight = PLACE_BYTES + row.as_ref().map_or(0, |row| row.weight());
        Self { row, weight: u32::try_from(weight).unwrap_or(u32::MAX) }
    }
}

/// The rows known to a task.
pub struct Rows {
    /// Bounded by what the rows weigh.
    hot: moka::sync::Cache<Place, Hot>,
    /// Changed by this batch and not yet acknowledged by the state, or loaded for it: never evicted before the batch is done.
    pinned: HashMap<Place, Option<Arc<dyn AnyRow>>>,
    changed: HashSet<Place>,
    /// Those of the changed that nobody asks for after this batch.
    once: HashSet<Place>,
    prefixes: HashMap<Place, BTreeSet<RowKey>>,
}

impl Rows {
    /// None yet, and never more hot than weigh so many bytes.
    pub fn within(bytes: u64) -> Self {
        let hot = moka::sync::Cache::builder().max_capacity(bytes).weigher(|_, hot: &Hot| hot.weight);
        Self {
            hot: hot.build(),
            pinned: HashMap::new(),
            changed: HashSet::new(),
            once: HashSet::new(),
            prefixes: HashMap::new(),
        }
    }

    /// A row, or none if there is none.
    pub fn get<R: Stored>(&self, key: RowKey) -> Result<Option<Arc<R>>, Need> {
        let place = place(&R::TABLE, key);
        let found = self.pinned.get(&place).cloned().or_else(|| self.hot.get(&place).map(|hot| hot.row));
        match found {
            Some(row) => Ok(row.and_then(typed::<R>)),
            None => Err(Need::Rows(vec![(&R::TABLE, place.2)], LoadRowOf(load_row::<R>))),
        }
    }

    /// Several rows in one round trip.
    pub fn get_many<R: Stored>(&self, keys: Vec<RowKey>) -> Result<Vec<Option<Arc<R>>>, Need> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut missing = Vec::new();
        for key in keys {
            match self.get::<R>(key) {
                Ok(row) => rows.push(row),
                Err(Need::Rows(keys, _)) => missing.extend(keys),
                Err(need) => return Err(need),
            }
        }
        if missing.is_empty() { Ok(rows) } else { Err(Need::Rows(missing, LoadRowOf(load_row::<R>))) }
    }

    /// All rows whose key begins with `prefix`, ascending.
    pub fn scan<R: Stored>(&self, prefix: RowKey) -> Result<Vec<Arc<R>>, Need> {
        let place = place(&R::TABLE, prefix);
        let Some(keys) = self.prefixes.get(&place) else {
            return Err(Need::Prefix(&R::TABLE, place.2, LoadRowsOf(load_rows::<R>)));
        };
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            rows.extend(self.get::<R>(key.clone())?);
        }
        Ok(rows)
    }

    /// Loads what decisions asked for, all of it at once.
    pub(crate) async fn load(&mut self, state: &State, needs: &[Need]) -> Result<(), StateError> {
        let (mut singles, mut prefixes) = (HashMap::new(), HashMap::new());
        for need in needs {
            match need {
                Need::Rows(keys, LoadRowOf(load)) => {
                    singles.extend(keys.iter().map(|(table, key)| (place(table, key.clone()), *load)));
                }
                Need::Prefix(table, prefix, LoadRowsOf(load)) => {
                    prefixes.insert(place(table, prefix.clone()), *load);
                }
            }
        }
        // Collected first: a stream of closures is not known to the compiler as sendable.
        let singles: Vec<_> = singles.into_iter().map(|(place, load)| load_at(state, place, load)).collect();
        let prefixes: Vec<_> = prefixes.into_iter().map(|(place, load)| load_below(state, place, load)).collect();
        let singles: Vec<_> = stream::iter(singles).buffer_unordered(LOADS).try_collect().await?;
        let prefixes: Vec<_> = stream::iter(prefixes).buffer_unordered(LOADS).try_collect().await?;
        self.pinned.extend(singles);
        prefixes.into_iter().for_each(|(place, rows)| self.know_prefix(place, rows));
        Ok(())
    }

    fn know_prefix(&mut self, place: Place, rows: Vec<Arc<dyn AnyRow>>) {
        let (keyspace, name, prefix) = &place;
        let mut keys: BTreeSet<RowKey> = rows.iter().map(|row| row.row_key()).collect();
        for row in rows {
            self.pinned.entry((keyspace, name, row.row_key())).or_insert(Some(row));
        }
        // What this batch has changed already is not in the state yet.
        let changed =
            self.changed.iter().filter(|(of, table, key)| of == keyspace && table == name && begins_with(key, prefix));
        for at in changed {
            match self.pinned.get(at) {
                Some(Some(_)) => keys.insert(at.2.clone()),
                _ => keys.remove(&at.2),
            };
        }
        self.prefixes.insert(place, keys);
    }

    /// Applies an event's writes over what is known.
    pub(crate) fn apply<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write>) {
        for write in writes {
            let (table, key) = (write.table(), write.key());
            let row = match write {
                Write::Put { row, .. } => Some(Arc::clone(row)),
                Write::Delete { .. } => None,
            };
            for ((keyspace, name, prefix), keys) in &mut self.prefixes {
                if *keyspace == table.keyspace && *name == table.name && begins_with(&key, prefix) {
                    if row.is_some() {
                        keys.insert(key.clone())
                    } else {
                        keys.remove(&key)
                    };
                }
            }
            let place = place(&table, key);
            self.changed.insert(place.clone());
            self.pinned.insert(place, row);
        }
    }

    /// Applies writes of rows that nobody is likely to ask for again: this batch sees them, and then the state alone has them.
    pub(super) fn apply_once<'a>(&mut self, writes: impl IntoIterator<Item = &'a Write> + Clone) {
        self.once.extend(writes.clone().into_iter().map(|write| place(&write.table(), write.key())));
        self.apply(writes);
    }

    /// The batch is in the state: its rows may be evicted from now on.
    pub(super) fn acknowledge(&mut self) {
        for (place, row) in self.pinned.drain() {
            if self.once.contains(&place) {
                // What was known of it before, also that there was none, holds no more.
                self.hot.invalidate(&place);
            } else {
                self.hot.insert(place, Hot::new(row));
            }
        }
        // What does not fit leaves now, not when the cache comes to it.
        self.hot.run_pending_tasks();
        self.changed.clear();
        self.once.clear();
        self.prefixes.clear();
    }

    /// The batch was not committed: what it changed is forgotten.
    pub(super) fn abort(&mut self) {
        self.pinned.clear();
        self.changed.clear();
        self.once.clear();
        self.prefixes.clear();
    }

    /// Another process may have written meanwhile: nothing known holds any more.
    pub(super) fn forget(&mut self) {
        self.abort();
        self.hot.invalidate_all();
    }
}

fn begins_with(key: &RowKey, prefix: &RowKey) -> bool {
    key.partition == prefix.partition && key.clustering.starts_with(&prefix.clustering)
}

fn typed<R: Stored>(row: Arc<dyn AnyRow>) -> Option<Arc<R>> {
    row.as_any().downcast().ok()
}

async fn load_at(state: &State, place: Place, load: LoadRow) -> Result<(Place, Option<Arc<dyn AnyRow>>), StateError> {
    let row = load(state, &place.2).await?;
    Ok((place, row))
}

async fn load_below(state: &State, place: Place, load: LoadRows) -> Result<(Place, Vec<Arc<dyn AnyRow>>), StateError> {
    let rows = load(state, &place.2).await?;
    Ok((place, rows))
}

fn load_row<'a, R: Stored>(state: &'a State, key: &'a RowKey) -> Loading<'a, Option<Arc<dyn AnyRow>>> {
    Box::pin(async move { Ok(state.get::<R>(key).await?.map(|row| Arc::new(row) as Arc<dyn AnyRow>)) })
}

fn load_rows<'a, R: Stored>(state: &'a State, prefix: &'a RowKey) -> Loading<'a, Vec<Arc<dyn AnyRow>>> {
    Box::pin(async move {
        let mut all: Vec<Arc<dyn AnyRow>> = Vec::new();
        loop {
            let after = all.last().map(|row| row.row_key());
            let page = state.scan::<R>(prefix, after.as_ref(), PAGE).await?;
            let last = page.len() < PAGE;
            all.extend(page.into_iter().map(|row| Arc::new(row) as Arc<dyn AnyRow>));
            if last {
                return Ok(all);
            }
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{CategoryId, TenantId},
        records::store::ListedCategory,
        row::Row,
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

        let mut rows = Rows::within(1_000_000);
        let gone = CategoryRow::at(tenant, row(3).category.category_id);
        rows.apply(&[Write::put(row(count), 2), Write::delete::<CategoryRow>(gone, 2)]);
        let all = || RowKey { clustering: Vec::new(), ..row(0).key() };
        let need = rows.scan::<CategoryRow>(all()).unwrap_err();
        rows.load(&platform.state, &[need]).await.unwrap();
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
        let mut rows = Rows::within(1_000_000);
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
            let mut rows = Rows::within(1_000_000);
            for number in 0..3_000 {
                rows.apply(&[Write::put(row(number, bytes), 1)]);
                rows.acknowledge();
                assert!(rows.hot.weighted_size() <= 1_000_000);
            }
            let kept = (0..3_000).filter(|n| rows.get::<CategoryRow>(row(*n, 0).key()).is_ok()).count();
            assert!(kept <= most && (kept > 0) == (most > 0), "{kept} rows of {bytes} bytes");
        }
    }
}
