//! Folds of what a build before has kept, when they are cut off, and when the state is lost. Told of the embedded parts alone.

use std::time::Duration;

use fail::FailScenario;
use feira_node::node::Node;
use feira_schemas::{
    generations::{KEYSPACES, of},
    records::admin::CreateProduct,
};
use feira_streams::health::Doing;

use crate::common::{
    PATIENCE, admin, config, embedded,
    generations::{finds_everything, folded_and_written_to, started, unpack, until_whole},
    meta, position,
    products::{content, found},
    shown,
};

#[tokio::test(flavor = "multi_thread")]
async fn f26_a_fold_that_was_killed_half_way_goes_on() {
    let Some(folder) = embedded() else { return };
    let _alone = FailScenario::setup();
    let shops = unpack(folder.path(), "g1");
    // Of the two partitions that have shops the second one kills it.
    fail::cfg("storefront::after_folded", "1*off->1*panic(killed half-way)->off").unwrap();
    let mut node = Node::start(&config(&folder)).await.unwrap();
    let killed = node.failed().await;
    assert!(killed.to_string().contains("panic"), "{killed:#}");
    assert!(node.platform.generations.is_pending("storefront"), "older programs may still start");
    drop(node);
    fail::remove("storefront::after_folded");

    let mut node = started(&config(&folder)).await;
    until_whole(&mut node).await;
    let made = admin(&node, CreateProduct { meta: meta(shops.casa), content: content("Depois da dobra", 4_990) }).await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&made)).await;
    }
    finds_everything(&node, shops).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_a_state_that_does_not_open_is_set_aside_and_folded_again() {
    let Some(folder) = embedded() else { return };
    let _alone = FailScenario::setup();
    let (node, shops, made) = folded_and_written_to(&folder).await;
    shown(&node, "storefront", position(&made)).await;
    node.stop().await.unwrap();

    std::fs::write(folder.path().join("state/version"), "no version").unwrap();
    let mut node = Node::start(&config(&folder)).await.unwrap();
    assert!(folder.path().join("state.damaged").exists());
    // Nobody is told that what is not folded yet is not there.
    for name in KEYSPACES.iter().map(|(name, _)| *name).filter(|name| *name != "platform") {
        let kept = node.platform.generations.all()[name];
        assert!(kept.live == 0 || kept.live == kept.ours, "{name}: {kept:?}");
    }
    until_whole(&mut node).await;
    let made = admin(&node, CreateProduct { meta: meta(shops.moda), content: content("E outra", 4_990) }).await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&made)).await;
    }
    finds_everything(&node, shops).await;
    assert_eq!(found(&node, shops.casa, "dobra").await.total, 1);
    assert_eq!(of("admin").map(i64::from), Some(node.platform.generations.all()["admin"].live));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fold_is_shown_to_who_asks_for_health() {
    let Some(folder) = embedded() else { return };
    let _alone = FailScenario::setup();
    unpack(folder.path(), "g1");
    fail::cfg("store::before_folded", "sleep(300)").unwrap();
    let mut node = Node::start(&config(&folder)).await.unwrap();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let progress = loop {
        if let Some((Doing::Folding(progress), _)) = node.platform.health.all().remove("store") {
            break progress;
        }
        assert!(tokio::time::Instant::now() < deadline, "{:?}", node.platform.health.all());
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(Some(progress.generation), of("store").map(i64::from));
    assert!(!node.platform.health.ready() && node.platform.generations.is_pending("store"));
    fail::remove("store::before_folded");
    until_whole(&mut node).await;
    node.stop().await.unwrap();
}
