//! Opening a shop again, after the answer that it got is remembered no longer.

use crate::common::{admin, command::opening, config, embedded, meta, tenant};
use feira_node::node::Node;
use feira_schemas::{
    ids::{CategoryId, TenantId},
    limits::CATEGORIES,
    records::{
        admin::{Category, CreateCategory},
        common::Outcome,
    },
    row::Write,
    rows::admin::CategoryRow,
};
use uuid::Uuid;

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
    let late = TenantId::from_uuid(Uuid::now_v7());
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
    // All but two stand in its tables before it asks for the first: each that is made reads the others.
    let rows = (0..CATEGORIES - 2).map(|number| Write::put(row(shop, number), 1));
    node.platform.state.write(&rows.collect::<Vec<_>>()).await.unwrap();
    for number in CATEGORIES - 2..CATEGORIES {
        assert_eq!(make(number).await.outcome, Outcome::Created, "{number}");
    }
    let refused = make(CATEGORIES).await;
    assert_eq!((refused.outcome, refused.code.as_deref()), (Outcome::Refused, Some("out_of_range")));
    node.stop().await.unwrap();
}

fn row(shop: TenantId, number: usize) -> CategoryRow {
    let category = Category {
        category_id: CategoryId::from_uuid(Uuid::now_v7()),
        version: 1,
        name: format!("Categoria {number}"),
        slug: format!("categoria-{number}"),
        slug_history: Vec::new(),
        parent_id: None,
        created_at: 1,
        updated_at: 1,
    };
    CategoryRow::new(shop, category)
}
