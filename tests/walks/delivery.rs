//! The ways of a record, as topics and consumer groups deliver it: to one group, to many, and to the dead letters of the one that failed.

use std::slice;

use crate::common::{
    Bed, PATIENCE, admin, dead_letters, meta, position, products::content, services::subdomain, shown, tenant, until,
};
use feira_connectors::log::{LogRecord, NewRecord, TopicPartition};
use feira_node::node::Node;
use feira_schemas::{
    groups::{self, GROUPS, Group, Kind},
    ids::TenantId,
    records::{admin::CreateProduct, common::Outcome},
    rows::common::Progress,
    topics::{self, Context},
};
use feira_streams::platform::header;

/// The offset of this shop's first event of a type from `from` on.
async fn event(node: &Node, at: &TopicPartition, shop: TenantId, kind: &str, from: i64) -> i64 {
    let mut found = None;
    until("the event is there", async || {
        let page = node.platform.log.read(at, from, 1_000).await.unwrap();
        let is_it = |record: &&LogRecord| {
            record.key == shop.to_string() && header(record, "ce_type").is_some_and(|is| is.ends_with(kind))
        };
        found = page.records.iter().find(is_it).map(|record| record.offset);
        found.is_some()
    })
    .await;
    found.unwrap()
}

/// The next offset of this partition in the log for a group; `None` if it has never taken a record of it.
async fn committed(node: &Node, group: Group, at: &TopicPartition) -> Option<i64> {
    node.platform.log.committed(group.name, slice::from_ref(at)).await.unwrap()[0]
}

/// The next offset of this partition for a group that follows it, where that group keeps it: a view beside what it shows, the others in
/// the log.
async fn followed(node: &Node, group: Group, at: &TopicPartition) -> Option<i64> {
    if !matches!(group.kind, Kind::View(_)) {
        return committed(node, group, at).await;
    }
    let key = Progress::key(group.name, at.partition);
    let row = node.platform.state.get_in::<Progress>(group.progress().unwrap(), &key).await.unwrap();
    row.map(|row| row.applied)
}

/// The number of a group's dead letters that say that they are of this shop.
async fn letters(node: &Node, group: &str, shop: TenantId) -> usize {
    let of = shop.to_string();
    let all = dead_letters(node, group).await;
    all.iter().filter(|letter| header(letter, "origin") == Some(of.as_str())).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn s108_a_command_is_one_groups_its_event_is_everybodys_and_what_fails_lies_with_who_failed() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    let shop = tenant(&node, &subdomain("entregas")).await;
    let partition = node.platform.partition_of(shop);
    let [commands, changes, listings] =
        [topics::commands(Context::Admin), topics::events(Context::Admin), topics::events(Context::Store)]
            .map(|topic| TopicPartition::new(topic, partition));
    let log = &node.platform.log;
    let command = log.end(&commands).await.unwrap();
    let (change, listing) = (log.end(&changes).await.unwrap(), log.end(&listings).await.unwrap());
    let created = admin(&node, CreateProduct { meta: meta(shop), content: content("Carta", 100) }).await;
    assert_eq!(created.outcome, Outcome::Created, "{created:?}");

    // Direct: the command is its context's alone.
    let deciding = groups::named("admin").unwrap();
    until("admin is past the command", async || {
        committed(&node, deciding, &commands).await.is_some_and(|next| next > command)
    })
    .await;
    for group in GROUPS.into_iter().filter(|group| group.name != deciding.name) {
        assert_eq!(committed(&node, group, &commands).await, None, "{} takes commands of admin", group.name);
    }

    // Fan-out: each group that follows the events comes past them by itself.
    for (at, kind, from, following) in [
        (&changes, ".ProductChanged", change, ["store", "panel"]),
        (&listings, ".ProductListed", listing, ["search", "storefront"]),
    ] {
        let offset = event(&node, at, shop, kind, from).await;
        for name in following {
            let group = groups::named(name).unwrap();
            until(&format!("{name} is past its event"), async || {
                followed(&node, group, at).await.is_some_and(|next| next > offset)
            })
            .await;
        }
    }

    // Dead letters: what admin can't read lies in its own topic, and everything goes on.
    let garbage = NewRecord {
        topic: topics::commands(Context::Admin).into(),
        partition: Some(partition),
        key: shop.to_string().into(),
        value: Some("not Avro".into()),
        headers: vec![("origin".into(), shop.to_string().into())],
    };
    log.append(vec![garbage]).await.unwrap();
    until("it is a letter", async || letters(&node, "admin", shop).await == 1).await;
    let next = admin(&node, CreateProduct { meta: meta(shop), content: content("Selo", 100) }).await;
    assert_eq!(next.outcome, Outcome::Created, "{next:?}");
    for view in ["search", "storefront"] {
        shown(&node, view, position(&next)).await;
    }
    node.platform.reached.wait("panel", Context::Admin, position(&next), PATIENCE).await.unwrap();
    for group in GROUPS {
        let expected = usize::from(group.name == deciding.name);
        assert_eq!(letters(&node, group.name, shop).await, expected, "{}", group.name);
    }
    node.stop().await.unwrap();
}
