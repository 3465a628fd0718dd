//! Real input, on the real services: Shopify's exports as merchants bring them, and 1,151 real sellers' catalogues.

use feira::{config::Role, node::Node};

use crate::common::{
    data,
    process::{Mode, Process},
    sellers,
    services::{distributed, services},
    shopify,
};

#[tokio::test(flavor = "multi_thread")]
async fn f07_shopify_exports_come_in_once_and_every_product_is_found_by_its_name() {
    let (Some(_alone), Some(exports)) = (services().await, data("shopify")) else { return };
    let process = Process::start(Mode::Distributed).await;
    shopify::exports_come_in_once(&process, &exports).await;
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_real_sellers_become_shops_and_each_shows_only_its_own() {
    let (Some(_alone), Some(orders)) = (services().await, data("olist")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&distributed(folder.path(), Role::ALL)).await.unwrap();
    sellers::become_shops(&node, &orders).await;
    node.stop().await.unwrap();
}
