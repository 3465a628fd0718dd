//! A product's way, from the merchant's command to the buyer's card and search, on the embedded parts.

use crate::common::{
    admin, config, meta, position,
    products::{content, found, the_largest_passes_and_a_larger_one_is_refused, walk},
    shown, tenant,
};
use feira::node::Node;
use feira_schemas::records::admin::CreateProduct;

#[tokio::test(flavor = "multi_thread")]
async fn s80_s82_a_product_becomes_card_and_search_hit_and_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    let (shop, other) = (tenant(&node, "moda").await, tenant(&node, "casa").await);
    walk(&node, &node, shop, other).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_the_largest_product_passes_and_a_larger_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "enorme").await;
    the_largest_passes_and_a_larger_one_is_refused(&node, shop).await;
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
    assert_eq!(found(&node, shop, "mar").await.total, 1);
    assert!(node.storefront.by_slug(shop, "o-mar-sem-fim").await.unwrap().is_some());
    let again = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    assert!(again.body.unwrap().contains("o-mar-sem-fim-2"), "the address of the first is known after the restart");
    node.stop().await.unwrap();
}
