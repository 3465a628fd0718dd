//! A product's way, from the merchant's command to the buyer's card and search: the same steps for every way to run.

use feira::node::Node;
use feira_connectors::search::{SearchPage, SearchQuery, ShardError};
use feira_schemas::{
    api::product::product_content,
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

/// A product at every limit at once, its letters of two bytes each.
fn largest() -> ProductContent {
    let long = |count: usize, end: &str| format!("{}{end}", "ã".repeat(count - end.len()));
    let names = ["c", "t", "m"].map(|end| long(100, end));
    let value = |index: usize| long(100, &format!("v{index}"));
    let options: Vec<_> = names
        .iter()
        .zip([16, 16, 8])
        .map(|(name, count)| json!({"name": name, "values": (0..count).map(value).collect::<Vec<_>>()}))
        .collect();
    let price = |amount: usize| json!({"amount": amount, "currency": "BRL"});
    let variant = |number: usize| {
        let chosen = [number / 128, number / 8 % 16, number % 8];
        let options: serde_json::Map<_, _> =
            names.iter().zip(chosen).map(|(name, index)| (name.clone(), json!(value(index)))).collect();
        json!({
            "sku": format!("{number:064}"), "barcode": format!("{number:064}"), "options": options, "price": price(1_000 + number),
            "compare_at_price": price(9_000), "cost": price(500), "weight_grams": 100, "stock": 1
        })
    };
    let body = json!({
        "name": long(255, " maior"), "description": "é".repeat(32 * 1_024), "vendor": long(255, "v"), "status": "published",
        "tags": (0..100).map(|number| long(60, &format!("t{number}"))).collect::<Vec<_>>(),
        "options": options, "variants": (0..2_048).map(variant).collect::<Vec<_>>(),
        "seo": {"title": long(255, "s"), "description": long(255, "d")}
    });
    assert!(body.to_string().len() < 4 * 1_024 * 1_024, "{}", body.to_string().len());
    product_content(serde_json::from_value(body).unwrap()).unwrap()
}

/// The largest product goes its way like any other; one that fits no record is refused, and nothing else waits for it.
pub async fn the_largest_passes_and_a_larger_one_is_refused(node: &Node, shop: TenantId) {
    let created = admin(node, CreateProduct { meta: meta(shop), content: largest() }).await;
    assert_eq!(created.outcome, Outcome::Created, "{:?}", created.detail);
    let too_large =
        ProductContent { description: "x".repeat(4 * 1_024 * 1_024 - 32 * 1_024), ..content("Demais", 100) };
    let refused = admin(node, CreateProduct { meta: meta(shop), content: too_large }).await;
    assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("too_large")));
    let last = admin(node, CreateProduct { meta: meta(shop), content: content("Depois", 100) }).await;
    for view in ["storefront", "search"] {
        shown(node, view, position(&last)).await;
    }
    let hits = found(node, shop, "maior").await;
    let card = node.storefront.cards(shop, &[hits.hits[0].product_id]).await.unwrap().remove(0);
    assert_eq!((hits.total, card.variants.len(), card.price.amount), (1, 2_048, 1_000));
    assert_eq!(found(node, shop, "demais").await.total, 0);
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
