//! A record that fails waits with its own later ones; everything else goes on, and nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{PATIENCE, admin, config, meta, position, shown, tenant};
use feira::node::Node;
use feira_connectors::search::SearchQuery;
use feira_schemas::{
    catalogue::product_content,
    ids::ProductId,
    records::admin::{CreateProduct, PatchProduct, ProductContent},
    rows::storefront::ParkedRow,
};
use serde_json::json;

fn content(name: &str) -> ProductContent {
    let body = json!({
        "name": name, "status": "published", "variants": [{"price": {"amount": 100, "currency": "BRL"}, "stock": 3}]
    });
    product_content(serde_json::from_value(body).unwrap()).unwrap()
}

async fn total(node: &Node, shop: feira_schemas::ids::TenantId, text: &str) -> u64 {
    let query = SearchQuery { text: Some(text.into()), limit: 1, ..SearchQuery::default() };
    node.search.search(shop, &query).await.unwrap().total
}

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "{what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_poison_product_waits_with_its_followers_and_comes_in_when_its_cause_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let first = admin(&node, CreateProduct { meta: meta(shop), content: content("Camisa velha") }).await;
    shown(&node, "search", position(&first)).await;
    let poisoned: ProductId = first.aggregate_id.clone().unwrap().parse().unwrap();
    fail::cfg("view::poison", &format!("return({poisoned})")).unwrap();

    for name in ["Camisa azul", "Camisa nova"] {
        let merge_patch = json!({"name": name}).to_string();
        admin(&node, PatchProduct { meta: meta(shop), product_id: poisoned, merge_patch }).await;
    }
    let mut last = None;
    for number in 0..50 {
        let name = format!("Meia número {number}");
        last = Some(admin(&node, CreateProduct { meta: meta(shop), content: content(&name) }).await);
    }
    for view in ["search", "storefront"] {
        shown(&node, view, position(last.as_ref().unwrap())).await;
    }
    assert_eq!(total(&node, shop, "meia").await, 50, "the others of the same shop do not wait");
    assert_eq!((total(&node, shop, "velha").await, total(&node, shop, "nova").await), (1, 0));
    let partition = node.platform.partition_of(shop);
    let parked = node.platform.state.scan::<ParkedRow>(&ParkedRow::all("search", partition), None, 10).await.unwrap();
    assert_eq!((parked.len(), parked[0].offsets.len()), (1, 2), "both changes wait, in order: {parked:?}");

    // What waits survives a restart.
    node.stop().await.unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    assert_eq!((total(&node, shop, "velha").await, total(&node, shop, "nova").await), (1, 0));

    fail::remove("view::poison");
    until("its last change wins once the cause is gone", || async { total(&node, shop, "nova").await == 1 }).await;
    assert_eq!((total(&node, shop, "velha").await, total(&node, shop, "azul").await), (0, 0));
    until("nothing waits any more", || async {
        let rows = node.platform.state.scan::<ParkedRow>(&ParkedRow::all("search", partition), None, 10).await.unwrap();
        rows.is_empty()
    })
    .await;
    node.stop().await.unwrap();
}
