//! A product's way, from the merchant's command to the buyer's card and search, on the embedded parts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{admin, config, meta, position, shown, tenant};
use feira::node::Node;
use feira_connectors::search::SearchQuery;
use feira_schemas::{
    catalogue::product_content,
    ids::ProductId,
    records::{
        admin::{CreateProduct, DeleteProduct, PatchProduct, ProductContent},
        common::Outcome,
    },
};
use serde_json::json;

fn content(name: &str, amount: i64) -> ProductContent {
    let body = json!({
        "name": name, "status": "published", "tags": ["novo"],
        "variants": [{"price": {"amount": amount, "currency": "BRL"}, "stock": 3}]
    });
    product_content(serde_json::from_value(body).unwrap()).unwrap()
}

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: Some(text.into()), limit: 10, ..SearchQuery::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn s80_s82_a_product_becomes_card_and_search_hit_and_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let other = tenant(&node, "casa").await;

    let created = admin(&node, CreateProduct { meta: meta(shop), content: content("Calça de linho", 12_990) }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");
    for view in ["storefront", "search"] {
        shown(&node, view, position(&created)).await;
    }
    let card = node.storefront.by_slug(shop, "calca-de-linho").await.unwrap().unwrap().card().unwrap();
    assert_eq!((card.price.amount, card.available), (12_990, true));
    let found = node.search.search(shop, &query("calcas linh")).await.unwrap();
    assert_eq!((found.total, found.hits[0].product_id), (1, card.id));
    assert!(node.storefront.by_slug(other, "calca-de-linho").await.unwrap().is_none());
    assert_eq!(node.search.search(other, &query("calça")).await.unwrap().total, 0);

    let product_id: ProductId = created.aggregate_id.unwrap().parse().unwrap();
    let patch =
        PatchProduct { meta: meta(shop), product_id, merge_patch: r#"{"slug": "calca", "name": "Calça"}"#.into() };
    let patched = admin(&node, patch).await;
    assert_eq!((patched.outcome, patched.version), (Outcome::Updated, Some(2)), "{patched:?}");
    shown(&node, "storefront", position(&patched)).await;
    let old_address = node.storefront.by_slug(shop, "calca-de-linho").await.unwrap().unwrap().card().unwrap();
    assert_eq!(old_address.slug, "calca", "the old address leads to the product, whose own is the new one");

    let deleted = admin(&node, DeleteProduct { meta: meta(shop), product_id }).await;
    assert_eq!(deleted.outcome, Outcome::Deleted);
    for view in ["storefront", "search"] {
        shown(&node, view, position(&deleted)).await;
    }
    assert!(node.storefront.by_slug(shop, "calca").await.unwrap().is_none());
    assert_eq!(node.search.search(shop, &query("calça")).await.unwrap().total, 0);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "livros").await;
    let created = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    shown(&node, "search", position(&created)).await;
    node.stop().await.unwrap();

    let node = Node::start(&config(&folder)).await.unwrap();
    shown(&node, "search", position(&created)).await;
    assert_eq!(node.search.search(shop, &query("mar")).await.unwrap().total, 1);
    assert!(node.storefront.by_slug(shop, "o-mar-sem-fim").await.unwrap().is_some());
    let again = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    assert!(again.body.unwrap().contains("o-mar-sem-fim-2"), "the address of the first is known after the restart");
    node.stop().await.unwrap();
}
