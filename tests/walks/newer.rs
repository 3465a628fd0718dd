//! Records of a type that only a newer program knows, as a rolling upgrade brings them: nobody loses them.

use std::time::Duration;

use crate::common::{
    PATIENCE, admin, config, dead_letters, embedded, meta, position,
    products::{content, found},
    shown, tenant,
};
use feira_connectors::log::{NewRecord, TopicPartition};
use feira_node::node::Node;
use feira_schemas::{
    ids::TenantId,
    records::admin::CreateProduct,
    topics::{Context, Position},
};
use feira_streams::health::Doing;

/// Registers a type of record that this program lacks and appends one to a topic, in the shop's partition.
pub async fn append_newer(node: &Node, topic: &str, shop: TenantId, write_ts: i64) {
    let schema = r#"{"type": "record", "name": "Later", "namespace": "feira.later", "fields": [{"name": "meta", "type":
        {"type": "record", "name": "LaterMeta", "fields": [{"name": "write_ts", "type": "long"}]}}]}"#;
    let id = node.platform.registry.register("feira.later.Later", schema).await.unwrap();
    let mut value = [&[0][..], &id.to_be_bytes()].concat();
    let mut zigzag = u64::try_from(write_ts << 1).unwrap();
    while zigzag > 0x7f {
        value.push((zigzag & 0x7f) as u8 | 0x80);
        zigzag >>= 7;
    }
    value.push(zigzag as u8);
    let record = NewRecord {
        topic: topic.into(),
        partition: Some(node.platform.partition_of(shop)),
        key: shop.to_string().into(),
        value: Some(value.into()),
        headers: Vec::new(),
    };
    node.platform.log.append(vec![record]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn views_pass_over_what_only_a_newer_program_can_show() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let made = admin(&node, CreateProduct { meta: meta(shop), content: content("O mar sem fim", 4_990) }).await;
    shown(&node, "search", position(&made)).await;

    let write_ts = node.platform.now();
    append_newer(&node, "store.events", shop, write_ts).await;
    let passed = Position { context: Context::Store, partition: node.platform.partition_of(shop), write_ts };
    for view in ["search", "storefront"] {
        shown(&node, view, passed).await;
        assert_eq!(dead_letters(&node, view).await.len(), 0, "{view}");
    }
    node.stop().await.unwrap();
}

/// Why a processor stops a partition, once it does.
pub async fn stopped(node: &Node, processor: &str) -> String {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some((Doing::Stopped(why), _)) = node.platform.health.all().remove(processor) {
            return why;
        }
        assert!(tokio::time::Instant::now() < deadline, "{processor} goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_only_a_newer_program_can_decide_waits_for_it() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    for topic in ["admin.commands", "store.commands"] {
        append_newer(&node, topic, shop, 1).await;
        let context = topic.split('.').next().unwrap();
        let why = stopped(&node, context).await;
        assert!(why.contains("feira.later.Later, which only a newer program knows"), "{why}");
        assert_eq!(dead_letters(&node, context).await.len(), 0, "it is nobody's dead letter");
        let at = TopicPartition::new(topic, node.platform.partition_of(shop));
        let position = node.platform.log.committed(context, std::slice::from_ref(&at)).await.unwrap()[0];
        let end = node.platform.log.end(&at).await.unwrap();
        assert_eq!(position.unwrap_or_default(), end - 1, "{at}: it stays in front of who will know it");
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_stops_before_what_only_a_newer_program_can_decide() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    append_newer(&node, "admin.events", shop, 1).await;

    let why = stopped(&node, "store").await;
    assert!(why.contains("feira.later.Later, which only a newer program knows"), "{why}");
    assert_eq!(dead_letters(&node, "store").await.len(), 0);
    // Its inputs stay where they are, for the program that can; admin and the other shops' partitions go on.
    let behind = admin(&node, CreateProduct { meta: meta(shop), content: content("Atrás", 100) }).await;
    let other = loop {
        let other = tenant(&node, &format!("casa-{}", uuid::Uuid::now_v7().simple())[..20]).await;
        if node.platform.partition_of(other) != node.platform.partition_of(shop) {
            break other;
        }
    };
    let made = admin(&node, CreateProduct { meta: meta(other), content: content("O mar", 100) }).await;
    shown(&node, "search", position(&made)).await;
    assert_eq!(found(&node, other, "mar").await.total, 1);
    let soon = Duration::from_millis(300);
    let not_yet = node.platform.reached.wait("search", Context::Store, position(&behind), soon).await;
    assert!(not_yet.is_err(), "what comes behind it waits");
    node.stop().await.unwrap();
}
