//! The cache that views write to: what it misses is not forgotten, and what is put late does not lose.

use std::time::Duration;

use fail::FailScenario;
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    groups,
    records::admin::{CategoryContent, CreateCategory, PatchCategory},
    rows::common::Progress,
    topics::Context,
};
use tokio::time::sleep;

use super::product;
use crate::common::{
    PATIENCE, admin, config, embedded, listed_categories, meta, parked, position, shown, tenant, until,
};

/// Longer than a view waits before it keeps its positions.
const KEPT: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn no_position_is_kept_beyond_what_redis_missed() {
    let Some(folder) = embedded() else { return };
    let away = Config { redis_url: "redis://127.0.0.1:1".into(), ..config(&folder) };
    let node = Node::start(&away).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let (_, made) = product(&node, shop, "Camisa").await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&made)).await;
    }
    let kept = async |node: &Node, view| {
        let key = Progress::key(view, node.platform.partition_of(shop));
        let table = groups::named(view).unwrap().progress().unwrap();
        node.platform.state.get_in::<Progress>(table, &key).await.unwrap().map_or(0, |row| row.applied)
    };
    until("who puts nothing there keeps it", async || kept(&node, "search").await > 0).await;
    sleep(KEPT).await;
    assert_eq!(kept(&node, "storefront").await, 0, "who goes on must put the cards again");
    assert!(node.storefront.by_slug(shop, "camisa").await.unwrap().is_some(), "slower, not broken");
    node.stop().await.unwrap();

    let node = Node::start(&config(&folder)).await.unwrap();
    until("with a cache that takes everything it is kept", async || kept(&node, "storefront").await > 0).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_shows_a_category_that_was_folded_late() {
    let Some(folder) = embedded() else { return };
    let _alone = FailScenario::setup();
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let create = async |name: &str| {
        let content = CategoryContent { name: name.into(), slug: None, parent_id: None };
        admin(&node, CreateCategory { meta: meta(shop), content }).await
    };
    let created = create("Roupa").await;
    shown(&node, "storefront", position(&created)).await;
    let category = created.aggregate_id.clone().unwrap();
    fail::cfg("view::poison", &format!("return({category})")).unwrap();
    let merge_patch = r#"{"name": "Roupas"}"#.to_owned();
    let category_id = category.parse().unwrap();
    admin(&node, PatchCategory { meta: meta(shop), category_id, merge_patch }).await;
    until("its change is parked", async || parked(&node.platform, shop, "storefront").await.len() == 1).await;
    // A later event makes the menu newer than the one that waits.
    let later = create("Casa").await;
    node.platform.reached.wait("storefront", Context::Store, position(&later), PATIENCE).await.unwrap();
    let names = async || {
        let categories = listed_categories(&node, shop).await;
        categories.into_iter().map(|category| category.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Casa", "Roupa"]);
    fail::remove("view::poison");
    until("nothing waits", async || parked(&node.platform, shop, "storefront").await.is_empty()).await;
    assert_eq!(names().await, ["Casa", "Roupas"]);
    node.stop().await.unwrap();
}
