//! A product's way, from the merchant's command to the buyer's card and search: in one process in either mode, and across several.

use feira_connectors::search::{SearchQuery, ShardError};
use feira_node::{config::Role, node::Node};
use feira_schemas::{
    api::product::product_content,
    ids::{ProductId, TenantId},
    records::{
        admin::{CreateProduct, DeleteProduct, PatchProduct, ProductContent},
        common::Outcome,
    },
    topics::Context,
};
use serde_json::json;

use crate::common::{
    Bed, admin, meta, position,
    products::{content, found},
    services::{distributed, services, subdomain},
    shown, tenant,
};

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
async fn the_largest_passes_and_a_larger_one_is_refused(node: &Node, shop: TenantId) {
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

/// Walks: created, found, renamed, gone; and never seen in the other shop. `asks` sends and reads cards, `searches` has the shards.
async fn walk(asks: &Node, searches: &Node, shop: TenantId, other: TenantId) {
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

#[tokio::test(flavor = "multi_thread")]
async fn s80_s82_a_product_becomes_card_and_search_hit_and_goes_again() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    let (shop, other) = (tenant(&node, &subdomain("moda")).await, tenant(&node, &subdomain("casa")).await);
    walk(&node, &node, shop, other).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_the_largest_product_passes_and_a_larger_one_is_refused() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    let shop = tenant(&node, &subdomain("enorme")).await;
    the_largest_passes_and_a_larger_one_is_refused(&node, shop).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    let shop = tenant(&node, &subdomain("livros")).await;
    let created = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    shown(&node, "search", position(&created)).await;
    node.stop().await.unwrap();

    let node = bed.start().await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&created)).await;
    }
    assert_eq!(found(&node, shop, "mar").await.total, 1);
    assert!(node.storefront.by_slug(shop, "o-mar-sem-fim").await.unwrap().is_some());
    let again = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    assert!(again.body.unwrap().contains("o-mar-sem-fim-2"), "the address of the first is known after the restart");
    node.stop().await.unwrap();
}

/// Told on the services alone: embedded parts are those of one process.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_asks_sees_what_others_decide_and_show() {
    let Some(_alone) = services().await else { return };
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [deciding, showing, asking] = [0, 1, 2].map(|index: usize| folders[index].path());
    let deciding =
        Node::start(&distributed(deciding, Context::ALL.map(Role::Context).into_iter().chain([Role::Effects])))
            .await
            .unwrap();
    let showing = Node::start(&distributed(showing, [Role::Search, Role::Panel, Role::Storefront])).await.unwrap();
    let asking = Node::start(&distributed(asking, [Role::Api])).await.unwrap();
    let (shop, other) = (tenant(&asking, &subdomain("moda")).await, tenant(&asking, &subdomain("casa")).await);
    walk(&asking, &showing, shop, other).await;

    let refused = asking.search.search(shop, &SearchQuery { limit: 1, ..SearchQuery::default() }).await;
    assert!(matches!(refused, Err(ShardError::Elsewhere { .. })), "no shard is no empty shop: {refused:?}");
    for node in [asking, showing, deciding] {
        node.stop().await.unwrap();
    }
}
