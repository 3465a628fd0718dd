//! Lets go of tombstones that have done their work.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use feira_schemas::ids::Micros;
use fjall::compaction::filter::{CompactionFilter, CompactionFilterResult, Context, Factory, ItemAccessor, Verdict};

use super::{STAMP, stamp};

/// How long a deletion is remembered after it: as long as Cassandra's and ScyllaDB's default. What is applied again after a
/// crash is minutes old; what is older goes into another generation's tables. A shorter time would save little room.
const REMEMBERED: Micros = 10 * 24 * 3600 * 1_000_000;

/// Knows the newest `write_ts` that was written, which is the time here.
#[derive(Debug, Clone, Default)]
pub(super) struct Tombstones(Arc<AtomicI64>);

impl Tombstones {
    pub(super) fn saw(&self, write_ts: Micros) {
        self.0.fetch_max(write_ts, Ordering::Relaxed);
    }
}

impl Factory for Tombstones {
    fn name(&self) -> &'static str {
        "feira tombstones"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Before(self.0.load(Ordering::Relaxed).saturating_sub(REMEMBERED)))
    }
}

/// Removes tombstones from before this time.
struct Before(Micros);

impl CompactionFilter for Before {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> CompactionFilterResult {
        let value = item.value()?;
        let old = value.len() == STAMP && stamp(&value).is_some_and(|stamp| stamp < self.0);
        // Not `Destroy`: an older put of the same key may lie in a deeper level.
        Ok(if old { Verdict::Remove } else { Verdict::Keep })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use feira_schemas::row::{Row, RowKey, Table, Write};
    use fjall::Keyspace;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::state::{embedded::EmbeddedState, key};

    static TABLE: Table =
        Table { keyspace: "t", name: "counter", generation: 1, partition_key: &["id"], clustering_key: &[] };

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Counter {
        id: i64,
    }

    impl Row for Counter {
        const TABLE: &'static Table = &TABLE;
        fn key(&self) -> RowKey {
            RowKey::new([self.id.into()], [])
        }
    }

    async fn open(folder: &Path) -> (EmbeddedState, Keyspace) {
        let state = EmbeddedState::open(folder).unwrap();
        state.ensure_tables(&[&TABLE]).await.unwrap();
        let keyspace = state.0.table(&TABLE).unwrap();
        (state, keyspace)
    }

    fn compact(keyspace: &Keyspace) {
        keyspace.rotate_memtable_and_wait().unwrap();
        keyspace.major_compact().unwrap();
    }

    fn entries(keyspace: &Keyspace) -> usize {
        keyspace.iter().count()
    }

    #[tokio::test]
    async fn only_deletions_from_long_ago_are_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let (state, keyspace) = open(folder.path()).await;
        let put = |id, write_ts| Write::put(Counter { id }, write_ts);
        let delete = |id, write_ts| Write::delete::<Counter>(Counter { id }.key(), write_ts);
        state.write(&[put(1, 1), put(2, 1), put(3, 1)]).await.unwrap();
        compact(&keyspace);
        state.write(&[delete(2, 2), delete(3, REMEMBERED)]).await.unwrap();
        compact(&keyspace);
        assert_eq!(entries(&keyspace), 3, "nothing is old yet");

        // Also after a restart, when the filter has to be given to tables that exist.
        drop((state, keyspace));
        let (state, keyspace) = open(folder.path()).await;
        state.write(&[put(4, REMEMBERED + 3)]).await.unwrap();
        compact(&keyspace);
        assert_eq!(entries(&keyspace), 3, "the deletion of 2 is let go");
        assert!(keyspace.get(key::encode(&Counter { id: 2 }.key())).unwrap().is_none());
        state.write(&[put(3, 2)]).await.unwrap();
        assert!(state.get::<Counter>(&Counter { id: 3 }.key()).unwrap().is_none(), "that of 3 still holds");
        for id in [1, 4] {
            assert!(state.get::<Counter>(&Counter { id }.key()).unwrap().is_some());
        }
    }
}
