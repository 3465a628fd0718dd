//! Contract of the store of sessions: embedded, and CQL where a cluster is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use feira_connectors::{sessions::SessionStore, state::CqlSettings};
use feira_schemas::{
    ids::{Micros, ProductId, StaffId, TenantId, VariantId},
    rows::sessions::{AskingRow, CART_KEPT, CartLine, CartRow, CartWrite, FailureRow, SEEN_EVERY, SessionRow},
    time::MINUTE,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Each adapter once; the folder lives as long as its guard.
async fn stores() -> (Vec<SessionStore>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = vec![SessionStore::embedded(&folder.path().join("sessions")).await.unwrap()];
    if let Some(nodes) = support::service("FEIRA_SCYLLA_NODES") {
        let settings = CqlSettings { read_timeout: Duration::from_secs(30), ..CqlSettings::new(nodes.split(',')) };
        stores.push(SessionStore::cql(&settings).await.unwrap());
    }
    (stores, folder)
}

/// The present: a cluster lets rows go by its own clock.
fn now() -> Micros {
    Micros::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::new_v4())
}

fn session(tenant_id: TenantId, made_at: Micros) -> SessionRow {
    let (token_hash, host, staff_id) = ("ab".repeat(32), "localhost".to_owned(), StaffId::from_uuid(Uuid::now_v7()));
    SessionRow { tenant_id, token_hash, staff_id, host, made_at, seen_at: made_at, ended_before: 7 }
}

fn failure(tenant_id: TenantId, whose: &str, at: Micros) -> FailureRow {
    FailureRow { tenant_id, whose: whose.to_owned(), at, failure_id: Uuid::new_v4() }
}

#[tokio::test]
async fn a_session_is_its_tenants_and_found_by_its_hash_alone() {
    let (stores, _folder) = stores().await;
    for store in &stores {
        let made = session(tenant(), now());
        store.keep(&made).await.unwrap();
        assert_eq!(store.session(made.tenant_id, &made.token_hash).await.unwrap(), Some(made.clone()));
        assert_eq!(store.session(tenant(), &made.token_hash).await.unwrap(), None, "of another tenant");
        assert_eq!(store.session(made.tenant_id, &"cd".repeat(32)).await.unwrap(), None);
        let seen = SessionRow { seen_at: made.made_at + SEEN_EVERY, ..made.clone() };
        store.keep(&seen).await.unwrap();
        store.keep(&made).await.unwrap();
        let kept = store.session(made.tenant_id, &made.token_hash).await.unwrap();
        assert_eq!(kept, Some(seen), "what is written late is older");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_brought_back_by_who_saw_it() {
    let (stores, _folder) = stores().await;
    for store in &stores {
        let made = session(tenant(), now());
        store.keep(&made).await.unwrap();
        // The clock of who ends it may be behind.
        store.end(&made, made.made_at - 5 * MINUTE).await.unwrap();
        store.keep(&SessionRow { seen_at: made.made_at + 100 * SEEN_EVERY, ..made.clone() }).await.unwrap();
        assert_eq!(store.session(made.tenant_id, &made.token_hash).await.unwrap(), None);
    }
}

#[tokio::test]
async fn failures_are_counted_from_a_time_on_one_by_one_and_taken_back_alone() {
    let (stores, _folder) = stores().await;
    for store in &stores {
        let (tenant, now) = (tenant(), now());
        let (term, source) = ("term:00", "source:192.0.2.1");
        let of_term: Vec<FailureRow> = (0..6).map(|minutes| failure(tenant, term, now - minutes * MINUTE)).collect();
        store.fail(&of_term).await.unwrap();
        store.fail(&[failure(tenant, source, now), failure(self::tenant(), term, now)]).await.unwrap();
        let count = async |whose, since, limit| store.failures(tenant, whose, since, limit).await.unwrap().len();
        assert_eq!(count(term, now - 14 * MINUTE, 100).await, 6);
        assert_eq!(count(term, now - 14 * MINUTE, 4).await, 4);
        assert_eq!(count(term, now - 2 * MINUTE, 100).await, 3, "that of the time itself counts");
        assert_eq!(count(source, now - 2 * MINUTE, 100).await, 1);
        store.forgive(&of_term[..1]).await.unwrap();
        assert_eq!(count(term, now - 2 * MINUTE, 100).await, 2);
        // Two at one time are two.
        store.fail(&[failure(tenant, source, now)]).await.unwrap();
        assert_eq!(count(source, now, 100).await, 2);
    }
}

fn asking(tenant_id: TenantId, whose: &str, at: Micros) -> AskingRow {
    let (whose, shop_id, entity_id) = (whose.to_owned(), tenant(), Uuid::new_v4());
    AskingRow { tenant_id, whose, newest_first: -at, shop_id, entity_id }
}

#[tokio::test]
async fn askings_are_read_the_newest_first_and_taken_back_alone() {
    let (stores, _folder) = stores().await;
    for store in &stores {
        let (tenant, now) = (tenant(), now());
        let all: Vec<AskingRow> = (0..4).map(|minutes| asking(tenant, "email:00", now - minutes * MINUTE)).collect();
        store.ask(&all).await.unwrap();
        store.ask(&[asking(tenant, "email:01", now), asking(self::tenant(), "email:00", now)]).await.unwrap();
        assert_eq!(store.askings(tenant, "email:00", 10).await.unwrap(), all);
        assert_eq!(store.askings(tenant, "email:00", 2).await.unwrap(), all[..2]);
        store.unask(&all[..1]).await.unwrap();
        assert_eq!(store.askings(tenant, "email:00", 10).await.unwrap(), all[1..]);
    }
}

/// A cart of one line, and of as many pieces.
fn cart(tenant_id: TenantId, at: Micros, pieces: i64) -> CartRow {
    let [product, variant] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let (product_id, variant_id) = (ProductId::from_uuid(product), VariantId::from_uuid(variant));
    let lines = vec![CartLine { product_id, variant_id, quantity: pieces, seen_price: 4_000_000_000 }];
    let write = CartWrite { key_hash: "a".into(), asked_hash: "b".into(), known_until: at + 4_000_000_000 };
    let mut cart = CartRow { lines, pieces, done: vec![write], ..CartRow::empty(tenant_id, "ef".repeat(32)) };
    cart.change(at);
    cart
}

#[tokio::test]
async fn s94_a_cart_is_its_shops_and_its_last_change_is_kept() {
    let (stores, _folder) = stores().await;
    for store in &stores {
        let (tenant, now) = (tenant(), now());
        let first = cart(tenant, now, 1);
        store.keep_cart(&first).await.unwrap();
        let (coupon, draft) = (Some("VERAO".into()), Some("sealed".into()));
        let later = CartRow { coupon, draft, ..cart(tenant, now + 1, 2) };
        store.keep_cart(&later).await.unwrap();
        store.keep_cart(&first).await.unwrap();
        assert_eq!(store.cart(tenant, &first.cart_hash).await.unwrap(), Some(later), "what comes late is older");
        assert_eq!(store.cart(self::tenant(), &first.cart_hash).await.unwrap(), None, "of another shop");
        assert_eq!(store.cart(tenant, &"00".repeat(32)).await.unwrap(), None);
        // One on its last day is there as it was; one that is over is gone, or is that very one, which says so itself.
        let old = CartRow { cart_hash: "11".repeat(32), ..cart(tenant, now - CART_KEPT + 60 * MINUTE, 1) };
        let over = CartRow { cart_hash: "22".repeat(32), ..cart(tenant, now - CART_KEPT, 1) };
        store.keep_cart(&old).await.unwrap();
        store.keep_cart(&over).await.unwrap();
        let read = async |cart: &CartRow| store.cart(tenant, &cart.cart_hash).await.unwrap();
        let (read_old, read_over) = (read(&old).await, read(&over).await);
        assert_eq!(read_old, Some(old));
        assert!(over.is_over(now) && [None, Some(over)].contains(&read_over), "{read_over:?}");
    }
}

#[tokio::test]
async fn an_embedded_store_is_read_back_and_is_one_process_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = SessionStore::embedded(folder.path()).await.unwrap();
    let (kept, ended) = (session(tenant(), now()), session(tenant(), now()));
    store.keep(&kept).await.unwrap();
    store.keep(&ended).await.unwrap();
    store.end(&ended, ended.made_at).await.unwrap();
    let cart = cart(tenant(), now(), 3);
    store.keep_cart(&cart).await.unwrap();
    assert!(SessionStore::embedded(folder.path()).await.is_err());
    drop(store);
    let store = SessionStore::embedded(folder.path()).await.unwrap();
    assert_eq!(store.cart(cart.tenant_id, &cart.cart_hash).await.unwrap(), Some(cart));
    assert_eq!(store.session(kept.tenant_id, &kept.token_hash).await.unwrap(), Some(kept));
    assert_eq!(store.session(ended.tenant_id, &ended.token_hash).await.unwrap(), None);
}
