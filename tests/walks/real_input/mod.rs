//! Real input: Shopify's exports as merchants bring them, and 1,151 real sellers' catalogues.

mod sellers;
mod shopify;

use crate::common::{Bed, data, process::Process};

#[tokio::test(flavor = "multi_thread")]
async fn f07_shopify_exports_come_in_once_and_every_product_is_found_by_its_name() {
    let Some(exports) = data("shopify") else { return };
    let Some(bed) = Bed::of_the_environment().await else { return };
    let process = Process::start(bed.mode).await;
    shopify::exports_come_in_once(&process, &exports).await;
    assert!(process.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_real_sellers_become_shops_and_each_shows_only_its_own() {
    let Some(orders) = data("olist") else { return };
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    sellers::become_shops(&node, &orders).await;
    node.stop().await.unwrap();
}
