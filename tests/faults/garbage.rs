//! Records that can't be read stop nothing: they lie among the dead letters of whoever read them, unchanged, and work goes on.
//! Told of the embedded parts alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::common::{PATIENCE, admin, config, dead_letters, embedded, meta, position, shown, tenant};
use bytes::Bytes;
use feira_connectors::{
    log::{LogRecord, NewRecord},
    search::SearchQuery,
};
use feira_node::node::Node;
use feira_schemas::{
    api::product::product_content,
    ids::{ProductId, TenantId, VariantId},
    records::{
        AdminCommand, RecordSet, ResultRecord,
        admin::{CreateProduct, PatchProduct},
        common::{CommandResult, Outcome},
        store::SetStock,
    },
    topics,
};
use feira_streams::{health::Doing, platform::header};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use uuid::Uuid;

/// Each input, and the groups that read it.
const INPUTS: [(&str, &[&str]); 14] = [
    ("directory.commands", &["directory"]),
    ("admin.commands", &["admin"]),
    ("store.commands", &["store"]),
    ("signup.commands", &["signup"]),
    ("signup.events", &["admin"]),
    ("admin.events", &["store", "panel", "audit", "pictures", "domains", "payments", "signup"]),
    ("payments.events", &["gateways", "signup", "audit_payments"]),
    ("store.events", &["storefront", "search", "audit_store"]),
    ("storefront.retry", &["storefront"]),
    ("search.retry", &["search"]),
    ("panel.retry", &["panel"]),
    ("audit.retry", &["audit"]),
    ("audit_payments.retry", &["audit_payments"]),
    ("audit_store.retry", &["audit_store"]),
];

/// Values that are no record of any input.
fn garbage(node: &Node, shop: TenantId) -> Vec<Option<Bytes>> {
    let mut random = StdRng::seed_from_u64(7);
    let mut values =
        vec![None, Some(Bytes::new()), Some(Bytes::from_static(b"\0")), Some(Bytes::from_static(b"{\"a\": 1}"))];
    for length in [1, 5, 64, 4_096] {
        let mut bytes = vec![0; length];
        random.fill_bytes(&mut bytes);
        bytes[0] = bytes[0].max(1); // A zero would begin a record; those follow.
        values.push(Some(bytes.into()));
    }
    let known = node.platform.codec.id_of("feira.admin.CreateProduct").unwrap();
    for id in [known, known, 1_000_000, u32::MAX] {
        let mut bytes = vec![0; 5 + random.random_range(0..200)];
        random.fill_bytes(&mut bytes[5..]);
        bytes[0] = 0;
        bytes[1..5].copy_from_slice(&id.to_be_bytes());
        values.push(Some(bytes.into()));
    }
    let another_topics = ResultRecord::CommandResult(result(shop)).encode(&node.platform.codec).unwrap();
    values.push(Some(another_topics.clone().into()));
    values.push(Some(another_topics[..another_topics.len() - 1].to_vec().into()));
    values
}

/// A record that is whole, and belongs on a results topic alone.
fn result(shop: TenantId) -> CommandResult {
    let result = json!({
        "command_id": Uuid::nil(), "tenant_id": shop, "body_hash": "", "outcome": "CREATED", "context": "admin",
        "partition": 0, "write_ts": 0
    });
    serde_json::from_value(result).unwrap()
}

/// Appends all garbage to every input, to the shop's own partition, under keys good and bad.
async fn spoil(node: &Node, shop: TenantId) -> BTreeMap<&'static str, Vec<NewRecord>> {
    let keys = [Bytes::from(shop.to_string()), Bytes::new(), Bytes::from_static(b"\xff\xfe")];
    let mut appended = BTreeMap::new();
    for (topic, _) in INPUTS {
        let records: Vec<NewRecord> = garbage(node, shop)
            .into_iter()
            .zip(keys.iter().cycle())
            .map(|(value, key)| NewRecord {
                topic: topic.into(),
                partition: Some(node.platform.partition_of(shop)),
                key: key.clone(),
                value,
                headers: vec![("mine".into(), Bytes::from_static(b"\x80"))],
            })
            .collect();
        node.platform.log.append(records.clone()).await.unwrap();
        appended.insert(topic, records);
    }
    appended
}

/// Waits until a group has so many dead letters, and sees that it stays at that.
async fn expect_letters(node: &Node, group: &str, count: usize) -> Vec<LogRecord> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let letters = dead_letters(node, group).await;
        assert!(letters.len() <= count, "{group} has {} dead letters of {count} bad records", letters.len());
        if letters.len() == count {
            return letters;
        }
        assert!(tokio::time::Instant::now() < deadline, "{group} has {} dead letters of {count}", letters.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every bad record of the topic is there once, unchanged, and says where it came from and why it is here.
fn assert_kept(letters: &[LogRecord], group: &str, topic: &str, appended: &[NewRecord]) {
    let of_topic: Vec<&LogRecord> =
        letters.iter().filter(|letter| header(letter, "__dlq.errors.topic") == Some(topic)).collect();
    assert_eq!(of_topic.len(), appended.len(), "{group}: of {topic}");
    let offsets: BTreeSet<&str> =
        of_topic.iter().map(|letter| header(letter, "__dlq.errors.offset").unwrap()).collect();
    assert_eq!(offsets.len(), appended.len(), "{group}: each of {topic} once");
    for letter in of_topic {
        assert_eq!(header(letter, "__dlq.errors.group"), Some(group));
        assert_eq!(header(letter, "__dlq.errors.stage"), Some("decode"));
        assert!(header(letter, "__dlq.errors.message").is_some_and(|message| !message.is_empty()));
        assert!(letter.headers.contains(&("mine".into(), Bytes::from_static(b"\x80"))), "its own headers stay");
        // An empty key can't choose a partition of the dead letters, so it is written as a dash.
        let same_key = |record: &NewRecord| record.key == letter.key || (record.key.is_empty() && *letter.key == *b"-");
        assert!(appended.iter().any(|record| record.value == letter.value && same_key(record)), "{letter:?}");
    }
}

/// A product is made, changed and stocked, and buyers and merchants find it.
async fn works(node: &Node, shop: TenantId, name: &str) {
    let body = json!({
        "name": name, "status": "published", "variants": [{"price": {"amount": 100, "currency": "BRL"}, "stock": 1}]
    });
    let content = product_content(serde_json::from_value(body).unwrap()).unwrap();
    let created = admin(node, CreateProduct { meta: meta(shop), content }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");
    let product_id: ProductId = created.aggregate_id.clone().unwrap().parse().unwrap();
    let merge_patch = json!({"vendor": "Feira"}).to_string();
    let patched = admin(node, AdminCommand::from(PatchProduct { meta: meta(shop), product_id, merge_patch })).await;
    assert_eq!(patched.outcome, Outcome::Updated, "{patched:?}");
    let json: Value = serde_json::from_str(&created.body.unwrap()).unwrap();
    let variant_id: VariantId = json["variants"][0]["id"].as_str().unwrap().parse().unwrap();
    let set = SetStock { meta: meta(shop), product_id, variant_id, on_hand: 5, reason: None };
    let key = shop.to_string();
    let set = node.commands.send(&key, feira_schemas::records::StoreCommand::from(set), None, PATIENCE);
    assert_eq!(set.await.unwrap().outcome, Outcome::Updated);
    for view in ["storefront", "search"] {
        shown(node, view, position(&patched)).await;
    }
    node.platform.reached.wait("panel", topics::Context::Admin, position(&patched), PATIENCE).await.unwrap();
    let query = SearchQuery { text: Some(name.into()), limit: 1, ..SearchQuery::default() };
    assert_eq!(node.search.search(shop, &query).await.unwrap().total, 1);
    assert_eq!(node.panel.search(shop, &query).await.unwrap().total, 1);
    assert!(node.storefront.by_slug(shop, &name.to_lowercase()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_can_not_be_read_become_dead_letters_and_stop_nothing() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    works(&node, shop, "Antes").await;
    let appended = spoil(&node, shop).await;
    works(&node, shop, "Depois").await;

    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (topic, groups) in INPUTS {
        groups.iter().for_each(|group| *expected.entry(group).or_default() += appended[topic].len());
    }
    for (group, count) in &expected {
        let letters = expect_letters(&node, group, *count).await;
        for (topic, _) in INPUTS.iter().filter(|(_, groups)| groups.contains(group)) {
            assert_kept(&letters, group, topic, &appended[topic]);
        }
    }
    for (processor, (doing, _)) in node.platform.health.all() {
        assert!(!matches!(doing, Doing::Stopped(_)), "{processor}: {doing:?}");
    }
    works(&node, shop, "Ainda").await;
    node.stop().await.unwrap();

    let node = Node::start(&config(&folder)).await.unwrap();
    works(&node, shop, "Amanha").await;
    for (group, count) in &expected {
        expect_letters(&node, group, *count).await;
    }
    node.stop().await.unwrap();
}
