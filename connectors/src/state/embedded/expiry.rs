//! Lets go of what has done its work: tombstones, and rows of tables that keep theirs for a time. It happens when the store
//! compacts, so an expired row may be read for a while after its time.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use feira_schemas::{
    row::Table,
    time::{DAY, Micros},
};
use fjall::compaction::filter::{CompactionFilter, CompactionFilterResult, Context, Factory, ItemAccessor, Verdict};

use super::{STAMP, stamp};

/// The time for which a deletion is remembered, in microseconds: as long as Cassandra's and ScyllaDB's default. What
/// is applied again after a crash is minutes old; what is older goes into another generation's tables. A shorter time
/// would save little room.
const REMEMBERED: Micros = 10 * DAY;

/// Knows the newest `write_ts` that was written, which is the time here, and which tables let rows go.
#[derive(Debug, Default)]
pub(super) struct Expiry {
    now: AtomicI64,
    kept: RwLock<HashMap<String, Micros>>,
}

impl Expiry {
    /// A row was written at this time.
    pub(super) fn saw(&self, write_ts: Micros) {
        self.now.fetch_max(write_ts, Ordering::Relaxed);
    }

    /// Rows of this table are kept as long as it says, in the keyspace of this name.
    pub(super) fn knows(&self, keyspace: &str, table: &Table) {
        if let Some(kept) = table.kept {
            self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(keyspace.to_owned(), kept);
        }
    }

    /// The compaction filter of the keyspace of this name.
    pub(super) fn of(self: &Arc<Self>, keyspace: &str) -> Arc<dyn Factory> {
        Arc::new(Filter { expiry: Arc::clone(self), keyspace: keyspace.to_owned() })
    }
}

struct Filter {
    expiry: Arc<Expiry>,
    keyspace: String,
}

impl Factory for Filter {
    fn name(&self) -> &'static str {
        "feira expiry"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        let now = self.expiry.now.load(Ordering::Relaxed);
        let kept = self.expiry.kept.read().unwrap_or_else(PoisonError::into_inner).get(&self.keyspace).copied();
        Box::new(Before {
            tombstones: now.saturating_sub(REMEMBERED),
            rows: kept.map_or(Micros::MIN, |kept| now.saturating_sub(kept)),
        })
    }
}

/// Removes tombstones and rows from before these times.
struct Before {
    tombstones: Micros,
    rows: Micros,
}

impl CompactionFilter for Before {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> CompactionFilterResult {
        // A large row lies apart, and would be read from there: it is no tombstone, and of many tables none ever goes.
        if item.is_indirection() && self.rows == Micros::MIN {
            return Ok(Verdict::Keep);
        }
        let value = item.value()?;
        let before = if value.len() == STAMP { self.tombstones } else { self.rows };
        let old = stamp(&value).is_some_and(|stamp| stamp < before);
        // Not `Destroy`: an older put of the same key may lie in a deeper level.
        Ok(if old { Verdict::Remove } else { Verdict::Keep })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use feira_schemas::row::{Row, RowKey, Stored, Table, Write};
    use fjall::Keyspace;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::state::{embedded::EmbeddedState, key};

    const COUNTER: Table = Table {
        keyspace: "t",
        name: "counter",
        generation: 1,
        partition_key: &["id"],
        clustering_key: &[],
        kept: None,
    };
    const PASSING: Table = Table { name: "passing", kept: Some(100), ..COUNTER };

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Counter {
        id: i64,
    }

    impl Stored for Counter {
        const TABLE: Table = COUNTER;
    }
    impl Row for Counter {
        fn key(&self) -> RowKey {
            RowKey::new([self.id.into()], [])
        }
    }

    async fn open(folder: &Path) -> (EmbeddedState, Keyspace) {
        let state = EmbeddedState::open(folder).unwrap();
        state.ensure_tables(&[COUNTER, PASSING]).await.unwrap();
        let keyspace = state.0.table(COUNTER).unwrap();
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
        assert!(state.get::<Counter>(COUNTER, &Counter { id: 3 }.key()).unwrap().is_none(), "that of 3 still holds");
        for id in [1, 4] {
            assert!(state.get::<Counter>(COUNTER, &Counter { id }.key()).unwrap().is_some());
        }
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Passing(Counter);

    impl Stored for Passing {
        const TABLE: Table = PASSING;
    }
    impl Row for Passing {
        fn key(&self) -> RowKey {
            self.0.key()
        }
    }

    #[tokio::test]
    async fn rows_go_when_their_tables_time_for_them_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (state, _) = open(folder.path()).await;
        let passing = state.0.table(PASSING).unwrap();
        let put = |id, write_ts| Write::put(Passing(Counter { id }), write_ts);
        state.write(&[put(1, 1), put(2, 50), Write::put(Counter { id: 1 }, 1)]).await.unwrap();
        compact(&passing);
        assert_eq!(entries(&passing), 2, "nothing is old yet");
        state.write(&[put(3, 120)]).await.unwrap();
        compact(&passing);
        assert_eq!(entries(&passing), 2, "the first is let go");
        assert!(state.get::<Passing>(PASSING, &Passing(Counter { id: 1 }).key()).unwrap().is_none());
        assert!(state.get::<Passing>(PASSING, &Passing(Counter { id: 2 }).key()).unwrap().is_some());
        let kept = state.0.table(COUNTER).unwrap();
        compact(&kept);
        assert_eq!(entries(&kept), 1, "other tables keep theirs for ever");
    }
}
