//! Old records that an operator puts back into a view's retry topic: what is newer stays, and what is gone stays gone.

use feira_connectors::{
    log::{LogRecord, NewRecord, TopicPartition},
    search::ShardId,
};
use feira_node::node::Node;
use feira_schemas::{
    groups,
    ids::TenantId,
    records::{
        AdminEvent, EventSet, RecordSet, StoreEvent,
        admin::{DeleteProduct, PatchProduct},
        common::{EventMeta, Outcome},
    },
    rows::{common::Progress, storefront::CardRow},
    topics::{self, Context},
};

use super::product;
use crate::common::{PATIENCE, admin, config, embedded, meta, parked, position, products::found, shown, tenant, until};

/// The records of a context's events of this shop.
async fn records(node: &Node, shop: TenantId, context: Context) -> Vec<LogRecord> {
    let at = TopicPartition::new(topics::events(context), node.platform.partition_of(shop));
    node.platform.log.read(&at, 0, 1_000).await.unwrap().records
}

fn event_meta(node: &Node, record: &LogRecord, context: Context) -> EventMeta {
    let (codec, value) = (&node.platform.codec, record.value.as_deref().unwrap());
    match context {
        Context::Store => StoreEvent::decode(codec, value).unwrap().meta().clone(),
        _ => AdminEvent::decode(codec, value).unwrap().meta().clone(),
    }
}

/// Puts an entity's event of this version back, as an operator does with a letter, and waits until that is dealt with.
async fn put_back(node: &Node, shop: TenantId, view: &str, context: Context, entity: &str, version: i64) {
    let partition = node.platform.partition_of(shop);
    let record = records(node, shop, context).await.into_iter().find(|record| {
        let meta = event_meta(node, record, context);
        meta.aggregate_id == entity && meta.aggregate_version == version
    });
    let LogRecord { key, value, headers, .. } = record.unwrap();
    let again = NewRecord { topic: topics::retry(view).into(), partition: Some(partition), key, value, headers };
    node.platform.log.append(vec![again]).await.unwrap();
    let retry = TopicPartition::new(topics::retry(view), partition);
    let end = node.platform.log.end(&retry).await.unwrap();
    until("it is dealt with", async || {
        let key = Progress::key(&retry.topic, partition);
        let table = groups::named(view).unwrap().progress().unwrap();
        let progress = node.platform.state.get_in::<Progress>(table, &key).await.unwrap();
        progress.is_some_and(|row| row.applied >= end) && parked(&node.platform, shop, view).await.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_letter_replaces_nothing_newer_and_brings_nothing_back() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let (changed, _) = product(&node, shop, "Camisa velha").await;
    let merge_patch = r#"{"name": "Camisa nova"}"#.to_owned();
    let patched = admin(&node, PatchProduct { meta: meta(shop), product_id: changed, merge_patch }).await;
    assert_eq!(patched.outcome, Outcome::Updated);
    let (gone, _) = product(&node, shop, "Meia").await;
    let deleted = admin(&node, DeleteProduct { meta: meta(shop), product_id: gone }).await;
    assert_eq!(deleted.outcome, Outcome::Deleted);
    for view in ["search", "storefront"] {
        shown(&node, view, position(&deleted)).await;
    }
    node.platform.reached.wait("panel", Context::Admin, position(&deleted), PATIENCE).await.unwrap();
    let version = found(&node, shop, "camisa nova").await.hits[0].version;

    for (view, context) in [("search", Context::Store), ("storefront", Context::Store), ("panel", Context::Admin)] {
        for entity in [changed, gone] {
            put_back(&node, shop, view, context, &entity.to_string(), 1).await;
        }
    }
    let id = ShardId { partition: node.platform.partition_of(shop), tenant: shop };
    assert_eq!(node.shards.ids(id).await.unwrap(), [(changed, version)]);
    assert_eq!(found(&node, shop, "camisa nova").await.total, 1);
    assert_eq!(node.panel.search(shop, &Default::default()).await.unwrap().total, 1);
    assert_eq!(node.storefront.card(shop, changed).await.unwrap().unwrap().card().unwrap().name, "Camisa nova");
    assert!(node.platform.state.get::<CardRow>(&CardRow::at(shop, gone)).await.unwrap().is_none());
    node.stop().await.unwrap();
}
