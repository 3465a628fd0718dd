//! Real input, on the embedded parts: Shopify's exports as merchants bring them, and 1,151 real sellers' catalogues.

use crate::common::{
    config, data,
    process::{Mode, Process},
    sellers, shopify,
};
use feira::node::Node;

#[tokio::test(flavor = "multi_thread")]
async fn f07_shopify_exports_come_in_once_and_every_product_is_found_by_its_name() {
    let Some(exports) = data("shopify") else { return };
    let process = Process::start(Mode::Embedded).await;
    shopify::exports_come_in_once(&process, &exports).await;
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_real_sellers_become_shops_and_each_shows_only_its_own() {
    let Some(orders) = data("olist") else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    sellers::become_shops(&node, &orders).await;
    node.stop().await.unwrap();
}
