//! A record that fails waits with its own later ones; everything else goes on, and nothing is lost. Here one product among 10,000
//! of a shop that no view can fold.

use std::collections::BTreeSet;

use fail::FailScenario;
use feira_connectors::search::{SearchQuery, Sort};
use feira_node::node::Node;
use feira_schemas::{
    ids::{ProductId, TenantId},
    records::{
        admin::{CreateProduct, PatchProduct},
        common::{CommandResult, Outcome},
    },
    topics::{Context, Position},
};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::common::{
    Bed, PATIENCE, admin, meta, parked, position,
    products::{content, found},
    services::subdomain,
    tenant,
};

/// The others of the shop, of which so many are there before the one can't be folded any more.
const OTHERS: usize = 9_999;
const BEFORE: usize = 8_000;
/// Products made at once, as an import does.
const AT_ONCE: usize = 128;
/// The views that buyers read.
const VIEWS: [&str; 2] = ["search", "storefront"];

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_poison_product_among_10_000_waits_alone_and_comes_in_once_its_cause_is_gone() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let _alone = FailScenario::setup();
    let node = bed.start().await;
    let shop = tenant(&node, &subdomain("moda")).await;
    let created = admin(&node, CreateProduct { meta: meta(shop), content: content("Camisa velha", 100) }).await;
    let poisoned: ProductId = created.aggregate_id.clone().unwrap().parse().unwrap();
    let before = others(&node, shop, 0, BEFORE).await;
    shown(&node, before).await;

    fail::cfg("view::poison", &format!("return({poisoned})")).unwrap();
    let (last, ()) = tokio::join!(others(&node, shop, BEFORE, OTHERS - BEFORE), async {
        for name in ["Camisa azul", "Camisa nova"] {
            let merge_patch = json!({"name": name}).to_string();
            let patched = admin(&node, PatchProduct { meta: meta(shop), product_id: poisoned, merge_patch }).await;
            assert_eq!(patched.outcome, Outcome::Updated, "{patched:?}");
        }
    });
    shown(&node, last).await;
    assert_eq!(shirts(&node, shop).await, ["Camisa velha"], "its changes wait");
    assert_eq!(socks(&node, shop).await, OTHERS, "the others do not");
    for view in VIEWS {
        let parked = parked(&node.platform, shop, view).await;
        assert_eq!(parked.iter().map(|row| row.offsets.len()).collect::<Vec<_>>(), [2], "{view}: {parked:?}");
        assert_eq!(parked[0].entity, format!("{shop}/{poisoned}"));
    }

    // What waits survives a restart.
    node.stop().await.unwrap();
    let node = bed.start().await;
    found(&node, shop, "camisa").await; // Once the shop is served again.
    assert_eq!(shirts(&node, shop).await, ["Camisa velha"]);

    fail::remove("view::poison");
    for view in VIEWS {
        let deadline = Instant::now() + PATIENCE;
        while !parked(&node.platform, shop, view).await.is_empty() {
            assert!(Instant::now() < deadline, "{view}: it waits although its cause is gone");
            sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    assert_eq!(shirts(&node, shop).await, ["Camisa nova"], "its last change has won");
    assert_eq!(socks(&node, shop).await, OTHERS);
    node.stop().await.unwrap();
}

/// Makes so many of the others; the position of the last.
async fn others(node: &Node, shop: TenantId, from: usize, count: usize) -> Position {
    let made = (from..from + count).map(|number| async move {
        let content = content(&format!("Meia número {number}"), 100);
        admin(node, CreateProduct { meta: meta(shop), content }).await
    });
    let made: Vec<CommandResult> = stream::iter(made).buffer_unordered(AT_ONCE).collect().await;
    assert!(made.iter().all(|result| result.outcome == Outcome::Created));
    made.iter().map(position).max_by_key(|position| position.write_ts).unwrap()
}

/// Waits until both views show a position.
async fn shown(node: &Node, at: Position) {
    for view in VIEWS {
        node.platform.reached.wait(view, Context::Store, at, PATIENCE).await.unwrap();
    }
}

async fn shirts(node: &Node, shop: TenantId) -> Vec<String> {
    names(node, shop, "camisa").await.into_iter().collect()
}

async fn socks(node: &Node, shop: TenantId) -> usize {
    names(node, shop, "meia").await.len()
}

/// The names on the cards of all hits, page by page.
async fn names(node: &Node, shop: TenantId, text: &str) -> BTreeSet<String> {
    let (mut names, mut after) = (BTreeSet::new(), None);
    loop {
        let text = Some(text.to_owned());
        let query = SearchQuery { text, sort: Sort::Name, limit: 1_000, after, ..SearchQuery::default() };
        let page = node.search.search(shop, &query).await.unwrap();
        let ids: Vec<ProductId> = page.hits.iter().map(|hit| hit.product_id).collect();
        names.extend(node.storefront.cards(shop, &ids).await.unwrap().into_iter().map(|card| card.name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}
