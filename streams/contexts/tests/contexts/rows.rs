//! The rows that decisions see: what was loaded, and over it what the batch has changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use feira_contexts::{Known, Need, NotKept, Place, RowCache, Rows, admin::Admin, directory::Directory, store::Store};
use feira_schemas::{
    generations::KEYSPACES,
    records::{
        admin::ProvisionTenant,
        directory::{ClaimName, NameAsker},
        store::SetStock,
    },
    row::{AnyRow, Row, RowKey, Stored, Write},
    rows::store::CategoryRow,
    topics::Context,
};

use crate::given::{NOW, asked, category_id, nothing, product_id, tenant, variant_id};

/// A cache that keeps all, and counts how often it was told that a batch has ended.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<(HashMap<Place, Known>, usize)>>);

impl RowCache for Kept {
    fn get(&self, place: &Place) -> Option<Known> {
        self.0.lock().unwrap().0.get(place).cloned()
    }
    fn keep(&self, place: Place, known: Known) {
        self.0.lock().unwrap().0.insert(place, known);
    }
    fn evict(&self, place: &Place) {
        self.0.lock().unwrap().0.remove(place);
    }
    fn settle(&self) {
        self.0.lock().unwrap().1 += 1;
    }
    fn clear(&self) {
        self.0.lock().unwrap().0.clear();
    }
}

fn row(number: u128, version: i64) -> CategoryRow {
    of_shop(1, number, version)
}

fn of_shop(shop: u128, number: u128, version: i64) -> CategoryRow {
    let category = serde_json::json!({
        "category_id": category_id(number), "version": version, "name": "n", "slug": "s", "parent_id": null, "source_version": 1
    });
    CategoryRow::new(tenant(shop), serde_json::from_value(category).unwrap())
}

fn at(number: u128) -> RowKey {
    row(number, 0).key()
}

fn all() -> RowKey {
    RowKey { clustering: vec![], ..at(1) }
}

fn any(row: CategoryRow) -> Arc<dyn AnyRow> {
    Arc::new(row)
}

fn version(rows: &Rows, number: u128) -> Option<i64> {
    rows.get::<CategoryRow>(at(number)).unwrap().map(|row| row.category.version)
}

fn versions(rows: &Rows) -> Vec<(u128, i64)> {
    let found = rows.scan::<CategoryRow>(all()).unwrap();
    let number = |row: &CategoryRow| row.category.category_id.uuid().as_u128() - category_id(0).uuid().as_u128();
    found.iter().map(|row| (number(row), row.category.version)).collect()
}

fn put(row: CategoryRow) -> Write {
    Write::put(row, 1)
}

fn gone(number: u128) -> Write {
    Write::delete::<CategoryRow>(at(number), 1)
}

#[test]
fn a_row_that_is_not_loaded_is_asked_for_by_its_table_and_key() {
    let rows = Rows::over(NotKept);
    let Err(Need::Rows(row_type, keys)) = rows.get::<CategoryRow>(at(1)) else { panic!() };
    assert_eq!((row_type.table, keys), (CategoryRow::TABLE, vec![at(1)]));
    let json = serde_json::to_value(row(1, 7)).unwrap();
    let read: Arc<dyn AnyRow> = row_type.from_json(json.clone()).unwrap();
    assert_eq!(read.to_json().unwrap(), json);
    assert_eq!(row_type.from_bytes(json.to_string().as_bytes()).unwrap().row_key(), at(1));
    assert!(row_type.from_bytes(b"{}").is_err());
}

#[test]
fn all_rows_that_are_not_loaded_are_asked_for_at_once() {
    let mut rows = Rows::over(NotKept);
    rows.know(&CategoryRow::TABLE, at(2), Some(any(row(2, 1))));
    let Err(Need::Rows(_, keys)) = rows.get_many::<CategoryRow>(vec![at(1), at(2), at(3)]) else { panic!() };
    assert_eq!(keys, [at(1), at(3)]);
    rows.know(&CategoryRow::TABLE, at(1), None);
    rows.know(&CategoryRow::TABLE, at(3), Some(any(row(3, 5))));
    let found = rows.get_many::<CategoryRow>(vec![at(1), at(2), at(3)]).unwrap();
    let versions: Vec<_> = found.iter().map(|row| row.as_ref().map(|row| row.category.version)).collect();
    assert_eq!(versions, [None, Some(1), Some(5)]);
}

#[test]
fn a_prefix_that_is_not_loaded_is_asked_for() {
    let rows = Rows::over(NotKept);
    let Err(Need::Prefix(row_type, prefix)) = rows.scan::<CategoryRow>(all()) else { panic!() };
    assert_eq!((row_type.table, prefix), (CategoryRow::TABLE, all()));
}

#[test]
fn what_the_batch_has_changed_lies_over_what_is_loaded() {
    let mut rows = Rows::over(NotKept);
    rows.apply(&[put(row(3, 9)), gone(2), put(row(4, 2)), put(of_shop(2, 5, 1))]);
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(1, 1)), any(row(2, 1)), any(row(3, 1))]);
    assert_eq!(versions(&rows), [(1, 1), (3, 9), (4, 2)], "another shop's is none of these");
}

#[test]
fn what_the_batch_changes_later_is_seen_in_a_prefix_that_is_loaded() {
    let mut rows = Rows::over(NotKept);
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(1, 1)), any(row(3, 1))]);
    rows.apply(&[put(row(2, 4)), gone(1), put(of_shop(2, 5, 1))]);
    assert_eq!(versions(&rows), [(2, 4), (3, 1)]);
    rows.apply(&[put(row(1, 8))]);
    assert_eq!(versions(&rows), [(1, 8), (2, 4), (3, 1)]);
}

#[test]
fn a_row_that_is_known_is_not_replaced_by_the_same_of_a_prefix() {
    let mut rows = Rows::over(NotKept);
    rows.know(&CategoryRow::TABLE, at(1), Some(any(row(1, 7))));
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(1, 1))]);
    assert_eq!(versions(&rows), [(1, 7)]);
}

#[test]
fn a_batch_that_is_in_the_state_leaves_its_rows_to_the_cache() {
    let kept = Kept::default();
    let mut rows = Rows::over(kept.clone());
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(1, 1))]);
    rows.apply(&[put(row(2, 4)), gone(3)]);
    rows.acknowledge();
    assert_eq!((version(&rows, 1), version(&rows, 2), version(&rows, 3)), (Some(1), Some(4), None));
    assert!(rows.scan::<CategoryRow>(all()).is_err(), "which rows there are is not kept: a cache may let some go");
    assert_eq!(kept.0.lock().unwrap().1, 1, "the cache is told once a batch");
}

#[test]
fn rows_that_nobody_asks_for_again_are_seen_by_their_batch_alone() {
    let mut rows = Rows::over(Kept::default());
    rows.apply(&[gone(1)]);
    rows.acknowledge();
    assert_eq!(version(&rows, 1), None, "known to be absent");
    rows.apply_once(&[put(row(1, 2))]);
    assert_eq!(version(&rows, 1), Some(2));
    rows.acknowledge();
    assert!(rows.get::<CategoryRow>(at(1)).is_err(), "neither the row nor its absence is believed");
    rows.apply(&[put(row(1, 3))]);
    rows.acknowledge();
    assert_eq!(version(&rows, 1), Some(3), "what was let go once is kept when it is changed again");
}

#[test]
fn a_batch_that_was_acknowledged_is_changed_no_more_by_the_next_ones_prefix() {
    let mut rows = Rows::over(NotKept);
    rows.apply(&[put(row(2, 4))]);
    rows.acknowledge();
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(1, 1))]);
    assert_eq!(versions(&rows), [(1, 1)], "the state has said which there are");
}

#[test]
fn nothing_is_known_after_another_process_may_have_written() {
    let kept = Kept::default();
    let mut rows = Rows::over(kept.clone());
    rows.apply(&[put(row(1, 1))]);
    rows.acknowledge();
    rows.apply(&[put(row(2, 1))]);
    rows.apply_once(&[put(row(3, 1))]);
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![]);
    rows.forget();
    assert!((1..=3).all(|number| rows.get::<CategoryRow>(at(number)).is_err()));
    assert!(rows.scan::<CategoryRow>(all()).is_err() && kept.0.lock().unwrap().0.is_empty());
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![any(row(2, 9))]);
    assert_eq!(versions(&rows), [(2, 9)], "what was changed is forgotten, too");
    rows.apply(&[put(row(3, 2))]);
    rows.acknowledge();
    assert!(kept.0.lock().unwrap().0.contains_key(&("store", "category", at(3))), "nor is it let go once more");
}

#[test]
fn rows_of_another_table_are_others() {
    let mut rows = Rows::over(NotKept);
    rows.know_prefix(&CategoryRow::TABLE, all(), vec![]);
    let of_admin = feira_schemas::rows::admin::CategoryRow::at(tenant(1), category_id(1));
    rows.apply(&[Write::delete::<feira_schemas::rows::admin::CategoryRow>(of_admin, 1), put(row(1, 1))]);
    assert_eq!(versions(&rows), [(1, 1)]);
}

/// Every decision of these tests is held to it by `given`: here stands one of each context.
#[test]
fn s106_a_context_asks_for_rows_of_its_own_database_and_makes_no_others() {
    let claim =
        ClaimName { meta: asked(), name: "loja".into(), until: NOW + 1, asker: NameAsker::Admin, held_for: 60_000_000 };
    assert_eq!(nothing::<Directory>().when(claim).keyspaces(), ["directory"].into());
    let provision =
        ProvisionTenant { meta: asked(), subdomain: "loja".into(), shop_name: "Loja".into(), token_hash: None };
    assert_eq!(nothing::<Admin>().when(provision).keyspaces(), ["admin"].into());
    let stock =
        SetStock { meta: asked(), product_id: product_id(1), variant_id: variant_id(1), on_hand: 5, reason: None };
    assert_eq!(nothing::<Store>().when(stock).keyspaces(), ["store"].into());
    let databases: Vec<&str> = KEYSPACES.iter().map(|(keyspace, _)| *keyspace).collect();
    assert!(Context::ALL.iter().all(|context| databases.contains(&context.name())), "{databases:?}");
}
