//! State made once more, from the log alone, and laid beside the state that went through all the ends.

use std::collections::BTreeMap;

use feira_connectors::state::State;
use feira_contexts::{Decider, admin::Admin, directory::Directory, store::Store};
use feira_schemas::{
    records::{AdminEvent, DirectoryEvent, StoreEvent},
    row::{RowKey, Stored, Write},
    rows::{CQL, TABLES, admin, directory, store, storefront},
};
use feira_streams::{processor::rows_of, views::storefront::rows as shown_rows};
use serde_json::Value;
use tempfile::TempDir;

/// A fold of the log in a folder of its own.
pub struct Fresh {
    state: State,
    _folder: TempDir,
}

impl Fresh {
    /// Folds these events, each with its partition.
    pub async fn of(
        directory: &[(u32, DirectoryEvent)],
        admin: &[(u32, AdminEvent)],
        store: &[(u32, StoreEvent)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::embedded(folder.path()).unwrap();
        state.ensure_tables(TABLES, CQL).await.unwrap();
        let mut writes = writes::<Directory>(directory);
        writes.extend(self::writes::<Admin>(admin));
        writes.extend(self::writes::<Store>(store));
        writes.extend(store.iter().flat_map(|(_, event)| shown_rows(event)));
        state.write(&writes).await.unwrap();
        Self { state, _folder: folder }
    }
}

fn writes<D: Decider>(events: &[(u32, D::Event)]) -> Vec<Write> {
    events.iter().flat_map(|(partition, event)| rows_of::<D>(event, *partition).unwrap()).collect()
}

/// A table's name, its rows as they are, and as they should be.
pub type Compared = (String, BTreeMap<RowKey, Value>, BTreeMap<RowKey, Value>);

/// Every table but the positions of consumers and what is parked, which are no fold of events.
pub async fn compare(found: &State, fresh: &Fresh) -> Vec<Compared> {
    let expected = &fresh.state;
    vec![
        table::<directory::NameRow>(found, expected).await,
        table::<directory::AnswerRow>(found, expected).await,
        table::<admin::TenantRow>(found, expected).await,
        table::<admin::SettingsRow>(found, expected).await,
        table::<admin::TokenRow>(found, expected).await,
        table::<admin::ShopNameRow>(found, expected).await,
        table::<admin::ProductRow>(found, expected).await,
        table::<admin::ProductSlugRow>(found, expected).await,
        table::<admin::CategoryRow>(found, expected).await,
        table::<admin::CategorySlugRow>(found, expected).await,
        table::<admin::AnswerRow>(found, expected).await,
        table::<store::ShopRow>(found, expected).await,
        table::<store::StockRow>(found, expected).await,
        table::<store::LowStockRow>(found, expected).await,
        table::<store::ListingRow>(found, expected).await,
        table::<store::ProductMethodsRow>(found, expected).await,
        table::<store::CategoryRow>(found, expected).await,
        table::<store::AnswerRow>(found, expected).await,
        table::<directory::TimerRow>(found, expected).await,
        table::<admin::TimerRow>(found, expected).await,
        table::<store::TimerRow>(found, expected).await,
        table::<storefront::ShopRow>(found, expected).await,
        table::<storefront::CardRow>(found, expected).await,
        table::<storefront::CardSlugRow>(found, expected).await,
        table::<storefront::CategoryRow>(found, expected).await,
    ]
}

async fn table<R: Stored>(found: &State, expected: &State) -> Compared {
    let name = format!("{}.{}", R::TABLE.keyspace, R::TABLE.name);
    (name, as_json::<R>(found).await, as_json::<R>(expected).await)
}

async fn as_json<R: Stored>(state: &State) -> BTreeMap<RowKey, Value> {
    rows::<R>(state).await.iter().map(|row| (row.key(), serde_json::to_value(row).unwrap())).collect()
}

/// All rows of a table.
pub async fn rows<R: Stored>(state: &State) -> Vec<R> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = state.scan_table::<R>(cursor, 1_000).await.unwrap();
        rows.extend(page.rows);
        cursor = page.next;
        if cursor.is_none() {
            return rows;
        }
    }
}
