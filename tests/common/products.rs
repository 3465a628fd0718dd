//! A product's way, from the merchant's command to the buyer's card and search: the same steps for every way to run.

use feira::node::Node;
use feira_connectors::search::{SearchPage, SearchQuery, ShardError};
use feira_schemas::{
    catalogue::product_content,
    ids::{ProductId, TenantId},
    records::{
        admin::{CreateProduct, DeleteProduct, PatchProduct, ProductContent},
        common::Outcome,
    },
};
use serde_json::json;

use super::{PATIENCE, admin, meta, position, shown};

/// A published product with one variant, three in stock.
pub fn content(name: &str, amount: i64) -> ProductContent {
    let body = json!({
        "name": name, "status": "published", "tags": ["novo"],
        "variants": [{"price": {"amount": amount, "currency": "BRL"}, "stock": 3}]
    });
    product_content(serde_json::from_value(body).unwrap()).unwrap()
}

/// What the shop's search finds. A process that has just taken the shop's partition says so until it has caught up.
pub async fn found(node: &Node, shop: TenantId, text: &str) -> SearchPage {
    let query = SearchQuery { text: Some(text.into()), limit: 10, ..SearchQuery::default() };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match node.search.search(shop, &query).await {
            Err(ShardError::Elsewhere { .. }) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            found => return found.unwrap(),
        }
    }
}

/// Walks: created, found, renamed, gone; and never seen in the other shop. `asks` sends and reads cards, `searches` has the shards.
pub async fn walk(asks: &Node, searches: &Node, shop: TenantId, other: TenantId) {
    let created = admin(asks, CreateProduct { meta: meta(shop), content: content("Calça de linho", 12_990) }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");
    for view in ["storefront", "search"] {
        shown(asks, view, position(&created)).await;
    }
    let card = asks.storefront.by_slug(shop, "calca-de-linho").await.unwrap().unwrap().card().unwrap();
    assert_eq!((card.price.amount, card.available), (12_990, true));
    let hits = found(searches, shop, "calcas linh").await;
    assert_eq!((hits.total, hits.hits[0].product_id), (1, card.id));
    assert!(asks.storefront.by_slug(other, "calca-de-linho").await.unwrap().is_none());
    assert_eq!(found(searches, other, "calça").await.total, 0);

    let product_id: ProductId = created.aggregate_id.unwrap().parse().unwrap();
    let merge_patch = r#"{"slug": "calca", "name": "Calça"}"#.to_owned();
    let patched = admin(asks, PatchProduct { meta: meta(shop), product_id, merge_patch }).await;
    assert_eq!((patched.outcome, patched.version), (Outcome::Updated, Some(2)), "{patched:?}");
    shown(asks, "storefront", position(&patched)).await;
    let old_address = asks.storefront.by_slug(shop, "calca-de-linho").await.unwrap().unwrap().card().unwrap();
    assert_eq!(old_address.slug, "calca", "the old address leads to the product, whose own is the new one");

    let deleted = admin(asks, DeleteProduct { meta: meta(shop), product_id }).await;
    assert_eq!(deleted.outcome, Outcome::Deleted);
    for view in ["storefront", "search"] {
        shown(asks, view, position(&deleted)).await;
    }
    assert!(asks.storefront.by_slug(shop, "calca").await.unwrap().is_none());
    assert_eq!(found(searches, shop, "calça").await.total, 0);
}
