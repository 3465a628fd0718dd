//! A product's way, within one process and across several.

use feira::{config::Role, node::Node};
use feira_connectors::search::{SearchQuery, ShardError};
use feira_schemas::topics::Context;

use crate::common::{
    products::{the_largest_passes_and_a_larger_one_is_refused, walk},
    services::{distributed, services, subdomain},
    tenant,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_goes_its_way_in_one_process_with_all_roles() {
    let Some(_alone) = services().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&distributed(folder.path(), Role::ALL)).await.unwrap();
    let (shop, other) = (tenant(&node, &subdomain("moda")).await, tenant(&node, &subdomain("casa")).await);
    walk(&node, &node, shop, other).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_the_largest_product_passes_and_a_larger_one_is_refused() {
    let Some(_alone) = services().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&distributed(folder.path(), Role::ALL)).await.unwrap();
    let shop = tenant(&node, &subdomain("enorme")).await;
    the_largest_passes_and_a_larger_one_is_refused(&node, shop).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_only_asks_sees_what_others_decide_and_show() {
    let Some(_alone) = services().await else { return };
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [deciding, showing, asking] = [0, 1, 2].map(|index: usize| folders[index].path());
    let decides = Context::ALL.map(Role::Context).into_iter().chain([Role::Effects]);
    let deciding = Node::start(&distributed(deciding, decides)).await.unwrap();
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
