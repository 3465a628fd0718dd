//! Opening a shop again, after the answer that it got is remembered no longer.

use crate::common::{admin, command::opening, config, embedded, meta, tenant};
use feira_node::node::Node;
use feira_schemas::records::{admin::CreateCategory, common::Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_opened_a_shop_opens_no_other_one() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    tenant(&node, "casa").await;
    assert_eq!(admin(&node, opening(shop, "moda")).await.outcome, Outcome::Unchanged);
    for other in ["casa", "livre"] {
        let refused = admin(&node, opening(shop, other)).await;
        assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("idempotency_mismatch")));
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_refused_its_name_stays_refused() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    tenant(&node, "moda").await;
    let late = feira_schemas::ids::TenantId::from_uuid(uuid::Uuid::now_v7());
    for _ in 0..2 {
        let refused = admin(&node, opening(late, "moda")).await;
        assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("name_taken")));
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_has_a_bounded_number_of_categories() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let make = |number: usize| {
        let content = serde_json::json!({"name": format!("Categoria {number}")});
        let content = feira_schemas::api::category::category_content(serde_json::from_value(content).unwrap()).unwrap();
        admin(&node, CreateCategory { meta: meta(shop), content })
    };
    for first in (0..feira_schemas::limits::CATEGORIES).step_by(200) {
        let made = futures::future::join_all((first..first + 200).map(make)).await;
        assert!(made.iter().all(|result| result.outcome == Outcome::Created), "{:?}", made.last());
    }
    let refused = make(feira_schemas::limits::CATEGORIES).await;
    assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("out_of_range")));
    node.stop().await.unwrap();
}
